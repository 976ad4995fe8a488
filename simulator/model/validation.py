"""What Storm refuses in a topology, and what it accepts although it can hardly be meant.

Sources: ``validate-basic!``, ``validate-structure!``, ``system-topology!`` of ``daemon/common.clj``
(``StormCommon.java`` in 2.x), the annotations of ``Config.java``.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache

from simulator.model.handshake import OWN_KEYS, tick_seconds
from simulator.model.problems import Place, Problem, TopologyError, did_you_mean, listed, shown
from simulator.model.profiles import Profile
from simulator.model.settings import STORM_KEYS
from simulator.model.topology import Component, Grouping, Topology


def validate(topology: Topology, conf: Mapping[str, object] | None = None) -> None:
    """Refuse what Storm refuses at submit, and bolts without inputs, which it does not.

    Raises:
        TopologyError: with all that was found.
    """
    problems = find_problems(topology, conf or {})
    if problems:
        raise TopologyError(problems)


def find_problems(
    topology: Topology,
    conf: Mapping[str, object],
    *,
    unread: Collection[str] = (),
    unfed: Collection[str] = (),
    profile: Profile | None = None,
) -> list[Problem]:
    """All that Storm would refuse, in no order.

    Nothing is said about who subscribes to an ``unread`` component, which exists but whose outputs are unknown (as
    are those of a JVM component, which Java declares), nor that an ``unfed`` one has no inputs. With a ``profile``
    what that Storm accepts and its executors then die of is among it.
    """
    problems = [*_name_problems(topology), *_conf_problems(topology, conf)]
    in_java = (
        each.id
        for each in topology.components.values()
        if each.command is None and not each.outputs
    )
    unread = {*unread, *in_java}
    for component in topology.components.values():
        for check in (_id_problems, _parallelism_problems, _output_problems, _own_conf_problems):
            problems += check(component)
        if component.kind == "bolt" and not component.inputs and component.id not in unfed:
            problems.append(_unfed_problem(component))
        problems += _input_problems(topology, component, unread)
    if profile is not None:
        is_told = not _is_whole(conf.get(_TICK, 0), None)
        problems += tick_problems(topology, {} if is_told else conf, profile)
    return problems


def _name_problems(topology: Topology) -> Iterator[Problem]:
    # Nimbus: not empty, and none of / . : \ (2.x says so by a pattern, <= 1.x by a list of characters).
    if not re.fullmatch(r"[^/.:\\]+", topology.name) or not topology.name.strip():
        yield Problem(
            topology.place,
            None,
            f"{shown(topology.name)} cannot be the name of a topology",
            "rename the file: a name is not blank and has none of / . : \\",
            "InvalidTopologyException",
        )


def _id_problems(component: Component) -> Iterator[Problem]:
    if component.id.startswith("__"):
        yield Problem(
            component.place,
            component.id,
            "ids with __ in front are Storm's own",
            f"name it {shown(component.id.lstrip('_') or 'component')}",
            f"{component.id} is not a valid component id",
        )


def _parallelism_problems(component: Component) -> Iterator[Problem]:
    if component.parallelism is not None and component.parallelism < 1:
        yield Problem(
            component.place_of("p"),
            component.id,
            f":p is {component.parallelism}",
            "1 or more would do",
            "Parallelism must be positive",
        )


def _output_problems(component: Component) -> Iterator[Problem]:
    for name, stream in component.outputs.items():
        place = component.place_of("outputs", name)
        if name.startswith("__"):
            yield Problem(
                place,
                component.id,
                f"stream {shown(name)}: names with __ in front are Storm's own",
                f"name it {shown(name.lstrip('_') or 'default')}",
                f"{name} is not a valid stream id",
            )
        seen: set[str] = set()
        for each in stream.fields:
            if each in seen:
                yield Problem(
                    place,
                    component.id,
                    f"stream {shown(name)} declares the field {shown(each)} twice",
                    "give each field a name of its own",
                    f"duplicate field '{each}'",
                )
            seen.add(each)


def _unfed_problem(component: Component) -> Problem:
    return Problem(
        component.place_of("inputs"),
        component.id,
        "a bolt without inputs, which no tuple ever reaches",
        'subscribe it: {"source" :shuffle}',
        "accepts it in silence",
    )


def _input_problems(
    topology: Topology, component: Component, unread: Collection[str]
) -> Iterator[Problem]:
    for (source, stream), grouping in component.inputs.items():
        if source not in unread:
            yield from _subscription_problems(topology, component, source, stream, grouping)


def _subscription_problems(
    topology: Topology, bolt: Component, source: str, stream: str, grouping: Grouping
) -> Iterator[Problem]:
    place = bolt.place_of("inputs", source, stream)
    emitter = topology.components.get(source)
    if emitter is None and source in ("__system", "__acker"):
        yield Problem(
            place,
            bolt.id,
            f"subscribes to Storm's own {source}",
            'ticks come unasked: :conf {"topology.tick.tuple.freq.secs" 1}',
            f"accepts it, then the bolt dies: Could not find component common for {source}",
        )
    elif emitter is None:
        yield Problem(
            place,
            bolt.id,
            f"subscribes to {shown(source)}, and there is no such component"
            f"{did_you_mean(source, topology.components)}",
            f"there are {listed(topology.components)}",
            f"Component: [{bolt.id}] subscribes from non-existent component [{source}]",
        )
    elif stream not in emitter.outputs:
        yield Problem(
            place,
            bolt.id,
            f"subscribes to stream {shown(stream)} of {shown(source)}, which has no such stream"
            f"{did_you_mean(stream, emitter.outputs)}",
            f"it declares {listed(emitter.outputs)}" if emitter.outputs else "it declares none",
            f"Component: [{bolt.id}] subscribes from non-existent stream: [{stream}] of component [{source}]",
        )
    elif grouping.kind in ("fields", "partial-key"):
        place = bolt.place_of("groupings", source, stream)
        yield from _field_problems(place, bolt, emitter, stream, grouping)


def _field_problems(
    place: Place, bolt: Component, emitter: Component, stream: str, grouping: Grouping
) -> Iterator[Problem]:
    fields = emitter.outputs[stream].fields
    for name in dict.fromkeys(grouping.fields):
        if name in fields:
            continue
        elsewhere = any(name in other.fields for other in emitter.outputs.values())
        yield Problem(
            place,
            bolt.id,
            f"groups on {shown(name)}, which stream {shown(stream)} of {shown(emitter.id)} does not have"
            f"{did_you_mean(name, fields)}",
            f"its fields are {listed(dict.fromkeys(fields))}" if fields else "it has no fields",
            # 2.x looks at the fields of all streams at once; 1.x and before at the right ones.
            f"2.x accepts it, another stream having it, then dies at the first emit: {name} does not exist"
            if elsewhere
            else f"Component: [{bolt.id}] subscribes from stream: [{stream}] of component [{emitter.id}] "
            f"with non-existent fields: [{name}]",
        )


# Config.java's annotations (1.0 and later; before, only the type was looked at): what a number of the topology's
# configuration may be. The configuration of a component is not checked at submit.
_LEAST: Mapping[str, int | None] = {
    "supervisor.worker.timeout.secs": 1,
    "topology.acker.executors": 0,
    "topology.eventlogger.executors": 0,
    "topology.max.spout.pending": 1,
    "topology.max.task.parallelism": 1,
    "topology.message.timeout.secs": 1,
    "topology.shellbolt.max.pending": 1,
    "topology.subprocess.timeout.secs": 1,
    "topology.tasks": 0,
    "topology.tick.tuple.freq.secs": None,
    "topology.workers": 1,
}


_TICK = "topology.tick.tuple.freq.secs"


_BOOLEANS = ("topology.debug", "topology.enable.message.timeouts")


_PLACES_TASKS = ("topology.tasks", "topology.max.task.parallelism")


def _conf_problems(topology: Topology, conf: Mapping[str, object]) -> Iterator[Problem]:
    for key, value in conf.items():
        finding = _unlike_json(value) if isinstance(key, str) else f"the key {shown(key)}"
        if finding:
            yield Problem(
                topology.place,
                None,
                f"option {shown(key)}: {finding} is not JSON",
                "numbers, strings, true, false, null, lists and maps would do",
                "Topology conf is not json-serializable",
            )
        elif key in _LEAST and value is not None and not _is_whole(value, _LEAST[key]):
            least = _LEAST[key]
            yield Problem(
                topology.place,
                None,
                f"option {shown(key)} is {shown(value)}",
                "a whole number would do"
                if least is None
                else f"a whole number from {least} on would do",
                f"Field {_constant(key)} must be "
                f"{'an Integer within range' if least is None or not _is_whole(value, None) else 'a Positive Number'}",
            )
        elif key in _BOOLEANS and value is not None and not isinstance(value, bool):
            yield Problem(
                topology.place,
                None,
                f"option {shown(key)} is {shown(value)}",
                "true or false would do",
                f"Field {_constant(key)} must be a Boolean",
            )


def _own_conf_problems(component: Component) -> Iterator[Problem]:
    for key, value in component.conf.items():
        place = component.place_of("conf", str(key))
        finding = _unlike_json(value) if isinstance(key, str) else f"the key {shown(key)}"
        if finding:
            yield Problem(
                place,
                component.id,
                f":conf {shown(key)}: {finding} is not JSON",
                "numbers, strings, true, false, nil, vectors and maps would do",
                "sends it as text that no JSON parser takes back",
            )
        elif key == "topology.kryo.register":
            yield Problem(
                place,
                component.id,
                f":conf {shown(key)}: only the topology's configuration may hold it",
                "give it with -o, or leave it out",
                "Cannot set serializations for a component using fluent API",
            )
        elif key in _PLACES_TASKS and value is not None and not _is_whole(value, None):
            yield Problem(
                place,
                component.id,
                f":conf {shown(key)} is {shown(value)}",
                "a whole number would do",
                "Nimbus cannot count the tasks and refuses the topology",
            )


def tick_problems(
    topology: Topology, conf: Mapping[str, object], profile: Profile
) -> Iterator[Problem]:
    """Ticks that a bolt's executor cannot arrange; ``conf`` is the topology's, under each bolt's own."""
    for bolt in topology.bolts.values():
        is_own = _TICK in bolt.conf
        value = bolt.conf[_TICK] if is_own else conf.get(_TICK)
        try:
            tick_seconds(value, profile)
        except ValueError as error:
            yield Problem(
                bolt.place_of("conf", _TICK) if is_own else topology.place,
                bolt.id if is_own else None,
                f"{':conf' if is_own else 'option'} {shown(_TICK)} is {shown(value)}",
                "a whole number of seconds would do",
                f"{profile.version} accepts it, and the worker dies: {error}",
            )


def _is_whole(value: object, least: int | None) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return False
    # IntegerValidator: 1.0 is an integer to it, 2**31 is not.
    return value == int(value) and -(2**31) <= value < 2**31 and (least is None or value >= least)


def _constant(key: str) -> str:
    return key.upper().replace(".", "_")


def _unlike_json(value: object) -> str:
    """What in it JSON cannot hold, or nothing."""
    if value is None or isinstance(value, (bool, int, str)):
        return ""
    if isinstance(value, float):
        return "" if math.isfinite(value) else shown(value)
    if isinstance(value, Mapping):
        keys = (f"the key {shown(key)}" for key in value if not isinstance(key, str))
        return next(keys, "") or next(filter(None, map(_unlike_json, value.values())), "")
    if isinstance(value, (list, tuple)):
        return next(filter(None, map(_unlike_json, value)), "")
    return shown(value)


def find_warnings(
    topology: Topology,
    conf: Mapping[str, object] | None = None,
    *,
    profile: Profile | None = None,
) -> list[Problem]:
    """What Storm accepts although it can hardly be meant, in no order."""
    found = [
        Problem(topology.place, None, f"option {shown(key)} {_STRANGE}{near}")
        for key in conf or {}
        if (near := _near_setting(key))
    ]
    for component in topology.components.values():
        found += _conf_warnings(component, profile)
        for (source, stream), grouping in component.inputs.items():
            emitter = topology.components.get(source)
            if emitter is not None and stream in emitter.outputs:
                found += _direct_warnings(component, emitter, stream, grouping)
    return found


def _direct_warnings(
    bolt: Component, emitter: Component, stream: str, grouping: Grouping
) -> Iterator[Problem]:
    direct = emitter.outputs[stream].direct
    place = bolt.place_of("inputs", emitter.id, stream)
    whose = f"stream {shown(stream)} of {shown(emitter.id)}"
    if direct and grouping.kind != "direct":
        yield Problem(
            place,
            bolt.id,
            f"takes {whose} by {grouping}, but it is declared direct",
            "subscribe it :direct, or declare its fields without direct-stream",
            "accepts it, and kills the worker that emits to a task of this bolt",
        )
    elif grouping.kind == "direct" and not direct:
        yield Problem(
            place,
            bolt.id,
            f"takes {whose} by :direct, but it is not declared direct",
            f"declare it: {{{shown(stream)} (direct-stream [...])}}",
            "accepts it, and kills the worker at an emit that names no task",
        )


_STRANGE = "is none of Storm's settings"


def _conf_warnings(component: Component, profile: Profile | None) -> Iterator[Problem]:
    for key, value in component.conf.items():
        place = component.place_of("conf", key)
        if key == "topology.tasks" and isinstance(value, (int, float)) and value < 1:
            yield Problem(
                place,
                component.id,
                f"has no task, because topology.tasks is {shown(value)}",
                "leave it out, or give 1 or more",
                "accepts it, and 2.x dies when somebody emits to it",
            )
        elif key == _TICK and profile is None and value is not None and not _is_whole(value, 0):
            yield Problem(
                place,
                component.id,
                f":conf {shown(key)} is {shown(value)}",
                "a whole number of seconds would do",
                "accepts it, and the worker dies of it, but for fractions before 2.0 and strings from then on",
            )
        elif near := _near_setting(key):
            yield Problem(place, component.id, f":conf {shown(key)} {_STRANGE}{near}")
        elif _is_ignored(key, OWN_KEYS):
            yield Problem(
                place,
                component.id,
                f":conf {shown(key)} has no effect in a component",
                "set it for the whole topology, with -o",
                "drops it without a word",
            )


def _is_ignored(key: str, own: Collection[str]) -> bool:
    # Nimbus reads topology.tasks and, with the resource-aware scheduler, what a component needs of a machine.
    honoured = key in own or key == "topology.tasks" or key.startswith("topology.component.")
    return key in STORM_KEYS and not honoured


def _near_setting(key: object) -> str:
    """A hint when a key is none of Storm's and looks like one; keys of the user's own are not looked at."""
    known = key in STORM_KEYS or key == "topology.python.path"  # streamparse's, in every topology
    return "" if known or not isinstance(key, str) or len(key) > 100 else _nearest_setting(key)


@lru_cache(maxsize=256)  # a test suite reads its topologies again and again, with the same settings
def _nearest_setting(key: str) -> str:
    heads = sorted({each.partition(".")[0] for each in STORM_KEYS})
    if not difflib.get_close_matches(key.partition(".")[0], heads, 1, cutoff=0.8):
        return ""
    return did_you_mean(key, sorted(STORM_KEYS), cutoff=0.8)

"""What a topology is: components, the streams between them, and where Storm puts their tasks.

A topology is a value. It knows who subscribes to what, numbers tasks and spreads them over workers as
Storm does, and says everything that Storm would find wrong with it, all at once. It reads no file
(``simulator.clj`` does) and runs nothing (``simulator.engine`` does).

Sources: ``validate-basic!``, ``validate-structure!``, ``system-topology!`` and ``storm-task-info`` of
``daemon/common.clj`` (``StormCommon.java`` in 2.x), ``component-parallelism`` of ``nimbus.clj``, ``EvenScheduler``.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from graphlib import CycleError, TopologicalSorter
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from simulator.conf_keys import STORM_KEYS

if TYPE_CHECKING:  # networkx alone takes longer to load than a topology takes to read
    import networkx

    from simulator.profiles import Profile

__all__ = [
    "NOWHERE",
    "Component",
    "Grouping",
    "Kind",
    "Place",
    "Problem",
    "Stream",
    "Topology",
    "TopologyError",
    "assign_workers",
    "did_you_mean",
    "executors",
    "find_problems",
    "find_warnings",
    "number_tasks",
    "shown",
    "tick_problems",
    "validate",
]

Kind = Literal[
    "shuffle",
    "local-or-shuffle",
    "fields",
    "global",
    "all",
    "none",
    "direct",
    "partial-key",
    "custom",
]

# A process per task: no machine has room for so many, and a mistyped number must not eat the memory.
MOST_TASKS = 100_000


# -- values ------------------------------------------------------------------------------------------------------


class Place(NamedTuple):
    """Where in a text something stands, counted from 1; line 0 means the text as a whole."""

    path: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}" if self.line else self.path


NOWHERE = Place("")  # of what was built in Python


@dataclass(frozen=True)
class Stream:
    """A declared output stream; a direct one carries only emits that name their task."""

    fields: tuple[str, ...]
    direct: bool = False


@dataclass(frozen=True)
class Grouping:
    """How a bolt shares a stream among its tasks; ``java_class`` names a custom one."""

    kind: Kind
    fields: tuple[str, ...] = ()
    java_class: str | None = None

    def __str__(self) -> str:
        if self.kind == "fields" or self.fields:
            named = " ".join(shown(name) for name in self.fields)
            return f"[{named}]" if self.kind == "fields" else f"{self.kind} [{named}]"
        return self.java_class or self.kind


@dataclass(frozen=True)
class Component:
    """A spout or a bolt as the topology declares it.

    Attributes:
        command: the argv of its process; None when it can run in a JVM only.
        python_class: ``package.module.Class`` when streamparse runs it.
        inputs: what a bolt subscribes to, by (source component, stream).
        outputs: its declared streams.
        conf: its own configuration, ``:conf``.
        parallelism: how many executors, ``:p``; None is Storm's default, one.
        jvm_class: what ``spout-spec`` or ``bolt-spec`` would run.
        place: where its id stands; ``marks`` are the places of its parts (see ``place_of``).
    """

    id: str
    kind: Literal["spout", "bolt"]
    command: tuple[str, ...] | None = None
    python_class: str | None = None
    inputs: Mapping[tuple[str, str], Grouping] = field(default_factory=dict)
    outputs: Mapping[str, Stream] = field(default_factory=dict)
    conf: Mapping[str, object] = field(default_factory=dict)
    parallelism: int | None = None
    jvm_class: str | None = None
    place: Place = field(default=NOWHERE, compare=False)
    marks: Mapping[tuple[str, ...], Place] = field(default_factory=dict, compare=False, repr=False)

    def place_of(self, *part: str) -> Place:
        """Where ``("inputs", source, stream)``, ``("outputs", stream)``, ``("conf", key)`` or ``("p",)`` stands.

        What has no place of its own is where the component is.
        """
        return self.marks.get(part, self.place)


@dataclass(frozen=True)
class Problem:
    """One mistake: where, whose, what was found, what a Storm makes of it, and what would do."""

    place: Place
    component: str | None
    finding: str
    remedy: str = ""
    storm: str = ""

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place.path else ""
        whose = "" if self.component is None else f"component {shown(self.component)}: "
        storm = f" (Storm: {self.storm})" if self.storm else ""
        remedy = f"; {self.remedy}" if self.remedy else ""
        return f"{where}{whose}{self.finding}{storm}{remedy}"


class TopologyError(Exception):
    """A topology that cannot be used: all that is wrong with it, in the order of the text."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(dict.fromkeys(problems), key=lambda problem: problem.place)
        super().__init__(
            self.problems
        )  # an exception's args are what pickle and copy rebuild it from

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


@dataclass(frozen=True)
class Topology:
    """Components by id, spouts first as in the file; whatever follows from them is computed once.

    ``path`` is the file it was read from, ``warnings`` what is legal there but hardly meant.
    """

    name: str
    components: Mapping[str, Component]
    path: str = ""
    place: Place = field(default=NOWHERE, compare=False)
    warnings: tuple[Problem, ...] = field(default=(), compare=False)

    @property
    def spouts(self) -> dict[str, Component]:
        """The spouts by id, in the order of the file."""
        return {name: each for name, each in self.components.items() if each.kind == "spout"}

    @property
    def bolts(self) -> dict[str, Component]:
        """The bolts by id, in the order of the file."""
        return {name: each for name, each in self.components.items() if each.kind == "bolt"}

    def subscribers(self, component: str, stream: str) -> Sequence[tuple[str, Grouping]]:
        """The bolts that take this stream and how, in the order of the file."""
        return self._subscribers.get((component, stream), ())

    @cached_property
    def _subscribers(self) -> dict[tuple[str, str], tuple[tuple[str, Grouping], ...]]:
        found: dict[tuple[str, str], list[tuple[str, Grouping]]] = {}
        for bolt in self.components.values():
            for source, grouping in bolt.inputs.items():
                found.setdefault(source, []).append((bolt.id, grouping))
        return {source: tuple(bolts) for source, bolts in found.items()}

    @cached_property
    def graph(self) -> networkx.MultiDiGraph[str]:
        """The topology as a networkx graph: yours to draw and to query.

        A node is a component id, with the attributes ``kind``, ``command``, ``python_class``, ``jvm_class``,
        ``outputs``, ``conf`` and ``parallelism``. An edge goes from a source to a subscriber, its key is the
        stream, and its attributes are ``stream``, ``fields`` (those of the stream), ``direct`` and ``grouping``.
        """
        import networkx

        graph: networkx.MultiDiGraph[str] = networkx.MultiDiGraph(name=self.name)
        for component in self.components.values():
            graph.add_node(component.id, **_attributes(component))
        for bolt, (source, stream), grouping in self._edges():
            declared = self.components[source].outputs.get(stream, Stream(()))
            graph.add_edge(
                source,
                bolt.id,
                key=stream,
                stream=stream,
                fields=declared.fields,
                direct=declared.direct,
                grouping=grouping,
            )
        return graph

    def _edges(self) -> Iterator[tuple[Component, tuple[str, str], Grouping]]:
        for bolt in self.components.values():
            for source, grouping in bolt.inputs.items():
                if source[0] in self.components:
                    yield bolt, source, grouping

    def cycles(self) -> tuple[tuple[str, ...], ...]:
        """The loops of the topology, which Storm allows: one for each knot of components, a shortest through its
        first component. ``("a", "b")`` means that a feeds b and b feeds a."""
        feeds: dict[str, list[str]] = {name: [] for name in self.components}
        for bolt, (source, _), _ in self._edges():
            feeds[bolt.id].append(source)
        try:
            TopologicalSorter(feeds).prepare()
        except CycleError:
            return tuple(self._knots())
        return ()

    def _knots(self) -> Iterator[tuple[str, ...]]:
        import networkx

        order = {name: place for place, name in enumerate(self.components)}
        knots = networkx.strongly_connected_components(self.graph)
        for knot in sorted(
            (sorted(knot, key=order.__getitem__) for knot in knots), key=lambda k: order[k[0]]
        ):
            first = knot[0]
            if self.graph.has_edge(first, first):
                yield (first,)
            elif len(knot) > 1:
                inside = self.graph.subgraph(knot)
                ways = networkx.single_source_shortest_path(inside, first)
                back = [tuple(ways[name]) for name in knot if inside.has_edge(name, first)]
                yield min(back, key=lambda way: (len(way), [order[name] for name in way]))

    def replace(
        self,
        component_id: str,
        *,
        command: Sequence[str] | None = None,
        python_class: str | None = None,
        parallelism: int | None = None,
        outputs: Mapping[str, Stream] | None = None,
    ) -> Topology:
        """The same topology with another component behind an id: a stub, or another ``:p``.

        What is not given stays. A command alone is no longer the Python class the file names; a class alone
        is run by ``python -m streamparse.run``, with the interpreter of the component it replaces if it has one.
        What stands in for a JVM component has to say its ``outputs``, which the file does not.

        Raises:
            ValueError: there is no such component, or less than one executor is asked for.
        """
        old = self.components.get(component_id)
        if old is None:
            raise ValueError(
                f"topology {shown(self.name)} has no component {shown(component_id)}"
                + (
                    did_you_mean(component_id, self.components)
                    or f"; there are {_listed(self.components)}"
                )
            )
        if parallelism is not None and parallelism < 1:
            raise ValueError(
                f"component {shown(component_id)}: parallelism {parallelism}; at least 1 would do"
            )
        new = old if parallelism is None else replace(old, parallelism=parallelism)
        if command is not None:
            new = replace(new, command=tuple(command), python_class=python_class, jvm_class=None)
        elif python_class is not None:
            interpreter = old.command[0] if old.command and old.python_class else "python"
            argv = (interpreter, "-m", "streamparse.run", python_class)
            new = replace(new, command=argv, python_class=python_class, jvm_class=None)
        if outputs is not None:
            new = replace(new, outputs=dict(outputs))
        return replace(self, components={**self.components, component_id: new})


def _attributes(component: Component) -> dict[str, Any]:
    names = ("kind", "command", "python_class", "jvm_class", "outputs", "conf", "parallelism")
    return {name: getattr(component, name) for name in names}


# -- tasks -------------------------------------------------------------------------------------------------------


def number_tasks(topology: Topology, conf: Mapping[str, object]) -> dict[str, tuple[int, ...]]:
    """The task ids of every component, those of Storm's own components included, in the order of the ids.

    ``conf`` is the topology's configuration. A component whose ``topology.tasks`` is 0 has no task.

    Raises:
        ValueError: a number of the configuration is none, or there are more tasks than any machine runs.
    """
    counts = {name: _tasks_of(component, conf) for name, component in topology.components.items()}
    counts |= {
        name: count for name, count in _system_components(conf).items() if name not in counts
    }
    if sum(counts.values()) > MOST_TASKS:
        greediest = max(counts, key=counts.__getitem__)
        raise ValueError(
            f"topology {shown(topology.name)} has {sum(counts.values())} tasks, {counts[greediest]} of them "
            f"{shown(greediest)}'s; each is a process, and {MOST_TASKS} are the most that are numbered"
        )
    numbered: dict[str, tuple[int, ...]] = {}
    following = 1
    # storm-task-info sorts by String.compareTo, which compares UTF-16 code units: "Alert" < "__acker" < "count".
    for name in sorted(counts, key=lambda name: name.encode("utf-16-be", "surrogatepass")):
        numbered[name] = tuple(range(following, following + counts[name]))
        following += counts[name]
    return numbered


def executors(topology: Topology, numbered: Mapping[str, tuple[int, ...]]) -> list[tuple[int, ...]]:
    """The tasks of each executor, ascending, those of Storm's own components included; ``number_tasks`` has numbered.

    As many as ``:p`` says, each with an equal share of the tasks or one more, bigger shares first
    (``partition-fixed``); an executor without tasks does not exist.
    """
    found: list[tuple[int, ...]] = []
    for name, tasks in numbered.items():
        component = topology.components.get(name)
        hint = 1 if component is None else component.parallelism or 1
        found += _partition(tasks, len(tasks) if component is None else hint)
    return found


def assign_workers(dealt: Sequence[tuple[int, ...]], conf: Mapping[str, object]) -> dict[int, int]:
    """The worker of each task, counted from 0, of these executors.

    EvenScheduler.scheduleTopology (all versions): the executors by their first task, dealt in turn to
    ``topology.workers`` slots. A cluster with fewer free slots than that would use those it has.
    """
    workers = max(1, _number(conf, "topology.workers", 1))
    return {task: place % workers for place, tasks in enumerate(dealt) for task in tasks}


def _tasks_of(component: Component, conf: Mapping[str, object]) -> int:
    merged = {**conf, **component.conf}  # Nimbus merges the two before it asks either
    tasks = _number(merged, "topology.tasks", component.parallelism or 1)
    most = _number(merged, "topology.max.task.parallelism", tasks)
    return max(0, min(tasks, most))


def _system_components(conf: Mapping[str, object]) -> dict[str, int]:
    """How many tasks Storm's own components have. ``__system`` has none: it acts as task -1."""
    workers = _number(conf, "topology.workers", 1)
    counts = {"__acker": _number(conf, "topology.acker.executors", workers)}
    loggers = "topology.eventlogger.executors"  # 1.0 and later, where the default is 0 and null means workers
    if loggers in conf:
        counts["__eventlogger"] = _number(conf, loggers, workers)
    counts |= _metrics_consumers(conf)
    return {name: count for name, count in counts.items() if count > 0}


def _metrics_consumers(conf: Mapping[str, object]) -> dict[str, int]:
    registered = conf.get("topology.metrics.consumer.register")
    counts: dict[str, int] = {}
    seen: dict[object, int] = {}
    for entry in registered if isinstance(registered, (list, tuple)) else ():
        if not isinstance(entry, Mapping) or "class" not in entry:
            raise ValueError(
                f'topology.metrics.consumer.register holds {shown(entry)}; a map with a "class" would do'
            )
        name = entry["class"]
        seen[name] = seen.get(name, 0) + 1
        suffix = "" if seen[name] == 1 else f"#{seen[name]}"
        counts[f"__metrics_{name}{suffix}"] = _number(entry, "parallelism.hint", 1)
    return counts


def _number(conf: Mapping[str, object], key: str, default: int) -> int:
    value = conf.get(key)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value // 1:
        raise ValueError(f"{key} is {shown(value)}; a whole number would do")
    return int(value)


def _partition(tasks: tuple[int, ...], parts: int) -> list[tuple[int, ...]]:
    parts = min(parts, len(tasks))
    if not parts:
        return []
    share, more = divmod(len(tasks), parts)
    starts = [place * share + min(place, more) for place in range(parts + 1)]
    return [tasks[start:end] for start, end in pairwise(starts)]


# -- what is wrong -----------------------------------------------------------------------------------------------


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
            f"there are {_listed(topology.components)}",
            f"Component: [{bolt.id}] subscribes from non-existent component [{source}]",
        )
    elif stream not in emitter.outputs:
        yield Problem(
            place,
            bolt.id,
            f"subscribes to stream {shown(stream)} of {shown(source)}, which has no such stream"
            f"{did_you_mean(stream, emitter.outputs)}",
            f"it declares {_listed(emitter.outputs)}" if emitter.outputs else "it declares none",
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
            f"its fields are {_listed(dict.fromkeys(fields))}" if fields else "it has no fields",
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
    from simulator.handshake import tick_seconds

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


# -- what is hardly meant ----------------------------------------------------------------------------------------


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
    from simulator.handshake import OWN_KEYS

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


# -- words -------------------------------------------------------------------------------------------------------


def shown(value: object) -> str:
    """A value as it would stand in a topology file, on one line and not too long."""
    words: Mapping[object, str] = {None: "nil", True: "true", False: "false"}
    if value is None or isinstance(value, bool):
        text = words[value]
    elif isinstance(value, str):
        text = '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    else:
        text = str(value)
    text = "".join(each if each.isprintable() else f"\\u{ord(each):04x}" for each in text[:120])
    return text if len(text) <= 80 else text[:77] + "..."


def did_you_mean(name: str, names: Iterable[str], *, cutoff: float = 0.7) -> str:
    """A hint to append to a message, or nothing when no name is near."""
    # At most so many, and short: among thousands of names, a hint for each mistake would take minutes.
    candidates = [each for each in islice(names, 500) if len(each) < 200]
    near = difflib.get_close_matches(name[:200], candidates, 1, cutoff=cutoff)
    # Two letters exchanged are most of a short name, and leave little to match.
    letters = sorted(name)
    near = near or [each for each in candidates if sorted(each) == letters]
    return f" (did you mean {shown(near[0])}?)" if near else ""


def _listed(names: Iterable[str]) -> str:
    all_names = list(names)
    more = f" and {len(all_names) - 8} more" if len(all_names) > 8 else ""
    return ", ".join(shown(name) for name in all_names[:8]) + more

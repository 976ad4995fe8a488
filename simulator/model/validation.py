"""Finds what Storm refuses in a topology at submit.

Sources: ``validate-basic!``, ``validate-structure!`` and ``system-topology!`` of ``daemon/common.clj``
(``StormCommon.java`` in 2.x).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from simulator.model.conf_checks import (
    component_conf_problems,
    executor_problems,
    is_whole,
    topology_conf_problems,
)
from simulator.model.problems import Place, Problem, TopologyError, did_you_mean, listed, shown
from simulator.model.profiles import Profile
from simulator.model.settings import TICK_TUPLE_FREQ_SECS
from simulator.model.topology import Component, Grouping, Topology

__all__ = ["find_problems", "validate"]


def validate(topology: Topology, conf: Mapping[str, object] | None = None) -> None:
    """Refuse what Storm refuses at submit, and bolts without inputs, which Storm accepts.

    Args:
        topology: the topology.
        conf: its configuration.

    Raises:
        TopologyError: with everything that was found.
    """
    problems = find_problems(topology, conf or {})
    if problems:
        raise TopologyError(problems)


def find_problems(
    topology: Topology,
    conf: Mapping[str, object],
    *,
    unknown_outputs: Collection[str] = (),
    unknown_inputs: Collection[str] = (),
    profile: Profile | None = None,
) -> list[Problem]:
    """Return everything that ``validate`` refuses, in no order.

    Args:
        topology: the topology.
        conf: its configuration.
        unknown_outputs: the ids of components that exist and whose outputs are not known; subscriptions to them are not
            checked. The outputs of a JVM component, which are declared in Java, are never checked.
        unknown_inputs: the ids of bolts whose inputs are not known; that they have none is not reported.
        profile: the version of Storm that will run it; with it, settings that it cannot read are reported too.
    """
    problems = [*_name_problems(topology), *topology_conf_problems(topology, conf)]
    in_java = (
        each.id
        for each in topology.components.values()
        if each.command is None and not each.outputs
    )
    unchecked = {*unknown_outputs, *in_java}
    for component in topology.components.values():
        for check in (
            _id_problems,
            _parallelism_problems,
            _output_problems,
            component_conf_problems,
        ):
            problems += check(component)
        if component.kind == "bolt" and not component.inputs and component.id not in unknown_inputs:
            problems.append(_no_inputs_problem(component))
        problems += _input_problems(topology, component, unchecked)
    if profile is not None:
        is_reported = not is_whole(conf.get(TICK_TUPLE_FREQ_SECS, 0), None)
        unreported = {
            key: value
            for key, value in conf.items()
            if not (is_reported and key == TICK_TUPLE_FREQ_SECS)
        }
        problems += executor_problems(topology, unreported, profile)
    return problems


def _name_problems(topology: Topology) -> Iterator[Problem]:
    # Nimbus: not empty, and none of / . : \ (2.x checks a pattern, 1.x and before a list of characters).
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
            f"{component.notation.parallelism} is {component.parallelism}",
            "expected at least 1",
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
                    "give each field its own name",
                    f"duplicate field '{each}'",
                )
            seen.add(each)


def _no_inputs_problem(component: Component) -> Problem:
    return Problem(
        component.place_of("inputs"),
        component.id,
        "a bolt without inputs, which no tuple ever reaches",
        f"subscribe it: {component.notation.subscription}",
        "accepts it without a message",
    )


def _input_problems(
    topology: Topology, component: Component, unchecked: Collection[str]
) -> Iterator[Problem]:
    for (source, stream), grouping in component.inputs.items():
        if source not in unchecked:
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
            f"ticks need no subscription: {bolt.notation.ticks}",
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
            f"it declares {listed(emitter.outputs)}"
            if emitter.outputs
            else "it declares no stream",
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
            # 2.x accepts a field of any stream of the source; 1.x and before check the right stream.
            f"2.x accepts it because another stream has it, and dies at the first emit: {name} does not exist"
            if elsewhere
            else f"Component: [{bolt.id}] subscribes from stream: [{stream}] of component [{emitter.id}] "
            f"with non-existent fields: [{name}]",
        )

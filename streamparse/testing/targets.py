"""The targets of ``storm.bolt`` and ``storm.spout``: a class, a command, or a component of a topology."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from simulator.model import Component, Stream, Topology, did_you_mean
from simulator.testing import (
    HarnessError,
    is_test_error,
)
from streamparse.dsl import python_spec
from streamparse.multilang import DEFAULT_STREAM
from streamparse.testing.checks import check_given_class
from streamparse.testing.lookup import check_dotted, dotted_name

__tracebackhide__ = is_test_error  # pytest then shows the test's line
Outputs = Sequence[str] | Mapping[str, Sequence[str]]
Kind = Literal["bolt", "spout"]


@dataclass(frozen=True)
class Target:
    """A component to test alone.

    Attributes:
        component: with the number of tasks that the test asks for, and without inputs.
        sources: what it takes: source id -> stream -> declaration. Empty for a spout.
        python_class: the class itself, or a function that makes the component, where the test has given it.
        topology: the topology that it is of, where the test has named one.
    """

    component: Component
    sources: Mapping[str, Mapping[str, Stream]]
    python_class: Callable[[], object] | None = None
    topology: Topology | None = None

    def input_fields(self, *, given: bool) -> dict[str, dict[str, tuple[str, ...] | None]]:
        """Return the fields of each input stream, by source and stream; None where nothing is known of them.

        Args:
            given: the test has declared the inputs, so a source without streams has none.
        """
        found: dict[str, dict[str, tuple[str, ...] | None]] = {}
        for source, streams in self.sources.items():
            found[source] = {name: stream.fields for name, stream in streams.items()}
            if not streams and not given:
                found[source] = {DEFAULT_STREAM: None}
        return found


def declared_streams(fields: Outputs | None, argument: str) -> dict[str, Stream]:
    """Return the streams that ``inputs=`` or ``outputs=`` declares.

    Args:
        fields: names of fields of the default stream, or a map of streams to them.
        argument: its name, for what an error says.

    Raises:
        HarnessError: it is neither a list nor a map of lists.
    """
    if fields is None:
        return {}
    for each in fields.values() if isinstance(fields, Mapping) else [fields]:
        if isinstance(each, str) or not isinstance(each, Iterable):
            raise HarnessError(f"{argument}={fields!r}: expected a list of field names")
    if isinstance(fields, Mapping):
        return {name: Stream(tuple(names)) for name, names in fields.items()}
    return {DEFAULT_STREAM: Stream(tuple(fields))}


def make_target(
    kind: Kind,
    target: Callable[[], object] | str | None,
    *,
    command: Sequence[str] | None,
    inputs: Outputs | None,
    outputs: Outputs | None,
    tasks: int,
    name: str | None,
    conf: Mapping[str, object] | None,
    read: Callable[[str, Mapping[str, object]], Topology],
) -> Target:
    """Return the component that the arguments of ``storm.bolt`` or ``storm.spout`` name.

    Args:
        conf: the settings that the test gives, over the component's own.
        read: reads a topology by its name with these settings, for "topology:component-id".

    Raises:
        HarnessError: the arguments do not fit.
    """
    if isinstance(command, str):
        raise HarnessError(f"command={command!r}: expected a list, such as {command.split()}")
    if (target is None) == (command is None):
        raise HarnessError(
            f"storm.{kind}(): expected a class, a name or command=[...], and only one of them"
        )
    if isinstance(target, str) and ":" in target:
        topology_name, _, component_id = target.partition(":")
        for argument, value in (("outputs", outputs), ("name", name)):
            if value is not None:
                raise HarnessError(
                    f"storm.{kind}({target!r}) has its {argument} from the topology's file; leave {argument}= out"
                )
        topology = read(topology_name, conf or {})
        component = _component_of(kind, topology_name, component_id, topology)
        own = {
            **component.conf,
            **{key: value for key, value in (conf or {}).items() if key in component.conf},
        }
        sources = _sources_of(component, topology, inputs)
        alone = replace(component, inputs={}, parallelism=tasks, conf=own)
        return Target(alone, sources, topology=topology)
    if isinstance(target, str):
        remedy = f'; a component of a topology is storm.{kind}("TOPOLOGY:{target}")'
        check_dotted(target, f"storm.{kind}({target!r})", remedy)
    elif target is not None:
        check_given_class(kind, target)
    dotted = dotted_name(target) if target is not None else None
    argv = tuple(command) if command else (sys.executable, "-m", "streamparse.run", str(dotted))
    own_streams, own_conf = _declared_by(target, kind)
    component = Component(
        id=name or _component_id(dotted, command),
        kind=kind,
        command=argv,
        python_class=dotted,
        outputs=own_streams if outputs is None else declared_streams(outputs, "outputs"),
        conf={key: (conf or {}).get(key, value) for key, value in own_conf.items()},
        parallelism=tasks,
    )
    sources = {"input": declared_streams(inputs, "inputs")} if kind == "bolt" else {}
    return Target(component, sources, None if isinstance(target, str) else target)


def _declared_by(
    target: Callable[[], object] | str | None, kind: Kind
) -> tuple[Mapping[str, Stream], Mapping[str, object]]:
    """Return the streams and the settings that a class declares for topologies in Python, if it declares streams."""
    if not isinstance(target, type) or getattr(target, "outputs", None) is None:
        return {}, {}
    spec = python_spec(
        target, kind, dict.fromkeys(("name", "inputs", "par", "config", "outputs")), {}
    )
    if spec.mistakes:  # the attributes are of another meaning
        return {}, {}
    streams = {each.name: Stream(tuple(each.fields), each.direct) for each in spec.outputs.values()}
    return streams, {str(key): value for key, value in (spec.config or {}).items()}


def _component_id(dotted: str | None, command: Sequence[str] | None) -> str:
    return Path(command[-1]).stem if command else str(dotted).rpartition(".")[2]


def _component_of(
    kind: Kind, topology_name: str, component_id: str, topology: Topology
) -> Component:
    component = topology.components.get(component_id)
    if component is None or component.kind != kind:
        of_kind = topology.bolts if kind == "bolt" else topology.spouts
        raise HarnessError(
            f"topology {topology_name!r} has no {kind} {component_id!r}{did_you_mean(component_id, of_kind)}"
        )
    if component.command is None:
        raise HarnessError(
            f"{component_id} of topology {topology_name!r} needs a JVM, and cannot run here"
        )
    return component


def _sources_of(
    component: Component, topology: Topology, inputs: Outputs | None
) -> dict[str, dict[str, Stream]]:
    """Return what a component takes: from the file, or from ``inputs=`` where only a JVM knows it."""
    given = declared_streams(inputs, "inputs")
    sources: dict[str, dict[str, Stream]] = {}
    is_used = False
    for source, stream in component.inputs:
        declared = topology.components[source].outputs
        if stream not in declared:  # the source's code in a JVM declares it
            is_used = True
            if stream not in given:
                raise HarnessError(
                    f"{component.id} takes stream {stream!r} of {source!r}, whose fields only a JVM knows; "
                    f"give them: inputs={{{stream!r}: [fields]}}"
                )
            declared = given
        sources.setdefault(source, {})[stream] = declared[stream]
    if inputs is not None and not is_used:
        raise HarnessError(
            f"{component.id} has its inputs from the topology's file; leave inputs= out"
        )
    return sources

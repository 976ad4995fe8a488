"""The value of a topology: components, and the streams between them.

It reads no file (``simulator.clj`` does) and runs nothing (``simulator.engine`` does).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any, Literal

from simulator.model.problems import NOWHERE, Place, Problem, did_you_mean, listed, shown

if TYPE_CHECKING:  # networkx alone takes longer to load than a topology takes to read
    import networkx


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
                    or f"; there are {listed(self.components)}"
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

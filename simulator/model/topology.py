"""A topology as a value: its components, and the streams between them.

``simulator.clj`` reads it from a file, ``simulator.engine`` runs it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any, Literal

from simulator.model.notation import CLOJURE, Notation
from simulator.model.problems import NOWHERE, Place, Problem, did_you_mean, listed, shown

if TYPE_CHECKING:  # loading networkx takes longer than reading a topology
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
    """A declared output stream.

    Attributes:
        fields: the names of its fields.
        direct: it carries only emits that name the task that receives them.
    """

    fields: tuple[str, ...]
    direct: bool = False


@dataclass(frozen=True)
class Grouping:
    """The distribution of a stream's tuples among the tasks of a bolt.

    Attributes:
        kind: the grouping.
        fields: the fields that it depends on.
        java_class: the class of a custom grouping.
        java_arguments: the arguments of its constructor, basic values; None where only a JVM knows them.
        serialized: the object of a custom grouping, where it is given as Java serializes it.
    """

    kind: Kind
    fields: tuple[str, ...] = ()
    java_class: str | None = None
    java_arguments: tuple[object, ...] | None = ()
    serialized: bytes | None = None

    def __str__(self) -> str:
        if self.kind == "fields" or self.fields:
            named = " ".join(shown(name) for name in self.fields)
            return f"[{named}]" if self.kind == "fields" else f"{self.kind} [{named}]"
        return self.java_class or ("custom" if self.serialized is not None else self.kind)


@dataclass(frozen=True)
class Component:
    """A spout or a bolt as the topology declares it.

    Attributes:
        id: its id.
        kind: which of the two it is.
        command: the argv of its process; None when only a JVM can run it.
        python_class: ``package.module.Class`` when streamparse runs it.
        inputs: the groupings of a bolt's subscriptions, by source component and stream.
        outputs: its declared streams by name.
        conf: its own configuration.
        parallelism: the number of its executors; None is Storm's default, 1.
        jvm_class: the class of a component that a JVM runs.
        java_arguments: the arguments of its constructor, basic values; None where only a JVM knows them.
        serialized: the object that a JVM runs, where it is given as Java serializes it.
        place: the place of its id.
        marks: the places of its parts, as ``place_of`` takes them.
        notation: the words of the form that it was written in.
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
    java_arguments: tuple[object, ...] | None = ()
    serialized: bytes | None = None
    place: Place = field(default=NOWHERE, compare=False)
    marks: Mapping[tuple[str, ...], Place] = field(default_factory=dict, compare=False, repr=False)
    notation: Notation = field(default=CLOJURE, compare=False, repr=False)

    def place_of(self, *part: str) -> Place:
        """Return the place of a part, or that of the component when the part has none of its own.

        Args:
            part: ``"class"``, ``"inputs"``, ``"inputs", source, stream``, ``"groupings", source, stream``,
                ``"outputs", stream``, ``"conf", key`` or ``"p"``.
        """
        return self.marks.get(part, self.place)


@dataclass(frozen=True)
class Topology:
    """Components, and what follows from them.

    Attributes:
        name: its name.
        components: the components by id, spouts first, in the order of the file.
        path: the file that it was read from.
        place: the place that its problems have.
        conf: the settings that it brings for itself as a whole, which win over all but those of the command line.
        warnings: what Storm accepts although it is probably a mistake.
    """

    name: str
    components: Mapping[str, Component]
    path: str = ""
    place: Place = field(default=NOWHERE, compare=False)
    conf: Mapping[str, object] = field(default_factory=dict)
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
        """Return the ids of the bolts that subscribe to a stream and their groupings, in the order of the file."""
        return self._subscribers.get((component, stream), ())

    def split_assignment(self, text: str) -> tuple[str, str, str]:
        """Split ``ID=VALUE`` or ``ID.PART=VALUE`` as ``str.partition`` does; an id may have an equals sign in it.

        Of the ids that the text can begin with the longest is meant.
        """
        for name in sorted(self.components, key=len, reverse=True):
            behind = text[len(name) :]
            if text.startswith(name) and behind.startswith(("=", ".")) and "=" in behind:
                part, equals, value = behind.partition("=")
                return name + part, equals, value
        return text.partition("=")

    def fields_of(self, component: str) -> tuple[str, ...]:
        """Return the fields of the streams that a component emits and subscribes to, each once."""
        own = self.components[component]
        streams = [*own.outputs.values()]
        for source, stream in own.inputs:
            if source in self.components and stream in self.components[source].outputs:
                streams.append(self.components[source].outputs[stream])
        return tuple(dict.fromkeys(field for stream in streams for field in stream.fields))

    @cached_property
    def _subscribers(self) -> dict[tuple[str, str], tuple[tuple[str, Grouping], ...]]:
        found: dict[tuple[str, str], list[tuple[str, Grouping]]] = {}
        for bolt in self.components.values():
            for source, grouping in bolt.inputs.items():
                found.setdefault(source, []).append((bolt.id, grouping))
        return {source: tuple(bolts) for source, bolts in found.items()}

    @cached_property
    def graph(self) -> networkx.MultiDiGraph[str]:
        """The topology as a networkx graph, to draw and to query.

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
        """Return the loops of the topology, which Storm allows.

        There is one for each strongly connected set of components: a shortest one through its first component.
        ``("a", "b")`` means that a feeds b and b feeds a.
        """
        feeds: dict[str, list[str]] = {name: [] for name in self.components}
        for bolt, (source, _), _ in self._edges():
            feeds[bolt.id].append(source)
        try:
            TopologicalSorter(feeds).prepare()
        except CycleError:
            return tuple(self._find_cycles())
        return ()

    def _find_cycles(self) -> Iterator[tuple[str, ...]]:
        import networkx

        order = {name: place for place, name in enumerate(self.components)}
        connected = networkx.strongly_connected_components(self.graph)
        for ids in sorted(
            (sorted(each, key=order.__getitem__) for each in connected), key=lambda i: order[i[0]]
        ):
            first = ids[0]
            if self.graph.has_edge(first, first):
                yield (first,)
            elif len(ids) > 1:
                inside = self.graph.subgraph(ids)
                paths = networkx.single_source_shortest_path(inside, first)
                back = [tuple(paths[name]) for name in ids if inside.has_edge(name, first)]
                yield min(back, key=lambda path: (len(path), [order[name] for name in path]))

    def replace(
        self,
        component_id: str,
        *,
        command: Sequence[str] | None = None,
        python_class: str | None = None,
        parallelism: int | None = None,
        outputs: Mapping[str, Stream] | None = None,
        conf: Mapping[str, object] | None = None,
    ) -> Topology:
        """Return the topology with another component behind an id: a stub, another ``:p``, or other settings.

        What is not given stays as it is.

        Args:
            component_id: the id of the component to replace.
            command: the argv of its process; without ``python_class`` it has no Python class any more.
            python_class: ``package.module.Class``; without ``command``, ``python -m streamparse.run`` runs it, with the
                interpreter of the replaced component if that has one.
            parallelism: the number of its executors, at least 1.
            outputs: its streams; what replaces a JVM component needs them, as the file does not declare them.
            conf: settings of its own, over its own.

        Raises:
            ValueError: there is no such component, or ``parallelism`` is below 1.
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
                f"component {shown(component_id)}: parallelism {parallelism}: expected at least 1"
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
        if conf is not None:
            new = replace(new, conf={**new.conf, **conf})
        return replace(self, components={**self.components, component_id: new})


def _attributes(component: Component) -> dict[str, Any]:
    names = ("kind", "command", "python_class", "jvm_class", "outputs", "conf", "parallelism")
    return {name: getattr(component, name) for name in names}

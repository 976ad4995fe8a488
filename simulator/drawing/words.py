"""The words that all drawings of a topology share, and its edges."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import NamedTuple

from simulator.drawing.layout import back_edges
from simulator.model import Component, Grouping, Stream, Topology

__all__ = [
    "Edge",
    "columns_of",
    "edge_words",
    "edges_of",
    "grouping_words",
    "loop_lines",
    "printable",
    "stream_words",
    "tasks_words",
    "title_line",
]


class Edge(NamedTuple):
    """A subscription; ``leads_back`` is True when it closes a loop."""

    source: str
    stream: str
    target: str
    grouping: Grouping
    leads_back: bool


def edges_of(topology: Topology) -> list[Edge]:
    """Return the subscriptions to components of the topology, in the order of the file."""
    found = [
        (source, stream, bolt.id, grouping)
        for bolt in topology.components.values()
        for (source, stream), grouping in bolt.inputs.items()
        if source in topology.components
    ]
    back = back_edges([*topology.components], [(source, target) for source, _, target, _ in found])
    return [Edge(*each, leads_back=(each[0], each[2]) in back) for each in found]


def title_line(topology: Topology, tasks: Mapping[str, tuple[int, ...]]) -> str:
    """Return the topology's name and its numbers of spouts, bolts and tasks."""
    total = sum(len(tasks[name]) for name in topology.components if name in tasks)
    counts = ((len(topology.spouts), "spout"), (len(topology.bolts), "bolt"), (total, "task"))
    words = ", ".join(f"{count} {noun}{'' if count == 1 else 's'}" for count, noun in counts)
    return f"{printable(topology.name)}: {words}"


def tasks_words(component: Component, tasks: Mapping[str, tuple[int, ...]]) -> tuple[str, str]:
    """Return a component's kind with its number of tasks, and their ids: ``bolt ×2``, ``tasks 3-4``."""
    own = tasks.get(component.id, ())
    if not own:
        return component.kind, "no task"
    if len(own) == 1:
        return component.kind, f"task {own[0]}"
    return f"{component.kind} ×{len(own)}", f"tasks {own[0]}-{own[-1]}"


def stream_words(name: str, stream: Stream) -> str:
    """Return the fields of a stream, with its name unless it is the default one."""
    fields = ", ".join(map(printable, stream.fields)) or "no fields"
    direct = " (direct)" if stream.direct else ""
    return f"{fields}{direct}" if name == "default" else f"{printable(name)}: {fields}{direct}"


def grouping_words(grouping: Grouping) -> str:
    """Return how a grouping distributes tuples among tasks: ``shuffle``, ``fields word``."""
    if grouping.kind == "custom":
        return f"custom {printable((grouping.java_class or '').rpartition('.')[2])}".rstrip()
    return " ".join([grouping.kind, ", ".join(map(printable, grouping.fields))]).rstrip()


def loop_lines(topology: Topology) -> list[str]:
    """Return a line for each loop of the topology: ``loop: a -> b -> a``."""
    return ["loop: " + " -> ".join(map(printable, [*loop, loop[0]])) for loop in topology.cycles()]


def printable(name: str) -> str:
    """Return a name with its unprintable characters escaped as in Python: ``\\n``, ``\\x00``."""
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in name
    )


def columns_of(words: str) -> int:
    """Return how many columns of a terminal the text takes."""
    return sum(
        0 if unicodedata.combining(each) else 1 + (unicodedata.east_asian_width(each) in "WF")
        for each in words
    )


def edge_words(topology: Topology, edge: Edge) -> list[str]:
    """Return the label of an edge: what flows along it, and how it is distributed."""
    stream = topology.components[edge.source].outputs.get(edge.stream)
    if stream is None:
        carried = [] if edge.stream == "default" else [printable(edge.stream)]
    else:
        carried = [stream_words(edge.stream, stream)]
    return [*carried, grouping_words(edge.grouping)]

"""The graph of a page: components with their tasks and workers, and the streams between them.

It comes from the topology where that is known, or from the head of a trace file. A trace without a head has neither:
then components, tasks and streams are those that its events name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from simulator.drawing import Arrow, Box, Diagram, place_diagram
from simulator.engine import Head
from simulator.engine import events as trace_events
from simulator.model import Topology, assign_workers, executors, number_tasks

__all__ = ["Graph", "Link", "Node", "graph_json", "graph_of", "graph_of_events", "graph_of_head"]


@dataclass(frozen=True)
class Node:
    """A component.

    Attributes:
        name: its id.
        kind: "spout" or "bolt".
        tasks: its tasks.
        runs: what runs it: a class, or a command; empty when that is not known.
    """

    name: str
    kind: Literal["spout", "bolt"]
    tasks: tuple[int, ...]
    runs: str = ""


@dataclass(frozen=True)
class Link:
    """A subscription.

    Attributes:
        source: the component that emits.
        stream: its stream.
        target: the bolt that subscribes.
        fields: the names of the stream's fields; none when they are not known.
        grouping: how tuples are distributed over the bolt's tasks, in words; empty when that is not known.
    """

    source: str
    stream: str
    target: str
    fields: tuple[str, ...] = ()
    grouping: str = ""


@dataclass(frozen=True)
class Graph:
    """Components and subscriptions.

    Attributes:
        nodes: the components, spouts first.
        links: the subscriptions.
        workers: the worker of each task, from 1; None when that is not known.
    """

    nodes: Sequence[Node]
    links: Sequence[Link]
    workers: Mapping[int, int] | None = None


def graph_of(topology: Topology, conf: Mapping[str, object]) -> Graph:
    """The graph of a topology.

    Args:
        topology: the topology.
        conf: its configuration, on which tasks and workers depend.
    """
    numbered = number_tasks(topology, conf)
    nodes = [
        Node(
            each.id,
            each.kind,
            numbered.get(each.id, ()),
            each.python_class or each.jvm_class or " ".join(each.command or ()),
        )
        for each in topology.components.values()
    ]
    links = [
        Link(source, stream, bolt.id, _fields(topology, source, stream), str(grouping))
        for bolt in topology.components.values()
        for (source, stream), grouping in bolt.inputs.items()
        if source in topology.components
    ]
    workers = assign_workers(executors(topology, numbered), conf)
    return Graph(nodes, links, {task: worker + 1 for task, worker in workers.items()})


def _fields(topology: Topology, source: str, stream: str) -> tuple[str, ...]:
    declared = topology.components[source].outputs.get(stream)
    return () if declared is None else declared.fields


def graph_of_head(head: Head) -> Graph:
    """The graph that the head of a trace file tells.

    Args:
        head: the head.
    """
    fields = {each.id: each.streams for each in head.components}
    links = [
        Link(
            each.component,
            each.stream,
            bolt.id,
            fields[each.component].get(each.stream, ()),
            each.grouping,
        )
        for bolt in head.components
        for each in bolt.inputs
        if each.component in fields
    ]
    nodes = [Node(each.id, each.kind, each.tasks) for each in head.components]
    return Graph(nodes, links, head.worker_of)


def graph_of_events(events: Iterable[trace_events.Event]) -> Graph:
    """The graph that the events of a run show: tasks that did something, and streams that carried something."""
    component_of: dict[int, str] = {}
    spouts: dict[str, None] = {}
    flows: dict[tuple[str, str, int], None] = {}
    targets: dict[int, None] = {}
    for event in events:
        component_of.setdefault(event.task, event.component)
        if isinstance(
            event,
            (
                trace_events.Acked,
                trace_events.Failed,
                trace_events.Activated,
                trace_events.Deactivated,
            ),
        ):
            spouts[event.component] = None
        elif isinstance(event, trace_events.Emit):
            if event.anchors is None:
                spouts[event.component] = None
            for task, _ in event.to:
                flows[event.component, event.stream, task] = None
                targets[task] = None
    for task in targets:
        component_of.setdefault(task, f"task {task}")  # it has said nothing itself
    tasks: dict[str, list[int]] = {}
    for task in sorted(component_of):
        tasks.setdefault(component_of[task], []).append(task)
    names = sorted(tasks, key=lambda name: (name not in spouts, tasks[name]))
    nodes = [
        Node(name, "spout" if name in spouts else "bolt", tuple(tasks[name])) for name in names
    ]
    found = dict.fromkeys((source, stream, component_of[task]) for source, stream, task in flows)
    return Graph(nodes, [Link(*each) for each in sorted(found)])


# -- layout -----------------------------------------------------------------------------------------------------

# Room in a box for the counts of a run, which the page fills in.
_ROOM = ("emitted 0,000,000", "acked 0,000,000 failed 0,000")


def graph_json(graph: Graph) -> dict[str, Any]:
    """The graph with its layout, as the page reads it. Any: it is JSON."""
    names = {node.name: place for place, node in enumerate(graph.nodes)}
    between = [each for each in graph.links if each.source != each.target]
    boxes = [
        Box(node.name, ("", *_ROOM), shape="round" if node.kind == "spout" else "square")
        for node in graph.nodes
    ]
    arrows = [Arrow(each.source, each.target, _label(each)) for each in between]
    placed = place_diagram(Diagram("", boxes, arrows), flip=True)
    arrow_of = dict(zip(map(id, between), placed.arrows, strict=True))
    return {
        "width": round(placed.width),
        "height": round(placed.height),
        "nodes": [
            {
                "name": node.name,
                "kind": node.kind,
                "tasks": list(node.tasks),
                "runs": node.runs,
                "box": [round(each) for each in placed.boxes[node.name]],
            }
            for node in graph.nodes
        ],
        "links": [_link_json(each, names, arrow_of.get(id(each))) for each in graph.links],
        "workers": None if graph.workers is None else dict(sorted(graph.workers.items())),
    }


def _label(link: Link) -> tuple[str, ...]:
    """The lines of a link's label, and one for its counts."""
    named = "" if link.stream == "default" else f"{link.stream}: "
    fields = f"{named}{', '.join(link.fields)}" or "default"
    return tuple(each for each in (fields, link.grouping, "0,000,000 · 0,000/s") if each)


def _link_json(link: Link, names: Mapping[str, int], arrow: Any) -> dict[str, Any]:
    found: dict[str, Any] = {
        "source": names[link.source],
        "stream": link.stream,
        "target": names[link.target],
        "fields": list(link.fields),
        "grouping": link.grouping,
    }
    if arrow is not None:
        *label, _ = arrow.label
        found |= {
            "path": arrow.path,
            "label": label,
            "x": round(arrow.x),
            "y": round(arrow.y),
            "back": arrow.leads_back,
        }
    return found

"""Draws a topology as SVG: a ``diagram`` with a box for each component and an arrow for each subscription."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simulator.drawing.diagram import Arrow, Box, Diagram, diagram_to_svg
from simulator.drawing.words import (
    Edge,
    edge_words,
    edges_of,
    loop_lines,
    printable,
    tasks_words,
    title_line,
)
from simulator.model import Component, Topology, number_tasks

__all__ = ["to_svg"]


def to_svg(topology: Topology, conf: Mapping[str, object], *, flip: bool = False) -> str:
    """Return the topology as a page of SVG.

    Args:
        topology: what to draw.
        conf: the topology's configuration, on which the task ids depend.
        flip: draw from left to right instead of from top to bottom.
    """
    tasks = number_tasks(topology, conf)
    edges = edges_of(topology)
    boxes = [_box(topology, each, edges, tasks) for each in topology.components.values()]
    arrows = [
        Arrow(each.source, each.target, tuple(edge_words(topology, each)))
        for each in edges
        if each.source != each.target
    ]
    diagram = Diagram(title_line(topology, tasks), boxes, arrows, loop_lines(topology))
    return diagram_to_svg(diagram, flip=flip)


def _box(
    topology: Topology,
    component: Component,
    edges: Sequence[Edge],
    tasks: Mapping[str, tuple[int, ...]],
) -> Box:
    to_itself = [
        "↻ " + " · ".join(edge_words(topology, each))
        for each in edges
        if each.source == each.target == component.id
    ]
    return Box(
        component.id,
        (" · ".join(tasks_words(component, tasks)), *to_itself),
        shape="round" if component.kind == "spout" else "square",
        tip=printable(_runs(component)),
    )


def _runs(component: Component) -> str:
    return component.python_class or component.jvm_class or " ".join(component.command or ("?",))

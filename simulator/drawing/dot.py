"""Draws a topology in DOT, Graphviz' language, for other tools."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from simulator.drawing.words import edge_words, edges_of, printable, tasks_words, title_line
from simulator.model import Topology, number_tasks

__all__ = ["dot_lines", "dot_string", "to_dot"]


def to_dot(topology: Topology, conf: Mapping[str, object], *, flip: bool = False) -> str:
    """Return the topology as a graph in DOT, Graphviz' language.

    Args:
        topology: what to draw.
        conf: the topology's configuration, on which the task ids depend.
        flip: draw from left to right instead of from top to bottom.
    """
    tasks = number_tasks(topology, conf)
    lines = [
        f"digraph {dot_string(printable(topology.name))} {{",
        f"    graph [rankdir={'LR' if flip else 'TB'}, label={dot_string(title_line(topology, tasks))}];",
        '    node [shape=box, style=filled, fillcolor="#e3f0fc", fontname="monospace"];',
        '    edge [fontname="monospace"];',
    ]
    for component in topology.components.values():
        label = dot_lines([printable(component.id), "   ".join(tasks_words(component, tasks))])
        look = ', style="filled,rounded", fillcolor="#e4f5e1"' if component.kind == "spout" else ""
        lines.append(f"    {dot_string(printable(component.id))} [label={label}{look}];")
    for edge in edges_of(topology):
        label = dot_lines(edge_words(topology, edge))
        look = ", style=dashed" if edge.leads_back else ""
        ends = f"{dot_string(printable(edge.source))} -> {dot_string(printable(edge.target))}"
        lines.append(f"    {ends} [label={label}{look}];")
    return "\n".join([*lines, "}"]) + "\n"


def dot_string(words: str) -> str:
    """Return a text as a string of DOT."""
    return '"' + words.replace("\\", "\\\\").replace('"', '\\"') + '"'


def dot_lines(lines: Iterable[str]) -> str:
    """Return several lines as one string of DOT."""
    return '"' + "\\n".join(dot_string(line)[1:-1] for line in lines) + '"'

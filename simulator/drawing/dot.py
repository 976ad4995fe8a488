"""Draws a topology in DOT, Graphviz' language, for other tools."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from simulator.drawing.words import edge_words, edges_of, printable, tasks_words, title_line
from simulator.model import Topology, number_tasks

__all__ = ["to_dot"]


def to_dot(topology: Topology, conf: Mapping[str, object], *, flip: bool = False) -> str:
    """Return the topology as a graph in DOT, Graphviz' language.

    Args:
        topology: what to draw.
        conf: the topology's configuration, on which the task ids depend.
        flip: draw from left to right instead of from top to bottom.
    """
    tasks = number_tasks(topology, conf)
    lines = [
        f"digraph {_dot_string(printable(topology.name))} {{",
        f"    graph [rankdir={'LR' if flip else 'TB'}, label={_dot_string(title_line(topology, tasks))}];",
        '    node [shape=box, style=filled, fillcolor="#e3f0fc", fontname="monospace"];',
        '    edge [fontname="monospace"];',
    ]
    for component in topology.components.values():
        label = _dot_lines([printable(component.id), "   ".join(tasks_words(component, tasks))])
        look = ', style="filled,rounded", fillcolor="#e4f5e1"' if component.kind == "spout" else ""
        lines.append(f"    {_dot_string(printable(component.id))} [label={label}{look}];")
    for edge in edges_of(topology):
        label = _dot_lines(edge_words(topology, edge))
        look = ", style=dashed" if edge.leads_back else ""
        ends = f"{_dot_string(printable(edge.source))} -> {_dot_string(printable(edge.target))}"
        lines.append(f"    {ends} [label={label}{look}];")
    return "\n".join([*lines, "}"]) + "\n"


def _dot_string(words: str) -> str:
    return '"' + words.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _dot_lines(lines: Iterable[str]) -> str:
    return '"' + "\\n".join(_dot_string(line)[1:-1] for line in lines) + '"'

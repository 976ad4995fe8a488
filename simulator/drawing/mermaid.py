"""Draws a topology in Mermaid, which GitHub, GitLab and many wikis show as a picture inside Markdown.

Source: the flowchart of Mermaid 11 (https://mermaid.js.org/syntax/flowchart.html).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from simulator.drawing.words import edge_words, edges_of, printable, tasks_words, title_line
from simulator.model import Topology, number_tasks

__all__ = ["to_mermaid"]

#: Characters that mean themselves in a quoted label; all others are written as their numbers.
PLAIN: Final = " ,.:·×-_()[]/+=!?*"


def to_mermaid(topology: Topology, conf: Mapping[str, object], *, flip: bool = False) -> str:
    """Return the topology as a flowchart of Mermaid.

    Args:
        topology: what to draw.
        conf: the topology's configuration, on which the task ids depend.
        flip: draw from left to right instead of from top to bottom.
    """
    tasks = number_tasks(topology, conf)
    names = {name: f"c{number}" for number, name in enumerate(topology.components)}
    lines = [
        f"%% {_comment(title_line(topology, tasks))}",
        f"flowchart {'LR' if flip else 'TB'}",
    ]
    for component in topology.components.values():
        label = _label([printable(component.id), "   ".join(tasks_words(component, tasks))])
        shape = f"([{label}])" if component.kind == "spout" else f"[{label}]"
        lines.append(f"    {names[component.id]}{shape}")
    for edge in edges_of(topology):
        arrow = "-.->" if edge.leads_back else "-->"
        label = _label(edge_words(topology, edge))
        lines.append(f"    {names[edge.source]} {arrow}|{label}| {names[edge.target]}")
    return "\n".join(lines) + "\n"


def _label(lines: Iterable[str]) -> str:
    return '"' + "<br/>".join(map(_escaped, lines)) + '"'


def _escaped(line: str) -> str:
    return "".join(each if each.isalnum() or each in PLAIN else f"#{ord(each)};" for each in line)


def _comment(line: str) -> str:
    """A text that ends no comment and begins no directive: ``%%{`` does."""
    return line.replace("{", "(").replace("}", ")")

"""Draws a topology as SVG, layered (``layout``). A label is a box of its own in the layout, so nothing overlaps it."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple
from xml.sax.saxutils import escape

from simulator.drawing.layout import arrange, ranks_of, reading_order
from simulator.drawing.words import (
    Edge,
    columns_of,
    edge_words,
    edges_of,
    loop_lines,
    printable,
    tasks_words,
    title_line,
)
from simulator.model import Component, Topology, number_tasks

__all__ = ["to_svg"]

# A character of each of these monospaced fonts is at most 0.6 of its size wide, so the width of words is known without
# measuring.
FONT = "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace"
NAME_SIZE, SMALL_SIZE = 14, 12
CHARACTER = 0.6
LINE = 1.4
PADDING = 14
GAP = 22  # between neighbours
RANK_GAP = 34  # where the lines bend
STUB = 9  # the straight end of a line at a component, so that its arrow points at it
EDGE_MARGIN = 24
LABEL_CHARS = 30  # labels are wrapped at this length
PORT_GAP = 26  # between two lines at the same box, if it is wide enough


class _Box(NamedTuple):
    """Something that takes up room: a component, the label of an edge, or the point where a long edge passes a rank."""

    lines: tuple[str, ...] = ()
    component: Component | None = None

    @property
    def width(self) -> float:
        if not self.lines:
            return 0
        if self.component is None:
            return max(map(columns_of, self.lines)) * SMALL_SIZE * CHARACTER + 8
        head, *rest = (columns_of(line) for line in self.lines)
        widest = max(head * NAME_SIZE, *(columns * SMALL_SIZE for columns in rest))
        return widest * CHARACTER + 2 * PADDING

    @property
    def height(self) -> float:
        if not self.lines:
            return 0
        small = len(self.lines) * SMALL_SIZE * LINE
        if self.component is None:
            return small + 4
        return small + (NAME_SIZE - SMALL_SIZE) * LINE + PADDING


_Key = tuple[str | int, ...]  # ("component", id), or ("edge", number, rank)


class _Chain(NamedTuple):
    """An edge and the boxes on its way from the upper to the lower end, both included."""

    keys: tuple[_Key, ...]
    edge: Edge


class _Plan(NamedTuple):
    """The boxes of a drawing, by rank, and the chains that join them."""

    boxes: Mapping[_Key, _Box]
    ranks: list[list[_Key]]
    chains: list[_Chain]


def to_svg(topology: Topology, conf: Mapping[str, object], *, flip: bool = False) -> str:
    """Return the topology as a page of SVG.

    Args:
        topology: what to draw.
        conf: the topology's configuration, on which the task ids depend.
        flip: draw from left to right instead of from top to bottom.
    """
    tasks = number_tasks(topology, conf)
    plan = _plan(topology, tasks)
    frame = _Frame(plan, flip=flip)
    body = [*map(frame.path, plan.chains), *(frame.drawn(key) for key in plan.boxes)]
    title, loops = title_line(topology, tasks), loop_lines(topology)
    widest = max([title, *loops], key=columns_of)
    width = max(frame.width, columns_of(widest) * NAME_SIZE * CHARACTER + 2 * EDGE_MARGIN)
    height = frame.height + len(loops) * SMALL_SIZE * LINE
    notes = [
        _text(line, EDGE_MARGIN, frame.height + (number + 0.3) * SMALL_SIZE * LINE, anchor="start")
        for number, line in enumerate(loops)
    ]
    return (
        "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}"'
                f' viewBox="0 0 {width:.0f} {height:.0f}" font-family="{FONT}" font-size="{SMALL_SIZE}">',
                f"<title>{escape(title)}</title>",
                '<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8"'
                ' markerUnits="userSpaceOnUse" orient="auto">'
                '<path d="M0,0 L8,4 L0,8 z" fill="#5b6770"/></marker></defs>',
                '<rect width="100%" height="100%" fill="#ffffff"/>',
                _text(title, EDGE_MARGIN, EDGE_MARGIN, anchor="start", size=NAME_SIZE),
                *body,
                *notes,
                "</svg>",
            ]
        )
        + "\n"
    )


def _plan(topology: Topology, tasks: Mapping[str, tuple[int, ...]]) -> _Plan:
    edges = edges_of(topology)
    between = [each for each in edges if each.source != each.target]
    forward = [(each.source, each.target) for each in between if not each.leads_back]
    ranks = ranks_of([*topology.components], forward)
    boxes: dict[_Key, _Box] = {}
    for name, component in topology.components.items():
        to_itself = [
            "↻ " + " · ".join(edge_words(topology, each))
            for each in edges
            if each.source == each.target == name
        ]
        kind_and_ids = " · ".join(tasks_words(component, tasks))
        boxes["component", name] = _Box((printable(name), kind_and_ids, *to_itself), component)
    rows: list[list[_Key]] = [[] for _ in range(2 * max(ranks.values(), default=0) + 1)]
    for name in reading_order([*topology.components], forward):
        rows[2 * ranks[name]].append(("component", name))
    chains = []
    for number, edge in enumerate(between):
        upper, lower = (edge.target, edge.source) if edge.leads_back else (edge.source, edge.target)
        passed = range(2 * ranks[upper] + 1, 2 * ranks[lower])
        labelled = passed[-1] if edge.leads_back else passed[0]  # next to its source
        for rank in passed:
            lines = _label(topology, edge) if rank == labelled else ()
            boxes["edge", number, rank] = _Box(lines)
            rows[rank].append(("edge", number, rank))
        inner: list[_Key] = [("edge", number, rank) for rank in passed]
        chains.append(_Chain((("component", upper), *inner, ("component", lower)), edge))
    return _Plan(boxes, rows, chains)


def _label(topology: Topology, edge: Edge) -> tuple[str, ...]:
    lines = edge_words(topology, edge)
    return tuple(part for line in lines for part in textwrap.wrap(line, LABEL_CHARS) or [line])


class _Frame:
    """Places the boxes of a plan on the page.

    ``along`` is the direction of the tuples, ``across`` that of a rank. All that ``flip`` decides is which of them is
    x and which y.
    """

    def __init__(self, plan: _Plan, *, flip: bool) -> None:
        self._boxes = plan.boxes
        self._flip = flip
        links = [link for chain in plan.chains for link in pairwise(chain.keys)]
        breadths = {key: self._across_size(box) for key, box in plan.boxes.items()}
        self._across = arrange(plan.ranks, links, breadths, gap=GAP)
        self._bands: dict[_Key, tuple[float, float]] = {}
        start = 0.0
        for rank in plan.ranks:
            depth = max((self._along_size(plan.boxes[key]) for key in rank), default=0)
            self._bands |= dict.fromkeys(rank, (start, start + depth))
            start += depth + RANK_GAP
        self._ports = self._spread(plan.chains)
        length = start - RANK_GAP
        breadth = max((self._across[key] + breadths[key] / 2 for key in plan.boxes), default=0.0)
        self._top = EDGE_MARGIN + 2 * NAME_SIZE * LINE  # below the title
        across, along = (length, breadth) if flip else (breadth, length)
        self.width = across + 2 * EDGE_MARGIN
        self.height = along + self._top + EDGE_MARGIN

    def _across_size(self, box: _Box) -> float:
        return box.height if self._flip else box.width

    def _along_size(self, box: _Box) -> float:
        return box.width if self._flip else box.height

    def _spread(self, chains: Sequence[_Chain]) -> dict[tuple[_Key, _Key], float]:
        """Return where each line meets its component: side by side, in the order of their other ends."""
        ends: dict[tuple[_Key, bool], list[_Key]] = {}
        for chain in chains:
            first, second, *_ = chain.keys
            *_, last_but_one, last = chain.keys
            ends.setdefault((first, True), []).append(second)
            ends.setdefault((last, False), []).append(last_but_one)
        ports = {}
        for (component, _), others in ends.items():
            room = 0.7 * self._across_size(self._boxes[component])
            step = min(PORT_GAP, room / len(others))
            for place, other in enumerate(sorted(others, key=lambda key: self._across[key])):
                shift = (place - (len(others) - 1) / 2) * step
                ports[component, other] = self._across[component] + shift
        return ports

    def _point(self, across: float, along: float) -> str:
        x, y = (along, across) if self._flip else (across, along)
        return f"{x + EDGE_MARGIN:.1f},{y + self._top:.1f}"

    def path(self, chain: _Chain) -> str:
        """Return the line of an edge, with an arrow at its target: straight in a rank, bent between two."""
        first, second, *_ = chain.keys
        *_, last_but_one, last = chain.keys
        leaves, arrives = self._ports[first, second], self._ports[last, last_but_one]
        points = [(leaves, self._extent(first)[1]), (leaves, self._bands[first][1] + STUB)]
        for key in chain.keys[1:-1]:
            points += [(self._across[key], along) for along in self._bands[key]]
        points += [(arrives, self._bands[last][0] - STUB), (arrives, self._extent(last)[0])]
        if chain.edge.leads_back:
            points.reverse()
        steps = [f"M{self._point(*points[0])}"]
        for number, (before, after) in enumerate(pairwise(points)):
            if number % 2 == 0:
                steps.append(f"L{self._point(*after)}")
            else:
                middle = (before[1] + after[1]) / 2
                bends = f"{self._point(before[0], middle)} {self._point(after[0], middle)}"
                steps.append(f"C{bends} {self._point(*after)}")
        dashes = ' stroke-dasharray="6 4"' if chain.edge.leads_back else ""
        return (
            f'<path d="{" ".join(steps)}" fill="none" stroke="#5b6770" stroke-width="1.5"'
            f'{dashes} marker-end="url(#arrow)"/>'
        )

    def _extent(self, key: _Key) -> tuple[float, float]:
        """Return where a box begins and ends in the direction of the tuples: in the middle of its rank's band."""
        begins, ends = self._bands[key]
        spare = (ends - begins - self._along_size(self._boxes[key])) / 2
        return begins + spare, ends - spare

    def drawn(self, key: _Key) -> str:
        """Return a box: a component, or a label on a white ground that hides the line behind it."""
        box = self._boxes[key]
        if not box.lines:
            return ""
        across, along = self._across[key], sum(self._bands[key]) / 2
        x, y = (along, across) if self._flip else (across, along)
        x, y = x + EDGE_MARGIN, y + self._top
        look = _look(box.component)
        parts = [
            f'<rect x="{x - box.width / 2:.1f}" y="{y - box.height / 2:.1f}" width="{box.width:.1f}"'
            f' height="{box.height:.1f}" {look}/>'
        ]
        sizes = [SMALL_SIZE] * len(box.lines)
        if box.component is not None:
            sizes[0] = NAME_SIZE
        line_y = y - sum(sizes) * LINE / 2
        for line, size in zip(box.lines, sizes, strict=True):
            parts.append(_text(line, x, line_y + size * LINE / 2, size=size))
            line_y += size * LINE
        tip = f"<title>{escape(printable(_runs(box.component)))}</title>" if box.component else ""
        return f"<g>{tip}{''.join(parts)}</g>"


def _look(component: Component | None) -> str:
    if component is None:
        return 'fill="#ffffff"'
    if component.kind == "spout":
        return 'rx="18" fill="#e4f5e1" stroke="#4a8f3c" stroke-width="1.5"'
    return 'rx="3" fill="#e3f0fc" stroke="#3a77b0" stroke-width="1.5"'


def _runs(component: Component) -> str:
    return component.python_class or component.jvm_class or " ".join(component.command or ("?",))


def _text(words: str, x: float, y: float, *, anchor: str = "middle", size: int = SMALL_SIZE) -> str:
    look = ' font-weight="bold"' if size == NAME_SIZE else ""
    # The baseline is a third of the size below the middle; not every viewer knows dominant-baseline.
    return (
        f'<text x="{x:.1f}" y="{y + size * 0.34:.1f}" text-anchor="{anchor}" font-size="{size}"'
        f'{look} fill="#1c2630">{escape(words)}</text>'
    )

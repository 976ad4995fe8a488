"""Draws a layered diagram as SVG: boxes, and arrows between them. Nothing here knows what a box stands for.

``layout`` places the boxes. The label of an arrow is a box of its own in the layout, so nothing overlaps it. Equal
input gives equal text, byte for byte.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, NamedTuple
from xml.sax.saxutils import escape

from simulator.drawing.layout import arrange, back_edges, ranks_of, reading_order
from simulator.drawing.words import columns_of, printable

__all__ = [
    "FONT",
    "Arrow",
    "Box",
    "Diagram",
    "PlacedArrow",
    "PlacedBox",
    "PlacedDiagram",
    "diagram_to_svg",
    "place_diagram",
]


@dataclass(frozen=True)
class Box:
    """One box of a diagram.

    Attributes:
        name: its first line, in bold. Names are unique within a diagram; arrows refer to them.
        lines: the lines below the name.
        shape: "round" for what the arrows start from, "square" for all else.
        tip: the text that a browser shows when the mouse rests on the box; empty for none.
    """

    name: str
    lines: tuple[str, ...] = ()
    shape: Literal["round", "square"] = "square"
    tip: str = ""


@dataclass(frozen=True)
class Arrow:
    """An arrow between two different boxes, by their names, and the lines of its label."""

    source: str
    target: str
    label: tuple[str, ...] = ()


@dataclass(frozen=True)
class Diagram:
    """Boxes and arrows under a title; the notes are lines of text below them."""

    title: str
    boxes: Sequence[Box]
    arrows: Sequence[Arrow]
    notes: Sequence[str] = ()


class PlacedBox(NamedTuple):
    """Where a box is, in pixels: its left upper corner and its size."""

    x: float
    y: float
    width: float
    height: float


class PlacedArrow(NamedTuple):
    """Where an arrow is: its line as the ``d`` of an SVG path, and the lines of its label around their middle."""

    path: str
    label: tuple[str, ...]
    x: float
    y: float
    leads_back: bool


@dataclass(frozen=True)
class PlacedDiagram:
    """A diagram without its looks: for a program that draws it by itself.

    Attributes:
        width, height: the size of the drawing, in pixels.
        boxes: by name.
        arrows: in the order of the diagram.
    """

    width: float
    height: float
    boxes: Mapping[str, PlacedBox]
    arrows: Sequence[PlacedArrow]


# A character of each of these monospaced fonts is at most 0.6 of its size wide, so the width of words is known without
# measuring.
FONT = "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace"
NAME_SIZE, SMALL_SIZE = 14, 12
CHARACTER = 0.6
LINE = 1.4
PADDING = 14
GAP = 22  # between neighbours
RANK_GAP = 34  # where the lines bend
STUB = 9  # the straight end of a line at a box, so that its arrow points at it
EDGE_MARGIN = 24
LABEL_CHARS = 30  # labels are wrapped at this length
PORT_GAP = 26  # between two lines at the same box, if it is wide enough


class _Place(NamedTuple):
    """Something that takes up room: a box, the label of an arrow, or the point where a long arrow passes a rank."""

    lines: tuple[str, ...] = ()
    box: Box | None = None

    @property
    def width(self) -> float:
        if not self.lines:
            return 0
        if self.box is None:
            return max(map(columns_of, self.lines)) * SMALL_SIZE * CHARACTER + 8
        head, *rest = (columns_of(line) for line in self.lines)
        widest = max([head * NAME_SIZE, *(count * SMALL_SIZE for count in rest)])
        return widest * CHARACTER + 2 * PADDING

    @property
    def height(self) -> float:
        if not self.lines:
            return 0
        small = len(self.lines) * SMALL_SIZE * LINE
        if self.box is None:
            return small + 4
        return small + (NAME_SIZE - SMALL_SIZE) * LINE + PADDING


_Key = tuple[str | int, ...]  # ("box", name), or ("arrow", number, rank)


class _Chain(NamedTuple):
    """An arrow and the places on its way, both ends included; ``leads_back`` is True when it closes a loop."""

    keys: tuple[_Key, ...]
    leads_back: bool


class _Plan(NamedTuple):
    """The places of a drawing, by rank, and the chains that join them."""

    places: Mapping[_Key, _Place]
    ranks: list[list[_Key]]
    chains: list[_Chain]


def diagram_to_svg(diagram: Diagram, *, flip: bool = False) -> str:
    """Return the diagram as a page of SVG.

    Args:
        diagram: what to draw.
        flip: draw from left to right instead of from top to bottom.
    """
    plan = _plan(diagram)
    frame = _Frame(plan, flip=flip)
    body = [*map(frame.path, plan.chains), *(frame.drawn(key) for key in plan.places)]
    widest = max([diagram.title, *diagram.notes], key=columns_of)
    width = max(frame.width, columns_of(widest) * NAME_SIZE * CHARACTER + 2 * EDGE_MARGIN)
    height = frame.height + len(diagram.notes) * SMALL_SIZE * LINE
    notes = [
        _text(line, EDGE_MARGIN, frame.height + (number + 0.3) * SMALL_SIZE * LINE, anchor="start")
        for number, line in enumerate(diagram.notes)
    ]
    return (
        "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}"'
                f' viewBox="0 0 {width:.0f} {height:.0f}" font-family="{FONT}" font-size="{SMALL_SIZE}">',
                f"<title>{escape(diagram.title)}</title>",
                '<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8"'
                ' markerUnits="userSpaceOnUse" orient="auto">'
                '<path d="M0,0 L8,4 L0,8 z" fill="#5b6770"/></marker></defs>',
                '<rect width="100%" height="100%" fill="#ffffff"/>',
                _text(diagram.title, EDGE_MARGIN, EDGE_MARGIN, anchor="start", size=NAME_SIZE),
                *body,
                *notes,
                "</svg>",
            ]
        )
        + "\n"
    )


def place_diagram(diagram: Diagram, *, flip: bool = False) -> PlacedDiagram:
    """Return where ``diagram_to_svg`` puts each box and arrow; title and notes are left out.

    Args:
        diagram: what to place.
        flip: from left to right instead of from top to bottom.
    """
    plan = _plan(diagram)
    frame = _Frame(plan, flip=flip)
    boxes = {
        str(key[1]): frame.box(key) for key, place in plan.places.items() if place.box is not None
    }
    arrows = []
    for chain in plan.chains:
        labelled = next((key for key in chain.keys[1:-1] if plan.places[key].lines), chain.keys[1])
        label = plan.places[labelled].lines if len(chain.keys) > 2 else ()
        box = frame.box(labelled)
        middle = box.x + box.width / 2, box.y + box.height / 2
        arrows.append(PlacedArrow(frame.line(chain), label, *middle, chain.leads_back))
    return PlacedDiagram(frame.width, frame.height, boxes, arrows)


def _plan(diagram: Diagram) -> _Plan:
    names = [box.name for box in diagram.boxes]
    ends = [(arrow.source, arrow.target) for arrow in diagram.arrows]
    back = back_edges(names, ends)
    forward = [each for each in ends if each not in back]
    ranks = ranks_of(names, forward)
    boxes = {box.name: box for box in diagram.boxes}
    places: dict[_Key, _Place] = {
        ("box", name): _Place((printable(name), *box.lines), box) for name, box in boxes.items()
    }
    rows: list[list[_Key]] = [[] for _ in range(2 * max(ranks.values(), default=0) + 1)]
    for name in reading_order(names, forward):
        rows[2 * ranks[name]].append(("box", name))
    chains = []
    for number, arrow in enumerate(diagram.arrows):
        leads_back = (arrow.source, arrow.target) in back
        upper, lower = (arrow.target, arrow.source) if leads_back else (arrow.source, arrow.target)
        passed = range(2 * ranks[upper] + 1, 2 * ranks[lower])
        labelled = passed[-1] if leads_back else passed[0]  # beside its source
        for rank in passed:
            places["arrow", number, rank] = _Place(_label(arrow) if rank == labelled else ())
            rows[rank].append(("arrow", number, rank))
        inner: list[_Key] = [("arrow", number, rank) for rank in passed]
        chains.append(_Chain((("box", upper), *inner, ("box", lower)), leads_back))
    return _Plan(places, rows, chains)


def _label(arrow: Arrow) -> tuple[str, ...]:
    return tuple(
        part for line in arrow.label for part in textwrap.wrap(line, LABEL_CHARS) or [line]
    )


class _Frame:
    """Places the boxes of a plan on the page.

    ``along`` is the direction of the arrows, ``across`` that of a rank. All that ``flip`` decides is which of them is
    x and which y.
    """

    def __init__(self, plan: _Plan, *, flip: bool) -> None:
        self._places = plan.places
        self._flip = flip
        links = [link for chain in plan.chains for link in pairwise(chain.keys)]
        breadths = {key: self._across_size(place) for key, place in plan.places.items()}
        self._across = arrange(plan.ranks, links, breadths, gap=GAP)
        self._bands: dict[_Key, tuple[float, float]] = {}
        start = 0.0
        for rank in plan.ranks:
            depth = max((self._along_size(plan.places[key]) for key in rank), default=0)
            self._bands |= dict.fromkeys(rank, (start, start + depth))
            start += depth + RANK_GAP
        self._ports = self._spread(plan.chains)
        length = start - RANK_GAP
        breadth = max((self._across[key] + breadths[key] / 2 for key in plan.places), default=0.0)
        self._top = EDGE_MARGIN + 2 * NAME_SIZE * LINE  # below the title
        across, along = (length, breadth) if flip else (breadth, length)
        self.width = across + 2 * EDGE_MARGIN
        self.height = along + self._top + EDGE_MARGIN

    def _across_size(self, place: _Place) -> float:
        return place.height if self._flip else place.width

    def _along_size(self, place: _Place) -> float:
        return place.width if self._flip else place.height

    def _spread(self, chains: Sequence[_Chain]) -> dict[tuple[_Key, _Key], float]:
        """Return where each line meets its box: side by side, in the order of their other ends."""
        ends: dict[tuple[_Key, bool], list[_Key]] = {}
        for chain in chains:
            first, second, *_ = chain.keys
            *_, last_but_one, last = chain.keys
            ends.setdefault((first, True), []).append(second)
            ends.setdefault((last, False), []).append(last_but_one)
        ports = {}
        for (box, _), others in ends.items():
            room = 0.7 * self._across_size(self._places[box])
            step = min(PORT_GAP, room / len(others))
            for place, other in enumerate(sorted(others, key=lambda key: self._across[key])):
                shift = (place - (len(others) - 1) / 2) * step
                ports[box, other] = self._across[box] + shift
        return ports

    def _point(self, across: float, along: float) -> str:
        x, y = (along, across) if self._flip else (across, along)
        return f"{x + EDGE_MARGIN:.1f},{y + self._top:.1f}"

    def path(self, chain: _Chain) -> str:
        """Return an arrow."""
        dashes = ' stroke-dasharray="6 4"' if chain.leads_back else ""
        return (
            f'<path d="{self.line(chain)}" fill="none" stroke="#5b6770" stroke-width="1.5"'
            f'{dashes} marker-end="url(#arrow)"/>'
        )

    def line(self, chain: _Chain) -> str:
        """Return the line of an arrow, as the ``d`` of a path: straight in a rank, bent between two."""
        first, second, *_ = chain.keys
        *_, last_but_one, last = chain.keys
        leaves, arrives = self._ports[first, second], self._ports[last, last_but_one]
        points = [(leaves, self._extent(first)[1]), (leaves, self._bands[first][1] + STUB)]
        for key in chain.keys[1:-1]:
            points += [(self._across[key], along) for along in self._bands[key]]
        points += [(arrives, self._bands[last][0] - STUB), (arrives, self._extent(last)[0])]
        if chain.leads_back:
            points.reverse()
        steps = [f"M{self._point(*points[0])}"]
        for number, (before, after) in enumerate(pairwise(points)):
            if number % 2 == 0:
                steps.append(f"L{self._point(*after)}")
            else:
                middle = (before[1] + after[1]) / 2
                bends = f"{self._point(before[0], middle)} {self._point(after[0], middle)}"
                steps.append(f"C{bends} {self._point(*after)}")
        return " ".join(steps)

    def _extent(self, key: _Key) -> tuple[float, float]:
        """Return where a box begins and ends in the direction of the arrows: in the middle of its rank's band."""
        begins, ends = self._bands[key]
        spare = (ends - begins - self._along_size(self._places[key])) / 2
        return begins + spare, ends - spare

    def _middle(self, key: _Key) -> tuple[float, float]:
        across, along = self._across[key], sum(self._bands[key]) / 2
        x, y = (along, across) if self._flip else (across, along)
        return x + EDGE_MARGIN, y + self._top

    def box(self, key: _Key) -> PlacedBox:
        """Return where a box, or a label, is."""
        (x, y), place = self._middle(key), self._places[key]
        return PlacedBox(x - place.width / 2, y - place.height / 2, place.width, place.height)

    def drawn(self, key: _Key) -> str:
        """Return a box, or a label on a white ground that hides the line behind it."""
        place = self._places[key]
        if not place.lines:
            return ""
        x, y = self._middle(key)
        look = 'fill="#ffffff"' if place.box is None else _LOOKS[place.box.shape]
        parts = [
            f'<rect x="{x - place.width / 2:.1f}" y="{y - place.height / 2:.1f}" width="{place.width:.1f}"'
            f' height="{place.height:.1f}" {look}/>'
        ]
        sizes = [SMALL_SIZE] * len(place.lines)
        if place.box is not None:
            sizes[0] = NAME_SIZE
        line_y = y - sum(sizes) * LINE / 2
        for line, size in zip(place.lines, sizes, strict=True):
            parts.append(_text(line, x, line_y + size * LINE / 2, size=size))
            line_y += size * LINE
        tip = f"<title>{escape(place.box.tip)}</title>" if place.box and place.box.tip else ""
        return f"<g>{tip}{''.join(parts)}</g>"


_LOOKS = {
    "round": 'rx="18" fill="#e4f5e1" stroke="#4a8f3c" stroke-width="1.5"',
    "square": 'rx="3" fill="#e3f0fc" stroke="#3a77b0" stroke-width="1.5"',
}


def _text(words: str, x: float, y: float, *, anchor: str = "middle", size: int = SMALL_SIZE) -> str:
    look = ' font-weight="bold"' if size == NAME_SIZE else ""
    # The baseline is a third of the size below the middle; not every viewer knows dominant-baseline.
    return (
        f'<text x="{x:.1f}" y="{y + size * 0.34:.1f}" text-anchor="{anchor}" font-size="{size}"'
        f'{look} fill="#1c2630">{escape(words)}</text>'
    )

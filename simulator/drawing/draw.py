"""A topology as a picture: text for a terminal, SVG for a page, DOT for other tools.

All three show the same: components with their tasks, streams with their fields, and on each edge how the tuples are
shared out. The text is a list of components in reading order with wires in its left margin, one for each stream that
somebody takes: it begins at a stream's line and ends in an arrow at each subscriber's. Words repeat what wires show,
so the list is complete without them. The SVG is layered (``layout``); a label is a box of its own there, so
it never lies on anything. Pure functions, and nothing of the user's is imported.
"""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple
from xml.sax.saxutils import escape

from simulator.drawing.layout import arrange, back_edges, ranks_of, reading_order
from simulator.model import Component, Grouping, Stream, Topology, number_tasks

__all__ = ["as_ascii", "dot", "svg", "text"]


# -- words that all pictures share -------------------------------------------------------------------------------


class _Edge(NamedTuple):
    source: str
    stream: str
    target: str
    grouping: Grouping
    leads_back: bool  # it closes a loop


def _edges(topology: Topology) -> list[_Edge]:
    found = [
        (source, stream, bolt.id, grouping)
        for bolt in topology.components.values()
        for (source, stream), grouping in bolt.inputs.items()
        if source in topology.components
    ]
    back = back_edges([*topology.components], [(source, target) for source, _, target, _ in found])
    return [_Edge(*each, leads_back=(each[0], each[2]) in back) for each in found]


def _title(topology: Topology, tasks: Mapping[str, tuple[int, ...]]) -> str:
    total = sum(len(tasks[name]) for name in topology.components if name in tasks)
    counts = ((len(topology.spouts), "spout"), (len(topology.bolts), "bolt"), (total, "task"))
    words = ", ".join(f"{count} {noun}{'' if count == 1 else 's'}" for count, noun in counts)
    return f"{_plain(topology.name)}: {words}"


def _tasks(component: Component, tasks: Mapping[str, tuple[int, ...]]) -> tuple[str, str]:
    """What it is and how many there are, and their ids: ``bolt ×2``, ``tasks 3-4``."""
    own = tasks.get(component.id, ())
    if not own:
        return component.kind, "no task"
    if len(own) == 1:
        return component.kind, f"task {own[0]}"
    return f"{component.kind} ×{len(own)}", f"tasks {own[0]}-{own[-1]}"


def _carried(name: str, stream: Stream) -> str:
    """A stream's fields, with its name unless it is the default one."""
    fields = ", ".join(map(_plain, stream.fields)) or "no fields"
    direct = " (direct)" if stream.direct else ""
    return f"{fields}{direct}" if name == "default" else f"{_plain(name)}: {fields}{direct}"


def _shared(grouping: Grouping) -> str:
    """How tuples are shared among tasks: ``shuffle``, ``fields word``."""
    if grouping.kind == "custom":
        return f"custom {_plain((grouping.java_class or '').rpartition('.')[2])}".rstrip()
    return " ".join([grouping.kind, ", ".join(map(_plain, grouping.fields))]).rstrip()


def _loops(topology: Topology) -> list[str]:
    return ["loop: " + " -> ".join(map(_plain, [*loop, loop[0]])) for loop in topology.cycles()]


def _plain(name: str) -> str:
    """A name as it can be printed; what could not is written as in Python, ``\\n`` or ``\\x00``."""
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in name
    )


def _cells(words: str) -> int:
    """How many columns of a terminal it takes."""
    return sum(
        0 if unicodedata.combining(each) else 1 + (unicodedata.east_asian_width(each) in "WF")
        for each in words
    )


def _padded(words: str, cells: int) -> str:
    return words + " " * (cells - _cells(words))


# -- text --------------------------------------------------------------------------------------------------------

LEAST_WIDTH = 40


@dataclass(frozen=True)
class _Row:
    """A line of the list; ``wire`` is the stream whose wire comes in here, or goes out."""

    words: str = ""
    mark: str = " "
    wire: tuple[str, str] | None = None


def text(topology: Topology, conf: Mapping[str, object], width: int = 80) -> str:
    """The topology for a terminal of so many columns, which no line is longer than.

    ``conf`` is the topology's configuration, on which the task ids depend. Where the wires would leave too little
    room for the words they are left out, and a line says so.
    """
    width = max(width, LEAST_WIDTH)
    tasks = number_tasks(topology, conf)
    rows = _rows(topology, tasks)
    lanes = _lanes(rows)
    margin = 2 * (1 + max(lanes.values(), default=-1)) + 4  # of a drawing whose marks line up
    has_wires = margin <= width // 2
    lines = _wired(rows, lanes, width) if has_wires else _unwired(rows, width)
    end = _loops(topology)
    if not has_wires:
        end.insert(0, f"too many streams to draw their wires in {width} columns")
    title = _filled(_title(topology, tasks), width)
    more = [part for line in end for part in _filled(line, width)]
    return "\n".join([*title, "", *lines, *([""] if more else []), *more]) + "\n"


def as_ascii(picture: str) -> str:
    """The same text for a terminal that has no lines, dots and arrows to draw with."""
    return picture.translate(_ASCII)


_ASCII = str.maketrans("│─┌├└▶○●×", "|-+++>o*x")


def _rows(topology: Topology, tasks: Mapping[str, tuple[int, ...]]) -> list[_Row]:
    edges = _edges(topology)
    forward = [(each.source, each.target) for each in edges if not each.leads_back]
    kinds = {name: _tasks(each, tasks) for name, each in topology.components.items()}
    names_width = _column(map(_plain, topology.components), 30)
    kinds_width = _column((kind for kind, _ in kinds.values()), 30)
    shared_width = _column((_shared(each.grouping) for each in edges), 24)
    taken: dict[str, dict[str, None]] = {name: {} for name in topology.components}
    inputs: dict[str, list[_Edge]] = {name: [] for name in topology.components}
    for edge in edges:
        taken[edge.source][edge.stream] = None
        inputs[edge.target].append(edge)
    rows: list[_Row] = []
    for name in reading_order([*topology.components], forward):
        component = topology.components[name]
        kind, ids = kinds[name]
        head = f"{_padded(_plain(name), names_width)}   {_padded(kind, kinds_width)}   {ids}"
        rows += [_Row(), _Row(head, "○" if component.kind == "spout" else "●")]
        for edge in inputs[name]:
            words = f"{_padded(_shared(edge.grouping), shared_width)}   from {_whence(edge)}"
            rows.append(_Row(words, "▶", (edge.source, edge.stream)))
        for stream in [
            *component.outputs,
            *(each for each in taken[name] if each not in component.outputs),
        ]:
            rows.append(_stream_row(component, stream, is_taken=stream in taken[name]))
    return rows[1:]


def _column(words: Iterable[str], most: int) -> int:
    """How wide a column is to be; one long name must not push all others aside."""
    return min(max(map(_cells, words), default=0), most)


def _stream_row(component: Component, stream: str, *, is_taken: bool) -> _Row:
    declared = component.outputs.get(stream)
    # The streams of a JVM component are declared in Java, and known here by who takes them.
    words = _carried(stream, declared) if declared else f"{_plain(stream)}: declared in Java"
    return _Row(words, "─", (component.id, stream)) if is_taken else _Row(words)


def _whence(edge: _Edge) -> str:
    stream = "" if edge.stream == "default" else f", stream {_plain(edge.stream)}"
    return f"{_plain(edge.source)}{stream}"


def _spans(rows: Sequence[_Row]) -> dict[tuple[str, str], tuple[int, int]]:
    """The first and the last row of each wire."""
    spans: dict[tuple[str, str], tuple[int, int]] = {}
    for number, row in enumerate(rows):
        if row.wire:
            spans[row.wire] = (spans.get(row.wire, (number, 0))[0], number)
    return spans


def _lanes(rows: Sequence[_Row]) -> dict[tuple[str, str], int]:
    """The lane of each wire, counted from the words on: short wires inside, long ones around them."""
    spans = _spans(rows)
    lanes: dict[tuple[str, str], int] = {}
    held: list[list[tuple[int, int]]] = []  # the spans in each lane
    for wire, (first, last) in sorted(spans.items(), key=lambda item: item[1][1] - item[1][0]):
        free = (
            lane
            for lane, others in enumerate(held)
            if all(last < begins or ends < first for begins, ends in others)
        )
        lane = next(free, len(held))
        if lane == len(held):
            held.append([])
        held[lane].append((first, last))
        lanes[wire] = lane
    return lanes


def _wired(rows: Sequence[_Row], lanes: Mapping[tuple[str, str], int], width: int) -> Iterator[str]:
    spans = _spans(rows)
    count = 1 + max(lanes.values(), default=-1)
    for number, row in enumerate(rows):
        running = {
            lanes[wire]: (number > first, number < last)
            for wire, (first, last) in spans.items()
            if first <= number <= last
        }
        tapped = lanes[row.wire] if row.wire else None
        wires = "".join(
            _joint(lane, tapped, running.get(lane)) for lane in range(count - 1, -1, -1)
        )
        onward = "".join(
            "│ " if running.get(lane, (False, False))[1] else "  "
            for lane in range(count - 1, -1, -1)
        )
        dash = "─" if row.wire else " "
        first_line, *others = _wrapped(row, width - 2 * count - 3)
        yield f"{wires}{dash}{row.mark} {first_line}".rstrip()
        for line in others:
            yield f"{onward}   {line}".rstrip()


def _joint(lane: int, tapped: int | None, running: tuple[bool, bool] | None) -> str:
    """Two columns of the margin: a lane, and the space between it and the next."""
    reaches = tapped is not None and lane < tapped  # the tapped wire passes on its way to the words
    if running is None:
        return "──" if reaches else "  "
    if lane == tapped:
        return {(False, True): "┌─", (True, True): "├─", (True, False): "└─"}[running]
    return "│─" if reaches else "│ "


def _unwired(rows: Sequence[_Row], width: int) -> Iterator[str]:
    for row in rows:
        mark = row.mark if row.mark != "─" else " "
        first_line, *others = _wrapped(row, width - 2)
        yield f"{mark} {first_line}".rstrip()
        for line in others:
            yield f"  {line}".rstrip()


def _wrapped(row: _Row, width: int) -> list[str]:
    if _cells(row.words) <= width:
        return [row.words]
    # Columns are of no use in a line that is broken.
    return _filled(" ".join(row.words.split()), width, indent=2)


def _filled(words: str, width: int, *, indent: int = 0) -> list[str]:
    # textwrap counts characters; where some are two columns wide, half as many of them fit for certain.
    if _cells(words) > len(words):
        width //= 2
    return textwrap.wrap(words, width, subsequent_indent=" " * indent)


# -- dot ---------------------------------------------------------------------------------------------------------


def dot(topology: Topology, conf: Mapping[str, object], *, flip: bool = False) -> str:
    """The topology in Graphviz' language, from top to bottom or, flipped, from left to right."""
    tasks = number_tasks(topology, conf)
    lines = [
        f"digraph {_dot_string(_plain(topology.name))} {{",
        f"    graph [rankdir={'LR' if flip else 'TB'}, label={_dot_string(_title(topology, tasks))}];",
        '    node [shape=box, style=filled, fillcolor="#e3f0fc", fontname="monospace"];',
        '    edge [fontname="monospace"];',
    ]
    for component in topology.components.values():
        label = _dot_lines([_plain(component.id), "   ".join(_tasks(component, tasks))])
        look = ', style="filled,rounded", fillcolor="#e4f5e1"' if component.kind == "spout" else ""
        lines.append(f"    {_dot_string(_plain(component.id))} [label={label}{look}];")
    for edge in _edges(topology):
        label = _dot_lines(_edge_words(topology, edge))
        look = ", style=dashed" if edge.leads_back else ""
        ends = f"{_dot_string(_plain(edge.source))} -> {_dot_string(_plain(edge.target))}"
        lines.append(f"    {ends} [label={label}{look}];")
    return "\n".join([*lines, "}"]) + "\n"


def _dot_string(words: str) -> str:
    return '"' + words.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _dot_lines(lines: Iterable[str]) -> str:
    return '"' + "\\n".join(_dot_string(line)[1:-1] for line in lines) + '"'


def _edge_words(topology: Topology, edge: _Edge) -> list[str]:
    """What flows along an edge, and how it is shared out."""
    stream = topology.components[edge.source].outputs.get(edge.stream)
    if stream is None:
        carried = [] if edge.stream == "default" else [_plain(edge.stream)]
    else:
        carried = [_carried(edge.stream, stream)]
    return [*carried, _shared(edge.grouping)]


# -- svg ---------------------------------------------------------------------------------------------------------

# A character of a monospaced font is 0.6 of its size wide, in every font of the list or narrower: so boxes fit their
# words without anybody measuring them.
FONT = "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace"
NAME_SIZE, SMALL_SIZE = 14, 12
CHARACTER = 0.6
LINE = 1.4
PADDING = 14
GAP = 22  # between neighbours
RANK_GAP = 34  # where the lines bend
STUB = 9  # a line is straight where it meets a component, or its arrow would point aside
EDGE_MARGIN = 24
LABEL_CHARS = 30  # a long list of fields is broken here
PORT_GAP = 26  # between two lines at the same box, where it is wide enough


class _Box(NamedTuple):
    """Something with a place of its own: a component, the label of an edge, or where a long edge passes a rank."""

    lines: tuple[str, ...] = ()
    component: Component | None = None

    @property
    def width(self) -> float:
        if not self.lines:
            return 0
        if self.component is None:
            return max(map(_cells, self.lines)) * SMALL_SIZE * CHARACTER + 8
        head, *rest = (_cells(line) for line in self.lines)
        widest = max(head * NAME_SIZE, *(cells * SMALL_SIZE for cells in rest))
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
    """An edge, downward: the boxes it passes, ends included."""

    keys: tuple[_Key, ...]
    edge: _Edge


class _Plan(NamedTuple):
    """All boxes of a drawing, by rank, and the chains that join them."""

    boxes: Mapping[_Key, _Box]
    ranks: list[list[_Key]]
    chains: list[_Chain]


def svg(topology: Topology, conf: Mapping[str, object], *, flip: bool = False) -> str:
    """The topology as a page of SVG, from top to bottom or, flipped, from left to right."""
    tasks = number_tasks(topology, conf)
    plan = _plan(topology, tasks)
    frame = _Frame(plan, flip=flip)
    body = [*map(frame.path, plan.chains), *(frame.drawn(key) for key in plan.boxes)]
    title, loops = _title(topology, tasks), _loops(topology)
    widest = max([title, *loops], key=_cells)
    width = max(frame.width, _cells(widest) * NAME_SIZE * CHARACTER + 2 * EDGE_MARGIN)
    height = frame.height + len(loops) * SMALL_SIZE * LINE
    notes = [
        _words(line, EDGE_MARGIN, frame.height + (number + 0.3) * SMALL_SIZE * LINE, anchor="start")
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
                _words(title, EDGE_MARGIN, EDGE_MARGIN, anchor="start", size=NAME_SIZE),
                *body,
                *notes,
                "</svg>",
            ]
        )
        + "\n"
    )


def _plan(topology: Topology, tasks: Mapping[str, tuple[int, ...]]) -> _Plan:
    edges = _edges(topology)
    between = [each for each in edges if each.source != each.target]
    forward = [(each.source, each.target) for each in between if not each.leads_back]
    ranks = ranks_of([*topology.components], forward)
    boxes: dict[_Key, _Box] = {}
    for name, component in topology.components.items():
        to_itself = [
            "↻ " + " · ".join(_edge_words(topology, each))
            for each in edges
            if each.source == each.target == name
        ]
        kind_and_ids = " · ".join(_tasks(component, tasks))
        boxes["component", name] = _Box((_plain(name), kind_and_ids, *to_itself), component)
    rows: list[list[_Key]] = [[] for _ in range(2 * max(ranks.values(), default=0) + 1)]
    for name in reading_order([*topology.components], forward):
        rows[2 * ranks[name]].append(("component", name))
    chains = []
    for number, edge in enumerate(between):
        upper, lower = (edge.target, edge.source) if edge.leads_back else (edge.source, edge.target)
        passed = range(2 * ranks[upper] + 1, 2 * ranks[lower])
        labelled = passed[-1] if edge.leads_back else passed[0]  # beside its source
        for rank in passed:
            lines = _label(topology, edge) if rank == labelled else ()
            boxes["edge", number, rank] = _Box(lines)
            rows[rank].append(("edge", number, rank))
        inner: list[_Key] = [("edge", number, rank) for rank in passed]
        chains.append(_Chain((("component", upper), *inner, ("component", lower)), edge))
    return _Plan(boxes, rows, chains)


def _label(topology: Topology, edge: _Edge) -> tuple[str, ...]:
    lines = _edge_words(topology, edge)
    return tuple(part for line in lines for part in textwrap.wrap(line, LABEL_CHARS) or [line])


class _Frame:
    """The places of a plan's boxes on the page.

    ``along`` runs with the tuples, ``across`` is along a rank; which of them is x and which y is the only thing that
    a flipped drawing has different.
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
        """Where each line meets its component: side by side, in the order of where they lead."""
        led: dict[tuple[_Key, bool], list[_Key]] = {}
        for chain in chains:
            first, second, *_ = chain.keys
            *_, last_but_one, last = chain.keys
            led.setdefault((first, True), []).append(second)
            led.setdefault((last, False), []).append(last_but_one)
        ports = {}
        for (component, _), others in led.items():
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
        """A line from source to target, with an arrow: straight past a rank, bent between two."""
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
        """Where a box begins and ends along the way: in the middle of its rank's band."""
        begins, ends = self._bands[key]
        spare = (ends - begins - self._along_size(self._boxes[key])) / 2
        return begins + spare, ends - spare

    def drawn(self, key: _Key) -> str:
        """A component, or a label on the white that hides the line behind it."""
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
            parts.append(_words(line, x, line_y + size * LINE / 2, size=size))
            line_y += size * LINE
        tip = f"<title>{escape(_plain(_runs(box.component)))}</title>" if box.component else ""
        return f"<g>{tip}{''.join(parts)}</g>"


def _look(component: Component | None) -> str:
    if component is None:
        return 'fill="#ffffff"'
    if component.kind == "spout":
        return 'rx="18" fill="#e4f5e1" stroke="#4a8f3c" stroke-width="1.5"'
    return 'rx="3" fill="#e3f0fc" stroke="#3a77b0" stroke-width="1.5"'


def _runs(component: Component) -> str:
    return component.python_class or component.jvm_class or " ".join(component.command or ("?",))


def _words(
    words: str, x: float, y: float, *, anchor: str = "middle", size: int = SMALL_SIZE
) -> str:
    look = ' font-weight="bold"' if size == NAME_SIZE else ""
    # A third of the size below the middle is where the letters stand; dominant-baseline is not known everywhere.
    return (
        f'<text x="{x:.1f}" y="{y + size * 0.34:.1f}" text-anchor="{anchor}" font-size="{size}"'
        f'{look} fill="#1c2630">{escape(words)}</text>'
    )

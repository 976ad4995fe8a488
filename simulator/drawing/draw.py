"""A topology as a picture: text for a terminal, SVG for a page, DOT for other tools.

All three show the same: components with their tasks, streams with their fields, and on each edge how the tuples are
shared out. The text is a list of components in reading order with wires in its left margin, one for each stream that
somebody takes: it begins at a stream's line and ends in an arrow at each subscriber's. Words repeat what wires show,
so the list is complete without them. The SVG is a layered ``diagram``. Pure functions, and nothing of the user's is
imported.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from simulator.drawing.diagram import Arrow, Box, Diagram, cells, diagram_svg, printable
from simulator.drawing.layout import back_edges, reading_order
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
    return f"{printable(topology.name)}: {words}"


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
    fields = ", ".join(map(printable, stream.fields)) or "no fields"
    direct = " (direct)" if stream.direct else ""
    return f"{fields}{direct}" if name == "default" else f"{printable(name)}: {fields}{direct}"


def _shared(grouping: Grouping) -> str:
    """How tuples are shared among tasks: ``shuffle``, ``fields word``."""
    if grouping.kind == "custom":
        return f"custom {printable((grouping.java_class or '').rpartition('.')[2])}".rstrip()
    return " ".join([grouping.kind, ", ".join(map(printable, grouping.fields))]).rstrip()


def _loops(topology: Topology) -> list[str]:
    return ["loop: " + " -> ".join(map(printable, [*loop, loop[0]])) for loop in topology.cycles()]


def _padded(words: str, width: int) -> str:
    return words + " " * (width - cells(words))


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
    names_width = _column(map(printable, topology.components), 30)
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
        head = f"{_padded(printable(name), names_width)}   {_padded(kind, kinds_width)}   {ids}"
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
    return min(max(map(cells, words), default=0), most)


def _stream_row(component: Component, stream: str, *, is_taken: bool) -> _Row:
    declared = component.outputs.get(stream)
    # The streams of a JVM component are declared in Java, and known here by who takes them.
    words = _carried(stream, declared) if declared else f"{printable(stream)}: declared in Java"
    return _Row(words, "─", (component.id, stream)) if is_taken else _Row(words)


def _whence(edge: _Edge) -> str:
    stream = "" if edge.stream == "default" else f", stream {printable(edge.stream)}"
    return f"{printable(edge.source)}{stream}"


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
    if cells(row.words) <= width:
        return [row.words]
    # Columns are of no use in a line that is broken.
    return _filled(" ".join(row.words.split()), width, indent=2)


def _filled(words: str, width: int, *, indent: int = 0) -> list[str]:
    # textwrap counts characters; where some are two columns wide, half as many of them fit for certain.
    if cells(words) > len(words):
        width //= 2
    return textwrap.wrap(words, width, subsequent_indent=" " * indent)


# -- dot ---------------------------------------------------------------------------------------------------------


def dot(topology: Topology, conf: Mapping[str, object], *, flip: bool = False) -> str:
    """The topology in Graphviz' language, from top to bottom or, flipped, from left to right."""
    tasks = number_tasks(topology, conf)
    lines = [
        f"digraph {_dot_string(printable(topology.name))} {{",
        f"    graph [rankdir={'LR' if flip else 'TB'}, label={_dot_string(_title(topology, tasks))}];",
        '    node [shape=box, style=filled, fillcolor="#e3f0fc", fontname="monospace"];',
        '    edge [fontname="monospace"];',
    ]
    for component in topology.components.values():
        label = _dot_lines([printable(component.id), "   ".join(_tasks(component, tasks))])
        look = ', style="filled,rounded", fillcolor="#e4f5e1"' if component.kind == "spout" else ""
        lines.append(f"    {_dot_string(printable(component.id))} [label={label}{look}];")
    for edge in _edges(topology):
        label = _dot_lines(_edge_words(topology, edge))
        look = ", style=dashed" if edge.leads_back else ""
        ends = f"{_dot_string(printable(edge.source))} -> {_dot_string(printable(edge.target))}"
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
        carried = [] if edge.stream == "default" else [printable(edge.stream)]
    else:
        carried = [_carried(edge.stream, stream)]
    return [*carried, _shared(edge.grouping)]


# -- svg ---------------------------------------------------------------------------------------------------------


def svg(topology: Topology, conf: Mapping[str, object], *, flip: bool = False) -> str:
    """The topology as a page of SVG, from top to bottom or, flipped, from left to right."""
    tasks = number_tasks(topology, conf)
    edges = _edges(topology)
    arrows = [
        Arrow(each.source, each.target, tuple(_edge_words(topology, each)))
        for each in edges
        if each.source != each.target
    ]
    boxes = [_box(topology, each, edges, tasks) for each in topology.components.values()]
    return diagram_svg(Diagram(_title(topology, tasks), boxes, arrows, _loops(topology)), flip=flip)


def _box(
    topology: Topology,
    component: Component,
    edges: Iterable[_Edge],
    tasks: Mapping[str, tuple[int, ...]],
) -> Box:
    to_itself = [
        "↻ " + " · ".join(_edge_words(topology, each))
        for each in edges
        if each.source == each.target == component.id
    ]
    return Box(
        component.id,
        (" · ".join(_tasks(component, tasks)), *to_itself),
        shape="round" if component.kind == "spout" else "square",
        tip=printable(_runs(component)),
    )


def _runs(component: Component) -> str:
    return component.python_class or component.jvm_class or " ".join(component.command or ("?",))

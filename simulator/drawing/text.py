"""Draws a topology as text for a terminal.

The components are listed in reading order, with wires in the left margin: one for each stream that has a subscriber. A
wire begins at its stream's line and ends in an arrow at each subscriber's. The words repeat what the wires show, so the
list is complete without them.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from simulator.drawing.layout import reading_order
from simulator.drawing.words import (
    Edge,
    columns_of,
    edges_of,
    grouping_words,
    loop_lines,
    printable,
    stream_words,
    tasks_words,
    title_line,
)
from simulator.model import Component, Topology, number_tasks

__all__ = ["as_ascii", "to_text"]

LEAST_WIDTH = 40


@dataclass(frozen=True)
class _Row:
    """A line of the list.

    Attributes:
        words: what it says.
        mark: the character in front of the words.
        wire: the component and the stream whose wire starts or ends here.
    """

    words: str = ""
    mark: str = " "
    wire: tuple[str, str] | None = None


def to_text(topology: Topology, conf: Mapping[str, object], width: int = 80) -> str:
    """Return the topology as a list of components with wires in its left margin.

    Where the wires leave too little room for the words they are left out, and a line says so.

    Args:
        topology: what to draw.
        conf: the topology's configuration, on which the task ids depend.
        width: columns of the terminal, at least 40; no line is longer.
    """
    width = max(width, LEAST_WIDTH)
    tasks = number_tasks(topology, conf)
    rows = _rows(topology, tasks)
    lanes = _lanes(rows)
    margin = 2 * (1 + max(lanes.values(), default=-1)) + 4  # of a drawing whose marks line up
    has_wires = margin <= width // 2
    lines = _wired(rows, lanes, width) if has_wires else _unwired(rows, width)
    end = loop_lines(topology)
    if not has_wires:
        end.insert(0, f"too many streams to draw their wires in {width} columns")
    title = _filled(title_line(topology, tasks), width)
    more = [part for line in end for part in _filled(line, width)]
    return "\n".join([*title, "", *lines, *([""] if more else []), *more]) + "\n"


def as_ascii(picture: str) -> str:
    """Return a picture of ``to_text`` with ASCII characters for its lines, dots and arrows."""
    return picture.translate(_ASCII)


_ASCII = str.maketrans("│─┌├└▶○●×", "|-+++>o*x")


def _rows(topology: Topology, tasks: Mapping[str, tuple[int, ...]]) -> list[_Row]:
    edges = edges_of(topology)
    forward = [(each.source, each.target) for each in edges if not each.leads_back]
    kinds = {name: tasks_words(each, tasks) for name, each in topology.components.items()}
    names_width = _column(map(printable, topology.components), 30)
    kinds_width = _column((kind for kind, _ in kinds.values()), 30)
    shared_width = _column((grouping_words(each.grouping) for each in edges), 24)
    taken: dict[str, dict[str, None]] = {name: {} for name in topology.components}
    inputs: dict[str, list[Edge]] = {name: [] for name in topology.components}
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
            words = f"{_padded(grouping_words(edge.grouping), shared_width)}   from {_source_words(edge)}"
            rows.append(_Row(words, "▶", (edge.source, edge.stream)))
        for stream in [
            *component.outputs,
            *(each for each in taken[name] if each not in component.outputs),
        ]:
            rows.append(_stream_row(component, stream, is_taken=stream in taken[name]))
    return rows[1:]


def _padded(words: str, columns: int) -> str:
    return words + " " * (columns - columns_of(words))


def _column(words: Iterable[str], most: int) -> int:
    """Return the width of a column: its longest words, but at most ``most``; one long name does not widen all."""
    return min(max(map(columns_of, words), default=0), most)


def _stream_row(component: Component, stream: str, *, is_taken: bool) -> _Row:
    declared = component.outputs.get(stream)
    # The streams of a JVM component are declared in Java, and known here by who takes them.
    words = stream_words(stream, declared) if declared else f"{printable(stream)}: declared in Java"
    return _Row(words, "─", (component.id, stream)) if is_taken else _Row(words)


def _source_words(edge: Edge) -> str:
    stream = "" if edge.stream == "default" else f", stream {printable(edge.stream)}"
    return f"{printable(edge.source)}{stream}"


def _spans(rows: Sequence[_Row]) -> dict[tuple[str, str], tuple[int, int]]:
    """Return the first and the last row of each wire."""
    spans: dict[tuple[str, str], tuple[int, int]] = {}
    for number, row in enumerate(rows):
        if row.wire:
            spans[row.wire] = (spans.get(row.wire, (number, 0))[0], number)
    return spans


def _lanes(rows: Sequence[_Row]) -> dict[tuple[str, str], int]:
    """Return the lane of each wire, counted from the words on: short wires inside, long ones around them."""
    spans = _spans(rows)
    lanes: dict[tuple[str, str], int] = {}
    taken: list[list[tuple[int, int]]] = []  # the spans in each lane
    for wire, (first, last) in sorted(spans.items(), key=lambda item: item[1][1] - item[1][0]):
        free = (
            lane
            for lane, others in enumerate(taken)
            if all(last < begins or ends < first for begins, ends in others)
        )
        lane = next(free, len(taken))
        if lane == len(taken):
            taken.append([])
        taken[lane].append((first, last))
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
    """Return two columns of the margin: a lane, and the space between it and the next."""
    reaches = tapped is not None and lane < tapped  # the tapped wire crosses this lane
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
    if columns_of(row.words) <= width:
        return [row.words]
    # A wrapped line has no columns.
    return _filled(" ".join(row.words.split()), width, indent=2)


def _filled(words: str, width: int, *, indent: int = 0) -> list[str]:
    # textwrap counts characters. Where some are two columns wide, half as many surely fit.
    if columns_of(words) > len(words):
        width //= 2
    return textwrap.wrap(words, width, subsequent_indent=" " * indent)

"""The tuple that a log line or an error belongs to: the one that its task was at work on."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from simulator.engine import events as trace_events
from simulator.page.source import ErrorReport, LogLine
from simulator.page.tables import KINDS, NOTHING, Tables

__all__ = ["tuples_of"]

_EMIT, _ACK, _FAIL = KINDS[trace_events.Emit], KINDS[trace_events.Ack], KINDS[trace_events.Fail]


def tuples_of(lines: Sequence[LogLine | ErrorReport], tables: Tables) -> list[int]:
    """The copy that each line belongs to, -1 where that is not known.

    What a task says in a turn is routed in the order in which it was said. So a line belongs to the tuple that the
    task's next emit, ack or fail of the same instant names; behind all of them, to the only tuple that it took at this
    instant.

    Args:
        lines: log lines, or errors.
        tables: the tables of the run.
    """
    if not lines:
        return []
    said = _said_by_task(tables)
    taken = _taken_by_task(tables)
    return [_copy_of(each, tables, said, taken) for each in lines]


def _copy_of(
    line: LogLine | ErrorReport,
    tables: Tables,
    said: dict[int, list[int]],
    taken: dict[tuple[int, int], list[int]],
) -> int:
    events = tables.events
    own = said.get(line.task, [])
    if line.after >= 0:
        at = bisect_left(own, line.after)
        if at < len(own) and events.at[own[at]] == line.at_ms:
            return _named(own[at], tables)
    here = taken.get((line.task, line.at_ms), [])
    return here[0] if len(here) == 1 else NOTHING


def _named(event: int, tables: Tables) -> int:
    """The copy that an emit is anchored to first, or that an ack or a fail settles."""
    ref = tables.events.ref[event]
    if tables.events.kind[event] != _EMIT:
        return ref
    anchors = tables.emits.anchors[ref]
    return anchors[0] if anchors else NOTHING


def _said_by_task(tables: Tables) -> dict[int, list[int]]:
    """The emits, acks and fails of each task, by their places."""
    found: dict[int, list[int]] = {}
    events = tables.events
    for place, kind in enumerate(events.kind):
        if kind in (_EMIT, _ACK, _FAIL):
            found.setdefault(events.task[place], []).append(place)
    return found


def _taken_by_task(tables: Tables) -> dict[tuple[int, int], list[int]]:
    """The copies that each task took at each instant."""
    found: dict[tuple[int, int], list[int]] = {}
    copies = tables.copies
    for row, at_ms in enumerate(copies.start):
        if at_ms != NOTHING:
            found.setdefault((copies.task[row], at_ms), []).append(row)
    return found

"""The tables of a page: events, emits, copies and trees as columns of numbers, which a browser reads quickly.

Every event keeps its place. Times are virtual milliseconds. A column refers to a row of another table by its index, and
to a text by its index in the table of texts; -1 is nothing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from simulator.engine import events as trace_events
from simulator.page.source import Wave

__all__ = ["Tables", "Texts", "make_tables"]

NOTHING: Final = -1
MOST_TREES: Final = 1000  # that an emit is in: one with more anchors is in those of the first
KINDS: Final = {event: place for place, event in enumerate(trace_events.EVENTS.values())}

# The fate of a copy, and of a tree: places in these lists are what the columns hold.
STATES: Final = ("held", "acked", "failed", "lost")
HELD, ACKED, FAILED, LOST = range(4)
OUTCOMES: Final = ("pending", "acked", "failed", "timeout", "untracked", "forgotten")
PENDING, TREE_ACKED, TREE_FAILED, TIMEOUT, UNTRACKED, FORGOTTEN = range(6)


class Texts:
    """A table of texts, each once.

    Attributes:
        rows: the texts.
    """

    def __init__(self) -> None:
        self.rows: list[str] = []
        self._places: dict[str, int] = {}

    def __call__(self, text: str) -> int:
        """The place of a text, which is added if it is new."""
        place = self._places.get(text)
        if place is None:
            place = self._places[text] = len(self.rows)
            self.rows.append(text)
        return place


@dataclass
class Events:
    """One row an event.

    Attributes:
        at: when.
        kind: which event: its place in ``EVENTS``.
        task: its task.
        ref: the emit of an emit, the tree of an acked or failed, the copy of all else that names a tuple.
        text: of a died, an error or a fault, its words.
    """

    at: list[int] = field(default_factory=list)
    kind: list[int] = field(default_factory=list)
    task: list[int] = field(default_factory=list)
    ref: list[int] = field(default_factory=list)
    text: dict[int, int] = field(default_factory=dict)


@dataclass
class Emits:
    """One row an emit: its event, stream, values, message id, anchors (copies), and the trees that it is in."""

    event: list[int] = field(default_factory=list)
    stream: list[int] = field(default_factory=list)
    values: list[int] = field(default_factory=list)
    id: list[int] = field(default_factory=list)
    anchors: list[Sequence[int]] = field(default_factory=list)
    trees: list[Sequence[int]] = field(default_factory=list)


@dataclass
class Copies:
    """One row a copy: its emit, task, Storm's id, when it arrives, is taken and is settled, its state, and a fault."""

    emit: list[int] = field(default_factory=list)
    task: list[int] = field(default_factory=list)
    id: list[str] = field(default_factory=list)
    due: list[int] = field(default_factory=list)
    start: list[int] = field(default_factory=list)
    end: list[int] = field(default_factory=list)
    state: list[int] = field(default_factory=list)
    fault: list[int] = field(default_factory=list)


@dataclass
class Trees:
    """One row an emit that began a tree: the emit, its attempt (from 1), the first attempt's tree, outcome and end."""

    emit: list[int] = field(default_factory=list)
    attempt: list[int] = field(default_factory=list)
    first: list[int] = field(default_factory=list)
    outcome: list[int] = field(default_factory=list)
    end: list[int] = field(default_factory=list)


@dataclass
class Tables:
    """The tables of a run.

    Attributes:
        lost: how many copies each restart has lost, by its event.
    """

    texts: Texts = field(default_factory=Texts)
    events: Events = field(default_factory=Events)
    emits: Emits = field(default_factory=Emits)
    copies: Copies = field(default_factory=Copies)
    trees: Trees = field(default_factory=Trees)
    lost: dict[int, int] = field(default_factory=dict)
    end_ms: int = 0

    def take_from(self, whole: Tables, kept: Sequence[int]) -> Sequence[int]:
        """Take times, fates and outcomes from the whole run, of which these are the tables of a sample.

        Args:
            whole: the tables of the whole run.
            kept: the place in the whole run of each event of the sample.

        Returns:
            The row here of each copy of the whole run; -1 for a copy that is not in the sample.
        """
        rows = {tuple_id: row for row, tuple_id in enumerate(self.copies.id)}
        places = [rows.get(tuple_id, NOTHING) for tuple_id in whole.copies.id]
        own, other = self.copies, whole.copies
        for place, row in enumerate(places):
            if row != NOTHING:
                own.due[row], own.start[row] = other.due[place], other.start[place]
                own.end[row], own.state[row] = other.end[place], other.state[place]
        for tree, emit in enumerate(self.trees.emit):
            same = whole.emits.trees[whole.events.ref[kept[self.emits.event[emit]]]][0]
            self.trees.outcome[tree] = whole.trees.outcome[same]
            self.trees.attempt[tree] = whole.trees.attempt[same]
            self.trees.end[tree] = whole.trees.end[same]
        self.lost = {
            place: whole.lost[before] for place, before in enumerate(kept) if before in whole.lost
        }
        self.end_ms = whole.end_ms
        return places


class _Reader:
    """Reads events in order into tables."""

    def __init__(self) -> None:
        self.tables = Tables()
        self._copy_of: dict[str, int] = {}  # by Storm's tuple id
        self._unsettled: dict[int, dict[int, None]] = {}  # copies, by task
        self._delayed: set[int] = set()  # copies that arrive later than the wave after their emit
        self._waiting: dict[int, dict[str, deque[int]]] = {}  # trees of a spout, by task and id
        self._first: dict[tuple[int, str], tuple[int, int]] = {}  # tree, and attempts so far

    def read(self, event: trace_events.Event) -> None:
        events = self.tables.events
        place = len(events.at)
        events.at.append(event.at_ms)
        events.kind.append(KINDS[type(event)])
        events.task.append(event.task)
        handle = self._HANDLERS.get(type(event))
        events.ref.append(NOTHING if handle is None else handle(self, event, place))

    # -- each event; returns what the event refers to

    def _emit(self, event: trace_events.Emit, place: int) -> int:
        tables = self.tables
        emits, texts = tables.emits, tables.texts
        row = len(emits.event)
        anchors = [self._copy_of[each] for each in event.anchors or () if each in self._copy_of]
        emits.event.append(place)
        emits.stream.append(texts(event.stream))
        emits.values.append(texts(event.values_json))
        emits.id.append(NOTHING if event.id_json is None else texts(event.id_json))
        emits.anchors.append(anchors)
        emits.trees.append(self._trees_of(anchors) if anchors else [self._root(event, row)])
        for task, tuple_id in event.to:
            self._add_copy(row, task, tuple_id, event.at_ms + 1)
        return row

    def _trees_of(self, anchors: Sequence[int]) -> Sequence[int]:
        emits, copies = self.tables.emits, self.tables.copies
        first = emits.trees[copies.emit[anchors[0]]]
        if len(anchors) == 1:
            return first
        joined = dict.fromkeys(first)
        for each in anchors[1:]:
            joined |= dict.fromkeys(emits.trees[copies.emit[each]])
        return [*joined][:MOST_TREES]

    def _root(self, event: trace_events.Emit, row: int) -> int:
        trees = self.tables.trees
        tree = len(trees.emit)
        trees.emit.append(row)
        trees.end.append(NOTHING)
        if event.id_json is None:
            trees.attempt.append(1)
            trees.first.append(tree)
            trees.outcome.append(UNTRACKED)
            return tree
        key = (event.task, event.id_json)
        first, attempts = self._first.get(key, (tree, 0))
        self._first[key] = first, attempts + 1
        trees.attempt.append(attempts + 1)
        trees.first.append(first)
        trees.outcome.append(PENDING)
        waiting = self._waiting.setdefault(event.task, {})
        waiting.setdefault(event.id_json, deque()).append(tree)
        return tree

    def _add_copy(self, emit: int, task: int, tuple_id: str, due_ms: int) -> int:
        copies = self.tables.copies
        row = len(copies.emit)
        copies.emit.append(emit)
        copies.task.append(task)
        copies.id.append(tuple_id)
        copies.due.append(due_ms)
        copies.start.append(NOTHING)
        copies.end.append(NOTHING)
        copies.state.append(HELD)
        copies.fault.append(NOTHING)
        self._copy_of[tuple_id] = row
        self._unsettled.setdefault(task, {})[row] = None
        return row

    def _settle(self, event: trace_events.Ack | trace_events.Fail, place: int) -> int:
        row = self._copy_of.get(event.tuple_id, NOTHING)
        if row != NOTHING:
            self._end(row, ACKED if type(event) is trace_events.Ack else FAILED, event.at_ms)
        return row

    def _end(self, row: int, state: int, at_ms: int) -> None:
        copies = self.tables.copies
        copies.state[row] = state
        copies.end[row] = at_ms
        self._unsettled[copies.task[row]].pop(row, None)

    def _notified(self, event: trace_events.Acked | trace_events.Failed, place: int) -> int:
        waiting = self._waiting.get(event.task, {}).get(event.id_json)
        if not waiting:
            return NOTHING
        tree, trees = waiting.popleft(), self.tables.trees
        if isinstance(event, trace_events.Acked):
            trees.outcome[tree] = TREE_ACKED
        else:
            trees.outcome[tree] = TIMEOUT if event.reason == "timeout" else TREE_FAILED
        trees.end[tree] = event.at_ms
        return tree

    def _fault(self, event: trace_events.Fault, place: int) -> int:
        tables = self.tables
        tables.events.text[place] = verdict = tables.texts(event.verdict)
        row = self._copy_of.get(event.tuple_id, NOTHING)
        if row == NOTHING:
            return row
        copies = tables.copies
        if event.copy_id is not None:
            copy = self._add_copy(
                copies.emit[row], copies.task[row], event.copy_id, event.at_ms + 1
            )
            copies.fault[copy] = verdict
            return row
        copies.fault[row] = verdict
        if event.due_ms is not None:
            self._delay(row, event.due_ms)
        elif event.verdict in ("drop", "fail"):
            self._end(row, LOST if event.verdict == "drop" else FAILED, event.at_ms)
        return row

    def _late(self, event: trace_events.Late, place: int) -> int:
        row = self._copy_of.get(event.tuple_id, NOTHING)
        if row != NOTHING:
            self._delay(row, event.due_ms)
        return row

    def _delay(self, row: int, due_ms: int) -> None:
        self.tables.copies.due[row] = due_ms
        self._delayed.add(row)

    def _restart(self, event: trace_events.Restart, place: int) -> int:
        """Lose what the task held and what had arrived at it, and forget what it waited for as a spout."""
        due = self.tables.copies.due
        lost = [
            row
            for row in self._unsettled.get(event.task, {})
            if row not in self._delayed or due[row] <= event.at_ms
        ]
        for row in lost:
            self._end(row, LOST, event.at_ms)
        if lost:
            self.tables.lost[place] = len(lost)
        trees = self.tables.trees
        for waiting in self._waiting.pop(event.task, {}).values():
            for tree in waiting:
                trees.outcome[tree] = FORGOTTEN
                trees.end[tree] = event.at_ms
        return NOTHING

    def _said(self, event: trace_events.Died | trace_events.Error, place: int) -> int:
        text = event.reason if isinstance(event, trace_events.Died) else event.message
        self.tables.events.text[place] = self.tables.texts(text)
        return NOTHING

    _HANDLERS: Mapping[type[trace_events.Event], Callable[[Any, Any, int], int]] = {
        trace_events.Emit: _emit,
        trace_events.Ack: _settle,
        trace_events.Fail: _settle,
        trace_events.Acked: _notified,
        trace_events.Failed: _notified,
        trace_events.Fault: _fault,
        trace_events.Late: _late,
        trace_events.Restart: _restart,
        trace_events.Died: _said,
        trace_events.Error: _said,
    }

    def arrive(self, waves: Sequence[Wave]) -> None:
        """Have copies arrive at the end of the wave in which they were sent, but for those that are late."""
        emits, copies = self.tables.emits, self.tables.copies
        counts = [wave.after for wave in waves]
        for row, emit in enumerate(copies.emit):
            place = bisect_right(counts, emits.event[emit])
            if place < len(waves) and row not in self._delayed:
                copies.due[row] = waves[place].at_ms

    def take(self, taken: Mapping[str, int]) -> None:
        """Have tasks take copies. What is sent as a service ends may be taken at the same instant."""
        copies = self.tables.copies
        for tuple_id, at_ms in taken.items():
            row = self._copy_of.get(tuple_id)
            if row is not None:
                copies.start[row] = at_ms
                copies.due[row] = min(copies.due[row], at_ms)

    def infer_starts(self) -> None:
        """Have tasks take copies where nothing tells when: as one comes, or as the one before is settled.

        A copy that is held was taken if one that came later was settled, or if something was emitted because of it.
        """
        copies = self.tables.copies
        anchors = {row for each in self.tables.emits.anchors for row in each}
        queues: dict[int, list[int]] = {}
        for row, task in enumerate(copies.task):
            queues.setdefault(task, []).append(row)
        for rows in queues.values():
            rows.sort(key=copies.due.__getitem__)
            settled = [
                copies.state[row] in (ACKED, FAILED) and copies.end[row] >= copies.due[row]
                for row in rows
            ]
            last = max(
                (place for place, is_settled in enumerate(settled) if is_settled), default=-1
            )
            free = 0
            for place, row in enumerate(rows):
                due, end = copies.due[row], copies.end[row]
                if settled[place]:
                    copies.start[row] = min(max(due, free), end)
                    free = end
                elif copies.state[row] == HELD and (place < last or row in anchors):
                    copies.start[row] = max(due, free)


def make_tables(
    events: Iterable[trace_events.Event],
    taken: Mapping[str, int] | None = None,
    waves: Sequence[Wave] = (),
) -> Tables:
    """The tables of a run.

    Args:
        events: its events, in the order of the trace.
        taken: when bolts were handed copies, by their ids; None where that is not known, and is inferred.
        waves: the ends of its waves, as far as they are known.
    """
    reader = _Reader()
    for event in events:
        reader.read(event)
    reader.arrive(waves)
    if taken is None:
        reader.infer_starts()
    else:
        reader.take(taken)
    tables = reader.tables
    ends = (tables.events.at, tables.copies.end, tables.copies.start)
    tables.end_ms = max((max(each, default=0) for each in ends), default=0)
    return tables

"""Feeds: rows that are emitted in place of a spout, in tests and with ``--stub``; and sinks in place of bolts.

A feed is outside all workers and survives their crashes. Its rows are dealt in turn over the tasks of the spout, as
Storm's FixedTupleSpout does. The message id of a row is its index, also when the row is emitted again.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from simulator.engine.bolt_task import BoltTask
from simulator.engine.effects import Emitted, Settlement, print_values
from simulator.engine.spout_task import SpoutTask
from simulator.engine.work import Work, parse_duration
from simulator.model import JsonInputError, Stream, Topology, did_you_mean, read_json
from simulator.wire import MOST_NESTED, Emit, is_too_deep
from streamparse import multilang

MOST_CHARS = 1 << 28  # of a file of rows, which may be a device without end


@dataclass
class Feed:
    """Rows to emit in place of a spout, one a turn.

    Attributes:
        rows: the values of each tuple; rows may be added during a run.
        retries: how often a failed row is emitted again.
        stream: the stream that the rows are emitted on.
        every: the time between two rows of a task, as work is given (see ``parse_work``); "": a row each turn.
    """

    rows: list[list[object]]
    retries: int = 0
    stream: str = multilang.DEFAULT_STREAM
    every: str | Sequence[str] = ""


def feeds_work(feeds: Mapping[str, Feed]) -> dict[str, Work]:
    """Return the work of the feeds whose rows come with a time between them, by spout.

    Raises:
        WorkError: that is no duration.
    """
    return {
        name: Work(next=parse_duration(feed.every, f"the rows of {name}: every"))
        for name, feed in feeds.items()
        if feed.every
    }


class Row(NamedTuple):
    """A row on its way.

    Attributes:
        number: its index in the feed, which is its message id.
        values: its values.
        retries: how often it is still emitted again when it fails.
    """

    number: int
    values: list[object]
    retries: int


@dataclass
class FeedTask(SpoutTask):
    """A spout's task that emits rows instead of running a process.

    Attributes:
        timed_out: the rows that failed for good by a timeout, by number.
        refused: the rows that failed for good otherwise.
    """

    is_local = True
    _feed: Feed = field(default_factory=lambda: Feed([]))
    _step: int = 1  # tasks that share the rows
    _next: int = 0  # the index of the next row of this task
    _failed: deque[Row] = field(default_factory=deque)  # to be emitted again
    _pending: dict[int, Row] = field(default_factory=dict)  # by number
    timed_out: list[int] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)

    def take_rows(self, feed: Feed, index: int, tasks: int) -> None:
        """Take this task's share of the rows: every ``tasks``-th from ``index`` on."""
        self._feed, self._next, self._step = feed, index, tasks

    @property
    def is_done(self) -> bool:
        """True when every row has been emitted, and acked or failed for good."""
        return not (self._pending or self._failed) and self._next >= len(self._feed.rows)

    def work(self, *, turns: int, room: int | None) -> None:
        self.turns_taken = 0
        while self.inbox:
            settlement = self.inbox.popleft()
            assert isinstance(settlement, Settlement)  # it has no process to activate
            self._notify(settlement)
            assert isinstance(settlement.message_id, int)  # the number of a row
            row = self._pending.pop(settlement.message_id)
            if settlement.verb == "fail" and row.retries:
                self._failed.append(row._replace(retries=row.retries - 1))
            elif settlement.reason == "timeout":
                self.timed_out.append(row.number)
            elif settlement.verb == "fail":
                self.refused.append(row.number)
        while turns > self.turns_taken and (room is None or room > 0):
            emitted = self._turn()
            self.turns_taken += 1
            self.silent_turns = 0 if emitted else self.silent_turns + 1
            if not emitted:
                return
            room = None if room is None else room - 1

    def _turn(self) -> bool:
        row = self._next_row()
        if row is None:
            return False
        emit = Emit([*row.values], self._feed.stream, id=row.number, need_task_ids=False)
        text, is_plain = print_values(emit)
        targets = self.subscribers.choose(emit)
        self._pending[row.number] = row
        self.effects.append(Emitted(emit, text, is_plain, targets, (), self.turns_taken))
        if self.nested_ack or (not targets and self.acks_unreceived):
            self._ack_inside(emit)
            del self._pending[row.number]
        return True

    def _next_row(self) -> Row | None:
        if self._next < len(self._feed.rows):
            number = self._next
            self._next += self._step
            return Row(number, self._feed.rows[number], self._feed.retries)
        return self._failed.popleft() if self._failed else None


@dataclass
class SinkTask(BoltTask):
    """A bolt's task that takes every tuple and settles none: it receives what a spout under test emits."""

    is_local = True

    def work(self, limit: int | None = None) -> None:
        self.batch = list(self.inbox)
        self.inbox.clear()
        self.held.update((delivery.id, delivery) for delivery in self.batch)


_EXPECTED = "expected an array of values, or an object by field name"


def read_rows(
    topology: Topology, spout: str, path: Path, retries: int = 0
) -> tuple[Topology, Feed]:
    """Read a feed from a file of JSON lines: arrays of values, or objects by field name.

    Args:
        topology: the topology that is to be fed.
        spout: the id of the spout.
        path: the file.
        retries: how often a failed row is emitted again.

    Returns:
        The topology and the feed. The outputs of a spout that needs a JVM are declared in Java. In the topology that is
        returned it declares the fields of its rows: the keys of the first row, if that is an object.

    Raises:
        ValueError: there is no such spout or file, or a line does not fit the fields of the spout.
    """
    if spout in topology.bolts:
        raise ValueError(
            f"rows can be fed to a spout, and {spout!r} is a bolt; another class can run in its place: "
            f"{spout}=package.module.Class"
        )
    if spout not in topology.spouts:
        near = did_you_mean(spout, topology.spouts)
        raise ValueError(f"rows can be fed to a spout, and there is no spout {spout!r}{near}")
    found = list(_read_lines(path))
    if topology.components[spout].command is None:
        outputs = {multilang.DEFAULT_STREAM: Stream(_names_in(found))}
        topology = topology.replace(spout, outputs=outputs)
    stream = topology.components[spout].outputs.get(multilang.DEFAULT_STREAM)
    if stream is None:
        raise ValueError(f"spout {spout!r} has no default stream to emit rows on")
    rows = []
    for number, value in found:
        try:
            rows.append(_row(value, stream.fields))
        except ValueError as error:
            raise ValueError(f"{path}:{number}: {error}") from None
    return topology, Feed(rows, retries)


def _read_lines(path: Path) -> Iterator[tuple[int, object]]:
    try:
        with path.open(encoding="utf-8-sig") as file:
            text = file.read(MOST_CHARS + 1)
    except (OSError, ValueError) as error:  # ValueError: no UTF-8, or a path with a NUL in it
        raise ValueError(f"{path}: {getattr(error, 'strerror', None) or error}") from None
    if len(text) > MOST_CHARS:
        raise ValueError(f"{path}: more than {MOST_CHARS} characters; expected JSON lines")
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                value = read_json(line)
                if is_too_deep(line):
                    raise ValueError(f"nested more than {MOST_NESTED} deep")
                yield number, value
            except JsonInputError as error:
                column = f":{error.column}" if error.line else ""
                remedy = "" if error.remedy or not error.line else f"; {_EXPECTED}"
                raise ValueError(f"{path}:{number}{column}: {error}{remedy}") from None
            except ValueError as error:
                raise ValueError(f"{path}:{number}: {error}") from None


def _names_in(found: Sequence[tuple[int, object]]) -> tuple[str, ...]:
    """The fields of rows: the keys of the first row, or a made-up name for each of its values."""
    first = found[0][1] if found else []
    if isinstance(first, dict):
        return tuple(first)
    return tuple(f"field{at}" for at in range(len(first) if isinstance(first, list) else 0))


def _row(value: object, fields: tuple[str, ...]) -> list[object]:
    if isinstance(value, dict):
        missing = [name for name in fields if name not in value]
        strange = [name for name in value if name not in fields]
        if missing or strange:
            raise ValueError(f"a row with the keys {sorted(value)}; expected {list(fields)}")
        return [value[name] for name in fields]
    if isinstance(value, list) and len(value) == len(fields):
        return value
    raise ValueError(
        f"a row {json.dumps(value)[:80]}; expected {len(fields)} values: {list(fields)}"
    )

"""Livelock: a run in which a root fails for ever the same way, and nothing else happens any more.

A row that no bolt can process, and a spout that emits it again and again, never come to rest. What every attempt does
is compared: when many in a row have been alike, and meanwhile no root was acked and no other row was emitted, the next
one will not be different. Unless another root is still waited for: its ack, or its attempt after a timeout, may be what
the failing one needs. A row that is fed does not fail for ever, but may run out of its retries meanwhile.
"""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from zlib import crc32

from simulator.engine import Feed, events

MANY = 200  # attempts that are alike: more than any spout that we know of makes before it gives up
SEVERAL = (
    3  # attempts of another root that are alike: it fails for ever as well, and may be slower at it
)


class Endless(NamedTuple):
    """A root that fails for ever the same way.

    Attributes:
        component: the spout.
        values_json: the values, as Storm prints them.
        id_json: the message id of the last attempt, as Storm prints it.
        attempts: how many were alike.
        since_ms: when the first of them was emitted, in virtual milliseconds.
        reason: "timeout", or "" when a bolt fails it.
    """

    component: str
    values_json: str
    id_json: str
    attempts: int
    since_ms: int
    reason: str

    def __str__(self) -> str:
        how = "times out" if self.reason else "is failed"
        values = json.dumps(json.loads(self.values_json), ensure_ascii=False)
        return (
            f"{self.component} {values} id {self.id_json} fails for ever the same way: it {how} and comes "
            f"again, {self.attempts} times so far, and nothing else happens"
        )


Row = tuple[int, str]  # the task and the values: a spout may give each attempt an id of its own


@dataclass
class _Attempt:
    row: Row
    at_ms: int
    checksum: int = 0
    tuples: list[str] = field(default_factory=list)


class _Streak(NamedTuple):
    """Attempts at a row, one after the other, that were alike."""

    checksum: int
    attempts: int
    since_ms: int


class Livelock:
    """Reads the events of a run as they come, and looks for a root that fails for ever the same way.

    Args:
        feeds: the spouts that emit nothing for ever, since rows with so many retries stand in for them.

    Attributes:
        repeated: a root that fails again and again the same way, while another one may be waited for.
        has_run_out: the last retries of a fed row have failed the same way while another root was waited for. A spout
            that waits before it emits a row again would have had it for longer.
    """

    def __init__(self, feeds: Mapping[str, Feed]) -> None:
        self._feeds = feeds
        self._rows: set[Row] = set()
        self._attempts: dict[tuple[int, str], deque[_Attempt]] = {}  # by task and message id
        self._attempt_of: dict[str, _Attempt] = {}  # by tuple id
        self._streaks: dict[Row, _Streak] = {}
        #: Of rows that are fed, by task and message id; an ack of another one does not end them.
        self._fed: dict[tuple[int, str], _Streak] = {}
        self._fed_attempts: Counter[tuple[int, str]] = Counter()
        self.repeated: Endless | None = None
        self.has_run_out = False

    def read(self, trace: Iterable[events.Event]) -> Endless | None:
        """Read further events; return a root that fails for ever, if there is one and no other is waited for."""
        for event in trace:
            if isinstance(event, events.Emit):
                self._emit(event)
            elif isinstance(event, events.Ack | events.Fail):
                self._add(event.tuple_id, f"{event.event} {event.component}")
            elif isinstance(event, events.Fault):
                self._add(event.tuple_id, f"{event.verdict} {event.component}")
            elif isinstance(event, events.Acked):
                self._progress()
                self._take(event)
            elif isinstance(event, events.Failed):
                self._failed(event)
        if self.repeated is None or self._waits_for_others():
            return None
        return self.repeated

    @property
    def waits(self) -> bool:
        """True while a root has failed several times the same way, and another one is still to be settled."""
        has_several = any(each.attempts >= SEVERAL for each in self._streaks.values())
        return has_several and self._waits_for_others()

    def _waits_for_others(self) -> bool:
        """True while a root is pending that does not fail again and again itself."""
        return any(
            attempt.row not in self._streaks or self._streaks[attempt.row].attempts < SEVERAL
            for attempts in self._attempts.values()
            for attempt in attempts
        )

    def _waits_for_other_than_fed(self) -> bool:
        """True while a root is pending that neither fails again and again itself, nor is a fed row that does."""
        return self._waits_for_others() and any(
            (streak := self._fed.get(key)) is None or streak.attempts < SEVERAL
            for key in self._attempts
        )

    def _emit(self, event: events.Emit) -> None:
        if event.anchors:
            parents = [self._attempt_of[each] for each in event.anchors if each in self._attempt_of]
            self._add(event.anchors[0], f"emit {event.component} {event.stream} {len(event.to)}")
        elif event.id_json is not None:
            row = (event.task, event.values_json)
            if row not in self._rows:
                self._rows.add(row)
                self._progress()
            parents = [_Attempt(row, event.at_ms)]
            self._attempts.setdefault((event.task, event.id_json), deque()).append(parents[0])
        else:
            parents = []
        for attempt in parents[:1]:
            for _, tuple_id in event.to:
                self._attempt_of[tuple_id] = attempt
                attempt.tuples.append(tuple_id)

    def _add(self, tuple_id: str, word: str) -> None:
        attempt = self._attempt_of.get(tuple_id)
        if attempt is not None:
            attempt.checksum = crc32(word.encode("utf-8", "replace"), attempt.checksum)

    def _progress(self) -> None:
        self._streaks.clear()
        self.repeated = None

    def _take(self, event: events.Acked | events.Failed) -> _Attempt | None:
        waiting = self._attempts.get((event.task, event.id_json))
        if not waiting:
            return None
        attempt = waiting.popleft()
        if not waiting:
            del self._attempts[event.task, event.id_json]
        for tuple_id in attempt.tuples:
            self._attempt_of.pop(tuple_id, None)
        return attempt

    def _failed(self, event: events.Failed) -> None:
        attempt = self._take(event)
        if attempt is None:
            return
        checksum = crc32(event.reason.encode(), attempt.checksum)
        feed = self._feeds.get(event.component)
        if feed is not None:
            key = event.task, event.id_json
            self._fed_attempts[key] += 1
            streak = self._fed[key] = _longer(self._fed.get(key), checksum, attempt)
            is_last = self._fed_attempts[key] > feed.retries and not event.reason
            if is_last and streak.attempts >= SEVERAL and self._waits_for_other_than_fed():
                self.has_run_out = True
            return
        streak = self._streaks[attempt.row] = _longer(
            self._streaks.get(attempt.row), checksum, attempt
        )
        if streak.attempts >= MANY:
            self.repeated = Endless(
                event.component,
                attempt.row[1],
                event.id_json,
                streak.attempts,
                streak.since_ms,
                event.reason,
            )


def _longer(streak: _Streak | None, checksum: int, attempt: _Attempt) -> _Streak:
    """Return the streak with one more attempt, or the one that begins with it."""
    if streak is None or streak.checksum != checksum:
        return _Streak(checksum, 1, attempt.at_ms)
    return streak._replace(attempts=streak.attempts + 1)

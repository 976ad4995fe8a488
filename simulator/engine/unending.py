"""The reasons why a run without a limit goes on: tuples that bolts hold, roots that nobody settles, loops.

They are looked at once a virtual second, so they depend on neither the real clock nor the speed of the machine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from simulator.engine.bolt_task import BoltTask
from simulator.engine.routing import Counts
from simulator.engine.tasks import Tasks
from simulator.engine.tracker import Tracker
from simulator.engine.wiring import Wiring

LOOK_MS: Final = 1000
TIMEOUTS: Final = 2  # after so many message timeouts a pending tuple has failed for sure
TICKS: Final = 3  # a bolt may wait for its next tick; after so many it does not


class Unending:
    """Looks for what keeps a run from its end, until it has found something.

    Args:
        wiring: of the run.
        tasks: its tasks.
        tracker: its pending tuples.
        counts: the counts of each component.

    Attributes:
        look_at_ms: when to look next, in virtual milliseconds.
    """

    def __init__(
        self, wiring: Wiring, tasks: Tasks, tracker: Tracker, counts: Mapping[str, Counts]
    ) -> None:
        self._wiring = wiring
        self._tasks = tasks
        self._tracker = tracker
        self._counts = counts
        self._limit_ms = TIMEOUTS * wiring.message_timeout_ms
        self._oldest: dict[int, tuple[str, int]] = {}  # by task: a tuple's id, first seen at
        self._emitted, self._emitted_ms = 0, 0
        self.look_at_ms = LOOK_MS

    def look(self, now_ms: int) -> Sequence[str]:
        """Return the reasons, a clause each; none while nothing has lasted for long."""
        self.look_at_ms = now_ms + LOOK_MS
        return self._held(now_ms) or self._pending(now_ms) or self._loops(now_ms)

    def _held(self, now_ms: int) -> list[str]:
        """The bolts that have held a tuple for a long time."""
        since = {bolt.component: now_ms for bolt in self._tasks.bolts}
        for bolt in self._tasks.bolts:
            oldest = _oldest_held(bolt)
            if oldest is None:
                self._oldest.pop(bolt.id, None)
                continue
            seen_id, seen_ms = self._oldest.get(bolt.id, ("", 0))
            if seen_id != oldest:
                seen_ms = now_ms
                self._oldest[bolt.id] = oldest, now_ms
            since[bolt.component] = min(since[bolt.component], seen_ms)
        return [
            self._holds(component, now_ms - since_ms)
            for component, since_ms in since.items()
            if now_ms - since_ms >= self._patience_ms(component)
        ]

    def _patience_ms(self, bolt: str) -> int:
        tick_seconds = self._wiring.tick_seconds(bolt) or 0
        return max(self._limit_ms, TICKS * int(1000 * tick_seconds), LOOK_MS)

    def _holds(self, component: str, lasted_ms: int) -> str:
        bolts = [bolt for bolt in self._tasks.bolts if bolt.component == component]
        held = sum(bolt.holds_data for bolt in bolts)
        tuples = "a tuple" if held == 1 else f"{held} tuples"
        tick_seconds = self._wiring.tick_seconds(component)
        ticked = f", and is ticked every {tick_seconds:g} s" if tick_seconds else ""
        which = "" if held == 1 else ", the oldest"
        return (
            f"{component} holds {tuples} that it has neither acked nor failed{which} "
            f"for more than {lasted_ms // 1000} s{ticked}"
        )

    def _pending(self, now_ms: int) -> list[str]:
        """The spouts with tuples that nobody settles and that do not time out."""
        if self._wiring.has_timeouts:
            return []
        old: dict[str, int] = {}
        for entry in self._tracker.pending:
            if now_ms - entry.emitted_ms >= self._limit_ms:
                spout = self._wiring.component_of[entry.task]
                old[spout] = old.get(spout, 0) + 1
        return [
            f"{spout} waits for {'a tuple' if count == 1 else f'{count} tuples'} for more than "
            f"{self._limit_ms // 1000} s; nobody holds {'it' if count == 1 else 'them'}, and message timeouts are off"
            for spout, count in old.items()
        ]

    def _loops(self, now_ms: int) -> list[str]:
        """The loops of the topology, when no spout has emitted for a long time and yet bolts have work."""
        emitted = sum(self._counts[spout].emits for spout in self._wiring.topology.spouts)
        if emitted != self._emitted:
            self._emitted, self._emitted_ms = emitted, now_ms
        if now_ms - self._emitted_ms < self._limit_ms:
            return []
        return [
            f"no spout has emitted for {self._limit_ms // 1000} s, and tuples go round in the loop "
            f"{' -> '.join([*cycle, cycle[0]])}"
            for cycle in self._wiring.topology.cycles()
        ]


def _oldest_held(bolt: BoltTask) -> str | None:
    """The id of the first tuple that a bolt was handed of those that it holds, ticks aside."""
    return next((each.id for each in bolt.held.values() if each.source.task >= 0), None)

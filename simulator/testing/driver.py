"""Drives a simulation wave by wave until its topology has come to an end, and refuses one that never will."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Literal

from simulator.engine import Simulation, Trace
from simulator.testing.errors import (
    ComponentError,
    HarnessError,
    PendingError,
    UndecidedError,
    is_test_error,
)
from simulator.testing.livelock import Endless, Livelock
from simulator.testing.tracebacks import from_user_code
from simulator.testing.unsettled import feed_tasks, held_tuples, pending_roots, timed_out_rows

__tracebackhide__ = is_test_error  # pytest then shows the test's line
MOST_WAVES = 1_000_000  # of one call; a topology that always has more to do would go on for ever
ENDLESS_WAVES = 20_000  # in which a spout emits without a pause: it has no end
LOOK_WAVES = 500  # after so many a call looks for a livelock, again and again
FAR_MS = 1 << 60
MANY_REPEATS = 1000  # attempts that are alike, while another root is waited for
TICKS_OF_REST = 2  # a bolt may act at the next tick on what it was handed at this one
WAVES_BETWEEN = 100  # looks at whether a run emits without an end


class Rest:
    """How long a topology has done nothing but what ticks cause."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        wiring = simulation.wiring
        ticks = [wiring.tick_seconds(bolt) or 0 for bolt in simulation.topology.bolts]
        self._enough_ms = TICKS_OF_REST * 1000 * max(ticks, default=0)
        self._since_ms: int | None = None
        self._emitted = -1

    def is_long_enough(self) -> bool:
        """Look once more: whether no root is pending, and none was emitted for the time of two ticks."""
        simulation = self._simulation
        emitted = sum(simulation.counts[spout].emits for spout in simulation.topology.spouts)
        if emitted != self._emitted or not simulation.left.is_at_rest:
            self._emitted, self._since_ms = emitted, None
            return False
        if self._since_ms is None:
            self._since_ms = simulation.now_ms
        return simulation.now_ms - self._since_ms >= self._enough_ms > 0


class Driver:
    """Has a simulation do one wave after the other, each time until something is so.

    Every call raises a ``ComponentError`` where a component died or broke the protocol, and a ``PendingError`` where
    the simulation can never get there.

    Args:
        simulation: which one; it is open before the first call.
        trace: takes its events, and keeps them.

    Attributes:
        most_waves: of one call; what is not finished by then never is.
        gives_up: raise an ``UndecidedError`` where a root fails again and again while another one is waited for, or a
            fed row has run out of its retries so.
        has_raised: whether a call has said what is wrong; whoever caught the error knows what is left.
    """

    def __init__(self, simulation: Simulation, trace: Trace) -> None:
        self.most_waves = MOST_WAVES
        self.gives_up = False
        self.has_raised = False
        self._simulation = simulation
        self._trace = trace
        self._failures_seen = 0
        self._livelock = Livelock(simulation.options.feeds)
        self._looked_at = 0  # how many events of the trace

    def run_until_idle(self) -> None:
        """Run until nothing is in flight, pending or held, and every spout is silent."""
        emitted: dict[str, int] = {}
        for wave in range(1, self.most_waves + 1):
            if self._simulation.is_final or self._simulation.left.is_idle:
                break
            if wave % ENDLESS_WAVES == 0:
                self._refuse_endless_spouts(emitted)
            if wave % LOOK_WAVES == 0:
                self._refuse_livelock()
            if not self._simulation.step(FAR_MS):
                if self._simulation.next_ms is None:
                    break  # nothing will ever happen again
                self._simulation.leap(FAR_MS)
        else:
            lines = [f"not idle after {self._simulation.now_ms / 1000:g} virtual seconds"]
            raise PendingError("\n".join([*lines, *pending_roots(self._simulation)]))
        self.raise_failures()
        self._refuse_what_has_run_out()

    def _refuse_livelock(self) -> None:
        """Refuse a root that fails for ever the same way: its topology is never idle."""
        endless = self._look_for_livelock()
        if endless is not None:
            self.has_raised = True
            last = self._trace.trees().of([json.loads(endless.id_json)])[-1:]
            lines = [f"  {line}" for tree in last for line in str(tree).splitlines()]
            raise PendingError("\n".join([f"livelock: {endless}:", *lines]))
        if self.gives_up and (repeated := self._repeated_often()):
            self.has_raised = True
            raise UndecidedError(
                f"{repeated.component} emits {repeated.values_json} again and again"
            )

    def _refuse_what_has_run_out(self) -> None:
        """Refuse a run whose fed rows would have had to wait before they came again."""
        if self.gives_up and self._has_run_out():
            self.has_raised = True
            raise UndecidedError("a row has run out of its retries while another one was pending")

    def _has_run_out(self) -> bool:
        if any(task.refused for task in feed_tasks(self._simulation)):
            self._look_for_livelock()
        return self._livelock.has_run_out

    def _look_for_livelock(self) -> Endless | None:
        new = self._trace.events_from(self._looked_at)
        self._looked_at += len(new)
        return self._livelock.read(new)

    def _repeated_often(self) -> Endless | None:
        """A root that has failed very often the same way, while another one is waited for."""
        repeated = self._livelock.repeated
        return repeated if repeated is not None and repeated.attempts >= MANY_REPEATS else None

    def _refuse_endless_spouts(self, before: dict[str, int]) -> None:
        """Refuse a spout that emitted in every one of the last waves: its topology is never idle.

        One that emits a failed row again while another row is waited for may come to an end.
        """
        repeated = self._livelock.repeated
        for name in self._simulation.topology.spouts:
            if repeated is not None and repeated.component == name:
                continue
            emitted = self._simulation.counts[name].emits
            if name not in self._simulation.options.feeds and (
                emitted - before.get(name, 0) >= ENDLESS_WAVES - 1
            ):
                raise PendingError(
                    f"{name} has emitted {emitted} tuples and does not stop, so the topology is never idle; rows in "
                    f"its place have an end (spouts={{{name!r}: [...]}}), and advance(seconds) runs it for a while"
                )
            before[name] = emitted

    def complete(self) -> None:
        """Run until every row is acked or has failed for good; until it is idle, where spouts are components."""
        if len(self._simulation.options.feeds) < len(self._simulation.topology.spouts):
            self.run_until_idle()
            return
        for wave in range(1, self.most_waves + 1):
            if self._simulation.is_final or self._is_complete():
                break
            if wave % LOOK_WAVES == 0:
                self._refuse_livelock()
            if self._simulation.step(FAR_MS):
                continue
            waits = self._simulation.pending or self._simulation.left.in_flight
            if not waits or self._simulation.next_ms is None:
                break  # nothing will ever happen again
            self._simulation.leap(FAR_MS)
        self.raise_failures()
        self._refuse_what_has_run_out()
        self._check_complete()

    def run_at_most(
        self, seconds: float, emits: int
    ) -> Literal["over", "ran out", "limit", "waits"]:
        """Run until nothing is left to do, or nothing more can happen to what is left: the run is over.

        It is over as well where every root is settled and for the time of two ticks no spout has emitted any: bolts
        that emit at every tick never come to rest. The run is stopped at a limit, and where a root fails for ever the
        same way. It waits where it is stopped, or a root has failed very often the same way, while another one was
        still to be settled. It ran out where it is over, and a fed row has run out of its retries meanwhile.

        Args:
            seconds: the most virtual seconds that this may take.
            emits: the most tuples that the topology may have emitted.

        Raises:
            ComponentError: a component died or broke the protocol.
        """
        until_ms = self._simulation.now_ms + round(seconds * 1000)
        rest = Rest(self._simulation)
        for wave in range(1, self.most_waves + 1):
            if self._simulation.is_final:
                break
            if not self._simulation.step(until_ms):
                if (
                    self._simulation.left.is_idle
                    or self._simulation.left.is_stuck
                    or rest.is_long_enough()
                ):
                    break
                if self._simulation.now_ms >= until_ms:
                    return "limit"
                self._simulation.leap(until_ms)
            elif wave % WAVES_BETWEEN == 0 and (stopped := self._stopped(emits)):
                return stopped
        else:
            return "limit"
        self.raise_failures()
        return "ran out" if self._has_run_out() else "over"

    def _stopped(self, emits: int) -> Literal["limit", "waits"] | None:
        if self._look_for_livelock() is not None:
            return "limit"
        if self._repeated_often():
            return "waits"
        if sum(each.emits for each in self._simulation.counts.values()) <= emits:
            return None
        return "waits" if self._livelock.waits else "limit"

    def run_until(self, condition: Callable[[], object], seconds: float) -> bool:
        """Run until a condition holds, at most so many virtual seconds; return whether it does."""
        until_ms = self._simulation.now_ms + round(seconds * 1000)
        while not condition():
            if self._simulation.now_ms >= until_ms:
                return False
            if not self._simulation.step(until_ms):
                self._simulation.leap(until_ms)
            self.raise_failures()
        return True

    def raise_failures(self) -> None:
        """Raise the first death or broken rule since the last look."""
        new = self._simulation.failures[self._failures_seen :]
        self._failures_seen += len(new)
        if new:
            self.has_raised = True
            error = ComponentError(new[0])
            cause = new[0].cause
            if isinstance(cause, HarnessError):  # a mistake in a function of the test's
                raise cause.with_traceback(None) from None
            raise error from (None if cause is None else from_user_code(cause))

    @property
    def _has_all_rows_settled(self) -> bool:
        return all(task.is_done for task in feed_tasks(self._simulation))

    def _is_complete(self) -> bool:
        simulation = self._simulation
        return (
            self._has_all_rows_settled and not simulation.left.in_flight and not simulation.pending
        )

    def _check_complete(self) -> None:
        lines = [*timed_out_rows(self._simulation)]
        if self._simulation.pending or not self._has_all_rows_settled:
            lines += pending_roots(self._simulation) or [
                "rows are left that nothing will ever emit"
            ]
        if lines:
            self.has_raised = True
            raise PendingError("\n".join(["not complete:", *lines, *held_tuples(self._simulation)]))

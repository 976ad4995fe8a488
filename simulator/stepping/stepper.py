"""Driving a run wave by wave, forwards and backwards.

A run is a function of its topology, its input and its choices. So an earlier wave is had again by running it once more
up to there. The digest of the trace tells whether the second run did the same: it does not where a component depends on
the real clock, or on what has outlived the first run in this process.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from typing import Literal, NamedTuple, Protocol

from simulator.engine import Delivery, Simulation, Trace, events
from simulator.stepping.breakpoints import Breakpoint, EventBreakpoint, TimeBreakpoint
from simulator.stepping.moments import Moment, look

__all__ = ["Drivable", "MakeRun", "ReplayError", "Stepper"]


class Drivable(Protocol):
    """A run that can begin, such as ``simulator.ReadyRun``."""

    @property
    def simulation(self) -> Simulation:
        """Runs it; it has not been opened."""

    @property
    def until_ms(self) -> int | None:
        """The end of the run, in virtual milliseconds; None: no end."""

    @property
    def stop_when_idle(self) -> bool:
        """Whether the run ends when nothing is left to do."""


#: Makes the same run each time it is called; with the trace that takes its events, and a function that is called with
#: each tuple that a bolt is handed. Leaving the context ends all components.
MakeRun = Callable[[Trace, Callable[[Delivery, int], object]], AbstractContextManager[Drivable]]


class ReplayError(Exception):
    """A run that was begun again did something else up to the same wave; one line that says where."""


class _Mark(NamedTuple):
    """The end of a wave: when the wave began, how many events there were, and the digest of the trace."""

    began_ms: int
    events: int
    sha256: str


class Stepper:
    """A run that is driven wave by wave. Use it in a ``with``; leaving it ends all components.

    Args:
        make: makes the run.

    Attributes:
        wave: the number of the last wave, from 1; 0 before the first.
        stopped: why the run has ended; None while it can go on.
        is_replaying: whether a wave, or the start, is run once more: what components say then has been said.
    """

    def __init__(self, make: MakeRun) -> None:
        self._make = make
        self._marks: list[_Mark] = []  # of all waves that were ever run
        self._context: AbstractContextManager[Drivable] | None = None
        self._has_begun = False
        self.wave = 0
        self.stopped: Literal["time", "idle", "error"] | None = None
        self.is_replaying = False

    def __enter__(self) -> Stepper:
        self._begin()
        return self

    def __exit__(self, *error: object) -> None:
        self._end()

    def _begin(self) -> None:
        self.trace = Trace(keep=True)
        self._counts: Counter[tuple[str, str]] = Counter()
        self._counted = 0
        self.wave, self.stopped = 0, None
        self._began_ms = 0
        self._wave_events: tuple[int, int] = (0, 0)
        context = self._make(self.trace, self._handed)
        self._run = context.__enter__()
        self._context = context
        self.simulation.before_step = self._note_begin
        self.is_replaying = self._has_begun
        try:
            if not self.simulation.open():
                self.stopped = "error"
        finally:
            self.is_replaying, self._has_begun = False, True
        self._note_events()

    def _end(self) -> None:
        if self._context is not None:
            context, self._context = self._context, None
            context.__exit__(None, None, None)

    def _note_begin(self) -> None:
        self._began_ms = self.simulation.now_ms

    def _handed(self, delivery: Delivery, now_ms: int) -> None:
        if delivery.source.task >= 0:
            component = self.simulation.wiring.component_of[delivery.target]
            self._counts[component, "tuple"] += 1

    def _note_events(self) -> None:
        """Count the events of the wave."""
        begin, end = self._wave_events[1], self.trace.size
        self._wave_events = (begin, end)
        for event in self.trace.events_from(begin):
            self._counts[event.component, event.event] += 1

    # -- questions

    @property
    def simulation(self) -> Simulation:
        """The simulation, as it is now. It is another one after going back."""
        return self._run.simulation

    @property
    def until_ms(self) -> int | None:
        """The end of the run, in virtual milliseconds; None: no end."""
        return self._run.until_ms

    @property
    def began_ms(self) -> int:
        """When the last wave began, in virtual milliseconds."""
        return self._began_ms

    @property
    def events(self) -> Sequence[events.Event]:
        """The events of the last wave; before the first, those of the start."""
        begin, end = self._wave_events
        return self.trace.events_from(begin)[: end - begin]

    def look(self) -> Moment:
        """Return what the run is now: queues, held tuples, pending roots."""
        return look(self.simulation)

    # -- forwards

    def next(self) -> bool:
        """Run the next wave; return whether there was one.

        Raises:
            ReplayError: it was run before and did something else then.
        """
        if self.stopped is not None:
            return False
        self.is_replaying = self.wave < len(self._marks)
        try:
            self.stopped = self._advance()
        finally:
            self.is_replaying = False
        had_wave = self.stopped is None or self.trace.size > self._wave_events[1]
        if had_wave:
            self.wave += 1
            self._note_events()
            self._check()
        return had_wave

    def _advance(self) -> Literal["time", "idle", "error"] | None:
        run, simulation = self._run, self.simulation
        stopped = simulation.advance(run.until_ms, stop_when_idle=run.stop_when_idle)
        if stopped == "time":  # what was delivered is processed, as at the end of every run
            simulation.settle()
            return "error" if simulation.is_final else "time"
        return stopped

    def _check(self) -> None:
        mark = _Mark(self._began_ms, self.trace.size, self.trace.sha256)
        if self.wave > len(self._marks):
            self._marks.append(mark)
            return
        before = self._marks[self.wave - 1]
        if mark != before:
            # What follows is a run of its own: it is not compared with the first.
            del self._marks[self.wave - 1 :]
            self._marks.append(mark)
            raise ReplayError(
                f"wave {self.wave} did something else than the first time: a component depends on the real clock, or "
                "on what is left in this process of the run before"
            )

    def run(self, breakpoints: Collection[Breakpoint]) -> list[Breakpoint]:
        """Run waves until one has a breakpoint in it, or the run ends; return the breakpoints that it has.

        Raises:
            ReplayError: as ``next``.
        """
        while True:
            before, began_ms = dict(self._counts), self._began_ms if self.wave else -1
            if not self.next():
                return []
            if hit := [each for each in breakpoints if self._is_hit(each, before, began_ms)]:
                return hit

    def has_passed(self, each: Breakpoint) -> bool:
        """Return whether a breakpoint lies in a wave that has run, so that going on never comes to it."""
        if isinstance(each, TimeBreakpoint):
            return self.wave > 0 and each.at_ms <= self._began_ms
        return each.nth is not None and each.nth <= self._counts[each.component, each.event]

    def _is_hit(self, each: Breakpoint, before: dict[tuple[str, str], int], began_ms: int) -> bool:
        if isinstance(each, EventBreakpoint):
            return each.is_hit(before, self._counts)
        assert isinstance(each, TimeBreakpoint)
        return began_ms < each.at_ms <= self._began_ms

    # -- anywhere

    def go_to_wave(self, wave: int) -> None:
        """Go to the end of a wave, backwards too; 0 is the start. A run that ends before it stays at its end.

        Raises:
            ReplayError: as ``next``.
        """
        if wave < self.wave:
            self._end()
            self._begin()
        while self.wave < wave:
            if not self.next():
                return

    def go_to_ms(self, at_ms: int) -> None:
        """Go to an instant, backwards too: to the end of the last wave that begins at it or before.

        A run that ends before it stays at its end.

        Raises:
            ReplayError: as ``next``.
        """
        while self.stopped is None and (not self._marks or self._marks[-1].began_ms <= at_ms):
            self.go_to_wave(max(len(self._marks), self.wave))
            if not self.next():
                break
        waves = sum(mark.began_ms <= at_ms for mark in self._marks)
        if waves < len(self._marks) or self.stopped is None:
            self.go_to_wave(waves)

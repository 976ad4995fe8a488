"""The journal of a run: what was done to its simulation, call by call, so that it can be done again up to any moment.

A run is a function of its topology, its options, its choices, and of what the test did to it: how far it drove it,
which faults it ordered when, which rows it added. ``RecordedSimulation`` notes all of this, and ``replay`` does it
again to another simulation. The journal grows with the run, as its trace does, which has several events for a call.
"""

from __future__ import annotations

import copy
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Literal, NamedTuple

from simulator.engine import (
    Feed,
    Injection,
    Operations,
    Pace,
    Replayed,
    RunOptions,
    Simulation,
    Trace,
    Transport,
    faults,
)
from simulator.model import is_of_condition

__tracebackhide__ = is_of_condition  # pytest then shows the test's line

Action = Callable[[Simulation], object]
_COUNTING = (faults.CrashOrder, faults.OutageOrder)


class Call(NamedTuple):
    """Something that was done to a simulation.

    Attributes:
        at_ms: when, in virtual milliseconds.
        now_ms: the virtual time behind it.
        action: does it again.
        is_wave: whether tasks worked in it.
        is_leap: whether nothing happened in it but that time passed.
        events: how many events there were behind it.
        handed: how many tuples had been handed to bolts behind it.
        down: the tasks whose worker had died and was not up again.
    """

    at_ms: int
    now_ms: int
    action: Action
    is_wave: bool
    is_leap: bool
    events: int
    handed: int
    down: frozenset[int]


class RecordedSimulation(Simulation):
    """A simulation that notes what is done to it.

    Args:
        handed: tells how many tuples were handed to bolts so far.
        args, options: as for ``Simulation``.

    Attributes:
        calls: so far.
    """

    def __init__(self, *args: Any, handed: Callable[[], int], **options: Any) -> None:
        super().__init__(*args, **options)
        self.calls: list[Call] = []
        self._handed = handed
        self._steps: dict[tuple[str, int], Action] = {}  # one for all calls with the same argument
        self._rows = {name: len(feed.rows) for name, feed in self.options.feeds.items()}
        self._rules = [_kept(rule) for rule in self.options.rules]
        self.operations: Operations = _RecordedOperations(self.operations, self._note)  # type: ignore[assignment]
        self.injection: Injection = _RecordedInjection(self.injection, self._note)  # type: ignore[assignment]

    def _note(self, action: Action, at_ms: int | None = None) -> None:
        self._add(self.now_ms if at_ms is None else at_ms, action)

    def _add(
        self, at_ms: int, action: Action, *, is_wave: bool = False, is_leap: bool = False
    ) -> None:
        down = frozenset(task.id for task in self.tasks if task.is_down)
        self.calls.append(
            Call(
                at_ms, self.now_ms, action, is_wave, is_leap, self.trace.added, self._handed(), down
            )
        )

    def _action(self, name: Literal["step", "leap"], until_ms: int) -> Action:
        key = (name, until_ms)
        if key not in self._steps:
            do = Simulation.step if name == "step" else Simulation.leap
            self._steps[key] = lambda simulation: do(simulation, until_ms)
        return self._steps[key]

    # -- what is noted

    def open(self) -> bool:
        is_open = super().open()
        self._note(Simulation.open)
        return is_open

    def step(self, until_ms: int) -> bool:
        at_ms, action = self.now_ms, self._action("step", until_ms)
        is_wave = False
        try:
            is_wave = super().step(until_ms)
        finally:
            self._add(at_ms, action, is_wave=is_wave)
        return is_wave

    def leap(self, until_ms: int) -> None:
        at_ms = self.now_ms
        super().leap(until_ms)
        self._add(at_ms, self._action("leap", until_ms), is_leap=True)

    def set_work(self, work: Mapping[str, object]) -> None:
        super().set_work(work)
        self._note(lambda simulation: simulation.set_work(work))

    def wake(self, spout: str) -> None:
        super().wake(spout)
        feed = self.options.feeds.get(spout)
        count = 0 if feed is None else len(feed.rows)

        def again(simulation: Simulation) -> None:
            if feed is not None:
                simulation.options.feeds[spout].rows[:] = feed.rows[:count]
            simulation.wake(spout)

        self._note(again)

    # -- again

    def place(self, *, until_ms: int | None = None, wave: int | None = None) -> int:
        """Return how many calls lead to a moment.

        Args:
            until_ms: behind all that happened up to and including this time, in virtual milliseconds.
            wave: behind the wave with this number, counted from 1; 0: before the first.
        """
        if until_ms is not None:
            place = bisect_right(self.calls, until_ms, key=lambda call: call.at_ms)
        else:
            waves = [at for at, call in enumerate(self.calls, 1) if call.is_wave]
            place = waves[wave - 1] if wave else min(1, len(self.calls))
        while place and self.calls[place - 1].is_leap:
            place -= 1
        return place

    @property
    def waves(self) -> int:
        """How many waves there were."""
        return sum(call.is_wave for call in self.calls)

    def replay(self, place: int, transport: Transport, pace: Pace | None) -> Simulation:
        """Return another simulation, to which the first calls were made again.

        Args:
            place: how many.
            transport: runs its components.
            pace: as for ``Simulation``.
        """
        choices = self.options.choices
        feeds = {
            name: Feed(list(feed.rows[: self._rows[name]]), feed.retries, feed.stream)
            for name, feed in self.options.feeds.items()
        }
        options: RunOptions = replace(
            self.options,
            feeds=feeds,
            rules=[_kept(rule) for rule in self._rules],
            choices=None if choices is None else Replayed(choices.recorded),
        )
        made = Simulation(
            self.topology, options, transport=transport, trace=Trace(keep=True), pace=pace
        )
        for call in self.calls[:place]:
            call.action(made)
        return made


class _RecordedOperations:
    """The operations of a simulation, which note what is ordered from outside; what they do by themselves is not."""

    def __init__(self, inner: Operations, note: Callable[[Action], None]) -> None:
        self._inner = inner
        self._record = note

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def add(self, event: faults.TopologyEvent) -> None:
        kept = replace(event)
        self._inner.add(event)
        self._record(lambda simulation: simulation.operations.add(replace(kept)))

    def crash_worker(self, number: int, restart_ms: int | None = None) -> None:
        self._inner.crash_worker(number, restart_ms)
        self._record(lambda simulation: simulation.operations.crash_worker(number, restart_ms))

    def crash_acker(self, number: int) -> None:
        self._inner.crash_acker(number)
        self._record(lambda simulation: simulation.operations.crash_acker(number))

    def rebalance(self, workers: int | None = None, wait_ms: int | None = None) -> None:
        self._inner.rebalance(workers, wait_ms)
        self._record(lambda simulation: simulation.operations.rebalance(workers, wait_ms))

    def deactivate(self) -> None:
        self._inner.deactivate()
        self._record(lambda simulation: simulation.operations.deactivate())

    def activate(self) -> None:
        self._inner.activate()
        self._record(lambda simulation: simulation.operations.activate())


class _RecordedInjection:
    """The injection of a simulation, which notes what is added."""

    def __init__(self, inner: Injection, note: Callable[[Action], None]) -> None:
        self._inner = inner
        self._record = note

    @property
    def unstruck(self) -> list[str]:
        return self._inner.unstruck

    def order(self, order: faults.Order) -> None:
        kept = copy.copy(order)
        self._inner.order(order)

        def again(simulation: Simulation) -> None:
            made = copy.copy(kept)
            if isinstance(made, _COUNTING) and isinstance(order, _COUNTING):
                made.nth = order.nth  # which an exploration may have chosen later
            simulation.injection.order(made)

        self._record(again)

    def add_rule(self, rule: faults.Rule) -> None:
        kept = _kept(rule)
        self._inner.add_rule(rule)
        self._record(lambda simulation: simulation.injection.add_rule(_kept(kept)))


def _kept(rule: faults.Rule) -> faults.Rule:
    """A copy of a rule, with what it has counted so far; a rule of the test's own is copied where that can be."""
    try:
        return copy.deepcopy(rule)
    except Exception:  # of somebody's class
        return rule

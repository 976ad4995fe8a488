"""What a run still has to do: what is on its way, and whether anything can happen by itself."""

from __future__ import annotations

from collections.abc import Collection

from simulator.engine.clock import Agenda
from simulator.engine.effects import Delivery
from simulator.engine.services import Services
from simulator.engine.tasks import Tasks
from simulator.engine.timers import (
    ActivateDue,
    Arrival,
    Done,
    Due,
    RebalanceDue,
    RestartDue,
    TickDue,
    TimerDue,
)
from simulator.engine.tracker import Tracker
from simulator.engine.waves import Waves


class WorkLeft:
    """Answers what a run still has to do."""

    def __init__(
        self,
        tasks: Tasks,
        tracker: Tracker,
        agenda: Agenda[Due],
        services: Services,
        waves: Waves,
    ) -> None:
        self._tasks = tasks
        self._tracker = tracker
        self._agenda = agenda
        self._services = services
        self._waves = waves

    @property
    def in_flight(self) -> bool:
        """True when any tuple, ack or fail is on its way."""
        return (
            any(bolt.inbox for bolt in self._tasks.bolts)
            or any(spout.inbox for spout in self._tasks.spouts)
            or any(executor.inbox for executor in self._tracker.executors)
            or self._services.under_way > 0
            or any(task.kept for task in self._tasks)
            or self._has_arrivals
            or self._is_operated
        )

    @property
    def is_idle(self) -> bool:
        """True when nothing is left to do.

        That is: nothing is on its way, pending or held, no bolt may act at its next tick, and every spout is silent, or
        the topology is not active.
        """
        return self._waves.is_quiet and not (
            self._is_down or self._services.under_way or self._has_arrivals or self._is_operated
        )

    @property
    def is_at_rest(self) -> bool:
        """True when no root is pending or failed and awaited, and nothing is on its way, whatever ticks bring next."""
        return (
            not (self._tracker.pending or self.in_flight or self._is_down or self._is_operated)
            and self._waves.retries_ms is None
        )

    @property
    def is_stuck(self) -> bool:
        """True when bolts hold tuples and nothing can happen any more, to these or to any other."""
        return self._waves.is_stuck and not any(
            isinstance(
                entry,
                (Arrival, TickDue, TimerDue, Done, RestartDue, RebalanceDue, ActivateDue),
            )
            for entry in self._agenda.entries()
        )

    def can_wake(self, tasks: Collection[int]) -> bool:
        """True when a tick or a timer of one of these tasks is due at some time."""
        for entry in self._agenda.entries():
            if isinstance(entry, TimerDue) and entry.task in tasks:
                return True
            if isinstance(entry, TickDue) and not set(entry.tasks).isdisjoint(tasks):
                return True
        return False

    @property
    def on_the_way(self) -> list[tuple[int, Delivery]]:
        """The copies that arrive late, with the virtual milliseconds at which each does; first come first."""
        return [
            (at_ms, entry.delivery)
            for at_ms, entry in self._agenda.timed_entries()
            if isinstance(entry, Arrival)
        ]

    @property
    def _is_down(self) -> bool:
        return any(task.is_down for task in self._tasks)

    @property
    def _has_arrivals(self) -> bool:
        return any(isinstance(entry, Arrival) for entry in self._agenda.entries())

    @property
    def _is_operated(self) -> bool:
        """True when an operator's command is not at its end."""
        return any(
            isinstance(entry, (RebalanceDue, ActivateDue)) for entry in self._agenda.entries()
        )

"""Waves: all tasks with work at an instant, each with the work that it is given.

Source: ``SpoutExecutor.call``, ``BoltExecutor.call`` (0.9.5 to 2.8.3).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from simulator.engine.bolt_task import BoltTask
from simulator.engine.chance import Choices
from simulator.engine.clock import Agenda
from simulator.engine.effects import Death, Delivery
from simulator.engine.faults import CrashOrder
from simulator.engine.options import RunOptions
from simulator.engine.routing import Counts
from simulator.engine.spout_task import SpoutTask
from simulator.engine.task import Task
from simulator.engine.tasks import Tasks
from simulator.engine.timers import Due
from simulator.engine.tracker import Tracker

SILENT_TURNS = 3  # of a spout that has nothing to emit for now; fewer could miss a retry behind an ack or a fail


class Deliveries(Protocol):
    """A function that is called with each tuple that a bolt is handed, ticks too, and the virtual milliseconds."""

    def __call__(self, delivery: Delivery, now_ms: int, /) -> object: ...


class Waves:
    """Forms the waves of a run.

    Args:
        counts: the counts of each component; executed tuples are counted there.
        choices: the schedule.
        ticked: the bolts that are ticked.
        kill: ends the processes of tasks.
        on_delivery: called with each tuple that a bolt is handed.
    """

    def __init__(
        self,
        tasks: Tasks,
        tracker: Tracker,
        agenda: Agenda[Due],
        counts: dict[str, Counts],
        choices: Choices,
        ticked: set[str],
        kill: Callable[[Sequence[int]], None],
        on_delivery: Deliveries | None,
        options: RunOptions,
    ) -> None:
        self._tasks = tasks
        self._tracker = tracker
        self._agenda = agenda
        self._counts = counts
        self._choices = choices
        self._ticked = ticked
        self._kill = kill
        self._on_delivery = on_delivery
        self._most_turns = options.turns
        self._asks_spouts = options.asks_spouts

    def form(self, until_ms: int) -> list[Task]:
        """Give every task its work of this instant; return the tasks that have some, by number.

        Args:
            until_ms: the end of the run; no spout takes a turn at it.
        """
        turns = self._turns_now(until_ms)
        asking = turns > 0 and self._spouts_are_asked()
        single = self._one_at_a_time()
        room_of = {id(executor): executor.room for executor in self._tracker.executors}
        wave: list[Task] = []
        for task in self._tasks:
            if isinstance(task, SpoutTask):
                room = room_of[id(self._tracker.executor_of[task.id])]
                if task.inbox or (asking and (room is None or room > 0)):
                    task.work(turns=turns if asking else 0, room=room)
                    wave.append(task)
            elif isinstance(task, BoltTask) and task.inbox:
                if task.component in single and single[task.component] is not task:
                    continue
                self._hand_over(task, 1 if task.component in single else self._batch_limit(task))
                wave.append(task)
        return wave

    def _turns_now(self, until_ms: int) -> int:
        """The number of turns that a spout may take before anything else is due."""
        now_ms, next_ms = self._agenda.now_ms, self._agenda.next_ms
        turns = min(self._most_turns, until_ms - now_ms)
        if next_ms is not None:
            turns = min(turns, next_ms - now_ms)
        return max(turns, 0)

    def _spouts_are_asked(self) -> bool:
        """Return whether spouts are asked: while a bolt has work, or until all spouts have been silent."""
        if not (self._asks_spouts and self._tasks.is_active):
            return False
        return any(bolt.inbox for bolt in self._tasks.bolts) or any(
            spout.inbox or spout.silent_turns < SILENT_TURNS for spout in self._tasks.spouts
        )

    def _one_at_a_time(self) -> dict[str, BoltTask]:
        """The task that is next, of each bolt with orders: it takes one tuple a wave, by delivery over its tasks.

        So the orders count tuples in the order of delivery.
        """
        first: dict[str, BoltTask] = {}
        for bolt in self._tasks.bolts:
            if bolt.inbox and any(not order.is_spent for order in bolt.orders):
                rival = first.get(bolt.component)
                if rival is None or int(bolt.inbox[0].id) < int(rival.inbox[0].id):
                    first[bolt.component] = bolt
        return first

    def _batch_limit(self, bolt: BoltTask) -> int | None:
        if not self._choices.active:
            return None
        waiting = len(bolt.inbox)
        return waiting - self._choices.choose(f"{bolt.component}/{bolt.index}/batch", waiting)

    def _hand_over(self, bolt: BoltTask, limit: int | None) -> None:
        bolt.work(limit)
        data = sum(delivery.source.task >= 0 for delivery in bolt.batch)
        self._counts[bolt.component].executed += data
        if self._on_delivery:
            for delivery in bolt.batch:
                self._on_delivery(delivery, self._agenda.now_ms)
        if data and bolt.component in self._ticked:
            bolt.awaits_tick = True
        if data and bolt.orders:
            for order in bolt.orders:
                if isinstance(order, CrashOrder) and order.strikes(bolt.id, "tuple"):
                    self._kill([bolt.id])
                    bolt.outcome = Death(str(order), ordered=True, scope=order.scope)

    def order(self, wave: Sequence[Task]) -> Sequence[Task]:
        """The order in which the effects of a wave are routed: that of the tasks, or the schedule's."""
        if not self._choices.active:
            return wave
        left = list(wave)
        order = []
        while left:
            order.append(left.pop(self._choices.choose("order", len(left))))
        return order

    @property
    def is_quiet(self) -> bool:
        """True when nothing is left to do, late copies aside.

        That is: no inbox has an entry, nothing is pending or held, no bolt may act at its next tick, and every spout is
        silent, or the topology is not active.
        """
        return self._spouts_are_quiet and not any(
            bolt.inbox or bolt.awaits_tick or bolt.holds_data for bolt in self._tasks.bolts
        )

    @property
    def is_stuck(self) -> bool:
        """True when bolts hold tuples, and nothing will be handed to anybody but what is on the agenda."""
        return self._spouts_are_quiet and not any(bolt.inbox for bolt in self._tasks.bolts)

    @property
    def _spouts_are_quiet(self) -> bool:
        return (
            all(
                not spout.inbox
                and (spout.silent_turns >= SILENT_TURNS or not self._tasks.is_active)
                for spout in self._tasks.spouts
            )
            and not self._tracker.has_pending
        )

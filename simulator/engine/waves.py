"""Waves: all tasks with work at an instant, each with the work that it is given.

Source: ``SpoutExecutor.call``, ``BoltExecutor.call`` (0.9.5 to 2.8.3).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from simulator.engine.bolt_task import BoltTask
from simulator.engine.chance import Choices
from simulator.engine.clock import FOR_EVER_MS, Agenda
from simulator.engine.effects import SYSTEM, Delivery, Settlement
from simulator.engine.faults import Crash, CrashOrder, OutageOrder, death_by
from simulator.engine.options import RunOptions
from simulator.engine.routing import Counts
from simulator.engine.servers import US, Queue, Server
from simulator.engine.spout_task import SpoutTask
from simulator.engine.task import Task
from simulator.engine.tasks import Tasks
from simulator.engine.timers import Due
from simulator.engine.tracker import Tracker
from simulator.engine.work import Work
from streamparse.multilang import TICK_STREAM

MOST_PREPARED = 64  # inputs of a bolt in one conversation
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
        servers: what takes the time of tasks whose work takes some; with any, a spout takes one turn a wave, so that no
            bolt waits for its others.
        silence_ms: how long Storm lets a component be silent, in virtual milliseconds.
        looks_ahead: whether bolts may be given inputs before their services begin (``BoltTask.prepare``).
        inbox_until_empty: whether a spout is asked only once no ack or fail waits for it.
        watch_full: called once with a spout that is not asked because too much is pending; None: such a spout lives.

    Attributes:
        spouts_wait: whether back-pressure holds the spouts back.
        counts_tuples: whether all bolts together take one input a wave, so that each can be counted.
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
        *,
        servers: Mapping[int, Server] | None = None,
        silence_ms: int = FOR_EVER_MS,
        watch_full: Callable[[SpoutTask], object] | None = None,
        looks_ahead: bool = False,
        inbox_until_empty: bool = False,
    ) -> None:
        self._tasks = tasks
        self._tracker = tracker
        self._agenda = agenda
        self._counts = counts
        self._choices = choices
        self._ticked = ticked
        self._kill = kill
        self._on_delivery = on_delivery
        self._most_turns = 1 if options.real_time else options.turns
        self._asks_spouts = options.asks_spouts
        self._sees_clock = options.sees_clock
        self._silence_ms = silence_ms
        self._watch_full = watch_full
        self._looks_ahead = looks_ahead
        self._inbox_until_empty = inbox_until_empty
        self.spouts_wait = False
        self.counts_tuples = False
        self._servers = {} if servers is None else servers

    def form(self, until_ms: int) -> list[Task]:
        """Give every task its work of this instant; return the tasks that have some, by number.

        Args:
            until_ms: the end of the run; no spout takes a turn at it.
        """
        for executor in self._tracker.executors:
            if self._is_free(self._tasks[executor.tasks[0]]):
                self._tracker.drain(executor)
        single = self._one_at_a_time()
        turns = self._turns_now(until_ms)
        asking = turns > 0 and self._spouts_are_asked()
        room_of = {executor.tasks[0]: executor.room for executor in self._tracker.executors}
        wave: list[Task] = []
        for task in self._tasks:
            if not self._is_free(task):
                continue
            if isinstance(task, SpoutTask):
                room = room_of[self._tracker.executor_of[task.id].tasks[0]]
                asked = asking and not (task.kept or self.spouts_wait)
                if task.inbox or (asked and (room is None or room > 0)):
                    task.asked_ms = self._agenda.now_ms
                    self._ask(task, self._turns_of(task, turns) if asked else 0, room)
                    wave.append(task)
                elif self._watch_full is not None and room == 0 and not task.is_watched:
                    task.is_watched = not task.is_local
                    self._watch_full(task)
            elif isinstance(task, BoltTask) and task.inbox:
                if task.component in single and single[task.component] is not task:
                    continue
                if task.server is not None:
                    self._begin_service(task, task.server)
                else:
                    is_single = task.component in single
                    self._hand_over(task, 1 if is_single else self._batch_limit(task))
                wave.append(task)
        return wave

    def _ask(self, spout: SpoutTask, turns: int, room: int | None) -> None:
        """Hand a spout its commands of this wave, unless a crash strikes before the first of them."""
        try:
            for order in spout.orders if turns else ():
                if isinstance(order, OutageOrder) and order.strikes(spout.id, self._agenda.now_ms):
                    raise Crash(order)
            spout.work(turns=turns, room=room)
        except Crash as crash:
            self._crash(spout, crash.order)

    def _crash(self, task: Task, order: CrashOrder | OutageOrder) -> None:
        self._kill([task.id])
        task.outcome = death_by(order)

    def again(self, wave: Sequence[Task]) -> list[BoltTask]:
        """Give the bolts of a wave that are free again in its millisecond their next input; return them.

        What this wave has sent arrives at its end, so it is not among these inputs.
        """
        again = []
        for task in wave:
            if not isinstance(task, BoltTask) or task.server is None or not task.inbox:
                continue
            assert isinstance(task.inbox, Queue)
            if self._is_free(task) and task.inbox.since_ms <= self._agenda.now_ms:
                self._begin_service(task, task.server)
                again.append(task)
        return again

    def _is_free(self, task: Task) -> bool:
        if (
            task.in_turn
            or task.has_ended
            or task.is_down
            or (task.kept and isinstance(task, BoltTask))
        ):
            return False
        return task.server is None or task.server.is_free(self._agenda.now_ms)

    def _is_told_long(self, spout: SpoutTask, work: Work) -> bool:
        """Return whether the executor of a spout is busy with acks and fails for a millisecond or longer."""
        told_us = sum(
            duration.mean_us
            for task in self._tracker.executor_of[spout.id].tasks
            for each in self._tasks.spout(task).inbox
            if isinstance(each, Settlement)
            and (duration := work.ack if each.verb == "ack" else work.fail) is not None
        )
        return told_us >= US

    def _turns_of(self, spout: SpoutTask, turns: int) -> int:
        """The number of turns of a spout, with work as many as begin in this millisecond.

        Storm looks for acks behind each turn. Where it is busy with some meanwhile, more may have come.
        """
        if spout.server is None:
            return turns
        if self._is_told_long(spout, spout.server.work):
            return 0 if self._inbox_until_empty else 1
        return spout.server.turns(self._agenda.now_ms)

    def _begin_service(self, bolt: BoltTask, server: Server) -> None:
        assert isinstance(bolt.inbox, Queue)
        since_ms, us = bolt.inbox.since_ms, server.time_of(bolt.inbox[0])
        if not bolt.prepared and self._may_prepare(bolt, server):
            bolt.prepare(MOST_PREPARED)
        self._hand_over(bolt, 1)
        now_ms = self._agenda.now_ms
        bolt.silent_ms = server.silent_ms(us, self._silence_ms, now_ms)
        bolt.done_ms = server.serve(since_ms, now_ms, us)

    def _turns_now(self, until_ms: int) -> int:
        """The number of turns that a spout may take before anything else is due."""
        now_ms, next_ms = self._agenda.now_ms, self._agenda.next_ms
        most = 1 if self._servers else self._most_turns
        turns = min(most, until_ms - now_ms)
        if next_ms is not None:
            turns = min(turns, next_ms - now_ms)
        return max(turns, 0)

    def _spouts_are_asked(self) -> bool:
        """Return whether spouts are asked: while a bolt has work, or until all spouts have been silent."""
        if not (self._asks_spouts and self._tasks.is_active):
            return False
        return any(bolt.inbox and self._is_free(bolt) for bolt in self._tasks.bolts) or any(
            spout.inbox or spout.silent_turns < SILENT_TURNS for spout in self._tasks.spouts
        )

    def _one_at_a_time(self) -> dict[str, BoltTask]:
        """The task that is next, of each bolt with orders: it takes one tuple a wave, by delivery over its tasks.

        So the orders count tuples in the order of delivery.
        """
        if self.counts_tuples:
            bolt = self.next_bolt
            return {} if bolt is None else {each.component: bolt for each in self._tasks.bolts}
        first: dict[str, BoltTask] = {}
        for bolt in self._tasks.bolts:
            if bolt.inbox and bolt.orders and bolt.has_orders:
                rival = first.get(bolt.component)
                if rival is None or int(bolt.inbox[0].id) < int(rival.inbox[0].id):
                    first[bolt.component] = bolt
        return first

    @property
    def next_bolt(self) -> BoltTask | None:
        """The task of a bolt whose next input comes before those of all others; None when there is none."""
        waiting = [bolt for bolt in self._tasks.bolts if bolt.inbox and self._is_free(bolt)]
        return min(waiting, key=lambda bolt: int(bolt.inbox[0].id), default=None)

    def _batch_limit(self, bolt: BoltTask) -> int | None:
        if not self._choices.active:
            return None
        waiting = len(bolt.inbox)
        return waiting - self._choices.choose(f"{bolt.name}/batch", waiting)

    def _may_prepare(self, bolt: BoltTask, server: Server) -> bool:
        """Return whether a component cannot tell when an input of its is handed to it."""
        return (
            self._looks_ahead
            and len(bolt.inbox) > 1
            and bolt.single_threaded
            and server.work.parallel == 1
            and not (bolt.orders or bolt.may_speak or bolt.slept_until_ms or self._choices.active)
        )

    def _hand_over(self, bolt: BoltTask, limit: int | None) -> None:
        if bolt.prepared or bolt.is_preparing:
            bolt.begin_prepared()
        else:
            bolt.work(limit)
        data = sum(delivery.source.task >= 0 for delivery in bolt.batch)
        self._counts[bolt.component].executed += data
        if data < len(bolt.batch):
            ticks = sum(delivery.stream == TICK_STREAM for delivery in bolt.batch)
            self._counts[bolt.component].ticks += ticks
        if self._on_delivery:
            for delivery in bolt.batch:
                self._on_delivery(delivery, self._agenda.now_ms)
        if data and bolt.has_spoken:
            bolt.said_nothing = False
        if data and bolt.component in self._ticked:
            bolt.awaits_tick = True
        if bolt.orders:
            self._strike(bolt)

    def _strike(self, bolt: BoltTask) -> None:
        """Kill a bolt that has been handed what an order strikes at, before it has done anything with it."""
        now_ms = self._agenda.now_ms
        for delivery in bolt.batch:
            is_data = delivery.source is not SYSTEM
            if not is_data and delivery.stream != TICK_STREAM:
                continue
            for order in bolt.orders:
                if isinstance(order, CrashOrder):
                    if order.strikes(bolt.id, "tuple" if is_data else "tick"):
                        self._crash(bolt, order)
                elif isinstance(order, OutageOrder) and is_data and order.strikes(bolt.id, now_ms):
                    self._crash(bolt, order)

    def order(self, wave: Sequence[Task]) -> Sequence[Task]:
        """The order in which the effects of a wave are routed: that of the tasks, or the schedule's."""
        if not self._choices.active:
            return wave
        if len(wave) == 1:
            self._choices.choose_next("order", [wave[0].name])
            return wave
        left = list(wave)
        names = [task.name for task in wave]
        order = []
        while left:
            chosen = self._choices.choose_next("order", names)
            order.append(left.pop(chosen))
            del names[chosen]
        return order

    @property
    def retries_ms(self) -> int | None:
        """When a spout is asked next that may wait to emit again what has failed; None when there is none."""
        if not (self._sees_clock and self._tasks.is_active):
            return None
        now_ms = self._agenda.now_ms
        asked = [spout.asked_again_ms(now_ms) for spout in self._tasks.spouts]
        return min((each for each in asked if each is not None), default=None)

    def ask_retrying(self) -> None:
        """Have each spout that may wait to emit again what has failed asked once more."""
        for spout in self._tasks.spouts:
            if spout.asked_again_ms(self._agenda.now_ms) is not None:
                spout.silent_turns = SILENT_TURNS - 1

    @property
    def is_quiet(self) -> bool:
        """True when nothing is left to do, late copies aside.

        That is: no inbox has an entry, nothing is pending or held, no bolt may act at its next tick, and every spout is
        silent, or the topology is not active.
        """
        return self._spouts_are_quiet and not any(
            bolt.inbox or bolt.awaits_tick or bolt.holds_data or bolt.in_turn or bolt.kept
            for bolt in self._tasks.bolts
        )

    @property
    def is_stuck(self) -> bool:
        """True when bolts hold tuples, and nothing will be handed to anybody but what is on the agenda."""
        return self._spouts_are_quiet and not any(
            bolt.inbox or bolt.kept for bolt in self._tasks.bolts
        )

    @property
    def _spouts_are_quiet(self) -> bool:
        return (
            all(
                not (spout.inbox or spout.in_turn or spout.kept)
                and (spout.silent_turns >= SILENT_TURNS or not self._tasks.is_active)
                for spout in self._tasks.spouts
            )
            and self.retries_ms is None
            and not self._tracker.has_pending
        )

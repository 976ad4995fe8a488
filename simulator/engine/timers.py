"""The entries of the agenda: ticks, message timeouts, timers of components, and copies that arrive later.

Source: ``Executor.setupTicks``, ``SpoutExecutor`` (0.9.5 to 2.8.3).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from simulator.engine import events
from simulator.engine.chance import Choices
from simulator.engine.clock import Agenda
from simulator.engine.effects import Delivery, Effect, Outcome, system_tuple
from simulator.engine.servers import US, Server
from simulator.engine.tasks import Tasks
from simulator.engine.trace import Trace
from simulator.engine.tracker import Rotation, SpoutExecutor, Tracker
from simulator.engine.wiring import Wiring
from streamparse import multilang


class TickDue(NamedTuple):
    """All tasks of a bolt are ticked; the next tick is one period later."""

    component: str
    seconds: float
    tasks: tuple[int, ...]


class RotationDue(NamedTuple):
    """One message timeout has passed; the pending tuples of a spout's executor age when it takes notice."""

    executor: SpoutExecutor
    period_ms: int


class TimerDue(NamedTuple):
    """A ``TicklessBatchingBolt`` is woken, unless its process has been restarted since it asked.

    Attributes:
        task: its task.
        life: how often its process had been started when it asked.
    """

    task: int
    life: int


class Arrival(NamedTuple):
    """A copy arrives late."""

    delivery: Delivery


class Done(NamedTuple):
    """A service ends: what the task said in it takes effect.

    Attributes:
        task: its task.
        life: how often its process had been started when the service began; an earlier life's effects are lost.
        effects: what it said.
        outcome: how it ended, where it ended.
    """

    task: int
    life: int
    effects: list[Effect]
    outcome: Outcome


class RestartDue(NamedTuple):
    """Workers have come up again, and start the processes of these tasks."""

    tasks: tuple[int, ...]


class RebalanceDue(NamedTuple):
    """The wait of a rebalance is over: all workers are placed anew.

    Attributes:
        workers: how many there are then; None: as many as before.
        is_active: whether the topology was active, and is so again.
    """

    workers: int | None
    is_active: bool


class ActivateDue(NamedTuple):
    """An operator activates the topology again."""


class StopDue(NamedTuple):
    """Storm has found a bolt's task silent, and gives it nothing more.

    Attributes:
        task: its task.
        life: how often its process had been started then.
    """

    task: int
    life: int


class SilenceDue(NamedTuple):
    """Storm looks how long a spout's task has been silent, where it does so while the task is not asked."""

    task: int


Due = (
    TickDue
    | RotationDue
    | TimerDue
    | Arrival
    | Done
    | SilenceDue
    | StopDue
    | RestartDue
    | RebalanceDue
    | ActivateDue
)
#: At one instant ticks and timeouts come before the ends of services.
DONE_RANK = 1


PHASES = 8  # of the ticks of an executor within a period, by a schedule
MOST_DRIFT_MS = 3  # of each tick, by a schedule


def _period_ms(seconds: float) -> int:
    """0 means "as fast as possible" (Storm checks only that it is an integer): here every millisecond."""
    return max(1, int(seconds * 1000))


class Timers:
    """Arms ticks, timeouts and timers, and handles them when they are due.

    Args:
        ids: gives the ids of tuples.
        choices: the schedule; None: first in, first out.

    Attributes:
        ticked: the bolts that are ticked.
        lives: how often the process of each task has been started.
    """

    def __init__(
        self,
        wiring: Wiring,
        tasks: Tasks,
        tracker: Tracker,
        agenda: Agenda[Due],
        trace: Trace,
        ids: Iterator[int],
        choices: Choices | None = None,
    ) -> None:
        self._wiring = wiring
        self._tasks = tasks
        self._tracker = tracker
        self._agenda = agenda
        self._trace = trace
        self._ids = ids
        self._choices = choices or Choices()
        self.ticked: set[str] = set()
        self.lives: dict[int, int] = {}
        self._ticks_of: dict[int, TickDue | None] = {}  # by task; None while its worker is down
        self._rotation_of: dict[int, RotationDue | None] = {}  # by the first task of an executor

    def arm(self, servers: Mapping[int, Server]) -> None:
        """Put the ticks of bolts and the timeouts of spouts on the agenda, in the order of the topology.

        Args:
            servers: of the tasks whose work takes time: where timers follow ``prepare``, they count from its end.
        """
        ready_ms: dict[int, int] = {}
        if self._wiring.profile.timers_follow_prepare:
            ready_ms = {task: server.ready_us // US for task, server in servers.items()}
        for component in self._wiring.topology.components.values():
            tasks = self._wiring.task_ids[component.id]
            if component.kind == "bolt":
                seconds = self._wiring.tick_seconds(component.id)
                if seconds is not None and tasks:
                    self.ticked.add(component.id)
                    self._arm_ticks(component.id, seconds, tasks, ready_ms)
            elif self._wiring.has_timeouts:
                for executor in self._tracker.executors:
                    if executor.tasks[0] in tasks:
                        self._arm_rotation(executor, ready_ms.get(executor.tasks[0], 0))

    def _arm_ticks(
        self, bolt: str, seconds: float, tasks: Sequence[int], ready_ms: Mapping[int, int]
    ) -> None:
        """Tick these tasks; those that begin at the same time together."""
        self._ticks_of.update(dict.fromkeys(tasks))
        tasks = [task for task in tasks if not self._tasks[task].is_down]
        begins_ms = {task: ready_ms.get(task, 0) + self._phase_ms(task, seconds) for task in tasks}
        for after_ms in sorted(set(begins_ms.values())):
            same = tuple(task for task in tasks if begins_ms[task] == after_ms)
            due = TickDue(bolt, seconds, same)
            self._ticks_of.update(dict.fromkeys(same, due))
            self._add_tick(due, after_ms)

    def _phase_ms(self, task: int, seconds: float) -> int:
        """How much later than the others a schedule has the ticks of an executor begin: a part of their period."""
        if not self._choices.active:
            return 0
        name = self._tasks[task].name
        return self._choices.choose_phase(f"{name}/phase", PHASES) * _period_ms(seconds) // PHASES

    def _drift_ms(self, due: TickDue) -> int:
        """How many milliseconds a schedule has the next ticks come late: Storm counts a period from the last tick."""
        if not self._choices.active:
            return 0
        name = self._tasks[due.tasks[0]].name
        return self._choices.choose(f"{name}/drift", MOST_DRIFT_MS + 1)

    def _arm_rotation(self, executor: SpoutExecutor, after_ms: int) -> None:
        if self._tasks[executor.tasks[0]].is_down:
            self._rotation_of[executor.tasks[0]] = None
            return
        due = RotationDue(executor, self._wiring.message_timeout_ms)
        self._rotation_of[executor.tasks[0]] = due
        self._agenda.add(self._agenda.now_ms + due.period_ms + after_ms, due)

    def disarm(self, tasks: Iterable[int]) -> None:
        """Stop the timers of these tasks, whose workers have died: they are those of the executors."""
        for task in tasks:
            for armed in (self._ticks_of, self._rotation_of):
                if task in armed:
                    armed[task] = None

    def arm_again(self, tasks: Sequence[int], servers: Mapping[int, Server]) -> None:
        """Begin the timers of these tasks anew, as far as they were stopped."""
        now_ms, ready_ms = self._agenda.now_ms, dict[int, int]()
        if self._wiring.profile.timers_follow_prepare:
            busy = {task: servers[task].ready_us // US for task in tasks if task in servers}
            ready_ms = {task: max(0, ms - now_ms) for task, ms in busy.items()}
        for name, component in self._wiring.topology.components.items():
            ids = self._wiring.task_ids[name]
            stopped = [task for task in tasks if task in ids and self._is_stopped(task)]
            seconds = self._wiring.tick_seconds(name) if component.kind == "bolt" else None
            if seconds is not None:
                self._arm_ticks(name, seconds, stopped, ready_ms)
            for executor in self._tracker.executors:
                if executor.tasks[0] in stopped:
                    self._arm_rotation(executor, ready_ms.get(executor.tasks[0], 0))

    def _is_stopped(self, task: int) -> bool:
        armed = self._ticks_of if task in self._ticks_of else self._rotation_of
        return armed.get(task, 0) is None

    def watch_silence(self, task: int) -> None:
        """Look at the next whole second how long a spout's task has been silent."""
        self._agenda.add(self._agenda.now_ms // 1000 * 1000 + 1000, SilenceDue(task))

    def _add_tick(self, due: TickDue, after_ms: int = 0) -> None:
        self._agenda.add(self._agenda.now_ms + after_ms + _period_ms(due.seconds), due)

    def set_timer(self, task: int, after_ms: int) -> None:
        """Wake a task after so many milliseconds, but not before the next one."""
        due_ms = self._agenda.now_ms + max(after_ms, 1)
        self._agenda.add(due_ms, TimerDue(task, self.lives[task]))

    def handle(self, due: TickDue | RotationDue | TimerDue) -> None:
        """Handle an entry that is due now."""
        if isinstance(due, TickDue):
            tasks = [task for task in due.tasks if self._ticks_of.get(task) is due]
            for task in tasks:
                self.tick(task, due.seconds)
                self._tasks.bolt(task).awaits_tick = False
            if tasks:
                self._add_tick(due, self._drift_ms(due))
        elif isinstance(due, TimerDue):
            if self.lives.get(due.task) == due.life:
                now_ms = self._agenda.now_ms
                self._hand_over(due.task, multilang.TIMER_STREAM, now_ms, events.Timer)
        elif self._rotation_of.get(due.executor.tasks[0]) is due:
            due.executor.inbox.append(Rotation())
            self._agenda.add(self._agenda.now_ms + due.period_ms, due)

    def tick(self, task: int, seconds: float) -> None:
        """Tick one task of a bolt now."""
        self._hand_over(task, multilang.TICK_STREAM, seconds, events.Tick)

    def _hand_over(
        self, task: int, stream: str, number: float, event: type[events.Tick | events.Timer]
    ) -> None:
        bolt = self._tasks.bolt(task)  # spouts get neither ticks nor timers
        if bolt.is_down:
            return
        delivery = system_tuple(str(next(self._ids)), task, stream, number)
        self._trace.add(event(self._agenda.now_ms, bolt.component, task, delivery.id))
        bolt.inbox.append(delivery)

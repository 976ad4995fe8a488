"""The entries of the agenda: ticks, message timeouts, timers of components, and copies that arrive later.

Source: ``Executor.setupTicks``, ``SpoutExecutor`` (0.9.5 to 2.8.3).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from simulator.engine import events
from simulator.engine.clock import Agenda
from simulator.engine.effects import Delivery, system_tuple
from simulator.engine.tasks import Tasks
from simulator.engine.trace import Trace
from simulator.engine.tracker import SpoutExecutor, Tracker
from simulator.engine.wiring import Wiring
from streamparse import multilang


class TickDue(NamedTuple):
    """All tasks of a bolt are ticked; the next tick is one period later."""

    component: str
    seconds: float
    tasks: tuple[int, ...]


class RotationDue(NamedTuple):
    """The pending tuples of a spout's executor age by one message timeout."""

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


Due = TickDue | RotationDue | TimerDue | Arrival


class Timers:
    """Arms ticks, timeouts and timers, and handles them when they are due.

    Args:
        ids: gives the ids of tuples.

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
    ) -> None:
        self._wiring = wiring
        self._tasks = tasks
        self._tracker = tracker
        self._agenda = agenda
        self._trace = trace
        self._ids = ids
        self.ticked: set[str] = set()
        self.lives: dict[int, int] = {}

    def arm(self) -> None:
        """Put the ticks of bolts and the timeouts of spouts on the agenda, in the order of the topology."""
        for component in self._wiring.topology.components.values():
            tasks = self._wiring.task_ids[component.id]
            if component.kind == "bolt":
                seconds = self._wiring.tick_seconds(component.id)
                if seconds is not None and tasks:
                    self.ticked.add(component.id)
                    self._add_tick(TickDue(component.id, seconds, tasks))
            elif self._wiring.has_timeouts:
                period_ms = self._wiring.message_timeout_ms
                for executor in self._tracker.executors:
                    if executor.tasks[0] in tasks:
                        self._agenda.add(
                            self._agenda.now_ms + period_ms, RotationDue(executor, period_ms)
                        )

    def _add_tick(self, due: TickDue) -> None:
        # 0 means "as fast as possible" (Storm checks only that it is an integer): here every millisecond.
        self._agenda.add(self._agenda.now_ms + max(1, int(due.seconds * 1000)), due)

    def set_timer(self, task: int, after_ms: int) -> None:
        """Wake a task after so many milliseconds, but not before the next one."""
        due_ms = self._agenda.now_ms + max(after_ms, 1)
        self._agenda.add(due_ms, TimerDue(task, self.lives[task]))

    def handle(self, due: TickDue | RotationDue | TimerDue) -> None:
        """Handle an entry that is due now."""
        if isinstance(due, TickDue):
            for task in due.tasks:
                self.tick(task, due.seconds)
                self._tasks.bolt(task).awaits_tick = False
            self._add_tick(due)
        elif isinstance(due, TimerDue):
            if self.lives.get(due.task) == due.life:
                now_ms = self._agenda.now_ms
                self._hand_over(due.task, multilang.TIMER_STREAM, now_ms, events.Timer)
        else:
            self._tracker.rotate(due.executor)
            self._agenda.add(self._agenda.now_ms + due.period_ms, due)

    def tick(self, task: int, seconds: float) -> None:
        """Tick one task of a bolt now."""
        self._hand_over(task, multilang.TICK_STREAM, seconds, events.Tick)

    def _hand_over(
        self, task: int, stream: str, number: float, event: type[events.Tick | events.Timer]
    ) -> None:
        bolt = self._tasks.bolt(task)  # spouts get neither ticks nor timers
        delivery = system_tuple(str(next(self._ids)), task, stream, number)
        self._trace.add(event(self._agenda.now_ms, bolt.component, task, delivery.id))
        bolt.inbox.append(delivery)

"""The life of components: their start, their death, and the restart of their workers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from simulator.engine import events
from simulator.engine.clock import Agenda
from simulator.engine.faults import Order, fresh_order
from simulator.engine.options import OnCrash
from simulator.engine.ports import Listener, Start, Transport
from simulator.engine.routing import Counts
from simulator.engine.task import Task
from simulator.engine.tasks import Tasks
from simulator.engine.timers import Due
from simulator.engine.trace import Trace
from simulator.engine.tracker import Tracker
from simulator.engine.wiring import Wiring
from simulator.engine.workers import Failure, Restarted, describe, ends_run, loss, reason_of
from simulator.wire import protocol
from streamparse.multilang import LOG_LEVELS, cut

START_ATTEMPTS = 3  # else a component that cannot start would be restarted for ever
MOST_FAILURES = 100  # in the report: a component that dies at every tuple would fill the memory

Converse = Callable[[Sequence[Task]], None]
Logs = Callable[[str, protocol.Log | protocol.Debugger], object]


class Lifecycle:
    """Starts components; when one dies, ends the run or restarts its worker.

    Args:
        counts: the counts of each component; restarts are counted there.
        lives: how often the process of each task has been started; starts are counted there.
        transport: runs the components.
        listener: receives what components log.
        converse: carries the conversations of tasks, and routes their effects.
        on_log: called with each log message as it came, and its component.

    Attributes:
        orders: the crashes and hangs that are to be injected.
        failures: the deaths and broken protocols so far, at most ``MOST_FAILURES``.
        restarts: who was started again, and why, at most ``MOST_FAILURES``.
        is_final: whether a failure has ended the run.
    """

    def __init__(
        self,
        wiring: Wiring,
        tasks: Tasks,
        tracker: Tracker,
        agenda: Agenda[Due],
        trace: Trace,
        counts: dict[str, Counts],
        lives: dict[int, int],
        transport: Transport,
        listener: Listener,
        converse: Converse,
        on_log: Logs | None = None,
    ) -> None:
        self._wiring = wiring
        self._tasks = tasks
        self._tracker = tracker
        self._agenda = agenda
        self._trace = trace
        self._counts = counts
        self._lives = lives
        self._transport = transport
        self._listener = listener
        self._converse = converse
        self._on_log = on_log
        self._handshakes: dict[str, Callable[[int], bytes]] = {}
        self.orders: list[Order] = [fresh_order(order) for order in wiring.options.orders]
        self.failures: list[Failure] = []
        self.restarts: list[Restarted] = []
        self.is_final = False

    def make_task(self, task: int) -> Task:
        """A task that has not been started."""
        is_active = self._tasks.is_active
        return self._wiring.make_task(task, self._log, self.orders, is_active=is_active)

    def _log(self, task: int, message: protocol.Log | protocol.Debugger) -> None:
        component = self._wiring.component_of[task]
        if isinstance(message, protocol.Debugger):
            self._listener.log(component, task, LOG_LEVELS["warn"], debugger_text(message))
        else:
            self._listener.log(component, task, message.level, message.message)
        if self._on_log is not None:
            self._on_log(component, message)

    # -- start

    def open(self) -> bool:
        """Start every component and wait for its answer; return False when one cannot start (see ``failures``)."""
        tasks = list(self._tasks)
        self._start(tasks)
        # A component that cannot start at all is not restarted.
        self.bury([task for task in tasks if task.outcome is not None], "stop")
        return not self.is_final

    def _start(self, tasks: Sequence[Task]) -> None:
        remote = [task for task in tasks if not task.is_local]
        components = self._wiring.topology.components
        self._transport.start(
            [
                Start(
                    task.id,
                    components[task.component],
                    task.index,
                    self._seed(task),
                    f"{self._wiring.options.seed}/modules",
                )
                for task in remote
            ]
        )
        for task in remote:
            self._lives[task.id] = self._lives.get(task.id, 0) + 1
            task.begin(self._handshake(task))
        self._converse(remote)

    def _seed(self, task: Task) -> str:
        """The seed of the ``random`` module of a task's process; each of its lives has its own."""
        seed = f"{self._wiring.options.seed}/{task.component}/{task.index}"
        life = self._lives.get(task.id, 0)
        return f"{seed}/{life}" if life else seed

    def _handshake(self, task: Task) -> bytes:
        """The handshake of a task; the part that all tasks of its component share is printed once."""
        handshake = self._handshakes.get(task.component)
        if handshake is None:
            pid_dir = self._transport.pid_dir
            handshake = self._wiring.handshakes(task.component, pid_dir)
            self._handshakes[task.component] = handshake
        return handshake(task.id)

    # -- death

    def bury(self, failed: Sequence[Task], on_crash: OnCrash) -> None:
        """Record the deaths of these tasks; end the run, or start their workers again.

        Args:
            failed: tasks with an outcome.
            on_crash: see ``RunOptions``.
        """
        if not failed:
            return
        for task in failed:
            self._trace.add(
                events.Died(self._agenda.now_ms, task.component, task.id, reason_of(task))
            )
        strict = self._wiring.options.strict
        fatal = [task for task in failed if ends_run(task, on_crash, strict=strict)]
        if on_crash != "ordered":
            self._remember(failed)
        elif fatal:
            self._remember(fatal)
        if fatal:
            self.is_final = True
        else:
            self._restart(failed)

    def _remember(self, failed: Sequence[Task]) -> None:
        room = MOST_FAILURES - len(self.failures)
        self.failures += [describe(task) for task in failed[: max(room, 0)]]

    def _restart(self, failed: Sequence[Task]) -> None:
        """Start the workers of these tasks again, as a cluster does; what their tasks held and waited for is lost."""
        lost = loss(failed, self._tasks)
        self._count_restart(failed, lost.tasks)
        self._tracker.lose_ackers(lost.workers)
        for task in lost.tasks:
            self._tracker.forget_task(task)
        for _ in range(START_ATTEMPTS):
            self._transport.kill(lost.tasks)
            fresh = self._replace(lost.tasks)
            self._start(fresh)
            for again in fresh:
                self._trace.add(events.Restart(self._agenda.now_ms, again.component, again.id))
            if not any(again.outcome for again in fresh):
                return
        # Something can no longer start.
        self.bury([again for again in fresh if again.outcome], "stop")

    def _count_restart(self, failed: Sequence[Task], lost: Sequence[int]) -> None:
        by_component: dict[str, list[int]] = {}
        for task in lost:
            by_component.setdefault(self._tasks[task].component, []).append(task)
        for component in by_component:
            self._counts[component].restarts += 1
        if len(self.restarts) < MOST_FAILURES:
            because = "; ".join(map(_death, failed))
            self.restarts.append(Restarted(self._agenda.now_ms, because, by_component))

    def _replace(self, lost: Sequence[int]) -> list[Task]:
        fresh = []
        for task in lost:
            old = self._tasks[task]
            self._counts[old.component].seconds += old.seconds
            fresh.append(self.make_task(task))
        self._tasks.replace(fresh)
        return fresh


def debugger_text(message: protocol.Debugger) -> str:
    """The words about a debugger in a component process."""
    host, _, port = message.address.partition(":")
    return f"a debugger waits on {message.address}; talk to it with: nc {host} {port}"


def _death(task: Task) -> str:
    reason = reason_of(task) or describe(task).finding
    return f"{task.component}[{task.id}] died: {cut(reason, 200)}"

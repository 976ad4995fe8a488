"""The life of components: their start, their death, and the restart of their workers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from simulator.engine import events
from simulator.engine.clock import Agenda
from simulator.engine.effects import Death
from simulator.engine.faults import CrashOrder, Order, fresh_order
from simulator.engine.options import OnCrash
from simulator.engine.ports import Listener, Start, Transport
from simulator.engine.routing import Counts
from simulator.engine.servers import Server
from simulator.engine.task import Task
from simulator.engine.tasks import Tasks
from simulator.engine.timers import Due, RestartDue, Timers
from simulator.engine.trace import Trace
from simulator.engine.tracker import Tracker
from simulator.engine.wiring import Wiring
from simulator.engine.workers import (
    Failure,
    Loss,
    Restarted,
    describe,
    ends_run,
    loss,
    reason_of,
)
from simulator.wire import protocol
from streamparse.multilang import LOG_LEVELS, cut, ignored_breakpoint

START_ATTEMPTS = 3  # else a component that cannot start would be restarted for ever
MOST_FAILURES = 100  # in the report: a component that dies at every tuple would fill the memory

Converse = Callable[[Sequence[Task]], None]
Logs = Callable[[str, protocol.Log | protocol.Debugger], object]


class Lifecycle:
    """Starts components; when one dies, ends the run or restarts its worker.

    Args:
        counts: the counts of each component; restarts are counted there.
        timers: has how often the process of each task has been started; starts are counted there.
        transport: runs the components.
        listener: receives what components log.
        converse: carries the conversations of tasks, and routes their effects.
        on_log: called with each log message as it came, and its component.
        servers: what takes the time of tasks whose work takes some.

    Attributes:
        orders: the crashes and hangs that are to be injected.
        failures: the deaths and broken protocols so far, at most ``MOST_FAILURES``.
        restarts: who was started again, and why, at most ``MOST_FAILURES``.
        is_final: whether a failure has ended the run.
        asks_for_steps: whether the first starts of components tell the steps that ``initialize`` takes.
        steps: the steps of ``initialize`` of each component, by file and line, in the first start of its first task.
    """

    def __init__(
        self,
        wiring: Wiring,
        tasks: Tasks,
        tracker: Tracker,
        agenda: Agenda[Due],
        trace: Trace,
        counts: dict[str, Counts],
        timers: Timers,
        transport: Transport,
        listener: Listener,
        converse: Converse,
        on_log: Logs | None = None,
        servers: Mapping[int, Server] | None = None,
    ) -> None:
        self._wiring = wiring
        self._tasks = tasks
        self._tracker = tracker
        self._agenda = agenda
        self._trace = trace
        self._counts = counts
        self._timers = timers
        self._lives = timers.lives
        self._transport = transport
        self._listener = listener
        self._converse = converse
        self._on_log = on_log
        self._servers = {} if servers is None else servers
        self._up_ms: dict[int, int] = {}  # when each task that has died is up again
        self._handshakes: dict[str, Callable[[int], bytes]] = {}
        self.orders: list[Order] = [fresh_order(order) for order in wiring.options.orders]
        self.failures: list[Failure] = []
        self.restarts: list[Restarted] = []
        self.is_final = False
        self.asks_for_steps = False
        self.steps: dict[str, Sequence[str]] = {}

    @property
    def starts(self) -> Mapping[int, int]:
        """How often the process of each task was started."""
        return self._lives

    def make_task(self, task: int) -> Task:
        """A task that has not been started."""
        is_active = self._tasks.is_active
        made = self._wiring.make_task(task, self._log, self.orders, is_active=is_active)
        if task in self._servers:
            made.serve_by(self._servers[task], self._agenda)
        return made

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
        self.bury([task for task in tasks if task.outcome and not _is_ordered(task)], "stop")
        if not self.is_final:
            self.bury([task for task in tasks if _is_ordered(task)], self._wiring.options.on_crash)
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
            task.start_crash = self._crash_at_start(task)
            task.begin(self._handshake(task))
        self._converse(remote)
        for task in remote:
            if task.steps is not None:
                self.steps.setdefault(task.component, task.steps)

    @staticmethod
    def _crash_at_start(task: Task) -> CrashOrder | None:
        """The crash that is ordered for this start. Starts are counted here, for processes answer in any order."""
        struck = [
            order
            for order in task.orders
            if isinstance(order, CrashOrder)
            and order.strikes(task.id, "initialize", after=order.after is not None)
        ]
        return struck[0] if struck else None

    def _seed(self, task: Task) -> str:
        """The seed of the ``random`` module of a task's process; each of its lives has its own."""
        seed = f"{self._wiring.options.seed}/{task.name}"
        life = self._lives.get(task.id, 0)
        return f"{seed}/{life}" if life else seed

    def _handshake(self, task: Task) -> bytes:
        """The handshake of a task; the part that all tasks of its component share is printed once."""
        handshake = self._handshakes.get(task.component)
        if handshake is None:
            pid_dir = self._transport.pid_dir
            handshake = self._wiring.handshakes(task.component, pid_dir)
            self._handshakes[task.component] = handshake
        text = handshake(task.id)
        if not task.single_threaded:
            return text
        crash = task.start_crash
        if crash is None:
            asks = self.asks_for_steps and not task.index and self._lives[task.id] == 1
            return b'{"crash":"before","step":0,' + text.removeprefix(b"{") if asks else text
        side = "before" if crash.after is None else "after"
        step = f'"step":{crash.step},' if crash.step else ""
        return f'{{"crash":"{side}",{step}'.encode() + text.removeprefix(b"{")

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
        given = [each.outcome.restart_ms for each in failed if isinstance(each.outcome, Death)]
        longest = max((ms for ms in given if ms is not None), default=None)
        self.lose(loss(failed, self._tasks), "; ".join(map(_death, failed)), longest)

    def lose(self, lost: Loss, because: str, restart_ms: int | None = None) -> None:
        """Start what has died again; what the tasks held and waited for, and what their ackers knew, is lost.

        Args:
            lost: the workers and tasks that have died.
            because: of what, in words.
            restart_ms: how long they take to come up again, in virtual milliseconds; None: as long as any worker.
        """
        self._count_restart(because, lost.tasks)
        if restart_ms is None:
            restart_ms = self._wiring.options.restart_ms
        up_ms = self._agenda.now_ms + restart_ms
        self._tracker.lose_ackers(lost.workers, up_ms)
        for task in lost.tasks:
            self._tracker.forget_task(task)
        self._timers.disarm(
            [task for task in lost.tasks if self._tasks[task].worker in lost.workers]
        )
        self._up_ms.update(dict.fromkeys(lost.tasks, up_ms))
        if restart_ms:
            self._transport.kill(lost.tasks)
            for down in self._replace(lost.tasks):
                down.is_down = True
            self._agenda.add(up_ms, RestartDue(tuple(lost.tasks)))
        else:
            self.start_again(lost.tasks)

    def start_due(self, tasks: Sequence[int]) -> None:
        """Start these tasks again, but for those that have died once more meanwhile."""
        self.start_again([task for task in tasks if self._up_ms[task] == self._agenda.now_ms])

    def start_again(self, lost: Sequence[int]) -> None:
        """Start these tasks again, whose workers have died."""
        for _ in range(START_ATTEMPTS):
            self._transport.kill(lost)
            fresh = self._replace(lost)
            self._start(fresh)
            for again in fresh:
                self._trace.add(events.Restart(self._agenda.now_ms, again.component, again.id))
            failed = [again for again in fresh if again.outcome]
            if all(map(_is_ordered, failed)):
                self._timers.arm_again([again.id for again in fresh], self._servers)
                self.bury(failed, self._wiring.options.on_crash)
                return
        # Something can no longer start.
        self.bury(failed, "stop")

    def _count_restart(self, because: str, lost: Sequence[int]) -> None:
        by_component: dict[str, list[int]] = {}
        for task in lost:
            by_component.setdefault(self._tasks[task].component, []).append(task)
        for component in by_component:
            self._counts[component].restarts += 1
        if len(self.restarts) < MOST_FAILURES:
            self.restarts.append(Restarted(self._agenda.now_ms, because, by_component))

    def _replace(self, lost: Sequence[int]) -> list[Task]:
        fresh = []
        for task in lost:
            old = self._tasks[task]
            self._counts[old.component].seconds += old.seconds
            fresh.append(self.make_task(task))
        self._tasks.replace(fresh)
        return fresh


def _is_ordered(task: Task) -> bool:
    return isinstance(task.outcome, Death) and task.outcome.ordered


def debugger_text(message: protocol.Debugger) -> str:
    """The words about a debugger in a component process."""
    if not message.address:
        return ignored_breakpoint(message.ignored_at)
    if message.address.startswith("/"):
        return f"a debugger waits at {message.address}; talk to it with: nc -U {message.address}"
    host, _, port = message.address.partition(":")
    return f"a debugger waits on {message.address}; talk to it with: nc {host} {port}"


def _death(task: Task) -> str:
    reason = reason_of(task) or describe(task).finding
    return f"{task.component}[{task.id}] died: {cut(reason, 200)}"

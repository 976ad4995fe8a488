"""The discrete-event simulation of one topology: it takes what is due, forms waves, and routes their effects.

It handles one instant of virtual time after the other. All tasks with work at an instant form a wave. They run at the
same time, each with a batch of its own, and their effects are routed in the order of the tasks. So the result does not
depend on the speed of any component, nor on whether components are processes or objects. A wave takes one virtual
millisecond, or as many as one of its spouts took turns. Its effects arrive at its end.

The engine starts no process, reads no file and never waits. That is the work of the transport, which is an argument.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Literal

from simulator.engine import injection
from simulator.engine.by_hand import ByHand
from simulator.engine.chance import Choices, stream_of
from simulator.engine.clock import FOR_EVER_MS, Agenda
from simulator.engine.effects import (
    Effect,
    ReportedError,
)
from simulator.engine.head import head_of
from simulator.engine.in_order import InOrder
from simulator.engine.lifecycle import Lifecycle, Logs
from simulator.engine.listening import Listening
from simulator.engine.network import Network
from simulator.engine.operations import Operations
from simulator.engine.options import RunOptions
from simulator.engine.ports import Listener, Pace, Silent, Transport
from simulator.engine.routing import Counts, Router
from simulator.engine.series import Series
from simulator.engine.services import Services
from simulator.engine.spout_task import SpoutTask
from simulator.engine.task import Task
from simulator.engine.tasks import Tasks
from simulator.engine.timers import (
    ActivateDue,
    Arrival,
    Done,
    Due,
    RebalanceDue,
    RestartDue,
    SilenceDue,
    StopDue,
    Timers,
)
from simulator.engine.trace import Trace
from simulator.engine.tracker import Pending, Tracker
from simulator.engine.unending import Unending
from simulator.engine.waves import SILENT_TURNS, Deliveries, Waves
from simulator.engine.wiring import wire
from simulator.engine.work_left import WorkLeft
from simulator.engine.workers import Failure, Restarted
from simulator.model import Topology, is_of_condition

__tracebackhide__ = is_of_condition  # pytest then shows the test's line

OnUnending = Callable[[int, Sequence[str]], object]

ASKED_EACH_MS = 100  # a silent spout, while something is in service
SETTLE_WAVES = 1000  # more than any topology is deep; a loop never settles


class Simulation:
    """One run of a topology.

    Args:
        topology: the topology to run.
        options: the options of the run; ``RunOptions()`` when None.
        transport: runs the components.
        trace: takes the events.
        listener: receives what components log, and the progress of virtual time.
        pace: called with the virtual milliseconds before each wave; see ``Pace``.
        idle_leap_ms: how far the clock may leap when nothing is due sooner, in milliseconds; None: any distance.
        on_delivery: called with each tuple that a bolt is handed, ticks too, and the virtual milliseconds.
        on_log: called with each log message as it came, and its component.
        on_error: called with each error that a component reports.
        looks_ahead: whether bolts with work may be given inputs before their services begin: that is faster, and the
            trace is the same, but who looks at a component meanwhile sees it ahead of virtual time.
        on_unending: called once in a run without a limit that is not idle for long: with the virtual milliseconds, and
            what keeps it going, a clause each.
        changes: options that differ from ``options``, by name.

    Attributes:
        topology: the topology.
        options: the options of the run.
        trace: the events so far.
        wiring: what follows from topology and options, and does not change.
        tasks: the tasks of the run.
        counts: the counts of each component so far.
        outputs: the last values, as JSON, on each stream that has no subscribers, by (component, stream).
        failures: the deaths and broken protocols so far.
        restarts: who was started again so far, and why, at most 100.
        reported: the errors that components have reported so far, at most 1000.
        servers: what takes the time of each task whose work takes some.
        full_ms: the bolts whose queue was full, and since when, in virtual milliseconds.
        asynchronous: the bolts that have spoken outside their turns: the run depends on their own timing.
        stopped_at_ms: the bolts that get nothing more, since Storm has found them silent, and since when.
        series: where work takes time, the counts at each second.
        before_step: called at the beginning of each step, where nobody works.
        operations: what is done to workers, ackers and the whole topology.
        injection: the faults of the run.
        left: what it still has to do.
        by_hand: what a harness does to single tasks.

    Raises:
        TopologyError: an executor of Storm would die of a setting or a grouping before it has begun.
        FaultError: an order or a rule cannot strike.
        WorkError: the work of the options is none, or of something that the topology does not have.
        ValueError: a setting that has to be a number is none, or the Storm version is unknown.
    """

    def __init__(
        self,
        topology: Topology,
        options: RunOptions | None = None,
        *,
        transport: Transport,
        trace: Trace | None = None,
        listener: Listener | None = None,
        pace: Pace | None = None,
        idle_leap_ms: int | None = None,
        on_delivery: Deliveries | None = None,
        on_log: Logs | None = None,
        on_error: Callable[[ReportedError], object] | None = None,
        looks_ahead: bool = False,
        on_unending: OnUnending | None = None,
        **changes: Any,
    ) -> None:
        self.topology = topology
        self.options = options = (options or RunOptions()).but(**changes)
        self.trace = trace or Trace()
        self._listener = listener or Silent()
        self._transport = transport
        self._pace = pace
        self._idle_leap_ms = idle_leap_ms
        self.wiring = wiring = wire(topology, options)
        injection.check(wiring, *options.orders, *options.rules)
        self.trace.components = wiring.component_of
        self.trace.head = head_of(wiring)
        choices = options.choices or Choices()
        ids, edges = itertools.count(1), stream_of(options.seed, "edges")
        self.tasks = tasks = Tasks()
        self._agenda: Agenda[Due] = Agenda()
        self._tracker = Tracker(wiring, tasks, self._agenda)
        self._network = Network(
            wiring, tasks, self._tracker, self._agenda, self.trace, choices, ids, edges
        )
        self._timers = Timers(wiring, tasks, self._tracker, self._agenda, self.trace, ids, choices)
        self._router = Router(
            wiring,
            self._tracker,
            self._network,
            self._timers,
            self._agenda,
            self.trace,
            ids,
            edges,
        )
        self._services = Services(
            wiring,
            tasks,
            self._tracker,
            self._agenda,
            self._router,
            self._timers,
            lambda failed: self._lifecycle.bury(failed, options.on_crash),
        )
        self.servers = servers = self._services.servers
        self._lifecycle = Lifecycle(
            wiring,
            tasks,
            self._tracker,
            self._agenda,
            self.trace,
            self._router.counts,
            self._timers,
            transport,
            self._listener,
            self._converse_at_start,
            on_log,
            servers,
        )
        self._listening = Listening(
            tasks,
            self._agenda,
            self._router,
            transport,
            self._listener,
            self._services.spread,
            lambda failed: self._lifecycle.bury(failed, options.on_crash),
            lambda: self.options.hang_seconds,
            is_real_time=options.real_time,
        )
        self.asynchronous: Collection[str] = self._listening.asynchronous
        self.stopped_at_ms: Mapping[str, int] = self._services.stopped_at_ms
        self.full_ms: Mapping[str, int] = self._router.full_ms
        self.series = Series(self._router.counts, lambda: tasks, servers)
        self._waves = Waves(
            tasks,
            self._tracker,
            self._agenda,
            self._router.counts,
            choices,
            self._timers.ticked,
            transport.kill,
            on_delivery,
            options,
            servers=servers,
            silence_ms=wiring.silence_ms,
            looks_ahead=looks_ahead,
            inbox_until_empty=wiring.profile.inbox_until_empty,
            watch_full=(
                (lambda spout: self._timers.watch_silence(spout.id))
                if wiring.profile.full_spout_dies
                else None
            ),
        )
        self.before_step: Callable[[], object] | None = None
        self.operations = Operations(
            wiring,
            tasks,
            self._tracker,
            self._agenda,
            self.trace,
            self._router.counts,
            self._lifecycle,
            self._waves,
        )
        self.injection = injection.Injection(
            wiring, tasks, self._network, self._lifecycle, self.operations
        )
        self.left = WorkLeft(tasks, self._tracker, self._agenda, self._services, self._waves)
        self.by_hand = ByHand(
            wiring, tasks, self._tracker, self._network, self._timers, ids, self._run_wave
        )
        self._on_unending = on_unending
        self._unending = Unending(wiring, tasks, self._tracker, self._router.counts)
        self.counts: Mapping[str, Counts] = self._router.counts
        self.outputs: Mapping[tuple[str, str], Sequence[str]] = self._router.outputs
        self.reported: Sequence[ReportedError] = self._router.reported
        self._router.on_error = on_error
        self.restarts: Sequence[Restarted] = self._lifecycle.restarts
        self.failures: Sequence[Failure] = self._lifecycle.failures
        tasks.fill(
            self._lifecycle.make_task(task)
            for component in topology.components
            for task in wiring.task_ids[component]
        )

    # -- running

    def open(self) -> bool:
        """Start every component and wait for its answer; return False when one cannot start (see ``failures``)."""
        if not self._lifecycle.open():
            return False
        self._timers.arm(self.servers)
        return True

    def run(
        self, until_ms: int | None, *, stop_when_idle: bool = True
    ) -> Literal["time", "idle", "error"]:
        """Handle every instant up to the end; return why the run stopped.

        Args:
            until_ms: the end, in virtual milliseconds; None: no end. Spouts take turns before it, and what is due or
                arrives at it is still handled.
            stop_when_idle: whether to stop when nothing is left to do.
        """
        if until_ms is not None or not stop_when_idle:
            self._on_unending = None
        while (stopped := self.advance(until_ms, stop_when_idle=stop_when_idle)) is None:
            pass
        return stopped

    def advance(
        self, until_ms: int | None, *, stop_when_idle: bool = True
    ) -> Literal["time", "idle", "error"] | None:
        """Go on to the end of the next wave; return why the run has stopped, or None when it can go on.

        Args:
            until_ms, stop_when_idle: as for ``run``; the same at each call, or the run is another.
        """
        until = FOR_EVER_MS if until_ms is None else until_ms
        while self.now_ms <= until:
            if self._on_unending and self.now_ms >= self._unending.look_at_ms:
                self._look_for_an_end(self._on_unending)
            had_work = self.step(until)
            if self.is_final:
                return "error"
            if had_work:
                return None
            if stop_when_idle and (self.left.is_idle or self.left.is_stuck):
                return "idle"
            if self.now_ms >= until:
                break
            self.leap(until)
        return "time"

    def _look_for_an_end(self, on_unending: OnUnending) -> None:
        reasons = self._unending.look(self.now_ms)
        if reasons:
            on_unending(self.now_ms, reasons)
            self._on_unending = None

    def step(self, until_ms: int) -> bool:
        """Handle this instant; return whether any task had work at it.

        Args:
            until_ms: the end of the run; no spout takes a turn at it.
        """
        if self.before_step is not None:
            self.before_step()
        if self.servers:
            self.series.catch_up(self.now_ms)
        self._agenda.arrival_ms = self.now_ms
        for due in self._agenda.pop_due(self.now_ms):
            self._handle(due)
        if self.is_final:
            return False
        if self._waves.counts_tuples:
            self.operations.strike()
        self._services.look_at_queues()
        self._waves.spouts_wait = self._services.spouts_wait
        wave = self._waves.form(until_ms)
        if wave:
            self._run_wave(wave)
        return bool(wave) or self._listening.listen()

    def _handle(self, due: Due) -> None:
        if isinstance(due, Arrival):
            self._network.arrive(due.delivery)
        elif isinstance(due, Done):
            self._services.end(due)
        elif isinstance(due, RestartDue):
            self._lifecycle.start_due(due.tasks)
        elif isinstance(due, (RebalanceDue, ActivateDue)):
            self.operations.handle(due)
        elif isinstance(due, StopDue):
            self._services.stop(due)
        elif isinstance(due, SilenceDue):
            self._services.look_at_full_spout(due)
        else:
            self._timers.handle(due)

    def settle(self) -> None:
        """Have everything in the inboxes processed, with all that comes of it.

        Spouts are not asked, and what is on the agenda (ticks, timeouts, late copies) is not handled, nor is what is
        said in turns that go on. Where work takes time nothing is: what is under way counts as pending.
        """
        if self.servers:
            return
        for _ in range(SETTLE_WAVES):
            wave = self._waves.form(self.now_ms)
            if self.is_final:
                return
            if wave:
                self._run_wave(wave)
            elif not self._listening.hear_bolts():
                return

    def leap(self, until_ms: int) -> None:
        """Advance the clock to the next entry of the agenda, and no further than ``until_ms``; ask spouts again there.

        One that sees virtual time, and may wait to emit again what has failed, is asked now and then before it.

        It is for an instant at which there is nothing to do.
        """
        next_ms = self._agenda.next_ms
        target = until_ms if next_ms is None else min(next_ms, until_ms)
        if self._idle_leap_ms is not None:
            target = min(target, self.now_ms + self._idle_leap_ms)
        silent_turns: int | None = 0 if self._idle_leap_ms is None else SILENT_TURNS - 1
        if self._services.under_way:
            # A silent spout is asked once at each event, and now and then; but not because it is at work itself.
            target = min(target, self.now_ms + ASKED_EACH_MS)
            silent_turns = SILENT_TURNS - 1 if self._services.awaits_news else None
        # One that starts is busy, and nothing on the agenda says until when.
        for server in self.servers.values():
            if not server.is_free(self.now_ms):
                target = min(target, server.next_free_ms)
        retries_ms = self._waves.retries_ms
        if retries_ms is not None and retries_ms < target:
            self._agenda.now_ms = retries_ms
            self._waves.ask_retrying()
            return
        self._agenda.now_ms = max(target, self.now_ms + 1)
        if silent_turns is not None:
            for spout in self.tasks.spouts:
                spout.silent_turns = silent_turns

    def _run_wave(self, wave: Sequence[Task]) -> None:
        passed_ms = self._pace(self.now_ms) if self._pace else 0
        self._agenda.arrival_ms = self.now_ms + 1
        self._converse(wave, self._waves.order(wave))
        while again := self._waves.again(wave):
            self._converse(again, again)
        failed = [task for task in wave if task.outcome is not None]
        self._lifecycle.bury(failed, self.options.on_crash)
        turns = [
            task.turns_taken for task in wave if isinstance(task, SpoutTask) and task.server is None
        ]
        self._agenda.now_ms = max(self.now_ms + max([1, *turns]), passed_ms)
        self._listener.progress(self.now_ms)

    def _converse(
        self,
        tasks: Sequence[Task],
        order: Sequence[Task],
        finish: Callable[[Task], None] | None = None,
    ) -> None:
        """Carry the conversations of these tasks, and finish them in this order."""
        routed = InOrder(order, finish or self._services.finish)
        remote = []
        for task in tasks:
            if task.is_local or task.outcome is not None or task.has_answer:
                routed.on_done(task)
            else:
                remote.append(task)
        self._transport.run(remote, routed.on_done, self.trace.catch_up)

    def _converse_at_start(self, tasks: Sequence[Task]) -> None:
        """Carry the conversations of tasks that start: what they say then, and how they end, is known at once."""
        self._converse(tasks, tasks, self._services.begin_life)

    # -- what changes it

    def set_work(self, work: Mapping[str, object]) -> None:
        """Have the work of components take other times from now on; what is in service keeps its time.

        Raises:
            WorkError: it is none, or of something that the topology does not have.
        """
        self._services.set_work(work)

    def wake(self, spout: str) -> None:
        """Ask a spout again that has been silent."""
        for task in self.tasks.spouts:
            if task.component == spout:
                task.silent_turns = 0

    def ask_for_steps(self) -> None:
        """Have the first task of each Python component tell the steps of its ``initialize``; before it is opened."""
        self._lifecycle.asks_for_steps = True

    @property
    def steps(self) -> Mapping[str, Sequence[str]]:
        """The steps of ``initialize`` by component, each a file and a line; where they were asked for."""
        return self._lifecycle.steps

    @property
    def starts(self) -> Mapping[int, int]:
        """How often the process of each task was started."""
        return self._lifecycle.starts

    # -- questions

    @property
    def in_turn(self) -> list[Task]:
        """The tasks that are in one turn for long, and emit in it."""
        return self._listening.in_turn

    @property
    def in_service(self) -> list[tuple[int, list[Effect]]]:
        """What tasks have said in services that have not ended, by task."""
        return self._services.in_service

    @property
    def now_ms(self) -> int:
        """Virtual time, in milliseconds since the start."""
        return self._agenda.now_ms

    @property
    def next_ms(self) -> int | None:
        """The instant at which something is due next, in virtual milliseconds; None when nothing is."""
        times = [
            each for each in (self._agenda.next_ms, self._waves.retries_ms) if each is not None
        ]
        return min(times, default=None)

    @property
    def is_final(self) -> bool:
        """True when a failure has ended the run."""
        return self._lifecycle.is_final

    @property
    def pending(self) -> list[Pending]:
        """The pending tuples of all spouts, oldest first."""
        return self._tracker.pending

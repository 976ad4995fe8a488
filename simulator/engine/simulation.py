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

from simulator.engine import events, faults
from simulator.engine.chance import Choices, stream_of
from simulator.engine.clock import Agenda
from simulator.engine.effects import Delivery, Origin, ReportedError, Switch
from simulator.engine.in_order import InOrder
from simulator.engine.lifecycle import Lifecycle, Logs
from simulator.engine.network import Network
from simulator.engine.options import RunOptions
from simulator.engine.ports import Listener, Silent, Transport
from simulator.engine.routing import Counts, Router
from simulator.engine.spout_task import SpoutTask
from simulator.engine.task import Task
from simulator.engine.tasks import Tasks
from simulator.engine.timers import Arrival, Due, TickDue, TimerDue, Timers
from simulator.engine.trace import Trace
from simulator.engine.tracker import Pending, Tracker
from simulator.engine.waves import Deliveries, Waves
from simulator.engine.wiring import wire
from simulator.engine.workers import Failure, Restarted
from simulator.model import Topology
from simulator.wire import storm_json

FOR_EVER_MS = 1 << 62
SETTLE_WAVES = 1000  # more than any topology is deep; a loop never settles


class Simulation:
    """One run of a topology.

    Args:
        topology: the topology to run.
        options: the options of the run; ``RunOptions()`` when None.
        transport: runs the components.
        trace: takes the events.
        listener: receives what components log, and the progress of virtual time.
        pace: called with the virtual milliseconds before each wave; it may wait for the real clock.
        idle_leap_ms: how far the clock may leap when nothing is due sooner, in milliseconds; None: any distance.
        on_delivery: called with each tuple that a bolt is handed, ticks too, and the virtual milliseconds.
        on_log: called with each log message as it came, and its component.
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

    Raises:
        TopologyError: an executor of Storm would die of a setting or a grouping before it has begun.
        FaultError: an order or a rule cannot strike.
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
        pace: Callable[[int], object] | None = None,
        idle_leap_ms: int | None = None,
        on_delivery: Deliveries | None = None,
        on_log: Logs | None = None,
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
        for fault in (*options.orders, *options.rules):
            faults.check_fault(fault, topology, wiring.task_ids)
        self.trace.components = wiring.component_of
        choices = options.choices or Choices()
        ids, edges = itertools.count(1), stream_of(options.seed, "edges")
        self.tasks = tasks = Tasks()
        self._ids = ids
        self._agenda: Agenda[Due] = Agenda()
        self._tracker = Tracker(wiring, tasks)
        self._network = Network(
            wiring, tasks, self._tracker, self._agenda, self.trace, choices, ids, edges
        )
        self._timers = Timers(wiring, tasks, self._tracker, self._agenda, self.trace, ids)
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
        self._lifecycle = Lifecycle(
            wiring,
            tasks,
            self._tracker,
            self._agenda,
            self.trace,
            self._router.counts,
            self._timers.lives,
            transport,
            self._listener,
            lambda tasks: self._converse(tasks, tasks),
            on_log,
        )
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
        )
        self.counts: Mapping[str, Counts] = self._router.counts
        self.outputs: Mapping[tuple[str, str], Sequence[str]] = self._router.outputs
        self.reported: Sequence[ReportedError] = self._router.reported
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
        self._timers.arm()
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
        until = FOR_EVER_MS if until_ms is None else until_ms
        while self.now_ms <= until:
            if self.step(until):
                if self.is_final:
                    return "error"
                continue
            if stop_when_idle and (self.is_idle or self.is_stuck):
                return "idle"
            if self.now_ms >= until:
                break
            self.leap(until)
        return "time"

    def step(self, until_ms: int) -> bool:
        """Handle this instant; return whether any task had work at it.

        Args:
            until_ms: the end of the run; no spout takes a turn at it.
        """
        for due in self._agenda.pop_due(self.now_ms):
            if isinstance(due, Arrival):
                self._network.arrive(due.delivery)
            else:
                self._timers.handle(due)
        wave = self._waves.form(until_ms)
        if wave:
            self._run_wave(wave)
        return bool(wave)

    def settle(self) -> None:
        """Have everything in the inboxes processed, with all that comes of it.

        Spouts are not asked, and what is on the agenda (ticks, timeouts, late copies) is not handled.
        """
        for _ in range(SETTLE_WAVES):
            wave = self._waves.form(self.now_ms)
            if not wave or self.is_final:
                return
            self._run_wave(wave)

    def leap(self, until_ms: int) -> None:
        """Advance the clock to the next entry of the agenda, and no further than ``until_ms``; ask spouts again there.

        It is for an instant at which there is nothing to do.
        """
        next_ms = self._agenda.next_ms
        target = until_ms if next_ms is None else min(next_ms, until_ms)
        if self._idle_leap_ms is not None:
            target = min(target, self.now_ms + self._idle_leap_ms)
        self._agenda.now_ms = max(target, self.now_ms + 1)
        for spout in self.tasks.spouts:
            spout.silent_turns = 0

    def _run_wave(self, wave: Sequence[Task]) -> None:
        if self._pace:
            self._pace(self.now_ms)
        self._converse(wave, self._waves.order(wave))
        failed = [task for task in wave if task.outcome is not None]
        self._lifecycle.bury(failed, self.options.on_crash)
        turns = [task.turns_taken for task in wave if isinstance(task, SpoutTask)]
        self._agenda.now_ms += max([1, *turns])
        self._listener.progress(self.now_ms)

    def _converse(self, tasks: Sequence[Task], order: Sequence[Task]) -> None:
        """Carry the conversations of these tasks, and route their effects in this order."""
        routed = InOrder(order, self._router.route)
        remote = []
        for task in tasks:
            if task.is_local or task.outcome is not None:
                routed.on_done(task)
            else:
                remote.append(task)
        self._transport.run(remote, routed.on_done, self.trace.catch_up)

    # -- for tests

    def ask(self, task: int) -> None:
        """Ask one spout task for its next tuple, at this instant."""
        spout = self.tasks.spout(task)
        spout.work(turns=1, room=None)
        self._run_wave([spout])

    def give(self, target: int, source: Origin, stream: str, values: list[object]) -> Delivery:
        """Put a tuple that no component has emitted into the inbox of a bolt's task; it is in no tree."""
        tuple_id, text = str(next(self._ids)), storm_json(values)
        delivery = Delivery(tuple_id, target, source, stream, values, text, None)
        self._network.arrive(delivery)
        return delivery

    def tick(self, task: int) -> None:
        """Tick one task of a bolt now, whether or not its configuration says so."""
        seconds = self.wiring.tick_seconds(self.wiring.component_of[task])
        self._timers.tick(task, 1 if seconds is None else seconds)

    def decide(self, entry: Pending, verb: Literal["ack", "fail"]) -> None:
        """Notify a spout that a tuple was acked or has failed, in place of the bolts that would settle it."""
        self._tracker.decide(entry, verb)

    def order(self, order: faults.Order) -> None:
        """Add an order.

        Raises:
            FaultError: it cannot strike.
        """
        faults.check_fault(order, self.topology, self.wiring.task_ids)
        self._lifecycle.orders.append(order)
        for bolt in self.tasks.bolts:
            if bolt.component == order.component:
                bolt.orders.append(order)

    def add_rule(self, rule: faults.Rule) -> None:
        """Add a rule; it judges deliveries from now on.

        Raises:
            FaultError: it cannot strike.
        """
        faults.check_fault(rule, self.topology, self.wiring.task_ids)
        self._network.rules.append(rule)

    def wake(self, spout: str) -> None:
        """Ask a spout again that has been silent."""
        for task in self.tasks.spouts:
            if task.component == spout:
                task.silent_turns = 0

    def deactivate(self) -> None:
        """Ask spouts for nothing more until ``activate``; acks, fails, timeouts and ticks go on (SpoutExecutor)."""
        self._switch("deactivate", events.Deactivated)

    def activate(self) -> None:
        """Ask spouts again after ``deactivate``."""
        self._switch("activate", events.Activated)

    def _switch(
        self,
        command: Literal["activate", "deactivate"],
        event: type[events.Activated | events.Deactivated],
    ) -> None:
        if self.tasks.is_active == (command == "activate"):
            return
        self.tasks.is_active = not self.tasks.is_active
        for spout in self.tasks.spouts:
            self.trace.add(event(self.now_ms, spout.component, spout.id))
            spout.silent_turns = 0
            if self.wiring.profile.activates and not spout.is_local:
                spout.inbox.append(Switch(command))

    # -- questions

    @property
    def now_ms(self) -> int:
        """Virtual time, in milliseconds since the start."""
        return self._agenda.now_ms

    @property
    def next_ms(self) -> int | None:
        """The instant at which something is due next, in virtual milliseconds; None when nothing is."""
        return self._agenda.next_ms

    @property
    def is_final(self) -> bool:
        """True when a failure has ended the run."""
        return self._lifecycle.is_final

    @property
    def unstruck(self) -> list[str]:
        """A line for each order and rule that has not struck, with how often its point was reached."""
        return faults.unstruck([*self._lifecycle.orders, *self._network.rules])

    @property
    def in_flight(self) -> bool:
        """True when any tuple, ack or fail is on its way."""
        return (
            any(bolt.inbox for bolt in self.tasks.bolts)
            or any(spout.inbox for spout in self.tasks.spouts)
            or self._has_arrivals
        )

    @property
    def is_idle(self) -> bool:
        """True when nothing is left to do.

        That is: nothing is on its way, pending or held, no bolt may act at its next tick, and every spout is silent, or
        the topology is not active.
        """
        return self._waves.is_quiet and not self._has_arrivals

    @property
    def is_stuck(self) -> bool:
        """True when bolts hold tuples and nothing can happen any more, to these or to any other."""
        return self._waves.is_stuck and not any(
            isinstance(entry, (Arrival, TickDue, TimerDue)) for entry in self._agenda.entries()
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
    def _has_arrivals(self) -> bool:
        return any(isinstance(entry, Arrival) for entry in self._agenda.entries())

    @property
    def pending(self) -> list[Pending]:
        """The pending tuples of all spouts, oldest first."""
        return self._tracker.pending

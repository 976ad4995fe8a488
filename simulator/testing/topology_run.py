"""A whole topology in a test: driven step by step, looked at by component."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType
from typing import Any, Literal, NamedTuple

from simulator.engine import (
    Logs,
    Pace,
    ReportedError,
    Restarted,
    RunOptions,
    Trace,
    Transport,
    faults,
    report_on,
)
from simulator.load import Verdict, judge
from simulator.model import Topology, did_you_mean, hinted, of_condition
from simulator.testing.account import Account, Handed
from simulator.testing.causes import causes, shortened
from simulator.testing.driver import Driver
from simulator.testing.errors import (
    HarnessError,
    UnstruckFaultError,
    check_seconds,
    is_test_error,
)
from simulator.testing.event_text import last_events_text, reported_text
from simulator.testing.history import History
from simulator.testing.instances import instance_of
from simulator.testing.journal import RecordedSimulation
from simulator.testing.latency import Latency
from simulator.testing.moment import Moment
from simulator.testing.records import Logged, LogKeeper
from simulator.testing.rows import check_rows
from simulator.testing.tree_lines import tree_lines
from simulator.testing.unsettled import (
    held_tuples,
    pending_roots,
    timed_out_rows,
    unchecked_tuples,
)
from simulator.testing.views import BoltView, ComponentView, Crashable, SpoutView
from simulator.transports import Attribute, InProcess

__tracebackhide__ = is_test_error  # pytest then shows the test's line
MOST_EVENTS = 8  # the last lines of a summary


class Left(NamedTuple):
    """What is not finished, a line each.

    Attributes:
        pending: roots that spouts wait for.
        held: tuples that bolts hold.
        timed_out: rows whose last attempt timed out.
    """

    pending: tuple[str, ...]
    held: tuple[str, ...]
    timed_out: tuple[str, ...]


#: A function of a topology: what it asserts, or returns, has to hold after every wave.
Invariant = Callable[["RunningTopology"], object]


@hinted
class RunningTopology:
    """A topology under test. ``topology[component_id]`` is one of its components.

    Args:
        topology: what to run.
        options: how; its feeds are checked.
        transport: runs the components; ``close`` closes it.
        trace: takes the events, and keeps them.
        logs: takes what components log.
        pace: called with the virtual ms before each wave.
        allow_unstruck: a fault that never strikes is a line of ``unchecked``, and no error.
        on_log: called with each log message as it came, and its component.
        on_error: called with each error that a component reports.
        invariants: called with this topology after each wave; one that returns False, or raises, fails the run.

    Attributes:
        topology: what is run.
        trace: all that has happened.
        simulation: runs it.
        invariants: what is called after each wave.
        driver: has the simulation go on until something is so.
        on_close: called when the components have ended; closes what else belongs to this run alone.
        sometimes: for each condition that should hold in some run, by name, whether it has held in this one.
    """

    def __init__(
        self,
        topology: Topology,
        options: RunOptions,
        *,
        transport: Transport,
        trace: Trace,
        logs: LogKeeper,
        pace: Pace | None = None,
        allow_unstruck: bool = False,
        on_log: Logs | None = None,
        on_error: Callable[[ReportedError], object] | None = None,
        invariants: Sequence[Invariant] = (),
    ) -> None:
        for name, feed in options.feeds.items():
            check_rows(topology, name, feed)
        self.topology = topology
        self.trace = trace
        self._logs = logs
        self._transport = transport
        self._allow_unstruck = allow_unstruck
        self._history = History(topology, trace)
        self._pace = pace
        self.simulation = RecordedSimulation(
            topology,
            options,
            handed=self._history.deliveries.__len__,
            transport=transport,
            trace=trace,
            listener=logs,
            pace=pace,
            on_delivery=self._history.take_delivery,
            on_log=on_log,
            on_error=on_error,
        )
        self.invariants = invariants
        self.driver = Driver(self.simulation, trace)
        if invariants:
            logs.on_wave = self._check_invariants
        self.sometimes: dict[str, bool] = {}
        self._views: dict[str, ComponentView] = {}
        self._has_checked_faults = False
        self._was_driven = False
        self._is_open = False
        self._is_closed = False
        self.on_close: Callable[[], object] | None = None

    def __enter__(self) -> RunningTopology:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.close()
        if error is None:
            self.check_faults()

    def close(self) -> None:
        """End all components."""
        if not self._is_closed:
            self._is_closed = True
            self._transport.close()
            if self.on_close is not None:
                self.on_close()

    def check_faults(self, source: str = "") -> None:
        """Refuse faults that never struck, once; the end of a test and of a ``with`` call it.

        Args:
            source: where the faults come from, for the error.

        Raises:
            UnstruckFaultError: with a line for each, and how often its point was reached.
        """
        if self._allow_unstruck or self._has_checked_faults or not self._was_driven:
            return
        self._has_checked_faults = True
        if lines := self.simulation.injection.unstruck:
            raise UnstruckFaultError(lines, f"{source}topology {self.topology.name!r}: ")

    # -- what it is

    @property
    def has_processes(self) -> bool:
        """True when components may run as processes, and not in this one."""
        return not isinstance(self._transport, InProcess) or self._transport.has_processes

    def preload(self) -> None:
        """Import the classes of components in this process, as their start would do."""
        options = self.simulation.options
        if isinstance(self._transport, InProcess):
            for name, component in self.topology.components.items():
                if name not in options.feeds:
                    self._transport.preload(component, f"{options.seed}/modules")

    def watch_turns(
        self, component: str, turn: Callable[[], AbstractContextManager[object]]
    ) -> None:
        """Have something surround each turn of a component in this process.

        Args:
            component: whose turns; "": those of all.
            turn: returns it.
        """
        of_task = self.simulation.wiring.component_of
        if isinstance(self._transport, InProcess):
            self._transport.watch = lambda task: (
                turn() if component in ("", of_task[task]) else nullcontext()
            )

    def fresh_modules(self) -> AbstractContextManager[None]:
        """Have the modules of components in this process loaded anew until it ends: they share nothing with others."""
        return (
            self._transport.fresh_modules()
            if isinstance(self._transport, InProcess)
            else nullcontext()
        )

    def shared_state(self) -> Mapping[Attribute, object]:
        """Return what tells the values of attributes of modules and classes from others; empty without any."""
        return self._transport.shared_state() if isinstance(self._transport, InProcess) else {}

    def __getitem__(self, component_id: str) -> ComponentView:
        component = self.topology.components.get(component_id)
        if component is None:
            raise HarnessError(
                f"topology {self.topology.name!r} has no component {component_id!r}"
                f"{did_you_mean(component_id, self.topology.components)}"
            )
        if component_id not in self._views:
            view = SpoutView if component.kind == "spout" else BoltView
            self._views[component_id] = view(
                component, self.simulation, self._history, self._logs, self._instance
            )
        return self._views[component_id]

    def _attribute_hint(self, name: str) -> str:
        ids = [each for each in self.topology.components if each.replace("-", "_") == name]
        return f"; it is a component: topology[{ids[0]!r}]" if ids else ""

    @property
    def graph(self) -> Any:  # a networkx.MultiDiGraph, which is loaded only here
        """The topology as a networkx graph."""
        return self.topology.graph

    @property
    def now_ms(self) -> int:
        """Virtual time, in milliseconds since the start."""
        return self.simulation.now_ms

    @property
    def log(self) -> list[Logged]:
        """The log messages of all components."""
        return list(self._logs.logged)

    @property
    def restarts(self) -> list[Restarted]:
        """The restarts so far, at most 100: who was started again, when, and because of whose death."""
        return list(self.simulation.restarts)

    @property
    def errors(self) -> list[ReportedError]:
        """The errors that components have reported to Storm (``raise_exception``), at most 1000."""
        return list(self.simulation.reported)

    @property
    def latency(self) -> Latency:
        """The complete latencies of all spouts, in virtual seconds: ``topology.latency.p99``."""
        spouts = self.topology.spouts
        return Latency([each for name in spouts for each in self._history.latencies(name)])

    @property
    def verdict(self) -> Verdict:
        """The verdict on the run so far, where work takes time: steady, late or a meltdown, and why."""
        until_ms = self.now_ms
        report = report_on(self.simulation, "time", until_ms=until_ms)
        return judge(report, self.topology, self.simulation.options)

    def _instance(self, component_id: str, task: int | None) -> Any:  # Any: the user's class
        if not self._is_open:
            self._begin()

        def find(wanted: int) -> object | None:
            transport = self._transport
            return transport.component(wanted) if isinstance(transport, InProcess) else None

        return instance_of(component_id, task, self.simulation, self._transport, find)

    def at(
        self, seconds: float | None = None, *, wave: int | None = None, outside: bool = False
    ) -> Moment:
        """Return the topology as it was at a moment of the run so far.

        Args:
            seconds: behind all that happened up to and including this virtual time.
            wave: behind the wave with this number, counted from 1; 0: before the first.
            outside: whether the replay for ``instance`` may write files, and open databases and connections. It does
                so a second time then.

        Raises:
            HarnessError: the run has not got there yet, has not begun, or not exactly one argument is given.
        """
        if (seconds is None) == (wave is None):
            raise HarnessError("at(): expected one of seconds= and wave=")
        simulation = self.simulation
        if not simulation.calls:
            raise HarnessError(
                f"topology {self.topology.name!r} was not run yet; complete() runs it"
            )
        if seconds is not None:
            check_seconds("at", seconds)
            if round(seconds * 1000) > self.now_ms:
                now = self.now_ms / 1000
                raise HarnessError(
                    f"at({seconds:g}): the run is at {now:g} s; advance({seconds - now:g}) goes on"
                )
            place = simulation.place(until_ms=round(seconds * 1000))
        else:
            if not isinstance(wave, int) or not 0 <= wave <= simulation.waves:
                raise HarnessError(
                    f"at(wave={wave!r}): expected a number from 0 to {simulation.waves}, the last wave so far"
                )
            place = simulation.place(wave=wave)
        return Moment(
            simulation,
            self._history.deliveries,
            place,
            self._transport,
            self._pace,
            may_touch_outside=outside,
        )

    # -- driving

    def advance(self, seconds: float) -> RunningTopology:
        """Let virtual time pass, handling all that is due up to and including its end.

        Args:
            seconds: virtual seconds.

        Raises:
            ComponentError: a component died or broke the protocol.
        """
        check_seconds("advance", seconds)
        self._begin()
        self.simulation.run(self.now_ms + round(seconds * 1000), stop_when_idle=False)
        self.driver.raise_failures()
        return self

    def deactivate(self) -> RunningTopology:
        """Do what ``storm deactivate`` does: spouts are notified (from Storm 1.1 on) and asked for nothing more.

        Acks, fails, timeouts and ticks go on.
        """
        self._begin()
        self.simulation.operations.deactivate()
        return self

    def activate(self) -> RunningTopology:
        """Do what ``storm activate`` does: the spouts are asked again."""
        self._begin()
        self.simulation.operations.activate()
        return self

    def rebalance(self, workers: int | None = None, wait: float | None = None) -> RunningTopology:
        """Do what ``storm rebalance`` does: no spout is asked any more, and after a wait all workers are placed anew.

        Every component is started again then. ``complete()`` and ``advance(...)`` go on through it.

        Args:
            workers: how many workers there are then; None: as many as before.
            wait: virtual seconds; None: the message timeout, as on Storm.

        Raises:
            HarnessError: an argument does not fit.
        """
        if workers is not None and (not isinstance(workers, int) or workers < 1):
            raise HarnessError(f"rebalance(workers={workers!r}): expected at least 1")
        if wait is not None:
            check_seconds("rebalance", wait)
        self._begin()
        self.simulation.operations.rebalance(workers, None if wait is None else round(wait * 1000))
        return self

    def worker(self, number: int) -> Crashable:
        """Return one of the workers, from 0: ``topology.worker(1).crash()``.

        Raises:
            HarnessError: there is no such worker.
        """
        tasks: dict[str, list[int]] = {}
        for task in self.simulation.tasks:
            if task.worker == number:
                tasks.setdefault(task.component, []).append(task.id)
        operations = self.simulation.operations
        return self._crashable(
            f"worker {number}", operations.check_worker, number, operations.crash_worker, tasks
        )

    def acker(self, number: int = 0) -> Crashable:
        """Return one of the ackers, from 0: ``topology.acker().crash()``.

        Raises:
            HarnessError: there is no such acker.
        """
        operations = self.simulation.operations

        def crash(number: int, restart_ms: int | None) -> None:
            if restart_ms is not None:
                raise HarnessError(
                    f"acker {number}: crash(restart=...) is for workers; an acker goes on at once, and knows nothing"
                )
            operations.crash_acker(number)

        return self._crashable(f"acker {number}", operations.check_acker, number, crash, {})

    def _crashable(
        self,
        name: str,
        check: Callable[[int], None],
        number: int,
        crash: Callable[[int, int | None], None],
        tasks: Mapping[str, Sequence[int]],
    ) -> Crashable:
        try:
            check(number)
        except faults.FaultError as error:
            raise HarnessError(f"topology {self.topology.name!r}: {error}") from None

        def now(restart_ms: int | None) -> None:
            self._begin()
            crash(number, restart_ms)
            self.driver.raise_failures()

        return Crashable(name, now, tasks)

    def run_until_idle(self) -> RunningTopology:
        """Run until nothing is in flight, pending or held, and every spout is silent.

        Raises:
            ComponentError: a component died or broke the protocol.
            PendingError: it always has more to do, or a root fails for ever the same way.
        """
        self._begin()
        self.driver.run_until_idle()
        return self

    def complete(self) -> RunningTopology:
        """Run until every row is acked or has failed for good, and nothing is in flight; leaps through timeouts.

        A topology whose spouts are real components is run until it is idle.

        Raises:
            ComponentError: a component died or broke the protocol.
            PendingError: the last attempt at a row timed out, or nothing can settle it any more; with the trees that
                hang: which root, who holds it, since when.
        """
        self._begin()
        self.driver.complete()
        return self

    def run_at_most(
        self, seconds: float, emits: int
    ) -> Literal["over", "ran out", "limit", "waits"]:
        """Run until the run is over, stopped at a limit, or waits: see the driver.

        Args:
            seconds: the most virtual seconds that this may take.
            emits: the most tuples that the topology may have emitted.

        Raises:
            ComponentError: a component died or broke the protocol.
        """
        self._begin()
        return self.driver.run_at_most(seconds, emits)

    def run_until(self, condition: Callable[[RunningTopology], object], seconds: float) -> bool:
        """Run until a condition holds, at most so long; return whether it does.

        Args:
            condition: a function of this topology; asked before the first wave and after each.
            seconds: the most virtual seconds.

        Raises:
            ComponentError: a component died or broke the protocol.
        """
        check_seconds("eventually", seconds)
        self._begin()
        return self.driver.run_until(lambda: condition(self), seconds)

    def _check_invariants(self) -> None:
        for invariant in self.invariants:
            try:
                holds = invariant(self)
            except Exception as error:  # of the user's function
                of_condition(error)
                raise
            if holds is False:
                name = getattr(invariant, "__name__", repr(invariant))
                what = f"the invariant {name} does not hold at {self.now_ms} ms"
                raise of_condition(AssertionError(what))

    def left(self) -> Left:
        """Return what is not finished now, in lines."""
        return Left(
            tuple(pending_roots(self.simulation)),
            tuple(held_tuples(self.simulation)),
            tuple(timed_out_rows(self.simulation)),
        )

    def _begin(self) -> None:
        """Start the components at the first call; refuse a run that is over."""
        if self._is_closed:
            raise HarnessError(
                f"topology {self.topology.name!r}: this test is over, and its components are gone"
            )
        self._was_driven = True
        if not self._is_open:
            self._is_open = True
            self.simulation.open()
            self.driver.raise_failures()
        if self.simulation.is_final:
            raise HarnessError(
                f"topology {self.topology.name!r} has ended: {self.simulation.failures[-1]}"
            )

    # -- the report of its test

    def account(self) -> Account:
        """Return all that has happened so far, to be kept and compared."""
        return Account(
            list(self.trace.events_from(0)),
            dict(self.trace.components),
            [
                Handed(delivery.id, delivery.target, at_ms)
                for delivery, at_ms in self._history.deliveries
            ],
            list(self._logs.logged),
            list(self.simulation.reported),
            self.trace.head,
        )

    def summary(self, most: int) -> str:
        """Return why the run went as it did: causes, unusual tuple trees, reported errors, then the last events.

        Args:
            most: how many lines.
        """
        if not self._was_driven or not self.trace.size:
            return ""
        lines = shortened([f"  {line}" for line in causes(self.account())], most // 2)
        lines += shortened(reported_text(self.simulation).splitlines(), most // 2)
        room = max(MOST_EVENTS, most - len(lines) - MOST_EVENTS)
        lines += shortened([f"  {line}" for line in tree_lines(self.trace.trees())], room)
        count = min(MOST_EVENTS, most - len(lines)) - 2  # its head, and what is left out
        if count > 0:
            last = last_events_text(self.trace.events_from(0), count)
            lines += ["the last events:", *last.splitlines()]
        return "\n".join(shortened(lines, most))

    def unchecked(self) -> list[str]:
        """Return what a test that ends now has not looked at, a line each."""
        if not self._was_driven:
            return [f"topology {self.topology.name!r} was made and never run; complete() runs it"]
        lines = self.simulation.injection.unstruck if self._allow_unstruck else []
        if self.driver.has_raised:
            return lines
        checked = {each for view in self._views.values() for each in view.checked}
        return [*lines, *unchecked_tuples(self.simulation, self._history, checked)]

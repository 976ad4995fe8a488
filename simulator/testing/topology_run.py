"""A whole topology in a test: driven step by step, looked at by component."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Any

from simulator.engine import (
    Logs,
    ReportedError,
    Restarted,
    RunOptions,
    Simulation,
    Trace,
    Transport,
)
from simulator.model import Topology, did_you_mean
from simulator.testing.errors import (
    ComponentError,
    HarnessError,
    PendingError,
    UnstruckFaultError,
    check_seconds,
    is_test_error,
)
from simulator.testing.event_text import last_events_text, reported_text
from simulator.testing.history import History
from simulator.testing.records import Logged, LogKeeper
from simulator.testing.rows import check_rows
from simulator.testing.tracebacks import from_user_code
from simulator.testing.unsettled import (
    feed_tasks,
    held_tuples,
    pending_roots,
    timed_out_rows,
    unchecked_tuples,
)
from simulator.testing.views import BoltView, ComponentView, SpoutView

__tracebackhide__ = is_test_error  # pytest then shows the test's line
MOST_WAVES = 1_000_000  # of one call; a topology that always has more to do would go on for ever
ENDLESS_WAVES = 20_000  # in which a spout emits without a pause: it has no end
FAR_MS = 1 << 60


class RunningTopology:
    """A topology under test. ``topology[component_id]`` is one of its components.

    Args:
        topology: what to run.
        options: how; its feeds are checked.
        transport: runs the components; ``close`` closes it.
        trace: takes the events, and keeps them.
        logs: takes what components log.
        pace: called with the virtual ms before each wave.
        lenient_faults: a fault that never strikes is a line of ``unchecked``, and no error.
        on_log: called with each log message as it came, and its component.

    Attributes:
        topology: what is run.
        trace: all that has happened.
        simulation: runs it.
    """

    def __init__(
        self,
        topology: Topology,
        options: RunOptions,
        *,
        transport: Transport,
        trace: Trace,
        logs: LogKeeper,
        pace: Callable[[int], object] | None = None,
        lenient_faults: bool = False,
        on_log: Logs | None = None,
    ) -> None:
        for name, feed in options.feeds.items():
            check_rows(topology, name, feed)
        self.topology = topology
        self.trace = trace
        self._logs = logs
        self._transport = transport
        self._lenient_faults = lenient_faults
        self._history = History(topology, trace)
        self.simulation = Simulation(
            topology,
            options,
            transport=transport,
            trace=trace,
            listener=logs,
            pace=pace,
            on_delivery=self._history.take_delivery,
            on_log=on_log,
        )
        self._views: dict[str, ComponentView] = {}
        self._failures_seen = 0
        self._has_raised = False  # whoever caught the error knows what is left
        self._has_checked_faults = False
        self._was_driven = False
        self._is_open = False
        self._is_closed = False

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

    def check_faults(self, source: str = "") -> None:
        """Refuse faults that never struck, once; the end of a test and of a ``with`` call it.

        Args:
            source: where the faults come from, for the error.

        Raises:
            UnstruckFaultError: with a line for each, and how often its point was reached.
        """
        if self._lenient_faults or self._has_checked_faults or not self._was_driven:
            return
        self._has_checked_faults = True
        if lines := self.simulation.unstruck:
            raise UnstruckFaultError(lines, f"{source}topology {self.topology.name!r}: ")

    # -- what it is

    def __getitem__(self, component_id: str) -> ComponentView:
        component = self.topology.components.get(component_id)
        if component is None:
            raise HarnessError(
                f"topology {self.topology.name!r} has no component {component_id!r}"
                f"{did_you_mean(component_id, self.topology.components)}"
            )
        if component_id not in self._views:
            view = SpoutView if component.kind == "spout" else BoltView
            self._views[component_id] = view(component, self.simulation, self._history, self._logs)
        return self._views[component_id]

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
        self._raise_failures()
        return self

    def deactivate(self) -> RunningTopology:
        """Do what ``storm deactivate`` does: spouts are notified (from Storm 1.1 on) and asked for nothing more.

        Acks, fails, timeouts and ticks go on.
        """
        self._begin()
        self.simulation.deactivate()
        return self

    def activate(self) -> RunningTopology:
        """Do what ``storm activate`` does: the spouts are asked again."""
        self._begin()
        self.simulation.activate()
        return self

    def run_until_idle(self) -> RunningTopology:
        """Run until nothing is in flight, pending or held, and every spout is silent.

        Raises:
            ComponentError: a component died or broke the protocol.
            PendingError: it always has more to do.
        """
        self._begin()
        emitted: dict[str, int] = {}
        for wave in range(1, MOST_WAVES + 1):
            if self.simulation.is_final or self.simulation.is_idle:
                break
            if wave % ENDLESS_WAVES == 0:
                self._refuse_endless_spouts(emitted)
            if not self.simulation.step(FAR_MS):
                if self.simulation.next_ms is None:
                    break  # nothing will ever happen again
                self.simulation.leap(FAR_MS)
        else:
            lines = [f"not idle after {self.now_ms / 1000:g} virtual seconds"]
            raise PendingError("\n".join([*lines, *pending_roots(self.simulation)]))
        self._raise_failures()
        return self

    def _refuse_endless_spouts(self, before: dict[str, int]) -> None:
        """Refuse a spout that emitted in every one of the last waves: its topology is never idle."""
        for name in self.topology.spouts:
            emitted = sum(self.simulation.counts[name].emitted.values())
            if name not in self.simulation.options.feeds and (
                emitted - before.get(name, 0) >= ENDLESS_WAVES - 1
            ):
                raise PendingError(
                    f"{name} has emitted {emitted} tuples and does not stop, so the topology is never idle; rows in "
                    f"its place have an end (spouts={{{name!r}: [...]}}), and advance(seconds) runs it for a while"
                )
            before[name] = emitted

    def complete(self) -> RunningTopology:
        """Run until every row is acked or has failed for good, and nothing is in flight; leaps through timeouts.

        A topology whose spouts are real components is run until it is idle.

        Raises:
            ComponentError: a component died or broke the protocol.
            PendingError: the last attempt at a row timed out, or nothing can settle it any more; with the trees that
                hang: which root, who holds it, since when.
        """
        self._begin()
        if len(self.simulation.options.feeds) < len(self.topology.spouts):
            return self.run_until_idle()
        for _ in range(MOST_WAVES):
            if self.simulation.is_final or self._is_complete():
                break
            if self.simulation.step(FAR_MS):
                continue
            waits = self.simulation.pending or self.simulation.in_flight
            if not waits or self.simulation.next_ms is None:
                break  # nothing will ever happen again
            self.simulation.leap(FAR_MS)
        self._raise_failures()
        self._check_complete()
        return self

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
            self._raise_failures()
        if self.simulation.is_final:
            raise HarnessError(
                f"topology {self.topology.name!r} has ended: {self.simulation.failures[-1]}"
            )

    def _raise_failures(self) -> None:
        new = self.simulation.failures[self._failures_seen :]
        self._failures_seen += len(new)
        if new:
            self._has_raised = True
            error = ComponentError(new[0])
            cause = new[0].cause
            if isinstance(cause, HarnessError):  # a mistake in a function of the test's
                raise cause.with_traceback(None) from None
            raise error from (None if cause is None else from_user_code(cause))

    @property
    def _has_all_rows_settled(self) -> bool:
        return all(task.is_done for task in feed_tasks(self.simulation))

    def _is_complete(self) -> bool:
        simulation = self.simulation
        return self._has_all_rows_settled and not simulation.in_flight and not simulation.pending

    def _check_complete(self) -> None:
        lines = [*timed_out_rows(self.simulation)]
        if self.simulation.pending or not self._has_all_rows_settled:
            lines += pending_roots(self.simulation) or ["rows are left that nothing will ever emit"]
        if lines:
            self._has_raised = True
            raise PendingError("\n".join(["not complete:", *lines, *held_tuples(self.simulation)]))

    # -- the report of its test

    def summary(self, count: int) -> str:
        """Return the tuple trees that did not go plainly, then the last events, in words.

        Args:
            count: how many events.
        """
        if not self._was_driven:
            return ""
        last = last_events_text(self.trace.events_from(0), count)
        trees = "".join(f"  {line}\n" for line in self.trace.story().splitlines())
        errors = reported_text(self.simulation)
        return f"{trees}{errors}the last events:\n{last}" if last else ""

    def unchecked(self) -> list[str]:
        """Return what a test that ends now has not looked at, a line each."""
        if not self._was_driven:
            return [f"topology {self.topology.name!r} was made and never run; complete() runs it"]
        lines = self.simulation.unstruck if self._lenient_faults else []
        if self._has_raised:
            return lines
        checked = {each for view in self._views.values() for each in view.checked}
        return [*lines, *unchecked_tuples(self.simulation, self._history, checked)]

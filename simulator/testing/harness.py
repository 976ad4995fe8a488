"""Harnesses: one bolt or spout alone, which does nothing but what the test asks for.

A harness runs a topology of one component with the same engine and the same protocol as whole topologies. Virtual time
passes during a call, and with ``advance``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Any, Literal

from simulator.engine import UNDECLARED_STREAM, Failure, Origin, events
from simulator.model import Stream, hinted
from simulator.testing.errors import ComponentError, HarnessError, check_seconds, is_test_error
from simulator.testing.event_text import last_events_text, reported_text
from simulator.testing.inputs import Fields, Inputs
from simulator.testing.instances import instance_of
from simulator.testing.records import Logged, Record, Records, Result
from simulator.testing.rows import check_json
from simulator.testing.set_work import set_work
from simulator.testing.single_run import SingleRun
from simulator.testing.tracebacks import from_user_code
from simulator.transports import InProcess

__tracebackhide__ = is_test_error  # pytest then shows the test's line
FAR_MS = 1 << 60
MOST_WAVES = 100_000  # of one call; a component that always has more to do would go on for ever


@hinted
class Harness:
    """The base of the harnesses of bolts and spouts. Close it, or use it in a ``with`` statement.

    Attributes:
        simulation: runs the component.
        component: what is tested.
        task: the task id that is tested.
        emitted: all tuples that it has emitted so far.
        error: how it failed last; None when it has not.
    """

    def __init__(self, run: SingleRun) -> None:
        self.simulation = run.simulation
        self.component = run.component
        self.task = run.task
        self._run = run
        self.emitted = self._no_records()
        self.error: ComponentError | None = None
        self._given: dict[str, Record] = {}  # by Storm's tuple id
        self._events_seen = 0
        self._failures_seen = 0
        self._logged_seen = 0
        self._reported_seen = 0
        self._is_open = False
        self._is_closed = False

    def _no_records(self) -> Records:
        """An empty list of what it emits, on the streams that it declares."""
        streams = self.component.outputs
        return Records(whose=self.component.id, streams=streams or None)

    def __enter__(self) -> Any:  # Any: the subclass itself
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the component."""
        if not self._is_closed:
            self._is_closed = True
            self._run.transport.close()

    def summary(self, count: int) -> str:
        """Return the last events in words, one a line.

        Args:
            count: how many.
        """
        last = last_events_text(self._run.trace.events_from(0), count, self._given)
        return reported_text(self.simulation) + last

    @property
    def restarts(self) -> int:
        """The number of times it was started again after it had died."""
        return self.simulation.counts[self.component.id].restarts

    @property
    def log(self) -> list[Logged]:
        """All that it logged so far."""
        self.open()
        return list(self._run.logs.logged)

    @property
    def instance(self) -> Any:
        """The object of the component, in process; it is started, if it was not. Any: it is the user's class.

        Raises:
            HarnessError: it runs as a process.
        """
        self.open()
        transport = self._run.transport

        def find(task: int) -> object | None:
            return transport.component(task) if isinstance(transport, InProcess) else None

        return instance_of(self.component.id, self.task, self.simulation, transport, find)

    def takes(self, work: object = None, **parts: object) -> None:
        """Have its work take virtual time from now on: ``takes("30ms")``; see ``RunningTopology``.

        Args:
            work: of a bolt, with one tuple; of a spout, with one ``next_tuple``.
            parts: its other work: ``tick``, ``initialize`` and ``parallel`` of a bolt, ``ack``, ``fail`` and
                ``initialize`` of a spout.

        Raises:
            HarnessError: it is no work.
        """
        set_work(self.simulation, self.component, work, parts)

    def open(self) -> None:
        """Start the component, if it has not been started; whatever needs it does so.

        Raises:
            ComponentError: it cannot be started.
        """
        if not self._is_open and not self._is_closed:
            self._is_open = True
            self.simulation.open()
            self._new_result(None, check=True)

    def _check_open(self) -> None:
        self.open()
        if self._is_closed:
            raise HarnessError(
                f"{self.component.id}: this test is over, and its component has been ended"
            )
        if self.simulation.is_final:
            raise HarnessError(
                f"{self.component.id} is not started again after what it did: {self.error and self.error.failure}"
            )

    # -- time

    def _handle(self, until_ms: int) -> None:
        """Handle all that is due until then; what is on its way is carried to its end."""
        for _ in range(MOST_WAVES):
            if self.simulation.is_final or not self.simulation.step(until_ms):
                return
        raise HarnessError(f"{self.component.id} always has more to do ({MOST_WAVES} rounds)")

    def _carry(self) -> None:
        """Carry what it was given to its end; where its work takes virtual time, that passes."""
        self._handle(self.simulation.now_ms)
        while self.simulation.in_service and not self.simulation.is_final:
            self.simulation.leap(FAR_MS)
            self._handle(self.simulation.now_ms)

    def _pass_time(self, seconds: float) -> None:
        """Let time pass, handling all that is due on the way."""
        check_seconds("advance", seconds)
        until_ms = self.simulation.now_ms + round(seconds * 1000)
        while not self.simulation.is_final:
            self._handle(until_ms)
            if self.simulation.now_ms >= until_ms:
                return
            self.simulation.leap(until_ms)

    # -- what has happened

    def _new_result(self, given: Record | None, *, check: bool) -> Result:
        """The result since the last result."""
        emitted, acked, failed = self._no_records(), list[Any](), list[Any]()
        new = self._run.trace.events_from(self._events_seen)
        for event in new:
            if event.component == self.component.id:
                self._sort_in(event, emitted, acked, failed)
        self._events_seen += len(new)
        self.emitted += emitted
        logged = self._run.logs.logged[self._logged_seen :]
        self._logged_seen += len(logged)
        reported = list(self.simulation.reported[self._reported_seen :])
        self._reported_seen += len(reported)
        error = self._new_error()
        if error is not None and check:
            raise error from error.failure.cause
        return Result(emitted, acked, failed, error, logged, given, reported)

    def _sort_in(
        self, event: events.Event, emitted: Records, acked: list[Any], failed: list[Any]
    ) -> None:
        if isinstance(event, events.Emit):
            emitted.append(self._record(event))
        elif isinstance(event, events.Ack):
            acked.append(self._given[event.tuple_id])
        elif isinstance(event, events.Fail):
            failed.append(self._given[event.tuple_id])
        elif isinstance(event, events.Acked):
            acked.append(event.id)
        elif isinstance(event, events.Failed):
            failed.append(event.id)
        elif isinstance(event, events.Tick):
            self._run.logs.add(
                f"tick {event.tuple_id}", "system", event.component, event.task, event.at_ms
            )

    def _record(self, event: events.Emit) -> Record:
        stream = self.component.outputs.get(event.stream, Stream(()))
        known = (self._given.get(anchor) for anchor in event.anchors or ())
        return Record(
            event.values,
            fields=stream.fields,
            stream=event.stream,
            component=event.component,
            task=event.task,
            time_ms=event.at_ms,
            id=event.id,
            anchors=[record for record in known if record is not None],
        )

    def _new_error(self) -> ComponentError | None:
        new = self.simulation.failures[self._failures_seen :]
        self._failures_seen += len(new)
        if not new:
            return None
        self.error = ComponentError(self._with_remedy(new[0]))
        if new[0].cause is not None:
            self.error.__cause__ = from_user_code(new[0].cause)
        return self.error

    def _with_remedy(self, failure: Failure) -> Failure:
        """The failure, and how to declare streams where the test has declared none."""
        if self.component.outputs or failure.kind != UNDECLARED_STREAM:
            return failure
        verb = self.component.kind
        return replace(
            failure,
            finding=f"{failure.finding}; declare what it emits: storm.{verb}(..., outputs=[fields])",
        )


@hinted
class BoltHarness(Harness):
    """A harness with one bolt.

    Attributes:
        acked, failed: the tuples that it has settled so far.

    Args:
        run: the bolt, and what runs it.
        inputs: the fields of its inputs, by source and stream; None where they are not known.
        probe: ``conformance`` of a fresh process of the bolt.
    """

    def __init__(
        self,
        run: SingleRun,
        *,
        inputs: Mapping[str, Mapping[str, Fields]],
        probe: Callable[..., list[str]] | None = None,
    ) -> None:
        super().__init__(run)
        self._inputs = Inputs(run.component.id, inputs)
        self._probe = probe
        whose = f"the input of {self.component.id}"
        self.acked = Records(whose=whose, streams=self._inputs.streams)
        self.failed = Records(whose=whose, streams=self._inputs.streams)

    def process(
        self,
        values: Sequence[Any] | Mapping[str, Any],
        *,
        stream: str | None = None,
        component: str | None = None,
        check: bool = True,
    ) -> Result:
        """Give it one tuple, and return what it did.

        Args:
            values: in the order of the input's fields, or by their names.
            stream, component: where it comes from; by default its only input, or the first one on stream "default".
            check: raise what goes wrong; else it is the result's ``error``.

        Raises:
            ComponentError: it died or broke the protocol; the exception of user code is its ``__cause__``.
            HarnessError: the values do not fit the input.
        """
        self._check_open()
        self._run.logs.expects_errors = not check
        chosen = self._inputs.choose(component, stream)
        row = chosen.row(values)
        check_json(row, f"{self.component.id} was given")
        task = self.simulation.wiring.task_ids[chosen.source][0]
        delivery = self.simulation.by_hand.give(
            self.task, Origin(chosen.source, task), chosen.stream, row
        )
        given = Record(
            json.loads(delivery.text),
            fields=chosen.fields or (),
            stream=chosen.stream,
            component=chosen.source,
            task=task,
            time_ms=self.simulation.now_ms,
            id=delivery.id,
            to=self.task,
        )
        self._given[delivery.id] = given
        self._carry()
        return self._result(given, check=check)

    def tick(self, *, check: bool = True) -> Result:
        """Tick it once, now, and return what it did."""
        self._check_open()
        self._run.logs.expects_errors = not check
        self.simulation.by_hand.tick(self.task)
        self._carry()
        return self._result(None, check=check)

    def advance(self, seconds: float, *, check: bool = True) -> Result:
        """Let virtual time pass, so that ticks and timers that are due happen, and return what it did.

        Args:
            seconds: virtual seconds.
            check: raise what goes wrong; else it is the result's ``error``.
        """
        self._check_open()
        self._run.logs.expects_errors = not check
        self._pass_time(seconds)
        return self._result(None, check=check)

    def conformance(
        self,
        sample: Sequence[Any] | Mapping[str, Any] | None = None,
        *,
        stream: str | None = None,
        component: str | None = None,
    ) -> list[str]:
        """Probe whether it keeps the protocol, whatever its language: handshake and pid file, heartbeats, log levels,
        the end of its input, a tuple of a megabyte, Unicode, line ends, every JSON type.

        Each probe has a fresh process; this one is left alone.

        Args:
            sample: a tuple that it can use; by default a word for each field of the input.
            stream, component: where its tuples come from, as for ``process``.

        Returns:
            A line for each rule that it breaks, with the probe, the finding and the rule; empty if it keeps them all.
        """
        chosen = self._inputs.choose(component, stream)
        row = ["word" for _ in chosen.fields or ("",)] if sample is None else sample
        assert self._probe is not None, "storm.bolt gives it"
        return self._probe(chosen.row(row), component=chosen.source, stream=chosen.stream)

    def _result(self, given: Record | None, *, check: bool) -> Result:
        result = self._new_result(given, check=check)
        self.acked += result.acked
        self.failed += result.failed
        return result


@hinted
class SpoutHarness(Harness):
    """A harness with one spout: it is asked when the test says so, and its tuples wait for the test to settle them.

    Attributes:
        acked, failed: the ids that it has been notified of so far.
    """

    def __init__(self, run: SingleRun) -> None:
        super().__init__(run)
        self.acked: list[Any] = []
        self.failed: list[Any] = []

    @property
    def pending(self) -> list[Any]:
        """The ids of the tuples that are neither acked nor failed, oldest first."""
        return [entry.message_id for entry in self.simulation.pending]

    def next_tuple(self, *, check: bool = True) -> Result:
        """Ask it for its next tuple, once, and return what it did.

        Raises:
            ComponentError: it died or broke the protocol.
        """
        self._check_open()
        self._run.logs.expects_errors = not check
        self.simulation.by_hand.ask(self.task)
        self._carry()  # what it emitted reaches the other end
        return self._result(check=check)

    def ack(self, message_id: Any, *, check: bool = True) -> Result:
        """Ack its pending tuple with this id, and return what it did.

        Raises:
            HarnessError: no such tuple is pending.
        """
        return self._settle(message_id, "ack", check=check)

    def fail(self, message_id: Any, *, check: bool = True) -> Result:
        """Fail its pending tuple with this id, and return what it did.

        Raises:
            HarnessError: no such tuple is pending.
        """
        return self._settle(message_id, "fail", check=check)

    def advance(self, seconds: float, *, check: bool = True) -> Result:
        """Let virtual time pass without asking it for tuples: what is pending for too long fails.

        Args:
            seconds: virtual seconds.
            check: raise what goes wrong; else it is the result's ``error``.
        """
        self._check_open()
        self._run.logs.expects_errors = not check
        self._pass_time(seconds)
        return self._result(check=check)

    def _settle(self, message_id: Any, verb: Literal["ack", "fail"], *, check: bool) -> Result:
        self._check_open()
        self._run.logs.expects_errors = not check
        entry = next((e for e in self.simulation.pending if e.message_id == message_id), None)
        if entry is None:
            raise HarnessError(
                f"{self.component.id} has no pending tuple with id {message_id!r}; pending are {self.pending}"
            )
        self.simulation.by_hand.decide(entry, verb)
        self._carry()
        return self._result(check=check)

    def _result(self, *, check: bool) -> Result:
        result = self._new_result(None, check=check)
        self.acked += result.acked
        self.failed += result.failed
        return result

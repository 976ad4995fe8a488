"""One bolt or spout under a lamp: a topology of one, built around it, in which nothing happens by itself.

It is the same engine and the same protocol as in a whole topology. Time stands still but for what a call takes, and
until ``advance``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any

from simulator.engine import (
    UNDECLARED_STREAM,
    Failure,
    Feed,
    Origin,
    Simulation,
    Trace,
    Transport,
    events,
)
from simulator.model import Component, Grouping, Stream, Topology, did_you_mean
from simulator.testing.records import (
    ComponentError,
    HarnessError,
    Logged,
    LogKeeper,
    Record,
    Records,
    Result,
    check_json,
    is_for_the_test,
    recent,
)
from streamparse.multilang import DEFAULT_STREAM

__tracebackhide__ = is_for_the_test  # pytest then shows the test's line
MOST_WAVES = 100_000  # of one call; a component that always has more to do would go on for ever


@dataclass
class Lamp:
    """What a bolt and a spout under the lamp share. Close it, or use it in a ``with`` statement."""

    simulation: Simulation
    component: Component
    task: int
    trace: Trace
    logs: LogKeeper
    transport: Transport
    emitted: Records = field(init=False)  # all so far
    error: ComponentError | None = None  # the last
    _tuples: dict[str, Record] = field(default_factory=dict)  # what was given, by Storm's id
    _read: int = 0  # lines of the trace
    _failures: int = 0
    _logged: int = 0
    _opened: bool = False
    _closed: bool = False

    def __post_init__(self) -> None:
        self.emitted = self._emissions()

    def _emissions(self) -> Records:
        """Room for what it emits, where it has said what that may be."""
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
        if not self._closed:
            self._closed = True
            self.transport.close()

    def story(self, count: int) -> str:
        """The last events, in words."""
        return recent(self.trace.events_from(0), count, self._tuples)

    @property
    def restarts(self) -> int:
        """How often it was started again after it had died."""
        return self.simulation.counts[self.component.id].restarts

    @property
    def log(self) -> list[Logged]:
        """All that it logged so far."""
        self.open()
        return list(self.logs.logged)

    def open(self) -> None:
        """Start the component, if it has not been started; whatever needs it does so.

        Raises:
            ComponentError: it cannot be started.
        """
        if not self._opened and not self._closed:
            self._opened = True
            self.simulation.open()
            self._look(None, check=True)

    def _check_open(self) -> None:
        self.open()
        if self._closed:
            raise HarnessError(
                f"{self.component.id}: this test is over, and its component has been ended"
            )
        if self.simulation.is_final:
            raise HarnessError(
                f"{self.component.id} is not started again after what it did: {self.error and self.error.failure}"
            )

    def _go(self, until_ms: int) -> None:
        """Handle all that is due until then; what is on its way is carried to its end."""
        for _ in range(MOST_WAVES):
            if self.simulation.is_final or not self.simulation.step(until_ms):
                return
        raise HarnessError(f"{self.component.id} always has more to do ({MOST_WAVES} rounds)")

    def _look(self, given: Record | None, *, check: bool) -> Result:
        """What has happened since the last look."""
        emitted, acked, failed = self._emissions(), list[Any](), list[Any]()
        new = self.trace.events_from(self._read)
        for event in new:
            if event.component == self.component.id:
                self._sort_in(event, emitted, acked, failed)
        self._read += len(new)
        self.emitted += emitted
        logged = self.logs.logged[self._logged :]
        self._logged += len(logged)
        error = self._new_error()
        if error is not None and check:
            raise error from error.failure.cause
        return Result(emitted, acked, failed, error, logged, given)

    def _sort_in(
        self, event: events.Event, emitted: Records, acked: list[Any], failed: list[Any]
    ) -> None:
        if isinstance(event, events.Emit):
            emitted.append(self._record(event))
        elif isinstance(event, (events.Ack, events.Fail)):
            (acked if isinstance(event, events.Ack) else failed).append(
                self._tuples[event.tuple_id]
            )
        elif isinstance(event, (events.Acked, events.Failed)):
            (acked if isinstance(event, events.Acked) else failed).append(event.id)
        elif isinstance(event, events.Tick):
            self.logs.add(
                f"tick {event.tuple_id}", "system", event.component, event.task, event.at_ms
            )

    def _record(self, event: events.Emit) -> Record:
        stream = self.component.outputs.get(event.stream, Stream(()))
        known = (self._tuples.get(anchor) for anchor in event.anchors or ())
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
        new = self.simulation.failures[self._failures :]
        self._failures += len(new)
        if not new:
            return None
        self.error = ComponentError(self._with_remedy(new[0]))
        if new[0].cause is not None:
            self.error.__cause__ = from_user_code(new[0].cause)
        return self.error

    def _with_remedy(self, failure: Failure) -> Failure:
        """Under the lamp the streams are the test's to declare, so a test can forget it."""
        if self.component.outputs or failure.kind != UNDECLARED_STREAM:
            return failure
        verb = self.component.kind
        return replace(
            failure,
            finding=f"{failure.finding}; say what it emits: storm.{verb}(..., outputs=[fields])",
        )

    def _until(self, seconds: float) -> int:
        if seconds < 0:
            raise HarnessError(f"advance({seconds:g}): time does not go back; from 0 would do")
        return self.simulation.now_ms + round(seconds * 1000)

    def _pass_time(self, until_ms: int) -> None:
        """Let time pass, handling all that is due on the way."""
        while not self.simulation.is_final:
            self._go(until_ms)
            if self.simulation.now_ms >= until_ms:
                return
            self.simulation.leap(until_ms)


class BoltHarness(Lamp):
    """A bolt under the lamp.

    Attributes:
        acked, failed: the tuples it has settled so far.
    """

    def __init__(
        self,
        *args: Any,
        inputs: Mapping[str, Mapping[str, tuple[str, ...] | None]],
        probe: Callable[..., list[str]] | None = None,
    ) -> None:
        super().__init__(*args)
        self._inputs = inputs  # source -> stream -> fields; None: any
        self._probe = probe
        streams = {name for each in inputs.values() for name in each}
        known = all(None not in each.values() for each in inputs.values())
        whose = f"the input of {self.component.id}"
        self.acked = Records(whose=whose, streams=sorted(streams) if known else None)
        self.failed = Records(whose=whose, streams=self.acked.streams)

    def process(
        self,
        values: Sequence[Any] | Mapping[str, Any],
        *,
        stream: str | None = None,
        component: str | None = None,
        check: bool = True,
    ) -> Result:
        """Give it one tuple.

        Args:
            values: in the order of the input's fields, or by their names.
            stream, component: where it comes from; by default its only input, or the first one on stream "default".
            check: raise what goes wrong; else it is the result's ``error``.

        Raises:
            ComponentError: it died or broke the protocol; the exception of user code is its ``__cause__``.
            HarnessError: the values do not fit the input.
        """
        self._check_open()
        source, stream, fields = self._input(component, stream)
        row = list(_row(values, fields, f"{source!r}, stream {stream!r}"))
        check_json(row, f"{self.component.id} was given")
        task = self.simulation.wiring.task_ids[source][0]
        delivery = self.simulation.give(self.task, Origin(source, task), stream, row)
        given = Record(
            json.loads(delivery.text),
            fields=fields or (),
            stream=stream,
            component=source,
            task=task,
            time_ms=self.simulation.now_ms,
            id=delivery.id,
            to=self.task,
        )
        self._tuples[delivery.id] = given
        self._go(self.simulation.now_ms)
        return self._settled(given, check=check)

    def tick(self, *, check: bool = True) -> Result:
        """Tick it once, now."""
        self._check_open()
        self.simulation.tick(self.task)
        self._go(self.simulation.now_ms)
        return self._settled(None, check=check)

    def advance(self, seconds: float, *, check: bool = True) -> Result:
        """Let virtual time pass: ticks and timers that are due happen."""
        self._check_open()
        self._pass_time(self._until(seconds))
        return self._settled(None, check=check)

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
        source, stream, fields = self._input(component, stream)
        row = ["word" for _ in fields or ("",)] if sample is None else sample
        assert self._probe is not None, "storm.bolt gives it"
        values = list(_row(row, fields, f"{source!r}, stream {stream!r}"))
        return self._probe(values, component=source, stream=stream)

    def _settled(self, given: Record | None, *, check: bool) -> Result:
        result = self._look(given, check=check)
        self.acked += result.acked
        self.failed += result.failed
        return result

    def _input(
        self, component: str | None, stream: str | None
    ) -> tuple[str, str, tuple[str, ...] | None]:
        """The source to speak for, its stream, and the fields of that; None when nothing is known of them."""
        if component is not None and component not in self._inputs:
            raise HarnessError(
                f"{self.component.id} has no input from {component!r}{did_you_mean(component, self._inputs)}"
            )
        found = [
            (source, name, fields)
            for source, streams in self._inputs.items()
            for name, fields in streams.items()
            if component in (None, source)
        ]
        if not found:
            raise HarnessError(
                f"{self.component.id} has no inputs; inputs=[fields] would give it one"
            )
        if [fields for _, _, fields in found] == [None]:
            return found[0][0], stream or DEFAULT_STREAM, None
        wanted = DEFAULT_STREAM if stream is None and len(found) > 1 else stream
        for each in found:
            if wanted in (None, each[1]):
                return each
        names = list(dict.fromkeys(name for _, name, _ in found))
        if stream is None:
            raise HarnessError(
                f"{self.component.id} has inputs on the streams {names}; say which with stream="
            )
        of = "" if component is None else f" of {component!r}"
        raise HarnessError(
            f"{self.component.id} has no input from stream {stream!r}{of}"
            f"{did_you_mean(stream, names) or f'; there are {names}'}"
        )


class SpoutHarness(Lamp):
    """A spout under the lamp: it is asked when the test says so, and its tuples wait for the test's verdict.

    Attributes:
        acked, failed: the ids it has been told about so far.
    """

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.acked: list[Any] = []
        self.failed: list[Any] = []

    @property
    def pending(self) -> list[Any]:
        """The ids of the tuples that are neither acked nor failed, oldest first."""
        return [entry.message_id for entry in self.simulation.pending]

    def next_tuple(self, *, check: bool = True) -> Result:
        """Ask it for its next tuple, once.

        Raises:
            ComponentError: it died or broke the protocol.
        """
        self._check_open()
        self.simulation.ask(self.task)
        self._go(self.simulation.now_ms)  # what it emitted reaches the other end
        return self._told(check=check)

    def ack(self, message_id: Any, *, check: bool = True) -> Result:
        """Have its tuple with this id acked."""
        return self._decide(message_id, "ack", check=check)

    def fail(self, message_id: Any, *, check: bool = True) -> Result:
        """Have its tuple with this id fail."""
        return self._decide(message_id, "fail", check=check)

    def advance(self, seconds: float, *, check: bool = True) -> Result:
        """Let virtual time pass without asking it for tuples: what is pending for too long fails."""
        self._check_open()
        self._pass_time(self._until(seconds))
        return self._told(check=check)

    def _decide(self, message_id: Any, verb: Any, *, check: bool) -> Result:
        self._check_open()
        entry = next((e for e in self.simulation.pending if e.message_id == message_id), None)
        if entry is None:
            raise HarnessError(
                f"{self.component.id} has no pending tuple with id {message_id!r}; pending are {self.pending}"
            )
        self.simulation.decide(entry, verb)
        self._go(self.simulation.now_ms)
        return self._told(check=check)

    def _told(self, *, check: bool) -> Result:
        result = self._look(None, check=check)
        self.acked += result.acked
        self.failed += result.failed
        return result


def _row(
    values: Sequence[Any] | Mapping[str, Any], fields: tuple[str, ...] | None, whose: str
) -> Iterator[Any]:
    if isinstance(values, Mapping):
        if fields is None:
            raise HarnessError(
                f"values by name, and the fields of {whose} are not known; give inputs=[...]"
            )
        strange = [name for name in values if name not in fields]
        missing = [name for name in fields if name not in values]
        if strange or missing:
            raise HarnessError(
                f"values for {list(values)}; the fields of {whose} are {list(fields)}"
            )
        yield from (values[name] for name in fields)
        return
    if isinstance(values, str) or not isinstance(values, Sequence):
        raise HarnessError(f"{values!r} is no list of values")
    if fields is not None and len(values) != len(fields):
        raise HarnessError(
            f"{len(values)} values for {whose}, which has {len(fields)} fields: {list(fields)}"
        )
    yield from values


def from_user_code(error: BaseException) -> BaseException:
    """The exception with its traceback beginning where the user's code does."""
    tb = error.__traceback__
    while tb is not None and _is_ours(tb):
        tb = tb.tb_next
    return error.with_traceback(tb if tb is not None else error.__traceback__)


def _is_ours(tb: TracebackType) -> bool:
    module = tb.tb_frame.f_globals.get("__name__", "")
    return module.partition(".")[0] in ("simulator", "streamparse")


def lone_topology(
    component: Component, sources: Mapping[str, Mapping[str, Stream]]
) -> tuple[Topology, dict[str, Feed], list[str]]:
    """A topology with nothing but this component: its sources are empty feeds, its tuples end in a sink.

    Returns:
        The topology, the feeds and the sinks, as ``Simulation`` takes them.
    """
    components = {
        name: Component(id=name, kind="spout", outputs=streams) for name, streams in sources.items()
    }
    feeds = {name: Feed([]) for name in components}
    components[component.id] = component
    sinks = []
    if component.kind == "spout":
        inputs = {
            (component.id, stream): Grouping("direct" if declared.direct else "shuffle")
            for stream, declared in component.outputs.items()
        }
        components[SINK] = Component(id=SINK, kind="bolt", inputs=inputs)
        sinks.append(SINK)
    return Topology(name=component.id, components=components), feeds, sinks


SINK = "the-test"  # who receives what a spout under the lamp emits

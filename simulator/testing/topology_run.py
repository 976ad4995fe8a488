"""A whole topology in a test: driven step by step, looked at by component, with faults where the test wants them."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Literal

from simulator.engine import (
    Delivery,
    Feed,
    FeedTask,
    Pending,
    RunOptions,
    Simulation,
    Trace,
    Transport,
    events,
    faults,
)
from simulator.model import Component, Stream, Topology, did_you_mean, fields_index
from simulator.testing.harness import from_user_code
from simulator.testing.records import (
    ComponentError,
    HarnessError,
    Logged,
    LogKeeper,
    NoSuchAttributeError,
    PendingError,
    Record,
    Records,
    check_json,
    is_for_the_test,
    recent,
)

__tracebackhide__ = is_for_the_test  # pytest then shows the test's line
MOST_WAVES = 1_000_000  # of one call; a topology that always has more to do would go on for ever


class RunningTopology:
    """A topology under test. ``run[component_id]`` is one of its components.

    Attributes:
        trace: all that has happened.
        topology: what is run.
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
    ) -> None:
        for name, feed in options.feeds.items():
            check_rows(topology, name, feed)
        self.topology = topology
        self.trace = trace
        self.feeds = options.feeds
        self.logs = logs
        self._transport = transport
        self._views: dict[str, ComponentView] = {}
        self._failures = 0
        self._deliveries: list[tuple[Delivery, int]] = []
        self._closed = False
        self.was_driven = False
        self._was_told = False  # an error was raised: whoever caught it knows
        self.simulation = Simulation(
            topology,
            options,
            transport=transport,
            trace=trace,
            listener=logs,
            pace=pace,
            on_delivery=self._took,
        )
        self.history = History(self)
        self._opened = False

    def _took(self, delivery: Delivery, now_ms: int) -> None:
        if delivery.source.task >= 0:
            self._deliveries.append((delivery, now_ms))

    @property
    def deliveries(self) -> Sequence[tuple[Delivery, int]]:
        """Every tuple that was handed to a bolt, and when."""
        return self._deliveries

    def __enter__(self) -> RunningTopology:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all components."""
        if not self._closed:
            self._closed = True
            self._transport.close()

    def __getitem__(self, component_id: str) -> ComponentView:
        component = self.topology.components.get(component_id)
        if component is None:
            raise HarnessError(
                f"topology {self.topology.name!r} has no component {component_id!r}"
                f"{did_you_mean(component_id, self.topology.components)}"
            )
        if component_id not in self._views:
            view = SpoutView if component.kind == "spout" else BoltView
            self._views[component_id] = view(self, component)
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
        """What all components have logged."""
        return list(self.logs.logged)

    # -- driving

    def advance(self, seconds: float) -> RunningTopology:
        """Let virtual time pass, handling all that is due up to and including its end.

        Raises:
            ComponentError: a component died or broke the protocol.
        """
        if seconds < 0:
            raise HarnessError(f"advance({seconds:g}): time does not go back; from 0 would do")
        self._ready()
        self.simulation.run(self.now_ms + round(seconds * 1000), stop_when_idle=False)
        self._check()
        return self

    def deactivate(self) -> RunningTopology:
        """Do what ``storm deactivate`` does: spouts are told (from Storm 1.1 on) and asked for nothing more.

        Acks, fails, timeouts and ticks go on.
        """
        self._ready()
        self.simulation.deactivate()
        return self

    def activate(self) -> RunningTopology:
        """Do what ``storm activate`` does: the spouts are asked again."""
        self._ready()
        self.simulation.activate()
        return self

    def run_until_idle(self) -> RunningTopology:
        """Run until nothing is in flight, pending or held, and every spout is silent.

        Raises:
            ComponentError: a component died or broke the protocol.
            PendingError: it always has more to do.
        """
        self._ready()
        for _ in range(MOST_WAVES):
            if self.simulation.is_final or self.simulation.is_idle:
                break
            if not self.simulation.step(FAR_MS):
                if self.simulation.next_ms is None:
                    break  # nothing will ever happen again
                self.simulation.leap(FAR_MS)
        else:
            raise PendingError(
                f"not idle after {self.now_ms / 1000:g} virtual seconds\n{self._pending_story()}"
            )
        self._check()
        return self

    def complete(self) -> RunningTopology:
        """Run until every row is acked or has failed for good, and nothing is in flight; leaps through timeouts.

        A topology whose spouts are real components is run until it is idle.

        Raises:
            ComponentError: a component died or broke the protocol.
            PendingError: a row's last word was a timeout, or nothing can settle it any more; with the trees that
                hang: which root, who holds it, since when.
        """
        self._ready()
        if len(self.feeds) < len(self.topology.spouts):
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
        self._check()
        self._check_complete()
        return self

    def _ready(self) -> None:
        if self._closed:
            raise HarnessError(
                f"topology {self.topology.name!r}: this test is over, and its components are gone"
            )
        self.was_driven = True
        if not self._opened:
            self._opened = True
            self.simulation.open()
            self._check()
        if self.simulation.is_final:
            raise HarnessError(
                f"topology {self.topology.name!r} has ended: {self.simulation.failures[-1]}"
            )

    def _check(self) -> None:
        new = self.simulation.failures[self._failures :]
        self._failures += len(new)
        if new:
            self._was_told = True
            error = ComponentError(new[0])
            cause = new[0].cause
            if isinstance(cause, HarnessError):  # a mistake in a function of the test's
                raise cause.with_traceback(None) from None
            raise error from (None if cause is None else from_user_code(cause))

    @property
    def feed_tasks(self) -> Iterator[FeedTask]:
        """The tasks that emit rows."""
        return (task for task in self.simulation.tasks.spouts if isinstance(task, FeedTask))

    def _is_complete(self) -> bool:
        return (
            all(task.is_done for task in self.feed_tasks)
            and not self.simulation.in_flight
            and not self.simulation.pending
        )

    def _check_complete(self) -> None:
        order = [*self.feeds]
        timed_out = sorted(
            ((task.component, number) for task in self.feed_tasks for number in task.timed_out),
            key=lambda row: (order.index(row[0]), row[1]),
        )
        lines = [
            f"{name}: row {number} {json.dumps(self.feeds[name].rows[number])} timed out"
            for name, number in timed_out
        ]
        if self.simulation.pending or not all(task.is_done for task in self.feed_tasks):
            lines.append(self._pending_story() or "rows are left that nothing will ever emit")
        if lines:
            self._was_told = True
            held = self._held_story()
            raise PendingError("\n".join(["not complete:", *lines, *([held] if held else [])]))

    def story(self, count: int) -> str:
        """The tuple trees that did not go plainly, then the last events, in words."""
        if not self.was_driven:
            return ""
        last = recent(self.trace.events_from(0), count)
        trees = "".join(f"  {line}\n" for line in self.trace.story().splitlines())
        return f"{trees}the last events:\n{last}" if last else ""

    def unseen(self) -> list[str]:
        """What a test that ends now has not looked at, a line each."""
        name = f"topology {self.topology.name!r}"
        if not self.was_driven:
            return [f"{name} was made and never run; complete() runs it"]
        if self._was_told:
            return []
        looked_at = {each for view in self._views.values() for each in view.was_looked_at}
        found = []
        for spout in self.topology.spouts:
            outcomes = self.history.outcomes(spout)
            failed = [row for row, verb in outcomes.items() if verb == "failed"]
            if failed and "failed" not in looked_at:
                found.append(
                    f"{name}: tuples {failed} of {spout!r} have failed, and nobody looked: "
                    f"assert what topology[{spout!r}].failed is"
                )
            task_ids = self.simulation.wiring.task_ids[spout]
            pending = [each.message_id for each in self.simulation.pending if each.task in task_ids]
            # A real spout may always have something under way; rows come to an end.
            if pending and spout in self.feeds and "pending" not in looked_at:
                found.append(
                    f"{name}: tuples {pending} of {spout!r} are neither acked nor failed, and nobody looked: "
                    f"complete() settles them, or assert what topology[{spout!r}].pending is"
                )
        return found

    def _pending_story(self) -> str:
        return "\n".join(map(self._pending_line, self.simulation.pending))

    def _pending_line(self, entry: Pending) -> str:
        component = next(
            name for name, tasks in self.simulation.wiring.task_ids.items() if entry.task in tasks
        )
        holders = [
            f"{bolt.component}[{bolt.id}] ({delivery.text})"
            for bolt in self.simulation.tasks.bolts
            for delivery in [*bolt.held.values(), *bolt.inbox]
            if delivery.roots and entry.root in delivery.roots
        ]
        who = f"held by {', '.join(holders)}" if holders else "held by nobody: a tuple was lost"
        return (
            f"{component}[{entry.task}]: {json.dumps(entry.message_id)} is pending since "
            f"{entry.emitted_ms} ms, {who}"
        )

    def _held_story(self) -> str:
        held = [
            f"{bolt.component}[{bolt.id}] holds {delivery.text}, and has not settled it"
            for bolt in self.simulation.tasks.bolts
            for delivery in bolt.held.values()
            if delivery.source.task >= 0
        ]
        return "\n".join(held[:10] + ([f"and {len(held) - 10} more"] if len(held) > 10 else []))


FAR_MS = 1 << 60


class History:
    """The trace, read once and sorted by component."""

    def __init__(self, run: RunningTopology) -> None:
        self._run = run
        self._read = 0
        self._taken = 0
        self._emitted: dict[str, Records] = {}
        self._received: dict[str, Records] = {}
        self._settled: dict[tuple[str, str], Records] = {}
        self._told: dict[tuple[str, str], dict[str, Any]] = {}  # (spout, verb) -> id as JSON -> id
        self._first: dict[str, dict[str, Any]] = {}  # spout -> id as JSON -> id, by first emission
        self._outcomes: dict[str, dict[Any, str]] = {}
        self._tuples: dict[str, Record] = {}  # by Storm's tuple id

    def emitted(self, component: str) -> Records:
        """What a component has emitted."""
        self._catch_up()
        return self._emitted.setdefault(component, Records())

    def received(self, component: str) -> Records:
        """What a bolt was handed."""
        self._catch_up()
        return self._received.setdefault(component, Records())

    def settled(self, component: str, verb: Literal["ack", "fail"]) -> Records:
        """The tuples a bolt has acked or failed."""
        self._catch_up()
        return self._settled.setdefault((component, verb), Records())

    def told(self, spout: str, verb: Literal["acked", "failed"]) -> list[Any]:
        """The ids a spout was told about, in the order in which they were first emitted."""
        self._catch_up()
        told = self._told.get((spout, verb), {})
        return [value for key, value in self._first.get(spout, {}).items() if key in told]

    def outcomes(self, spout: str) -> dict[Any, str]:
        """The last word on each id that was told: acked or failed."""
        self._catch_up()
        return self._outcomes.get(spout, {})

    def _catch_up(self) -> None:
        new = self._run.trace.events_from(self._read)
        for event in new:
            handle = self._HANDLERS.get(type(event))
            if handle is not None:
                handle(self, event)
        self._read += len(new)
        deliveries = self._run.deliveries
        for delivery, now_ms in deliveries[self._taken :]:
            self._take(delivery, now_ms)
        self._taken = len(deliveries)

    def _emit(self, event: events.Emit) -> None:
        component = event.component
        declared = self._run.topology.components[component].outputs
        anchors = [self._tuples[each] for each in event.anchors or () if each in self._tuples]
        record = Record(
            event.values,
            fields=declared.get(event.stream, Stream(())).fields,
            stream=event.stream,
            component=component,
            task=event.task,
            time_ms=event.at_ms,
            id=event.id,
            anchors=anchors,
        )
        self._emitted.setdefault(component, Records()).append(record)
        for _, tuple_id in event.to:
            self._tuples[tuple_id] = record
        if record.id is not None:
            self._first.setdefault(component, {}).setdefault(json.dumps(record.id), record.id)

    def _settle(self, event: events.Ack | events.Fail) -> None:
        record = self._tuples.get(event.tuple_id)
        if record is not None:
            key = (event.component, event.event)
            self._settled.setdefault(key, Records()).append(record)

    def _tell(self, event: events.Acked | events.Failed) -> None:
        spout, message_id = event.component, event.id
        self._told.setdefault((spout, event.event), {})[json.dumps(message_id)] = message_id
        if isinstance(message_id, (str, int, float, bool)):
            self._outcomes.setdefault(spout, {})[message_id] = event.event

    _HANDLERS: Mapping[type[events.Event], Any] = {
        events.Emit: _emit,
        events.Ack: _settle,
        events.Fail: _settle,
        events.Acked: _tell,
        events.Failed: _tell,
    }

    def _take(self, delivery: Delivery, now_ms: int) -> None:
        source, task = delivery.source
        declared = self._run.topology.components[source].outputs
        bolt = self._run.simulation.tasks[delivery.target].component
        record = Record(
            json.loads(delivery.text),
            fields=declared.get(delivery.stream, Stream(())).fields,
            stream=delivery.stream,
            component=source,
            task=task,
            time_ms=now_ms,
            id=delivery.id,
            to=delivery.target,
        )
        self._tuples.setdefault(delivery.id, record)
        self._received.setdefault(bolt, Records()).append(record)


class ComponentView:
    """A component of a running topology."""

    def __init__(self, run: RunningTopology, component: Component) -> None:
        self._run = run
        self._component = component
        self.id = component.id
        self.was_looked_at: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        """There for type checkers, which cannot know a spout's id from a bolt's, and for what the error says."""
        if name.startswith("_"):
            raise AttributeError(name)
        others = SpoutView if self._component.kind == "bolt" else BoltView
        near = difflib.get_close_matches(name, [each for each in dir(self) if each[0] != "_"], 1)
        hint = f"did you mean {near[0]!r}?" if near else f"it is a {self._component.kind}"
        if hasattr(others, name):
            hint = f"that is for {others.kind}s, and it is a {self._component.kind}"
        raise NoSuchAttributeError(f"{self.id} has no {name!r}; {hint}")

    def __repr__(self) -> str:
        return f"<{self._component.kind} {self.id!r} of topology {self._run.topology.name!r}>"

    @property
    def emitted(self) -> Records:
        """What it has emitted."""
        emitted = self._run.history.emitted(self.id)
        return Records(emitted, whose=self.id, streams=self._component.outputs)

    def on(self, stream: str) -> Records:
        """What it has emitted on one stream.

        Raises:
            HarnessError: it declares no such stream.
        """
        return self.emitted.on(stream)

    @property
    def tasks(self) -> tuple[int, ...]:
        """Its task ids."""
        return self._run.simulation.wiring.task_ids[self.id]

    @property
    def restarts(self) -> int:
        """How often its worker was started again because of it."""
        return self._run.simulation.counts[self.id].restarts

    @property
    def log(self) -> list[Logged]:
        """What it has logged."""
        return [each for each in self._run.logs.logged if each.component == self.id]

    def _check_task(self, task: int | None) -> int | None:
        if task is not None and task not in self.tasks:
            raise HarnessError(f"{self.id} has no task {task}; its tasks are {list(self.tasks)}")
        return task


class SpoutView(ComponentView):
    """A spout, or the rows in its place."""

    kind = "spout"

    @property
    def acked(self) -> list[Any]:
        """The ids that were acked, in the order of their first emission."""
        self.was_looked_at |= {"failed", "pending"}  # who knows which are acked knows which are not
        return self._run.history.told(self.id, "acked")

    @property
    def failed(self) -> list[Any]:
        """The ids that have failed at least once, in the order of their first emission."""
        self.was_looked_at.add("failed")
        return self._run.history.told(self.id, "failed")

    @property
    def pending(self) -> list[Any]:
        """The ids that are emitted and neither acked nor failed, oldest first."""
        self.was_looked_at.add("pending")
        tasks = self.tasks
        return [each.message_id for each in self._run.simulation.pending if each.task in tasks]

    def feed(self, rows: Sequence[Sequence[Any]]) -> None:
        """Add rows; their ids go on from the last.

        Raises:
            HarnessError: a real spout runs here, or a row does not fit.
        """
        feed = self._run.feeds.get(self.id)
        if feed is None:
            raise HarnessError(
                f"{self.id} is a real spout; rows can be fed to spouts={{{self.id!r}: []}}"
            )
        more = [list(row) for row in rows]
        check_rows(self._run.topology, self.id, Feed(more, stream=feed.stream))
        feed.rows += more
        self._run.simulation.wake(self.id)


class BoltView(ComponentView):
    """A bolt."""

    kind = "bolt"

    @property
    def received(self) -> Records:
        """The tuples it was handed, in order; each knows the task that received it as ``to``."""
        return self._taken(self._run.history.received(self.id))

    @property
    def acked(self) -> Records:
        """The tuples it has acked."""
        return self._taken(self._run.history.settled(self.id, "ack"))

    @property
    def failed(self) -> Records:
        """The tuples it has failed."""
        self.was_looked_at.add("failed")
        return self._taken(self._run.history.settled(self.id, "fail"))

    @property
    def pending(self) -> Records:
        """The tuples it holds and has not settled."""
        self.was_looked_at.add("pending")
        return self._taken(self._held())

    def _taken(self, records: Iterable[Record]) -> Records:
        streams = [stream for _, stream in self._component.inputs]
        return Records(records, whose=f"the input of {self.id}", streams=streams)

    def _held(self) -> Iterator[Record]:
        by_id = {record.id: record for record in self._run.history.received(self.id)}
        for task in self._run.simulation.tasks.bolts:
            if task.component == self.id:
                yield from (by_id[each] for each in task.held if each in by_id)

    def task_for(self, **fields: Any) -> int:
        """The task that a fields grouping sends these values to: ``task_for(word="dog")``.

        Raises:
            HarnessError: none of its inputs is grouped by exactly these fields.
        """
        groupings = [each for each in self._component.inputs.values() if each.kind == "fields"]
        for grouping in groupings:
            if set(grouping.fields) == set(fields):
                values = [fields[name] for name in grouping.fields]
                index = fields_index(values, len(self.tasks), self._run.simulation.wiring.profile)
                return self.tasks[index]
        there = ", ".join(str(grouping) for grouping in groupings) or "none at all"
        raise HarnessError(
            f"{self.id} is not grouped by {sorted(fields)}; its fields groupings: {there}"
        )

    # -- faults

    def crash(
        self,
        *,
        before: Literal["tuple", "emit", "ack"] = "tuple",
        nth: int = 1,
        task: int | None = None,
        scope: Literal["worker", "task"] = "worker",
    ) -> None:
        """Kill its process before its n-th tuple, emit or ack from now on; its worker goes with it, and restarts."""
        if before not in ("tuple", "emit", "ack"):
            raise HarnessError(f"crash(before={before!r}): tuple, emit or ack would do")
        if nth < 1:
            raise HarnessError(f"crash(nth={nth}): from 1 would do")
        order = faults.CrashOrder(self.id, before, nth, self._check_task(task), scope)
        self._run.simulation.order(order)

    def hang(self, *, tuples: int = 1, task: int | None = None) -> None:
        """Take the next tuples and never settle them; heartbeats are still answered."""
        self._run.simulation.order(faults.HangOrder(self.id, tuples, self._check_task(task)))

    def drop(
        self, *, nth: int | None = 1, stream: str | None = None, task: int | None = None
    ) -> None:
        """Lose the n-th tuple on its way here, from now on; every one with ``nth=None``."""
        self._judge(faults.Drop(), nth, stream, task)

    def delay(
        self,
        seconds: float = 1.0,
        *,
        nth: int | None = 1,
        stream: str | None = None,
        task: int | None = None,
    ) -> None:
        """Have the n-th tuple arrive late."""
        self._judge(faults.Delay(round(seconds * 1000)), nth, stream, task)

    def duplicate(
        self, *, nth: int | None = 1, stream: str | None = None, task: int | None = None
    ) -> None:
        """Have the n-th tuple arrive twice; the second has an id and an edge of its own."""
        self._judge(faults.Duplicate(), nth, stream, task)

    def _judge(
        self, verdict: faults.Verdict, nth: int | None, stream: str | None, task: int | None
    ) -> None:
        rule = faults.Nth(verdict, self.id, nth, stream, self._check_task(task))
        self._run.simulation.add_rule(rule)


def check_rows(topology: Topology, spout: str, feed: Feed) -> None:
    """Refuse rows that do not fit the spout.

    Raises:
        HarnessError: there is no such spout or stream, or a row has another width, or is no JSON.
    """
    if spout not in topology.spouts:
        raise HarnessError(
            f"topology {topology.name!r} has no spout {spout!r}{did_you_mean(spout, topology.spouts)}"
        )
    outputs = topology.components[spout].outputs
    stream = outputs.get(feed.stream)
    if stream is None:
        near = did_you_mean(feed.stream, outputs)
        # The file does not say what a JVM spout emits.
        hint = near if outputs else f"; say what it emits: outputs={{{spout!r}: [fields]}}"
        raise HarnessError(f"spout {spout!r} has no stream {feed.stream!r}{hint}")
    for number, row in enumerate(feed.rows):
        if len(row) != len(stream.fields):
            raise HarnessError(
                f"row {number} of {spout!r} is {row!r}; {len(stream.fields)} values are wanted: "
                f"{list(stream.fields)}"
            )
        check_json(row, f"row {number} of {spout!r} is")

"""The components of a running topology, as a test looks at them: ``topology["count-bolt"]``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from simulator.engine import (
    Feed,
    LoadReport,
    ReportedError,
    Simulation,
    faults,
    load_of,
)
from simulator.model import Component, did_you_mean, fields_index, hinted
from simulator.testing.errors import (
    HarnessError,
    NoSuchAttributeError,
    check_seconds,
    is_test_error,
)
from simulator.testing.history import History
from simulator.testing.latency import Latency
from simulator.testing.records import Logged, LogKeeper, Record, Records
from simulator.testing.rows import check_rows
from simulator.testing.set_work import set_work

__tracebackhide__ = is_test_error  # pytest then shows the test's line


@hinted
class ComponentView:
    """A component of a running topology.

    Args:
        component: what it is.
        simulation: runs it.
        history: what has happened in the run.
        logs: what components have logged.
        instance: returns the object of a component's task, or of its only one; it starts the topology.

    Attributes:
        id: the component id.
        checked: what the test has looked at, of "failed" and "pending".
    """

    def __init__(
        self,
        component: Component,
        simulation: Simulation,
        history: History,
        logs: LogKeeper,
        instance: Callable[[str, int | None], Any],
    ) -> None:
        self._component = component
        self._simulation = simulation
        self._history = history
        self._logs = logs
        self._instance = instance
        self.id = component.id
        self.checked: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        """Raise an error with a hint. (Declared, since type checkers cannot tell a spout's id from a bolt's.)"""
        if name.startswith("_"):
            raise AttributeError(name)
        kind = self._component.kind
        others = SpoutView if kind == "bolt" else BoltView
        mine = [each for each in dir(self) if not each.startswith("_")]
        hint = did_you_mean(name, mine) or f"; it is a {kind}"
        if name in dir(others):
            hint = f"; that is for {others.kind}s, and it is a {kind}"
        error = NoSuchAttributeError(f"{self.id} has no {name!r}{hint}")
        error.name = name  # Python then adds no suggestion of its own
        raise error

    def __repr__(self) -> str:
        return (
            f"<{self._component.kind} {self.id!r} of topology {self._simulation.topology.name!r}>"
        )

    @property
    def emitted(self) -> Records:
        """The tuples that it has emitted."""
        emitted = self._history.emitted(self.id)
        return Records(emitted, whose=self.id, streams=self._component.outputs)

    def on(self, stream: str) -> Records:
        """Return what it has emitted on one stream.

        Raises:
            HarnessError: it declares no such stream.
        """
        return self.emitted.on(stream)

    @property
    def tasks(self) -> tuple[int, ...]:
        """Its task ids."""
        return self._simulation.wiring.task_ids[self.id]

    @property
    def instance(self) -> Any:
        """Its object, in process; it starts the topology. Any: it is the user's class.

        Raises:
            HarnessError: it has several tasks, runs as a process, or rows stand in for it.
        """
        return self._instance(self.id, None)

    @property
    def instances(self) -> dict[int, Any]:
        """The objects of its tasks, by task id, in process.

        Raises:
            HarnessError: as of ``instance``.
        """
        return {task: self._instance(self.id, task) for task in self.tasks}

    @property
    def restarts(self) -> int:
        """The number of times it was started again: after its own deaths, and those of others in its worker."""
        return self._simulation.counts[self.id].restarts

    @property
    def log(self) -> list[Logged]:
        """Its log messages."""
        return [each for each in self._logs.logged if each.component == self.id]

    @property
    def errors(self) -> list[ReportedError]:
        """The errors that it has reported to Storm (``raise_exception``); each has ``message`` and ``text``."""
        return [each for each in self._simulation.reported if each.component == self.id]

    @property
    def busy(self) -> float:
        """The share of virtual time in which its tasks were in service, from 0 to 1.

        Raises:
            HarnessError: its work takes no time.
        """
        return self._load.busy

    def takes(self, work: object = None, **parts: object) -> None:
        """Have its work take virtual time from now on: ``takes("30ms")``, ``takes("30ms", tick="1s")``.

        Args:
            work: of a bolt, with one tuple; of a spout, with one ``next_tuple``.
            parts: its other work: ``tick``, ``initialize`` and ``parallel`` of a bolt, ``ack``, ``fail`` and
                ``initialize`` of a spout.

        Raises:
            HarnessError: it is no work, or rows stand in for the spout.
        """
        set_work(self._simulation, self._component, work, parts)

    @property
    def _load(self) -> LoadReport:
        simulation = self._simulation
        load = load_of(self.tasks, simulation.servers, simulation.now_ms)
        if load is None:
            raise HarnessError(
                f"the work of {self.id} takes no time; give it some: work={{{self.id!r}: '30ms'}}, or takes('30ms')"
            )
        return load

    # -- faults

    @property
    def _first_point(self) -> faults.Point:
        """The point that a crash strikes at where none is given."""
        raise NotImplementedError

    def crash(
        self,
        *,
        before: faults.Point | None = None,
        after: faults.Point | None = None,
        nth: int = 1,
        task: int | None = None,
        scope: faults.Scope = "worker",
        restart: float | None = None,
        step: int = 0,
    ) -> None:
        """Kill its process at its n-th tuple, emit, ack and so on from now on; its worker goes with it, and restarts.

        Args:
            before: what it is about to take or to do: "tuple", "emit", "ack", "fail", "tick" or "initialize" of a bolt,
                "next", "emit", "ack", "fail" or "initialize" of a spout. Default: the first of these.
            after: what it has just done; after "tuple", "tick" and "next" it is idle.
            nth: counted from 1, over all its tasks in the order of delivery.
            task: only at this task.
            scope: what goes with the process: its worker, or nothing ("task").
            restart: the virtual seconds that the worker takes to come up again; None: ``restart_ms`` of the topology.
            step: with ``before="initialize"``: inside of it, before this step, counted from 1.

        Raises:
            HarnessError: an argument does not fit.
        """
        if before is not None and after is not None:
            raise HarnessError(f"crash(before={before!r}, after={after!r}): expected one of them")
        restart_ms = _milliseconds("crash", restart)

        def order() -> None:
            point = before or self._first_point
            wanted = faults.CrashOrder(
                self.id, point, nth, self._check_task(task), scope, after, restart_ms, step
            )
            self._simulation.injection.order(wanted)

        _with_arguments("crash", order)

    def outage(
        self,
        seconds: float,
        *,
        nth: int = 1,
        task: int | None = None,
        restart: float | None = None,
    ) -> None:
        """Kill its process at each tuple for some time; of a spout, at each call of ``next_tuple``.

        Args:
            seconds: how long, in virtual seconds, from the first of these tuples on.
            nth: which tuple is the first, counted from 1, over all its tasks.
            task: only this task.
            restart: as of ``crash``.

        Raises:
            HarnessError: an argument does not fit.
        """
        check_seconds("outage", seconds)
        if round(seconds * 1000) < 1:
            raise HarnessError(f"outage({seconds!r}): expected more than 0 seconds")
        restart_ms = _milliseconds("outage", restart)

        def order() -> None:
            wanted = faults.OutageOrder(
                self.id, round(seconds * 1000), nth, self._check_task(task), restart_ms=restart_ms
            )
            self._simulation.injection.order(wanted)

        _with_arguments("outage", order)

    def _check_task(self, task: int | None) -> int | None:
        if task is not None and task not in self.tasks:
            raise HarnessError(f"{self.id} has no task {task}; its tasks are {list(self.tasks)}")
        return task


@hinted
class SpoutView(ComponentView):
    """A spout, or the rows in its place."""

    kind = "spout"

    @property
    def _first_point(self) -> faults.Point:
        return "next"

    @property
    def acked(self) -> list[Any]:
        """The ids that were acked, in the order of their first emission."""
        self.checked |= {"failed", "pending"}  # who knows which are acked knows which are not
        return self._history.notified(self.id, "acked")

    @property
    def failed(self) -> list[Any]:
        """The ids that have failed at least once, in the order of their first emission."""
        self.checked.add("failed")
        return self._history.notified(self.id, "failed")

    @property
    def pending(self) -> list[Any]:
        """The ids that are emitted and neither acked nor failed, oldest first."""
        self.checked.add("pending")
        tasks = self.tasks
        return [each.message_id for each in self._simulation.pending if each.task in tasks]

    @property
    def latency(self) -> Latency:
        """The complete latencies of its tuples that were acked, in virtual seconds."""
        return Latency(self._history.latencies(self.id))

    def feed(self, rows: Sequence[Sequence[Any]]) -> None:
        """Add rows; their ids go on from the last.

        Raises:
            HarnessError: a real spout runs here, or a row does not fit.
        """
        feed = self._simulation.options.feeds.get(self.id)
        if feed is None:
            raise HarnessError(
                f"{self.id} is a real spout; rows can be fed to spouts={{{self.id!r}: []}}"
            )
        more = [list(row) for row in rows]
        check_rows(self._simulation.topology, self.id, Feed(more, stream=feed.stream))
        feed.rows += more
        self._simulation.wake(self.id)


@hinted
class BoltView(ComponentView):
    """A bolt."""

    kind = "bolt"

    @property
    def received(self) -> Records:
        """The tuples it was handed, in order; each knows the task that received it as ``to``."""
        return self._input(self._history.received(self.id))

    @property
    def acked(self) -> Records:
        """The tuples it has acked."""
        return self._input(self._history.settled(self.id, "ack"))

    @property
    def failed(self) -> Records:
        """The tuples it has failed."""
        self.checked.add("failed")
        return self._input(self._history.settled(self.id, "fail"))

    @property
    def pending(self) -> Records:
        """The tuples it holds and has not settled."""
        self.checked.add("pending")
        return self._input(self._held())

    @property
    def queue(self) -> int:
        """The most inputs that have waited in front of one of its tasks.

        Raises:
            HarnessError: its work takes no time.
        """
        return self._load.queue

    @property
    def waiting(self) -> int:
        """The inputs that wait in front of its tasks now; with work, without those in service."""
        bolts = self._simulation.tasks.bolts
        return sum(len(task.inbox) for task in bolts if task.component == self.id)

    @property
    def waited(self) -> float:
        """The mean time that an input has waited in front of a task, in virtual seconds.

        Raises:
            HarnessError: its work takes no time.
        """
        return self._load.waited_ms / 1000

    def _input(self, records: Iterable[Record]) -> Records:
        streams = [stream for _, stream in self._component.inputs]
        return Records(records, whose=f"the input of {self.id}", streams=streams)

    def _held(self) -> Iterator[Record]:
        by_id = {record.id: record for record in self._history.received(self.id)}
        for task in self._simulation.tasks.bolts:
            if task.component == self.id:
                yield from (by_id[each] for each in task.held if each in by_id)

    def task_for(self, **fields: Any) -> int:
        """Return the task that a fields grouping sends these values to: ``task_for(word="dog")``.

        Raises:
            HarnessError: none of its inputs is grouped by exactly these fields.
        """
        groupings = [each for each in self._component.inputs.values() if each.kind == "fields"]
        for grouping in groupings:
            if set(grouping.fields) == set(fields):
                values = [fields[name] for name in grouping.fields]
                index = fields_index(values, len(self.tasks), self._simulation.wiring.profile)
                return self.tasks[index]
        there = ", ".join(str(grouping) for grouping in groupings) or "none at all"
        raise HarnessError(
            f"{self.id} is not grouped by {sorted(fields)}; its fields groupings: {there}"
        )

    # -- faults

    @property
    def _first_point(self) -> faults.Point:
        return "tuple"

    def hang(self, *, tuples: int = 1, task: int | None = None) -> None:
        """Have it take the next tuples and never settle them; heartbeats are still answered."""

        def order() -> None:
            self._simulation.injection.order(
                faults.HangOrder(self.id, tuples, self._check_task(task))
            )

        _with_arguments("hang", order)

    def drop(
        self, *, nth: int | None = 1, stream: str | None = None, task: int | None = None
    ) -> None:
        """Lose the n-th tuple on its way here, from now on; every one with ``nth=None``."""
        self._judge("drop", faults.Drop, nth, stream, task)

    def delay(
        self,
        seconds: float = 1.0,
        *,
        nth: int | None = 1,
        stream: str | None = None,
        task: int | None = None,
    ) -> None:
        """Have the n-th tuple arrive so many virtual seconds late; every one with ``nth=None``.

        What follows it from the same task to the same task waits behind it, as on Storm.
        """
        check_seconds("delay", seconds)
        self._judge("delay", partial(faults.Delay, round(seconds * 1000)), nth, stream, task)

    def reorder(
        self,
        seconds: float = 1.0,
        *,
        nth: int | None = 1,
        stream: str | None = None,
        task: int | None = None,
    ) -> None:
        """Have the n-th tuple arrive late, behind others of the same task: outside what Storm guarantees."""
        check_seconds("reorder", seconds)
        self._judge("reorder", partial(faults.Reorder, round(seconds * 1000)), nth, stream, task)

    def replay(
        self, *, nth: int | None = 1, stream: str | None = None, task: int | None = None
    ) -> None:
        """Have the roots of the n-th tuple fail once it is on its way, so that their spouts emit them again."""
        self._judge("replay", faults.Replay, nth, stream, task)

    def duplicate(
        self, *, nth: int | None = 1, stream: str | None = None, task: int | None = None
    ) -> None:
        """Have the n-th tuple arrive twice, as if it had been emitted twice.

        The second has an id and an edge of its own. No Storm does that to a component that emits once; what Storm does
        is ``replay``.
        """
        self._judge("duplicate", faults.Duplicate, nth, stream, task)

    def lose_ack(
        self, *, nth: int | None = 1, stream: str | None = None, task: int | None = None
    ) -> None:
        """Lose the ack of the n-th tuple, so that its root can only time out."""
        self._judge("lose_ack", faults.LostAck, nth, stream, task)

    def lose_fail(self, *, nth: int = 1, task: int | None = None) -> None:
        """Lose its n-th fail from now on, so that the root of the tuple can only time out."""

        def add() -> None:
            self._simulation.injection.add_rule(
                faults.LostFail(self.id, nth, self._check_task(task))
            )

        _with_arguments("lose_fail", add)

    def _judge(
        self,
        method: str,
        verdict: Callable[[], faults.Verdict],
        nth: int | None,
        stream: str | None,
        task: int | None,
    ) -> None:
        def add() -> None:
            rule = faults.Nth(verdict(), self.id, nth, stream, self._check_task(task))
            self._simulation.injection.add_rule(rule)

        _with_arguments(method, add)


@hinted
class Crashable:
    """A worker or an acker of a running topology.

    Args:
        name: what it is called.
        crash: has it crash now; called with how long it takes to come up again.
        tasks: its tasks, by component.

    Attributes:
        tasks: the tasks of a worker, by component.
    """

    def __init__(
        self,
        name: str,
        crash: Callable[[int | None], None],
        tasks: Mapping[str, Sequence[int]],
    ) -> None:
        self._name = name
        self._crash = crash
        self.tasks = tasks

    def __repr__(self) -> str:
        return f"<{self._name}>"

    def crash(self, *, restart: float | None = None) -> None:
        """Have it die now, between two tuples; all that it knows is lost.

        Args:
            restart: the virtual seconds that a worker takes to come up again; None: ``restart_ms`` of the topology.
        """
        self._crash(_milliseconds("crash", restart))


def _milliseconds(method: str, seconds: float | None) -> int | None:
    if seconds is None:
        return None
    check_seconds(method, seconds)
    return round(seconds * 1000)


def _with_arguments(method: str, action: Callable[[], None]) -> None:
    """Do it; a fault that cannot strike is a mistake in an argument of this method."""
    try:
        action()
    except faults.FaultError as error:
        arguments = str(error).partition("(")[2]
        raise HarnessError(f"{method}({arguments}") from None

"""The components of a running topology, as a test looks at them: ``topology["count-bolt"]``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from simulator.engine import Feed, ReportedError, Simulation, faults
from simulator.model import Component, did_you_mean, fields_index
from simulator.testing.errors import (
    HarnessError,
    NoSuchAttributeError,
    check_seconds,
    is_test_error,
)
from simulator.testing.history import History
from simulator.testing.records import Logged, LogKeeper, Record, Records
from simulator.testing.rows import check_rows

__tracebackhide__ = is_test_error  # pytest then shows the test's line


class ComponentView:
    """A component of a running topology.

    Args:
        component: what it is.
        simulation: runs it.
        history: what has happened in the run.
        logs: what components have logged.

    Attributes:
        id: the component id.
        checked: what the test has looked at, of "failed" and "pending".
    """

    def __init__(
        self, component: Component, simulation: Simulation, history: History, logs: LogKeeper
    ) -> None:
        self._component = component
        self._simulation = simulation
        self._history = history
        self._logs = logs
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
        raise NoSuchAttributeError(f"{self.id} has no {name!r}{hint}")

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

    def crash(
        self,
        *,
        before: faults.Point = "tuple",
        nth: int = 1,
        task: int | None = None,
        scope: faults.Scope = "worker",
    ) -> None:
        """Kill its process before its n-th tuple, emit or ack from now on; its worker goes with it, and restarts.

        Args:
            before: what it is about to take or to do.
            nth: counted from 1, over all its tasks in the order of delivery.
            task: only at this task.
            scope: what goes with the process: its worker, or nothing ("task").

        Raises:
            HarnessError: an argument does not fit.
        """

        def order() -> None:
            wanted = faults.CrashOrder(self.id, before, nth, self._check_task(task), scope)
            self._simulation.order(wanted)

        _with_arguments("crash", order)

    def hang(self, *, tuples: int = 1, task: int | None = None) -> None:
        """Have it take the next tuples and never settle them; heartbeats are still answered."""

        def order() -> None:
            self._simulation.order(faults.HangOrder(self.id, tuples, self._check_task(task)))

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
        """Have the n-th tuple arrive so many virtual seconds late; every one with ``nth=None``."""
        check_seconds("delay", seconds)
        self._judge("delay", partial(faults.Delay, round(seconds * 1000)), nth, stream, task)

    def duplicate(
        self, *, nth: int | None = 1, stream: str | None = None, task: int | None = None
    ) -> None:
        """Have the n-th tuple arrive twice; the second has an id and an edge of its own."""
        self._judge("duplicate", faults.Duplicate, nth, stream, task)

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
            self._simulation.add_rule(rule)

        _with_arguments(method, add)


def _with_arguments(method: str, action: Callable[[], None]) -> None:
    """Do it; a fault that cannot strike is a mistake in an argument of this method."""
    try:
        action()
    except faults.FaultError as error:
        arguments = str(error).partition("(")[2]
        raise HarnessError(f"{method}({arguments}") from None

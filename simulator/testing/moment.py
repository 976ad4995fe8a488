"""A topology as it was at some moment of its run: ``topology.at(seconds=30)``.

What was emitted, settled, waiting, held and pending then follows from the events of the run up to that moment. The
objects of components do not: they are made again, by a replay of the run in a fork of this process, and come back as
copies. See ``simulator.testing.journal`` and ``simulator.transports.forked_copy``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from simulator.engine import Delivery, Pace, Trace, events
from simulator.model import Component, did_you_mean, hinted
from simulator.testing.errors import HarnessError, is_test_error
from simulator.testing.history import History
from simulator.testing.instances import instance_of
from simulator.testing.journal import RecordedSimulation
from simulator.testing.records import Records
from simulator.transports import ForkError, InProcess, OutsideError, in_a_fork

__tracebackhide__ = is_test_error  # pytest then shows the test's line


@hinted
class Moment:
    """A topology as it was. ``moment[component_id]`` is one of its components.

    Args:
        simulation: the run.
        deliveries: the tuples that were handed to bolts in it, with the virtual ms.
        place: how many of its calls lead to the moment.
        transport: runs the components.
        pace: as for ``Simulation``.
        may_touch_outside: whether a replay may write files, and open databases and connections.

    Attributes:
        trace: the events up to the moment; ``moment.trace.trees()`` are the tuple trees.
        seconds: the virtual time of the moment.
        wave: how many waves there were before it.
    """

    def __init__(
        self,
        simulation: RecordedSimulation,
        deliveries: Sequence[tuple[Delivery, int]],
        place: int,
        transport: object,
        pace: Pace | None,
        *,
        may_touch_outside: bool,
    ) -> None:
        calls = simulation.calls[:place]
        self._simulation = simulation
        self._place = place
        self._transport = transport
        self._pace = pace
        self._may_touch_outside = may_touch_outside
        self._objects: Mapping[int, object] | None = None
        size, handed = (calls[-1].events, calls[-1].handed) if calls else (0, 0)
        self.seconds = (calls[-1].at_ms if calls else 0) / 1000
        self.wave = sum(call.is_wave for call in calls)
        self.trace = Trace(keep=True)
        self.trace.components = simulation.trace.components
        for event in simulation.trace.events_from(0)[:size]:
            self.trace.add(event)
        self._history = History(simulation.topology, self.trace)
        self._history.deliveries = list(deliveries[:handed])
        self._copies = Copies(
            self.trace.events_from(0),
            {each.id for each, _ in self._history.deliveries},
            calls[-1].down if calls else (),
            calls[-1].now_ms if calls else 0,
        )

    def __repr__(self) -> str:
        name = self._simulation.topology.name
        return f"<topology {name!r} at {self.seconds:g} s, behind wave {self.wave}>"

    def __getitem__(self, component_id: str) -> ComponentThen:
        component = self._component(component_id)
        return ComponentThen(
            component, self._history, self._copies, self.tasks(component_id), self.instance
        )

    def _component(self, component_id: str) -> Component:
        components = self._simulation.topology.components
        if component_id not in components:
            raise HarnessError(
                f"topology {self._simulation.topology.name!r} has no component {component_id!r}"
                f"{did_you_mean(component_id, components)}"
            )
        return components[component_id]

    def tasks(self, component_id: str) -> tuple[int, ...]:
        """Return the task ids of a component."""
        return self._simulation.wiring.task_ids[component_id]

    def instance(self, component_id: str, task: int | None = None) -> Any:
        """Return a copy of the object of a component as it was. Any: it is the user's class.

        The run is replayed for it, in a fork of this process: nothing in the memory of this process changes. The copy
        has the object's own class and attributes; what cannot be copied (a lock, a connection) says so when it is used.

        Args:
            component_id: whose.
            task: which task; it may be left out where there is one.

        Raises:
            HarnessError: the component has several tasks and none is named, runs as a process or is made of rows; or
                the replay did something else than the run, or would have written outside of this process.
        """
        self._component(component_id)

        def find(wanted: int) -> object | None:
            if self._objects is None:
                self._objects = self._replayed()
            return self._objects.get(wanted)

        return instance_of(
            component_id,
            task,
            self._simulation,
            self._transport,
            find,
            at=f"at({self.seconds:g} s)",
        )

    def _replayed(self) -> Mapping[int, object]:
        """The objects of all tasks, replayed."""
        transport = self._transport
        assert isinstance(transport, InProcess)  # instance_of has looked
        if transport.has_processes:
            raise HarnessError(
                "at(...).instance(...) replays the run, and needs all components in process: those of other languages "
                "run as processes"
            )
        wanted = [event.to_line() for event in self.trace.events_from(0)]

        def work() -> object:
            again = transport.anew()
            made = self._simulation.replay(self._place, again, self._pace)
            lines = made.trace.lines
            if lines != wanted:
                return _difference(wanted, lines)
            return {task.id: again.component(task.id) for task in made.tasks if not task.is_local}

        try:
            found = in_a_fork(work, may_touch_outside=self._may_touch_outside)
        except OutsideError as error:
            raise HarnessError(
                f"at(...).instance(...) replays the run, and {error}: a replay would do it again, so it has ended "
                "there; at(..., outside=True) allows it"
            ) from None
        except ForkError as error:
            raise HarnessError(f"at(...).instance(...) could not replay the run: {error}") from None
        if isinstance(found, str):
            changed = transport.changed_state
            why = f"; changed since the start: {', '.join(changed)}" if changed else ""
            raise HarnessError(
                f"at(...).instance(...): the replay did something else than the run{why}; {found}"
            )
        objects: Mapping[int, object] = found
        return objects


def _difference(wanted: Sequence[str], found: Sequence[str]) -> str:
    for place, line in enumerate(wanted):
        other = found[place] if place < len(found) else "nothing"
        if line != other:
            return f"event {place} was {line}, and then {other}"
    return f"it went on with {found[len(wanted)]}"


class Copies:
    """The copies of tuples that were neither settled nor lost, by task.

    Args:
        happened: the events so far.
        handed: the ids of the copies that bolts were handed.
        down: the tasks whose worker has died and is not up again: what had come to them is lost. An event says so
            when they are started again.
        now_ms: the virtual time.

    Attributes:
        held: those that bolts were handed, by task, oldest first.
        waiting: the others, which are on their way or wait in front of a task.
    """

    def __init__(
        self,
        happened: Iterable[events.Event],
        handed: Collection[str],
        down: Collection[int],
        now_ms: int,
    ) -> None:
        opened: dict[str, int] = {}  # the task, by id
        due_ms: dict[str, int] = {}
        for event in happened:
            if isinstance(event, events.Emit):
                opened.update({tuple_id: task for task, tuple_id in event.to})
            elif isinstance(event, (events.Ack, events.Fail)):
                opened.pop(event.tuple_id, None)
            elif isinstance(event, events.Late):
                due_ms[event.tuple_id] = event.due_ms
            elif isinstance(event, events.Fault):
                if event.due_ms is not None:
                    due_ms[event.tuple_id] = event.due_ms
                if event.copy_id is not None and event.tuple_id in opened:
                    opened[event.copy_id] = opened[event.tuple_id]
                if event.verdict in ("drop", "fail"):
                    opened.pop(event.tuple_id, None)
            elif isinstance(event, events.Restart):
                for tuple_id in [
                    each
                    for each, task in opened.items()
                    if task == event.task and due_ms.get(each, -1) <= event.at_ms
                ]:
                    del opened[tuple_id]
        self.held: dict[int, list[str]] = {}
        self.waiting: dict[int, list[str]] = {}
        for tuple_id, task in opened.items():
            if task in down and due_ms.get(tuple_id, -1) <= now_ms:
                continue
            (self.held if tuple_id in handed else self.waiting).setdefault(task, []).append(
                tuple_id
            )


@hinted
class ComponentThen:
    """A component as it was at a moment.

    Attributes:
        id: the component id.
        tasks: its task ids.
    """

    def __init__(
        self,
        component: Component,
        history: History,
        copies: Copies,
        tasks: Sequence[int],
        instance: Callable[[str, int | None], Any],
    ) -> None:
        self.id = component.id
        self.tasks = tuple(tasks)
        self._component = component
        self._history = history
        self._copies = copies
        self._instance = instance

    def __repr__(self) -> str:
        return f"<{self._component.kind} {self.id!r} as it was>"

    @property
    def emitted(self) -> Records:
        """The tuples that it had emitted."""
        return Records(
            self._history.emitted(self.id), whose=self.id, streams=self._component.outputs
        )

    @property
    def received(self) -> Records:
        """The tuples that a bolt had been handed."""
        return self._input(self._history.received(self.id))

    @property
    def acked(self) -> Any:
        """The tuples that a bolt had acked; of a spout, the ids that were acked."""
        if self._component.kind == "spout":
            return self._history.notified(self.id, "acked")
        return self._input(self._history.settled(self.id, "ack"))

    @property
    def failed(self) -> Any:
        """The tuples that a bolt had failed; of a spout, the ids that had failed at least once."""
        if self._component.kind == "spout":
            return self._history.notified(self.id, "failed")
        return self._input(self._history.settled(self.id, "fail"))

    @property
    def pending(self) -> Any:
        """The tuples that a bolt held; of a spout, the ids that were neither acked nor failed, oldest first."""
        if self._component.kind == "spout":
            return self._history.pending(self.id)
        return self._of(self._copies.held)

    @property
    def queue(self) -> Records:
        """The tuples on their way to a bolt, and those that waited in front of its tasks."""
        return self._of(self._copies.waiting)

    @property
    def waiting(self) -> int:
        """How many tuples were on their way to a bolt, or waited in front of its tasks."""
        return len(self.queue)

    @property
    def instance(self) -> Any:
        """A copy of its object as it was; see ``Moment.instance``. Any: it is the user's class."""
        return self._instance(self.id, None)

    def _of(self, copies: Mapping[int, Sequence[str]]) -> Records:
        return self._input(
            self._history.tuple(each) for task in self.tasks for each in copies.get(task, ())
        )

    def _input(self, records: Iterable[Any]) -> Records:
        streams = [stream for _, stream in self._component.inputs]
        return Records(records, whose=f"the input of {self.id}", streams=streams)

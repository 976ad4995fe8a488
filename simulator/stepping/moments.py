"""A simulation at one instant: what waits in front of each task, what each holds, what is pending and who has it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from simulator.engine import BoltTask, Delivery, Pending, Simulation, Task

__all__ = ["HeldTuple", "Moment", "PendingRoot", "TaskMoment", "look"]


@dataclass(frozen=True)
class HeldTuple:
    """A copy of a tuple that a task has, or that is on its way to it.

    Attributes:
        tuple_id: Storm's id of the copy.
        source: the component that emitted it.
        source_task: the task that did; below 0 for a tick and for what a test has given.
        stream: the stream.
        values_json: its values, as Storm prints them.
        due_ms: when it arrives, in virtual milliseconds, if it is on its way; else None.
    """

    tuple_id: str
    source: str
    source_task: int
    stream: str
    values_json: str
    due_ms: int | None = None


@dataclass(frozen=True)
class TaskMoment:
    """One task at one instant.

    Attributes:
        component: its component.
        task: its number.
        kind: which of the two its component is.
        is_down: whether its worker has died and is not up again.
        queue: what waits in front of it, first in, first out.
        held: what it was handed and has neither acked nor failed, in the order in which it was handed. Where its work
            takes time, what it is at work on is among them: it is acked when the service ends.
        on_the_way: what arrives late, first come first.
        notices: of a spout, the acks and fails that wait for its next turn.
        busy_until_ms: where its work takes time and it is at work, when it is free again; else None.
    """

    component: str
    task: int
    kind: Literal["spout", "bolt"]
    is_down: bool
    queue: tuple[HeldTuple, ...] = ()
    held: tuple[HeldTuple, ...] = ()
    on_the_way: tuple[HeldTuple, ...] = ()
    notices: int = 0
    busy_until_ms: int | None = None


@dataclass(frozen=True)
class PendingRoot:
    """A root that a spout waits for.

    Attributes:
        component: the spout.
        task: the task of the spout.
        message_id: its message id, as JSON.
        emitted_ms: when it was emitted, in virtual milliseconds.
        holders: the component, the task and the values, as JSON, of each copy of its tree that is somewhere; none when
            every copy was lost, or the ackers' news is on its way.
    """

    component: str
    task: int
    message_id: str
    emitted_ms: int
    holders: tuple[tuple[str, int, str], ...]


@dataclass(frozen=True)
class Moment:
    """A simulation at one instant.

    Attributes:
        now_ms: the virtual time, in milliseconds.
        next_ms: when something is due next by the agenda (a tick, a timeout, a late copy); None: nothing is.
        tasks: the tasks by number.
        pending: the roots that spouts wait for, oldest first.
    """

    now_ms: int
    next_ms: int | None
    tasks: tuple[TaskMoment, ...]
    pending: tuple[PendingRoot, ...]

    def of(self, component: str) -> tuple[TaskMoment, ...]:
        """Return the tasks of a component."""
        return tuple(each for each in self.tasks if each.component == component)


def look(simulation: Simulation) -> Moment:
    """Return what a simulation is at this instant. It is for an instant at which nobody works: between two waves."""
    late: dict[int, list[HeldTuple]] = {}
    for due_ms, delivery in simulation.left.on_the_way:
        late.setdefault(delivery.target, []).append(_held(delivery, due_ms))
    bolts = [_bolt(simulation, task.id, late.get(task.id, ())) for task in simulation.tasks.bolts]
    spouts = [
        TaskMoment(
            task.component,
            task.id,
            "spout",
            task.is_down,
            notices=len(task.inbox),
            busy_until_ms=_busy_until_ms(task, simulation.now_ms),
        )
        for task in simulation.tasks.spouts
    ]
    return Moment(
        simulation.now_ms,
        simulation.next_ms,
        tuple(sorted([*bolts, *spouts], key=lambda each: each.task)),
        tuple(_pending(simulation, simulation.pending)),
    )


def _bolt(simulation: Simulation, number: int, late: Iterable[HeldTuple]) -> TaskMoment:
    task = simulation.tasks.bolt(number)
    return TaskMoment(
        task.component,
        task.id,
        "bolt",
        task.is_down,
        tuple(map(_held, task.inbox)),
        tuple(map(_held, _had(task, simulation.now_ms))),
        tuple(late),
        busy_until_ms=_busy_until_ms(task, simulation.now_ms),
    )


def _busy_until_ms(task: Task, now_ms: int) -> int | None:
    server = task.server
    return None if server is None or server.is_free(now_ms) else server.next_free_ms


def _had(task: BoltTask, now_ms: int) -> list[Delivery]:
    """What a task holds, and what it is at work on, though it may have said already how that will end."""
    found = dict(task.held)
    if _busy_until_ms(task, now_ms) is not None:
        found |= {delivery.id: delivery for delivery in task.batch}
    return list(found.values())


def _held(delivery: Delivery, due_ms: int | None = None) -> HeldTuple:
    source, task = delivery.source
    return HeldTuple(delivery.id, source, task, delivery.stream, delivery.text, due_ms)


def _pending(simulation: Simulation, entries: Iterable[Pending]) -> Iterable[PendingRoot]:
    holders = _holders(simulation)
    for entry in entries:
        yield PendingRoot(
            simulation.wiring.component_of[entry.task],
            entry.task,
            json.dumps(entry.message_id, ensure_ascii=False),
            entry.emitted_ms,
            tuple(holders.get(entry.root, ())),
        )


def _holders(simulation: Simulation) -> dict[int, list[tuple[str, int, str]]]:
    """By root, the tasks that have a copy of its tree, or are sent one late."""
    found: dict[int, list[tuple[str, int, str]]] = {}
    late = [delivery for _, delivery in simulation.left.on_the_way]
    there = [
        delivery
        for bolt in simulation.tasks.bolts
        for delivery in (*_had(bolt, simulation.now_ms), *bolt.inbox)
    ]
    for delivery in (*there, *late):
        component = simulation.wiring.component_of[delivery.target]
        for root in delivery.roots or ():
            found.setdefault(root, []).append((component, delivery.target, delivery.text))
    return found

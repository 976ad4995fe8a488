"""Siblings: two tuples of one root that come to the same bolt, as the two sides of a join do, and a crash between them.

What a bolt has acked is lost with its memory. That matters only where the bolt dies while the other tuple is on its
way: a tuple that waits in its worker dies with it, and so comes again with the first. So one of the two is late, and
the bolt crashes behind the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from simulator.exploring.cases import Fault, Kind
from simulator.exploring.explored_run import RunOutcome
from simulator.exploring.fault_points import LATE_MS
from simulator.exploring.lives import Life, Place

MOST_TASKS = 3  # of a bolt
ROOTS = 4  # of each task: it matters whether the acker of a root is in the worker that dies

Faults = tuple[Fault, Fault]


def between_siblings(fault_free: RunOutcome, kinds: Sequence[Kind]) -> Iterator[Faults]:
    """Yield a late tuple and a crash behind its sibling, for a few roots at each bolt that gets two of one root.

    Args:
        fault_free: the outcome of the fault-free run.
        kinds: of faults; both have to be among them.
    """
    if not {"crash", "delay"} <= {*kinds}:
        return
    for nth, (points, lives) in enumerate(zip(fault_free.points, fault_free.lives, strict=False)):
        for (component, point), places in lives.places.items():
            if point == "tuple" and component in points.counts:
                pairs = list(_pairs(places, lives.tasks.get(component, ())))
                for first, second in pairs:
                    yield _late_and_crash(component, second, first, nth)
                for first, second in pairs:
                    yield _late_and_crash(component, first, second - 1, nth)


def _late_and_crash(component: str, late: int, crash: int, topology: int) -> Faults:
    return (
        Fault("delay", component, late, ms=LATE_MS[0], topology=topology),
        Fault("crash", component, crash, after="tuple", topology=topology),
    )


def _pairs(places: Sequence[Place], tasks: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The numbers of the first two tuples of a few roots: roots that go the same way come in the same order."""
    by_life: dict[Life, dict[Life, list[int]]] = {}
    for number, place in enumerate(places, 1):
        by_life.setdefault(place.whole, {}).setdefault(place.so_far, []).append(number)
    of_task: dict[int, list[tuple[int, int]]] = {}
    for numbers in by_life.values():
        if len(numbers) > 1:
            first, second, *_ = numbers.values()
            for both in zip(first, second, strict=False):
                of_task.setdefault(_task_of(both[0], tasks), []).append(both)
    left = [of_task[task] for task in sorted(of_task)[:MOST_TASKS]]
    for part in range(ROOTS):  # the middle, the first, the last, ...
        for found in left:
            if part < len(found):
                yield found[_middle_first(len(found))[part]]


def _middle_first(size: int) -> Sequence[int]:
    return list(dict.fromkeys((size // 2, 0, size - 1, size // 4, *range(size))))


def _task_of(number: int, tasks: Sequence[int]) -> int:
    return tasks[number - 1] if number <= len(tasks) else 0

"""Shrinking: it proposes smaller cases, one after the other, and is sent the result of each.

Nothing here runs anything. ``shrink`` yields a case that is smaller than the best so far, and is sent the case that
failed (as it was recorded, perhaps smaller still), or None when it passed. It first tries what helps most: no schedule
at all, no faults at all, then smaller and smaller parts of both (delta debugging: Zeller and Hildebrandt, 2002). Then
it tries one fault in place of several, one fault less with the others at other places, and simpler faults and smaller
numbers. It begins again until nothing helps, so nothing can be taken from the last case; the caller may stop earlier.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any, NamedTuple

from simulator.exploring.cases import ON_TUPLES, WITH_MS, Case, Fault, Kind, Point
from simulator.exploring.fault_points import LATE_MS
from simulator.exploring.varying import NUMBERS

Shrinking = Generator[Case, Case | None, Case]
#: By how much a fault may have to strike earlier (or later) when another one is left out, and its replays with it.
SHIFTS = (-1, -2, -3, -5, 1)
#: The points of a crash of a bolt, the simplest first.
_POINTS: tuple[Point, ...] = ("tuple", "ack", "emit")


def shrink(
    case: Case,
    seed: int | str,
    kinds: Sequence[Kind] = ("crash",),
    bolts: Collection[str] | None = None,
) -> Shrinking:
    """Yield smaller cases, and return the smallest that failed.

    Args:
        case: that fails.
        seed: the simplest seed.
        kinds: of faults that may replace others.
        bolts: the components that take tuples; None: all.
    """
    while True:
        before = case
        case = yield from _alone(case, seed)
        case = yield from _plainer(case, seed)
        for part in (SCHEDULE, CHANGES, FAULTS):
            case = yield from _fewer(case, part)
        case = yield from _first_that_fails(case, lambda now: _merged(now, kinds, bolts))
        case = yield from _first_that_fails(case, _without_one)
        case = yield from _first_that_fails(case, lambda now: _simpler(now, bolts))
        case = yield from _first_that_fails(case, _fewer_workers)
        for part in (FAULTS, SCHEDULE):
            case = yield from _lower(case, part)
        if case == before:
            return case


def rest_of(case: Case, smallest: Case) -> Case | None:
    """Return the case without what the smallest one needs: if it fails too, there is a second cause.

    Args:
        case: the case that failed first.
        smallest: what it was shrunk to.

    Returns:
        None where nothing is left, or the smallest case needs nothing that could be taken away.
    """
    needed = {(fault.kind, fault.component, fault.topology) for fault in smallest.faults}
    left = tuple(
        fault
        for fault in case.faults
        if (fault.kind, fault.component, fault.topology) not in needed
    )
    schedule = () if smallest.schedule else case.schedule
    changes = () if smallest.changes else case.changes
    is_smaller = (
        len(left) < len(case.faults) or schedule != case.schedule or changes != case.changes
    )
    if not is_smaller or not (left or schedule or changes):
        return None
    return replace(case, faults=left, schedule=schedule, changes=changes)


# -- what is tried ----------------------------------------------------------------------------------------------


def _alone(case: Case, seed: int | str) -> Shrinking:
    """One part without the two others, which may need each other while neither is needed."""
    for part in (CHANGES, FAULTS, SCHEDULE):
        alone = part.put(Case(seed), part.of(case))
        others = [other for other in (CHANGES, FAULTS, SCHEDULE) if other is not part]
        if not part.of(case) or not all(other.of(case) for other in others):
            continue
        if (failed := (yield alone)) is not None:
            return failed
    return case


def _plainer(case: Case, seed: int | str) -> Shrinking:
    ordered = tuple(sorted(case.faults, key=lambda fault: (fault.topology, fault.nth)))
    for plainer in (replace(case, seed=seed), replace(case, faults=ordered)):
        if plainer != case and (failed := (yield plainer)) is not None:
            return failed
    return case


def _fewer(case: Case, part: Part) -> Shrinking:
    """Leave out all of them, then halves, quarters, and so on down to each."""
    size = len(part.of(case))
    while size:
        start = 0
        while start < len(items := part.of(case)):
            failed = yield part.put(case, [*items[:start], *items[start + size :]])
            if failed is None:
                start += size
            else:
                case = failed
        size //= 2
    return case


def _first_that_fails(case: Case, proposals: Callable[[Case], Iterator[Case]]) -> Shrinking:
    """The first proposal that fails, then the first one for that, until none of them fails."""
    is_smaller = True
    while is_smaller:
        is_smaller = False
        for proposed in proposals(case):
            failed = yield proposed
            if failed is not None:
                case, is_smaller = failed, True
                break
    return case


def _merged(case: Case, kinds: Sequence[Kind], bolts: Collection[str] | None) -> Iterator[Case]:
    """One fault in place of several: a crash may do what three lost acks do."""
    faults = case.faults
    for size in range(len(faults), 1, -1):
        for several in combinations(range(len(faults)), size):
            others = [fault for at, fault in enumerate(faults) if at not in several]
            for single in _instead_of([faults[at] for at in several], kinds, bolts):
                yield replace(case, faults=(*others, single))


def _instead_of(
    faults: Sequence[Fault], kinds: Sequence[Kind], bolts: Collection[str] | None
) -> Iterator[Fault]:
    """Single faults at the places of these: crashes at each point, and each of the other kinds that they are of."""
    others = dict.fromkeys(fault.kind for fault in faults if fault.kind in ON_TUPLES)
    proposed: dict[Fault, None] = {}
    for fault in faults:
        if not _takes_tuples(fault.component, bolts):
            continue
        where, nth, topology = fault.component, fault.nth, fault.topology
        if "crash" in kinds:
            for point in _POINTS:
                proposed[Fault("crash", where, nth, point, topology=topology)] = None
        for kind in others:
            if kind in kinds and kind not in WITH_MS:
                proposed[Fault(kind, where, nth, topology=topology)] = None
    yield from (fault for fault in proposed if fault not in faults)


def _takes_tuples(component: str, bolts: Collection[str] | None) -> bool:
    return bool(component) and (bolts is None or component in bolts)


def _without_one(case: Case) -> Iterator[Case]:
    """One fault less, and another one earlier or later: without the replays of the one it is another tuple's turn."""
    for at in range(len(case.faults)):
        left = [*case.faults[:at], *case.faults[at + 1 :]]
        for other, fault in enumerate(left):
            for shift in SHIFTS:
                if fault.nth + shift >= 1:
                    shifted = replace(fault, nth=fault.nth + shift)
                    yield replace(case, faults=(*left[:other], shifted, *left[other + 1 :]))


def _simpler(case: Case, bolts: Collection[str] | None) -> Iterator[Case]:
    """A fault with one thing less that is unusual about it."""
    for at, fault in enumerate(case.faults):
        for simpler in _simpler_faults(fault, bolts):
            yield replace(case, faults=(*case.faults[:at], simpler, *case.faults[at + 1 :]))


def _simpler_faults(fault: Fault, bolts: Collection[str] | None) -> Iterator[Fault]:
    if fault.kind == "crash" and _takes_tuples(fault.component, bolts):
        simpler = _POINTS[: _POINTS.index(fault.before)] if fault.before in _POINTS else _POINTS
        for point in _POINTS if fault.after else simpler:
            yield replace(fault, before=point, after=None, step=0, place="")
    if fault.kind in ("crash", "worker") and fault.ms:
        yield replace(fault, ms=0)
    for step in range(1, fault.step):
        yield replace(fault, step=step, place="")
    if fault.number:
        yield replace(fault, number=0)
    for ms in LATE_MS if fault.kind in ("delay", "reorder") else ():
        if fault.ms > ms:
            yield replace(fault, ms=ms)


def _fewer_workers(case: Case) -> Iterator[Case]:
    for at, change in enumerate(case.changes):
        for fewer in NUMBERS if change.name == "workers" else ():
            if isinstance(change.value, int) and fewer < change.value:
                changed = replace(change, value=fewer)
                yield replace(case, changes=(*case.changes[:at], changed, *case.changes[at + 1 :]))


def _lower(case: Case, part: Part) -> Shrinking:
    """Smaller numbers: faults that strike earlier, choices that are nearer to the benign one."""
    at = 0
    while at < len(part.of(case)):
        many = len(part.of(case))
        case = yield from _least(case, part, at)
        at += len(part.of(case)) == many  # it has lost some on the way: look at this place again
    return case


def _least(case: Case, part: Part, at: int) -> Shrinking:
    """The case with a smaller number at this place: 1 if that fails too, else by smaller and smaller steps; repeated.

    What a number means may change with it, so there may be a smaller one that this does not find.
    """
    items = part.of(case)
    number = part.number_of(items[at])
    smaller = {1, number // 2, number - number // 4, number - number // 8, number - 1}
    for less in sorted(each for each in smaller if 0 < each < number):
        changed = [*items[:at], part.with_number(items[at], less), *items[at + 1 :]]
        failed = yield part.put(case, changed)
        if failed is not None:
            if len(part.of(failed)) != len(items):
                return failed
            return (yield from _least(failed, part, at))
    return case


class Part(NamedTuple):
    """A list that a case has, and the number in each of its items. Any: faults in one, steps in another."""

    of: Callable[[Case], Sequence[Any]]
    put: Callable[[Case, Sequence[Any]], Case]
    number_of: Callable[[Any], int] = lambda item: 1
    with_number: Callable[[Any, int], Any] = lambda item, number: item


FAULTS = Part(
    of=lambda case: case.faults,
    put=lambda case, faults: replace(case, faults=tuple(faults)),
    number_of=lambda fault: fault.nth,
    with_number=lambda fault, number: replace(fault, nth=number),
)
SCHEDULE = Part(
    of=lambda case: case.schedule,
    put=lambda case, steps: replace(case, schedule=tuple(steps)),
    number_of=lambda step: step.value,
    with_number=lambda step, number: step._replace(value=number),
)
CHANGES = Part(
    of=lambda case: case.changes,
    put=lambda case, changes: replace(case, changes=tuple(changes)),
)

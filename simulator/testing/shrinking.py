"""Shrinking: it proposes smaller cases, one after the other, and is sent the result of each.

Nothing here runs anything. ``shrink`` yields a case that is smaller than the best so far, and is sent the case that
failed (as it was recorded, perhaps smaller still), or None when it passed. It first tries what helps most: no schedule
at all, no faults at all, then smaller and smaller parts of both (delta debugging: Zeller and Hildebrandt, 2002), then
smaller numbers. It begins again until nothing helps; the caller may stop earlier.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from simulator.testing.cases import Case

Shrinking = Generator[Case, Case | None, Case]


def shrink(case: Case, seed: int | str) -> Shrinking:
    """Yield smaller cases, and return the smallest that failed.

    Args:
        case: that fails.
        seed: the simplest seed.
    """
    while True:
        before = case
        case = yield from _plainer(case, seed)
        for part in (SCHEDULE, FAULTS):
            case = yield from _fewer(case, part)
        for part in (FAULTS, SCHEDULE):
            case = yield from _lower(case, part)
        if case == before:
            return case


def _plainer(case: Case, seed: int | str) -> Shrinking:
    failed = (yield replace(case, seed=seed)) if case.seed != seed else None
    return failed or case


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


def _lower(case: Case, part: Part) -> Shrinking:
    """Smaller numbers: faults that strike earlier, choices that are nearer to the benign one."""
    at = 0
    while at < len(part.of(case)):
        many = len(part.of(case))
        case = yield from _least(case, part, at)
        at += len(part.of(case)) == many  # it has lost some on the way: look at this place again
    return case


def _least(case: Case, part: Part, at: int) -> Shrinking:
    """The case with a smaller number at this place: 1 if that fails too, else half of it, else one less; repeated.

    What a number means may change with it, so there may be a smaller one that this does not find.
    """
    items = part.of(case)
    number = part.number_of(items[at])
    for less in sorted({each for each in (1, number // 2, number - 1) if 0 < each < number}):
        changed = [*items[:at], part.with_number(items[at], less), *items[at + 1 :]]
        failed = yield part.put(case, changed)
        if failed is not None:
            if len(part.of(failed)) != len(items):
                return failed
            return (yield from _least(failed, part, at))
    return case


class Part(NamedTuple):
    """A list that a case has, and the number in each of its items. Any: faults in one, steps in the other."""

    of: Callable[[Case], Sequence[Any]]
    put: Callable[[Case, Sequence[Any]], Case]
    number_of: Callable[[Any], int]
    with_number: Callable[[Any, int], Any]


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

"""Chains: the same goes wrong at one attempt after the other.

Retries, dead letters and recoveries are code of its own, which runs only where an attempt has failed. A chain takes a
fault, and strikes in the same way what the fault has brought about: the next attempt, then the one after that. So a
second fault meets the recovery from the first at the very point where the first has struck, and a row fails as often as
a run may have faults.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from simulator.exploring.cases import ON_TOPOLOGY, Case, Fault, Kind
from simulator.exploring.classes import Plain, place_of
from simulator.exploring.explored_run import RunOutcome
from simulator.exploring.fault_points import late_ms, single_faults

#: By kind, those whose chains go on to the end: each takes an attempt away. The others strike twice.
TAKES_AN_ATTEMPT: Final[frozenset[Kind]] = frozenset(("lost-ack", "replay", "drop", "fail"))
MOST_TASKS = 3  # of a bolt, at which chains of crashes begin


class Chains:
    """The chains that are known so far.

    A chain of crashes before tuples begins at each task of a bolt, as the worker that dies makes a difference; any
    other where the first fault of its shape has been run.

    Args:
        fault_free: the outcome of the fault-free run.
        kinds: of faults.
        most_faults: of a run.
    """

    def __init__(self, fault_free: RunOutcome, kinds: Sequence[Kind], most_faults: int) -> None:
        self._fault_free = fault_free
        self._most_faults = most_faults
        self._plain = Plain(fault_free.points, fault_free.lives, kinds)
        self._begun: set[tuple[Fault, int]] = set()  # by what they have in common, and their length
        has_chains = "crash" in kinds and most_faults > 1
        self._first = list(_first_crashes(fault_free)) if has_chains else []
        self._left = deque(replace(fault_free.case, faults=(fault,)) for fault in self._first)

    def learn(self, outcome: RunOutcome) -> None:
        """Note how the chain of a run goes on."""
        faults = outcome.case.faults
        shape = _shape(faults[0])
        if any(_shape(fault) != shape for fault in faults) or not self._goes_on(faults):
            return
        begun = (faults[0] if strikes_tuple(shape) else shape), len(faults)
        if begun not in self._begun and (following := self._following(faults[-1], outcome)):
            self._begun.add(begun)
            case = replace(outcome.case, faults=(*faults, following))
            # Those that have gone on come first: what they meet is rare.
            (self._left.append if len(faults) == 1 else self._left.appendleft)(case)

    def _goes_on(self, faults: Sequence[Fault]) -> bool:
        first, size = faults[0], len(faults)
        if first.kind in ON_TOPOLOGY or first.step or size >= self._most_faults:
            return False
        if strikes_tuple(first):
            return first in self._first
        if first.kind in ("delay", "reorder"):
            return size < 2 and first.ms == late_ms(self._fault_free.points[first.topology])[-1]
        return size < 2 or first.kind in TAKES_AN_ATTEMPT

    def _following(self, last: Fault, outcome: RunOutcome) -> Fault | None:
        """The fault of the same shape at the next attempt: at the same root, if that can be told."""
        struck = place_of(last, outcome.lives)
        found = list(self._behind(last, outcome))
        same = [
            fault
            for fault in found
            if struck is not None
            and (place := place_of(fault, outcome.lives)) is not None
            and place.whole == struck.whole
        ]
        return next(iter(same or found), None)

    def _behind(self, last: Fault, outcome: RunOutcome) -> Iterator[Fault]:
        for fault in single_faults(outcome.points, [last.kind]):
            is_alike = _shape(fault) == _shape(last) and fault.nth > last.nth
            if is_alike and not self._plain.has(fault, outcome.lives):
                yield fault

    def draw(self) -> Case | None:
        """Return a chain that has not been run yet; None when there is none."""
        return self._left.popleft() if self._left else None


def _first_crashes(fault_free: RunOutcome) -> Iterator[Fault]:
    """A crash before a tuple of each task of each bolt: the one in the middle."""
    for nth, (points, lives) in enumerate(zip(fault_free.points, fault_free.lives, strict=False)):
        for component, tasks in lives.tasks.items():
            for task in sorted(set(tasks))[:MOST_TASKS] if component in points.counts else ():
                taken = [at for at, each in enumerate(tasks, 1) if each == task]
                yield Fault("crash", component, taken[len(taken) // 2], topology=nth)


def strikes_tuple(fault: Fault) -> bool:
    """Return whether a fault is a crash before a tuple."""
    return fault.kind == "crash" and fault.after is None and fault.before == "tuple"


def _shape(fault: Fault) -> Fault:
    """What the faults of a chain have in common."""
    return replace(fault, nth=1)

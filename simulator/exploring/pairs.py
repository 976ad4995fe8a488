"""Pairs that matter: two faults of which the second strikes what the first one has brought about.

A fault is survived because something stands in for what it takes away: a second attempt at a root, a restarted worker.
Only a second fault that strikes the substitute can break what one fault could not (lineage-driven fault injection:
Alvaro and others, 2015). A root that goes as it goes without faults rests on nothing that the first fault has touched.
So the pairs that matter are those whose second fault is at a place that no root has in the fault-free run.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

from simulator.engine import below
from simulator.exploring.cases import Case, Fault, Kind
from simulator.exploring.classes import FaultClass, Plain, class_of, strikes_at
from simulator.exploring.coverage import Part
from simulator.exploring.explored_run import RunOutcome
from simulator.exploring.fault_points import single_faults


class Pairs:
    """The pairs that matter, as far as single faults have been run.

    Args:
        fault_free: the outcome of the fault-free run.
        kinds: of the faults.
    """

    def __init__(self, fault_free: RunOutcome, kinds: Sequence[Kind]) -> None:
        self._fault_free = fault_free
        self._kinds = kinds
        self._plain = Plain(fault_free.points, fault_free.lives, kinds)
        self._firsts: set[FaultClass] = set()
        self._found: set[tuple[FaultClass, FaultClass]] = set()
        self._left: list[Case] = []

    @property
    def part(self) -> Part:
        """How many classes of pairs were run, and how many there are so far."""
        return Part(len(self._found) - len(self._left), len(self._found))

    def learn(self, outcome: RunOutcome) -> None:
        """Note the pairs whose first fault is the one of this run, which has one, and no schedule."""
        (first,) = outcome.case.faults
        whole = class_of(first, self._fault_free.lives)
        if whole in self._firsts:
            return
        self._firsts.add(whole)
        for second in self._seconds(outcome):
            key = (whole, strikes_at(second, outcome.lives))
            if key not in self._found:
                self._found.add(key)
                self._left.append(replace(outcome.case, faults=(first, second)))

    def _seconds(self, outcome: RunOutcome) -> Iterator[Fault]:
        for fault in single_faults(outcome.points, self._kinds):
            is_plain = self._plain.has(fault, outcome.lives)
            if not is_plain and fault not in outcome.case.faults:
                yield fault

    def draw(self, rng: random.Random) -> Case | None:
        """Return a pair that has not been run yet; None when there is none.

        Args:
            rng: the random numbers of its run.
        """
        if not self._left:
            return None
        at = below(rng, len(self._left))
        self._left[at], self._left[-1] = self._left[-1], self._left[at]
        return self._left.pop()

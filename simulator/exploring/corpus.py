"""The corpus: the cases that have shown something new, and children of them.

A case is kept when its run shows a life that no run before it has shown, or takes an arc of the user's code that no run
before it has taken. Its children differ from it a little: by a further fault, by another schedule, or by the faults of
another case. The further fault is preferred at a point that the fault-free run did not have: in the recovery from a
fault, where few tests look.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from simulator.engine import below
from simulator.exploring.cases import Case, Fault, Kind
from simulator.exploring.classes import FaultClass, Plain, strikes_at
from simulator.exploring.explored_run import RunOutcome
from simulator.exploring.fault_points import single_faults
from simulator.exploring.lives import Life
from simulator.exploring.plan import PlannedRun
from simulator.exploring.schedules import UNUSUAL, Schedule, drawn_schedule

BEYOND = (
    0.6  # of the children with a further fault: at a point that the fault-free run did not have
)
MUTATED = (0.02, 0.1, 0.3)  # how much of a schedule changes


@dataclass
class Entry:
    """A case that has shown something new.

    Attributes:
        outcome: of its run.
        new: how many lives nobody had seen before, and one more where it has taken a new arc.
        chosen: how often it was the parent of a run.
    """

    outcome: RunOutcome
    new: int
    chosen: int = 0
    _places: list[tuple[Fault, FaultClass, bool]] | None = None

    @property
    def weight(self) -> float:
        """How much it promises."""
        return self.new / (1 + self.chosen)

    def places(
        self, kinds: Sequence[Kind], plain: Plain
    ) -> Sequence[tuple[Fault, FaultClass, bool]]:
        """Return the faults at all points of its run, with their classes, and whether the fault-free run has them."""
        if self._places is None:
            lives, mine = self.outcome.lives, self.outcome.case.faults
            self._places = [
                (fault, strikes_at(fault, lives), plain.has(fault, lives))
                for fault in single_faults(self.outcome.points, kinds)
                if fault not in mine
            ]
        return self._places


class Corpus:
    """Cases that have shown something new.

    Args:
        fault_free: the outcome of the fault-free run.
        kinds: the faults of children.
        most_faults: of a child.

    Attributes:
        seen: the lives of all runs, with the topology they were in.
        arcs: what all runs have done in the user's code.
        entries: the cases.
    """

    def __init__(self, fault_free: RunOutcome, kinds: Sequence[Kind], most_faults: int) -> None:
        self._kinds = kinds
        self._most_faults = most_faults
        self._plain = Plain(fault_free.points, fault_free.lives, kinds)
        self._struck: set[FaultClass] = set()
        self.seen: set[tuple[int, Life]] = set()
        self.arcs: set[int] = set()
        self.entries: list[Entry] = []
        if not self.learn(fault_free):  # it has failed before anything happened
            self.entries.append(Entry(fault_free, 1))

    def learn(self, outcome: RunOutcome) -> int:
        """Keep the case of a run if it has shown new lives, or new arcs of the user's code; return how much is new."""
        lives = {(nth, life) for nth, each in enumerate(outcome.lives) for life in each.seen}
        new = len(lives - self.seen) + bool(outcome.arcs - self.arcs)
        self.seen |= lives
        self.arcs |= outcome.arcs
        if new:
            self.entries.append(Entry(outcome, new))
        return new

    def child(self, number: int, rng: random.Random) -> PlannedRun:
        """Return a run that differs a little from a case of the corpus.

        Args:
            number: of the run.
            rng: the random numbers of the run.
        """
        parent = self._parent(rng)
        parent.chosen += 1
        case = parent.outcome.case
        how = rng.random()
        if how < 0.65 and len(case.faults) < self._most_faults:
            further = self._further(parent, rng)
            if further is not None:
                return PlannedRun(number, replace(case, faults=(*case.faults, further)))
        if how < 0.8:
            joined = self._joined(case, self._parent(rng).outcome.case)
            if joined != case:
                return PlannedRun(number, joined)
        if rng.random() < 0.5:
            return PlannedRun(number, case, Schedule("mutated", MUTATED[below(rng, len(MUTATED))]))
        return PlannedRun(number, replace(case, schedule=()), drawn_schedule(rng, UNUSUAL))

    def _parent(self, rng: random.Random) -> Entry:
        left = rng.random() * sum(entry.weight for entry in self.entries)
        for entry in self.entries:
            left -= entry.weight
            if left < 0:
                return entry
        return self.entries[-1]

    def _further(self, parent: Entry, rng: random.Random) -> Fault | None:
        """A further fault: mostly where only a fault leads to, and where none has struck yet."""
        left = parent.places(self._kinds, self._plain)
        if rng.random() < BEYOND:
            left = [each for each in left if not each[2]] or left
            left = [each for each in left if each[1] not in self._struck] or left
        if not left:
            return None
        kinds = list(dict.fromkeys(fault.kind for fault, _, _ in left))
        kind = kinds[below(rng, len(kinds))]  # a crash has many more points than the other kinds
        left = [each for each in left if each[0].kind == kind]
        fault, struck, _ = left[below(rng, len(left))]
        self._struck.add(struck)
        return fault

    def _joined(self, case: Case, other: Case) -> Case:
        """The case with the faults of another, as many as a run may have."""
        faults = dict.fromkeys((*case.faults, *other.faults))
        return replace(case, faults=tuple(faults)[: self._most_faults])

"""The judge of an exploration: it gives each run the law that it breaks, and keeps the verdicts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from simulator.exploring import (
    Found,
    Look,
    RunOutcome,
)
from simulator.laws.comparison import Comparison, comparison_of
from simulator.laws.evidence import Evidence, Reference, evidence_of
from simulator.laws.table import Law
from simulator.model import Topology

MOST_CASES = 2  # of a group that end in a law which is known to be broken, before its other laws are given up


@dataclass(frozen=True)
class Broken:
    """A law that is broken, and the smallest case.

    Attributes:
        lines: what is wrong, at least one.
        evidence: of the run.
        number: of the run that was the first.
        reruns: how many runs it took to make its case small.
        is_smallest: False when they were not enough to know that there is no smaller one.
        path: the file of the case; None when none could be written.
        look: at its run, where the plan asks for it.
    """

    lines: Sequence[str]
    evidence: Evidence
    number: int
    reruns: int
    path: Path | None
    is_smallest: bool = True
    look: Look | None = None


class Judge:
    """Judges the runs of one exploration, the fault-free one first.

    Args:
        laws: by which.

    Attributes:
        topology: what is run; set before the first run is judged.
        reference: what runs are compared with, once there is one.
        broken: by the name of the law.
        judged: how many runs each law was about.
        given_up: the laws that were not looked at to the end, and why. A run in which one thing alone is different is
            judged by them still, since no other law can be meant; twice at most.
        broken_by: how many runs broke each law, by what they had different from the fault-free run.
        last: the run that was judged last.
        has_failed: some run has broken a law.
        waiting: how many runs were stopped while a root was still to be settled.
    """

    topology: Topology

    def __init__(self, laws: Sequence[Law]) -> None:
        self._laws = laws
        self._repeats: Counter[str] = Counter()  # by group
        #: By law that is given up: the runs that are judged by it still.
        self._alone: Counter[str] = Counter()
        self.reference: Reference | None = None
        self.broken: dict[str, Broken] = {}
        self.judged: Counter[str] = Counter()
        self.given_up: dict[str, str] = {}
        self.broken_by: defaultdict[str, Counter[Comparison]] = defaultdict(Counter)
        self.last: Evidence | None = None
        self.has_failed = False
        self.waiting = 0

    def judge(self, outcome: RunOutcome, wanted: tuple[object, ...] | None) -> RunOutcome:
        """Return the outcome with the law that it breaks as its failure, if it breaks one that is not broken yet."""
        run = evidence_of(outcome)
        if wanted is None:
            self.last = run
        self.waiting += run.end.waits
        if self.reference is None:
            self.reference = Reference(self.topology, run)
        if wanted is not None:
            return self._judged_for(outcome, run, wanted)
        broken = self._judge_by_all(run)
        for law in self._laws:
            if (lines := broken.get(law.name)) and not self._is_closed(law, run):
                self.has_failed = True
                return _failed(outcome, law, lines)
        return replace(outcome, failure=None, words="")

    def _judged_for(
        self, outcome: RunOutcome, run: Evidence, wanted: tuple[object, ...]
    ) -> RunOutcome:
        """Return the outcome with the failure that is looked for, if it is there again."""
        assert self.reference is not None  # others follow it
        for law in self._laws:
            if law.failure == wanted and (lines := law.judge(run, self.reference)):
                return _failed(outcome, law, lines)
        return replace(outcome, failure=None, words="")

    def _judge_by_all(self, run: Evidence) -> Mapping[str, Sequence[str]]:
        """Return what is wrong, by the laws that a run breaks; and count the runs."""
        assert self.reference is not None
        comparison = comparison_of(run.case, self.reference.run.case)
        broken = {}
        for law in self._laws:
            lines = law.judge(run, self.reference)
            self.judged[law.name] += lines is not None
            if lines:
                broken[law.name] = lines
                self.broken_by[law.name][comparison] += 1
        return broken

    def is_wrong(self, outcome: RunOutcome) -> bool:
        """Return whether a run breaks a law, be it one that is known to be broken."""
        assert self.reference is not None  # others follow it
        run = evidence_of(outcome)
        return any(law.judge(run, self.reference) for law in self._laws)

    def judge_reference(self) -> None:
        """Have the fault-free run judged by the laws that it has not been judged by, since no other run follows it."""
        assert self.reference is not None  # it has been made
        path = next((each.path for each in self.broken.values()), None)
        for law in self._laws:
            if law.name in self.broken:
                continue
            lines = law.judge(self.reference.run, self.reference)
            self.judged[law.name] += lines is not None
            if lines:
                self.broken[law.name] = Broken(lines, self.reference.run, 0, 0, path)

    def _is_closed(self, law: Law, run: Evidence) -> bool:
        assert self.reference is not None
        if law.name in self.broken or law.name not in self.given_up:
            return law.name in self.broken
        if not comparison_of(run.case, self.reference.run.case).is_single:
            return True
        self._alone[law.name] += 1
        return self._alone[law.name] > MOST_CASES

    def take(self, found: Found) -> None:
        """Note the smallest case of a failure."""
        assert self.reference is not None  # a run has failed
        run = evidence_of(found.outcome)
        for law in self._laws:
            lines = law.judge(run, self.reference)
            if law.failure != found.outcome.failure or not lines:
                continue
            if law.name in self.broken:
                self._give_up_after(law)
            else:
                self.given_up.pop(law.name, None)
                self.broken[law.name] = Broken(
                    lines,
                    run,
                    found.number,
                    found.reruns,
                    found.path,
                    found.is_smallest,
                    found.look,
                )
            return

    def _give_up_after(self, law: Law) -> None:
        """Give up the other laws of a group whose failures keep turning out to be of this one."""
        self._repeats[law.group] += 1
        if self._repeats[law.group] < MOST_CASES:
            return
        for other in self._laws:
            if other.group == law.group and other.name not in self.broken:
                self.given_up[other.name] = f"not told apart from: {law.title}"


def _failed(outcome: RunOutcome, law: Law, lines: Sequence[str]) -> RunOutcome:
    return replace(outcome, failure=law.failure, words=f"{law.title}: broken: {lines[0]}")

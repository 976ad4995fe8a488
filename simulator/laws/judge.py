"""The judge of an exploration: it gives each run the law that it breaks, and keeps the verdicts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from simulator.exploring import (
    Found,
    Look,
    RunOutcome,
)
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
        given_up: the laws that were not looked at to the end, and why.
        last: the run that was judged last.
        has_failed: some run has broken a law.
        waiting: how many runs were stopped while a root was still to be settled.
    """

    topology: Topology

    def __init__(self, laws: Sequence[Law]) -> None:
        self._laws = laws
        self._repeats: Counter[str] = Counter()  # by group
        self.reference: Reference | None = None
        self.broken: dict[str, Broken] = {}
        self.judged: Counter[str] = Counter()
        self.given_up: dict[str, str] = {}
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
        for law in self._laws:
            is_wanted = law.failure == wanted
            if not is_wanted and (wanted is not None or self._is_closed(law)):
                continue
            lines = law.judge(run, self.reference)
            if lines is not None and wanted is None:
                self.judged[law.name] += 1
            if lines:
                self.has_failed = True
                return replace(
                    outcome, failure=law.failure, words=f"{law.title}: broken: {lines[0]}"
                )
        return replace(outcome, failure=None, words="")

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

    def _is_closed(self, law: Law) -> bool:
        return law.name in self.broken or law.name in self.given_up

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

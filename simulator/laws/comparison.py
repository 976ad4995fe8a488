"""Comparisons: what a run has different from the fault-free run, in the words of ``faults=`` and ``vary=``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from simulator.exploring import ALL_KINDS, CHANGEABLE, Case

#: The simplest first: what needs no fault comes before what does.
ORDER = ("shuffle", "schedule", *CHANGEABLE, *ALL_KINDS)


@dataclass(frozen=True)
class Comparison:
    """What a run is compared by.

    Attributes:
        parts: "shuffle" (another seed, and nothing else), "schedule", what is varied, and kinds of faults.
    """

    parts: tuple[str, ...]

    @property
    def is_single(self) -> bool:
        """True when only one thing is different, so that nothing else can be the cause."""
        return len(self.parts) == 1

    def __str__(self) -> str:
        return " with ".join(self.parts)


def comparison_of(case: Case, reference: Case) -> Comparison:
    """Return what a case has different from that of the fault-free run."""
    found = {str(each.kind) for each in case.faults} | {str(each.name) for each in case.changes}
    if case.schedule:
        found.add("schedule")
    if not found and case.seed != reference.seed:
        found.add("shuffle")
    return Comparison(tuple(sorted(found, key=ORDER.index)))


def simplest_first(
    smallest: Comparison, seen: Mapping[Comparison, int]
) -> tuple[tuple[str, int], ...]:
    """Return by what a law was broken, with the number of runs: by the smallest case, then by each single thing.

    A run with several things different is left out: one of them alone may be the cause.

    Args:
        smallest: the comparison of the smallest case; it may have taken no run but those that looked for it.
        seen: how many runs broke the law, by comparison.
    """
    single: Iterable[Comparison] = sorted(
        (each for each in seen if each.is_single and each != smallest),
        key=lambda each: ORDER.index(each.parts[0]),
    )
    return tuple((str(each), seen.get(each, 0)) for each in (smallest, *single) if each.parts)

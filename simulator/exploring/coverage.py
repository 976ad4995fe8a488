"""What an exploration has covered, for its report."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


class Part(NamedTuple):
    """How many of how many.

    Attributes:
        tried: those that were run.
        of: how many there are.
    """

    tried: int = 0
    of: int = 0

    def __str__(self) -> str:
        return f"{self.tried:,} of {self.of:,}"

    @property
    def is_whole(self) -> bool:
        """True when all of them were run."""
        return self.tried == self.of


NOTHING = Part()


@dataclass
class Coverage:
    """What an exploration has covered so far.

    Attributes:
        runs: how many runs, the fault-free one among them.
        faults: the single faults, at the points of the fault-free run.
        classes: the classes of single faults that do the same to roots that go the same way.
        pairs: the classes of pairs that matter: the second fault strikes what the first has brought about. All of them
            are known only when every class of single faults was run.
        lives: how many different lives of roots were seen.
        arcs: how many arcs of the user's code were taken; 0 before Python 3.12, and where components are processes.
        unvaried: what was not varied though it was asked for, each with the reason.
    """

    runs: int = 0
    faults: Part = NOTHING
    classes: Part = NOTHING
    pairs: Part = NOTHING
    lives: int = 0
    arcs: int = 0
    unvaried: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """One line: what was exhausted, or what is left."""
        if not self.runs:
            return "nothing was run"
        single = f"every single fault ({self.faults})"
        if not self.faults.is_whole:
            single = f"{self.faults} single faults ({self.classes} kinds of places)"
        pairs = f"{self.pairs} pairs that matter"
        if self.pairs.is_whole and self.classes.is_whole:
            pairs = f"every pair that matters ({self.pairs} classes)"
        runs = f"{self.runs:,} run{'s' * (self.runs != 1)}"
        lives = f"{self.lives:,} {'life' if self.lives == 1 else 'lives'} of roots"
        return f"{runs}, {lives}: {single}, {pairs}"

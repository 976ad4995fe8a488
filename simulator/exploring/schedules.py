"""Schedules: the strategies by which the choices of a run are made. None finds everything, so they are mixed."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from simulator.engine import (
    Choice,
    Choices,
    Drawn,
    Mutated,
    Phases,
    Priorities,
    Replayed,
    SlowLinks,
    below,
)

ScheduleName = Literal["fifo", "random", "priorities", "slow links", "tick phases", "mutated"]
WILD = (0.1, 0.3, 0.6)  # how much of a random schedule is not first come, first served
CHANGES = (1, 2, 3)  # of priorities
#: The strategies that runs draw from, each as often as it stands here.
DRAWN: tuple[ScheduleName, ...] = ("random", "slow links", "priorities", "fifo")
UNUSUAL = DRAWN[:3]


@dataclass(frozen=True)
class Schedule:
    """How the choices of a run are made.

    Attributes:
        name: "fifo": first in, first out. "random": each choice on its own. "priorities": tasks have priorities, which
            change a few times. "slow links": some links between tasks are late for a while. "tick phases": first in,
            first out, and ticks begin at any time. "mutated": the choices of the case, some of which are drawn anew.
        wild: the fraction of the choices that are not benign, or of "mutated" that are drawn anew.
        changes: of priorities.
    """

    name: ScheduleName
    wild: float = 0.0
    changes: int = 0

    @property
    def is_plain(self) -> bool:
        """True when every choice is benign."""
        return self.name == "fifo"

    def choices(self, seed: object, recorded: Iterable[Choice]) -> Choices:
        """Return the choices of one topology of a run.

        Args:
            seed: of what is drawn.
            recorded: the choices of the case.
        """
        match self.name:
            case "fifo":
                return Replayed(())
            case "random":
                return Drawn(seed, wild=self.wild)
            case "priorities":
                return Priorities(seed, changes=self.changes)
            case "slow links":
                return SlowLinks(seed, wild=self.wild)
            case "tick phases":
                return Phases(seed)
            case "mutated":
                return Mutated(recorded, seed, wild=self.wild)


def drawn_schedule(rng: random.Random, names: Sequence[ScheduleName] = DRAWN) -> Schedule:
    """Return a schedule of one of these strategies, which is drawn as its numbers are."""
    name = names[below(rng, len(names))]
    wild = WILD[below(rng, len(WILD))]
    return Schedule(name, wild if name != "slow links" else 0.1, CHANGES[below(rng, len(CHANGES))])

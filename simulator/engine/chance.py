"""Chance as a list of choices that can be recorded, replayed and shrunk.

Whenever the engine could do more than one thing that a real Storm might do too (which task first, how many
tuples at once, how long a tuple is under way, whether a fault strikes), it asks here for a number below some
limit. 0 is always the benign answer: first in first out, all at once, no delay, no fault. A run is replayed by
feeding the recorded choices back; it is shrunk by setting some to 0.

Each task has a stream of its own, named by its component and index: task ids shift when a component is added,
these do not, so adding a bolt leaves the random numbers of the others alone.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import NamedTuple


def stream_of(seed: object, name: str) -> random.Random:
    """The random numbers of one name, the same on every machine and Python (seeded through SHA-512)."""
    return random.Random(f"{seed}/{name}")


class Choice(NamedTuple):
    stream: str
    limit: int
    value: int


def below(rng: random.Random, limit: int) -> int:
    """A number in ``range(limit)``, each as likely as the other."""
    # Not rng.randrange: Python promises the same random() in every version, and no more.
    return int(rng.random() * limit)


class Step(NamedTuple):
    """A choice that was not benign: the ``at``-th (from 0) of its stream."""

    stream: str
    at: int
    value: int
    limit: int


def steps_of(recorded: Iterable[Choice]) -> list[Step]:
    """The choices that were not benign; all a record has to keep."""
    asked: dict[str, int] = {}
    steps = []
    for stream, limit, value in recorded:
        at = asked.get(stream, 0)
        asked[stream] = at + 1
        if value:
            steps.append(Step(stream, at, value, limit))
    return steps


def choices_of(steps: Iterable[Step]) -> list[Choice]:
    """Choices to replay: these steps, with benign ones where nothing is said."""
    choices: list[Choice] = []
    asked: dict[str, int] = {}
    for stream, at, value, limit in sorted(steps):
        benign = at - asked.get(stream, 0)
        choices += [Choice(stream, 1, 0)] * benign
        choices.append(Choice(stream, limit, value))
        asked[stream] = at + 1
    return choices


class Choices:
    """The benign schedule: every answer is 0, and none needs recording."""

    active = False

    def choose(self, stream: str, limit: int) -> int:
        """A number in ``range(limit)``; 0 is benign."""
        return 0

    @property
    def recorded(self) -> list[Choice]:
        return []


class Drawn(Choices):
    """Choices drawn from the seed, a stream of chance per name; a fraction ``wild`` of them is not benign."""

    active = True

    def __init__(self, seed: object, *, wild: float = 0.25) -> None:
        self._seed = seed
        self._wild = wild
        self._streams: dict[str, random.Random] = {}
        self._recorded: list[Choice] = []

    def choose(self, stream: str, limit: int) -> int:
        rng = self._streams.get(stream)
        if rng is None:
            rng = self._streams[stream] = stream_of(self._seed, f"choices/{stream}")
        wild = limit > 1 and rng.random() < self._wild
        value = 1 + below(rng, limit - 1) if wild else 0
        self._recorded.append(Choice(stream, limit, value))
        return value

    @property
    def recorded(self) -> list[Choice]:
        return list(self._recorded)


class Replayed(Choices):
    """The recorded choices once more; where the record ends, or does not fit any more, benign ones."""

    active = True

    def __init__(self, recorded: Iterable[Choice]) -> None:
        self._left: dict[str, list[int]] = {}
        for choice in recorded:
            self._left.setdefault(choice.stream, []).append(choice.value)
        for values in self._left.values():
            values.reverse()
        self._recorded: list[Choice] = []

    def choose(self, stream: str, limit: int) -> int:
        left = self._left.get(stream)
        value = left.pop() if left else 0
        if not 0 <= value < limit:
            value = 0
        self._recorded.append(Choice(stream, limit, value))
        return value

    @property
    def recorded(self) -> list[Choice]:
        return list(self._recorded)

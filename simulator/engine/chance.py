"""Random choices that can be recorded, replayed and shrunk.

Where a real Storm could do more than one thing (which task comes first, how many tuples a bolt is handed at once, how
long a tuple is on its way), the engine asks here for a number below a limit. 0 is always the benign answer: first in,
first out; all at once; no delay. A recorded run is replayed by giving the same answers, and shrunk by setting some of
them to 0.

Each task has random numbers of its own, in a stream that is named by its component and its index. Task ids change when
a component is added and these names do not, so adding a bolt leaves the random numbers of the others alone.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import NamedTuple


def stream_of(seed: object, name: str) -> random.Random:
    """A generator of the random numbers of one name: the same on every machine and Python (seeded through SHA-512).

    Args:
        seed: the seed of the run; its ``str`` counts.
        name: the name of the stream, such as ``count-bolt/0``.
    """
    return random.Random(f"{seed}/{name}")


class Choice(NamedTuple):
    """A recorded choice: the stream that was asked, the limit, and the answer."""

    stream: str
    limit: int
    value: int


def below(rng: random.Random, limit: int) -> int:
    """A random number in ``range(limit)``, all of them equally likely."""
    # Not rng.randrange: Python promises the same random() in every version, and no more.
    return int(rng.random() * limit)


class Step(NamedTuple):
    """A choice that is not benign: the ``at``-th of its stream, counted from 0."""

    stream: str
    at: int
    value: int
    limit: int


def steps_of(recorded: Iterable[Choice]) -> list[Step]:
    """The choices that are not benign. ``choices_of`` makes the recorded choices of them again."""
    asked: dict[str, int] = {}
    steps = []
    for stream, limit, value in recorded:
        at = asked.get(stream, 0)
        asked[stream] = at + 1
        if value:
            steps.append(Step(stream, at, value, limit))
    return steps


def choices_of(steps: Iterable[Step]) -> list[Choice]:
    """Choices to replay: these steps, and benign choices between them."""
    choices: list[Choice] = []
    asked: dict[str, int] = {}
    for stream, at, value, limit in sorted(steps):
        benign = at - asked.get(stream, 0)
        choices += [Choice(stream, 1, 0)] * benign
        choices.append(Choice(stream, limit, value))
        asked[stream] = at + 1
    return choices


class Choices:
    """The benign schedule: every answer is 0, and nothing is recorded.

    Attributes:
        active: False when every answer is 0, so that the engine need not ask.
    """

    active = False

    def choose(self, stream: str, limit: int) -> int:
        """Choose a number in ``range(limit)``; 0 is benign."""
        return 0

    @property
    def recorded(self) -> list[Choice]:
        """The choices so far, in the order in which they were made."""
        return []


class Drawn(Choices):
    """Choices that are drawn at random, in a stream of random numbers for each name.

    Args:
        seed: the seed of all streams.
        wild: the fraction of the choices that is not benign, from 0 to 1.
    """

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
    """Recorded choices once more. Where the record ends, or a choice is not below its limit, the answer is benign.

    Args:
        recorded: the choices to repeat.
    """

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

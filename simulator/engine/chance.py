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
from collections.abc import Iterable, Sequence
from typing import NamedTuple

OVERTAKEN_MS = 3  # enough for any other tuple to come first, and far from any timeout
LATENESS_MS = (0, 1, 10, 100, 1000)  # of a link
REDRAWN = 0.1  # the fraction of the tuples at which a link's lateness changes
MOST_MOMENT = 2000  # choices in which a priority changes at random


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


class StepNotes:
    """Notes choices one by one, as they are made.

    Attributes:
        steps: those that are not benign.
    """

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self._asked: dict[str, int] = {}

    def note(self, stream: str, limit: int, value: int) -> None:
        at = self._asked.get(stream, 0)
        self._asked[stream] = at + 1
        if value:
            self.steps.append(Step(stream, at, value, limit))


def steps_of(recorded: Iterable[Choice]) -> list[Step]:
    """The choices that are not benign. ``choices_of`` makes the recorded choices of them again."""
    notes = StepNotes()
    for choice in recorded:
        notes.note(*choice)
    return notes.steps


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

    ``choose`` makes every choice. Some kinds of choices have methods of their own, so that a schedule can know what it
    chooses from; where these are not overridden they ask ``choose``.

    Attributes:
        active: False when every answer is 0, so that the engine need not ask.
    """

    active = False

    def choose(self, stream: str, limit: int) -> int:
        """Choose a number in ``range(limit)``; 0 is benign."""
        return 0

    def choose_whether(self, stream: str) -> bool:
        """Choose between two ways for a whole run; False is benign.

        Args:
            stream: the name of the choice.
        """
        return self.choose(stream, 2) == 1

    def choose_phase(self, stream: str, limit: int) -> int:
        """Choose when something that is periodic begins, for a whole run: a number in ``range(limit)``; 0 is benign.

        Args:
            stream: the name of the choice.
            limit: how many moments of a period there are.
        """
        return self.choose(stream, limit)

    def choose_next(self, stream: str, tasks: Sequence[str]) -> int:
        """Choose which of these tasks comes next, by its index; 0 is benign.

        Args:
            stream: the name of the choice.
            tasks: their names, such as ``count-bolt/0``.
        """
        return self.choose(stream, len(tasks))

    def choose_late_ms(self, stream: str, link: tuple[str, str], most: int) -> int:
        """Choose how late a copy comes, in virtual milliseconds; 0 is benign.

        Args:
            stream: the name of the choice.
            link: the names of the tasks that it comes from and goes to.
            most: milliseconds.
        """
        return self.choose(stream, most + 1)

    @property
    def recorded(self) -> list[Choice]:
        """The choices so far, in the order in which they were made."""
        return []


class _Recorder(Choices):
    """Choices that are recorded."""

    active = True

    def __init__(self) -> None:
        self._recorded: list[Choice] = []

    def _record(self, stream: str, limit: int, value: int) -> int:
        self._recorded.append(Choice(stream, limit, value))
        return value

    def _record_phase(self, seed: object, stream: str, limit: int) -> int:
        """Draw any phase, or none, as likely one as the other."""
        rng = stream_of(seed, f"phase/{stream}")
        return self._record(stream, limit, below(rng, limit) if rng.random() < 0.5 else 0)

    def _record_toss(self, seed: object, stream: str) -> bool:
        """Toss a coin, for a choice that is made once."""
        return bool(self._record(stream, 2, below(stream_of(seed, f"toss/{stream}"), 2)))

    @property
    def recorded(self) -> list[Choice]:
        return list(self._recorded)


class Drawn(_Recorder):
    """Choices that are drawn at random, in a stream of random numbers for each name.

    Args:
        seed: the seed of all streams.
        wild: the fraction of the choices that is not benign, from 0 to 1.
    """

    def __init__(self, seed: object, *, wild: float = 0.25) -> None:
        super().__init__()
        self._seed = seed
        self._wild = wild
        self._streams: dict[str, random.Random] = {}

    def _stream(self, name: str) -> random.Random:
        rng = self._streams.get(name)
        if rng is None:
            rng = self._streams[name] = stream_of(self._seed, f"choices/{name}")
        return rng

    def _draw(self, stream: str, limit: int) -> int:
        rng = self._stream(stream)
        wild = limit > 1 and rng.random() < self._wild
        return 1 + below(rng, limit - 1) if wild else 0

    def choose_whether(self, stream: str) -> bool:
        return self._record_toss(self._seed, stream)

    def choose_phase(self, stream: str, limit: int) -> int:
        return self._record_phase(self._seed, stream, limit)

    def choose(self, stream: str, limit: int) -> int:
        return self._record(stream, limit, self._draw(stream, limit))

    def choose_late_ms(self, stream: str, link: tuple[str, str], most: int) -> int:
        return self._record(stream, most + 1, self._draw(stream, min(OVERTAKEN_MS, most) + 1))


class Priorities(_Recorder):
    """Choices by a random priority of each task: one that is low gets its tuples late, last and one by one.

    At a few moments the task that is asked about gets the lowest priority. An order that depends on d such moments is
    hit with a probability that does not shrink with the number of tasks as fast as that of a blind draw does (PCT:
    Burckhardt and others, A Randomized Scheduler with Probabilistic Guarantees of Finding Bugs, 2010).

    Args:
        seed: of the priorities and the moments.
        changes: how many moments.
    """

    def __init__(self, seed: object, *, changes: int = 2) -> None:
        super().__init__()
        self._seed = seed
        self._priorities: dict[str, float] = {}
        rng = stream_of(seed, "changes")
        # The length of the run is not known: a moment is as likely among 1 to 10 as among 100 to 1000.
        self._moments = {int(MOST_MOMENT ** rng.random()) for _ in range(changes)}
        self._asked = 0

    def _priority(self, task: str) -> float:
        """From 0 to 1; below 0 after a change."""
        self._asked += 1
        if self._asked in self._moments:
            self._priorities[task] = -float(self._asked)
        elif task not in self._priorities:
            self._priorities[task] = stream_of(self._seed, f"priority/{task}").random()
        return self._priorities[task]

    def choose_whether(self, stream: str) -> bool:
        return self._record_toss(self._seed, stream)

    def choose_phase(self, stream: str, limit: int) -> int:
        return self._record_phase(self._seed, stream, limit)

    def choose(self, stream: str, limit: int) -> int:
        task, _, kind = stream.rpartition("/")
        low = self._priority(task) < 0.5
        # A task with little priority is handed one tuple, and the others go on meanwhile.
        if kind == "batch":
            return self._record(stream, limit, limit - 1 if low else 0)
        return self._record(stream, limit, 1 if low and limit > 1 else 0)

    def choose_next(self, stream: str, tasks: Sequence[str]) -> int:
        priorities = [self._priority(task) for task in tasks]
        return self._record(stream, len(tasks), priorities.index(max(priorities)))

    def choose_late_ms(self, stream: str, link: tuple[str, str], most: int) -> int:
        priority = self._priority(link[1])
        late = sum(priority < share for share in (0.5, 0.25, 0.125, 0.0))
        return self._record(stream, most + 1, min(LATENESS_MS[late], most))


class SlowLinks(Drawn):
    """Choices with a lateness for each link between two tasks, which is drawn anew now and then.

    So whatever comes over one link can be behind all that comes over another, as with a worker that is far away or has
    a full queue.

    Args:
        seed: the seed of all streams.
        wild: the fraction of the other choices that is not benign, from 0 to 1.
    """

    def __init__(self, seed: object, *, wild: float = 0.1) -> None:
        super().__init__(seed, wild=wild)
        self._late_ms: dict[tuple[str, str], int] = {}

    def choose_late_ms(self, stream: str, link: tuple[str, str], most: int) -> int:
        rng = self._stream(f"{link[0]}>{link[1]}")
        if link not in self._late_ms or rng.random() < REDRAWN:
            self._late_ms[link] = LATENESS_MS[below(rng, len(LATENESS_MS))]
        return self._record(stream, most + 1, min(self._late_ms[link], most))


class Phases(_Recorder):
    """Choices that are benign but for the phases of what is periodic.

    Args:
        seed: of the phases.
    """

    def __init__(self, seed: object) -> None:
        super().__init__()
        self._seed = seed

    def choose(self, stream: str, limit: int) -> int:
        return self._record(stream, limit, 0)

    def choose_phase(self, stream: str, limit: int) -> int:
        return self._record_phase(self._seed, stream, limit)


class Replayed(_Recorder):
    """Recorded choices once more. Where the record ends, or a choice is not below its limit, the answer is benign.

    Args:
        recorded: the choices to repeat.
    """

    def __init__(self, recorded: Iterable[Choice]) -> None:
        super().__init__()
        self._left: dict[str, list[int]] = {}
        for choice in recorded:
            self._left.setdefault(choice.stream, []).append(choice.value)
        for values in self._left.values():
            values.reverse()

    def choose(self, stream: str, limit: int) -> int:
        left = self._left.get(stream)
        value = left.pop() if left else 0
        return self._record(stream, limit, value if 0 <= value < limit else 0)


class Mutated(_Recorder):
    """Recorded choices once more, some of which are drawn anew.

    Args:
        recorded: the choices to repeat.
        seed: of what is drawn.
        wild: the fraction that is drawn anew, from 0 to 1.
    """

    def __init__(self, recorded: Iterable[Choice], seed: object, *, wild: float = 0.1) -> None:
        super().__init__()
        self._old = Replayed(recorded)
        self._new = SlowLinks(seed, wild=0.5)
        self._rng = stream_of(seed, "mutations")
        self._wild = wild

    def choose(self, stream: str, limit: int) -> int:
        value = self._old.choose(stream, limit)
        if self._rng.random() < self._wild:
            value = self._new.choose(stream, limit)
        return self._record(stream, limit, value)

    def choose_late_ms(self, stream: str, link: tuple[str, str], most: int) -> int:
        value = self._old.choose(stream, most + 1)
        if self._rng.random() < self._wild:
            value = self._new.choose_late_ms(stream, link, most)
        return self._record(stream, most + 1, value)

"""When a failure became inevitable: how often runs fail that are the same up to a point, and then go another way.

A *point* is a place in the run of a case: its start, each fault when it strikes, and each choice of the schedule that
is not first come, first served. At each point the run begins again with what came before, without the faults behind it,
and with a schedule drawn at random from there on. Where all such continuations fail, and all from later points do, the
failure was inevitable.

Where a case has not made it inevitable by its last fault or choice, what follows is first come, first served, and that
is what it hangs on: the point is then searched for by bisection in the rest of the run.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from simulator.engine import Choice, Choices, Replayed, Step, below, stream_of
from simulator.exploring.cases import Added, Case, Fault

__all__ = ["CONTINUATIONS", "Chances", "Continuation", "FreshAfter", "Point", "Watch", "chances_of"]

CONTINUATIONS: Final = 20  # at each point
MOST_POINTS: Final = 10  # of a case; of more, these are spread evenly
MOST_HALVINGS: Final = 5  # points in the rest of the run
WILD: Final = 0.25  # the fraction of the fresh choices that is not benign
MOST_LATE_MS: Final = (
    3  # of a tuple in a fresh schedule: any other can come first, and no timeout is near
)


class Point(NamedTuple):
    """A point in the run of a case.

    Attributes:
        words: what has happened last.
        at_ms: when, in virtual milliseconds.
        asked: how many choices were made up to then.
        faults: how many faults of the case have struck, of those in the order in which they strike.
    """

    words: str
    at_ms: int
    asked: int
    faults: int


class Continued(NamedTuple):
    """A point, and how many of the runs that go on from it fail."""

    point: Point
    failed: int
    runs: int

    @property
    def all_fail(self) -> bool:
        """True when no continuation has passed."""
        return self.failed == self.runs


@dataclass(frozen=True)
class FreshAfter:
    """A schedule that is that of another run up to a point, and drawn at random from there on.

    Attributes:
        choices_before: the choices up to the point.
        seed: of those behind it.
    """

    choices_before: tuple[Choice, ...]
    seed: str
    is_plain: bool = field(default=True, init=False)  # its beginning may be shared with another run

    def choices(self, seed: object, recorded: Iterable[Choice]) -> Choices:
        """Return the choices of one topology of a run; those of its case are part of what came before."""
        return _Fresh(self.choices_before, self.seed)


class _Fresh(Choices):
    """Makes recorded choices once more, and behind the last of them draws others."""

    active = True

    def __init__(self, before: Sequence[Choice], seed: str) -> None:
        self._before = Replayed(before)
        self._left = len(before)
        self._rng = stream_of(seed, "continuation")
        self._recorded: list[Choice] = []

    def choose(self, stream: str, limit: int) -> int:
        if self._left:
            self._left -= 1
            value = self._before.choose(stream, limit)
        else:
            value = self._draw(stream, limit)
        self._recorded.append(Choice(stream, limit, value))
        return value

    def _draw(self, stream: str, limit: int) -> int:
        most = min(limit, MOST_LATE_MS + 1) if stream.endswith("/late") else limit
        return 1 + below(self._rng, most - 1) if most > 1 and self._rng.random() < WILD else 0

    @property
    def recorded(self) -> list[Choice]:
        return list(self._recorded)


class Continuation(NamedTuple):
    """A run to be made: a case, and the schedule that takes the place of its own."""

    case: Case
    schedule: FreshAfter


@dataclass(frozen=True)
class Chances:
    """How likely a failure was along the choices of its run.

    Attributes:
        points: with the number of runs that failed, in the order of time.
        runs: how many runs were made in all.
        is_short: some points were left out, for the time was up.
    """

    points: Sequence[Continued]
    runs: int
    is_short: bool = False

    @property
    def inevitable(self) -> Point | None:
        """The first point from which on all continuations fail; None when there is none."""
        found = None
        for each in reversed(self.points):
            if not each.all_fail:
                break
            found = each.point
        return found

    def __str__(self) -> str:
        point, last = self.inevitable, self.points[-1] if self.points else None
        more = f"; {self.runs} runs were made" + (", then the time was up" if self.is_short else "")
        if last is None:
            return f"when the failure became inevitable is not known{more}"
        if point is None:
            return (
                f"the failure was never inevitable: {last.failed} of {last.runs} runs fail that go on from "
                f"{_at(last.point)} ({last.point.words}){more}"
            )
        if point.asked == 0 and point.faults == 0:
            return f"the failure was inevitable from the start: all {last.runs} runs fail{more}"
        before = [
            each for each in self.points if each.point.asked < point.asked or each.point == point
        ][-2:]
        was = f", {before[0].failed} of {before[0].runs} before it" if len(before) > 1 else ""
        return (
            f"inevitable from {_at(point)} on ({point.words}): all {CONTINUATIONS} runs from there "
            f"fail{was}{more}"
        )


def _at(point: Point) -> str:
    return f"{point.at_ms} ms" if point.at_ms < 1000 else f"{point.at_ms / 1000:g} s"


class Watch:
    """Notes, step by step, what has happened in the run of a case.

    Args:
        added: the faults of the run, and what strikes for each.
    """

    def __init__(self, added: Sequence[tuple[Fault, Added]]) -> None:
        self._added = added
        self._asked: list[int] = []
        self._times: list[int] = []
        self._struck: dict[
            int, tuple[int, int]
        ] = {}  # by the place of the fault: choices, and when

    def step(self, asked: int, now_ms: int) -> None:
        """Take the beginning of a step: how many choices were made before it, and when it is."""
        self.look(asked)
        self._asked.append(asked)
        self._times.append(now_ms)

    def look(self, asked: int) -> None:
        """Note the faults that have struck in the step before, given how many choices were made up to its end."""
        at_ms = self._times[-1] if self._times else 0
        for place, (_, added) in enumerate(self._added):
            if place not in self._struck and added.unstruck() is None:
                self._struck[place] = (asked, at_ms)

    def in_order(self) -> list[Fault]:
        """The faults that have struck, in the order in which they did; the others are behind them."""
        struck = self._places()
        never = [place for place in range(len(self._added)) if place not in self._struck]
        return [self._added[place][0] for place in [*struck, *never]]

    def _places(self) -> list[int]:
        """The places of the faults that have struck, in the order in which they did."""
        return sorted(self._struck, key=lambda place: (self._struck[place], place))

    def points(self, recorded: Sequence[Choice], schedule: Iterable[Step]) -> list[Point]:
        """The points of the run, in order: the start, each fault, and each choice of the schedule."""
        found = [Point("at the start", 0, 0, 0)]
        happened = [
            (*self._struck[place], str(self._added[place][0]), True) for place in self._places()
        ]
        happened += [
            (asked, self._time_of(asked), words, False)
            for asked, words in _choices_in_words(recorded, schedule)
        ]
        faults = 0
        for asked, at_ms, words, is_fault in sorted(happened, key=lambda each: each[:2]):
            faults += is_fault
            found.append(Point(words, at_ms, asked, faults))
        return found

    def later(self, last: Point) -> list[Point]:
        """The points behind the last one of the case: the beginnings of steps in which a choice is made."""
        found: list[Point] = []
        for asked, at_ms in zip(self._asked, self._times, strict=True):
            if asked > (found[-1].asked if found else last.asked):
                words = "first come, first served up to here"
                found.append(Point(words, at_ms, asked, last.faults))
        return found

    def _time_of(self, asked: int) -> int:
        """When a choice was made, given how many there were with it."""
        place = bisect_right(self._asked, asked - 1) - 1
        return self._times[place] if place >= 0 else 0


def _choices_in_words(
    recorded: Sequence[Choice], schedule: Iterable[Step]
) -> Iterable[tuple[int, str]]:
    """How many choices were made with each choice of a schedule, and the choice in words."""
    wanted = {(step.stream, step.at): step for step in schedule}
    seen: dict[str, int] = {}
    for asked, choice in enumerate(recorded, 1):
        at = seen.get(choice.stream, 0)
        seen[choice.stream] = at + 1
        if step := wanted.get((choice.stream, at)):
            yield asked, f"the schedule: {step.stream} #{at + 1} takes {step.value} of {step.limit}"


#: Is sent, for each list of continuations, how many of them fail; None when the time is up.
Continuations = Generator[list[Continuation], int | None, Chances]


def chances_of(case: Case, watch: Watch, recorded: Sequence[Choice], seed: object) -> Continuations:
    """Yield the continuations at each point of the run of a case, and return how many fail.

    Args:
        case: that fails.
        watch: has seen its run.
        recorded: all choices of the run.
        seed: of what is drawn.
    """
    faults = watch.in_order()
    found: dict[Point, Continued] = {}
    runs, is_short = 0, False

    def at(point: Point) -> Generator[list[Continuation], int | None, bool]:
        """Whether all continuations from a point fail; false when it cannot be tried any more."""
        nonlocal runs, is_short
        prefix = replace(case, faults=tuple(faults[: point.faults]), schedule=())
        before = tuple(recorded[: point.asked])
        failed = yield [
            Continuation(prefix, FreshAfter(before, f"{seed}/{point.asked}/{point.faults}/{nth}"))
            for nth in range(CONTINUATIONS)
        ]
        if failed is None:
            is_short = True
            return False
        runs += CONTINUATIONS
        found[point] = Continued(point, failed, CONTINUATIONS)
        return found[point].all_fail

    points = _spread(watch.points(recorded, case.schedule))
    all_fail = False
    for point in points:
        all_fail = yield from at(point)
    if not all_fail:
        low, rest = 0, watch.later(points[-1])
        high = len(rest)
        for _ in range(MOST_HALVINGS):
            if low >= high:
                break
            middle = (low + high) // 2
            if (yield from at(rest[middle])):
                high = middle
            else:
                low = middle + 1
    ordered = sorted(found.values(), key=lambda each: (each.point.asked, each.point.faults))
    return Chances(ordered, runs, is_short)


def _spread(points: Sequence[Point]) -> list[Point]:
    """All points, or so many of them as are tried: the first, the last, and others between."""
    if len(points) <= MOST_POINTS:
        return list(points)
    last = len(points) - 1
    places = {round(nth * last / (MOST_POINTS - 1)) for nth in range(MOST_POINTS)}
    return [points[place] for place in sorted(places)]

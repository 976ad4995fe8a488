"""The first difference of two traces, by cause and by time.

**By time** it is the first event that is not the same in both. One copy that arrives a millisecond later can be that,
so it often tells little. **By cause** the two runs are compared root by root, each attempt at a message id with the
same attempt in the other run. The story of a root is what came of it, in the order of cause and effect, without times,
task ids and tuple ids. The root whose stories differ first is the difference, at the first step that is not the same.

Source of the idea: the trees of ``simulator.engine.trees``, which are the same for every schedule that does not matter.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest
from typing import Final, NamedTuple

from simulator.engine import events
from simulator.traces.summary import UNUSUAL
from simulator.traces.timed_trees import Sent, Taken, TreeBuilder
from streamparse.multilang import DEFAULT_STREAM

__all__ = [
    "CauseDifference",
    "Difference",
    "Step",
    "TimeDifference",
    "find_difference",
    "story_steps",
]

CONTEXT: Final = 5  # events before and after
MOST_EVENTS: Final = 300_000  # of a trace whose roots are compared; by time all are
MOST_ONLY: Final = 5  # events that one run alone has


class Step(NamedTuple):
    """One step in the story of a root.

    Attributes:
        text: what happened, without times, task ids and tuple ids; steps are compared by it.
        event: the event; None for what never happened.
    """

    text: str
    event: events.Event | None


@dataclass(frozen=True)
class TimeDifference:
    """The first event that is not the same in both traces.

    Attributes:
        number: its place in the traces, from 1, not counting the head.
        first: the event of the first trace; None where it has ended.
        second: the event of the second trace; None where it has ended.
        before: the events before it, which are the same.
        after_first: the events behind it in the first trace.
        after_second: the events behind it in the second trace.
    """

    number: int
    first: events.Event | None
    second: events.Event | None
    before: tuple[events.Event, ...]
    after_first: tuple[events.Event, ...]
    after_second: tuple[events.Event, ...]


@dataclass(frozen=True)
class CauseDifference:
    """The root whose stories differ first, or what else one run has and the other has not.

    Attributes:
        first: the root in the first run; None where it has none, or where no story of a root differs.
        second: the root in the second run.
        before: the steps of its story that are the same.
        first_step: the step of the first run that differs; None where the root is not there.
        second_step: that of the second run.
        only_first: unusual events up to then (deaths, faults, errors) that the first run alone has.
        only_second: those that the second run alone has.
        others: how many other roots differ as well.
    """

    first: Sent | None
    second: Sent | None
    before: tuple[Step, ...]
    first_step: Step | None
    second_step: Step | None
    only_first: tuple[events.Event, ...]
    only_second: tuple[events.Event, ...]
    others: int

    @property
    def root(self) -> Sent | None:
        """The root, from the run that has it."""
        return self.first or self.second


@dataclass(frozen=True)
class Difference:
    """What differs between two traces.

    Attributes:
        by_time: the first event that differs; None when the traces are the same.
        by_cause: the root whose stories differ first; None when all stories are the same.
        first_events: how many events the first trace has; when they differ, as many as were read.
        second_events: as ``first_events``.
        is_partial: whether the stories were compared for the beginning of the traces alone, as they are long.
    """

    by_time: TimeDifference | None
    by_cause: CauseDifference | None
    first_events: int
    second_events: int
    is_partial: bool


class _Side:
    """One of the two traces, while both are read."""

    def __init__(self, name_of: Mapping[int, str]) -> None:
        self.name_of = name_of
        self.builder = TreeBuilder(name_of)
        self.count = 0
        self.last_ms = 0
        self.unusual: list[events.Event] = []
        self.tasks: dict[str, list[int]] = {}
        self.is_partial = False

    def read(self, event: events.Event) -> None:
        self.count += 1
        if self.count > MOST_EVENTS:
            self.is_partial = True
            return
        self.last_ms = event.at_ms
        self.builder.read(event)
        if isinstance(event, UNUSUAL):
            self.unusual.append(event)

    def rank(self, component: str, task: int) -> int:
        """Which of its component's tasks a task is, from 0."""
        if not self.tasks:
            for each, name in sorted(self.name_of.items()):
                self.tasks.setdefault(name, []).append(each)
        tasks = self.tasks.get(component, [])
        return tasks.index(task) if task in tasks else -1

    def roots(self) -> dict[tuple[object, ...], Sent]:
        """The roots by what names them in any run."""
        found: dict[tuple[object, ...], Sent] = {}
        seen: Counter[tuple[object, ...]] = Counter()
        for root in self.builder.roots:
            key = self._key(root)
            seen[key] += 1
            found[key + (seen[key],)] = root  # noqa: RUF005 (Python 3.10 has no star there)
        return found

    def _key(self, root: Sent) -> tuple[object, ...]:
        emit = root.emit
        if emit.anchors is not None:
            return ("bolt", emit.component, emit.stream, emit.values_json)
        rank = self.rank(emit.component, emit.task)
        if emit.id_json is not None:
            return ("id", emit.component, rank, emit.id_json)
        return ("untracked", emit.component, rank, emit.stream, emit.values_json)


def find_difference(
    first: Iterable[events.Event],
    second: Iterable[events.Event],
    first_names: Mapping[int, str],
    second_names: Mapping[int, str],
) -> Difference:
    """Return what differs between two traces, which are read once, side by side.

    Args:
        first: the events of one trace.
        second: the events of the other.
        first_names: the component of each task of the first; it may be filled in while its events are read.
        second_names: the same of the second.
    """
    one, two = _Side(first_names), _Side(second_names)
    before: deque[events.Event] = deque(maxlen=CONTEXT)
    pairs = zip_longest(first, second)
    place: tuple[int, events.Event | None, events.Event | None] | None = None
    for number, (mine, other) in enumerate(pairs, 1):
        is_same = mine == other
        for side, event in ((one, mine), (two, mine if is_same else other)):  # one object for both
            if event is not None:
                side.read(event)
        if not is_same:
            place = (number, mine, other)
            break
        assert mine is not None  # one of them is there, and they are the same
        before.append(mine)
    if place is None:
        return Difference(None, None, one.count, two.count, one.is_partial)
    after_one, after_two = _read_on(pairs, one, two)
    return Difference(
        TimeDifference(*place, tuple(before), after_one, after_two),
        _by_cause(one, two),
        one.count,
        two.count,
        one.is_partial or two.is_partial,
    )


def _read_on(
    pairs: Iterator[tuple[events.Event | None, events.Event | None]], one: _Side, two: _Side
) -> tuple[tuple[events.Event, ...], tuple[events.Event, ...]]:
    """Read on as long as stories are compared; return the first events of each side."""
    after: tuple[list[events.Event], list[events.Event]] = ([], [])
    for pair in islice(pairs, MOST_EVENTS):
        for side, event, kept in zip((one, two), pair, after, strict=True):
            if event is not None:
                side.read(event)
                if len(kept) < CONTEXT:
                    kept.append(event)
        if one.is_partial and two.is_partial:
            break
    return tuple(after[0]), tuple(after[1])


# -- by cause ---------------------------------------------------------------------------------------------------


class _Found(NamedTuple):
    """A root whose stories differ, with the virtual time at which they do."""

    at_ms: int
    number: int
    roots: tuple[Sent | None, Sent | None]
    before: tuple[Step, ...]
    steps: tuple[Step | None, Step | None]


def _by_cause(one: _Side, two: _Side) -> CauseDifference | None:
    ours, theirs = one.roots(), two.roots()
    end_ms = min(one.last_ms, two.last_ms)
    keys = [*ours, *(key for key in theirs if key not in ours)]
    found = [
        different
        for number, key in enumerate(keys)
        if (different := _compare(number, ours.get(key), theirs.get(key), end_ms, one, two))
    ]
    best = min(found, default=None, key=lambda each: (each.at_ms, each.number))
    until_ms = end_ms if best is None else _latest(*best.steps)
    only_one, only_two = _only(one.unusual, two.unusual, until_ms)
    if best is None:
        if not (only_one or only_two):
            return None
        return CauseDifference(None, None, (), None, None, only_one, only_two, 0)
    (first, second), (first_step, second_step) = best.roots, best.steps
    others = len(found) - 1
    return CauseDifference(
        first, second, best.before, first_step, second_step, only_one, only_two, others
    )


def _compare(
    number: int, mine: Sent | None, other: Sent | None, end_ms: int, one: _Side, two: _Side
) -> _Found | None:
    if mine is None or other is None:
        root = mine or other
        assert root is not None
        if root.emit.at_ms > end_ms:  # the other run was not as long
            return None
        step = Step(_emits(root), root.emit)
        steps = (step, None) if other is None else (None, step)
        return _Found(root.emit.at_ms, number, (mine, other), (), steps)
    before: list[Step] = []
    for left, right in zip_longest(story_steps(mine, one.rank), story_steps(other, two.rank)):
        if left is None or right is None or left.text != right.text:
            at_ms = _earliest(left, right)
            if at_ms > end_ms:
                return None
            return _Found(at_ms, number, (mine, other), tuple(before), (left, right))
        before.append(left)
    return None


def _earliest(*steps: Step | None) -> int:
    """When two steps began to differ: the time of the earlier one, of those that have a time."""
    times = [each.event.at_ms for each in steps if each and each.event]
    return min(times, default=0)


def _latest(*steps: Step | None) -> int:
    """When both of two steps have happened."""
    return max((each.event.at_ms for each in steps if each and each.event), default=0)


def _only(
    one: Sequence[events.Event], two: Sequence[events.Event], until_ms: int
) -> tuple[tuple[events.Event, ...], tuple[events.Event, ...]]:
    """The events that one side alone has, at most ``MOST_ONLY`` of each; when they happened does not matter."""
    return _missing(one, two, until_ms), _missing(two, one, until_ms)


def _missing(
    those: Sequence[events.Event], other: Sequence[events.Event], until_ms: int
) -> tuple[events.Event, ...]:
    there = Counter(_plain(each) for each in other)
    found = []
    for event in those:
        if event.at_ms > until_ms:
            break
        if there[_plain(event)] > 0:
            there[_plain(event)] -= 1
        else:
            found.append(event)
    return tuple(found[:MOST_ONLY])


def _plain(event: events.Event) -> tuple[str, ...]:
    """What an event is, without its time, its task and its tuple."""
    more = getattr(event, "verdict", None) or getattr(event, "reason", None)
    return (event.event, event.component, str(more or getattr(event, "message", "")))


# -- stories ----------------------------------------------------------------------------------------------------


def _number(component: str, task: int) -> int:
    return task


def story_steps(root: Sent, rank: Callable[[str, int], int] = _number) -> Iterator[Step]:
    """Yield the story of a root: what came of it, in the order of cause and effect.

    Args:
        root: the root.
        rank: gives the place of a task among those of its component; copies at the same component are in this order. By
            default they are in the order of the tasks' numbers.
    """
    yield Step(_emits(root), root.emit)
    left: list[Step | Sent | Taken] = [*reversed(_sorted(root, rank))]
    seen: set[int] = set()
    while left:
        node = left.pop()
        if isinstance(node, Step):
            yield node
        elif isinstance(node, Sent):
            yield Step(_emits(node), node.emit)
            if id(node) not in seen:  # what is below a join is told once
                seen.add(id(node))
                left += reversed(_sorted(node, rank))
        else:
            left += reversed([*_faults(node), *node.emitted, _end(node)])
    yield _outcome(root)


def _sorted(sent: Sent, rank: Callable[[str, int], int]) -> list[Taken]:
    """The copies of a tuple in an order that does not depend on when they arrived."""
    return sorted(
        sent.copies,
        key=lambda each: (each.component or "", rank(each.component or "", each.task)),
    )


def _emits(sent: Sent) -> str:
    emit = sent.emit
    on = "" if emit.stream == DEFAULT_STREAM else f" on {emit.stream}"
    message_id = "" if emit.id_json is None else f" with id {emit.id_json}"
    return f"{emit.component} emits {emit.values_json}{on}{message_id}"


def _who(taken: Taken) -> str:
    return taken.component or "a task"


def _faults(taken: Taken) -> Iterator[Step]:
    for each in taken.faults:
        if isinstance(each, events.Fault):  # a late copy is in its place all the same
            text = f"{each.verdict} strikes {taken.sent.emit.values_json} to {_who(taken)}"
            yield Step(text, each)


def _end(taken: Taken) -> Step:
    what = f"{taken.sent.emit.values_json}"
    if taken.settled is not None:
        return Step(f"{_who(taken)} {taken.settled.event}s {what}", taken.settled)
    if taken.died is not None or taken.lost is not None:
        return Step(f"{_who(taken)} loses {what}", taken.died or taken.lost)
    return Step(f"{_who(taken)} never settles {what}", None)


def _outcome(root: Sent) -> Step:
    spout = root.emit.component
    if root.outcome is not None:
        by = " by timeout" if root.outcome_name == "timeout" else ""
        return Step(f"{spout} is notified: {root.outcome.event}{by}", root.outcome)
    if root.forgotten is not None:
        return Step(f"{spout} is started again and forgets it", root.forgotten)
    return Step(f"{spout} is never notified", None)

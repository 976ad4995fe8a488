"""Two runs of a page, compared: where they differ first, by cause and by time, and how likely the failure was.

The difference itself is that of ``simulator.traces``. This module says it in the words of a page, with the places of
its events, so that a reader goes from a step to the run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from simulator.engine import events as trace_events
from simulator.page.source import PageSource
from simulator.traces import (
    CauseDifference,
    KnownTuples,
    Sent,
    Step,
    TimeDifference,
    find_difference,
    short_json,
    task_name,
)

__all__ = ["Chance", "Chances", "Pair", "comparison_json"]

_Events = Sequence[trace_events.Event]
NOWHERE: Final = -1  # the place of an event that is not on the page


class Chance(NamedTuple):
    """How often a run fails that goes another way from a point on.

    Attributes:
        words: what has happened up to this point.
        at_ms: when, in virtual milliseconds.
        failed: how many continuations failed.
        runs: of how many.
    """

    words: str
    at_ms: int
    failed: int
    runs: int


@dataclass(frozen=True)
class Chances:
    """The probability of a failure along the choices of its run.

    Attributes:
        points: in the order of time.
        words: when the failure became inevitable, in a sentence.
    """

    points: Sequence[Chance]
    words: str


@dataclass(frozen=True)
class Pair:
    """Two runs of a page that are compared.

    Attributes:
        runs: their places among the runs of the page.
        names: what each is called.
        title: what the comparison is about; empty where the names say it.
        words: what is told about the first run, a line each.
        chances: of its failure; None where they are not known.
    """

    runs: tuple[int, int] = (0, 1)
    names: tuple[str, str] = ("", "")
    title: str = ""
    words: Sequence[str] = ()
    chances: Chances | None = None


def comparison_json(
    pair: Pair, sources: tuple[PageSource, PageSource], shown: tuple[_Events, _Events]
) -> dict[str, Any]:
    """The comparison of two runs, as the page reads it. Any: it is JSON.

    Args:
        pair: what is compared.
        sources: the two runs.
        shown: the events of each that the page shows.
    """
    first, second = map(_Side, sources, shown)
    found = find_difference(first.read(), second.read(), first.names, second.names)
    sides = (first, second)
    # What is the same in both may be an event of either.
    same = len(sources[0].events) if found.by_time is None else found.by_time.number - 1
    first.take_as_own(sources[1].events[:same])
    second.take_as_own(sources[0].events[:same])
    return {
        "runs": list(pair.runs),
        "names": list(pair.names),
        "title": pair.title,
        "words": list(pair.words),
        "isPartial": found.is_partial,
        "cause": None if found.by_cause is None else _cause_json(found.by_cause, sides),
        "time": None if found.by_time is None else _time_json(found.by_time, sides),
        "chances": None if pair.chances is None else _chances_json(pair.chances),
    }


class _Side:
    """One of the two runs: its events, with their places on the page and their words."""

    def __init__(self, source: PageSource, shown: _Events) -> None:
        self.names: Mapping[int, str] = {
            task: node.name for node in source.graph.nodes for task in node.tasks
        }
        self._events = source.events
        self._places = {id(event): place for place, event in enumerate(shown)}
        self._known = KnownTuples()

    def read(self) -> Iterable[trace_events.Event]:
        for event in self._events:
            self._known.read(event)
            yield event

    def take_as_own(self, same: Sequence[trace_events.Event]) -> None:
        """Take the first events of the other run for those of this run, to which they are equal."""
        for own, other in zip(self._events, same, strict=False):
            if (place := self._places.get(id(own))) is not None:
                self._places.setdefault(id(other), place)

    def place(self, event: trace_events.Event | None) -> int:
        return NOWHERE if event is None else self._places.get(id(event), NOWHERE)

    def row(self, event: trace_events.Event) -> list[Any]:
        """An event: its place, when, who, and what."""
        who = task_name(event.component, event.task)
        return [self.place(event), event.at_ms, who, self._known.predicate(event)]

    def step(self, step: Step | None) -> list[Any] | None:
        """A step of a story: the place of its event, when, and what; -1 for what has not happened."""
        if step is None:
            return None
        at_ms = NOWHERE if step.event is None else step.event.at_ms
        return [self.place(step.event), at_ms, step.text]

    def rows(self, happened: Iterable[trace_events.Event]) -> list[list[Any]]:
        return [self.row(each) for each in happened]


_Sides = tuple[_Side, _Side]


def _cause_json(found: CauseDifference, sides: _Sides) -> dict[str, Any]:
    first, second = sides
    roots = (found.first, found.second)
    return {
        "root": "" if found.root is None else _root_words(found.root),
        "emits": [
            NOWHERE if root is None else side.place(root.emit)
            for root, side in zip(roots, sides, strict=True)
        ],
        "before": [first.step(each) for each in found.before],
        "steps": [first.step(found.first_step), second.step(found.second_step)],
        "only": [first.rows(found.only_first), second.rows(found.only_second)],
        "others": found.others,
    }


def _root_words(root: Sent) -> str:
    emit = root.emit
    if emit.id_json is None:
        return f"the tuple {short_json(emit.values)} of {emit.component}"
    attempt = f", attempt {root.attempt}" if root.attempt > 1 else ""
    return f"id {short_json(emit.id)} of {task_name(emit.component, emit.task)}{attempt}"


def _time_json(found: TimeDifference, sides: _Sides) -> dict[str, Any]:
    first, second = sides
    return {
        "number": found.number,
        "before": first.rows(found.before),
        "after": [
            first.rows(_from(found.first, found.after_first)),
            second.rows(_from(found.second, found.after_second)),
        ],
    }


def _from(
    event: trace_events.Event | None, after: Sequence[trace_events.Event]
) -> Sequence[trace_events.Event]:
    return () if event is None else (event, *after)


def _chances_json(chances: Chances) -> dict[str, Any]:
    return {"points": [list(each) for each in chances.points], "words": chances.words}

"""A sample of a run that is too long for a page: whole messages, the unusual ones first.

A message is a spout's tuple with all its attempts and all that came of them. Its events are kept or left out together;
of a tuple that is anchored to several, the first counts. Of the events that belong to no message, deaths, restarts and
errors are kept before ticks, as far as there is room. The numbers of the whole run stay: ``totals`` has them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from simulator.engine import events as trace_events

__all__ = ["MOST_EVENTS", "Sample", "sample"]

#: The events of a page: a browser stays quick with so many.
MOST_EVENTS: Final = 100_000
NO_MESSAGE: Final = -1
FREQUENT: Final = (trace_events.Tick, trace_events.Timer)  # of events that belong to no message


class Sample(NamedTuple):
    """The part of a run that is shown.

    Attributes:
        events: the events, in their order.
        kept: their places in the run.
        note: a sentence on what was left out; empty when nothing was.
    """

    events: Sequence[trace_events.Event]
    kept: Sequence[int]
    note: str = ""


def sample(events: Sequence[trace_events.Event], most: int = MOST_EVENTS) -> Sample:
    """Choose the events that a page shows.

    Args:
        events: the events of a run.
        most: about how many; a single message that is longer is kept whole.
    """
    if len(events) <= most:
        return Sample(events, range(len(events)))
    messages = _Messages()
    of = [messages.read(event) for event in events]
    sizes = [0] * messages.count
    for message in of:
        if message != NO_MESSAGE:
            sizes[message] += 1
    alone = [place for place, message in enumerate(of) if message == NO_MESSAGE]
    room = most - min(len(alone), most // 4)
    unusual = messages.unusual()
    chosen = _evenly(unusual, sizes, room // 2)
    room -= sum(sizes[each] for each in chosen)
    usual = [each for each in range(messages.count) if each not in unusual]
    chosen |= _evenly(usual, sizes, room)
    rare = [place for place in alone if not isinstance(events[place], FREQUENT)]
    often = [place for place in alone if isinstance(events[place], FREQUENT)]
    spread = _spread(rare, most // 4)
    spread |= _spread(often, most // 4 - len(spread))
    kept = [place for place, message in enumerate(of) if message in chosen or place in spread]
    note = (
        f"This page shows {len(kept):,} of {len(events):,} events: {len(chosen):,} of {messages.count:,} messages, "
        f"with {len(chosen & unusual.keys()):,} of the {len(unusual):,} that are unusual. Counts are of the whole run."
    )
    return Sample([events[place] for place in kept], kept, note)


class _Messages:
    """Reads events in order, and tells the message of each."""

    def __init__(self) -> None:
        self.count = 0
        self._of_copy: dict[str, int] = {}
        self._of_id: dict[tuple[str, int, str], int] = {}
        self._open: dict[int, int] = {}  # attempts that have not ended, by message
        self._unusual: dict[int, None] = {}

    def read(self, event: trace_events.Event) -> int:
        """The message that an event belongs to."""
        if isinstance(event, trace_events.Emit):
            return self._emit(event)
        if isinstance(event, (trace_events.Acked, trace_events.Failed)):
            return self._end(event)
        if isinstance(
            event, (trace_events.Ack, trace_events.Fail, trace_events.Fault, trace_events.Late)
        ):
            message = self._of_copy.get(event.tuple_id, NO_MESSAGE)
            if message != NO_MESSAGE and isinstance(event, (trace_events.Fail, trace_events.Fault)):
                self._unusual[message] = None
            if isinstance(event, trace_events.Fault) and event.copy_id is not None:
                self._of_copy[event.copy_id] = message
            return message
        return NO_MESSAGE

    def _emit(self, event: trace_events.Emit) -> int:
        known = (self._of_copy[each] for each in event.anchors or () if each in self._of_copy)
        message = next(known, NO_MESSAGE)
        if message == NO_MESSAGE:
            message = self._begin(event)
        for _, tuple_id in event.to:
            self._of_copy[tuple_id] = message
        return message

    def _begin(self, event: trace_events.Emit) -> int:
        if event.id_json is None:
            self.count += 1
            return self.count - 1
        key = (event.component, event.task, event.id_json)
        message = self._of_id.get(key)
        if message is None:
            message = self._of_id[key] = self.count
            self.count += 1
        else:
            self._unusual[message] = None  # another attempt
        self._open[message] = self._open.get(message, 0) + 1
        return message

    def _end(self, event: trace_events.Acked | trace_events.Failed) -> int:
        message = self._of_id.get((event.component, event.task, event.id_json), NO_MESSAGE)
        if message == NO_MESSAGE:
            return message
        self._open[message] -= 1
        if isinstance(event, trace_events.Failed):
            self._unusual[message] = None
        return message

    def unusual(self) -> dict[int, None]:
        """The messages that failed, came again, were struck by a fault, or did not end."""
        left = dict.fromkeys(message for message, attempts in self._open.items() if attempts > 0)
        return self._unusual | left


def _evenly(messages: Iterable[int], sizes: Sequence[int], room: int) -> set[int]:
    """Choose messages from the whole run whose events fit into the room: all of them, or one of every so many."""
    ordered = sorted(messages)
    total = sum(sizes[each] for each in ordered)
    share = min(1.0, room / total) if total else 1.0
    chosen, due = set(), 0.0
    for each in ordered:
        due += share
        if due >= 1 - 1e-9:
            due -= 1
            chosen.add(each)
    return chosen


def _spread(places: Sequence[int], most: int) -> set[int]:
    """Choose at most so many places, evenly."""
    if len(places) <= most:
        return set(places)
    if most <= 0:
        return set()
    step = len(places) / most
    return {places[int(number * step)] for number in range(most)}

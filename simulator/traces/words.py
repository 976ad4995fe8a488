"""Events of a trace in words: ``count-bolt[4] acks ["dog"]``."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from simulator.engine import events
from streamparse import multilang
from streamparse.multilang import cut

__all__ = ["KnownTuples", "predicate", "short_json"]

MOST_CHARS: Final = 100  # of a tuple's values
MOST_REASON: Final = 5000  # characters of what a process died of
MOST_KNOWN: Final = 100_000  # tuples whose values are kept while events stream by


def short_json(value: object) -> str:
    """Return a value as JSON in one line, cut at ``MOST_CHARS`` characters."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MOST_CHARS else f"{text[:MOST_CHARS]}..."


class KnownTuples:
    """The values of the tuples that were emitted last, by Storm's tuple id.

    Args:
        most: how many are kept, of a trace of any length.
    """

    def __init__(self, most: int = MOST_KNOWN) -> None:
        self._most = most
        self._known: OrderedDict[str, str] = OrderedDict()

    def read(self, event: events.Event) -> None:
        """Take what an event says about tuples."""
        if isinstance(event, events.Emit):
            text = event.values_json
            for _, tuple_id in event.to:
                self._keep(tuple_id, text)
        elif isinstance(event, events.Fault) and event.copy_id is not None:
            self._keep(event.copy_id, self._known.get(event.tuple_id, "null"))

    def _keep(self, tuple_id: str, text: str) -> None:
        self._known[tuple_id] = text
        if len(self._known) > self._most:
            self._known.popitem(last=False)

    def of(self, happened: Iterable[events.Event]) -> Iterator[tuple[events.Event, str]]:
        """Yield each event with what it says in words."""
        for event in happened:
            self.read(event)
            yield event, self.predicate(event)

    def predicate(self, event: events.Event) -> str:
        """Return what an event says in words, without its component."""
        ids = _tuples_of(event)
        known = {
            each: short_json(events.read_json(self._known[each]))
            for each in ids
            if each in self._known
        }
        return predicate(event, known)


def _tuples_of(event: events.Event) -> tuple[str, ...]:
    """The tuples that an event is about."""
    if isinstance(event, events.Emit):
        return event.anchors or ()
    if isinstance(event, (events.Ack, events.Fail, events.Fault, events.Late)):
        return (event.tuple_id,)
    return ()


def predicate(event: events.Event, known: Mapping[str, str]) -> str:
    """Return what an event says in words, without its component.

    Args:
        event: the event.
        known: the values of tuples as text, by Storm's tuple id.
    """
    if isinstance(event, events.Emit):
        on = "" if event.stream == multilang.DEFAULT_STREAM else f" on {event.stream}"
        under = "" if event.id_json is None else f" with id {json.dumps(event.id)}"
        anchors = [known.get(each, f"tuple {each}") for each in event.anchors or ()]
        after = f", anchored to {', '.join(anchors)}" if anchors else ""
        return f"emits {short_json(event.values)}{on}{under}{after}"
    if isinstance(event, events.Acked):
        return f"is notified that {json.dumps(event.id)} is acked"
    if isinstance(event, events.Failed):
        reason = " by timeout" if event.reason == "timeout" else ""
        return f"is notified that {json.dumps(event.id)} has failed{reason}"
    if isinstance(event, (events.Ack, events.Fail)):
        return f"{event.event}s {known.get(event.tuple_id, f'tuple {event.tuple_id}')}"
    if isinstance(event, events.Late):
        what = known.get(event.tuple_id, f"tuple {event.tuple_id}")
        return f"will get {what} late, at {event.due_ms} ms"
    if isinstance(event, events.Died):
        return f"dies: {cut(event.reason, MOST_REASON)}" if event.reason else "dies"
    if isinstance(event, events.Restart):
        return "is started again"
    if isinstance(event, events.Error):
        return f"reports {cut(event.message, MOST_CHARS)}"
    if isinstance(event, events.Fault):
        return f"{event.verdict}: {known.get(event.tuple_id, f'tuple {event.tuple_id}')}"
    return _OTHERS.get(type(event), f"{event.event}s")


_OTHERS: Final[Mapping[type[events.Event], str]] = {
    events.Tick: "gets a tick",
    events.Timer: "is woken by its timer",
    events.Deactivated: "is deactivated",
    events.Activated: "is activated",
}

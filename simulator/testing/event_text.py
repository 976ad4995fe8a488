"""The last events of a run in words, for the report of a failed test."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from simulator.engine import events
from simulator.testing.records import Record
from streamparse import multilang

MOST_CHARS = 100  # of a tuple's values


def last_events_text(
    happened: Sequence[events.Event], count: int, given: Mapping[str, Record] | None = None
) -> str:
    """Return the last events in words, one a line.

    Args:
        happened: all events of the run.
        count: how many to show.
        given: tuples that the test has given, by Storm's tuple id.
    """
    known = {tuple_id: _short(record) for tuple_id, record in (given or {}).items()}
    known |= {
        tuple_id: _short(event.values)
        for event in happened
        if isinstance(event, events.Emit)
        for _, tuple_id in event.to
    }
    shown = [_line(event, known) for event in happened[-count:]]
    if len(happened) > count:
        shown.insert(0, f"  ({len(happened) - count} events before these)")
    return "\n".join(shown)


def _short(values: Any) -> str:
    text = json.dumps(values, ensure_ascii=False)
    return text if len(text) <= MOST_CHARS else f"{text[:MOST_CHARS]}..."


def _line(event: events.Event, known: Mapping[str, str]) -> str:
    return f"  {event.at_ms:>6} ms  {event.component}[{event.task}] {_predicate(event, known)}"


def _predicate(event: events.Event, known: Mapping[str, str]) -> str:
    """The event in words, without its component."""
    if isinstance(event, events.Emit):
        on = "" if event.stream == multilang.DEFAULT_STREAM else f" on {event.stream}"
        under = "" if event.id_json is None else f" with id {json.dumps(event.id)}"
        anchors = [known.get(each, f"tuple {each}") for each in event.anchors or ()]
        after = f", anchored to {', '.join(anchors)}" if anchors else ""
        return f"emits {_short(event.values)}{on}{under}{after}"
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
        return f"dies: {event.reason}" if event.reason else "dies"
    if isinstance(event, events.Restart):
        return "is started again"
    if isinstance(event, events.Error):
        return f"reports {event.message}"
    if isinstance(event, events.Fault):
        return f"{event.verdict}: {known.get(event.tuple_id, f'tuple {event.tuple_id}')}"
    return _OTHERS.get(type(event), f"{event.event}s")


_OTHERS: Mapping[type[events.Event], str] = {
    events.Tick: "gets a tick",
    events.Timer: "is woken by its timer",
    events.Deactivated: "is deactivated",
    events.Activated: "is activated",
}

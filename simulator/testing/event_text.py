"""The last events of a run in words, for the report of a failed test."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from simulator.engine import Simulation, events, survived_errors
from simulator.testing.records import Record
from simulator.testing.tracebacks import without_our_frames
from streamparse import multilang
from streamparse.multilang import cut

MOST_TRACEBACK = 5000  # characters
_TICKS = (events.Tick, events.Timer)
MOST_ERRORS = 5  # of different origins, in the report of a test
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
    telling = _without_idle_ticks(happened)
    shown = [_line(event, known) for event in telling[-count:]]
    if len(happened) > len(shown):
        before, ticks = len(telling) - len(shown), len(happened) - len(telling)
        left_out = [f"{before} events before these"] if before else []
        left_out += [f"{ticks} ticks"] if ticks else []
        shown.insert(0, f"  ({', and '.join(left_out)})")
    return "\n".join(shown)


def _without_idle_ticks(happened: Sequence[events.Event]) -> list[events.Event]:
    """The events, and of ticks and timers behind which nothing happened only the last."""
    kept: list[events.Event] = []
    for event in happened:
        if kept and isinstance(event, _TICKS) and isinstance(kept[-1], _TICKS):
            kept.pop()
        kept.append(event)
    return kept


def reported_text(simulation: Simulation) -> str:
    """Return the errors that components reported and went on from: each once, with the user's traceback."""
    found = survived_errors(simulation)
    lines = []
    for each in found[:MOST_ERRORS]:
        lines.append(str(each))
        text = cut(without_our_frames(each.text.strip()), MOST_TRACEBACK)
        lines += [f"  {line}" for line in text.splitlines()] if "\n" in text else []
    if len(found) > MOST_ERRORS:
        lines.append(f"and {len(found) - MOST_ERRORS} other errors")
    return "".join(f"  {line}\n" for line in lines)


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
        return f"dies: {cut(event.reason, MOST_TRACEBACK)}" if event.reason else "dies"
    if isinstance(event, events.Restart):
        return "is started again"
    if isinstance(event, events.Error):
        return f"reports {cut(event.message, MOST_CHARS)}"
    if isinstance(event, events.Fault):
        return f"{event.verdict}: {known.get(event.tuple_id, f'tuple {event.tuple_id}')}"
    return _OTHERS.get(type(event), f"{event.event}s")


_OTHERS: Mapping[type[events.Event], str] = {
    events.Tick: "gets a tick",
    events.Timer: "is woken by its timer",
    events.Deactivated: "is deactivated",
    events.Activated: "is activated",
}

"""The last events of a run in words, for the report of a failed test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simulator.engine import Simulation, events, survived_errors
from simulator.testing.records import Record
from simulator.testing.tracebacks import without_our_frames
from streamparse.multilang import cut

MOST_TRACEBACK = 5000  # characters
_TICKS = (events.Tick, events.Timer)
MOST_ERRORS = 5  # of different origins, in the report of a test


def last_events_text(
    happened: Sequence[events.Event], count: int, given: Mapping[str, Record] | None = None
) -> str:
    """Return the last events in words, one a line.

    Args:
        happened: all events of the run.
        count: how many to show.
        given: tuples that the test has given, by Storm's tuple id.
    """
    from simulator.traces import short_json  # here: a test that passes needs none of it

    known = {tuple_id: short_json(record) for tuple_id, record in (given or {}).items()}
    known |= {
        tuple_id: short_json(event.values)
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


def _line(event: events.Event, known: Mapping[str, str]) -> str:
    from simulator.traces import predicate

    return f"  {event.at_ms:>6} ms  {event.component}[{event.task}] {predicate(event, known)}"

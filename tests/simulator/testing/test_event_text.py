"""The last events in words: a line for each kind of event."""

from __future__ import annotations

import pytest

from simulator.engine import events
from simulator.testing.event_text import last_events_text
from simulator.testing.records import Record
from simulator.traces.words import MOST_CHARS

EMIT = events.Emit(5, "rows", 3, "default", '["dog"]', "7", None, ((4, "1"),))
PASSED = events.Emit(6, "pass", 4, "words", '["dog"]', None, ("1",), ())
WORDS: list[tuple[events.Event, str]] = [
    (EMIT, 'rows[3] emits ["dog"] with id 7'),
    (PASSED, 'pass[4] emits ["dog"] on words, anchored to ["dog"]'),
    (events.Ack(6, "pass", 4, "1"), 'pass[4] acks ["dog"]'),
    (events.Fail(6, "pass", 4, "2"), "pass[4] fails tuple 2"),
    (events.Acked(7, "rows", 3, "7"), "rows[3] is notified that 7 is acked"),
    (events.Failed(7, "rows", 3, "7", ""), "rows[3] is notified that 7 has failed"),
    (
        events.Failed(7, "rows", 3, "7", "timeout"),
        "rows[3] is notified that 7 has failed by timeout",
    ),
    (events.Tick(7, "pass", 4, "2"), "pass[4] gets a tick"),
    (events.Timer(7, "pass", 4, "2"), "pass[4] is woken by its timer"),
    (events.Error(7, "pass", 4, "KeyError: 1"), "pass[4] reports KeyError: 1"),
    (events.Fault(7, "pass", 4, "drop", "1"), 'pass[4] drop: ["dog"]'),
    (events.Late(7, "pass", 4, "1", 9), 'pass[4] will get ["dog"] late, at 9 ms'),
    (events.Died(7, "pass", 4, "KeyError: 1"), "pass[4] dies: KeyError: 1"),
    (events.Died(7, "pass", 4, ""), "pass[4] dies"),
    (events.Restart(7, "pass", 4), "pass[4] is started again"),
    (events.Deactivated(7, "rows", 3), "rows[3] is deactivated"),
    (events.Activated(7, "rows", 3), "rows[3] is activated"),
]


def test_every_kind_of_event_is_tested() -> None:
    assert {type(event) for event, _ in WORDS} == set(events.EVENTS.values())


@pytest.mark.parametrize(("event", "words"), WORDS)
def test_an_event_is_a_line_with_its_time_and_its_task(event: events.Event, words: str) -> None:
    text = last_events_text([EMIT, event], 1).splitlines()[-1]
    assert text == f"  {event.at_ms:>6} ms  {words}"


def test_only_the_last_are_shown_and_the_others_counted() -> None:
    lines = last_events_text([events.Restart(n, "b", 1) for n in range(5)], 2).splitlines()
    assert lines == [
        "  (3 events before these)",
        "       3 ms  b[1] is started again",
        "       4 ms  b[1] is started again",
    ]


def test_tuples_that_the_test_has_given_are_known_and_long_ones_are_cut() -> None:
    given = Record(["x" * 200], fields=["a"], stream="default", component="s", task=1, time_ms=0)
    (line,) = last_events_text([events.Ack(1, "b", 2, "9")], 5, {"9": given}).splitlines()
    assert line == "       1 ms  b[2] acks " + f'["{"x" * (MOST_CHARS - 2)}...'

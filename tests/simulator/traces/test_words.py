"""Events in words; the words of every kind are in the test of the report that has them too."""

from __future__ import annotations

from simulator.engine import events
from simulator.traces import KnownTuples, predicate, short_json
from simulator.traces.words import MOST_KNOWN
from tests.support.recorded import CRASH


def test_a_tuple_is_known_by_its_values_as_soon_as_it_was_emitted() -> None:
    assert [words for _, words in KnownTuples().of(CRASH[:8])] == [
        'emits ["dog"] with id 0',
        'emits ["cat"] with id 1',
        'emits ["cat", 1], anchored to ["cat"]',
        'acks ["cat"]',
        "dies: KeyError: 'dog'",
        "is started again",
        'acks ["cat", 1]',
        "is notified that 1 is acked",
    ]


def test_a_duplicate_has_the_values_of_its_tuple() -> None:
    known = KnownTuples()
    for event in (CRASH[0], events.Fault(1, "count", 4, "duplicate", "1", copy_id="9")):
        known.read(event)
    assert known.predicate(events.Ack(2, "count", 4, "9")) == 'acks ["dog"]'


def test_tuples_of_long_ago_are_forgotten_and_named_by_their_ids() -> None:
    known = KnownTuples()
    for number in range(MOST_KNOWN + 1):
        known.read(events.Emit(0, "s", 1, "default", "[1]", None, None, ((2, str(number)),)))
    acks = [known.predicate(events.Ack(1, "b", 2, each)) for each in ("0", "1")]
    assert acks == ["acks tuple 0", "acks [1]"]


def test_a_tuple_that_was_never_emitted_is_named_by_its_id() -> None:
    assert predicate(events.Fail(1, "b", 2, "7"), {}) == "fails tuple 7"


def test_a_long_value_is_cut() -> None:
    assert short_json("x" * 200) == '"' + "x" * 99 + "..."

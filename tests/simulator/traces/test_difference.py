"""The first difference of two traces: by time the first event, by cause the root that goes another way."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from simulator.engine import events
from simulator.traces import (
    CauseDifference,
    Difference,
    Step,
    TimeDifference,
    TreeBuilder,
    difference,
    find_difference,
    story_steps,
)
from tests.support.recorded import CRASH, NAMES, PLAIN, counted, rooted


def differ(
    one: Sequence[events.Event], two: Sequence[events.Event]
) -> tuple[TimeDifference | None, CauseDifference | None]:
    found = find_difference(one, two, NAMES, NAMES)
    return found.by_time, found.by_cause


def steps(one: Sequence[events.Event], two: Sequence[events.Event]) -> tuple[str | None, ...]:
    """The id of the root that differs, and the two steps."""
    _, cause = differ(one, two)
    assert cause is not None
    assert cause.root is not None
    pair = (cause.first_step, cause.second_step)
    return (cause.root.emit.id_json, *(None if each is None else each.text for each in pair))


def test_a_trace_does_not_differ_from_itself() -> None:
    assert find_difference(CRASH, CRASH, NAMES, NAMES) == Difference(
        None, None, len(CRASH), len(CRASH), False
    )


def test_by_time_it_is_the_first_event_that_is_not_the_same() -> None:
    by_time, _ = differ(PLAIN, CRASH)
    assert by_time == TimeDifference(
        number=5,
        first=PLAIN[4],
        second=CRASH[4],
        before=tuple(PLAIN[:4]),
        after_first=tuple(PLAIN[5:10]),
        after_second=tuple(CRASH[5:10]),
    )


def test_by_cause_it_is_the_root_that_goes_another_way_and_what_one_run_alone_has() -> None:
    _, cause = differ(PLAIN, CRASH)
    assert cause is not None
    assert cause.root is not None
    assert (cause.root.emit, cause.before, cause.first_step, cause.second_step) == (
        PLAIN[0],
        (Step('words emits ["dog"] with id 0', PLAIN[0]),),
        Step('count emits ["dog", 1]', PLAIN[4]),
        Step('count loses ["dog"]', CRASH[4]),
    )
    assert (cause.only_first, cause.only_second, cause.others) == ((), tuple(CRASH[4:6]), 0)


def test_times_and_the_order_of_arrival_are_no_difference_by_cause() -> None:
    later = [
        *PLAIN[:2], events.Late(1, "count", 3, "2", 5), PLAIN[4], PLAIN[5], *PLAIN[2:4], *PLAIN[6:8],
        events.Acked(9, "words", 5, "0"), events.Acked(9, "words", 5, "1"),
    ]  # fmt: skip
    by_time, cause = differ(PLAIN, later)
    assert by_time is not None
    assert (by_time.number, cause) == (3, None)


def test_other_tuple_ids_and_tasks_are_no_difference_by_cause() -> None:
    other = [rooted(0, "dog", 0, (3, "77")), events.Ack(2, "count", 3, "77")]
    same = [PLAIN[0], events.Ack(2, "count", 4, "1")]
    assert differ(same, other)[1] is None


def test_the_run_that_goes_on_for_longer_does_not_differ_for_that() -> None:
    by_time, cause = differ(PLAIN[:8], [*PLAIN, rooted(9, "owl", 2, (4, "9"))])
    assert by_time is not None
    assert (by_time.number, by_time.first, by_time.second, cause) == (9, None, PLAIN[8], None)


def test_a_root_that_one_run_has_not_is_the_difference() -> None:
    more = rooted(1, "owl", 2, (4, "9"))
    assert steps(PLAIN, [*PLAIN[:2], more, *PLAIN[2:]]) == (
        "2", None, 'words emits ["owl"] with id 2',
    )  # fmt: skip


def test_other_values_are_the_difference_where_they_are_emitted() -> None:
    wrong = [*PLAIN[:4], counted(2, 4, "dog", 2, "1", (6, "3")), *PLAIN[5:]]
    assert steps(PLAIN, wrong) == ("0", 'count emits ["dog", 1]', 'count emits ["dog", 2]')


@pytest.mark.parametrize(
    ("end", "text"),
    [
        (events.Fail(3, "count", 4, "1"), 'count fails ["dog"]'),
        (events.Fault(3, "count", 4, "drop", "1"), 'drop strikes ["dog"] to count'),
        (events.Acked(4, "words", 5, "9"), 'count never settles ["dog"]'),
    ],
)
def test_each_end_of_a_copy_can_be_the_difference(end: events.Event, text: str) -> None:
    acked = [PLAIN[0], events.Ack(2, "count", 4, "1"), events.Acked(4, "words", 5, "0")]
    assert steps(acked, [PLAIN[0], end])[1:] == ('count acks ["dog"]', text)


def test_the_root_that_differs_first_is_chosen_and_the_others_are_counted() -> None:
    first, second = rooted(0, "dog", 0, (4, "1")), rooted(1, "cat", 1, (3, "2"))
    good = [first, second, events.Ack(2, "count", 3, "2"), events.Ack(5, "count", 4, "1")]
    bad = [first, second, events.Fail(2, "count", 3, "2"), events.Fail(5, "count", 4, "1")]
    _, cause = differ(good, bad)
    assert cause is not None
    assert cause.root is not None
    assert (cause.root.emit, cause.others) == (second, 1)


def test_a_death_that_costs_no_tuple_is_a_difference_all_the_same() -> None:
    death = [events.Died(9, "count", 4, "x"), events.Restart(9, "count", 4)]
    end = rooted(10, "owl", 2)
    _, cause = differ([*PLAIN, end], [*PLAIN, *death, end])
    assert cause == CauseDifference(None, None, (), None, None, (), tuple(death), 0)


def test_tuples_without_message_ids_are_told_apart_by_their_values() -> None:
    def plain(at: int, value: int, tuple_id: str) -> events.Emit:
        return events.Emit(at, "words", 5, "default", f"[{value}]", None, None, ((4, tuple_id),))

    one = [
        plain(0, 1, "1"),
        plain(1, 2, "2"),
        events.Ack(2, "count", 4, "1"),
        events.Ack(2, "count", 4, "2"),
    ]
    two = [*one[:3], events.Fail(2, "count", 4, "2")]
    _, cause = differ(one, two)
    assert cause is not None
    assert cause.root is not None
    assert cause.root.emit == one[1]


def test_of_very_long_traces_the_stories_of_the_beginning_are_compared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(difference, "MOST_EVENTS", 4)
    found = find_difference(PLAIN, CRASH, NAMES, NAMES)
    assert (found.by_cause, found.is_partial) == (None, True)
    assert found.by_time is not None
    assert found.by_time.number == 5


def test_a_story_is_in_the_order_of_cause_and_effect() -> None:
    builder = TreeBuilder(NAMES)
    for event in CRASH:
        builder.read(event)
    assert [[step.text for step in story_steps(root)] for root in builder.roots] == [
        [
            'words emits ["dog"] with id 0',
            'count loses ["dog"]',
            "words is notified: failed by timeout",
        ],
        [
            'words emits ["cat"] with id 1',
            'count emits ["cat", 1]',
            'store acks ["cat", 1]',
            'count acks ["cat"]',
            "words is notified: acked",
        ],
        [
            'words emits ["dog"] with id 0',
            'count emits ["dog", 1]',
            'store acks ["dog", 1]',
            'count acks ["dog"]',
            "words is notified: acked",
        ],
    ]

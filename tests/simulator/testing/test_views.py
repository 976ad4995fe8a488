"""The components of a running topology: questions, rows fed later, and faults."""

from __future__ import annotations

from typing import Any

import pytest

from streamparse.testing import (
    Storm,
)
from tests.support.chain_project import ROWS, Mistake, chain, check_mistake

MISTAKES: dict[str, tuple[Mistake, str]] = {
    "nth": (lambda storm: chain(storm)["pass"].crash(nth=0), "crash(nth=0): expected at least 1"),
    "point": (
        lambda storm: chain(storm)["pass"].crash(before="lunch"),  # type: ignore[arg-type]  # that is the mistake
        "crash(before='lunch'): expected tuple, next, emit, ack, fail, tick or initialize",
    ),
    "task": (
        lambda storm: chain(storm)["pass"].crash(task=99),
        "pass has no task 99; its tasks are [5]",
    ),
    "both sides": (
        lambda storm: chain(storm)["pass"].crash(before="emit", after="ack"),
        "crash(before='emit', after='ack'): expected one of them",
    ),
    "point of a spout": (
        lambda storm: chain(storm)["pass"].crash(after="next"),
        "crash(after='next'): pass is a bolt; expected tuple, emit, ack, fail, tick, initialize",
    ),
    "rows that crash": (
        lambda storm: chain(storm)["rows"].crash(),
        "crash(component='rows'): it has no process that could die, its rows come from a stub",
    ),
    "outage of no length": (
        lambda storm: chain(storm)["pass"].outage(0.0001),
        "outage(0.0001): expected more than 0 seconds",
    ),
    "acker that restarts": (
        lambda storm: chain(storm).acker().crash(restart=5),
        "acker 0: crash(restart=...) is for workers; an acker goes on at once, and knows nothing",
    ),
    "outage without a time": (
        lambda storm: chain(storm)["pass"].outage(-1),
        "outage(-1): expected at least 0; time does not go back",
    ),
    "worker": (
        lambda storm: chain(storm).worker(7),
        "topology 'chain': there is no worker 7; expected a number from 0 to 1",
    ),
    "acker": (
        lambda storm: chain(storm, conf={"topology.acker.executors": 0}).acker(),
        "topology 'chain': there is no acker 0: it runs without ackers",
    ),
    "workers of a rebalance": (
        lambda storm: chain(storm).rebalance(workers=0),
        "rebalance(workers=0): expected at least 1",
    ),
    "fields of a grouping": (
        lambda storm: chain(storm)["count"].task_for(wrod="dog"),
        "count is not grouped by ['wrod']; its fields groupings: *word*",
    ),
}


def test_the_same_word_goes_to_the_task_that_storm_would_choose(storm: Storm) -> None:
    run = chain(storm, parallelism={"count": 3}).complete()
    chosen = {word: {run["count"].task_for(word=word)} for word in ["dog", "cat", "zebra"]}
    assert len(run["count"].tasks) == 3
    assert run["count"].received.tasks_by("word") == chosen == run["count"].emitted.tasks_by("word")


def test_more_rows_can_be_fed_and_their_ids_go_on(storm: Storm) -> None:
    run = chain(storm, []).complete()
    run["rows"].feed(ROWS[:2])
    run.complete()
    run["rows"].feed(ROWS[2:])
    run.complete()
    assert (run["rows"].acked, run["pass"].emitted) == ([0, 1, 2, 3], ROWS)


def test_a_spout_has_no_bolts_attributes_and_says_so(storm: Storm) -> None:
    run = chain(storm)
    messages = []
    for component, name in [("rows", "drop"), ("count", "feed"), ("count", "emited")]:
        with pytest.raises(AttributeError) as caught:
            getattr(run[component], name)
        messages.append(str(caught.value))
    assert messages == [
        "rows has no 'drop'; that is for bolts, and it is a spout",
        "count has no 'feed'; that is for spouts, and it is a bolt",
        "count has no 'emited' (did you mean \"emitted\"?)",
    ]


@pytest.mark.parametrize("before", ["tuple", "emit", "ack"])
def test_a_crash_loses_the_tuple_and_a_retry_brings_it(before: Any, storm: Storm) -> None:
    run = chain(storm, storm.feed(ROWS, retries=3))
    run["pass"].crash(before=before, nth=2)
    run.complete()
    assert (run["pass"].restarts, run["rows"].acked) == (1, [0, 1, 2, 3])
    # What it emitted before it died, its crash before the ack did not take back.
    again = [1] if before == "ack" else []
    assert [each["n"] for each in run["pass"].emitted if each["n"] == 1] == [1, *again]


def test_a_crash_takes_the_worker_with_it_unless_its_scope_is_the_task(storm: Storm) -> None:
    kept = {}
    for scope in ("worker", "task"):
        run = chain(
            storm,
            storm.feed([[0, "dog"], [1, "dog"], [2, "cat"]], retries=1),
            conf={"topology.workers": 1},
        )
        run["pass"].crash(nth=3, scope=scope)
        run.advance(0.1)
        run["rows"].feed([[3, "dog"]])
        run.complete()
        kept[scope] = run["count"].emitted.last_by("word")["dog"]
        assert (run["pass"].restarts, run["count"].restarts) == (1, int(scope == "worker"))
        because = run.restarts[0].because
        assert because == "pass[5] died: crashed as ordered, before tuple 3"
    # With the worker the counter lost its two dogs; rows are outside of it and were not lost.
    assert kept == {"worker": 1, "task": 3}


def test_nth_counts_over_all_tasks_in_the_order_of_delivery_or_for_one_task(storm: Storm) -> None:
    run = chain(storm, storm.feed(ROWS, retries=1))
    run["count"].crash(nth=3, before="tuple")
    run.complete()
    third = run["count"].received[2]
    died = [event for event in run.trace.events() if event["event"] == "died"]
    assert [(event["component"], event["task"]) for event in died] == [("count", third.to)]

    run = chain(storm, storm.feed(ROWS, retries=1))
    task = run["count"].task_for(word="dog")
    run["count"].crash(nth=2, task=task)
    run.complete()
    died = [event for event in run.trace.events() if event["event"] == "died"]
    assert [event["task"] for event in died] == [task]


def test_hang_takes_tuples_and_answers_heartbeats(storm: Storm) -> None:
    run = chain(storm, ROWS)
    run["pass"].hang(tuples=2)
    run.advance(1)
    assert (run["pass"].pending, run["pass"].acked, run["rows"].acked) == (
        ROWS[:2],
        ROWS[2:],
        [2, 3],
    )
    assert run["rows"].pending == [0, 1]


def test_a_dropped_tuple_is_never_seen_and_its_row_times_out(storm: Storm) -> None:
    run = chain(storm, ROWS)
    run["pass"].drop(nth=2)
    run.advance(120)
    assert (run["rows"].failed, run["pass"].received) == ([1], [ROWS[0], *ROWS[2:]])


def test_a_delayed_tuple_comes_late(storm: Storm) -> None:
    run = chain(storm, ROWS)
    run["pass"].reorder(5, nth=1)
    run.complete()
    assert run["pass"].received == [*ROWS[1:], ROWS[0]]
    assert run["pass"].received[-1].time_ms - run["rows"].emitted[0].time_ms == 5001


def test_nothing_overtakes_a_delayed_tuple_on_its_link(storm: Storm) -> None:
    run = chain(storm, ROWS)
    run["pass"].delay(5, nth=1)
    run.complete()
    assert run["pass"].received == ROWS
    assert run["pass"].received[-1].time_ms - run["rows"].emitted[0].time_ms == 5001


def test_a_replayed_tuple_is_an_attempt_of_its_own(storm: Storm) -> None:
    run = chain(storm, storm.feed([[0, "dog"]], retries=1))
    run["pass"].replay()
    run.complete()
    assert (run["rows"].failed, run["rows"].acked) == ([0], [0])
    assert run["count"].emitted == [["dog", 1], ["dog", 2]]


@pytest.mark.parametrize("fault", ["lose_ack", "lose_fail"])
def test_a_settlement_that_is_lost_makes_its_row_time_out(storm: Storm, fault: str) -> None:
    run = chain(storm, ROWS, bolts={"count": "made.Fails"} if fault == "lose_fail" else {})
    getattr(run["count"], fault)(nth=1)
    run.advance(130)
    timeouts = [event for event in run.trace.events() if event.get("reason") == "timeout"]
    assert len(timeouts) == 1


def test_a_duplicate_has_an_id_and_an_edge_of_its_own(storm: Storm) -> None:
    run = chain(storm, [[0, "dog"]])
    run["pass"].duplicate()
    run.complete()
    first, second = run["pass"].received
    assert (first, first.id == second.id) == (second, False)
    assert (run["rows"].acked, run["count"].emitted) == ([0], [["dog", 1], ["dog", 2]])


def test_only_every_one_that_matches_is_judged(storm: Storm) -> None:
    run = chain(storm, ROWS)
    run["count"].drop(nth=None, task=run["count"].task_for(word="dog"))
    run.advance(120)
    lost = [
        row
        for row in ROWS
        if run["count"].task_for(word=row[1]) == run["count"].task_for(word="dog")
    ]
    assert run["rows"].failed == [row[0] for row in lost]


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_line_that_says_what_was_expected(mistake: str, storm: Storm) -> None:
    check_mistake(storm, *MISTAKES[mistake])

"""Who dies with whom, what ends a run, and how a death is described (scenario S22 of docs/storm.md)."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.engine.effects import Death, Origin, Outcome
from simulator.engine.feeds import Feed
from simulator.engine.options import OnCrash
from simulator.engine.task import Task
from simulator.engine.workers import Failure, Loss, describe, ends_run, loss, reason_of
from streamparse.multilang import ProtocolError
from tests.support.engine import copy, engine_of
from tests.support.table_top import bolt, one_bolt, run_both, spout, topology_text


def test_an_exception_stops_the_run_and_says_which_tuple_did_it() -> None:
    done = run_both(one_bolt('[["ack-it"] ["die"]]'))
    assert done.finding == 'b[3]: ended with exit status 1; it held tuple 2 ["die"] from s[4]'
    assert "ValueError: as told" in done.report.failures[0].error
    assert done.events("died", "b")[0]["reason"] == "ValueError: as told"


def test_the_tuple_a_dying_bolt_fails_is_the_one_that_did_it() -> None:
    rows = '[["dog"] ["bad"] ["cat"]]'
    done = run_both(one_bolt(rows, "Fussy"), turns=10)
    assert done.finding == 'b[3]: ended with exit status 1; it held tuple 2 ["bad"] from s[4]'


def test_a_component_that_ends_itself_is_named_with_its_status() -> None:
    assert run_both(one_bolt('[["exit"]]')).finding.startswith(
        "b[3]: ended with exit status 3; it held tuple 1"
    )


# -- pure functions of tasks and their outcomes

#: Ackers 1 and 2, bolt b 3 to 5, spout s 6; two workers, so that 3, 5 are in worker 0 and 4, 6 in worker 1.
THREE_BOLTS = topology_text(spout("[]"), bolt("b", "Tells", rest=":p 3"))

BROKEN = ProtocolError("a sync too many", storm="a ShellBolt ignores it", excerpt="'x'")
GONE = Death("ended with exit status 1")
ORDERED = Death("crashed as ordered", ordered=True)


def tasks_of(outcomes: dict[int, Outcome], **options: Any) -> list[Task]:
    """The tasks of THREE_BOLTS, with these outcomes."""
    tasks = [*engine_of(THREE_BOLTS, **options).tasks]
    for task in tasks:
        task.outcome = outcomes.get(task.id)
    return tasks


ENDS: list[tuple[Outcome, OnCrash, bool, bool]] = [  # (outcome, on_crash, strict, does the run end)
    (GONE, "stop", True, True),
    (GONE, "restart", True, False),
    (GONE, "ordered", True, True),
    (ORDERED, "stop", True, True),
    (ORDERED, "restart", True, False),
    (ORDERED, "ordered", True, False),
    (BROKEN, "stop", True, True),
    (BROKEN, "restart", True, True),
    (BROKEN, "ordered", True, True),
    (BROKEN, "stop", False, True),
    (BROKEN, "restart", False, False),
    (BROKEN, "ordered", False, True),
]


@pytest.mark.parametrize(("outcome", "on_crash", "strict", "ends"), ENDS)
def test_what_ends_a_run(outcome: Outcome, on_crash: OnCrash, strict: bool, ends: bool) -> None:
    task = tasks_of({3: outcome})[0]
    assert ends_run(task, on_crash, strict=strict) is ends


LOSSES: list[tuple[dict[int, Outcome], Loss]] = [
    ({3: GONE}, Loss(frozenset({0}), [3, 5])),
    ({4: BROKEN}, Loss(frozenset({1}), [4, 6])),
    ({3: GONE, 5: GONE}, Loss(frozenset({0}), [3, 5])),
    ({3: GONE, 4: GONE}, Loss(frozenset({0, 1}), [3, 4, 5, 6])),
    ({3: Death("crashed", scope="task")}, Loss(frozenset(), [3])),
    ({3: Death("crashed", scope="task"), 5: GONE}, Loss(frozenset({0}), [3, 5])),
    ({3: Death("crashed", scope="task"), 4: GONE}, Loss(frozenset({1}), [3, 4, 6])),
]


@pytest.mark.parametrize(("outcomes", "lost"), LOSSES)
def test_a_worker_dies_as_a_whole_unless_a_task_was_to_die_alone(
    outcomes: dict[int, Outcome], lost: Loss
) -> None:
    tasks = tasks_of(outcomes)
    assert loss([task for task in tasks if task.outcome], tasks) == lost


def test_a_feed_survives_the_crash_of_its_worker() -> None:
    tasks = tasks_of({4: GONE}, feeds={"s": Feed([["x"]])})
    assert loss([task for task in tasks if task.outcome], tasks) == Loss(frozenset({1}), [4])


@pytest.mark.parametrize(
    ("outcome", "last_error", "reason"),
    [
        (GONE, "Traceback ...\nValueError: no\n", "ValueError: no"),
        (GONE, "", ""),
        (BROKEN, "ValueError: no", "a sync too many"),
    ],
)
def test_the_reason_in_the_trace_is_the_last_line_of_the_error_or_the_broken_rule(
    outcome: Outcome, last_error: str, reason: str
) -> None:
    task = tasks_of({3: outcome})[0]
    task.last_error = last_error
    assert reason_of(task) == reason


def test_a_death_is_described_with_all_that_is_known() -> None:
    cause = ValueError("no")
    death = Death("ended with exit status 1", stderr="oops\n", stack="in main", cause=cause)
    task = tasks_of({3: death})[0]
    task.last_error = "ValueError: no"
    assert describe(task) == Failure(
        "b", 3, "ended with exit status 1", "", "", "ValueError: no", "oops\n", "in main", cause
    )


def test_a_broken_rule_is_described_with_its_excerpt_and_what_storm_does() -> None:
    failure = describe(tasks_of({6: BROKEN})[-1])
    assert failure == Failure("s", 6, "a sync too many: 'x'", "a ShellBolt ignores it")
    assert str(failure) == "s[6]: a sync too many: 'x'; Storm: a ShellBolt ignores it"


def test_at_most_three_of_the_tuples_that_it_held_are_listed() -> None:
    engine = engine_of(THREE_BOLTS)
    for number in "12345":
        engine.network.arrive(copy(number, 3, [f"w{number}"], source=Origin("s", 6)))
    task = engine.tasks.bolt(3)
    task.work()
    task.outcome = GONE
    assert str(describe(task)) == (
        'b[3]: ended with exit status 1; it held tuple 1 ["w1"] from s[6], tuple 2 ["w2"] from s[6], '
        'tuple 3 ["w3"] from s[6] and 2 more'
    )

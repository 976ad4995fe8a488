"""The judge: which law a run is said to break, and what is kept of the smallest case."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from simulator.engine import Step, events
from simulator.exploring.cases import Case, Fault
from simulator.exploring.changes import Change
from simulator.exploring.explore import Found
from simulator.exploring.explored_run import RunOutcome
from simulator.laws.comparison import Comparison
from simulator.laws.evidence import End
from simulator.laws.judge import Judge
from simulator.laws.table import chosen_laws
from tests.support.evidence import COMPONENTS, PLAIN, RESTART, TOPOLOGY, counted, run

CRASH = Case(0, (Fault("crash", "count", 1),))
WRONG = [PLAIN[0], counted("dog", 7, "t0"), *PLAIN[2:]]


def judge(*laws: str) -> Judge:
    """A judge that has seen the fault-free run."""
    made = Judge(chosen_laws([*laws]))
    made.topology = TOPOLOGY
    made.judge(outcome(PLAIN, Case(0)), None)
    return made


def outcome(happened: list[events.Event], case: Case = CRASH) -> RunOutcome:
    lines = tuple(event.to_line() for event in happened)
    return RunOutcome(case, None, "", "words", (lines,), (), kept=End(components=COMPONENTS))


def test_the_first_run_is_what_others_are_compared_with() -> None:
    made = judge("restart")
    assert made.reference is not None
    assert [*made.reference.run.events] == PLAIN


def test_a_run_that_breaks_a_law_fails_with_it() -> None:
    made = judge("settled", "restart")
    judged = made.judge(outcome([RESTART, *WRONG]), None)
    assert (judged.failure, judged.words) == (
        ("law", "restart"),
        'survives a restart: broken: count: ["dog"] is ["dog", 7] instead of ["dog", 1]',
    )
    assert made.judge(outcome([RESTART, *PLAIN]), None).failure is None
    assert made.judged == {"settled": 3, "restart": 2}


def test_the_law_that_is_looked_for_is_judged_alone() -> None:
    made = judge("at-least-once", "restart", "exactly-once")
    nothing = outcome([RESTART, *PLAIN[:1], *PLAIN[3:]])  # two are broken
    assert made.judge(nothing, None).failure == ("law", "at-least-once")
    assert made.judge(nothing, ("law", "exactly-once")).failure == ("law", "exactly-once")
    assert made.judge(outcome([RESTART, *WRONG]), ("law", "at-least-once")).failure is None


def found(failed: RunOutcome, number: int = 3) -> Found:
    return Found(number, failed, 5, Path("case.json"))


def test_a_law_that_is_broken_is_not_judged_again() -> None:
    made = judge("restart")
    failed = made.judge(outcome([RESTART, *WRONG]), None)
    made.take(found(failed))
    kept = made.broken["restart"]
    assert (kept.number, kept.reruns, kept.path) == (3, 5, Path("case.json"))
    assert kept.lines == ['count: ["dog"] is ["dog", 7] instead of ["dog", 1]']
    assert made.judge(outcome([RESTART, *WRONG]), None).failure is None


def test_the_smallest_case_tells_which_law_of_a_group_is_broken() -> None:
    made = judge("schedule", "shuffle")
    ordered = Case("0/1", schedule=(Step("order", 0, 1, 2),))
    failed = made.judge(outcome(WRONG, ordered), None)
    assert failed.failure == ("law", "independent")
    made.take(found(replace(failed, case=Case("0/1"))))
    assert [*made.broken] == ["shuffle"]


def test_a_law_that_always_turns_out_to_be_another_is_given_up() -> None:
    made = judge("schedule", "shuffle")
    ordered = Case("0/1", schedule=(Step("order", 0, 1, 2),))
    failed = made.judge(outcome(WRONG, ordered), None)
    for _ in range(3):
        made.take(found(replace(failed, case=Case("0/1"))))
    assert made.given_up == {"schedule": "not told apart from: independent of the shuffle"}
    mixed = replace(ordered, changes=(Change("parallelism", 3, "count"),))
    assert made.judge(outcome(WRONG, mixed), None).failure is None


def test_a_law_that_was_given_up_is_broken_by_a_run_that_no_other_can_be_meant_by() -> None:
    made = judge("schedule", "parallelism")
    ordered = Case("0/1", schedule=(Step("order", 0, 1, 2),))
    mixed = replace(ordered, changes=(Change("parallelism", 3, "count"),))
    for _ in range(3):
        failed = made.judge(outcome(WRONG, mixed), None)
        made.take(found(replace(failed, failure=("law", "independent"), case=ordered)))
    assert [*made.given_up] == ["parallelism"]
    alone = made.judge(outcome(WRONG, replace(mixed, schedule=())), None)
    made.take(found(alone))
    assert ([*made.broken], made.given_up) == (["schedule", "parallelism"], {})


def test_it_is_counted_by_what_a_law_was_broken_when_it_is_known_to_be_broken_too() -> None:
    made = judge("at-least-once")
    nothing = outcome([RESTART, *PLAIN[:1], *PLAIN[3:]])
    made.take(found(made.judge(nothing, None)))
    lost = Case(0, (Fault("lost-ack", "count", 1),))
    for case in (CRASH, lost, CRASH):
        assert made.judge(outcome([RESTART, *PLAIN[:1], *PLAIN[3:]], case), None).failure is None
    assert made.broken_by["at-least-once"] == {
        Comparison(("crash",)): 3,
        Comparison(("lost-ack",)): 1,
    }


def test_the_last_run_is_kept() -> None:
    made = judge("settled")
    made.judge(outcome([RESTART]), None)
    assert made.last == run([RESTART], CRASH)


def test_a_run_that_no_other_follows_is_judged_by_every_law() -> None:
    late = events.Failed(60_000, "words", 1, "0", "timeout")
    happened = [*PLAIN, late]
    made = Judge(chosen_laws(["settled", "no-timeout", "restart"]))
    made.topology = TOPOLOGY
    hung = replace(
        outcome(happened, Case(0)), kept=End(components=COMPONENTS, pending=("words: 1",))
    )
    failed = made.judge(hung, None)
    made.take(Found(0, failed, 0, Path("case.json")))
    made.judge_reference()
    assert [*made.broken] == ["settled", "no-timeout"]
    assert made.broken["no-timeout"].path == Path("case.json")


def test_runs_that_were_given_up_are_counted_and_settle_nothing() -> None:
    made = judge("settled")
    waits = End(components=COMPONENTS, is_over=False, waits=True, pending=("words: 1",))
    assert made.judge(replace(outcome(PLAIN), kept=waits), None).failure is None
    assert (made.waiting, made.judged["settled"]) == (1, 1)

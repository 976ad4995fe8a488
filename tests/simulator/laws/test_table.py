"""The laws, each with a run that keeps it, one that breaks it, and one that it is not about."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.engine import Step, events
from simulator.exploring.cases import Case, Fault
from simulator.exploring.changes import Change, Changeable
from simulator.laws.evidence import Evidence, Reference
from simulator.laws.table import DEFAULT, LAWS, chosen_laws
from simulator.testing.errors import HarnessError
from tests.support.evidence import (
    LOST_ACK,
    PLAIN,
    RESTART,
    ack,
    acked,
    counted,
    reference,
    row,
    run,
    timed_out,
)

FAULT_FREE = Case(0)
OTHER_ORDER = Case("0/1", schedule=(Step("order", 0, 1, 2),))
OTHER_PHASE = Case("0/1", schedule=(Step("count/0/phase", 0, 1, 2),))
OTHER_SEED = Case("0/2")
REPLAYED = [PLAIN[0], LOST_ACK, *PLAIN[1:3], timed_out(0), row(0, "dog", "t1")]
AGAIN = [*REPLAYED, counted("dog", 1, "t1"), ack("t1"), acked(0)]
TWICE = [*REPLAYED, counted("dog", 2, "t1"), ack("t1"), acked(0)]
GIVEN_UP = [PLAIN[0], LOST_ACK, timed_out(0)]
WRONG = [PLAIN[0], counted("dog", 7, "t0"), *PLAIN[2:]]
LOOSE = [PLAIN[0], counted("dog", 1), *PLAIN[2:]]
AFTER = [PLAIN[0], ack("t0"), counted("dog", 1, "t0"), acked(0)]
MANY = [event for _ in range(10) for event in (row(0, "dog", "a"), timed_out(0))]

VARIED: list[tuple[str, Changeable, int | str]] = [
    ("parallelism", "parallelism", 3),
    ("workers", "workers", 1),
    ("hash-seed", "hash seed", 7),
    ("storm-version", "storm version", "1.0.0"),
]

HELD: list[str] = []
#: law, what happens in the run, the lines that it gives (None: the law is not about it), the result of a user
CASES: list[tuple[str, Evidence, list[str] | None]] = [
    ("alive", run(PLAIN), HELD),
    ("alive", run([], died="count[2]: ValueError"), ["count[2]: ValueError"]),
    ("invariants", run(PLAIN), None),
    ("invariants", run(PLAIN, invariants=1), HELD),
    ("invariants", run([], invariants=1, violated="7 wait"), ["7 wait"]),
    ("settled", run(AGAIN), HELD),
    ("settled", run(PLAIN, pending=("rows[1]: 0 is pending",)), ["rows[1]: 0 is pending"]),
    ("settled", run(PLAIN, timed_out=("row 0 timed out",)), ["row 0 timed out"]),
    ("settled", run(MANY, is_over=False), ["rows: id 0 was emitted 10 times and is not settled"]),
    ("settled", run(PLAIN, died="count[2]: ValueError"), None),
    ("no-timeout", run(PLAIN, FAULT_FREE), HELD),
    ("no-timeout", run(GIVEN_UP, FAULT_FREE), ["rows: id 0 timed out at 60000 ms"]),
    ("no-timeout", run(PLAIN, FAULT_FREE, held=("count[2] holds",)), ["count[2] holds"]),
    ("no-timeout", run(GIVEN_UP), None),
    ("tracked", run(PLAIN), HELD),
    (
        "tracked",
        run([*PLAIN, row(None, "cat", "t1")]),
        ['rows emits on default with message ids, and without: ["cat"]'],
    ),
    ("unique-ids", run(AGAIN), HELD),
    (
        "unique-ids",
        run([*PLAIN[:1] * 2]),
        ["rows emits id 0 while it waits for that id"],
    ),
    ("unique-ids", run([PLAIN[0], events.Restart(5, "rows", 1), PLAIN[0]]), HELD),
    ("tick-phase", run(PLAIN, OTHER_PHASE), HELD),
    ("tick-phase", run(GIVEN_UP, OTHER_PHASE), ["rows: id 0 timed out at 60000 ms"]),
    ("tick-phase", run(GIVEN_UP, OTHER_ORDER), None),
    ("schedule", run(PLAIN, OTHER_ORDER), HELD),
    (
        "schedule",
        run(WRONG, OTHER_ORDER),
        ['count: ["dog"] is ["dog", 7] instead of ["dog", 1]'],
    ),
    ("schedule", run(WRONG, OTHER_SEED), None),
    ("schedule", run([*WRONG, RESTART], OTHER_ORDER), None),
    ("shuffle", run(PLAIN, OTHER_SEED), HELD),
    ("shuffle", run(WRONG, OTHER_SEED), ['count: ["dog"] is ["dog", 7] instead of ["dog", 1]']),
    ("shuffle", run(WRONG, FAULT_FREE), None),
    *(
        case
        for law, name, value in VARIED
        for changed in [Case(0, changes=(Change(name, value, "count"),))]
        for case in [
            (law, run(PLAIN, changed), HELD),
            (law, run(WRONG, changed), ['count: ["dog"] is ["dog", 7] instead of ["dog", 1]']),
            (law, run(WRONG, OTHER_SEED), None),
            ("schedule", run(WRONG, changed), None),
            ("shuffle", run(WRONG, changed), None),
        ]
    ),
    ("at-least-once", run(TWICE), HELD),
    (
        "at-least-once",
        run(GIVEN_UP),
        ["rows: id 0 timed out and was not emitted again", 'count: missing: ["dog"]'],
    ),
    ("at-least-once", run(PLAIN), None),
    ("idempotent", run(AGAIN), HELD),
    ("idempotent", run(TWICE), ['count: ["dog"] is ["dog", 2] instead of ["dog", 1]']),
    ("idempotent", run([*TWICE, RESTART]), None),
    ("idempotent", run(GIVEN_UP), None),
    ("restart", run([RESTART, *AGAIN]), HELD),
    ("restart", run([RESTART, *WRONG]), ['count: ["dog"] is ["dog", 7] instead of ["dog", 1]']),
    ("restart", run([RESTART, *GIVEN_UP]), None),
    ("restart", run(TWICE), None),
    ("exactly-once", run([RESTART, *PLAIN]), HELD),
    ("exactly-once", run(TWICE), ['count: ["dog"] is ["dog", 2] instead of ["dog", 1]']),
    ("anchored", run(PLAIN), HELD),
    ("anchored", run(LOOSE), ['count emits ["dog",1] without an anchor']),
    ("anchored", run(AFTER), ['count emits ["dog",1] after its anchor was settled']),
    ("anchored", run([row(None, "dog", "t0")]), ['rows emits ["dog"] without a message id']),
    ("repeatable", run(PLAIN), HELD),
    ("bounded", run(PLAIN), HELD),
    ("bounded", run(PLAIN * 5), ["10 tuples are emitted, 2 without a fault"]),
    ("pending", run(PLAIN * 5), HELD),
    (
        "pending",
        run(PLAIN[:1] * 5),
        ["5 roots are pending at one time, 1 without a fault"],
    ),
]


@pytest.mark.parametrize(("law", "seen", "lines"), CASES)
def test_a_law_holds_or_is_broken_or_is_not_about_a_run(
    law: str, seen: Evidence, lines: list[str] | None
) -> None:
    judged = LAWS[law].judge(seen, reference())
    assert (None if judged is None else [*judged]) == lines


def test_every_law_has_a_run_that_breaks_it() -> None:
    broken = {law for law, _, lines in CASES if lines}
    assert {*LAWS} - broken == {"repeatable"}  # below: it needs two attempts that are acked


def test_attempts_that_are_acked_have_to_do_the_same() -> None:
    copy = events.Fault(0, "count", 2, "duplicate", "t0", None, "t9")
    twice = [row(0, "dog", "t0"), copy, counted("dog", 1, "t0"), ack("t0"), ack("t9"), acked(0)]
    again = [row(0, "dog", "t1"), counted("dog", 2, "t1"), ack("t1"), acked(0)]
    judged = LAWS["repeatable"].judge(run([*PLAIN, *again]), reference())
    assert judged == ["rows: attempt 2 at id 0 emits something else"]
    assert LAWS["repeatable"].judge(run(twice), reference()) == []


def test_nothing_that_needs_a_result_is_said_of_a_run_without_one() -> None:
    stopped = run(TWICE, is_over=False)
    names = ["schedule", "shuffle", "at-least-once", "idempotent", "restart", "exactly-once"]
    assert [LAWS[name].judge(stopped, reference()) for name in names] == [None] * 6


def test_the_users_result_decides_where_there_is_one() -> None:
    expected = reference(result=["dog"])
    assert _judged("idempotent", run(TWICE, result=["dog", "dog"]), expected) == []
    assert _judged("exactly-once", run(TWICE, result=["dog", "dog"]), expected) == [
        'too many: "dog"'
    ]
    assert _judged("at-least-once", run(TWICE, result=[]), expected) == ['missing: "dog"']


def _judged(law: str, seen: Evidence, expected: Reference) -> Any:
    return LAWS[law].judge(seen, expected)


def test_a_schedule_and_a_shuffle_fail_in_the_same_way() -> None:
    assert LAWS["schedule"].failure == LAWS["shuffle"].failure == ("law", "independent")
    assert LAWS["restart"].failure == ("law", "restart")


# -- which laws


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (None, [*DEFAULT]),
        ("all", [*LAWS]),
        (["restart", "settled"], ["settled", "restart"]),
        (
            ["-restart", "-tracked"],
            [name for name in DEFAULT if name not in ("restart", "tracked")],
        ),
        (["+bounded"], [*DEFAULT, "bounded"]),
    ],
)
def test_laws_are_chosen_by_name(names: object, chosen: list[str]) -> None:
    assert [law.name for law in chosen_laws(names)] == chosen


def test_exactly_once_is_a_law_that_an_argument_adds() -> None:
    assert [law.name for law in chosen_laws(None, exactly_once=True)] == [*DEFAULT, "exactly-once"]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (
            ["restrat"],
            "no law is called 'restrat' (did you mean \"restart\"?); expected alive, invariants",
        ),
        (["-bogus"], "no law is called 'bogus'; expected alive, invariants"),
        (
            "settled",
            "laws='settled': expected a list of names, such as ['alive', 'invariants', 'settled']",
        ),
        (7, "laws=7: expected a list of names"),
        ([], "laws=[]: expected a law; None is the usual ones"),
    ],
)
def test_what_is_no_law_is_refused(names: object, message: str) -> None:
    with pytest.raises(HarnessError) as raised:
        chosen_laws(names)
    assert str(raised.value).startswith(message)


def test_a_fault_that_never_struck_is_no_fault() -> None:
    unstruck = Case("0/3", (Fault("crash", "count", 99),))
    assert LAWS["restart"].judge(run(WRONG, unstruck), reference()) is None
    assert LAWS["shuffle"].judge(run(WRONG, unstruck), reference()) != []

"""What a run has different from the fault-free run, and by what a law was broken."""

from __future__ import annotations

from simulator.engine import Step
from simulator.exploring.cases import Case, Fault
from simulator.exploring.changes import Change
from simulator.laws.comparison import Comparison, comparison_of, simplest_first

PLAIN = Case(0)
ORDER = (Step("order", 0, 1, 2),)
CRASH, LOST = Fault("crash", "count", 1), Fault("lost-ack", "count", 1)
CASES = {
    (): PLAIN,
    ("shuffle",): Case("0/1"),
    ("schedule",): Case("0/1", schedule=ORDER),
    ("crash",): Case("0/1", (CRASH, CRASH)),
    ("crash", "lost-ack"): Case(0, (LOST, CRASH)),
    ("schedule", "parallelism", "crash"): Case(
        0, (CRASH,), ORDER, (Change("parallelism", 3, "count"),)
    ),
}


def test_a_comparison_names_each_thing_once_and_the_seed_where_nothing_else_is_different() -> None:
    assert [comparison_of(case, PLAIN).parts for case in CASES.values()] == [*CASES]
    assert [comparison_of(case, PLAIN).is_single for case in CASES.values()] == [
        False, True, True, True, False, False,
    ]  # fmt: skip


def test_the_smallest_case_comes_first_and_then_single_things_without_faults_before_faults() -> (
    None
):
    def of(*parts: str) -> Comparison:
        return Comparison(parts)

    seen = {of("lost-ack"): 2, of("crash"): 9, of("schedule", "crash"): 30, of("workers"): 1}
    assert simplest_first(of("crash"), seen) == (("crash", 9), ("workers", 1), ("lost-ack", 2))
    assert simplest_first(of("schedule", "acker"), {}) == (("schedule with acker", 0),)
    assert simplest_first(of(), {of("crash"): 1}) == (("crash", 1),)

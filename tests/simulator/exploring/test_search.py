"""The search: generations of runs, what is planned first, and what follows from outcomes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from simulator.exploring.cases import Case, Fault
from simulator.exploring.changes import Change
from simulator.exploring.classes import class_of
from simulator.exploring.coverage import Coverage
from simulator.exploring.explored_run import RunOutcome
from simulator.exploring.fault_points import FaultPoints
from simulator.exploring.lives import Life, Lives, Place
from simulator.exploring.plan import Plan, PlannedRun
from simulator.exploring.schedules import Schedule
from simulator.exploring.search import GENERATION, searched
from simulator.exploring.varying import Variety
from simulator.testing.errors import HarnessError


def points(tuples: int) -> FaultPoints:
    return FaultPoints({"store-bolt": {"tuple": tuples, "emit": 0, "ack": 0}}, 30_000)


def lives(*kinds: int) -> Lives:
    """The lives of roots, each of which has one place at which its tuple can be struck."""
    places = tuple(Place(Life(kind, 1), Life(kind, 2)) for kind in kinds)
    return Lives(frozenset(Life(kind, 2) for kind in kinds), {("store-bolt", "tuple"): places})


def outcome(case: Case, tuples: int, *kinds: int) -> RunOutcome:
    return RunOutcome(case, None, "", "store", ((),), (points(tuples),), (lives(*kinds),))


FAULT_FREE = outcome(Case(0), 5, 1, 1, 1, 2, 2)


def plan(**changes: Any) -> Plan:
    options: dict[str, Any] = {
        "runs": 200, "kinds": ("drop",), "seed": 0, "strategy": "mixed", "cases": (), "most_faults": 4,
    }  # fmt: skip
    return Plan(**{**options, **changes}, directory=Path())


def same(planned: PlannedRun) -> RunOutcome:
    """A run like the fault-free one."""
    return outcome(planned.case, 5, 1, 1, 1, 2, 2)


def replayed(planned: PlannedRun) -> RunOutcome:
    """A run in which each fault brings a tuple back, whose root then has another life."""
    many = len(planned.case.faults)
    return outcome(planned.case, 5 + many, 1, 1, 1, 2, 2, *range(10, 10 + many))


def ran(
    given: Plan,
    run: Callable[[PlannedRun], RunOutcome] = same,
    coverage: Coverage | None = None,
    fault_free: RunOutcome = FAULT_FREE,
) -> list[list[PlannedRun]]:
    """The generations of a search whose runs end like this."""
    search = searched(given, fault_free, coverage)
    generations: list[list[PlannedRun]] = []
    try:
        generation: Sequence[PlannedRun] = next(search)
        while True:
            generations.append(list(generation))
            generation = search.send([run(planned) for planned in generation])
    except StopIteration:
        return generations


@pytest.mark.parametrize("strategy", ["mixed", "random"])
def test_runs_are_handed_out_in_generations_of_one_size(strategy: str) -> None:
    generations = ran(plan(runs=40, strategy=strategy))
    numbers = [planned.number for generation in generations for planned in generation]
    assert [len(each) for each in generations] == [GENERATION, GENERATION, 7]
    assert numbers == list(range(1, 40))


@pytest.mark.parametrize("strategy", ["mixed", "random"])
def test_runs_follow_from_the_seed_and_the_outcomes(strategy: str) -> None:
    given = plan(strategy=strategy)
    assert ran(given, replayed) == ran(given, replayed)
    assert ran(given, replayed) != ran(plan(strategy=strategy, seed=1), replayed)


def test_what_a_run_has_shown_decides_what_follows_it() -> None:
    once, other = ran(plan(), same), ran(plan(), replayed)
    assert once[0] == other[0]
    assert once != other


def test_single_faults_come_first_one_of_each_class_before_a_second() -> None:
    singles = [
        planned.case.faults[0]
        for planned in ran(plan())[0]
        if len(planned.case.faults) == 1 and planned.schedule is None
    ]
    classes = [class_of(fault, FAULT_FREE.lives) for fault in singles]
    assert len(singles) >= 5
    assert len(set(classes[:2])) == 2


def test_a_sweep_has_every_single_fault_once_and_nothing_else() -> None:
    generations = ran(plan(runs=None, strategy="sweep"))
    cases = [planned.case for generation in generations for planned in generation]
    assert sorted(cases, key=lambda case: case.faults[0].nth) == [
        Case(0, (Fault("drop", "store-bolt", nth),)) for nth in range(1, 6)
    ]


def test_a_sweep_needs_as_many_runs_as_there_are_faults() -> None:
    with pytest.raises(HarnessError) as raised:
        ran(plan(runs=5, strategy="sweep"))
    assert str(raised.value) == (
        "explore(5): too few for a sweep, which has 5 single faults; expected at least 6, or no number"
    )


def test_what_was_covered_is_counted() -> None:
    coverage = Coverage()
    ran(plan(runs=400), same, coverage)
    assert (str(coverage.faults), str(coverage.classes), str(coverage.pairs)) == (
        "5 of 5", "2 of 2", "0 of 0",
    )  # fmt: skip
    assert (coverage.runs, coverage.lives) == (400, 2)


def test_every_pair_that_matters_is_run_when_there_is_time() -> None:
    coverage = Coverage()
    generations = ran(plan(runs=400), replayed, coverage)
    cases = {planned.case for generation in generations for planned in generation}
    assert coverage.pairs.is_whole
    assert coverage.pairs.of == 2  # for each class of first faults: the tuple that it brings back
    for first in (2, 5):  # the middles of the two classes
        faults = [Fault("drop", "store-bolt", nth) for nth in (first, 6)]
        assert Case(0, tuple(faults)) in cases


def test_without_faults_only_schedules_differ() -> None:
    runs = [planned for each in ran(plan(most_faults=0)) for planned in each]
    assert {planned.case.faults for planned in runs} == {()}
    names = {each.schedule.name for each in runs if isinstance(each.schedule, Schedule)}
    assert {"random", "slow links", "priorities"} <= names


def test_crashes_come_early_where_they_leave_all_other_components_alive() -> None:
    workers = [Change("workers", number) for number in (1, 3, 7)]
    counts = FaultPoints({"store-bolt": {"tuple": 5, "emit": 5, "ack": 5}}, 30_000)
    fault_free = replace(FAULT_FREE, points=(counts,), varieties=(Variety((*workers,)),))
    runs = [
        planned.case
        for each in ran(plan(runs=60, kinds=("crash",), vary=("workers",)), same, None, fault_free)
        for planned in each
    ]
    apart = [case.faults[0] for case in runs if case.changes == (workers[-1],) and case.faults]
    assert (apart[0].kind, apart[0].after) == ("crash", "emit")
    assert {"ack", "tuple"} <= {fault.before for fault in apart[1:]}
    # Every second worker is down for a while: the others go on meanwhile.
    assert [fault.ms for fault in apart[:3]] == [0, 5000, 0]
    without = ran(plan(runs=60, kinds=("crash",), vary=()), same, None, fault_free)
    assert not any(planned.case.changes for each in without for planned in each)

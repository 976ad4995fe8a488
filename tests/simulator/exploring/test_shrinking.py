"""Shrinking, against tests that are a function of the case."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from simulator.engine import Step
from simulator.exploring.cases import KINDS, Case, Fault, Kind
from simulator.exploring.changes import Change
from simulator.exploring.shrinking import rest_of, shrink

case_of_numbers = st.builds(
    Case,
    st.just("7/3"),
    st.lists(
        st.builds(Fault, st.sampled_from(KINDS), st.sampled_from("ab"), st.integers(1, 9)),
        max_size=3,
    ).map(tuple),
    st.lists(
        st.builds(Step, st.sampled_from("xyz"), st.integers(0, 9), st.integers(1, 8), st.just(9)),
        max_size=12,
    ).map(tuple),
)


def smallest(case: Case, fails: Callable[[Case], bool]) -> Case:
    """What shrinking comes to, against a test that is a function of the case."""
    shrinking = shrink(case, 7)
    try:
        proposed = next(shrinking)
        for _ in range(5000):
            proposed = shrinking.send(proposed if fails(proposed) else None)
    except StopIteration as stopped:
        found: Case = stopped.value
        return found
    raise AssertionError("it goes on for ever")


def proposals(case: Case, kinds: Sequence[Kind] = ("crash",)) -> Iterator[Case]:
    """All that is tried with a case from which nothing can be taken."""
    shrinking = shrink(case, 7, kinds)
    try:
        proposed = next(shrinking)
        while True:
            yield proposed
            proposed = shrinking.send(None)
    except StopIteration:
        return


@given(case_of_numbers, st.data())
def test_shrinking_finds_exactly_what_is_needed(case: Case, data: st.DataObject) -> None:
    faults_needed = data.draw(st.sets(st.sampled_from(case.faults))) if case.faults else set()
    steps_needed = data.draw(st.sets(st.sampled_from(case.schedule))) if case.schedule else set()

    def fails(proposed: Case) -> bool:
        return faults_needed <= set(proposed.faults) and steps_needed <= set(proposed.schedule)

    found = smallest(case, fails)
    assert (found.seed, set(found.faults), set(found.schedule)) == (7, faults_needed, steps_needed)
    assert len(found.faults) == len(faults_needed)


CRASH = Fault("crash", "a", 3, "ack")


def test_three_faults_that_one_crash_replaces_become_one() -> None:
    lost = tuple(Fault("lost-ack", "a", nth) for nth in (3, 4, 5))

    def fails(proposed: Case) -> bool:
        return set(lost) <= set(proposed.faults) or CRASH in proposed.faults

    assert smallest(Case(7, lost), fails) == Case(7, (CRASH,))


def test_a_kind_that_was_not_asked_for_replaces_nothing() -> None:
    lost = tuple(Fault("lost-ack", "a", nth) for nth in (3, 4, 5))
    proposed = list(proposals(Case(7, lost), ["lost-ack", "drop"]))
    assert {fault.kind for case in proposed for fault in case.faults} == {"lost-ack"}


def test_a_fault_is_aimed_anew_when_another_one_goes() -> None:
    first, second = Fault("drop", "a", 1), Fault("crash", "b", 6)

    def fails(proposed: Case) -> bool:  # without the drop there is one tuple less before it
        moved = replace(second, nth=5)
        return {first, second} <= set(proposed.faults) or moved in proposed.faults

    assert smallest(Case(7, (first, second)), fails) == Case(7, (replace(second, nth=5),))


def test_what_is_unusual_about_a_fault_goes_if_it_can() -> None:
    def fails(proposed: Case) -> bool:
        return any(fault.kind == "delay" and fault.ms >= 1000 for fault in proposed.faults)

    late = Fault("delay", "a", 4, ms=121_000)
    assert smallest(Case(7, (late,)), fails) == Case(7, (Fault("delay", "a", 1, ms=2000),))


def test_what_was_varied_goes_if_it_can() -> None:
    needed, other = Change("workers", 1), Change("parallelism", 3, "a")

    def fails(proposed: Case) -> bool:
        return needed in proposed.changes

    found = smallest(Case(7, schedule=(Step("x", 0, 1, 2),), changes=(other, needed)), fails)
    assert found == Case(7, changes=(needed,))


def test_there_are_as_few_workers_as_it_takes() -> None:
    def fails(proposed: Case) -> bool:
        return any(change.value in (2, 3, 12) for change in proposed.changes)

    assert smallest(Case(7, changes=(Change("workers", 12),)), fails) == Case(
        7, changes=(Change("workers", 2),)
    )


@given(case_of_numbers)
def test_nothing_can_be_taken_from_the_smallest_case(case: Case) -> None:
    def fails(proposed: Case) -> bool:
        return sum(fault.nth for fault in proposed.faults) % 5 == 3

    if fails(case):
        found = smallest(case, fails)
        assert not any(fails(less) for less in proposals(found) if less != found)


def test_what_the_smallest_case_does_not_need_is_left_for_a_second_cause() -> None:
    drop, crash = Fault("drop", "a", 4), Fault("crash", "b", 2)
    both = Case("7/3", (drop, crash))
    assert rest_of(both, Case(7, (Fault("drop", "a", 1),))) == Case("7/3", (crash,))
    assert rest_of(Case("7/3", (drop,)), Case(7, (Fault("drop", "a", 1),))) is None
    assert (
        rest_of(both, Case(7)) is None
    )  # what needs no fault has no other cause that could be told


@given(case_of_numbers)
def test_shrinking_makes_numbers_small(case: Case) -> None:
    def fails(proposed: Case) -> bool:
        return len(proposed.faults) == len(case.faults) and all(
            fault.nth >= min(3, before.nth)
            for fault, before in zip(proposed.faults, case.faults, strict=True)
        )

    found = smallest(case, fails)
    assert [fault.nth for fault in found.faults] == [min(3, fault.nth) for fault in case.faults]
    assert found.schedule == ()

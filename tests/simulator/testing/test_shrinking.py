"""Shrinking, against tests that are a function of the case."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from simulator.engine import Step
from simulator.testing.cases import KINDS, Case, Fault
from simulator.testing.shrinking import shrink

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


@given(case_of_numbers, st.data())
def test_shrinking_finds_exactly_what_is_needed(case: Case, data: st.DataObject) -> None:
    faults_needed = data.draw(st.sets(st.sampled_from(case.faults))) if case.faults else set()
    steps_needed = data.draw(st.sets(st.sampled_from(case.schedule))) if case.schedule else set()

    def fails(proposed: Case) -> bool:
        return faults_needed <= set(proposed.faults) and steps_needed <= set(proposed.schedule)

    found = smallest(case, fails)
    assert (found.seed, set(found.faults), set(found.schedule)) == (7, faults_needed, steps_needed)
    assert len(found.faults) == len(faults_needed)


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

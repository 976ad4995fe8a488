"""Chains: the same fault again, at what the last one has brought about."""

from __future__ import annotations

from dataclasses import replace

from simulator.exploring.cases import Case, Fault
from simulator.exploring.chains import Chains
from tests.simulator.exploring.test_search import FAULT_FREE, outcome


def struck(kind: str, *nths: int) -> Case:
    return Case(0, tuple(Fault(kind, "store-bolt", nth) for nth in nths))  # type: ignore[arg-type]  # kinds


def drawn(chains: Chains) -> list[tuple[int, ...]]:
    found = []
    while (case := chains.draw()) is not None:
        found.append(tuple(fault.nth for fault in case.faults))
    return found


def test_a_chain_goes_on_at_the_attempt_that_the_last_fault_has_brought_about() -> None:
    chains = Chains(FAULT_FREE, ["drop"], 4)
    chains.learn(outcome(struck("drop", 3), 7, 1, 1, 30, 2, 2, 31, 30))
    chains.learn(outcome(struck("drop", 3, 7), 8, 1, 1, 30, 2, 2, 31, 30, 30))
    assert drawn(chains) == [(3, 7, 8), (3, 7)]


def test_a_chain_is_as_long_as_a_run_may_have_faults() -> None:
    chains = Chains(FAULT_FREE, ["drop"], 2)
    chains.learn(outcome(struck("drop", 3, 7), 8, 1, 1, 30, 2, 2, 31, 30, 30))
    assert drawn(chains) == []


def test_of_one_shape_only_the_first_run_goes_on() -> None:
    chains = Chains(FAULT_FREE, ["drop"], 4)
    for nth in (1, 2):
        chains.learn(outcome(struck("drop", nth), 6, 1, 1, 1, 2, 2, 30))
    assert drawn(chains) == [(1, 6)]


def test_faults_of_several_shapes_are_no_chain() -> None:
    chains = Chains(FAULT_FREE, ["drop", "fail"], 4)
    mixed = Case(0, (*struck("drop", 1).faults, *struck("fail", 2).faults))
    chains.learn(outcome(mixed, 6, 1, 1, 1, 2, 2, 30))
    assert drawn(chains) == []


def test_crashes_before_tuples_begin_at_each_task() -> None:
    (lives,) = FAULT_FREE.lives
    fault_free = replace(
        FAULT_FREE, lives=(replace(lives, tasks={"store-bolt": (4, 4, 5, 4, 5), "fed": (9,)}),)
    )
    chains = Chains(fault_free, ["crash"], 4)
    chains.learn(outcome(struck("crash", 2), 6, 1, 1, 1, 2, 2, 30))
    assert drawn(chains) == [(2,), (5,), (2, 6)]

"""Pairs that matter: which second faults strike what the first one has brought about."""

from __future__ import annotations

from simulator.engine import stream_of
from simulator.exploring.cases import Case, Fault
from simulator.exploring.pairs import Pairs
from tests.simulator.exploring.test_search import FAULT_FREE, outcome


def drop(nth: int) -> Fault:
    return Fault("drop", "store-bolt", nth)


def drawn(pairs: Pairs) -> list[tuple[int, ...]]:
    found = []
    rng = stream_of(0, "pairs")
    while (case := pairs.draw(rng)) is not None:
        found.append(tuple(fault.nth for fault in case.faults))
    return sorted(found)


def test_only_what_the_first_fault_has_brought_about_makes_a_pair() -> None:
    pairs = Pairs(FAULT_FREE, ["drop"])
    pairs.learn(outcome(Case(0, (drop(3),)), 7, 1, 1, 1, 2, 2, 30, 31))
    assert drawn(pairs) == [(3, 6), (3, 7)]


def test_second_faults_at_equal_places_make_one_pair() -> None:
    pairs = Pairs(FAULT_FREE, ["drop"])
    pairs.learn(outcome(Case(0, (drop(3),)), 8, 1, 1, 1, 2, 2, 30, 30, 30))
    assert (str(pairs.part), drawn(pairs)) == ("0 of 1", [(3, 6)])


def test_first_faults_of_one_class_make_the_same_pairs() -> None:
    pairs = Pairs(FAULT_FREE, ["drop"])
    for nth in (1, 2, 4):  # the roots of the first three go the same way
        pairs.learn(outcome(Case(0, (drop(nth),)), 6, 1, 1, 1, 2, 2, 30))
    assert (drawn(pairs), str(pairs.part)) == ([(1, 6), (4, 6)], "2 of 2")


def test_a_fault_that_brings_nothing_about_makes_no_pair() -> None:
    pairs = Pairs(FAULT_FREE, ["drop"])
    pairs.learn(outcome(Case(0, (drop(3),)), 5, 1, 1, 1, 2, 2))
    assert (str(pairs.part), drawn(pairs)) == ("0 of 0", [])

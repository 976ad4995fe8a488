"""Classes of equal faults, and the order in which they are tried."""

from __future__ import annotations

from simulator.exploring.cases import Fault
from simulator.exploring.classes import class_of, in_turn, so_far
from simulator.exploring.lives import Life, Lives, Place

A, B = Place(Life(1, 1), Life(9, 3)), Place(Life(2, 1), Life(8, 3))
LIVES = [Lives(frozenset(), {("bolt", "tuple"): (A, A, A, B, A, A)})]


def crash(nth: int) -> Fault:
    return Fault("crash", "bolt", nth)


def test_faults_at_the_same_place_of_equal_lives_are_of_one_class() -> None:
    assert class_of(crash(1), LIVES) == class_of(crash(2), LIVES)
    assert class_of(crash(1), LIVES) != class_of(crash(4), LIVES)
    assert class_of(crash(1), LIVES) != class_of(Fault("drop", "bolt", 1), LIVES)


def test_faults_behind_all_places_are_each_of_their_own_class() -> None:
    assert class_of(crash(7), LIVES) != class_of(crash(8), LIVES)


def test_a_fault_of_each_class_comes_before_a_second_one_and_middles_come_first() -> None:
    order = in_turn([crash(nth) for nth in range(1, 7)], LIVES)
    assert [fault.nth for fault in order] == [3, 4, 1, 6, 2, 5]


def test_no_fault_is_left_out_and_none_comes_twice() -> None:
    faults = [crash(nth) for nth in range(1, 50)]
    places = Lives(frozenset(), {("bolt", "tuple"): (A,) * 49})
    assert sorted(in_turn(faults, [places]), key=lambda fault: fault.nth) == faults


def test_every_way_that_has_come_so_far_is_known() -> None:
    assert so_far(LIVES) == {A.so_far, B.so_far}

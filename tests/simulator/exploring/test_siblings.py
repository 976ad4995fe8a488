"""Siblings: a crash between two tuples of one root at the same bolt."""

from __future__ import annotations

from dataclasses import replace

from simulator.exploring.cases import Fault
from simulator.exploring.lives import Life, Lives, Place
from simulator.exploring.siblings import between_siblings
from tests.simulator.exploring.test_search import FAULT_FREE


def test_one_tuple_is_late_and_the_bolt_crashes_behind_the_other() -> None:
    first, second = Place(Life(1, 1), Life(9, 4)), Place(Life(2, 2), Life(9, 4))
    lives = Lives(places={("store-bolt", "tuple"): (first, second), ("store-bolt", "ack"): ()})
    assert list(between_siblings(replace(FAULT_FREE, lives=(lives,)), ["crash", "delay"])) == [
        (Fault("delay", "store-bolt", 2, ms=20), Fault("crash", "store-bolt", 1, after="tuple")),
        (Fault("delay", "store-bolt", 1, ms=20), Fault("crash", "store-bolt", 1, after="tuple")),
    ]


def test_of_many_roots_a_few_are_taken() -> None:
    places = [Place(Life(part, 1), Life(9, 4)) for _ in range(10) for part in (1, 2)]
    lives = Lives(
        places={("store-bolt", "tuple"): tuple(places)}, tasks={"store-bolt": (4,) * 10 + (5,) * 10}
    )
    found = list(between_siblings(replace(FAULT_FREE, lives=(lives,)), ["crash", "delay"]))
    assert [late.nth for late, _ in found] == [
        6,
        16,
        2,
        12,
        10,
        20,
        4,
        14,
        5,
        15,
        1,
        11,
        9,
        19,
        3,
        13,
    ]


def test_a_bolt_that_gets_one_tuple_of_a_root_has_none() -> None:
    assert list(between_siblings(FAULT_FREE, ["crash", "delay"])) == []
    assert list(between_siblings(FAULT_FREE, ["crash"])) == []

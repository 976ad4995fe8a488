"""The state of ``random`` that is taken and given back is that of ``getstate``, by memory and without."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from simulator.transports import random_state


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    before = random.getstate()
    yield
    random.setstate(before)


def drawn() -> list[float]:
    return [random.random(), random.gauss(0, 1), random.random(), *random.sample(range(9), 3)]


@pytest.mark.parametrize("skipped", [0, 1, 623, 624, 625])
def test_a_state_that_is_given_back_goes_on_as_it_did(skipped: int) -> None:
    random.seed("x")
    for _ in range(skipped):
        random.getrandbits(32)
    state = random_state.take()
    expected, whole = drawn(), random.getstate()
    random.seed("y")
    random_state.give(state)
    assert (drawn(), random.getstate()) == (expected, whole)


def test_the_second_number_of_gauss_is_part_of_the_state() -> None:
    random.seed("x")
    random.gauss(0, 1)
    state = random_state.take()
    expected = random.gauss(0, 1)
    random.seed("y")
    random_state.give(state)
    assert random.gauss(0, 1) == expected


def test_a_seeded_state_is_that_of_seed_and_leaves_the_present_one_alone() -> None:
    random.seed("mine")
    mine = random.getstate()
    state = random_state.seeded("count-bolt/0")
    assert random.getstate() == mine
    random_state.give(state)
    found = random.getstate()
    random.seed("count-bolt/0")
    assert found == random.getstate()


def test_where_memory_cannot_be_copied_getstate_does_it(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = random.Random("x")
    monkeypatch.setattr(random_state, "_view", lambda generator: None)
    take, give = random_state._functions(generator)
    state = take()
    expected = [generator.random(), generator.gauss(0, 1)]
    generator.seed("y")
    give(state)
    assert [generator.random(), generator.gauss(0, 1)] == expected

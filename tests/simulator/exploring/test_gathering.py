"""A loop that gathers something over its runs is told from one that does not."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import pytest

from simulator.exploring.gathering import body_gathers, gathers

DATABASE: dict[int, int] = {}


def runs(answers: list[bool]) -> Iterator[int]:
    """Runs that look at their loop, as an exploration does."""
    frame = sys._getframe(1)
    answers.append(gathers(frame))
    yield 1
    yield 2


def clears_a_database(found: list[bool]) -> None:
    for number in runs(found):
        DATABASE.clear()
        DATABASE[number] = number
        assert len(DATABASE) == 1


def uses_constants_behind(found: list[bool]) -> None:
    rows, limit = ("a", "b"), 3
    for number in runs(found):
        assert number < limit, rows
    assert len(rows) < limit


def has_a_comprehension_in_its_body(found: list[bool]) -> None:
    for number in runs(found):
        assert [number for _ in range(3)] == [number] * 3


def appends(found: list[bool]) -> None:
    seen = []
    for number in runs(found):
        seen.append(number)
    assert seen == [1, 2]


SEEN: list[int] = []


def appends_to_a_global_variable(found: list[bool]) -> None:
    SEEN.clear()
    for number in runs(found):
        SEEN.append(number)
    assert SEEN == [1, 2]


def counts(found: list[bool]) -> None:
    many = 0
    for _ in runs(found):
        many += 1
    assert many == 2


def remembers_the_last(found: list[bool]) -> None:
    last = None
    for number in runs(found):
        last = number
    assert last == 2


def is_a_comprehension(found: list[bool]) -> None:
    assert [number * 2 for number in runs(found)] == [2, 4]


def is_a_list(found: list[bool]) -> None:
    assert list(runs(found)) == [1, 2]


def hands_on(found: list[bool]) -> None:
    def inner() -> Iterator[int]:
        for number in runs(found):  # noqa: UP028 (that would be no loop)
            yield number

    for _ in inner():
        pass


GATHER: list[Callable[[list[bool]], None]] = [
    appends, appends_to_a_global_variable, counts, remembers_the_last, is_a_comprehension, is_a_list, hands_on,
]  # fmt: skip
DO_NOT: list[Callable[[list[bool]], None]] = [
    clears_a_database, uses_constants_behind, has_a_comprehension_in_its_body,
]  # fmt: skip


@pytest.mark.parametrize("loop", [*GATHER, *DO_NOT], ids=lambda loop: loop.__name__)
def test_a_loop_gathers_what_the_code_behind_it_looks_at(loop: Any) -> None:
    found: list[bool] = []
    loop(found)
    assert found == [loop in GATHER]


def test_a_function_that_stores_outside_of_itself_gathers() -> None:
    many = 0

    def stores() -> bool:
        nonlocal many
        many += 1
        return look()

    def stores_nothing() -> bool:
        return look()

    def look() -> bool:
        return body_gathers(loop)

    loop: FrameType = sys._getframe()
    assert (stores(), stores_nothing(), many) == (True, False, 1)


@pytest.mark.parametrize("loop", [clears_a_database, appends], ids=lambda loop: loop.__name__)
def test_a_loop_that_has_run_often_is_read_as_at_first(loop: Callable[[list[bool]], None]) -> None:
    answers: list[bool] = []
    for _ in range(50):  # Python replaces instructions by faster ones meanwhile
        loop(answers)
    assert set(answers) == {loop is appends}

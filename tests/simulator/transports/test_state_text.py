"""The state of an attribute has another text when it has changed, and the same one when it has not."""

from __future__ import annotations

import array
import itertools
import random
import threading
from collections import Counter, UserDict, deque
from collections.abc import Callable, Iterator, MutableMapping
from typing import Any

import pytest

from simulator.transports.state_text import MOST_SHOWN, is_iterator, state_text


class Counts:
    def __init__(self) -> None:
        self.count = 0


def numbers() -> Iterator[int]:
    yield from (1, 2, 3)


def totals() -> Iterator[int]:
    total = 0
    while True:
        total += 1
        yield total


def counter() -> Callable[[], int]:
    count = 0

    def counts() -> int:
        nonlocal count
        count += 1
        return count

    return counts


def remembers(row: int, seen: list[int] = []) -> None:  # noqa: B006 (as users write it)
    seen.append(row)


def marked() -> None:
    """A function with an attribute."""


def adds(to: Counts) -> None:
    to.count += 1


CHANGES: dict[str, tuple[Callable[[], Any], Callable[[Any], object]]] = {
    "generator": (numbers, next),
    "generator that comes to the same line": (totals, next),
    "generator that ends": (numbers, list),
    "iterator of a list": (lambda: iter([1, 1, 1]), next),
    "iterator of a dict": (lambda: iter({1: 1, 2: 2}), next),
    "itertools.count": (itertools.count, next),
    "itertools.cycle": (lambda: itertools.cycle([1, 2]), next),
    "enumerate": (lambda: enumerate("aaa"), next),
    "map over a generator": (lambda: map(str, totals()), next),
    "variable that a function keeps": (counter, lambda found: found()),
    "list that is a default": (lambda: remembers, lambda found: found(1)),
    "attribute of a function": (lambda: marked, lambda found: setattr(found, "count", 1)),
    "object": (Counts, adds),
    "object in a dict": (lambda: {"a": Counts()}, lambda found: adds(found["a"])),
    "generator in a list": (lambda: [totals()], lambda found: next(found[0])),
    "deque": (deque, lambda found: found.append(1)),
    "Counter": (Counter, lambda found: found.update("a")),
    "mapping of a class": (UserDict, lambda found: found.update(a=1)),
    "random.Random": (lambda: random.Random(7), lambda found: found.random()),
    "array": (lambda: array.array("i", [1]), lambda found: found.append(2)),
    "dict that is long": (
        lambda: dict.fromkeys(range(MOST_SHOWN + 1)),
        lambda found: found.update(more=1),
    ),
}


class Table(MutableMapping[str, int]):
    """A table of a database: nobody but its owner reads it."""

    def __init__(self) -> None:
        self.reads = 0

    def __getitem__(self, key: str) -> int:
        raise OSError("no connection")

    __delitem__ = __getitem__  # type: ignore[assignment]

    def __setitem__(self, key: str, value: int) -> None:
        raise OSError("no connection")

    def __iter__(self) -> Iterator[str]:
        raise OSError("no connection")

    def __len__(self) -> int:
        raise OSError("no connection")


def test_of_a_mapping_of_the_users_the_attributes_are_looked_at_and_nothing_is_read() -> None:
    table = Table()
    before = state_text(table, is_mine)
    table.reads += 1
    assert before is not None
    assert before != state_text(table, is_mine)


def is_mine(value: object) -> bool:
    return type(value).__module__ == __name__


@pytest.mark.parametrize(("make", "change"), CHANGES.values(), ids=list(CHANGES))
def test_a_change_is_seen_and_a_look_changes_nothing(
    make: Callable[[], Any], change: Callable[[Any], object]
) -> None:
    value = make()
    before = state_text(value, is_mine)
    assert state_text(value, is_mine) == before
    change(value)
    assert before != state_text(value, is_mine)


def test_an_iterator_gives_after_a_look_what_it_would_have_given() -> None:
    made = [numbers(), iter([1, 2, 3]), itertools.islice(itertools.count(1), 3), iter({1, 2, 3})]
    for each in made:
        state_text(each, is_mine)
    assert [list(each) for each in made] == [[1, 2, 3]] * 4
    assert all(map(is_iterator, made))


def test_a_value_that_holds_itself_has_a_text() -> None:
    holder: list[object] = [Counts()]
    holder.append(holder)
    assert state_text(holder, is_mine) == f"list({__name__}.Counts(dict {{'count': 0}}), list)"


def test_nothing_is_told_of_what_keeps_nothing_or_cannot_be_looked_at() -> None:
    class Wrong:
        def __repr__(self) -> str:
            raise ValueError

    assert [state_text(each, is_mine) for each in (adds, [Wrong()])] == [None, None]
    assert state_text(threading.Lock(), is_mine) == "_thread.lock()"


def test_the_variables_that_a_class_takes_from_a_function_are_not_its_own() -> None:
    seen: list[int] = []

    class Looks:
        def process(self, row: int) -> None:
            seen.append(row)

    def looks(row: int) -> None:
        seen.append(row)

    before = [state_text(each, lambda _: False) for each in (Looks.process, looks)]
    seen.append(1)
    now = [state_text(each, lambda _: False) for each in (Looks.process, looks)]
    assert [one == other for one, other in zip(before, now, strict=True)] == [True, False]

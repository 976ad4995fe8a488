"""State that nobody calls so: a default argument, a variable of a function, a generator of a module."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from streamparse import Bolt, Tuple
from tests.planted import outside
from tests.planted.pair import Pair
from tests.planted.parts import ROWS, KeepsFirst
from tests.planted.starting import Sends


class SendsByDefault(Bolt):
    def process(self, tup: Tuple, sent: set[int] = set()) -> None:  # noqa: B006 (as users write it)
        number, word = tup.values
        if number not in sent:
            sent.add(number)
            outside.LEDGER.append(number)
        self.emit([number, word])


def numbers() -> Iterator[int]:
    """Numbers that no row has had."""
    yield from itertools.count()


NUMBERS = numbers()


class NumbersByTable(Bolt):
    """Gives each row the next number, once."""

    def process(self, tup: Tuple) -> None:
        given = outside.table("given")
        self.emit([given.setdefault(tup.values[0], len(given)), tup.values[0]])


class NumbersByGenerator(Bolt):
    def process(self, tup: Tuple) -> None:
        self.emit([next(NUMBERS), tup.values[0]])


def begin() -> None:
    """As in a new process."""
    global NUMBERS
    NUMBERS = numbers()
    defaults = SendsByDefault.process.__defaults__
    assert defaults is not None
    defaults[0].clear()


PAIRS = [
    Pair(
        name="default argument as memory",
        bug="A set that is the default of an argument says what is sent: each process has its own, and a restart "
        "empties it.",
        clj="store.clj",
        wrong={"store-bolt": SendsByDefault},
        right={"store-bolt": Sends},
        rows={"orders": ROWS},
        result=lambda topology: sorted(outside.LEDGER),
        expected=[0, 1, 2, 3, 4],
        begin=begin,
    ),
    Pair(
        name="generator of a module as a sequence",
        bug="A generator at the top of a module gives each row its key: each process has its own, and a restart "
        "begins it anew.",
        clj="chain.clj",
        wrong={"work-bolt": NumbersByGenerator, "store-bolt": KeepsFirst},
        right={"work-bolt": NumbersByTable, "store-bolt": KeepsFirst},
        rows={"orders": ROWS},
        result=lambda topology: dict.fromkeys(outside.stored(), True),
        expected=dict.fromkeys(range(5), True),
        begin=begin,
    ),
]

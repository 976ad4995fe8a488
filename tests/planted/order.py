"""The order in which tuples come: between streams, between paths, and between a row and its earlier version."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any

from streamparse import Bolt, Tuple
from tests.planted import outside
from tests.planted.pair import Pair
from tests.planted.parts import ROWS, STORED

RATES = [["dog", 10], ["cat", 20], ["emu", 30]]


class Prices(Bolt):
    """Prices orders by rates that come on another stream; an order that has no rate yet waits for it in a table."""

    def process(self, tup: Tuple) -> None:
        rates, orders = outside.table("rates"), outside.table("orders")
        if tup.component == "rates":
            word, rate = tup.values
            rates[word] = rate
            for number, its_word in orders.items():
                if its_word == word:
                    outside.table("stored")[number] = rate
        else:
            number, word = tup.values
            orders[number] = word
            if word in rates:
                outside.table("stored")[number] = rates[word]


class PricesByDefault(Prices):
    def process(self, tup: Tuple) -> None:
        rates = outside.table("rates")
        if tup.component == "rates":
            word, rate = tup.values
            rates[word] = rate
        else:
            number, word = tup.values
            outside.table("stored")[number] = rates.get(word, 1)


class SaysNew(Bolt):
    def process(self, tup: Tuple) -> None:
        self.emit([tup.values[0], 1])


class SaysDone(Bolt):
    def process(self, tup: Tuple) -> None:
        self.emit([tup.values[0], 2])


class KeepsHighest(Bolt):
    """Stores the state of a row, which never goes back."""

    def process(self, tup: Tuple) -> None:
        key, state = tup.values
        states = outside.table("stored")
        states[key] = self.chosen(states.get(key, 0), state)

    def chosen(self, before: int, now: int) -> int:
        return max(before, now)


class KeepsLast(KeepsHighest):
    def chosen(self, before: int, now: int) -> int:
        return now


class AddsFloats(Bolt):
    """Adds the numbers of all rows, exactly: in whatever order they came."""

    def process(self, tup: Tuple) -> None:
        key, number = tup.values
        numbers = outside.table("numbers")
        numbers.setdefault(key, number)
        outside.table("stored")["sum"] = self.total(numbers.values())

    def total(self, numbers: Collection[float]) -> float:
        return math.fsum(numbers)


class AddsAsTheyCome(AddsFloats):
    def total(self, numbers: Collection[float]) -> float:
        return sum(numbers, 0.0)


class Versions(Bolt):
    """Keeps the highest version of each word."""

    def process(self, tup: Tuple) -> None:
        version, word = tup.values
        versions = outside.table("stored")
        if self.is_newer(version, versions.get(word, -1)):
            versions[word] = version
        self.emit([version, word])

    def is_newer(self, version: int, before: int) -> bool:
        return version > before


class LastVersions(Versions):
    def is_newer(self, version: int, before: int) -> bool:
        return version != before


class Live(Bolt):
    """Keeps which words there are: ``+dog`` brings one, ``-dog`` takes it away. The latest counts, as numbered."""

    def process(self, tup: Tuple) -> None:
        number, text = tup.values
        sign, word = text[0], text[1:]
        latest = outside.table("latest")
        before, _ = latest.get(word, (-1, ""))
        if number > before:
            self.put(latest, word, (number, sign))
        self.emit([number, text])

    def put(self, latest: dict[str, Any], word: str, entry: tuple[int, str]) -> None:
        latest[word] = entry


class DeletesEntries(Live):
    def put(self, latest: dict[str, Any], word: str, entry: tuple[int, str]) -> None:
        if entry[1] == "-":
            latest.pop(word, None)
        else:
            latest[word] = entry


def live() -> list[str]:
    return sorted(word for word, (_, sign) in outside.table("latest").items() if sign == "+")


class StoresNew(Bolt):
    """Stores rows that are not stored yet."""

    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        if self.is_new(number, word):
            outside.table("stored")[number] = word
        self.emit([number, word])

    def is_new(self, number: int, word: str) -> bool:
        stored = outside.table("stored")
        return number not in stored


class StoresHigher(StoresNew):
    def is_new(self, number: int, word: str) -> bool:
        highest = outside.table("highest")
        before: int = highest.get(word, -1)
        highest[word] = max(before, number)
        return number > before


PAIRS = [
    Pair(
        name="settings come before data",
        bug="An order whose rate has not come yet is priced at a rate of 1: right while the rates are faster.",
        clj="rates.clj",
        wrong={"price-bolt": PricesByDefault},
        right={"price-bolt": Prices},
        rows={"rates": RATES, "orders": ROWS},
        result=lambda topology: outside.stored(),
        expected={0: 10, 1: 20, 2: 10, 3: 30, 4: 10},
    ),
    Pair(
        name="last write wins over two paths",
        bug="A row is stored as new on one path and as done on a longer one: the one that comes last stays.",
        clj="paths.clj",
        wrong={"fast-bolt": SaysNew, "slow-bolt": SaysDone, "store-bolt": KeepsLast},
        right={"fast-bolt": SaysNew, "slow-bolt": SaysDone, "store-bolt": KeepsHighest},
        rows={"orders": ROWS},
        result=lambda topology: outside.stored(),
        expected={0: 2, 1: 2, 2: 2, 3: 2, 4: 2},
    ),
    Pair(
        name="floats added as they come",
        bug="Floats are added in the order in which they came: another order has another sum.",
        clj="store.clj",
        wrong={"store-bolt": AddsAsTheyCome},
        right={"store-bolt": AddsFloats},
        rows={"orders": [[0, 1e16], [1, -1e16], [2, 1.0], [3, 1.0]]},
        result=lambda topology: outside.stored(),
        expected={"sum": 2.0},
    ),
    Pair(
        name="older version overwrites a newer one",
        bug="Every version of a word that comes is stored: an older one that comes again stays.",
        clj="store.clj",
        wrong={"store-bolt": LastVersions},
        right={"store-bolt": Versions},
        rows={"orders": ROWS},
        result=lambda topology: outside.stored(),
        expected={"dog": 4, "cat": 1, "emu": 3},
    ),
    Pair(
        name="deleted entry comes back",
        bug="A word that is taken away is deleted with its number: when it is brought again by a replay, it stays.",
        clj="store.clj",
        wrong={"store-bolt": DeletesEntries},
        right={"store-bolt": Live},
        rows={"orders": [[0, "+dog"], [1, "+cat"], [2, "-dog"], [3, "+emu"]]},
        result=lambda topology: live(),
        expected=["cat", "emu"],
    ),
    Pair(
        name="below the highest number",
        bug="A row counts as a replay when its number is not above the highest: one that is late is left out.",
        clj="store.clj",
        wrong={"store-bolt": StoresHigher},
        right={"store-bolt": StoresNew},
        rows={"orders": ROWS},
        result=lambda topology: outside.stored(),
        expected=STORED,
    ),
]

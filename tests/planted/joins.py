"""Joins, windows and reports: what belongs together comes at different times, and comes again."""

from __future__ import annotations

from typing import Any

from streamparse import Bolt, Tuple
from tests.planted import outside
from tests.planted.pair import Pair
from tests.planted.parts import EVERY_SECOND, ROWS, Conf, Holds, KeepsFirst, joined

ITEMS = [[10, "tea"], [11, "milk"], [12, "rice"]]
SUMS = [[10, 3], [11, 1], [12, 2]]
JOINED = {10: "tea 3", 11: "milk 1", 12: "rice 2"}


class Joins(Bolt):
    """Emits an order with its payment when both are there; what came first waits in a table."""

    def initialize(self, conf: Conf, context: Conf) -> None:
        self.sides: dict[int, dict[str, Any]] = outside.table("sides")

    def process(self, tup: Tuple) -> None:
        number, value = tup.values
        sides = self.sides.setdefault(number, {})
        sides[tup.component] = value
        if len(sides) == 2:
            self.emit([number, joined([sides["orders"], sides["payments"]])])


class JoinsInMemory(Joins):
    def initialize(self, conf: Conf, context: Conf) -> None:
        self.sides = {}


class JoinsWhatItHolds(Bolt):
    """Acks an order and its payment together, when both are there."""

    auto_ack = False

    def initialize(self, conf: Conf, context: Conf) -> None:
        self.held: dict[int, dict[str, Tuple]] = {}

    def process(self, tup: Tuple) -> None:
        number = tup.values[0]
        held = self.held.setdefault(number, {})
        held[tup.component] = tup
        if len(held) == 2:
            order, payment = held["orders"], held["payments"]
            whole = joined([order.values[1], payment.values[1]])
            self.emit([number, whole], anchors=[order, payment])
            self.ack(order)
            self.ack(payment)
            del self.held[number]


class Reports(Holds):
    """Adds the rows of a second to those that are reported already."""

    def flush(self) -> None:
        reported = outside.table("stored")
        for word, numbers in self.gathered().items():
            self.report(reported, word, numbers)
        self.ack_held()

    def gathered(self) -> dict[str, set[int]]:
        found: dict[str, set[int]] = {}
        for tup in self.held:
            number, word = tup.values
            found.setdefault(word, set()).add(number)
        return found

    def report(self, reported: dict[str, set[int]], word: str, numbers: set[int]) -> None:
        reported[word] = reported.get(word, set()) | numbers


class Overwrites(Reports):
    def report(self, reported: dict[str, set[int]], word: str, numbers: set[int]) -> None:
        reported[word] = numbers


class Minutes(Bolt):
    """Puts a row into the window of the minute that the row has in it."""

    def process(self, tup: Tuple) -> None:
        number, minute = tup.values
        self.put(minute, number)

    def put(self, minute: int, number: int) -> None:
        outside.table("stored").setdefault(minute, set()).add(number)


class MinutesOfArrival(Minutes):
    def initialize(self, conf: Conf, context: Conf) -> None:
        self.minute = 0

    def process(self, tup: Tuple) -> None:
        self.put(self.minute, tup.values[0])

    def process_tick(self, tup: Tuple) -> None:
        self.minute += 1


class Assembles(Bolt):
    """Emits a document when all its parts are there."""

    def process(self, tup: Tuple) -> None:
        document, part, of = tup.values
        there = outside.table("parts").setdefault(document, [])
        there.append(part)
        if self.is_whole(there, of):
            self.emit([document, joined(sorted(set(there)))])

    def is_whole(self, there: list[int], of: int) -> bool:
        return len(set(there)) == of


class CountsArrivals(Assembles):
    def is_whole(self, there: list[int], of: int) -> bool:
        return len(there) == of


class Sums(Holds):
    """At a tick, emits the rows of each word since the last tick."""

    def flush(self) -> None:
        found: dict[str, list[Tuple]] = {}
        for tup in self.held:
            found.setdefault(tup.values[1], []).append(tup)
        for word, tups in found.items():
            self.emit([word, joined(sorted({tup.values[0] for tup in tups}))], anchors=tups)
        self.ack_held()


class Totals(Holds):
    """At a tick, adds what has come to the totals."""

    def flush(self) -> None:
        found: dict[str, set[int]] = {}
        for tup in self.held:
            word, numbers = tup.values
            found.setdefault(word, set()).update(map(int, numbers.split()))
        for word, those in found.items():
            self.publish(outside.table("stored"), word, those)
        self.ack_held()

    def publish(self, totals: dict[str, set[int]], word: str, numbers: set[int]) -> None:
        totals.setdefault(word, set()).update(numbers)


class PublishesOnce(Totals):
    def publish(self, totals: dict[str, set[int]], word: str, numbers: set[int]) -> None:
        totals.setdefault(word, numbers)


EVERY_TEN_SECONDS = {"topology.tick.tuple.freq.secs": 10}
NUMBERS = {"dog": {0, 2, 4}, "cat": {1}, "emu": {3}}

PAIRS = [
    Pair(
        name="first side of a join in memory",
        bug="The side of a join that comes first is acked and waits in memory: a restart loses it.",
        clj="join.clj",
        wrong={"join-bolt": JoinsInMemory},
        right={"join-bolt": Joins},
        rows={"orders": ITEMS, "payments": SUMS},
        result=lambda topology: outside.stored(),
        expected=JOINED,
    ),
    Pair(
        name="join waits for a side that was acked",
        bug="A join acks both sides together: a side that comes again alone waits for ever for the other.",
        clj="join.clj",
        wrong={"join-bolt": JoinsWhatItHolds},
        right={"join-bolt": Joins},
        rows={"orders": ITEMS, "payments": SUMS},
        result=lambda topology: outside.stored(),
        expected=JOINED,
    ),
    Pair(
        name="late tuple overwrites a window",
        bug="A tick closes a window and stores it: a row that comes after it stores a window of one row in its place.",
        clj="store.clj",
        wrong={"store-bolt": Overwrites},
        right={"store-bolt": Reports},
        component_conf={"store-bolt": EVERY_SECOND},
        rows={"orders": ROWS},
        result=lambda topology: outside.stored(),
        expected=NUMBERS,
    ),
    Pair(
        name="window by time of arrival",
        bug="A row goes into the window of the minute in which it arrives: when it comes again, into another one.",
        clj="store.clj",
        wrong={"store-bolt": MinutesOfArrival},
        right={"store-bolt": Minutes},
        component_conf={"store-bolt": {"topology.tick.tuple.freq.secs": 60}},
        rows={"orders": [[n, 0] for n in range(4)]},
        result=lambda topology: outside.stored(),
        expected={0: {0, 1, 2, 3}},
    ),
    Pair(
        name="arrivals are counted, not parts",
        bug="A document is whole when so many parts have arrived: one part that came twice stands in for another.",
        clj="parts.clj",
        wrong={"work-bolt": CountsArrivals, "store-bolt": KeepsFirst},
        right={"work-bolt": Assembles, "store-bolt": KeepsFirst},
        rows={"orders": [["a", 0, 3], ["b", 0, 2], ["a", 1, 3], ["a", 2, 3], ["b", 1, 2]]},
        result=lambda topology: outside.stored(),
        expected={"a": "0 1 2", "b": "0 1"},
    ),
    Pair(
        name="two ticking bolts out of step",
        bug="A bolt publishes at its first tick and never again: right only while all tasks before it tick together.",
        clj="totals.clj",
        wrong={"work-bolt": Sums, "store-bolt": PublishesOnce},
        right={"work-bolt": Sums, "store-bolt": Totals},
        component_conf={"work-bolt": EVERY_TEN_SECONDS, "store-bolt": EVERY_TEN_SECONDS},
        rows={"orders": ROWS},
        result=lambda topology: outside.stored(),
        expected=NUMBERS,
    ),
]

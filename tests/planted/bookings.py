"""Bookings: what a row is known by, and what a total is made of."""

from __future__ import annotations

from streamparse import BatchingBolt, Bolt, Tuple
from tests.planted import outside
from tests.planted.pair import Pair
from tests.planted.parts import EVERY_SECOND, ROWS, Conf


class Books(Bolt):
    """Books each row once, under its number."""

    def key(self, tup: Tuple) -> object:
        return tup.values[0]

    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        booked = outside.table("booked")
        if self.key(tup) not in booked:
            booked[self.key(tup)] = True
            outside.LEDGER.append(number)
        self.emit([number, word])


class BooksByTupleId(Books):
    def key(self, tup: Tuple) -> object:
        return tup.id


class BooksBatches(BatchingBolt):
    """Books the rows of a batch, and notes of each that it is."""

    ticks_between_batches = 0

    def process_batch(self, key: None, tups: list[Tuple]) -> None:
        booked = outside.table("booked")
        for tup in tups:
            number, word = tup.values
            if number not in booked:
                outside.LEDGER.append(number)
                booked[number] = True
            self.emit([number, word], anchors=[tup])


class NotesWholeBatches(BooksBatches):
    def process_batch(self, key: None, tups: list[Tuple]) -> None:
        booked = outside.table("booked")
        for tup in tups:
            number, word = tup.values
            if number not in booked:
                outside.LEDGER.append(number)
            self.emit([number, word], anchors=[tup])
        booked.update({tup.values[0]: True for tup in tups})


class Totals(Bolt):
    """Tells how many rows of a word there are, each time there is one more."""

    def initialize(self, conf: Conf, context: Conf) -> None:
        self.rows = outside.table("rows")

    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        rows = self.rows.setdefault(word, set())
        rows.add(number)
        self.emit([word, len(rows)])


class Differences(Totals):
    """Tells by how much it has become more since the last time, by what it remembers."""

    def initialize(self, conf: Conf, context: Conf) -> None:
        super().initialize(conf, context)
        self.told: dict[str, int] = {}

    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        rows = self.rows.setdefault(word, set())
        rows.add(number)
        self.emit([word, len(rows) - self.told.get(word, 0)])
        self.told[word] = len(rows)


class KeepsLargest(Bolt):
    """Stores the largest total of a word: they may come in any order."""

    def process(self, tup: Tuple) -> None:
        word, total = tup.values
        stored = outside.table("stored")
        stored[word] = max(total, stored.get(word, 0))


class Adds(Bolt):
    """Adds a difference to the total of a word."""

    def process(self, tup: Tuple) -> None:
        word, difference = tup.values
        stored = outside.table("stored")
        stored[word] = stored.get(word, 0) + difference


class CountsBatches(BatchingBolt):
    """Stores the numbers of the rows of a word, batch by batch."""

    ticks_between_batches = 0

    def group_key(self, tup: Tuple) -> str:
        word: str = tup.values[1]
        return word

    def process_batch(self, key: str, tups: list[Tuple]) -> None:
        rows = outside.table("rows").setdefault(key, set())
        rows.update(tup.values[0] for tup in tups)
        outside.table("stored")[key] = len(rows)


class CountsTheLastBatch(CountsBatches):
    def process_batch(self, key: str, tups: list[Tuple]) -> None:
        outside.table("stored")[key] = len({tup.values[0] for tup in tups})


PAIRS = [
    Pair(
        name="tuple id as the key of a booking",
        bug="A row is known by the id of its tuple, which is another one when it comes again: it is booked twice.",
        clj="store.clj",
        wrong={"store-bolt": BooksByTupleId},
        right={"store-bolt": Books},
        rows={"orders": ROWS},
        result=lambda topology: sorted(outside.LEDGER),
        expected=[0, 1, 2, 3, 4],
    ),
    Pair(
        name="noted at the end of a batch",
        bug="The rows of a batch are booked one by one, and noted at its end: after a crash in the middle those before "
        "it are booked twice.",
        clj="store.clj",
        wrong={"store-bolt": NotesWholeBatches},
        right={"store-bolt": BooksBatches},
        component_conf={"store-bolt": EVERY_SECOND},
        rows={"orders": ROWS},
        result=lambda topology: sorted(outside.LEDGER),
        expected=[0, 1, 2, 3, 4],
    ),
    Pair(
        name="differences to what is in memory",
        bug="A bolt tells by how much a total has grown, by what it remembers of it: after a restart it "
        "tells the whole total, which the next bolt adds.",
        clj="chain.clj",
        wrong={"work-bolt": Differences, "store-bolt": Adds},
        right={"work-bolt": Totals, "store-bolt": KeepsLargest},
        rows={"orders": ROWS},
        result=lambda topology: outside.stored(),
        expected={"dog": 3, "cat": 1, "emu": 1},
    ),
    Pair(
        name="total of the last batch",
        bug="The rows of a word in a batch are counted, and the count is stored: right while they come in one batch.",
        clj="store.clj",
        wrong={"store-bolt": CountsTheLastBatch},
        right={"store-bolt": CountsBatches},
        component_conf={"store-bolt": EVERY_SECOND},
        rows={"orders": ROWS},
        result=lambda topology: outside.stored(),
        expected={"dog": 3, "cat": 1, "emu": 1},
    ),
]

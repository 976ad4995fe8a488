"""Batches that are flushed at a tick, or when they are full."""

from __future__ import annotations

from streamparse import BatchingBolt, Tuple
from tests.planted import outside
from tests.planted.pair import Pair
from tests.planted.parts import EVERY_SECOND, ROWS, STORED, Holds, nothing_failed


class AcksOnArrival(Holds):
    auto_ack = True

    def process_tick(self, tup: Tuple) -> None:
        for held in self.held:
            key, value = held.values
            outside.table("stored")[key] = value
        self.held = []


class AcksThenFlushes(Holds):
    def flush(self) -> None:
        rows = {held.values[0]: held.values[1] for held in self.held}
        self.ack_held()
        outside.table("stored").update(rows)


class Inserts(Holds):
    """Inserts two rows at a time, and the rest at a tick; a row that is there already stays as it is."""

    def process(self, tup: Tuple) -> None:
        super().process(tup)
        if len(self.held) == 2:
            self.flush()

    def flush(self) -> None:
        for held in self.held:
            self.insert([held])
        self.ack_held()

    def insert(self, held: list[Tuple]) -> None:
        try:
            outside.insert_all([(tup.values[0], tup.values[1]) for tup in held])
        except outside.ConflictError as error:
            self.log(f"not inserted: {error}", "warn")


class InsertsTogether(Inserts):
    def flush(self) -> None:
        self.insert(self.held)
        self.ack_held()


class Averages(Holds):
    """Stores the rows, and tells how long their words are on average."""

    def flush(self) -> None:
        lengths = [len(held.values[1]) for held in self.held]
        if lengths:
            self.log(f"{sum(lengths) / len(lengths)} letters")
        super().flush()


class AveragesNothing(Averages):
    def flush(self) -> None:
        lengths = [len(held.values[1]) for held in self.held]
        self.log(f"{sum(lengths) / len(lengths)} letters")
        Holds.flush(self)


class SkipsBadRows(BatchingBolt):
    """Stores the rows of a batch but for those without a word."""

    ticks_between_batches = 0

    def process_batch(self, key: None, tups: list[Tuple]) -> None:
        for tup in tups:
            number, word = tup.values
            if not word:
                continue
            outside.table("stored")[number] = word


class StopsAtABadRow(SkipsBadRows):
    def process_batch(self, key: None, tups: list[Tuple]) -> None:
        for tup in tups:
            number, word = tup.values
            if not word:
                return
            outside.table("stored")[number] = word


class FlushesInThrees(Holds):
    """Stores three rows at a time, and the rest at a tick."""

    def process(self, tup: Tuple) -> None:
        super().process(tup)
        if len(self.held) == 3:
            self.flush()


class NeverFlushesTheRest(FlushesInThrees):
    def process_tick(self, tup: Tuple) -> None:
        self.ack(tup)


PAIRS = [
    Pair(
        name="acked on arrival, stored at a tick",
        bug="Tuples are acked as they come and wait in memory for the tick that stores them: a crash loses them.",
        clj="store.clj",
        wrong={"store-bolt": AcksOnArrival},
        right={"store-bolt": Holds},
        after_seconds=2,
        component_conf={"store-bolt": EVERY_SECOND},
        rows={"orders": ROWS},
        result=lambda topology: outside.stored(),
        expected=STORED,
    ),
    Pair(
        name="acked before it is flushed",
        bug="At a tick a batch is first acked and then stored: a crash between the two loses what was acked.",
        clj="store.clj",
        wrong={"store-bolt": AcksThenFlushes},
        right={"store-bolt": Holds},
        component_conf={"store-bolt": EVERY_SECOND},
        rows={"orders": ROWS},
        result=lambda topology: outside.stored(),
        expected=STORED,
    ),
    Pair(
        name="batch that swallows an exception",
        bug="A batch with one row that is there already is refused as a whole; this is logged, and the batch acked.",
        clj="single.clj",
        wrong={"store-bolt": InsertsTogether},
        right={"store-bolt": Inserts},
        component_conf={"store-bolt": EVERY_SECOND},
        rows={"orders": ROWS},
        result=lambda topology: outside.stored(),
        expected=STORED,
    ),
    Pair(
        name="average of an empty batch",
        bug="A tick that finds no rows divides by zero, and the worker dies.",
        clj="single.clj",
        wrong={"store-bolt": AveragesNothing},
        right={"store-bolt": Averages},
        component_conf={"store-bolt": EVERY_SECOND},
        rows={"orders": ROWS},
        result=lambda topology: outside.stored(),
        expected=STORED,
    ),
    Pair(
        name="batch stops at a bad row",
        bug="A row without a word ends the loop over its batch: the rows behind it are acked and not stored.",
        clj="two-spouts.clj",
        wrong={"store-bolt": StopsAtABadRow},
        right={"store-bolt": SkipsBadRows},
        component_conf={"store-bolt": EVERY_SECOND},
        rows={"orders": [*ROWS, [5, ""]]},
        result=lambda topology: outside.stored(),
        expected=STORED,
    ),
    Pair(
        name="rest of a batch is never flushed",
        bug="A batch is stored when its third row comes: the last rows wait for ever.",
        clj="store.clj",
        wrong={"store-bolt": NeverFlushesTheRest},
        right={"store-bolt": FlushesInThrees},
        component_conf={"store-bolt": EVERY_SECOND},
        rows={"orders": ROWS},
        result=lambda topology: outside.stored(),
        expected=STORED,
        holds=nothing_failed,
        faults=(),
    ),
]

"""Timeouts, batch intervals, pending limits, and work that never ends."""

from __future__ import annotations

from streamparse import BatchingBolt, Bolt, Tuple
from tests.planted import outside
from tests.planted.batches import FlushesInThrees
from tests.planted.pair import Pair
from tests.planted.parts import EVERY_SECOND, ROWS, STORED, Holds, Reads, Stores, nothing_failed


class StoresBatches(BatchingBolt):
    """Stores a batch at every second tick."""

    def process_batch(self, key: None, tups: list[Tuple]) -> None:
        for tup in tups:
            number, word = tup.values
            outside.table("stored")[number] = word


class FlushesInFives(Holds):
    """Stores five rows at a time, and has no ticks."""

    def process(self, tup: Tuple) -> None:
        super().process(tup)
        if len(self.held) == 5:
            self.flush()

    def process_tick(self, tup: Tuple) -> None:
        self.ack(tup)


class PutsAside(Bolt):
    """Stores a row; one that has no word goes aside, for a human."""

    auto_ack = False

    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        if word:
            outside.table("stored")[number] = word
        else:
            self.refuse(tup)
            return
        self.ack(tup)

    def refuse(self, tup: Tuple) -> None:
        outside.table("aside")[tup.values[0]] = tup.values[1]
        self.ack(tup)


class FailsForEver(PutsAside):
    def refuse(self, tup: Tuple) -> None:
        self.fail(tup)


def seconds(number: int) -> dict[str, dict[str, object]]:
    return {"store-bolt": {"topology.tick.tuple.freq.secs": number}}


TIMEOUT = "topology.message.timeout.secs"
PAIRS = [
    Pair(
        name="timeout shorter than the batch interval",
        bug="Batches are stored after twelve seconds, and tuples time out after five to ten: all of them come again.",
        clj="store.clj",
        right={"store-bolt": StoresBatches},
        conf={TIMEOUT: 60},
        wrong_conf={TIMEOUT: 5},
        component_conf=seconds(6),
        rows={"orders": ROWS},
        result=lambda topology: outside.stored(),
        expected=STORED,
        holds=nothing_failed,
        faults=(),
    ),
    Pair(
        name="batch in time only when ticks begin at once",
        bug="Batches are stored after 50 s and up to 75 s, by when the ticks begin; tuples time out after 60 s.",
        clj="store.clj",
        right={"store-bolt": StoresBatches},
        conf={TIMEOUT: 200},
        wrong_conf={TIMEOUT: 30},
        component_conf=seconds(25),
        rows={"orders": ROWS},
        result=lambda topology: outside.stored(),
        expected=STORED,
        holds=nothing_failed,
        faults=(),
    ),
    Pair(
        name="batch larger than max pending",
        bug="A batch is stored when five rows are there, and the spout may have four pending: nothing moves.",
        clj="single.clj",
        wrong={"store-bolt": FlushesInFives},
        right={"store-bolt": FlushesInThrees},
        conf={"topology.max.spout.pending": 4},
        component_conf={"store-bolt": EVERY_SECOND},
        rows={"orders": ROWS},
        result=lambda topology: outside.stored(),
        expected=STORED,
        holds=nothing_failed,
        faults=(),
    ),
    Pair(
        name="poison message retried for ever",
        bug="A row that no attempt can store is failed each time, and the spout emits it again each time.",
        clj="store.clj",
        wrong={"orders": Reads, "store-bolt": FailsForEver},
        right={"orders": Reads, "store-bolt": PutsAside},
        topic=[*ROWS, [5, ""]],
        result=lambda topology: (outside.stored(), outside.table("aside")),
        expected=(STORED, {5: ""}),
    ),
    Pair(
        name="slow bolt and its timeout",
        bug="A tuple takes six seconds of work and times out after ten to twenty: those in the queue time out.",
        clj="single.clj",
        right={"store-bolt": Stores},
        conf={TIMEOUT: 10, "topology.max.spout.pending": 1},
        wrong_conf={"topology.max.spout.pending": 5},
        work={"store-bolt": "6s"},
        rows={"orders": ROWS},
        result=lambda topology: outside.stored(),
        expected=STORED,
        holds=nothing_failed,
        faults=(),
    ),
]

"""Acks, fails and anchors: when a tuple is settled, by what, and what hangs on it."""

from __future__ import annotations

from streamparse import BatchingBolt, Bolt, Tuple
from tests.planted import outside
from tests.planted.pair import Pair
from tests.planted.parts import EVERY_SECOND, ROWS, STORED, Holds, joined


class StoresThenAcks(Bolt):
    auto_ack = False

    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        outside.table("stored")[number] = word
        self.emit([number, word])
        self.ack(tup)


class AcksThenStores(StoresThenAcks):
    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        self.emit([number, word])
        self.ack(tup)
        outside.table("stored")[number] = word


class Locks(Bolt):
    """Stores a row under a lock; one that a dead process has left is broken, and the row comes again."""

    auto_ack = False

    def process(self, tup: Tuple) -> None:
        try:
            outside.lock_or_break(tup.values[0])
        except outside.LockedError:
            self.fail(tup)
            return
        self.store(tup)

    def store(self, tup: Tuple) -> None:
        number, word = tup.values
        self.emit([number, word])
        outside.table("stored")[number] = word
        outside.unlock(number)
        self.ack(tup)


class FailsAndGoesOn(Locks):
    def process(self, tup: Tuple) -> None:
        try:
            outside.lock_or_break(tup.values[0])
        except outside.LockedError:
            self.fail(tup)
        self.store(tup)


class SwallowsTheLock(Locks):
    def process(self, tup: Tuple) -> None:
        try:
            outside.lock_or_break(tup.values[0])
        except outside.LockedError as error:
            self.log(f"no mail: {error}", "warn")
            self.ack(tup)
            return
        self.store(tup)


class TwoWords(Bolt):
    """Emits a row twice: as it is, and for the index."""

    auto_ack = False

    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        self.emit([number, word])
        self.emit([f"index {number}", word])
        self.ack(tup)


class AcksBetween(TwoWords):
    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        self.emit([number, word])
        self.ack(tup)
        self.emit([f"index {number}", word], anchors=[])


class Forwards(Holds):
    """Holds its tuples and emits each at a tick, anchored to the one it came in."""

    def flush(self) -> None:
        for tup in self.held:
            self.emit(list(tup.values), anchors=[tup])
        self.ack_held()


class AnchorsToTheTick(Forwards):
    def flush(self) -> None:
        for tup in self.held:
            self.emit(list(tup.values))
        self.ack_held()


class Lists(BatchingBolt):
    """Emits the rows of a word as one list, anchored to all of them."""

    ticks_between_batches = 0

    def group_key(self, tup: Tuple) -> str:
        word: str = tup.values[1]
        return word

    def process_batch(self, key: str, tups: list[Tuple]) -> None:
        self.emit([key, joined(tup.values[0] for tup in tups)])


class AnchorsToTheLast(Lists):
    def process_batch(self, key: str, tups: list[Tuple]) -> None:
        self.emit([key, joined(tup.values[0] for tup in tups)], anchors=[tups[-1]])


class StoresAll(Bolt):
    def process(self, tup: Tuple) -> None:
        word, numbers = tup.values
        for number in numbers.split():
            outside.table("stored")[int(number)] = word


class LeavesOut(Bolt):
    """Leaves a row without a word out, and acks it."""

    auto_ack = False

    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        if word:
            outside.table("stored")[number] = word
        self.ack(tup)


class ReturnsEarly(LeavesOut):
    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        if not word:
            return
        outside.table("stored")[number] = word
        self.ack(tup)


PAIRS = [
    Pair(
        name="acked before it is stored",
        bug="A tuple is acked, and then stored: a crash between the two loses it.",
        clj="store.clj",
        wrong={"store-bolt": AcksThenStores},
        right={"store-bolt": StoresThenAcks},
        rows={"orders": ROWS},
        result=lambda topology: outside.stored(),
        expected=STORED,
    ),
    Pair(
        name="failed, and acked as well",
        bug="On a rare path a `return` is missing after the fail: the tuple is acked as well, which kills the worker.",
        clj="store.clj",
        wrong={"store-bolt": FailsAndGoesOn},
        right={"store-bolt": Locks},
        rows={"orders": ROWS},
        result=lambda topology: outside.stored(),
        expected=STORED,
    ),
    Pair(
        name="one branch swallows its failure",
        bug="One of two branches catches an exception, logs it, and acks: for this branch the row is lost.",
        clj="fan.clj",
        wrong={"mail-bolt": SwallowsTheLock},
        right={"mail-bolt": Locks},
        rows={"orders": ROWS},
        result=lambda topology: outside.stored(),
        expected=STORED,
    ),
    Pair(
        name="emitted after the ack",
        bug="The second of two emits comes after the ack, and so without an anchor: a crash or a loss there is final.",
        clj="chain.clj",
        wrong={"work-bolt": AcksBetween},
        right={"work-bolt": TwoWords},
        rows={"orders": ROWS},
        result=lambda topology: len(outside.stored()),
        expected=10,
    ),
    Pair(
        name="anchored to the tick",
        bug="What is emitted at a tick is anchored to the tick: where it is lost, nothing comes again.",
        clj="chain.clj",
        wrong={"work-bolt": AnchorsToTheTick},
        right={"work-bolt": Forwards},
        component_conf={"work-bolt": EVERY_SECOND},
        rows={"orders": ROWS},
        result=lambda topology: outside.stored(),
        expected=STORED,
    ),
    Pair(
        name="anchored to the last of a batch",
        bug="The result of a batch is anchored to its last tuple: where it is lost, only that one comes again.",
        clj="chain.clj",
        wrong={"work-bolt": AnchorsToTheLast, "store-bolt": StoresAll},
        right={"work-bolt": Lists, "store-bolt": StoresAll},
        component_conf={"work-bolt": EVERY_SECOND},
        rows={"orders": ROWS},
        result=lambda topology: outside.stored(),
        expected=STORED,
    ),
    Pair(
        name="early return without an ack",
        bug="A row that is of no use is left alone: nobody acks it, so it times out and comes again.",
        clj="store.clj",
        wrong={"store-bolt": ReturnsEarly},
        right={"store-bolt": LeavesOut},
        rows={"orders": [*ROWS, [5, ""]]},
        result=lambda topology: outside.stored(),
        expected=STORED,
    ),
]

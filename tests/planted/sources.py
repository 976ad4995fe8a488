"""Spouts that read a topic: what they do with acks and fails, and what they commit."""

from __future__ import annotations

from collections import deque

from streamparse.testing import RunningTopology
from tests.planted import outside
from tests.planted.pair import Pair
from tests.planted.parts import ROWS, STORED, Conf, Reads, StoresAndEmits, committed

ALL_READ = (STORED, len(ROWS))


def read(topology: RunningTopology) -> tuple[dict[int, str], int]:
    """What is stored, and how many rows are committed."""
    return outside.stored(), committed()


class NoIdForRowZero(Reads):
    def send(self, number: int) -> None:
        self.emit(self.rows[number], tup_id=number or None)

    def next_tuple(self) -> None:
        if self.at == 0 and self.rows:
            self.acked.add(0)  # nobody will ack it
        super().next_tuple()


class ForgetsFailed(Reads):
    def fail(self, number: int) -> None:
        self.acked.add(number)


class SendsUnderNewId(Reads):
    def initialize(self, conf: Conf, context: Conf) -> None:
        super().initialize(conf, context)
        self.last_id = self.at
        self.numbers: dict[int, int] = {}

    def send(self, number: int) -> None:
        self.numbers[self.last_id] = number
        self.emit(self.rows[number], tup_id=self.last_id)
        self.last_id += 1

    def fail(self, number: int) -> None:
        super().fail(self.numbers[number])


class CommitsHighest(Reads):
    def ack(self, number: int) -> None:
        self.commit(max(self.committed(), number + 1))


class CommitsAtEmit(Reads):
    def send(self, number: int) -> None:
        super().send(number)
        self.commit(max(self.committed(), number + 1))

    def ack(self, number: int) -> None:
        """It is committed already."""


class RetriesWithoutId(Reads):
    def fail(self, number: int) -> None:
        self.emit(self.rows[number])
        self.ack(number)


class DeadLetters(Reads):
    """After three attempts a row goes to the dead letters."""

    def initialize(self, conf: Conf, context: Conf) -> None:
        super().initialize(conf, context)
        self.attempts: dict[int, int] = {}

    def fail(self, number: int) -> None:
        self.attempts[number] = self.attempts.get(number, 0) + 1
        if self.attempts[number] < 3:
            super().fail(number)
        else:
            self.give_up(number)

    def give_up(self, number: int) -> None:
        row, word = self.rows[number]
        outside.table("stored").setdefault(row, word)
        self.ack(number)


class GivesUp(DeadLetters):
    def give_up(self, number: int) -> None:
        self.ack(number)


class CountsFails(Reads):
    """Emits a row again for each time that it has failed."""

    def initialize(self, conf: Conf, context: Conf) -> None:
        super().initialize(conf, context)
        self.allow(len(self.rows) - self.at)

    def allow(self, emits: int) -> None:
        allowed = outside.table("allowed")
        allowed["emits"] = allowed.get("emits", 0) + emits

    def fail(self, number: int) -> None:
        self.allow(1)
        super().fail(number)


class RetriesTwice(CountsFails):
    def fail(self, number: int) -> None:
        super().fail(number)
        self.again.append(number)


def emits_as_often_as_allowed(topology: RunningTopology) -> None:
    assert len(topology["orders"].emitted) <= outside.table("allowed")["emits"]


class IdsAreWords(Reads):
    def initialize(self, conf: Conf, context: Conf) -> None:
        super().initialize(conf, context)
        self.waiting: dict[str, deque[int]] = {}

    def send(self, number: int) -> None:
        word = self.rows[number][1]
        self.waiting.setdefault(word, deque()).append(number)
        self.emit(self.rows[number], tup_id=word)

    def ack(self, number: int) -> None:
        super().ack(self.oldest(number))

    def fail(self, number: int) -> None:
        super().fail(self.oldest(number))

    def oldest(self, word: object) -> int:
        """The oldest row with this word that is neither acked nor failed."""
        return self.waiting[str(word)].popleft()


class DeafWhileInactive(Reads):
    def initialize(self, conf: Conf, context: Conf) -> None:
        super().initialize(conf, context)
        self.is_active = False

    def activate(self) -> None:
        self.is_active = True

    def deactivate(self) -> None:
        self.is_active = False

    def fail(self, number: int) -> None:
        if self.is_active:
            super().fail(number)


def pause(topology: RunningTopology) -> None:
    """Deactivate the topology while rows are on their way, and activate it after their timeouts."""
    topology.advance(0.003).deactivate().advance(200).activate()


PAIRS = [
    Pair(
        name="row 0 has no message id",
        bug="`tup_id=number or None`: the row with number 0 is not tracked, so nobody notices when it is lost.",
        clj="store.clj",
        wrong={"orders": NoIdForRowZero, "store-bolt": StoresAndEmits},
        right={"orders": Reads, "store-bolt": StoresAndEmits},
        topic=ROWS,
        result=read,
        expected=ALL_READ,
    ),
    Pair(
        name="spout forgets what failed",
        bug="A row that fails is taken for done.",
        clj="store.clj",
        wrong={"orders": ForgetsFailed, "store-bolt": StoresAndEmits},
        right={"orders": Reads, "store-bolt": StoresAndEmits},
        topic=ROWS,
        result=read,
        expected=ALL_READ,
    ),
    Pair(
        name="failed row under a new id",
        bug="Ids number the emits and are taken for row numbers: after a failure the wrong row is committed.",
        clj="store.clj",
        wrong={"orders": SendsUnderNewId, "store-bolt": StoresAndEmits},
        right={"orders": Reads, "store-bolt": StoresAndEmits},
        topic=ROWS,
        result=read,
        expected=ALL_READ,
    ),
    Pair(
        name="highest offset is committed",
        bug="Each ack commits its row and all before it, which may still be on their way: a restart leaves them out.",
        clj="store.clj",
        wrong={"orders": CommitsHighest, "store-bolt": StoresAndEmits},
        right={"orders": Reads, "store-bolt": StoresAndEmits},
        topic=ROWS,
        result=read,
        expected=ALL_READ,
    ),
    Pair(
        name="committed at the emit",
        bug="A row is committed when it is emitted: a restart of the spout leaves out what was on its way.",
        clj="store.clj",
        wrong={"orders": CommitsAtEmit, "store-bolt": StoresAndEmits},
        right={"orders": Reads, "store-bolt": StoresAndEmits},
        topic=ROWS,
        result=read,
        expected=ALL_READ,
    ),
    Pair(
        name="retry without an id",
        bug="A row that failed is emitted again without an id: the second failure is the last.",
        clj="store.clj",
        wrong={"orders": RetriesWithoutId, "store-bolt": StoresAndEmits},
        right={"orders": Reads, "store-bolt": StoresAndEmits},
        topic=ROWS,
        result=read,
        expected=ALL_READ,
    ),
    Pair(
        name="gives up after three attempts",
        bug="A row that has failed three times is dropped; it should go to the dead letters.",
        clj="store.clj",
        wrong={"orders": GivesUp, "store-bolt": StoresAndEmits},
        right={"orders": DeadLetters, "store-bolt": StoresAndEmits},
        topic=ROWS,
        result=read,
        expected=ALL_READ,
    ),
    Pair(
        name="every failure comes back twice",
        bug="A row that failed is put into the queue of retries twice: with each failure there is more to do.",
        clj="store.clj",
        wrong={"orders": RetriesTwice, "store-bolt": StoresAndEmits},
        right={"orders": CountsFails, "store-bolt": StoresAndEmits},
        topic=ROWS,
        result=read,
        expected=ALL_READ,
        holds=emits_as_often_as_allowed,
    ),
    Pair(
        name="message ids that are not unique",
        bug="The id of a row is its word, and two rows have the same: the ack of one is taken for that of the other.",
        clj="store.clj",
        wrong={"orders": IdsAreWords, "store-bolt": StoresAndEmits},
        right={"orders": Reads, "store-bolt": StoresAndEmits},
        topic=ROWS,
        result=read,
        expected=ALL_READ,
    ),
    Pair(
        name="fails are ignored while inactive",
        bug="A spout ignores fails while the topology is deactivated: rows that were on their way are lost.",
        clj="store.clj",
        wrong={"orders": DeafWhileInactive, "store-bolt": StoresAndEmits},
        right={"orders": Reads, "store-bolt": StoresAndEmits},
        topic=ROWS,
        before=pause,
        result=read,
        expected=ALL_READ,
    ),
]

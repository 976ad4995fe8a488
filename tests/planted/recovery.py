"""What the next attempt at a row finds, and takes for something else: marks, snapshots, batches, what came before."""

from __future__ import annotations

from collections import deque

from streamparse import BatchingBolt, Bolt, Tuple
from tests.planted import outside
from tests.planted.joins import ITEMS, JOINED, SUMS
from tests.planted.pair import Pair
from tests.planted.parts import EVERY_SECOND, ROWS, STORED, Conf, joined

TOTALS = {"dog": 3, "cat": 1, "emu": 1}


class CountsOnce(Bolt):
    """Adds a row to the total of its word, once: what is counted is marked for ever."""

    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        marks, totals = outside.table("marks"), outside.table("stored")
        if number not in marks:
            totals[word] = totals.get(word, 0) + 1
            self.mark(number)
        self.emit([number, word])

    def mark(self, number: int) -> None:
        outside.table("marks")[number] = True


class MarksTheLastTwo(CountsOnce):
    def mark(self, number: int) -> None:
        super().mark(number)
        marks = outside.table("marks")
        while len(marks) > 2:
            del marks[next(iter(marks))]


class UnmarksAtTheAck(CountsOnce):
    auto_ack = False

    def process(self, tup: Tuple) -> None:
        super().process(tup)
        self.ack(tup)
        outside.table("marks").pop(tup.values[0], None)


class PairsByNumber(Bolt):
    """Joins an order and the payment with its number; what came first waits in a table."""

    def process(self, tup: Tuple) -> None:
        number, value = tup.values
        sides = outside.table("sides").setdefault(number, {})
        sides[tup.component] = value
        if len(sides) == 2:
            self.emit([number, joined([sides["orders"], sides["payments"]])])


class PairsInOrder(Bolt):
    """Joins the next order with the next payment: they come in the same order."""

    def process(self, tup: Tuple) -> None:
        queues = outside.table(f"queues of task {self.task}")
        queue = queues.setdefault(tup.component, deque())
        if all(tup.values[0] != number for number, _ in queue):
            queue.append(tup.values)
        orders, payments = (queues.get(each, ()) for each in ("orders", "payments"))
        if orders and payments:
            self.emit([orders[0][0], joined([orders.popleft()[1], payments.popleft()[1]])])

    def initialize(self, conf: Conf, context: Conf) -> None:
        self.task = context["taskid"]


class WritesHeaderOnce(Bolt):
    """Writes a header into a file that has none, then the rows, each once."""

    def initialize(self, conf: Conf, context: Conf) -> None:
        if self.is_missing():
            outside.LEDGER.append("number, word")

    def is_missing(self) -> bool:
        return "number, word" not in outside.LEDGER

    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        line = f"{number}, {word}"
        if line not in outside.LEDGER:
            outside.LEDGER.append(line)


class WritesHeaderAtStart(WritesHeaderOnce):
    def is_missing(self) -> bool:
        return True


class CountsRowsOfBatch(BatchingBolt):
    """Counts the rows of each batch that were not counted yet."""

    ticks_between_batches = 0

    def group_key(self, tup: Tuple) -> str:
        word: str = tup.values[1]
        return word

    def process_batch(self, key: str, tups: list[Tuple]) -> None:
        counted, totals = outside.table("marks"), outside.table("stored")
        numbers = {tup.values[0] for tup in tups if tup.values[0] not in counted}
        totals[key] = totals.get(key, 0) + len(numbers)
        counted.update(dict.fromkeys(numbers, True))


class CountsBatchOnce(CountsRowsOfBatch):
    """Counts a batch, unless the same batch was counted before."""

    def process_batch(self, key: str, tups: list[Tuple]) -> None:
        counted, totals = outside.table("marks"), outside.table("stored")
        batch = tuple(sorted(tup.values[0] for tup in tups))
        if batch not in counted:
            totals[key] = totals.get(key, 0) + len(batch)
            counted[batch] = True


class StoresWhateverItsAge(Bolt):
    """Counts seconds, and notes how old a row was when it was stored."""

    auto_ack = False

    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        seconds = outside.table("clock").get("seconds", 0)
        age = seconds - outside.table("first seen").setdefault(number, seconds)
        if self.is_wanted(age):
            self.emit([number, word])
            outside.table("stored")[number] = word
        self.ack(tup)

    def is_wanted(self, age: int) -> bool:
        return True

    def process_tick(self, tup: Tuple) -> None:
        clock = outside.table("clock")
        clock["seconds"] = clock.get("seconds", 0) + 1
        self.ack(tup)


class DropsOldRows(StoresWhateverItsAge):
    def is_wanted(self, age: int) -> bool:
        return age < 30


class AcksAtSnapshots(Bolt):
    """Keeps rows in memory, and acks them when a second has passed and they are in a snapshot."""

    auto_ack = False
    acks_at_once = False

    def initialize(self, conf: Conf, context: Conf) -> None:
        self.name = f"snapshot of {context['taskid']}"
        self.rows = dict(outside.table("snapshots").get(self.name, {}))
        self.held: list[Tuple] = []

    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        self.rows[number] = word
        if self.acks_at_once:
            self.ack(tup)
        else:
            self.held.append(tup)

    def process_tick(self, tup: Tuple) -> None:
        outside.table("snapshots")[self.name] = dict(self.rows)
        for each in self.held:
            self.ack(each)
        self.held = []
        self.ack(tup)


class AcksBetweenSnapshots(AcksAtSnapshots):
    acks_at_once = True


def in_snapshots() -> dict[int, str]:
    return {
        number: word
        for rows in outside.table("snapshots").values()
        for number, word in rows.items()
    }


class StoresBoth(Bolt):
    """Stores a row, tells it, and then stores it in the index; it is done when it is in the index."""

    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        if not self.is_done(number):
            outside.table("stored")[number] = word
            self.emit([number, word])
            outside.table("index").setdefault(word, set()).add(number)

    def is_done(self, number: int) -> bool:
        return any(number in numbers for numbers in outside.table("index").values())


class TakesHalfForDone(StoresBoth):
    def is_done(self, number: int) -> bool:
        return number in outside.table("stored")


class AsksWithItsWord(Bolt):
    """Sends a question round, with the word that it will need with the answer."""

    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        if tup.stream == "again":
            self.emit([number, word])
        else:
            self.emit([number, word], stream="again")


class KeepsItsWord(Bolt):
    """Sends a question round, and keeps the word for the answer."""

    def initialize(self, conf: Conf, context: Conf) -> None:
        self.words: dict[int, str] = {}

    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        if tup.stream != "again":
            self.words[number] = word
            self.emit([number, ""], stream="again")
        elif number in self.words:
            self.emit([number, self.words.pop(number)])


class KeepsMostFrequent(Bolt):
    """Stores which word is the most frequent so far; of equally frequent ones the first of the alphabet."""

    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        rows = outside.table("rows")
        rows[number] = word
        outside.table("stored")["top"] = self.most_frequent(list(rows.values()))

    def most_frequent(self, words: list[str]) -> str:
        return min(words, key=lambda word: (-words.count(word), word))


class FirstOfEqual(KeepsMostFrequent):
    def most_frequent(self, words: list[str]) -> str:
        return max(words, key=words.count)


PAIRS = [
    Pair(
        name="marks of the last two rows",
        bug="Only the last two rows that were counted are remembered: one that comes again after two others is counted "
        "again.",
        clj="single.clj",
        wrong={"store-bolt": MarksTheLastTwo},
        right={"store-bolt": CountsOnce},
        rows={"orders": ROWS},
        result=lambda topology: outside.stored(),
        expected=TOTALS,
    ),
    Pair(
        name="marks are deleted at the ack",
        bug="The mark of a counted row is deleted when it is acked: if that ack is lost, the row is counted again.",
        clj="store.clj",
        wrong={"store-bolt": UnmarksAtTheAck},
        right={"store-bolt": CountsOnce},
        rows={"orders": ROWS},
        result=lambda topology: outside.stored(),
        expected=TOTALS,
    ),
    Pair(
        name="sides of a join in order",
        bug="The next order is joined with the next payment: right while both come in the same order.",
        clj="join.clj",
        wrong={"join-bolt": PairsInOrder},
        right={"join-bolt": PairsByNumber},
        rows={"orders": ITEMS, "payments": SUMS},
        result=lambda topology: outside.stored(),
        expected=JOINED,
    ),
    Pair(
        name="header at each start",
        bug="initialize writes the header of a file: a restart writes another one in the middle.",
        clj="single.clj",
        wrong={"store-bolt": WritesHeaderAtStart},
        right={"store-bolt": WritesHeaderOnce},
        rows={"orders": ROWS},
        result=lambda topology: sorted(outside.LEDGER),
        expected=sorted(["number, word", *(f"{number}, {word}" for number, word in ROWS)]),
    ),
    Pair(
        name="batch as the key of a booking",
        bug="A batch is known by its rows together: where a part of it comes again, in another batch, it is counted "
        "again.",
        clj="store.clj",
        wrong={"store-bolt": CountsBatchOnce},
        right={"store-bolt": CountsRowsOfBatch},
        component_conf={"store-bolt": EVERY_SECOND},
        rows={"orders": ROWS},
        result=lambda topology: outside.stored(),
        expected=TOTALS,
    ),
    Pair(
        name="too old when it comes again",
        bug="Rows that are older than 30 s are dropped, and one that has timed out is older when it comes again.",
        clj="store.clj",
        wrong={"store-bolt": DropsOldRows},
        right={"store-bolt": StoresWhateverItsAge},
        component_conf={"store-bolt": EVERY_SECOND},
        rows={"orders": ROWS},
        result=lambda topology: outside.stored(),
        expected=STORED,
    ),
    Pair(
        name="acked between snapshots",
        bug="A task keeps its rows in memory, saves them every second, and acks them at once: a restart finds the last "
        "snapshot.",
        clj="store.clj",
        wrong={"store-bolt": AcksBetweenSnapshots},
        right={"store-bolt": AcksAtSnapshots},
        component_conf={"store-bolt": EVERY_SECOND},
        rows={"orders": ROWS},
        result=lambda topology: in_snapshots(),
        expected=STORED,
        after_seconds=2,
    ),
    Pair(
        name="half done is taken for done",
        bug="A row that is stored already is left alone, and its entry in the index comes after that: a crash between "
        "the two leaves it out.",
        clj="store.clj",
        wrong={"store-bolt": TakesHalfForDone},
        right={"store-bolt": StoresBoth},
        rows={"orders": ROWS},
        result=lambda topology: {key: sorted(each) for key, each in outside.table("index").items()},
        expected={"dog": [0, 2, 4], "cat": [1], "emu": [3]},
    ),
    Pair(
        name="question kept in memory",
        bug="What an answer will need is kept in memory: an answer that comes after a restart is dropped.",
        clj="questions.clj",
        wrong={"work-bolt": KeepsItsWord},
        right={"work-bolt": AsksWithItsWord},
        rows={"orders": ROWS},
        result=lambda topology: outside.stored(),
        expected=STORED,
    ),
    Pair(
        name="first of equally frequent words",
        bug="Of two words that are equally frequent the one that came first is stored as the top one.",
        clj="single.clj",
        wrong={"store-bolt": FirstOfEqual},
        right={"store-bolt": KeepsMostFrequent},
        rows={"orders": [[0, "cat"], [1, "dog"], [2, "dog"], [3, "cat"]]},
        result=lambda topology: outside.stored(),
        expected={"top": "cat"},
    ),
]

"""Rows that are counted again when they come again."""

from __future__ import annotations

from streamparse import Bolt, Tuple
from tests.planted import outside
from tests.planted.pair import Pair
from tests.planted.parts import EVERY_SECOND, ROWS, Conf


def count(word: str) -> int:
    counts = outside.table("stored")
    counts[word] = counts.get(word, 0) + 1
    number: int = counts[word]
    return number


COUNTS = {"dog": 3, "cat": 1, "emu": 1}


class Counts(Bolt):
    """Counts a row and marks it as counted, in one transaction."""

    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        if self.is_new(number, word):
            count(word)
        self.emit([number, word])

    def is_new(self, number: int, word: str) -> bool:
        """Return whether a row is not counted yet, and mark it."""
        marks = outside.table("marks")
        return number not in marks and marks.setdefault(number, True)


class MarksLate(Counts):
    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        marks = outside.table("marks")
        if number not in marks:
            count(word)
        self.emit([number, word])
        marks[number] = True


class MarksTheLast(Counts):
    def is_new(self, number: int, word: str) -> bool:
        marks = outside.table("marks")
        before, marks[word] = marks.get(word), number
        return before != number


class Forgets(Counts):
    """Deletes a mark after half a minute; a row comes again after one or two."""

    def initialize(self, conf: Conf, context: Conf) -> None:
        self.ages: dict[int, int] = {}

    def is_new(self, number: int, word: str) -> bool:
        self.ages[number] = 0
        return super().is_new(number, word)

    def process_tick(self, tup: Tuple) -> None:
        for number in list(self.ages):
            self.ages[number] += 1
            if self.ages[number] > 30:
                del self.ages[number]
                outside.table("marks").pop(number, None)


class Sends(Bolt):
    """Sends a row to somebody who takes everything; a table says what is sent."""

    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        sent = outside.table("sent")
        if number not in sent:
            sent[number] = True
            outside.LEDGER.append(word)


class SendsAlways(Sends):
    def process(self, tup: Tuple) -> None:
        outside.LEDGER.append(tup.values[1])


class PaysInTwoSteps(Bolt):
    """Pays a row and then tells of it; where an attempt has died between the two, the next one only tells."""

    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        half, done = outside.table("half"), outside.table("done")
        if number in done:
            return
        if number not in half:
            half[number] = True
            outside.LEDGER.append(number)
        else:
            self.begin_again(half, number)
        self.emit([number, word])
        done[number] = True

    def begin_again(self, half: dict[int, bool], number: int) -> None:
        self.log(f"row {number} is half done")


class ForgetsHalves(PaysInTwoSteps):
    def begin_again(self, half: dict[int, bool], number: int) -> None:
        del half[number]


PAIRS = [
    Pair(
        name="marked after the emit",
        bug="A row is counted before its emit and marked as counted after it: a crash between them counts it twice.",
        clj="store.clj",
        wrong={"store-bolt": MarksLate},
        right={"store-bolt": Counts},
        rows={"orders": ROWS},
        result=lambda topology: outside.stored(),
        expected=COUNTS,
    ),
    Pair(
        name="only the last id is compared",
        bug="A row counts as a replay when it is the last one of its word: an earlier one is counted again.",
        clj="store.clj",
        wrong={"store-bolt": MarksTheLast},
        right={"store-bolt": Counts},
        rows={"orders": ROWS},
        result=lambda topology: outside.stored(),
        expected=COUNTS,
    ),
    Pair(
        name="marks that expire",
        bug="Marks of counted rows are deleted after 30 s, and a row can come again after 60 s to 120 s.",
        clj="store.clj",
        wrong={"store-bolt": Forgets},
        right={"store-bolt": Counts},
        component_conf={"store-bolt": EVERY_SECOND},
        rows={"orders": ROWS},
        result=lambda topology: outside.stored(),
        expected=COUNTS,
    ),
    Pair(
        name="recovery that is not repeatable",
        bug="An attempt that finds a row half done deletes the mark of it first: if it dies too, the third pays again.",
        clj="store.clj",
        wrong={"store-bolt": ForgetsHalves},
        right={"store-bolt": PaysInTwoSteps},
        rows={"orders": ROWS},
        result=lambda topology: sorted(outside.LEDGER),
        expected=[0, 1, 2, 3, 4],
    ),
    Pair(
        name="sink that appends",
        bug="The last bolt appends whatever it gets: a row that comes again is there twice.",
        clj="chain.clj",
        wrong={"store-bolt": SendsAlways},
        right={"store-bolt": Sends},
        rows={"orders": ROWS},
        result=lambda topology: sorted(outside.LEDGER),
        expected=["cat", "dog", "dog", "dog", "emu"],
    ),
]

"""The components: in each pair of a wrong and a right one, what differs is one line or its place."""

from __future__ import annotations

from typing import Any

from streamparse import Bolt, Spout, Tuple

#: A database that all workers share and no crash harms: row numbers by word. A test empties it for each run.
DATABASE: dict[str, frozenset[int]] = {}


def save(word: str, number: int) -> int:
    """Note a row, once or again, and return how many there are of its word."""
    DATABASE[word] = DATABASE.get(word, frozenset()) | {number}
    return len(DATABASE[word])


def is_saved(word: str, number: int) -> bool:
    return number in DATABASE.get(word, frozenset())


class Rows(Spout):
    """Has no rows of its own: tests feed them."""

    def next_tuple(self) -> None:
        return None


class Saves(Bolt):
    """Right: saves a row, however often it comes."""

    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        save(word, number)


# -- store.clj: rows are saved once


class SavesOnce(Bolt):
    """Right: a row that is saved already is acked."""

    auto_ack = False

    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        if is_saved(word, number):
            self.ack(tup)
            return
        save(word, number)
        self.emit([number, word])
        self.ack(tup)


class ForgetsAnAck(SavesOnce):
    """Wrong: a row that is saved already is left alone, and so comes again for ever."""

    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        if is_saved(word, number):
            return
        super().process(tup)


class AcksTwice(SavesOnce):
    """Wrong: a row that is saved already is acked here and there, which kills the worker."""

    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        if is_saved(word, number):
            self.ack(tup)
        else:
            save(word, number)
            self.emit([number, word])
        self.ack(tup)


# -- pass.clj: rows are passed on to another bolt, which saves them


class Passes(Bolt):
    """Right: what it emits is anchored, and comes before the ack."""

    auto_ack = False

    def process(self, tup: Tuple) -> None:
        self.emit(tup.values)
        self.ack(tup)


class AcksFirst(Bolt):
    """Wrong: when it dies between the two, the row is gone and nobody knows."""

    auto_ack = False

    def process(self, tup: Tuple) -> None:
        self.ack(tup)
        self.emit(tup.values, anchors=[])


class Unanchored(Bolt):
    """Wrong: what is lost behind it is not missed."""

    def process(self, tup: Tuple) -> None:
        self.emit(tup.values, anchors=[])


# -- count.clj: words are counted


class Counts(Bolt):
    """Right, where each word has one task: it reads what it does not remember, and a row counts once."""

    def initialize(self, storm_conf: Any, context: Any) -> None:
        self.remembered: dict[str, frozenset[int]] = {}

    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        known = self.remembered.get(word, DATABASE.get(word, frozenset()))
        self.remembered[word] = DATABASE[word] = known | {number}
        self.emit([word, len(self.remembered[word])])


class CountsInMemory(Bolt):
    """Wrong: the rows were acked, and what was made of them dies with the worker."""

    def initialize(self, storm_conf: Any, context: Any) -> None:
        self.remembered: dict[str, frozenset[int]] = {}

    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        self.remembered[word] = self.remembered.get(word, frozenset()) | {number}
        self.emit([word, len(self.remembered[word])])


class CountsAgain(Bolt):
    """Wrong: a row that comes twice counts twice."""

    def process(self, tup: Tuple) -> None:
        _, word = tup.values
        count = save(word, len(DATABASE.get(word, ())))
        self.emit([word, count])

"""What a bolt hands on: when it notes that it has, what is there by then, and what its next attempt does."""

from __future__ import annotations

from streamparse import Bolt, Tuple
from tests.planted import outside
from tests.planted.pair import Pair
from tests.planted.parts import ROWS, STORED


class Forwards(Bolt):
    """Hands each row on, at every attempt: whoever stores it takes it twice."""

    def process(self, tup: Tuple) -> None:
        self.emit(list(tup.values))


class ForwardsOnce(Forwards):
    def process(self, tup: Tuple) -> None:
        sent, number = outside.table("sent"), tup.values[0]
        if number not in sent:
            sent[number] = True
            self.emit(list(tup.values))


class WritesThenTells(Bolt):
    """Writes what belongs to a row where the next bolt looks it up, and tells it the number."""

    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        outside.table("words")[number] = word
        self.emit([number, ""])


class TellsThenWrites(WritesThenTells):
    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        self.emit([number, ""])
        outside.table("words")[number] = word


class LooksUpOnce(Bolt):
    """Stores what belongs to a row; what it has stored once stays."""

    def process(self, tup: Tuple) -> None:
        number = tup.values[0]
        word = outside.table("words").get(number, "unknown")
        outside.table("stored").setdefault(number, word)


class GoesRound(Bolt):
    """Sends a word that it does not know round, and looks it up meanwhile."""

    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        known = outside.table("known")
        if word in known:
            self.emit([number, word])
        else:
            known[word] = True
            self.emit([number, word], stream="again")


class GoesRoundAlone(GoesRound):
    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        known = outside.table("known")
        if word in known:
            self.emit([number, word])
        else:
            known[word] = True
            self.ack(tup)
            self.emit([number, word], stream="again", anchors=[])


PAIRS = [
    Pair(
        name="marked as sent at the emit",
        bug="A row is marked as sent when it is emitted, and left out at the next attempt: the bolt behind may have "
        "died with it.",
        clj="chain.clj",
        wrong={"work-bolt": ForwardsOnce},
        right={"work-bolt": Forwards},
        rows={"orders": ROWS},
        result=lambda topology: outside.stored(),
        expected=STORED,
    ),
    Pair(
        name="told before it is written",
        bug="The number of a row is emitted, and then what the next bolt looks up is written: after a crash between "
        "the two it finds nothing, and keeps that.",
        clj="chain.clj",
        wrong={"work-bolt": TellsThenWrites, "store-bolt": LooksUpOnce},
        right={"work-bolt": WritesThenTells, "store-bolt": LooksUpOnce},
        rows={"orders": ROWS},
        result=lambda topology: outside.stored(),
        expected=STORED,
    ),
    Pair(
        name="round a loop without an anchor",
        bug="A row that is not ready is acked and sent round a loop as a new tuple: where that is lost, nothing comes "
        "again.",
        clj="loop.clj",
        wrong={"work-bolt": GoesRoundAlone},
        right={"work-bolt": GoesRound},
        rows={"orders": ROWS},
        result=lambda topology: outside.stored(),
        expected=STORED,
    ),
]

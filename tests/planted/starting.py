"""How a component starts, and state that belongs to its module or its class."""

from __future__ import annotations

from streamparse import Bolt, Tuple
from tests.planted import outside
from tests.planted.pair import Pair
from tests.planted.parts import ROWS, STORED, Conf, StoresAndEmits


class MakesItsTable(StoresAndEmits):
    """Makes its table unless it is there."""

    def initialize(self, conf: Conf, context: Conf) -> None:
        made = outside.table("made")
        if "table" not in made:
            made["table"] = True


class TableExistsError(Exception):
    """A table is made that is there."""


class MakesItsTableAlways(MakesItsTable):
    def initialize(self, conf: Conf, context: Conf) -> None:
        made = outside.table("made")
        if "table" in made:
            raise TableExistsError("table orders exists already")
        made["table"] = True


class MakesTableAndIndex(StoresAndEmits):
    """Makes what is not there yet of a table and its index."""

    def initialize(self, conf: Conf, context: Conf) -> None:
        made = outside.table("made")
        for part in ("table", "index"):
            if part not in made:
                made[part] = True
                self.log(f"{part} is made")

    def process(self, tup: Tuple) -> None:
        outside.table("made")["index"]  # raises KeyError: an insert needs the index
        super().process(tup)


class MakesBothOrNone(MakesTableAndIndex):
    def initialize(self, conf: Conf, context: Conf) -> None:
        made = outside.table("made")
        if "table" not in made:
            made["table"] = True
            self.log("table is made")
            made["index"] = True
            self.log("index is made")


SENT: set[int] = set()


class Sends(Bolt):
    """Sends a row unless a table says that it is sent."""

    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        sent = outside.table("sent")
        if number not in sent:
            sent[number] = True
            outside.LEDGER.append(number)
        self.emit([number, word])


class SendsByModule(Bolt):
    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        if number not in SENT:
            SENT.add(number)
            outside.LEDGER.append(number)
        self.emit([number, word])


class SendsByClass(Bolt):
    sent: set[int] = set()  # noqa: RUF012 (the bug)

    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        if number not in self.sent:
            self.sent.add(number)
            outside.LEDGER.append(number)
        self.emit([number, word])


def new_process() -> None:
    """Empty the sets, as they are when a process starts."""
    SENT.clear()
    SendsByClass.sent.clear()


PAIRS = [
    Pair(
        name="initialize that can run once only",
        bug="initialize makes a table, which raises when it is there: after a crash the worker never starts again.",
        clj="single.clj",
        wrong={"store-bolt": MakesItsTableAlways},
        right={"store-bolt": MakesItsTable},
        rows={"orders": ROWS},
        result=lambda topology: outside.stored(),
        expected=STORED,
    ),
    Pair(
        name="initialize dies between its steps",
        bug="initialize makes table and index only where the table is missing: a crash between them leaves no index.",
        clj="single.clj",
        wrong={"store-bolt": MakesBothOrNone},
        right={"store-bolt": MakesTableAndIndex},
        rows={"orders": ROWS},
        result=lambda topology: outside.stored(),
        expected=STORED,
    ),
    Pair(
        name="module global as memory",
        bug="A set at the top of a module says what is sent: each process has its own, and a restart empties it.",
        clj="store.clj",
        wrong={"store-bolt": SendsByModule},
        right={"store-bolt": Sends},
        rows={"orders": ROWS},
        result=lambda topology: sorted(outside.LEDGER),
        expected=[0, 1, 2, 3, 4],
        begin=new_process,
    ),
    Pair(
        name="class attribute as memory",
        bug="A set in the body of a class says what is sent: each process has its own, and a restart empties it.",
        clj="store.clj",
        wrong={"store-bolt": SendsByClass},
        right={"store-bolt": Sends},
        rows={"orders": ROWS},
        result=lambda topology: sorted(outside.LEDGER),
        expected=[0, 1, 2, 3, 4],
        begin=new_process,
    ),
]

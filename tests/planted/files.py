"""State in files and databases: what is in a buffer or a transaction is lost, and what is read back is not the same."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from streamparse import Bolt, Tuple
from tests.planted import outside
from tests.planted.pair import Pair
from tests.planted.parts import EVERY_SECOND, ROWS, STORED, Conf, place


class Appends(Bolt):
    """Appends each row to the file of its task."""

    def initialize(self, conf: Conf, context: Conf) -> None:
        path = outside.directory() / f"{place(context)[0]}.txt"
        self.file = outside.left_open(path.open("a", encoding="utf-8"))

    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        self.file.write(f"{number} {word}\n")
        self.file.flush()
        self.emit([number, word])


class AppendsToBuffer(Appends):
    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        self.file.write(f"{number} {word}\n")
        self.emit([number, word])

    def process_tick(self, tup: Tuple) -> None:
        self.file.flush()


def appended() -> list[str]:
    """The rows that are in the files, each once."""
    texts = [path.read_text(encoding="utf-8") for path in outside.directory().glob("*.txt")]
    return sorted({line for text in texts for line in text.splitlines()})


class Books(Bolt):
    """Books each row in the database of its task, once."""

    def initialize(self, conf: Conf, context: Conf) -> None:
        path = outside.directory() / f"{place(context)[0]}.db"
        self.database = outside.left_open(sqlite3.connect(path))
        self.database.execute("create table if not exists rows (n integer primary key, word)")
        self.database.commit()

    def process(self, tup: Tuple) -> None:
        self.database.execute("insert or replace into rows values (?, ?)", tup.values)
        self.emit(list(tup.values))
        self.database.commit()


class BooksUntilTick(Books):
    def process(self, tup: Tuple) -> None:
        self.database.execute("insert or replace into rows values (?, ?)", tup.values)
        self.emit(list(tup.values))

    def process_tick(self, tup: Tuple) -> None:
        self.database.commit()


def booked() -> dict[int, str]:
    """The rows that are in the databases."""
    found: dict[int, str] = {}
    for path in outside.directory().glob("*.db"):
        with closing(sqlite3.connect(path)) as database:
            found.update(database.execute("select n, word from rows").fetchall())
    return found


class PaysByFile(Bolt):
    """Pays each row once: a file of JSON has those that are paid."""

    def initialize(self, conf: Conf, context: Conf) -> None:
        self.path = self.path_of(place(context)[0])
        self.paid: dict[Any, str] = {}
        if self.path.exists():
            self.paid = self.read(json.loads(self.path.read_text(encoding="utf-8")))

    def path_of(self, index: int) -> Path:
        return outside.directory() / f"paid-{index}.json"

    def read(self, paid: dict[str, str]) -> dict[Any, str]:
        return {int(number): word for number, word in paid.items()}

    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        if number not in self.paid:
            self.paid[number] = word
            new = self.path.with_suffix(".new")
            new.write_text(json.dumps(self.paid), encoding="utf-8")
            os.replace(new, self.path)
            outside.LEDGER.append(number)
        self.emit([number, word])


class ReadsTexts(PaysByFile):
    def read(self, paid: dict[str, str]) -> dict[Any, str]:
        return dict(paid)


class OneFileForAll(PaysByFile):
    def path_of(self, index: int) -> Path:
        return outside.directory() / "paid.json"


PAIRS = [
    Pair(
        name="rows in the buffer of a file",
        bug="Rows are written to a file, which is flushed at a tick, and acked at once: a crash loses what is in the "
        "buffer.",
        clj="store.clj",
        wrong={"store-bolt": AppendsToBuffer},
        right={"store-bolt": Appends},
        after_seconds=2,
        component_conf={"store-bolt": EVERY_SECOND},
        rows={"orders": ROWS},
        result=lambda topology: appended(),
        expected=[f"{number} {word}" for number, word in ROWS],
    ),
    Pair(
        name="transaction that a tick commits",
        bug="Rows are inserted and acked, and the transaction is committed at a tick: a crash rolls it back.",
        clj="store.clj",
        wrong={"store-bolt": BooksUntilTick},
        right={"store-bolt": Books},
        after_seconds=2,
        component_conf={"store-bolt": EVERY_SECOND},
        rows={"orders": ROWS},
        result=lambda topology: booked(),
        expected=STORED,
    ),
    Pair(
        name="numbers that JSON makes texts",
        bug="A dict by number is kept in a file of JSON, where keys are texts: after a restart no row is found in it.",
        clj="store.clj",
        wrong={"store-bolt": ReadsTexts},
        right={"store-bolt": PaysByFile},
        rows={"orders": ROWS},
        result=lambda topology: sorted(outside.LEDGER),
        expected=[0, 1, 2, 3, 4],
    ),
    Pair(
        name="one file for all tasks",
        bug="All tasks write what they have paid to one file: after a restart a task finds the rows of another there.",
        clj="store.clj",
        wrong={"store-bolt": OneFileForAll},
        right={"store-bolt": PaysByFile},
        rows={"orders": ROWS},
        result=lambda topology: sorted(outside.LEDGER),
        expected=[0, 1, 2, 3, 4],
    ),
]

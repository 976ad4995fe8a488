"""Memory that is lost at a restart: everything in ``self`` is gone, and what was acked does not come again."""

from __future__ import annotations

import zlib

from streamparse import Bolt, Tuple
from tests.planted import outside
from tests.planted.pair import Pair
from tests.planted.parts import (
    ROWS,
    SIX_ROWS,
    Conf,
    KeepsFirst,
    StoresInShard,
    joined,
    place,
    tasks_of,
)


class Pays(Bolt):
    """Pays each row once: it looks into the table of those that are paid."""

    def initialize(self, conf: Conf, context: Conf) -> None:
        self.paid = outside.table("paid")

    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        if number not in self.paid:
            self.paid[number] = True
            outside.LEDGER.append(number)
        self.emit([number, word])


class PaysFromMemory(Pays):
    def initialize(self, conf: Conf, context: Conf) -> None:
        self.paid = {}


class Numbers(Bolt):
    """Gives each word a number that no other word has, and prints it on a badge."""

    def initialize(self, conf: Conf, context: Conf) -> None:
        self.numbers = outside.table("numbers")

    def process(self, tup: Tuple) -> None:
        word = tup.values[1]
        number = self.numbers.setdefault(word, len(self.numbers))
        outside.table("stored").setdefault(word, number)
        self.emit([number, word])


class NumbersFromMemory(Numbers):
    def initialize(self, conf: Conf, context: Conf) -> None:
        self.numbers = {}


class Totals(Bolt):
    """Stores how many rows of a word there are."""

    def initialize(self, conf: Conf, context: Conf) -> None:
        self.rows = outside.table("rows")

    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        rows = self.rows.setdefault(word, set())
        rows.add(number)
        outside.table("stored")[word] = len(rows)
        self.emit([number, word])


class TotalsInMemory(Totals):
    def initialize(self, conf: Conf, context: Conf) -> None:
        self.rows = {}


class Windows(Bolt):
    """Emits a window when its three rows are there."""

    def initialize(self, conf: Conf, context: Conf) -> None:
        self.windows = outside.table("windows")

    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        window = self.windows.setdefault(word, set())
        window.add(number)
        if len(window) == 3:
            self.emit([word, joined(sorted(window))])


class WindowsInMemory(Windows):
    def initialize(self, conf: Conf, context: Conf) -> None:
        self.windows = {}


class KeysByRow(Bolt):
    """Emits each row with a key that is the same at every attempt; whoever stores it keeps the first."""

    def process(self, tup: Tuple) -> None:
        number = tup.values[0]
        self.emit([f"row/{number}", number])


class KeysByCounter(KeysByRow):
    def initialize(self, conf: Conf, context: Conf) -> None:
        self.index, _ = place(context)
        self.count = 0

    def process(self, tup: Tuple) -> None:
        self.count += 1
        self.emit([f"{self.index}/{self.count}", tup.values[0]])


class Deals(Bolt):
    """Sends all rows of a word to one task, which it computes from the word."""

    def initialize(self, conf: Conf, context: Conf) -> None:
        self.tasks = tasks_of(context, "shard-bolt")
        self.chosen: dict[str, int] = {}

    def task_for(self, word: str) -> int:
        return self.tasks[zlib.crc32(word.encode()) % len(self.tasks)]

    def process(self, tup: Tuple) -> None:
        self.emit(list(tup.values), stream="parts", direct_task=self.task_for(tup.values[1]))


class DealsInTurn(Deals):
    def task_for(self, word: str) -> int:
        return self.chosen.setdefault(word, self.tasks[len(self.chosen) % len(self.tasks)])


class Leases(Bolt):
    """Stores rows of words that its task has a lease for; a lease has the name of the task on it."""

    auto_ack = False

    def initialize(self, conf: Conf, context: Conf) -> None:
        self.me = f"task {place(context)[0]}"

    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        if outside.table("leases").setdefault(word, self.me) != self.me:
            self.fail(tup)
            return
        outside.table("stored")[number] = word
        self.emit([number, word])
        self.ack(tup)


class LeasesOfProcess(Leases):
    def initialize(self, conf: Conf, context: Conf) -> None:
        lives = outside.table("lives")
        lives["all"] = lives.get("all", 0) + 1
        self.me = f"process {lives['all']}"


PAIRS = [
    Pair(
        name="dedup set in memory",
        bug="The set of rows that are paid already is in memory: a row that comes again after a restart is paid twice.",
        clj="store.clj",
        wrong={"store-bolt": PaysFromMemory},
        right={"store-bolt": Pays},
        rows={"orders": ROWS},
        result=lambda topology: sorted(outside.LEDGER),
        expected=[0, 1, 2, 3, 4],
    ),
    Pair(
        name="numbers given from memory",
        bug="Each word gets the next number of a dict in memory: after a restart a number is given twice.",
        clj="single.clj",
        wrong={"store-bolt": NumbersFromMemory},
        right={"store-bolt": Numbers},
        rows={"orders": ROWS},
        result=lambda topology: sorted(outside.stored().values()),
        expected=[0, 1, 2],
    ),
    Pair(
        name="totals in memory",
        bug="Rows of each word are kept in memory and their number is stored: after a restart it begins at 1 again.",
        clj="store.clj",
        wrong={"store-bolt": TotalsInMemory},
        right={"store-bolt": Totals},
        rows={"orders": ROWS},
        result=lambda topology: outside.stored(),
        expected={"dog": 3, "cat": 1, "emu": 1},
    ),
    Pair(
        name="window in memory",
        bug="The rows of a window are acked as they come and wait in memory: a restart loses those of open windows.",
        clj="chain.clj",
        wrong={"work-bolt": WindowsInMemory},
        right={"work-bolt": Windows},
        rows={"orders": SIX_ROWS},
        result=lambda topology: outside.stored(),
        expected={"dog": "0 2 4", "cat": "1 3 5"},
    ),
    Pair(
        name="sequence begins again",
        bug="Rows get a running number as their key, which begins again after a restart: new rows look like old ones.",
        clj="chain.clj",
        wrong={"work-bolt": KeysByCounter, "store-bolt": KeepsFirst},
        right={"work-bolt": KeysByRow, "store-bolt": KeepsFirst},
        rows={"orders": ROWS},
        result=lambda topology: sorted(set(outside.stored().values())),
        expected=[0, 1, 2, 3, 4],
    ),
    Pair(
        name="cache of task ids",
        bug="The task of each word is chosen in turn and remembered: after a restart a word goes to another task.",
        clj="dealt.clj",
        storm_version="1.2.4",
        wrong={"deal-bolt": DealsInTurn, "shard-bolt": StoresInShard},
        right={"deal-bolt": Deals, "shard-bolt": StoresInShard},
        rows={"orders": ROWS},
        result=lambda topology: outside.shards_by_value(),
        expected={"dog": 1, "cat": 1, "emu": 1},
    ),
    Pair(
        name="lease of a dead process",
        bug="A lease names the process that took it: the next life of the task waits for its own lease.",
        clj="store.clj",
        wrong={"store-bolt": LeasesOfProcess},
        right={"store-bolt": Leases},
        rows={"orders": ROWS},
        result=lambda topology: sorted(outside.stored()),
        expected=[0, 1, 2, 3, 4],
    ),
]

"""Which task gets a tuple: groupings, keys, and numbers that are right for today's tasks and workers only."""

from __future__ import annotations

from typing import Any

from streamparse import Bolt, Tuple
from tests.planted import outside
from tests.planted.joins import ITEMS, JOINED, SUMS
from tests.planted.memory import Deals
from tests.planted.pair import Pair
from tests.planted.parts import ROWS, Conf, Passes, StoresInShard, joined, place, tasks_of


class LowersFirst(Bolt):
    """Emits words in small letters."""

    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        self.emit([word.lower(), f"{number} {word.lower()}"])


class PassesWord(Bolt):
    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        self.emit([word, f"{number} {word.lower()}"])


class StoresKeyInShard(Bolt):
    """Keeps, in the shard of its task, the words in small letters."""

    def initialize(self, conf: Conf, context: Conf) -> None:
        self.shard = outside.shard(place(context)[0])

    def process(self, tup: Tuple) -> None:
        key = tup.values[0].lower()
        self.shard[key] = key


class ReadsNumbers(Bolt):
    """Reads payments, in which a number is a text."""

    def process(self, tup: Tuple) -> None:
        number, value = tup.values
        self.emit([int(number), value])


class JoinsInShard(Bolt):
    """Joins what its task has in its shard."""

    def initialize(self, conf: Conf, context: Conf) -> None:
        self.shard = outside.shard(place(context)[0])

    def process(self, tup: Tuple) -> None:
        number, value = int(tup.values[0]), tup.values[1]
        sides: dict[str, Any] = self.shard.setdefault(number, {})
        sides[tup.component] = value
        if len(sides) == 2:
            self.emit([number, joined([sides["orders"], sides["read-bolt"]])])


class PassesEnds(Bolt):
    """Counts rows, and passes on the end of the file, which every task gets."""

    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        if word == "END":
            self.emit([number, self.task_id])


class Closes(Bolt):
    """Closes a file when the end has come from every task that works on it."""

    def initialize(self, conf: Conf, context: Conf) -> None:
        self.tasks = len(tasks_of(context, "work-bolt"))

    def process(self, tup: Tuple) -> None:
        number, task = tup.values
        ends = outside.table("ends").setdefault(number, set())
        ends.add(task)
        if len(ends) == self.tasks:
            outside.table("stored")[number] = "closed"


class ClosesAfterTwo(Closes):
    def initialize(self, conf: Conf, context: Conf) -> None:
        self.tasks = 2


class DealsToTasksByNumber(Deals):
    def initialize(self, conf: Conf, context: Conf) -> None:
        super().initialize(conf, context)
        self.tasks = [5, 6]


class DealsByHash(Deals):
    def task_for(self, word: str) -> int:
        return self.tasks[hash(word) % len(self.tasks)]


class StoresPartition(Bolt):
    """Keeps, in the shard of its task, the partitions that it has seen."""

    def initialize(self, conf: Conf, context: Conf) -> None:
        self.shard = outside.shard(place(context)[0])

    def process(self, tup: Tuple) -> None:
        partition = tup.values[1]
        self.shard[partition] = partition


ONCE_EACH = {"dog": 1, "cat": 1, "emu": 1}
PAIRS = [
    Pair(
        name="shuffle in front of one task",
        bug="Rows of a word have to meet and are shuffled: right while there is one task.",
        clj="single.clj",
        wrong_clj="single-shuffled.clj",
        right={"store-bolt": StoresInShard},
        rows={"orders": ROWS},
        result=lambda topology: outside.shards_by_value(),
        expected=ONCE_EACH,
    ),
    Pair(
        name="grouped by another key than the state's",
        bug="Tuples are grouped by a word as it is written, and its state is that of the word in small letters.",
        clj="chain.clj",
        wrong={"work-bolt": PassesWord, "store-bolt": StoresKeyInShard},
        right={"work-bolt": LowersFirst, "store-bolt": StoresKeyInShard},
        rows={"orders": [[0, "Dog"], [1, "cat"], [2, "dog"], [3, "Cat"], [4, "DOG"]]},
        result=lambda topology: outside.shards_by_value(),
        expected={"dog": 1, "cat": 1},
    ),
    Pair(
        name="key typed differently on two streams",
        bug="The key is a number on one stream and a text on the other: they meet only while there is one task.",
        clj="typed.clj",
        wrong={"read-bolt": Passes, "join-bolt": JoinsInShard},
        right={"read-bolt": ReadsNumbers, "join-bolt": JoinsInShard},
        rows={"orders": ITEMS, "payments": [[str(number), value] for number, value in SUMS]},
        result=lambda topology: outside.stored(),
        expected=JOINED,
    ),
    Pair(
        name="number of tasks as a constant",
        bug="A file is closed when the end has come from two tasks: right while there are two.",
        clj="ends.clj",
        wrong={"work-bolt": PassesEnds, "store-bolt": ClosesAfterTwo},
        right={"work-bolt": PassesEnds, "store-bolt": Closes},
        rows={"orders": [[0, "END"], [1, "END"]]},
        result=lambda topology: outside.stored(),
        expected={0: "closed", 1: "closed"},
    ),
    Pair(
        name="task ids as constants",
        bug="Direct emits go to tasks 5 and 6: right while the topology has as many tasks as today.",
        clj="dealt.clj",
        storm_version="1.2.4",
        wrong={"deal-bolt": DealsToTasksByNumber, "shard-bolt": StoresInShard},
        right={"deal-bolt": Deals, "shard-bolt": StoresInShard},
        rows={"orders": ROWS},
        result=lambda topology: outside.shards_by_value(),
        expected=ONCE_EACH,
    ),
    Pair(
        name="local grouping in place of fields",
        bug="Local-or-shuffle keeps a partition in one task only while each worker has one task of the bolt.",
        clj="partitions.clj",
        wrong_clj="partitions-local.clj",
        right={"shard-bolt": StoresPartition},
        rows={"orders": [[n, n % 2] for n in range(6)]},
        result=lambda topology: outside.shards_by_value(),
        expected={0: 1, 1: 1},
    ),
    Pair(
        name="hash() decides a task",
        bug="hash() of a text differs from process to process: after a restart a word goes to another task.",
        clj="dealt.clj",
        storm_version="1.2.4",
        wrong={"deal-bolt": DealsByHash, "shard-bolt": StoresInShard},
        right={"deal-bolt": Deals, "shard-bolt": StoresInShard},
        rows={"orders": ROWS},
        result=lambda topology: outside.shards_by_value(),
        expected=ONCE_EACH,
    ),
]

"""Correct components that the pairs share, and the place of a task among those of its component."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any

from streamparse import Bolt, Spout, Tuple
from streamparse.testing import RunningTopology
from tests.planted import outside

Conf = Mapping[str, Any]

WORDS = ("dog", "cat", "dog", "emu", "dog")
ROWS = [[n, word] for n, word in enumerate(WORDS)]
STORED = dict(enumerate(WORDS))
#: Two windows of three rows.
SIX_ROWS = [[n, ("dog", "cat")[n % 2]] for n in range(6)]
EVERY_SECOND = {"topology.tick.tuple.freq.secs": 1}


def tasks_of(context: Conf, component: str) -> list[int]:
    """The task ids of a component."""
    components = context["task->component"]
    return sorted(int(task) for task, name in components.items() if name == component)


def joined(numbers: Iterable[object]) -> str:
    """Values in one text: a list would need Java's serialization to get to another worker."""
    return " ".join(map(str, numbers))


def place(context: Conf) -> tuple[int, int]:
    """The index of a task among the tasks of its component, and how many there are."""
    tasks = tasks_of(context, context["task->component"][str(context["taskid"])])
    return tasks.index(context["taskid"]), len(tasks)


class Reads(Spout):
    """Reads its share of the topic, from the row on that its last life has committed.

    A row is committed when it is acked and all rows before it are. A row that failed is emitted again, under its id.
    """

    def initialize(self, conf: Conf, context: Conf) -> None:
        self.index, tasks = place(context)
        self.rows = outside.TOPIC[self.index :: tasks]
        self.at = self.committed()
        self.acked: set[int] = set()
        self.again: deque[int] = deque()

    def committed(self) -> int:
        at: int = outside.table("committed").get(self.index, 0)
        return at

    def commit(self, at: int) -> None:
        outside.table("committed")[self.index] = at

    def next_tuple(self) -> None:
        if self.again:
            self.send(self.again.popleft())
        elif self.at < len(self.rows):
            self.at += 1
            self.send(self.at - 1)

    def send(self, number: int) -> None:
        self.emit(self.rows[number], tup_id=number)

    def ack(self, number: int) -> None:
        self.acked.add(number)
        at = self.committed()
        while at in self.acked:
            at += 1
        self.commit(at)

    def fail(self, number: int) -> None:
        self.again.append(number)


def committed() -> int:
    """How many rows the spouts have committed."""
    return sum(outside.table("committed").values())


def nothing_failed(topology: RunningTopology) -> None:
    """Assert that no row has failed: for tests without faults."""
    assert topology["orders"].failed == []


class Passes(Bolt):
    """Passes on what it gets."""

    def process(self, tup: Tuple) -> None:
        self.emit(list(tup.values))


class Stores(Bolt):
    """Stores a value under its key, as often as it comes."""

    def process(self, tup: Tuple) -> None:
        key, value = tup.values
        outside.table("stored")[key] = value


class StoresAndEmits(Stores):
    """Tells those after it, too."""

    def process(self, tup: Tuple) -> None:
        super().process(tup)
        self.emit(list(tup.values))


class KeepsFirst(Bolt):
    """Stores the first value that comes for a key."""

    def process(self, tup: Tuple) -> None:
        key, value = tup.values
        outside.table("stored").setdefault(key, value)


class StoresInShard(Bolt):
    """Stores a row in the shard of its task, and tells those after it."""

    def initialize(self, conf: Conf, context: Conf) -> None:
        self.shard = outside.shard(place(context)[0])

    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        self.shard[number] = word


class Holds(Bolt):
    """Holds its tuples until a tick, and settles them itself."""

    auto_ack = False

    def initialize(self, conf: Conf, context: Conf) -> None:
        self.held: list[Tuple] = []

    def process(self, tup: Tuple) -> None:
        self.held.append(tup)

    def process_tick(self, tup: Tuple) -> None:
        self.flush()
        self.ack(tup)

    def flush(self) -> None:
        """Store what is held, then ack it."""
        for tup in self.held:
            key, value = tup.values
            outside.table("stored")[key] = value
        self.ack_held()

    def ack_held(self) -> None:
        for tup in self.held:
            self.ack(tup)
        self.held = []

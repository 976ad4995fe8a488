"""Bounds that are wide enough for what a test has: of a queue, a batch, a list of those who wait."""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import Any

from streamparse import Bolt, Tuple
from tests.planted import outside
from tests.planted.pair import Pair
from tests.planted.parts import EVERY_SECOND, ROWS, STORED, Conf, Holds, Reads


class FlushesFour(Holds):
    """Stores four rows at a tick, and acks all that it holds."""

    def flush(self) -> None:
        for tup in self.held[:4]:
            key, value = tup.values
            outside.table("stored")[key] = value
        self.ack_held()


class FlushesFourAndKeepsTheRest(Holds):
    def flush(self) -> None:
        now, rest = self.held[:4], self.held[4:]
        self.held = now
        super().flush()
        self.held = rest


class RemembersAll(Reads):
    """Reads the topic; what it may have to emit again it remembers by number."""

    def initialize(self, conf: Conf, context: Conf) -> None:
        super().initialize(conf, context)
        self.pending: dict[int, Any] = {}

    def send(self, number: int) -> None:
        self.pending[number] = self.rows[number]
        super().send(number)

    def ack(self, number: int) -> None:
        self.pending.pop(number, None)
        super().ack(number)

    def fail(self, number: int) -> None:
        if number in self.pending:
            super().fail(number)


class RemembersThree(RemembersAll):
    """Remembers the last three rows."""

    def initialize(self, conf: Conf, context: Conf) -> None:
        super().initialize(conf, context)
        self.last: deque[int] = deque(maxlen=3)

    def send(self, number: int) -> None:
        self.last.append(number)
        super().send(number)
        self.pending = {each: row for each, row in self.pending.items() if each in self.last}


ORDERS = [[number, f"item {number}"] for number in range(8)]
PAYMENTS = [[number, 10 * number] for number in range(8)]


class Joins(Bolt):
    """Holds the side that comes first until the other one is there; one that comes again alone is joined already."""

    auto_ack = False
    most: int | None = None

    def initialize(self, conf: Conf, context: Conf) -> None:
        self.waiting: OrderedDict[int, Tuple] = OrderedDict()

    def process(self, tup: Tuple) -> None:
        number, joined = tup.values[0], outside.table("joined")
        if number in joined:
            self.emit([number, "joined"], anchors=[tup])
            self.ack(tup)
            return
        other = self.waiting.get(number)
        if other is None or other.component == tup.component:
            self.waiting[number] = tup
        else:
            del self.waiting[number]
            joined[number] = True
            self.emit([number, "joined"], anchors=[other, tup])
            self.ack(other)
            self.ack(tup)
        if self.most is not None and len(self.waiting) > self.most:
            self.ack(self.waiting.popitem(last=False)[1])


class ForgetsTheOldest(Joins):
    """Holds two at most."""

    most = 2


class StoresOnceForEachWorker(Bolt):
    """Stores a row when its parts are there, one for each worker."""

    workers: int | None = None

    def initialize(self, conf: Conf, context: Conf) -> None:
        self.needed = self.workers or conf["topology.workers"]

    def process(self, tup: Tuple) -> None:
        number, part = tup.values
        parts = outside.table("parts").setdefault(number, set())
        parts.add(part)
        if len(parts) == self.needed:
            outside.table("stored")[number] = "whole"


class StoresAfterTwo(StoresOnceForEachWorker):
    workers = 2


class SplitsByWorker(Bolt):
    """Emits a part of each row for each worker."""

    def initialize(self, conf: Conf, context: Conf) -> None:
        self.workers = conf["topology.workers"]

    def process(self, tup: Tuple) -> None:
        for part in range(self.workers):
            self.emit([tup.values[0], part])


PAIRS = [
    Pair(
        name="four rows of a batch",
        bug="At a tick four rows are stored and all are acked: right while no more than four come to one task.",
        clj="store.clj",
        wrong={"store-bolt": FlushesFour},
        right={"store-bolt": FlushesFourAndKeepsTheRest},
        component_conf={"store-bolt": EVERY_SECOND},
        rows={"orders": ROWS},
        result=lambda topology: outside.stored(),
        expected=STORED,
    ),
    Pair(
        name="short list of pending rows",
        bug="A spout remembers the last three rows that it has emitted: an earlier one that fails is lost.",
        clj="store.clj",
        wrong={"orders": RemembersThree},
        right={"orders": RemembersAll},
        topic=ROWS,
        result=lambda topology: outside.stored(),
        expected=STORED,
    ),
    Pair(
        name="join that forgets the oldest",
        bug="A join holds two sides at most, and acks the oldest when a third one waits: right while both sides are "
        "equally fast.",
        clj="join.clj",
        wrong={"join-bolt": ForgetsTheOldest},
        right={"join-bolt": Joins},
        rows={"orders": ORDERS, "payments": PAYMENTS},
        result=lambda topology: outside.stored(),
        expected=dict.fromkeys(range(8), "joined"),
    ),
    Pair(
        name="number of workers as a constant",
        bug="A row is whole when two parts of it are there, one for each worker: right while there are two workers.",
        clj="chain.clj",
        wrong={"work-bolt": SplitsByWorker, "store-bolt": StoresAfterTwo},
        right={"work-bolt": SplitsByWorker, "store-bolt": StoresOnceForEachWorker},
        rows={"orders": ROWS},
        result=lambda topology: outside.stored(),
        expected=dict.fromkeys(range(5), "whole"),
    ),
]

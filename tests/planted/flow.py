"""What has to wait for something else, which may come late, again, or to another task."""

from __future__ import annotations

from typing import Any

from streamparse import Bolt, Tuple
from tests.planted import outside
from tests.planted.joins import EVERY_TEN_SECONDS
from tests.planted.pair import Pair
from tests.planted.parts import (
    EVERY_SECOND,
    ROWS,
    Conf,
    Holds,
    Reads,
    StoresInShard,
    place,
    tasks_of,
)

PATIENCE = 3  # ticks that an order waits for its payment


class Accounts(Bolt):
    """Books deposits and withdrawals; a withdrawal waits until it is covered."""

    auto_ack = False

    def initialize(self, conf: Conf, context: Conf) -> None:
        self.waiting: list[Tuple] = []

    def process(self, tup: Tuple) -> None:
        self.waiting.append(tup)
        for each in [*self.waiting]:
            number, account, amount = each.values
            booked = outside.table("accounts").setdefault(account, {})
            if number in booked or sum(booked.values()) + amount >= 0:
                booked[number] = amount
                self.done(each)
            else:
                self.uncovered(each)

    def done(self, tup: Tuple) -> None:
        self.waiting.remove(tup)
        self.ack(tup)

    def uncovered(self, tup: Tuple) -> None:
        """It waits."""


class Refuses(Accounts):
    def uncovered(self, tup: Tuple) -> None:
        outside.LEDGER.append(f"{tup.values[0]} is refused")
        self.done(tup)


def balances() -> dict[str, int]:
    """What is on each account."""
    return {name: sum(booked.values()) for name, booked in outside.table("accounts").items()}


class Confirms(Reads):
    """Tells on another stream that a row is stored, and commits the row when that was heard."""

    def ack(self, key: Any) -> None:
        if isinstance(key, int):
            self.confirm(key)
        else:
            super().ack(int(key.removeprefix("done ")))

    def confirm(self, number: int) -> None:
        self.emit([number, "done"], stream="done", tup_id=f"done {number}")

    def fail(self, key: Any) -> None:
        if isinstance(key, int):
            super().fail(key)
        else:
            self.confirm(int(key.removeprefix("done ")))


class ConfirmsOnce(Confirms):
    def ack(self, key: Any) -> None:
        Reads.ack(self, key)
        self.emit([key, "done"], stream="done")


class StampsRows(Reads):
    """Marks each row that it emits."""

    def initialize(self, conf: Conf, context: Conf) -> None:
        super().initialize(conf, context)
        self.rows = [[*row] for row in self.rows]

    def send(self, number: int) -> None:
        self.emit(self.stamped(number), tup_id=number)

    def stamped(self, number: int) -> list[Any]:
        row = [*self.rows[number]]
        row[1] = f"new {row[1]}"
        return row


class StampsTheRowItself(StampsRows):
    def stamped(self, number: int) -> list[Any]:
        row = self.rows[number]
        row[1] = f"new {row[1]}"
        return row


class TotalsByTask(Holds):
    """Stores at each tick how many rows its task has had."""

    def initialize(self, conf: Conf, context: Conf) -> None:
        super().initialize(conf, context)
        self.index = place(context)[0]
        self.rows: dict[int, str] = outside.table(f"rows {self.index}")

    def flush(self) -> None:
        for tup in self.held:
            self.rows[tup.values[0]] = tup.values[1]
        outside.table("totals")[self.key()] = len(self.rows)
        self.ack_held()

    def key(self) -> int:
        return self.index


class TotalOfEachTask(TotalsByTask):
    def key(self) -> int:
        return 0


class DealsByNumber(Bolt):
    """Sends the rows of a word to one task, whose number it computes."""

    def initialize(self, conf: Conf, context: Conf) -> None:
        self.tasks = tasks_of(context, "shard-bolt")

    def process(self, tup: Tuple) -> None:
        task = self.tasks[len(tup.values[1]) % len(self.tasks)]
        self.emit(list(tup.values), stream="parts", direct_task=task)


class DealsByText(DealsByNumber):
    def initialize(self, conf: Conf, context: Conf) -> None:
        components = context["task->component"].items()
        self.tasks = [int(task) for task, name in sorted(components) if name == "shard-bolt"]


class Minutes(Bolt):
    """Counts the rows of each minute of two sources; one that comes late is added to its minute."""

    def initialize(self, conf: Conf, context: Conf) -> None:
        self.now = 0

    def process(self, tup: Tuple) -> None:
        number, minute = tup.values
        self.now = max(self.now, minute)
        if minute >= self.now - 1 or self.takes_late():
            outside.table("stored").setdefault(minute, set()).add(number)

    def takes_late(self) -> bool:
        return True


class MinutesOfTheFaster(Minutes):
    def takes_late(self) -> bool:
        return False


class Unpaid(Bolt):
    """Stores an order as unpaid when it has waited for some ticks, and as paid when its payment comes."""

    def initialize(self, conf: Conf, context: Conf) -> None:
        self.sides: dict[int, set[str]] = outside.table("sides")
        self.waiting: dict[int, int] = {}

    def process(self, tup: Tuple) -> None:
        number = tup.values[0]
        sides = self.sides.setdefault(number, set())
        sides.add(tup.component)
        if len(sides) == 2:
            self.paid(number)
            self.waiting.pop(number, None)
        else:
            self.waiting[number] = 0

    def process_tick(self, tup: Tuple) -> None:
        for number in [*self.waiting]:
            self.waiting[number] += 1
            if self.waiting[number] == PATIENCE:
                del self.waiting[number]
                outside.table("stored").setdefault(number, "unpaid")

    def paid(self, number: int) -> None:
        outside.table("stored")[number] = "paid"


class UnpaidForEver(Unpaid):
    def paid(self, number: int) -> None:
        outside.table("stored").setdefault(number, "paid")


class EveryOther(Bolt):
    """Keeps every other row for a closer look."""

    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        if self.is_wanted(number):
            outside.table("stored")[number] = word
        self.emit([number, word])

    def is_wanted(self, number: int) -> bool:
        return number % 2 == 0


class EveryOtherCall(EveryOther):
    def initialize(self, conf: Conf, context: Conf) -> None:
        self.calls = 0

    def is_wanted(self, number: int) -> bool:
        self.calls += 1
        return self.calls % 2 == 1


ORDERS = [[n, "tea"] for n in range(4)]
DEPOSITS = [[0, "a", 10], [1, "a", -10], [2, "b", 5], [3, "a", 3], [4, "b", -5]]

PAIRS = [
    Pair(
        name="withdrawal before its deposit",
        bug="A withdrawal that is not covered is refused: its deposit may be on its way for the second time.",
        clj="accounts.clj",
        wrong={"book-bolt": Refuses},
        right={"book-bolt": Accounts},
        rows={"orders": DEPOSITS},
        result=lambda topology: (balances(), sorted(outside.LEDGER)),
        expected=({"a": 3, "b": 0}, []),
    ),
    Pair(
        name="confirmation in ack()",
        bug="A spout emits in its ack() that a row is stored, without an id: where that is lost, nobody hears of it.",
        clj="confirmed.clj",
        wrong={"orders": ConfirmsOnce},
        right={"orders": Confirms},
        topic=ROWS,
        result=lambda topology: outside.stored(),
        expected=dict.fromkeys(range(5), "done"),
    ),
    Pair(
        name="row changed where it is kept",
        bug="A spout marks a row in the list from which it is emitted again: the next attempt has the mark twice.",
        clj="store.clj",
        wrong={"orders": StampsTheRowItself},
        right={"orders": StampsRows},
        topic=ROWS,
        result=lambda topology: outside.stored(),
        expected={n: f"new {word}" for n, word in ROWS},
    ),
    Pair(
        name="total of a task that has nothing to do",
        bug="Each task stores its total at a tick as that of all: with a global grouping the second task has none.",
        clj="global.clj",
        wrong={"store-bolt": TotalOfEachTask},
        right={"store-bolt": TotalsByTask},
        component_conf={"store-bolt": EVERY_SECOND},
        rows={"orders": ROWS},
        result=lambda topology: sum(outside.table("totals").values()),
        expected=5,
    ),
    Pair(
        name="task ids sorted as texts",
        bug="One bolt sorts the task ids that it deals to as texts, another as numbers: right while all are below 10.",
        clj="two-dealers.clj",
        storm_version="1.2.4",
        wrong={"deal-bolt": DealsByNumber, "pay-bolt": DealsByText, "shard-bolt": StoresInShard},
        right={"deal-bolt": DealsByNumber, "pay-bolt": DealsByNumber, "shard-bolt": StoresInShard},
        rows={"orders": [[n, word] for n, word in enumerate(["a", "bb", "ccc"])]},
        result=lambda topology: outside.shards_by_value(),
        expected={"a": 1, "bb": 1, "ccc": 1},
    ),
    Pair(
        name="minutes of the faster source",
        bug="A minute is closed when any source is two minutes further: rows of the slower one are dropped.",
        clj="minutes.clj",
        wrong={"store-bolt": MinutesOfTheFaster},
        right={"store-bolt": Minutes},
        rows={
            "orders": [[n, n // 2] for n in range(6)],
            "payments": [[10 + n, n // 2] for n in range(6)],
        },
        result=lambda topology: outside.stored(),
        expected={minute: {2 * minute + n for n in (0, 1, 10, 11)} for minute in range(3)},
    ),
    Pair(
        name="order that stays unpaid",
        bug="An order without a payment is stored as unpaid after three ticks, and its payment comes after that.",
        clj="join.clj",
        wrong={"join-bolt": UnpaidForEver},
        right={"join-bolt": Unpaid},
        component_conf={"join-bolt": EVERY_TEN_SECONDS},
        rows={"orders": ORDERS, "payments": ORDERS},
        result=lambda topology: outside.stored(),
        expected=dict.fromkeys(range(4), "paid"),
    ),
    Pair(
        name="every other call",
        bug="Every other row is kept, by a counter in memory: others are kept when rows come again.",
        clj="store.clj",
        wrong={"store-bolt": EveryOtherCall},
        right={"store-bolt": EveryOther},
        rows={"orders": [[n, "dog"] for n in range(4)]},
        result=lambda topology: outside.stored(),
        expected={0: "dog", 2: "dog"},
    ),
]

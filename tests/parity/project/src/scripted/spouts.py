"""Spouts with a few rows each: they emit them, hear what became of them, and say when all is over."""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

from simplejson import RawJSON

from streamparse.spout import Spout


class Row(NamedTuple):
    """One emit."""

    values: list[Any]
    id: Any = None
    stream: str | None = None
    need_task_ids: bool = True
    to: str | None = None  # a component: a direct emit to its first task


def numbered(*values: Any) -> list[Row]:
    """Rows of one value each, with ids from 0."""
    return [Row([value], number) for number, value in enumerate(values)]


class Rows(Spout):
    """Emits its rows, so many a turn, and then nothing.

    When each reliable row is acked or has failed for good, it leaves a file in the directory that the setting
    ``parity.over`` names: whoever runs the scenario may end it.
    """

    rows: ClassVar[Sequence[Row]] = ()
    per_turn = 1
    retries = 0  # how often a failed row is emitted again

    def initialize(self, stormconf: Any, context: Any) -> None:
        self._left = list(self.rows)
        self._turn = 0
        self._waiting = 0
        self._failed: Counter[str] = Counter()
        self._over: str | None = stormconf.get("parity.over")
        if stormconf.get("parity.quiet.at") == context["taskid"]:
            self._left = []

    def awaits(self, row: Row) -> bool:
        """Whether Storm will say what became of it."""
        return row.id is not None

    def next_tuple(self) -> None:
        turn, self._left = self._left[: self.per_turn], self._left[self.per_turn :]
        for row in turn:
            self._send(row)
        if not turn and not self._waiting:
            self._end()

    def ack(self, tup_id: Any) -> None:
        self._waiting -= 1

    def fail(self, tup_id: Any) -> None:
        self._waiting -= 1
        name = repr(tup_id)
        if self._failed[name] < self.retries:
            self._failed[name] += 1
            self._left += [row for row in self.rows if row.id == tup_id]

    def _send(self, row: Row) -> None:
        self._waiting += self.awaits(row)
        self.emit(
            row.values,
            tup_id=row.id,
            stream=row.stream,
            need_task_ids=row.need_task_ids,
            direct_task=None if row.to is None else self._first_task(row.to),
        )

    def _first_task(self, component: str) -> int:
        assert self.context is not None
        names = self.context["task->component"]
        return min(int(task) for task, name in names.items() if name == component)

    def _end(self) -> None:
        if self._over is not None:
            with open(os.path.join(self._over, str(self.task_id)), "w"):  # noqa: PTH123
                self._over = None


class Words(Rows):
    """What a stream of words may hold, and values that are none."""

    rows = numbered("the", "dog", "", -1, 1.5, None, True, "apple")


class Keys(Rows):
    """Every kind of JSON value that can be a key."""

    rows = numbered(
        *("the", "dog", "apple", "hello", "", "é", "😀", "polygenelubricants"),
        *(0, 1, 42, -1, -2, -42, 2147483647, 2147483648, -2147483648, -2147483649, 4294967296),
        *(9223372036854775807, -9223372036854775808),
        *(1.0, 1.5, -0.0, 0.1, 2.5e300, 3.141592653589793, 0.30000000000000004, 1e-7),
        *(True, False, None, [], {}, [1, 2, 3], [[1, [2, None]], "x"], {"a": 1}),
        *({"a": 1, "b": [True, None]}, {"a": -1}, ["user-1", 5], [1, -1], [-1.5, {"deep": [-7]}]),
    )


class Literals(Rows):
    """Numbers whose text matters: how long it is, and how it is written."""

    rows = numbered(
        *map(
            RawJSON,
            (
                "1.50",
                "1E2",
                "1e2",
                "100.0",
                "-0",
                "0.10000000000000000000",
                "12345678901234567.0",
                "1E400",
                "-1E400",
            ),
        )
    )


class HugeKeys(Rows):
    """What only Storm 2.6 and later reads: integers beyond 64 bits, and floats that are none."""

    rows = numbered(
        *map(
            RawJSON,
            (
                "12345678901234567890",
                "-98765432109876543210987654321",
                "NaN",
                "Infinity",
                "-Infinity",
                "18446744073709551616",
            ),
        )
    )


class Pairs(Rows):
    """Two fields, of which groupings name either, or both in either order."""

    rows = tuple(
        Row([first, second], 10 * i + j)
        for i, first in enumerate(["cat", "dog", 3])
        for j, second in enumerate(["x", -7, 2.5, None])
    )


class Numbers(Rows):
    """A dozen numbers."""

    rows = numbered(*range(12))


class Unanswered(Numbers):
    """The same, and does not wait to hear what became of them."""

    def awaits(self, row: Row) -> bool:
        return False


class Sixty(Rows):
    """Sixty numbers: enough for every task of a shuffle to get one."""

    rows = numbered(*range(60))
    per_turn = 10


class Unreliable(Rows):
    """Numbers without ids."""

    rows = tuple(Row([number]) for number in range(6))


class Fates(Rows):
    """What its bolts are to do with each tuple stands in it."""

    rows = (
        Row(["ack"], "first"),
        Row(["fail"], {"n": 1, "a": "fail"}),
        Row(["drop"], 3),
        Row(["chain-ack"], 4),
        Row(["chain-fail"], 5),
        Row(["chain-drop"], 6),
        Row(["loose-drop"], 7),
        Row(["loose-fail"], 8),
        Row(["all-ack"], 9),
        Row(["all-one-fails"], 10),
        Row(["all-drop"], 11),
    )


class Joined(Rows):
    """Pairs that a bolt joins; the second says what becomes of the pair."""

    rows = numbered("a", "ack", "b", "fail", "c", "ack")


class Ids(Rows):
    """Message ids of every kind."""

    rows = (
        Row(["empty"], ""),
        Row(["zero"], 0),
        Row(["float"], RawJSON("1.50")),
        Row(["list"], [1, "x", None]),
        Row(["object"], {"n": 1, "a": 2, "long key": {"z": 0, "b": []}}),
        Row(["true"], True),
        Row(["negative"], -9007199254740993),
        Row(["text"], 'quotes " and / and é'),
        Row(["null"], None),
        Row(["false"], False),
    )

    def awaits(self, row: Row) -> bool:
        return row.id is not None and row.id is not False

    def ack(self, tup_id: Any) -> None:
        if tup_id is not False:
            super().ack(tup_id)


class SameId(Rows):
    """One id for three tuples at once."""

    rows = (
        Row(["one"], "same"),
        Row(["two"], "same"),
        Row(["three"], "same"),
    )
    per_turn = 3


class Silently(Rows):
    """Two reliable tuples a turn, and does not wait for task ids."""

    rows = tuple(Row([number], number, need_task_ids=False) for number in range(4))
    per_turn = 2


class Mixed(Rows):
    """Asks for ids of unreliable tuples only."""

    rows = (
        Row([0], "a", need_task_ids=False),
        Row([1]),
        Row([2], "b", need_task_ids=False),
        Row([3]),
    )


class Lonely(Rows):
    """Emits where nobody listens."""

    rows = (
        Row([0], "a", "lonely", need_task_ids=False),
        Row([1], None, "lonely"),
        Row([2], "b", "lonely", need_task_ids=False),
    )


class Retried(Rows):
    """Emits again what has failed."""

    rows = numbered("a", "b", "c")
    retries = 2


class Hasty(Retried):
    """Emits again at once, inside of `fail`."""

    def fail(self, tup_id: Any) -> None:
        self._waiting -= 1
        for row in self.rows:
            if row.id == tup_id:
                self._send(row)


class Crowd(Rows):
    """More than may be pending; before them a tuple that does not count."""

    rows = numbered(0, 1, 2, 3)

    def initialize(self, stormconf: Any, context: Any) -> None:
        super().initialize(stormconf, context)
        self._first = True

    def next_tuple(self) -> None:
        if self._first:
            self._first = False
            self.emit(["uncounted"], need_task_ids=False)
        super().next_tuple()


class Given(Rows):
    """The values of the setting my.values, a JSON text: some Storms take no setting with a long float."""

    def initialize(self, stormconf: Any, context: Any) -> None:
        super().initialize(stormconf, context)
        self._left = numbered(*json.loads(stormconf["my.values"]))


class Streams(Rows):
    """Several streams, one of which has no field."""

    rows = (
        Row(["a", 1], 0),
        Row(["b"], 1, "odd"),
        Row([], 2, "bare"),
        Row(["c", 2], 3),
        Row(["d"], 4, "odd"),
        Row(["e"], 5, "unheard", need_task_ids=False),
    )


class Direct(Rows):
    """Says itself which task gets it."""

    rows = (
        Row(["a"], 0, "to", to="last"),
        Row(["b"], 1, "to", to="last"),
        Row(["c"], 2, "to", to="first"),
    )


class Odd(Rows):
    """Values that are hard on a printer of JSON."""

    rows = numbered(
        *(
            "",
            " ",
            "\t\n\r\b\f",
            "\x00\x1f",
            "\x7f\x80\x9f\xa0",
            "\u2000\u2028\u2029\u20ff\u2100",
            "/ \\ \" '",
        ),
        *("é ß 中 😀", "end", "a\nend\nb", "x" * 100_000, [[[[[[[[1]]]]]]]]),
        *(
            1e10,
            1e-7,
            1.5e300,
            123456789.125,
            1e7,
            9999999.0,
            0.001,
            0.00099,
            5e-324,
            1.7976931348623157e308,
        ),
        *(
            {"": None, "b": 1, "a": 2, "Aa": 3, "BB": 4, "é": 5},
            {str(number): number for number in range(20)},
        ),
    )


class Sentences(Rows):
    """Words to be split and counted."""

    rows = numbered("the dog the cat", "a dog", "the end", 'a "quoted" é', "* ?")


class Bursts(Rows):
    """All at once."""

    rows = tuple(Row([f"m{number}"], number, need_task_ids=False) for number in range(6))
    per_turn = 6


class Keyed(Rows):
    """Two keys, all at once, for batches."""

    rows = tuple(
        Row([key, number], f"{key}{number}", need_task_ids=False)
        for number in range(3)
        for key in "ab"
    )
    per_turn = 6


class Speaks(Rows):
    """After its first row says what the setting my.spout asks for."""

    rows = numbered("one", "two")

    def next_tuple(self) -> None:
        assert self.storm_conf is not None
        if len(self._left) == 1:
            what = self.storm_conf["my.spout"]
            if what == "exit":
                sys.exit(3)
            elif what == "raise":
                raise ValueError("no more rows")
            elif what == "error":
                self.send_message({"command": "error", "msg": "boom"})
            elif what == "late":
                self.emit(["late"], tup_id="late")
            else:
                self.send_message({"command": what})
        super().next_tuple()


class Logs(Rows):
    """Logs at every level."""

    rows = numbered("one")

    def initialize(self, stormconf: Any, context: Any) -> None:
        super().initialize(stormconf, context)
        for level in (*range(6), None):
            message: dict[str, Any] = {"command": "log", "msg": f"spout level {level}"}
            self.send_message(message if level is None else {**message, "level": level})


class Slow(Rows):
    """A few rows, the next when the last is settled: a bolt dies of one before the next comes."""

    rows = numbered("one", "two", "three", "four")

    def next_tuple(self) -> None:
        if self._waiting == 0:
            super().next_tuple()


class Paced(Rows):
    """Some words, and time between them where time is real: a bolt that died of one is gone when the next comes."""

    rows = numbered("one", "two", "three", "four", "five")

    def awaits(self, row: Row) -> bool:
        return False

    def ack(self, tup_id: Any) -> None:
        pass

    fail = ack

    def next_tuple(self) -> None:
        if self._over is not None:
            time.sleep(0.3)
        super().next_tuple()

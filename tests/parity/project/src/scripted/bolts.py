"""Bolts that pass on, settle or hold what they get, as a scenario wants."""

from __future__ import annotations

import os
import sys
from typing import Any, ClassVar

from streamparse.bolt import BatchingBolt, Bolt, TicklessBatchingBolt


class Take(Bolt):
    """Acks everything, emits nothing."""

    def process(self, tup: Any) -> None:
        pass


class Pass(Bolt):
    """Emits what it gets."""

    def process(self, tup: Any) -> None:
        self.emit(tup.values)


class Hold(Bolt):
    """Settles nothing."""

    auto_ack = False

    def process(self, tup: Any) -> None:
        pass


class HoldLong(Bolt):
    """Acks all that it holds at its fifth tick."""

    auto_ack = False
    ticks = 0

    def initialize(self, storm_conf: Any, context: Any) -> None:
        self._held: list[Any] = []

    def process(self, tup: Any) -> None:
        self._held.append(tup)

    def process_tick(self, tup: Any) -> None:
        self.ticks += 1
        while self.ticks >= 5 and self._held:
            self.ack(self._held.pop())


class Loose(Bolt):
    """Emits without anchors."""

    auto_anchor = False

    def process(self, tup: Any) -> None:
        self.emit(tup.values)


class Twice(Bolt):
    """Emits what it gets twice, the second time without asking for ids."""

    def process(self, tup: Any) -> None:
        self.emit(tup.values)
        self.emit(tup.values, need_task_ids=False)


class Fate(Bolt):
    """Does what the tuple says."""

    auto_ack = False

    def process(self, tup: Any) -> None:
        how = tup.values[0].partition("-")[0]
        if how == "chain":
            self.emit(tup.values)
        elif how == "loose":
            self.emit(tup.values, anchors=[])
        elif how == "all":
            self.emit(tup.values, stream="two")
        if how == "fail":
            self.fail(tup)
        elif how != "drop":
            self.ack(tup)


class Ends(Bolt):
    """The end of a tree: does what the tuple says last."""

    auto_ack = False

    def initialize(self, storm_conf: Any, context: Any) -> None:
        names = context["task->component"]
        own = names[str(context["taskid"])]
        self._is_first = context["taskid"] == min(
            int(each) for each, name in names.items() if name == own
        )

    def process(self, tup: Any) -> None:
        then = tup.values[0].partition("-")[2]
        if then == "fail" or (then == "one-fails" and self._is_first):
            self.fail(tup)
        elif then != "drop":
            self.ack(tup)


class Join(Bolt):
    """Holds a tuple until the next comes, and emits the two as one."""

    auto_ack = False
    held: Any = None

    def process(self, tup: Any) -> None:
        if self.held is None:
            self.held = tup
            return
        first, self.held = self.held, None
        self.emit([first.values[0], tup.values[0]], anchors=[first, tup])
        self.ack(first)
        self.ack(tup)


class Verdict(Bolt):
    """Fails what says so in its last value."""

    auto_ack = False

    def process(self, tup: Any) -> None:
        if tup.values[-1] == "fail":
            self.fail(tup)
        else:
            self.ack(tup)


class Forgetful(Bolt):
    """Does nothing with a value that it sees for the first time, or fails it if my.fails is set."""

    auto_ack = False

    def initialize(self, storm_conf: Any, context: Any) -> None:
        self._seen: set[str] = set()
        self._fails = storm_conf.get("my.fails")

    def process(self, tup: Any) -> None:
        known = tup.values[0] in self._seen
        self._seen.add(tup.values[0])
        if known:
            self.ack(tup)
        elif self._fails:
            self.fail(tup)


class Countdown(Bolt):
    """Emits numbers to itself, each one less, until there is none."""

    def process(self, tup: Any) -> None:
        if tup.values[0] > 0:
            self.emit([tup.values[0] - 1], need_task_ids=False)


class Router(Bolt):
    """Sends each value to the stream of its kind."""

    def process(self, tup: Any) -> None:
        self.emit([tup.values[0]], stream="even" if tup.values[0] % 2 == 0 else "odd")


class Splitter(Bolt):
    """Emits one to each of three."""

    def process(self, tup: Any) -> None:
        for number in range(3):
            self.emit([*tup.values, number])


class Prints(Bolt):
    """Prints in every way that there is."""

    def process(self, tup: Any) -> None:
        print("printed")
        print('{"command": "ack", "id": "0"}\nend', flush=True)
        os.write(1, b"written\nend\n")
        os.system("echo from a child")
        sys.__stdout__.write("to the old stdout\n")  # type: ignore[union-attr]
        self.emit(tup.values)


class Batches(BatchingBolt):
    """Counts by key, at the fourth tick."""

    ticks_between_batches = 3

    def group_key(self, tup: Any) -> str:
        return str(tup.values[0])

    def process_batch(self, key: Any, tups: list[Any]) -> None:
        self.emit([key, len(tups)])


class Timed(TicklessBatchingBolt):
    """Counts by key, by a timer of its own."""

    secs_between_batches = 4

    def group_key(self, tup: Any) -> str:
        return str(tup.values[0])

    def process_batch(self, key: Any, tups: list[Any]) -> None:
        self.emit([key, len(tups)])


class OnTicks(Bolt):
    """Emits at a tick, which anchors nothing; settles ticks in every way."""

    auto_ack = False
    count = 0

    def process(self, tup: Any) -> None:
        self.ack(tup)

    def process_tick(self, tup: Any) -> None:
        self.count += 1
        if self.count == 1:
            self.emit(["at a tick"])
        elif self.count == 2:
            self.ack(tup)
        elif self.count == 3:
            self.fail(tup)


class Raises(Bolt):
    """Raises at a word."""

    def process(self, tup: Any) -> None:
        if tup.values[0] == "two":
            raise ValueError("two is too many")


class RaisesQuietly(Raises):
    """Raises, and fails nothing."""

    auto_fail = False


class Errs(Bolt):
    """Reports an error and goes on."""

    def process(self, tup: Any) -> None:
        self.raise_exception(ValueError("boom"), tup)


class ErrsByHand(Bolt):
    """Reports an error in a message of its own, without the sync that raise_exception sends behind it."""

    def process(self, tup: Any) -> None:
        self.send_message({"command": "error", "msg": "boom"})


class Logs(Bolt):
    """Logs at every level, and at none."""

    def process(self, tup: Any) -> None:
        for level in (*range(6), -1, None):
            message: dict[str, Any] = {"command": "log", "msg": f"bolt level {level}"}
            self.send_message(message if level is None else {**message, "level": level})
        self.log("by method, error", "error")
        self.log("by method, none")


class Says(Bolt):
    """At its first tuple says what the setting my.says asks for; then it goes on as if nothing had been."""

    auto_ack = False
    said = False

    TEXTS: ClassVar = {
        "ack-unknown": '{"command":"ack","id":"123"}',
        "fail-unknown": '{"command":"fail","id":"123"}',
        "ack-twice": '{"command":"ack","id":"ID"}\nend\n{"command":"ack","id":"ID"}',
        "fail-acked": '{"command":"ack","id":"ID"}\nend\n{"command":"fail","id":"ID"}',
        "anchor-acked": '{"command":"ack","id":"ID"}\nend\n'
        '{"command":"emit","tuple":["x"],"anchors":["ID"],"need_task_ids":false}',
        "anchor-unknown": '{"command":"emit","tuple":["x"],"anchors":["7"],"need_task_ids":false}',
        "no-command": '{"msg":"x"}',
        "not-json": "{not json",
        "half-json": '{"command":"sync"} trailing',
        "bare-word": "hello world",
        "empty": "",
        "list": "[1,2]",
        "no-tuple": '{"command":"emit","anchors":["ID"],"need_task_ids":false}',
        "scalar-tuple": '{"command":"emit","tuple":"x","need_task_ids":false}',
        "metrics": '{"command":"metrics","name":"m","params":1}',
        "unknown-command": '{"command":"frobnicate"}',
        "undeclared": '{"command":"emit","tuple":["x"],"stream":"nope","need_task_ids":false}',
        "too-wide": '{"command":"emit","tuple":["x",2],"need_task_ids":false}',
        "too-wide-unheard": '{"command":"emit","tuple":["x",2],"stream":"unheard","need_task_ids":false}',
        "too-narrow": '{"command":"emit","tuple":[],"need_task_ids":false}',
        "regular-to-direct": '{"command":"emit","tuple":["x"],"stream":"to","need_task_ids":false}',
        "direct-to-shuffle": '{"command":"emit","tuple":["x"],"task":TASK}',
        "direct-to-nobody": '{"command":"emit","tuple":["x"],"stream":"to","task":1}',
        "one-anchor-text": '{"command":"emit","tuple":["x"],"anchors":"ID","need_task_ids":false}',
        "number-id": '{"command":"ack","id":5}',
        "extra-sync": '{"command":"sync"}',
        "pretty": '{"command":\n  "emit", "tuple":\n ["x"],\n "anchors": ["ID"], "need_task_ids": false}',
        "duplicate-key": '{"command":"emit","tuple":["w"],"tuple":["x"],"need_task_ids":false}',
        "emit-id": '{"command":"emit","tuple":["x"],"id":"mine","need_task_ids":false}',
        "second-pid": '{"pid":5}',
        "log-number": '{"command":"log","msg":5}',
    }

    def process(self, tup: Any) -> None:
        assert self.storm_conf is not None
        assert self.context is not None
        what = self.storm_conf["my.says"]
        if not self.said:
            self.said = True
            if what == "exit":
                self.ack(tup)
                sys.exit(0)
            names = self.context["task->component"]
            last = next(task for task, name in names.items() if name == "last")
            text = self.TEXTS[what].replace("ID", tup.id).replace("TASK", last)
            self.output_stream.write(f"{text}\nend\n")
            self.output_stream.flush()
            if '"ack"' in text and tup.id in text:
                return
        self.ack(tup)


class Numbered(Bolt):
    """Emits how many it has got."""

    count = 0

    def process(self, tup: Any) -> None:
        self.count += 1
        self.emit([self.count])

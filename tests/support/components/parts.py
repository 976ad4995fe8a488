"""Components for the tests of the simulator: what they do is in the topology's :conf, or in the tuple itself."""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from pathlib import Path
from typing import Any

from streamparse import BatchingBolt, Bolt, Spout, TicklessBatchingBolt, Tuple


class Rows(Spout):
    """Emits the rows of ``:conf {"rows" [...]}``, one a turn, with their index as id; tells what became of them."""

    def initialize(self, storm_conf: Any, context: Any) -> None:
        self.rows = list(enumerate(storm_conf.get("rows", [])))
        self.all_rows = [row for _, row in self.rows]
        self.ids = storm_conf.get("ids")
        self.stream = storm_conf.get("stream")
        self.retries = storm_conf.get("retries", 0)
        self.wait = storm_conf.get("need_task_ids", True)

    def next_tuple(self) -> None:
        if self.rows:
            number, row = self.rows.pop(0)
            tup_id = number if self.ids is None else self.ids[number]
            tasks = self.emit(row, tup_id=tup_id, stream=self.stream, need_task_ids=self.wait)
            self.log(f"sent {row} to {tasks}")

    def ack(self, tup_id: Any) -> None:
        self.log(f"acked {tup_id!r}")

    def fail(self, tup_id: Any) -> None:
        self.log(f"failed {tup_id!r}")
        if self.retries:
            self.retries -= 1
            self.rows.append((tup_id, self.all_rows[tup_id]))


class Endless(Spout):
    """Emits numbers for ever."""

    def initialize(self, storm_conf: Any, context: Any) -> None:
        self.number = 0

    def next_tuple(self) -> None:
        self.number += 1
        self.emit([self.number], tup_id=self.number)


class Unreliable(Spout):
    """Emits for ever, without message ids."""

    def next_tuple(self) -> None:
        self.emit(["x"])


class Skewed(Spout):
    """Emits for ever: three hot words, then a cold one."""

    def initialize(self, storm_conf: Any, context: Any) -> None:
        self.number = 0

    def next_tuple(self) -> None:
        self.number += 1
        self.emit(["cold" if self.number % 4 == 0 else "hot"], tup_id=self.number)


class Lively(Spout):
    """Tells of activate and deactivate."""

    def next_tuple(self) -> None:
        self.log("next")

    def activate(self) -> None:
        self.log("activate")


class Unasked(Spout):
    """Says something no spout may say."""

    def next_tuple(self) -> None:
        self.send_message({"command": "bogus"})


class Pass(Bolt):
    """Passes its values on."""

    def process(self, tup: Tuple) -> None:
        self.emit(tup.values)


class PassesCold(Bolt):
    """Passes the cold words on, and ends the others."""

    def process(self, tup: Tuple) -> None:
        if tup.values == ["cold"]:
            self.emit(tup.values)


class Tells(Bolt):
    """Logs every tuple it is given, ticks too."""

    def process(self, tup: Tuple) -> None:
        self.log(f"{tup.component}[{tup.task}] {tup.stream} {tup.values}")

    process_tick = process


class Fussy(Bolt):
    """Cannot stand bad words."""

    def process(self, tup: Tuple) -> None:
        if tup.values[0] == "bad":
            raise ValueError(tup.values[0])


class Obeys(Bolt):
    """Does what the first value says. Settles nothing by itself."""

    auto_ack = auto_fail = auto_anchor = False

    def initialize(self, storm_conf: Any, context: Any) -> None:
        self.kept: Tuple | None = None

    def process(self, tup: Tuple) -> None:
        getattr(self, tup.values[0].replace("-", "_"))(tup)

    def ack_it(self, tup: Tuple) -> None:
        self.ack(tup)

    def fail_it(self, tup: Tuple) -> None:
        self.fail(tup)

    def drop(self, tup: Tuple) -> None:
        pass

    def pass_on(self, tup: Tuple) -> None:
        self.emit(tup.values[1:], anchors=[tup])
        self.ack(tup)

    def pass_unanchored(self, tup: Tuple) -> None:
        self.emit(tup.values[1:])
        self.ack(tup)

    def pass_to_two(self, tup: Tuple) -> None:
        self.emit(tup.values[1:], anchors=[tup], stream="two")
        self.ack(tup)

    def keep(self, tup: Tuple) -> None:
        self.kept = tup

    def join(self, tup: Tuple) -> None:
        assert self.kept
        self.emit(tup.values[1:], anchors=[self.kept, tup])
        self.ack(self.kept)
        self.ack(tup)

    def ack_twice(self, tup: Tuple) -> None:
        self.ack(tup)
        self.ack(tup)

    def fail_after_ack(self, tup: Tuple) -> None:
        self.ack(tup)
        self.fail(tup)

    def ack_unknown(self, tup: Tuple) -> None:
        self.ack("123")

    def anchor_after_ack(self, tup: Tuple) -> None:
        self.ack(tup)
        self.emit(tup.values, anchors=[tup])

    def undeclared(self, tup: Tuple) -> None:
        self.emit(["x"], stream="defualt")

    def too_wide(self, tup: Tuple) -> None:
        self.emit(["x", "y", "z"], anchors=[tup])

    def direct(self, tup: Tuple) -> None:
        self.emit(tup.values[2:], direct_task=tup.values[1], stream="dir", need_task_ids=False)
        self.ack(tup)

    def regular_on_direct(self, tup: Tuple) -> None:
        self.emit(["x"], stream="dir")

    def no_command(self, tup: Tuple) -> None:
        self.send_message({"msg": "x"})

    def frobnicate(self, tup: Tuple) -> None:
        self.send_message({"command": "frobnicate"})

    def metric(self, tup: Tuple) -> None:
        self.send_message({"command": "metrics", "name": "m", "params": 1})

    def not_a_number(self, tup: Tuple) -> None:
        self._raw('{"command": "emit", "tuple": [NaN]}\nend\n')

    def garbage(self, tup: Tuple) -> None:
        self._raw("hello world\nend\n")

    def list_message(self, tup: Tuple) -> None:
        self._raw("[1,2]\nend\n")

    def deep(self, tup: Tuple) -> None:
        self._raw("[" * 100_000 + "\nend\n")

    def error(self, tup: Tuple) -> None:
        self.send_message({"command": "error", "msg": "boom"})
        self.send_message({"command": "sync"})
        self.ack(tup)

    def levels(self, tup: Tuple) -> None:
        for level in (0, 1, 2, 3, 4, 5, "x", None):
            self.send_message({"command": "log", "msg": f"at {level}", "level": level})
        self.ack(tup)

    def die(self, tup: Tuple) -> None:
        raise ValueError("as told")

    def exit(self, tup: Tuple) -> None:
        sys.exit(3)

    def draw(self, tup: Tuple) -> None:
        # No float: a long one may not leave its worker.
        self.emit([int(random.random() * 1e9)], anchors=[tup])
        self.ack(tup)

    def huge(self, tup: Tuple) -> None:
        self._raw('{"command": "log", "msg": "' + "x" * 50_000_000 + '"}\nend\n')

    def surrogate(self, tup: Tuple) -> None:
        self.emit(["\ud800x"], anchors=[tup])
        self.ack(tup)

    def count_what_is_said(self, tup: Tuple) -> None:
        counted, inner = [], self.output_stream

        class Counting:
            def write(self, text: str) -> None:
                counted.append(text)
                inner.write(text)

            def flush(self) -> None:
                inner.flush()

        self.output_stream = Counting()
        self.ack(tup)
        self.output_stream = inner
        self.log(len(counted))

    def in_pieces(self, tup: Tuple) -> None:
        self._raw('{"command": "log", ')
        self._raw('"msg": "piece by piece", "level": 2}\nend\n{"command": "log", "msg": ')
        self.send_message({"command": "ack", "id": tup.id})  # in the middle of another message

    def change_what_was_emitted(self, tup: Tuple) -> None:
        row: list[Any] = ["as", 1]
        self.emit(row, anchors=[tup], need_task_ids=False)
        row[1] = "was"
        self.emit(row, anchors=[tup], need_task_ids=False)
        self.ack(tup)

    def change_what_was_taken(self, tup: Tuple) -> None:
        tup.values[1:] = ["changed"]
        self.log(tup.values)
        self.ack(tup)

    # process mode only: in process these would take the test's own process with them

    def half_a_message(self, tup: Tuple) -> None:
        os.write(self.output_stream.fileno(), b'{"command": "em')  # type: ignore[attr-defined]
        os._exit(7)

    def invalid_utf8(self, tup: Tuple) -> None:
        os.write(self.output_stream.fileno(), b'{"command": "\xff\xfe"}\nend\n')  # type: ignore[attr-defined]

    def sleep(self, tup: Tuple) -> None:
        time.sleep(3600)

    def shout(self, tup: Tuple) -> None:
        while True:
            print("x" * 100, file=sys.stderr)

    def flood_stdout(self, tup: Tuple) -> None:
        while True:
            self.log("x" * 10_000)

    def flood_stderr(self, tup: Tuple) -> None:
        for _ in range(2000):
            print("x" * 1000, file=sys.stderr)
        self.ack(tup)

    def close_stdout(self, tup: Tuple) -> None:
        os.close(self.output_stream.fileno())  # type: ignore[attr-defined]
        time.sleep(3600)

    def kill_fork_server(self, tup: Tuple) -> None:
        if Path(tup.values[1]).exists():
            return self.ack(tup)
        Path(tup.values[1]).write_text(str(os.getpid()))
        os.kill(os.getppid(), signal.SIGKILL)
        while True:
            pass

    def _raw(self, text: str) -> None:
        self.output_stream.write(text)
        self.output_stream.flush()


class Lottery(Obeys):
    """Draws when it is made, too, and speaks before anybody listens."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.log("not to Storm")
        self.drawn = [random.randrange(1000)]

    def draw(self, tup: Tuple) -> None:
        self.drawn.append(random.randrange(1000))
        self.log(self.drawn)
        self.ack(tup)


class Counts(BatchingBolt):
    """Counts by word, at every second tick."""

    def group_key(self, tup: Tuple) -> Any:
        return tup.values[0]

    def process_batch(self, key: Any, tups: list[Tuple]) -> None:
        self.emit([key, len(tups)])


class TimedCounts(TicklessBatchingBolt):
    """Counts by word, every 1.5 seconds."""

    secs_between_batches = 1.5

    def group_key(self, tup: Tuple) -> Any:
        return tup.values[0]

    def process_batch(self, key: Any, tups: list[Tuple]) -> None:
        self.emit([key, len(tups)])


class Unready(Bolt):
    """Cannot be initialized."""

    def initialize(self, storm_conf: Any, context: Any) -> None:
        raise OSError("no database")


def _start_once() -> None:
    """Note in the file that ``STARTED`` names that a component has started; fail when it is noted already.

    Only a file outlives a worker that is restarted, as a process or in this process.
    """
    mark = Path(os.environ["STARTED"])
    if mark.exists():
        raise OSError("no second life")
    mark.touch()


class InitializedOnce(Obeys):
    """Can be initialized in its first life only."""

    def initialize(self, storm_conf: Any, context: Any) -> None:
        _start_once()


class MadeOnce(Obeys):
    """Can be made in its first life only."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _start_once()

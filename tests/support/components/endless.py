"""Components whose turns do not end by themselves."""

from __future__ import annotations

import os
from typing import Any

from streamparse import Bolt, Spout, Tuple


class EndlessTurn(Spout):
    """Emits for ever in its first turn."""

    def next_tuple(self) -> None:
        number = 0
        while True:
            self.emit([number], tup_id=number, need_task_ids=False)
            number += 1


class EndlessBolt(Bolt):
    """Emits for ever in its first turn."""

    def process(self, tup: Tuple) -> None:
        while True:
            self.emit(tup.values, need_task_ids=False)


class LongTurn(Spout):
    """Emits many tuples in one turn, and ends it."""

    def initialize(self, storm_conf: Any, context: Any) -> None:
        self.left = 500

    def next_tuple(self) -> None:
        while self.left:
            self.emit([self.left], tup_id=self.left, need_task_ids=False)
            self.left -= 1


class BlockedTurn(Spout):
    """Waits in its turns for a file descriptor: until its process is killed."""

    def next_tuple(self) -> None:
        self.emit(["x"], tup_id=1, need_task_ids=False)
        reader, self.writer = os.pipe()
        os.read(reader, 1)


class DyingTurn(LongTurn):
    """Ends its long turn with its process, or with what is no message: ``:conf {"end" ...}``."""

    def initialize(self, storm_conf: Any, context: Any) -> None:
        super().initialize(storm_conf, context)
        self.end = storm_conf["end"]

    def next_tuple(self) -> None:
        super().next_tuple()
        if self.end == "exit":
            os._exit(7)
        self.emit(["x"], stream="nowhere")

"""The components that are measured: a spout of words, a bolt that passes on, a counter, and one that notes the time."""

from __future__ import annotations

import itertools
import time
from collections import Counter

from streamparse import Bolt, Spout, Tuple

TYPE_CHECKING = False  # what a component loads is not to be measured with what starts it
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

WORDS = ("dog", "cat", "zebra", "elephant", "ant", "bee", "cow", "duck")


class Words(Spout):
    """Emits as many words as its configuration says, and reports when the first was emitted and the last was acked."""

    def initialize(self, storm_conf: Mapping[str, Any], context: Mapping[str, Any]) -> None:
        self.words = itertools.cycle(WORDS)
        self.left = self.unacked = self.all = storm_conf["words"]
        self.report = storm_conf.get("benchmark.acked")
        # The time of day, for all processes share it; alone in a process, its own processor time is less noisy.
        self.clock = time.process_time if storm_conf.get("benchmark.processor") else time.time
        self.began = 0.0

    def next_tuple(self) -> None:
        if self.left:
            self.began = self.began or self.clock()
            self.left -= 1
            self.emit([next(self.words)], tup_id=self.left, need_task_ids=False)

    def ack(self, tup_id: object) -> None:
        self.unacked -= 1
        if self.unacked == 0 and self.report:
            _note(self.report, f"{self.began} {self.clock()} {self.all}")
            self.log("all acked")


class Pass(Bolt):
    """Emits what it is given."""

    def process(self, tup: Tuple) -> None:
        self.emit(tup.values, need_task_ids=False)


class Count(Bolt):
    """Emits each word with how often it has come."""

    def initialize(self, storm_conf: Mapping[str, Any], context: Mapping[str, Any]) -> None:
        self.counts: Counter[str] = Counter()
        self.report = storm_conf.get("benchmark.first")

    def process(self, tup: Tuple) -> None:
        if self.report:
            _note(self.report, str(time.time()))
            self.report = None
        word = tup.values[0]
        self.counts[word] += 1
        self.emit([word, self.counts[word]], need_task_ids=False)


def _note(path: str, line: str) -> None:
    """Add a line; several tasks write the same file."""
    with open(path, "a", encoding="utf-8") as file:  # noqa: PTH123 (pathlib would be loaded for this)
        file.write(f"{line}\n")

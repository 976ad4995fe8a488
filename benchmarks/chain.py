"""The components of the simulator's benchmark: a chain of spout, passing bolt, and counters by word."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping
from typing import Any

from streamparse import Bolt, Spout, Tuple

WORDS = ("dog", "cat", "zebra", "elephant", "ant", "bee", "cow", "duck")


class Words(Spout):
    """Emits as many words as its configuration says."""

    def initialize(self, storm_conf: Mapping[str, Any], context: Mapping[str, Any]) -> None:
        self.words = itertools.cycle(WORDS)
        self.left = storm_conf["words"]

    def next_tuple(self) -> None:
        if self.left:
            self.left -= 1
            self.emit([next(self.words)], tup_id=self.left, need_task_ids=False)


class Pass(Bolt):
    """Emits what it is given."""

    def process(self, tup: Tuple) -> None:
        self.emit(tup.values, need_task_ids=False)


class Count(Bolt):
    """Emits each word with how often it has come."""

    def initialize(self, storm_conf: Mapping[str, Any], context: Mapping[str, Any]) -> None:
        self.counts: Counter[str] = Counter()

    def process(self, tup: Tuple) -> None:
        word = tup.values[0]
        self.counts[word] += 1
        self.emit([word, self.counts[word]], need_task_ids=False)

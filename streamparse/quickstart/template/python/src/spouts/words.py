"""Where the words come from."""

from collections.abc import Mapping
from itertools import count, cycle
from typing import Any

from streamparse.spout import Spout


class WordSpout(Spout):
    """Emits four words in turn, for ever."""

    outputs = ["word"]  # the fields it emits

    def initialize(self, storm_conf: Mapping[str, Any], context: Mapping[str, Any]) -> None:
        # Called once, before the first tuple is asked for.
        self.words = cycle(["dog", "cat", "zebra", "elephant"])
        self.numbers = count()

    def next_tuple(self) -> None:
        # Called again and again. The id makes Storm follow the tuple and all that comes of it, and then
        # call ack(tup_id) or fail(tup_id). These do nothing unless you write them.
        number = next(self.numbers)
        self.emit([next(self.words)], tup_id=number)
        if number % 4000 == 0:
            self.log(f"word number {number} is emitted")  # to Storm's log: sparse run shows it

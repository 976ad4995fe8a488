"""How often each word has come."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from streamparse.bolt import Bolt
from streamparse.storm import Tuple


class WordCounter(Bolt):
    """Takes [word], emits [word, count]."""

    outputs = ["word", "count"]  # the fields it emits

    def initialize(self, storm_conf: Mapping[str, Any], context: Mapping[str, Any]) -> None:
        # Called once, before the first tuple. Each task of the bolt is a process with counts of its own.
        self.counts: Counter[str] = Counter()

    def process(self, tup: Tuple) -> None:
        # Called for each tuple. What is emitted here is anchored to it, and it is acked after the return.
        word = tup.values[0]
        self.counts[word] += 1
        self.emit([word, self.counts[word]])
        if self.counts[word] % 1000 == 0:
            self.logger.info(
                "%s: %s", word, self.counts[word]
            )  # to its log file: sparse tail shows it

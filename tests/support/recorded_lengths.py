"""A bolt with a recording of it, and the same bolt with a change that a replay finds."""

from __future__ import annotations

from pathlib import Path

from streamparse import Bolt
from streamparse.storm import Tuple
from tests.support import taped

NAME = "streamparse_wordcount_counts_4_1.0"


class Lengths(Bolt):
    """Emits words and their lengths."""

    def process(self, tup: Tuple) -> None:
        self.emit([tup.values[0], len(tup.values[0])])


class Longer(Lengths):
    def process(self, tup: Tuple) -> None:
        self.emit([tup.values[0], len(tup.values[0]) + (tup.values[0] != "dog")])


def recording(directory: Path) -> Path:
    """Write a recording of ``Lengths`` into a directory."""
    text = taped.tape(Lengths, taped.words("dog", "eel"))
    return taped.write(directory / f"{NAME}.jsonl.gz", text)

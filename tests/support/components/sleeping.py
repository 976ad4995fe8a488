"""Components that sleep, for runs in virtual time."""

from __future__ import annotations

import time
from typing import Any

from streamparse import Bolt, Spout, Tuple


class Sleeps(Bolt):
    """Takes the steps of a tuple: sleeps so many seconds for a number, and emits a text."""

    def process(self, tup: Tuple) -> None:
        for step in tup.values[0]:
            if isinstance(step, str):
                self.emit([step])
            else:
                time.sleep(step)

    def process_tick(self, tup: Tuple) -> None:
        self.log(f"tick at {round(time.monotonic(), 3):g}")


class SleepsFirst(Sleeps):
    """Sleeps before it begins."""

    def initialize(self, storm_conf: Any, context: Any) -> None:
        time.sleep(2)


class Crashes(Sleeps):
    """Dies after its sleep."""

    def process(self, tup: Tuple) -> None:
        super().process(tup)
        raise ValueError("tired")


class Naps(Spout):
    """Sleeps ``:conf {"nap" ...}`` seconds before each of its rows, and half as long behind it."""

    def initialize(self, storm_conf: Any, context: Any) -> None:
        self.rows = list(enumerate(storm_conf["rows"]))
        self.nap = storm_conf["nap"]

    def next_tuple(self) -> None:
        if self.rows:
            number, row = self.rows.pop(0)
            time.sleep(self.nap)
            self.emit(row, tup_id=number)
            time.sleep(self.nap / 2)

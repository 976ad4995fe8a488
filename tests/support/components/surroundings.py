"""A bolt that tells of variables of its environment, and spoils one."""

from __future__ import annotations

import os
from typing import Any

from streamparse import Bolt, Tuple

AT_IMPORT = os.environ.get("COLOUR")


class Tells(Bolt):
    """Emits what COLOUR and OTHER are: at the import, at the start, and now."""

    def initialize(self, storm_conf: Any, context: Any) -> None:
        self.at_start = os.environ.get("COLOUR")

    def process(self, tup: Tuple) -> None:
        names = ("COLOUR", "NUMBER", "OTHER")
        self.emit([AT_IMPORT, self.at_start, *(os.environ.get(name) for name in names)])
        os.environ["COLOUR"] = "spoilt"

"""The components of ``examples/``, as slow as a scenario says: they sleep, and note what they do (``load.py``).

``load.sleep.ID`` is how long the bolt ID sleeps over a tuple, ``load.rate.ID`` how many tuples a second the spout ID
may emit; without it as many as it is asked for.
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable
from typing import Any

from streamparse.bolt import Bolt
from streamparse.spout import Spout
from tests.support.paths import ROOT

from .load import Notes, name_of


def _class(path: str, name: str) -> Any:
    """A class of an example. Two examples may have modules of one name, so its module gets another."""
    spec = importlib.util.spec_from_file_location(f"example_{name}", ROOT / "examples" / path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, name)


_orders: Any = _class("load/src/shop.py", "Orders")
_price: Any = _class("load/src/shop.py", "Price")
_count: Any = _class("load/src/shop.py", "Count")
_words: Any = _class("wordcount/src/spouts/words.py", "WordSpout")
_counter: Any = _class("wordcount/src/bolts/wordcount.py", "WordCounter")


class Timed:
    """A component with a clock and a sleep of its own."""

    def __init__(
        self,
        *args: Any,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._clock = clock
        self._sleep = sleep


class TimedSpout(Timed, Spout):
    """A spout that emits no more than so many tuples a second."""

    def initialize(self, stormconf: Any, context: Any) -> None:
        super().initialize(stormconf, context)
        self._notes = Notes(stormconf, context)
        self._most_a_second: float | None = stormconf.get(f"load.rate.{name_of(context)}")
        self._asked_first: float | None = None
        self._emits = 0

    def next_tuple(self) -> None:
        if self._asked_first is None:
            self._asked_first = self._clock()
        if (
            self._most_a_second is None
            or self._emits < (self._clock() - self._asked_first) * self._most_a_second
        ):
            super().next_tuple()

    def emit(self, tup: Any, tup_id: Any = None, **kwargs: Any) -> Any:  # type: ignore[override]
        self._emits += 1
        self._notes.add("emit", tup_id)
        return super().emit(tup, tup_id=tup_id, **kwargs)

    def ack(self, tup_id: Any) -> None:
        self._notes.add("ack", tup_id)
        super().ack(tup_id)

    def fail(self, tup_id: Any) -> None:
        self._notes.add("fail", tup_id)
        super().fail(tup_id)


class TimedBolt(Timed, Bolt):
    """A bolt that sleeps over each tuple."""

    def initialize(self, storm_conf: Any, context: Any) -> None:
        super().initialize(storm_conf, context)
        self._notes = Notes(storm_conf, context)
        self._seconds: float = storm_conf.get(f"load.sleep.{name_of(context)}", 0)

    def process(self, tup: Any) -> None:
        began = time.monotonic()
        if self._seconds:
            self._sleep(self._seconds)
        super().process(tup)
        self._notes.add("done", round(time.monotonic() - began, 5))


class Orders(TimedSpout, _orders):  # type: ignore[misc]
    """Of ``examples/load``."""


class Price(TimedBolt, _price):  # type: ignore[misc]
    """Of ``examples/load``."""


class Count(TimedBolt, _count):  # type: ignore[misc]
    """Of ``examples/load``."""


class WordSpout(TimedSpout, _words):  # type: ignore[misc]
    """Of ``examples/wordcount``."""


class WordCounter(TimedBolt, _counter):  # type: ignore[misc]
    """Of ``examples/wordcount``."""

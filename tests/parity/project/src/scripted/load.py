"""Components that need time: spouts that emit without end or at a rate, and bolts that sleep.

On a real Storm they sleep, and note what they do in a file of their own: a line for each emit, ack, fail, tuple, tick
and batch, with its time. In a simulation their time is the simulator's ``work``: they get a clock and a ``sleep`` that
does nothing, and note nothing.
"""

from __future__ import annotations

import json
import os
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from streamparse.bolt import BatchingBolt, Bolt
from streamparse.spout import Spout

#: So a row is a message of 102 bytes, as those of the recordings: 642 of them fill a pipe.
PAD = ".........."


def name_of(context: Any) -> str:
    """The component of a task; Storm says it by a key of its own from 0.10 on only."""
    found: str = context["task->component"][str(context["taskid"])]
    return found


class Notes:
    """A file with a line for each thing that a task does: what, when, and a number. Without a directory: nothing."""

    def __init__(self, conf: Any, context: Any) -> None:
        self._file: TextIO | None = None
        directory = conf.get("load.notes")
        if directory is not None:
            Path(directory).mkdir(parents=True, exist_ok=True)
            path = Path(directory) / f"{name_of(context)}.{context['taskid']}"
            self._file = path.open("a", buffering=1, encoding="utf-8")
            self.add("start", os.getpid())

    def add(self, what: str, number: float = 0) -> None:
        if self._file is not None:
            self._file.write(f"{json.dumps([what, round(time.time(), 4), number])}\n")


class Rows(Spout):
    """Emits rows without end; those that fail come again, before new ones.

    Settings of its own: ``load.burst`` rows at once, then ``load.rate`` a second; of ten rows ``load.hot`` have one
    key; ``load.pause`` is how long ``next_tuple`` sleeps first, and ``load.tell`` how long ``ack`` and ``fail`` sleep.
    """

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

    def initialize(self, stormconf: Any, context: Any) -> None:
        self._notes = Notes(stormconf, context)
        self._rate: float | None = stormconf.get("load.rate")
        self._burst: int = stormconf.get("load.burst", 0)
        self._hot: int = stormconf.get("load.hot", 0)
        self._pause: float = stormconf.get("load.pause", 0)
        self._tell: float = stormconf.get("load.tell", 0)
        self._again: deque[int] = deque()
        self._next = 0
        self._began: float | None = None

    def next_tuple(self) -> None:
        if self._pause:
            self._sleep(self._pause)
        if self._again:
            self._send(self._again.popleft())
        elif self._is_due():
            self._next += 1
            self._send(self._next - 1)

    def _is_due(self) -> bool:
        if self._rate is None:
            return True
        if self._began is None:
            self._began = self._clock()
        return self._next < self._burst + int((self._clock() - self._began) * self._rate)

    def _send(self, number: int) -> None:
        self._notes.add("emit", number)
        key = 1 if number % 10 < self._hot else number
        self.emit([number, key, PAD], tup_id=number, need_task_ids=False)

    def ack(self, tup_id: int) -> None:
        self._take_time()
        self._notes.add("ack", tup_id)

    def fail(self, tup_id: int) -> None:
        self._take_time()
        self._notes.add("fail", tup_id)
        self._again.append(tup_id)

    def _take_time(self) -> None:
        if self._tell:
            began = time.monotonic()
            self._sleep(self._tell)
            self._notes.add("told", round(time.monotonic() - began, 5))


class Sleeper(Bolt):
    """Sleeps for ``load.sleep`` seconds over each tuple, and then acks it.

    Each ``load.fail.every``-th fails instead. Over the ``load.stall.at``-th it sleeps for ``load.stall`` seconds more.
    It emits each ``load.emit`` times, anchored unless ``load.loose``.
    """

    def __init__(
        self, *args: Any, sleep: Callable[[float], object] = time.sleep, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._sleep = sleep

    def initialize(self, storm_conf: Any, context: Any) -> None:
        self._notes = Notes(storm_conf, context)
        self._seconds: float = storm_conf.get("load.sleep", 0)
        self._fails: int = storm_conf.get("load.fail.every", 0)
        self._stalls_at: int = storm_conf.get("load.stall.at", 0)
        self._stall: float = storm_conf.get("load.stall", 0)
        self._emits: int = storm_conf.get("load.emit", 0)
        self._anchors: list[str] | None = [] if storm_conf.get("load.loose") else None
        self._count = 0

    def process(self, tup: Any) -> None:
        began = time.monotonic()
        self._count += 1
        if self._count == self._stalls_at:
            self._sleep(self._stall)
        self._sleep(self._seconds)
        for _ in range(self._emits):
            self.emit(list(tup.values), anchors=self._anchors, need_task_ids=False)
        if self._fails and self._count % self._fails == 0:
            self.fail(tup)
        self._notes.add("done", round(time.monotonic() - began, 5))

    def process_tick(self, tick_tup: Any) -> None:
        self._notes.add("tick")


class Batcher(BatchingBolt):
    """Sleeps for ``load.sleep`` seconds over each tuple of a batch."""

    def __init__(
        self, *args: Any, sleep: Callable[[float], object] = time.sleep, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._sleep = sleep

    def initialize(self, storm_conf: Any, context: Any) -> None:
        self._notes = Notes(storm_conf, context)
        self._seconds: float = storm_conf["load.sleep"]

    def process_tick(self, tick_tup: Any) -> None:
        self._notes.add("tick")
        super().process_tick(tick_tup)

    def process_batch(self, key: Any, tups: Any) -> None:
        self._notes.add("batch", len(tups))
        for _ in tups:
            began = time.monotonic()
            self._sleep(self._seconds)
            self._notes.add("done", round(time.monotonic() - began, 5))


class Pool(Bolt):
    """Four threads sleep for ``load.sleep`` seconds over a tuple each; ``process`` returns at once."""

    auto_ack = False
    threads = 4

    def initialize(self, storm_conf: Any, context: Any) -> None:
        self._notes = Notes(storm_conf, context)
        self._seconds: float = storm_conf["load.sleep"]
        self._waiting: queue.SimpleQueue[Any] = queue.SimpleQueue()
        for _ in range(self.threads):
            threading.Thread(target=self._work, daemon=True).start()

    def process(self, tup: Any) -> None:
        self._waiting.put(tup)

    def _work(self) -> None:
        while True:
            tup = self._waiting.get()
            began = time.monotonic()
            time.sleep(self._seconds)
            self._notes.add("done", round(time.monotonic() - began, 5))
            self.ack(tup)

"""Components that die once: a file in the directory that the setting ``parity.once`` names says that one has."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import Any, ClassVar

from streamparse.bolt import Bolt

from .spouts import Row, Rows, numbered

SECS_TO_DO = 1.5  # for the others of a worker to do what they are at before it goes
SECS_TO_GO = 1.0  # for a worker; the next takes longer to come


def pause(conf: Any, secs: float) -> None:
    """Wait on a real Storm, which has threads and networks to wait for."""
    if "parity.over" in conf:
        time.sleep(secs)


def has_died(conf: Any) -> bool:
    return os.path.exists(os.path.join(conf["parity.once"], "died"))


def die(conf: Any) -> None:
    """In the way that the setting my.crash asks for."""
    pause(conf, SECS_TO_DO)
    with open(os.path.join(conf["parity.once"], "died"), "x"):  # noqa: PTH123
        pass
    how = conf["my.crash"]
    if how == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif how == "raise":
        raise ValueError("I die")
    sys.exit(1)


class Mortal(Bolt):
    """Dies at the word "die", and holds "hold" until then; in its second life it passes everything on."""

    auto_ack = False

    def process(self, tup: Any) -> None:
        word = tup.values[0]
        if not has_died(self.storm_conf):
            if word == "hold":
                return
            if word == "die":
                die(self.storm_conf)
        self.emit(tup.values)
        self.ack(tup)


class Hoard(Bolt):
    """Keeps "hold" until "end" comes, then acks all that it has kept, and from then on at once."""

    auto_ack = False

    def initialize(self, storm_conf: Any, context: Any) -> None:
        self._kept: list[Any] = []
        self._has_ended = False

    def process(self, tup: Any) -> None:
        word = tup.values[0]
        self._has_ended = self._has_ended or word == "end"
        if word == "hold":
            self._kept.append(tup)
        else:
            self.ack(tup)
        if self._has_ended:
            for each in self._kept:
                self.ack(each)
            self._kept = []


class OneByOne(Rows):
    """Emits a row when the one before is settled, and those that failed again."""

    rows = numbered("go", "die", "end")
    retries = 1000

    def next_tuple(self) -> None:
        if self._waiting == 0:
            super().next_tuple()


class NeverAgain(OneByOne):
    """The same, and leaves alone what has failed."""

    rows = numbered("go", "die")
    retries = 0


class Held(Rows):
    """Some of its rows are held, and all that failed are emitted again."""

    rows = numbered("go", "hold", "die")
    retries = 1000


class Meanwhile(Rows):
    """Emits its last row when a worker is gone and no other has come."""

    rows = numbered("go", "die", "late")
    retries = 1000
    _waits = True

    def next_tuple(self) -> None:
        if self._waits and len(self._left) == 1:
            if has_died(self.storm_conf):
                self._waits = False  # and emits it at its next turn: this may be the one in which the worker dies
                pause(self.storm_conf, SECS_TO_GO)
            return
        super().next_tuple()


class Forgotten(Rows):
    """Emits and forgets: without ackers all is acked at once."""

    rows: ClassVar = tuple(
        Row([word], number, need_task_ids=False) for number, word in enumerate(["go", "die"])
    )


class MortalSpout(Rows):
    """Dies while it waits for one of its rows; emits again what failed."""

    rows = numbered("go", "hold", "end")
    retries = 1000

    def next_tuple(self) -> None:
        if len(self._left) > 1 or has_died(self.storm_conf):
            super().next_tuple()
        elif self._waiting == 1:
            die(self.storm_conf)

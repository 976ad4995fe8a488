"""Components that are made in unusual ways, and those that cannot be made."""

from __future__ import annotations

import os
import random
import sys
from typing import Any, ClassVar

from streamparse import Bolt, Component, Spout, Tuple

SALT = random.random()


class Says(Bolt):
    """Logs where it runs, and every tuple."""

    def process(self, tup: Tuple) -> None:
        self.log(f"{tup.values} in {os.getcwd()}")


class TakesNothing(Says):
    """Its constructor takes no arguments at all."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 1


class HandsStreamsOn(Says):
    """Its constructor repeats that of 2.1.3."""

    def __init__(
        self, input_stream: Any = sys.stdin, output_stream: Any = sys.stdout, **more: Any
    ) -> None:
        super().__init__(input_stream, output_stream, **more)


def factory() -> Bolt:
    return TakesNothing()


class ForgetsTheBase(Bolt):
    """Its constructor does not call that of its base."""

    def __init__(self) -> None:
        self.count = 1


class InheritsOneThatForgets(ForgetsTheBase):
    """The constructor that it inherits does not call that of its base."""


class Raises(Bolt):
    """Its constructor raises."""

    def __init__(self) -> None:
        super().__init__()
        raise OSError("no such base")


class RaisesInInitialize(Bolt):
    """Its second constructor raises."""

    def initialize(self, storm_conf: Any, context: Any) -> None:
        raise OSError("no such table")


class ExitsInProcess(Bolt):
    """Ends its process with a text."""

    def process(self, tup: Tuple) -> None:
        sys.exit("no more")


class NeedsAnArgument(Bolt):
    """Cannot be made without an argument."""

    def __init__(self, needed: int) -> None:
        super().__init__()


class SpeaksTooEarly(Bolt):
    """Emits before the handshake."""

    def __init__(self) -> None:
        super().__init__()
        self.emit([1])


class Unrelated:
    """No component at all."""


def returns_nothing() -> None:
    return None


class ASpout(Spout):
    """A spout."""

    def next_tuple(self) -> None:
        return None


class Salted(Bolt):
    """Logs what its module has drawn, and what it draws."""

    def __init__(self) -> None:
        super().__init__()
        self.drawn = random.random()

    def process(self, tup: Tuple) -> None:
        self.log(f"{SALT} {self.drawn} {random.random()}")


class Wanders(Bolt):
    """Changes its working directory."""

    def initialize(self, storm_conf: Any, context: Any) -> None:
        os.chdir("/")

    def process(self, tup: Tuple) -> None:
        self.log(os.getcwd())


class OverridesRun(Component):
    """Has a run of its own, which raises."""

    def _run(self) -> None:
        raise KeyError("mine")


class Remembers(Bolt):
    """Keeps what it has seen in its class."""

    seen: ClassVar[set[str]] = set()

    def process(self, tup: Tuple) -> None:
        self.seen.add(tup.values[0])


class Listens(Bolt):
    """Listens at the address in its settings: only one process can, and its next life only where it is free again."""

    def initialize(self, storm_conf: Any, context: Any) -> None:
        import socket  # other components start without it

        self.listening = socket.socket(socket.AF_UNIX)
        self.listening.bind(f"\0{storm_conf['listens.at']}")

    def process(self, tup: Tuple) -> None:
        pass

"""Code that cleans up when an exception passes: a process that is killed does not run it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from streamparse import Bolt, Tuple
from tests.planted import outside
from tests.planted.pair import Pair
from tests.planted.parts import ROWS, STORED


class StoresFirst(Bolt):
    """Stores a row before it is acked."""

    auto_ack = False

    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        outside.table("stored")[number] = word
        self.emit([number, word])
        self.ack(tup)


class StoresFinally(StoresFirst):
    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        try:
            self.emit([number, word])
            self.ack(tup)
        finally:
            outside.table("stored")[number] = word


@contextmanager
def locked(key: object) -> Iterator[None]:
    """Hold a lock, and give it back in any case."""
    outside.lock(key)
    try:
        yield
    finally:
        outside.unlock(key)


class StoresUnderLease(Bolt):
    """Stores a row under a lock, which it takes from whoever has died with it."""

    auto_ack = False

    def process(self, tup: Tuple) -> None:
        outside.unlock(tup.values[0])
        self.store(tup)

    def store(self, tup: Tuple) -> None:
        number, word = tup.values
        try:
            with locked(number):
                self.emit([number, word])
                outside.table("stored")[number] = word
        except outside.LockedError:
            self.fail(tup)
            return
        self.ack(tup)


class StoresUnderLock(StoresUnderLease):
    def process(self, tup: Tuple) -> None:
        self.store(tup)


class StoresAnyway(Bolt):
    """Stores a row, also where another attempt at it has begun."""

    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        begun = outside.table("begun")
        if self.leaves(number):
            return
        begun[number] = True
        try:
            self.emit([number, word])
            outside.table("stored")[number] = word
        except:
            del begun[number]
            raise

    def leaves(self, number: int) -> bool:
        """Return whether a row is left to another attempt."""
        return number in outside.table("stored")


class LeavesWhatHasBegun(StoresAnyway):
    def leaves(self, number: int) -> bool:
        return number in outside.table("begun")


PAIRS = [
    Pair(
        name="finally does the work",
        bug="A row is stored in a `finally:` behind its ack: a process that is killed in between does not store it.",
        clj="store.clj",
        wrong={"store-bolt": StoresFinally},
        right={"store-bolt": StoresFirst},
        rows={"orders": ROWS},
        result=lambda topology: outside.stored(),
        expected=STORED,
    ),
    Pair(
        name="lock that `with` gives back",
        bug="A lock is given back by a `with`: a process that is killed keeps it, and its row fails for ever.",
        clj="store.clj",
        wrong={"store-bolt": StoresUnderLock},
        right={"store-bolt": StoresUnderLease},
        rows={"orders": ROWS},
        result=lambda topology: outside.stored(),
        expected=STORED,
    ),
    Pair(
        name="bare except that cleans up",
        bug="A mark is taken back in a bare `except:`: that of a killed process stays, and its row is left out.",
        clj="store.clj",
        wrong={"store-bolt": LeavesWhatHasBegun},
        right={"store-bolt": StoresAnyway},
        rows={"orders": ROWS},
        result=lambda topology: outside.stored(),
        expected=STORED,
    ),
]

"""The barrier behind a bolt's tuples: heartbeats are counted, so that it is known when the bolt has finished them.

A bolt sends nothing when it is done. So behind its tuples goes a heartbeat, which every bolt since Storm 0.9.3 answers
with ``sync``, in order, on the same pipe. Syncs carry no id. After an error some libraries send a sync of their own
(ours does, except for an error that user code sends by hand), others do not. Until it is known which, each error costs
one more heartbeat, so that the sync waited for can only be one that was written behind the batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from simulator.wire import protocol
from streamparse.multilang import ProtocolError


@dataclass
class Barrier:
    """Counts the heartbeats that are written to a bolt, and its syncs.

    Attributes:
        single_threaded: whether streamparse runs the bolt.
        has_answered: whether task ids were written since the last heartbeat.
        awaits_error_sync: whether the last message was an error, which may have brought a sync.
    """

    single_threaded: bool
    has_answered: bool = False
    awaits_error_sync: bool = False
    _style: Literal["extra", "plain", "unknown"] = "unknown"  # does an error bring a sync?
    _written: int = 0  # heartbeats written, or syncs otherwise certain to come
    _synced: int = 0
    _goal: int = 0  # the sync that ends the barrier
    _unsure: int = 0  # errors that may or may not have brought a sync

    def __post_init__(self) -> None:
        if self.single_threaded:
            self._style = "extra"

    def begin(self) -> bytes:
        """The bytes of a barrier: a heartbeat, and one more for each error whose sync may come before it."""
        beats = 1 + self._unsure
        self._goal = self._written + beats
        self.has_answered = False
        return self._heartbeats(beats)

    def _heartbeats(self, count: int) -> bytes:
        first = self._written + 1
        self._written += count
        return b"".join(protocol.heartbeat(str(-n)) for n in range(first, first + count))

    def error(self) -> bytes:
        """Take an error; return the bytes to write behind it."""
        if self._style == "extra":
            self._written += 1
            self._goal += 1
            self.awaits_error_sync = self.single_threaded
        elif self._style == "unknown":
            self.awaits_error_sync = True
            self._unsure += 1
            self._goal += 1
            return self._heartbeats(1)
        return b""

    def no_sync_came(self) -> None:
        """Take another message where an error's sync might have been."""
        if self.single_threaded:
            self._written -= 1
            self._goal -= 1
            self.awaits_error_sync = False
        else:
            self._learn("plain")

    def _learn(self, style: Literal["extra", "plain"]) -> None:
        if style == "plain":
            self._goal -= self._unsure
        else:
            self._written += self._unsure
        self._style = style
        self._unsure = 0
        self.awaits_error_sync = False

    def sync(self) -> bool:
        """Take a sync; true when it is the one that ends the barrier.

        Raises:
            ProtocolError: there was no heartbeat that it could answer.
        """
        self.awaits_error_sync = False
        self._synced += 1
        if self._synced > self._written:
            if self._style != "unknown" or not self._unsure:
                raise ProtocolError(
                    "a sync that nothing asked for",
                    storm="a ShellBolt ignores it; here it would end a barrier too early",
                )
            self._learn("extra")
        return self._synced >= self._goal

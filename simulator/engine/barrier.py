"""The barrier behind a bolt's tuples: heartbeats and syncs are counted, to know when the bolt has finished them.

A bolt sends nothing when it has finished. So a heartbeat is written behind its tuples, which every bolt since Storm
0.9.3 answers with ``sync``, in order, on the same pipe. A sync has no id, so syncs have to be counted.

Some libraries send a sync of their own behind an error, others do not. Streamparse does, and its error says so. An
error that user code sends by hand may come without. Where it is not known, each error costs one more heartbeat. Then
the last sync can only be the answer to a heartbeat that was written behind the batch.
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
        awaits_error_sync: whether the last message was an error, behind which a sync may come.
    """

    single_threaded: bool
    has_answered: bool = False
    awaits_error_sync: bool = False
    _style: Literal["extra", "plain", "unknown"] = (
        "unknown"  # "extra": an error brings a sync; "plain": none
    )
    _written: int = 0  # the syncs that are certain to come: one for each heartbeat and each known sync of an error
    _synced: int = 0  # the syncs that have come
    _goal: int = 0  # the number of the sync that ends the barrier
    _is_by_hand: bool = False  # the error behind which a sync may come
    _unsure: int = 0  # errors of which it is not known whether they bring a sync

    def __post_init__(self) -> None:
        if self.single_threaded:
            self._style = "extra"

    def begin(self) -> bytes:
        """Begin a barrier; return its bytes: a heartbeat, and one more for each error that may have brought a sync."""
        beats = 1 + self._unsure
        self._goal = self._written + beats
        self.has_answered = False
        return self._heartbeats(beats)

    def _heartbeats(self, count: int) -> bytes:
        first = self._written + 1
        self._written += count
        return b"".join(protocol.heartbeat(str(-n)) for n in range(first, first + count))

    def error(self, *, by_hand: bool = False) -> bytes:
        """Note an error; return the bytes to write now.

        Args:
            by_hand: user code of a streamparse bolt has sent it, with a sync or without.
        """
        if self._style == "extra" and not by_hand:
            self._written += 1
            self._goal += 1
            self.awaits_error_sync = self.single_threaded
        elif by_hand:
            self.awaits_error_sync = self._is_by_hand = True
            self._unsure += 1
            self._goal += 1
            return self._heartbeats(1)
        elif self._style == "unknown":
            self.awaits_error_sync = True
            self._unsure += 1
            self._goal += 1
            return self._heartbeats(1)
        return b""

    def no_sync_came(self) -> None:
        """Note that another message came where the sync of an error would have been."""
        if self.single_threaded:
            if self._is_by_hand:
                self._unsure -= 1
            else:
                self._written -= 1
            self._goal -= 1
            self.awaits_error_sync = self._is_by_hand = False
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

    def _one_too_many(self) -> None:
        """Note that an error has brought a sync, of which this was not known."""
        if self.single_threaded:
            self._written += 1
            self._unsure -= 1
        else:
            self._learn("extra")

    def sync(self) -> bool:
        """Note a sync; return whether it ends the barrier.

        Raises:
            ProtocolError: there is no heartbeat that it could answer.
        """
        self.awaits_error_sync = self._is_by_hand = False
        self._synced += 1
        if self._synced > self._written:
            if not self._unsure or self._style == "plain":
                raise ProtocolError(
                    "a sync that nothing asked for",
                    storm="a ShellBolt ignores it; here it would end a barrier too early",
                )
            self._one_too_many()
        return self._synced >= self._goal

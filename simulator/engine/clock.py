"""Virtual time: the instant in milliseconds, and the agenda (event queue) of what is due when.

Nothing here sleeps or reads a real clock. Entries that are due at the same millisecond come by rank, and then in the
order in which they were added, so their order depends on nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush
from typing import Generic, TypeVar

FOR_EVER_MS = 1 << 62
Entry = TypeVar("Entry")


class Agenda(Generic[Entry]):
    """The entries that are due, by (millisecond, rank, order of adding).

    Attributes:
        now_ms: the present instant of virtual time, in milliseconds since the start.
        arrival_ms: the instant at which what is sent now arrives: the end of the wave, while there is one.
    """

    def __init__(self) -> None:
        self.now_ms = 0
        self.arrival_ms = 0
        self._heap: list[tuple[int, int, int, Entry]] = []
        self._added = 0

    def add(self, at_ms: int, entry: Entry, rank: int = 0) -> None:
        """Put an entry on the agenda, due at this instant; of those at one instant the lowest rank comes first."""
        heappush(self._heap, (at_ms, rank, self._added, entry))
        self._added += 1

    @property
    def next_ms(self) -> int | None:
        """The instant at which the first entry is due; None when there is none."""
        return self._heap[0][0] if self._heap else None

    def pop_due(self, now_ms: int) -> list[Entry]:
        """Take every entry due by ``now_ms``, in order."""
        due = []
        while self._heap and self._heap[0][0] <= now_ms:
            due.append(heappop(self._heap)[3])
        return due

    def __iter__(self) -> Iterator[Entry]:
        """The entries, in no particular order but for the first, which is due next."""
        return (entry for *_, entry in self._heap)

    def entries(self) -> list[Entry]:
        """All entries, in no particular order."""
        return [entry for _, _, _, entry in self._heap]

    def timed_entries(self) -> list[tuple[int, Entry]]:
        """All entries with the instant at which each is due, in the order in which they will come."""
        ordered = sorted(self._heap, key=lambda each: each[:3])
        return [(at_ms, entry) for at_ms, _, _, entry in ordered]

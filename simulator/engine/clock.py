"""Virtual time: the instant in milliseconds, and the agenda (event queue) of what is due when.

Nothing here sleeps or reads a real clock. Entries that are due at the same millisecond come in the order in which they
were added, so their order depends on nothing else.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Generic, TypeVar

Entry = TypeVar("Entry")


class Agenda(Generic[Entry]):
    """The entries that are due, by (millisecond, order of adding).

    Attributes:
        now_ms: the present instant of virtual time, in milliseconds since the start.
    """

    def __init__(self) -> None:
        self.now_ms = 0
        self._heap: list[tuple[int, int, Entry]] = []
        self._added = 0

    def add(self, at_ms: int, entry: Entry) -> None:
        """Put an entry on the agenda, due at this instant."""
        heappush(self._heap, (at_ms, self._added, entry))
        self._added += 1

    @property
    def next_ms(self) -> int | None:
        """The instant at which the first entry is due; None when there is none."""
        return self._heap[0][0] if self._heap else None

    def pop_due(self, now_ms: int) -> list[Entry]:
        """Take every entry due by ``now_ms``, in order."""
        due = []
        while self._heap and self._heap[0][0] <= now_ms:
            due.append(heappop(self._heap)[2])
        return due

    def entries(self) -> list[Entry]:
        """All entries, in no particular order."""
        return [entry for _, _, entry in self._heap]

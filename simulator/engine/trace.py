"""The trace of a run: its events in the order in which they happened, and the digest of their lines.

Tests compare traces, ``--trace`` writes one, and a failure shows its last events. The same topology, input and seed
give the same lines on every run, machine, Python and transport. Lines are digested as they come and kept only on
request, so a long run needs no more memory than a short one. The events themselves are in ``events``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from simulator.engine import trees
from simulator.engine.events import Event
from simulator.engine.head import Head

MANY = 256  # events that are printed at once


class Trace:
    """Takes events and digests their lines.

    Args:
        keep: keep the events and their lines.
        sink: called with the text of the lines, whole lines at a time; such as the ``write`` of a file.
        with_head: begin what the sink gets with the head of a trace file.

    Attributes:
        components: the component of each task. The engine fills it in; ``trees`` needs it.
        head: the head of a file with this trace. The engine fills it in.
    """

    components: Mapping[int, str]
    head: Head | None

    def __init__(
        self,
        *,
        keep: bool = False,
        sink: Callable[[str], object] | None = None,
        with_head: bool = False,
    ) -> None:
        self._keep = keep
        self._sink = sink
        self._owes_head = with_head
        self.head = None
        self._lines: list[str] = []
        self._events: list[Event] = []
        self._digest = hashlib.sha256()
        self._pending: list[Event] = []
        self.components = {}
        self._flushed = 0
        #: Append one event; its line is printed later (see ``catch_up``).
        self.add = self._pending.append

    def catch_up(self) -> None:
        """Print, digest and hand on what has been added, if it is much; called while components are at work."""
        if len(self._pending) >= MANY:
            self.flush()

    def flush(self) -> None:
        """Print, digest and hand on everything that has been added."""
        if self._owes_head and self._sink and self.head:
            self._owes_head = False
            self._sink(f"{self.head.to_line()}\n")
        if not self._pending:
            return
        # In pieces: a call of the digest for each line would cost more than the line.
        lines = [event.to_line() for event in self._pending]
        text = "\n".join(lines) + "\n"
        self._digest.update(text.encode("utf-8", "replace"))
        if self._sink:
            self._sink(text)
        if self._keep:
            self._lines += lines
            self._events += self._pending
        self._flushed += len(self._pending)
        self._pending.clear()

    @property
    def count(self) -> int:
        """The number of events so far, kept or not."""
        return self._flushed + len(self._pending)

    @property
    def sha256(self) -> str:
        """The digest of all lines so far, each with its line break."""
        self.flush()
        return self._digest.hexdigest()

    @property
    def lines(self) -> list[str]:
        """The lines kept; none unless the trace was made with ``keep``."""
        self.flush()
        return list(self._lines)

    @property
    def size(self) -> int:
        """The number of events kept."""
        self.flush()
        return len(self._events)

    @property
    def added(self) -> int:
        """The number of events kept, with those whose lines are not printed yet."""
        return len(self._events) + len(self._pending)

    def lines_from(self, start: int) -> Sequence[str]:
        """The lines kept, from the one with this index on, counted from 0."""
        self.flush()
        return self._lines[start:]

    def events_from(self, start: int) -> Sequence[Event]:
        """The events kept, from the one with this index on, counted from 0."""
        self.flush()
        return self._events[start:]

    def events(self) -> Iterator[dict[str, Any]]:
        """The lines kept, read as dicts. Any: what a component emits is any JSON value."""
        return (json.loads(line) for line in self.lines)

    def trees(self) -> trees.Trees:
        """The tuple trees of the events kept: every root with everything that came of it, by cause and effect."""
        return trees.build(self.events_from(0), self.components)

    def story(self, ids: Collection[Any] | None = None) -> str:
        """A summary in text: the trees with these message ids; without ids, those with something unusual in them."""
        return trees.story(self.trees(), ids)

    def __str__(self) -> str:
        return "".join(f"{line}\n" for line in self.lines)

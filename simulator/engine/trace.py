"""The trace of a run: its events in the order in which they happened, and the digest of their lines.

The trace is what tests compare, what ``--trace`` writes and what a failure shows. The same topology, input and
seed give the same lines on every run, machine, Python and transport. Lines are digested as they come and kept only when
asked for, so the memory of a long run does not grow. The events themselves are in ``events``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from simulator.engine import trees
from simulator.engine.events import Event

MANY = 256  # events that are worth printing at once


class Trace:
    """Takes events; digests the line of each, keeps both if ``keep``, hands the text to ``sink`` if there is one.

    Attributes:
        components: the component of each task; the engine fills it in, and trees name tasks by it.
    """

    components: Mapping[int, str]

    def __init__(self, *, keep: bool = False, sink: Callable[[str], object] | None = None) -> None:
        self._keep = keep
        self._sink = sink
        self._lines: list[str] = []
        self._events: list[Event] = []
        self._digest = hashlib.sha256()
        self._pending: list[Event] = []
        self.components = {}
        #: Append one event; its line is printed when there is time.
        self.add = self._pending.append

    def catch_up(self) -> None:
        """Print, digest and hand on what has been added, if it is much; call it when there is time for it."""
        if len(self._pending) >= MANY:
            self.flush()

    def flush(self) -> None:
        """Print, digest and hand on everything that has been added."""
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
        self._pending.clear()

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

    def events_from(self, start: int) -> Sequence[Event]:
        """The events kept, from the one with this index on."""
        self.flush()
        return self._events[start:]

    def events(self) -> Iterator[dict[str, Any]]:
        """The lines kept, read as dicts. Any: what a component emits is any JSON value."""
        return (json.loads(line) for line in self.lines)

    def trees(self) -> trees.Trees:
        """Every root with all that came of it, in the order of cause; made of the events kept."""
        return trees.grow(self.events_from(0), self.components)

    def story(self, ids: Collection[Any] | None = None) -> str:
        """The trees with these message ids as text; without ids, those that did not go plainly."""
        return trees.story(self.trees(), ids)

    def __str__(self) -> str:
        return "".join(f"{line}\n" for line in self.lines)

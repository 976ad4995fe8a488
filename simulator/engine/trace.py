"""What happened, in order: one JSON object a line, and its digest.

The trace is what tests compare, what ``--trace`` writes and what a failure shows. The same topology, input and
seed give the same lines on every run, machine, Python and transport: a line holds no process id, no wall time, no
path and no traceback. Lines are digested as they come and kept only when asked for, so a long run stays flat.

Events (all have ``at`` in virtual ms, ``event``, ``component`` and ``task``):

``emit``      stream, values, to ([task, tuple id] pairs), anchors (a bolt's) or id (a spout's reliable emit)
``ack fail``  a bolt settled the tuple ``tuple``
``acked failed``  a spout was told about its ``id``; ``reason`` is "timeout" or "" (a bolt failed it)
``tick timer``  the bolt was handed a tick, or woken, as tuple ``tuple``
``error``     an ``error`` message: its last line, which is an exception's type and message
``fault``     a verdict on tuple ``tuple``: drop, delay (arrives at ``due``), duplicate (as tuple ``copy``), fail, or
              lost-ack, when the ack is
``late``      the schedule has tuple ``tuple`` arrive at ``due``; only where a schedule was chosen
``died restart``  the process is gone (``reason``), and is there again
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from simulator.engine import trees
from simulator.wire import storm_json

Later = tuple[Callable[..., str], tuple[object, ...]]
MANY = 256  # lines that are worth making at once


class Trace:
    """Takes lines; digests each, keeps it if ``keep``, hands it to ``sink`` if there is one.

    Attributes:
        components: whose each task is; the engine says so, and trees are told in these names.
    """

    components: Mapping[int, str]

    def __init__(self, *, keep: bool = False, sink: Callable[[str], object] | None = None) -> None:
        self._keep = keep
        self._sink = sink
        self._lines: list[str] = []
        self._digest = hashlib.sha256()
        self._pending: list[str | Later] = []
        self.components = {}

    def add(self, line: str) -> None:
        """Append one line (a JSON object, without the line break)."""
        self._pending.append(line)

    def later(self, write: Callable[..., str], *facts: object) -> None:
        """Append the line that ``write(*facts)`` will give: it is made when somebody has time for it.

        The facts must not change any more.
        """
        self._pending.append((write, facts))

    def catch_up(self) -> None:
        """Make, digest and hand on the lines so far; whoever adds many calls this now and then."""
        if len(self._pending) >= MANY:
            self._drain()

    def event(self, at: int, event: str, component: str, task: int, **more: object) -> None:
        """Append one event that is not frequent enough to be printed by hand."""
        head = f'{{"at":{at},"event":"{event}","component":{storm_json(component)},"task":{task}'
        tail = "".join(f',"{key}":{storm_json(value)}' for key, value in more.items())
        self.add(head + tail + "}")

    def _drain(self) -> None:
        if not self._pending:
            return
        # In pieces: a call of the digest for each line would cost more than the line.
        lines = [each if isinstance(each, str) else each[0](*each[1]) for each in self._pending]
        text = "\n".join(lines) + "\n"
        self._digest.update(text.encode("utf-8", "replace"))
        if self._sink:
            self._sink(text)
        if self._keep:
            self._lines += lines
        self._pending = []

    def flush(self) -> None:
        """Hand everything taken so far to the sink."""
        self._drain()

    @property
    def sha256(self) -> str:
        """The digest of all lines so far, each with its line break."""
        self._drain()
        return self._digest.hexdigest()

    @property
    def lines(self) -> list[str]:
        """The lines kept; none unless the trace was made with ``keep``."""
        self._drain()
        return list(self._lines)

    def lines_from(self, start: int) -> list[str]:
        """The lines kept, from the one with this index on."""
        self._drain()
        return self._lines[start:]

    def events(self) -> Iterator[dict[str, Any]]:
        """The kept lines as dicts. Any: what a component emits is any JSON value."""
        return (json.loads(line) for line in self.lines)

    def trees(self) -> trees.Trees:
        """Every root with all that came of it, in the order of cause; the kept lines are read for it."""
        return trees.grow(self.events(), self.components)

    def story(self, ids: Collection[Any] | None = None) -> str:
        """The text of the trees with these message ids; without ids of those that did not go plainly."""
        return trees.story(self.trees(), ids)

    def __str__(self) -> str:
        return "".join(f"{line}\n" for line in self.lines)

"""Components that are recorded in this process, on buffers in memory, and what their recordings say."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from streamparse import Bolt, Component, Spout, Tuple
from streamparse.recordings import End, Idle, Recording, Said, read_recordings
from tests.support.messages import Message, written

CONTEXT = {
    "taskid": 4,
    "componentid": "count",
    "stream->outputfields": {"default": ["word", "card"]},
    "source->stream->fields": {"words": {"default": ["word", "card"]}},
}


class Echo(Bolt):
    def process(self, tup: Tuple) -> None:
        self.emit(tup.values, need_task_ids=False)


class Asking(Bolt):
    """Waits for the task ids of what it emits, so it reads ahead."""

    def process(self, tup: Tuple) -> None:
        self.emit(tup.values, need_task_ids=True)


class Counting(Spout):
    """Emits at every second turn."""

    def initialize(self, storm_conf: Any, context: Any) -> None:
        self.turns = 0

    def next_tuple(self) -> None:
        self.turns += 1
        if self.turns % 2 == 0:
            self.emit(["dog", "4000-1234"], tup_id="4000-1234", need_task_ids=False)


def record(
    cls: type[Component],
    directory: Path,
    record: object,
    *messages: Message,
    conf: Mapping[str, object] | None = None,
    context: Mapping[str, object] | None = None,
) -> str:
    """Run a component over these messages while it records; return all that it wrote to Storm."""
    settings = {"topology.name": "t", "streamparse.log.path": str(directory), **(conf or {})}
    handshake = {
        "pidDir": str(directory),
        "conf": {**settings, "streamparse.record": record},
        "context": CONTEXT if context is None else context,
    }
    out = io.StringIO()
    component = cls(io.StringIO(written(handshake, *messages)), out)
    with suppress(SystemExit):
        component.run()
    return out.getvalue()


def recordings(directory: Path) -> list[Recording]:
    """What was recorded there, by the names of the files."""
    return [each for path in sorted(directory.glob("*.jsonl*")) for each in read_recordings(path)]


def lines(recording: Recording) -> list[str]:
    """The messages behind the handshake, and the end, without times."""
    found: list[str] = []
    for each in recording.said[2:]:
        found.append(f"~ {each.turns}" if isinstance(each, Idle) else f"{each.mark} {each.text}")
    return [*found, *([f"= {recording.end.why} {recording.end.tuples}"] if recording.end else [])]


def times(recording: Recording) -> Sequence[int]:
    entries: list[Said | Idle | End] = [
        *recording.said,
        *([recording.end] if recording.end else []),
    ]
    return [each.us for each in entries if each.us is not None]

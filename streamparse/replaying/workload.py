"""A workload: what recordings tell of a topology's load, as a file for ``sparse simulate --workload``.

A spout of it emits the recorded rows, with the recorded times between them; a bolt takes the recorded times. So rates,
bursts and skews are those of the recording.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from simulator.engine import Feed, WorkError, parse_duration, parse_work
from simulator.model import JsonInputError, Topology, did_you_mean, read_json
from streamparse.multilang import DEFAULT_STREAM
from streamparse.recordings import RecordingError, read_recordings
from streamparse.replaying.conversation import Conversation, ConversationError, read_conversation
from streamparse.replaying.recorded import by_component

VERSION: Final = 1  # of the files
MOST_CHARS: Final = 1 << 28


class WorkloadError(ValueError):
    """A file that is no workload, or none of this topology; one line."""


@dataclass(frozen=True)
class Workload:
    """The load of a topology.

    Attributes:
        topology: its name.
        feeds: the rows of spouts, by id, and the times between them.
        work: the times of bolts, as ``RunOptions.work`` takes them.
        left_out: a line for each component whose recording has no use here.
    """

    topology: str
    feeds: Mapping[str, Feed]
    work: Mapping[str, Any]
    left_out: tuple[str, ...] = field(default=(), compare=False)

    def to_text(self) -> str:
        """Return the text of its file: JSON, with one row a line."""
        parts = [f' "workload": {VERSION}', f' "topology": {json.dumps(self.topology)}']
        spouts = [
            f'  {json.dumps(name)}: {{"stream": {json.dumps(feed.stream)}, "every": {json.dumps(feed.every)}, "rows": ['
            + ",".join(f"\n   {json.dumps(row)}" for row in feed.rows)
            + "\n  ]}"
            for name, feed in self.feeds.items()
        ]
        parts.append(' "spouts": {\n' + ",\n".join(spouts) + "\n }")
        work = [f"  {json.dumps(name)}: {json.dumps(each)}" for name, each in self.work.items()]
        parts.append(' "work": {\n' + ",\n".join(work) + "\n }")
        return "{\n" + ",\n".join(parts) + "\n}\n"

    def check(self, topology: Topology, where: str) -> None:
        """Refuse another topology, and components that it does not have.

        Args:
            topology: what is to be simulated.
            where: the file.

        Raises:
            WorkloadError: it names what does not fit.
        """
        if self.topology != topology.name:
            raise WorkloadError(
                f"{where}: it is the workload of topology {self.topology!r}, and this is {topology.name!r}"
            )
        for name, feed in self.feeds.items():
            if name not in topology.spouts:
                raise WorkloadError(
                    f"{where}: there is no spout {name!r}{did_you_mean(name, topology.spouts)}"
                )
            declared = topology.components[name].outputs.get(feed.stream)
            if declared is None or any(len(row) != len(declared.fields) for row in feed.rows):
                fields = "no such stream" if declared is None else f"{list(declared.fields)}"
                raise WorkloadError(
                    f"{where}: the rows of {name} on stream {feed.stream!r} do not fit; "
                    f"the topology declares {fields}"
                )
        try:
            parse_work(self.work, topology, self.feeds, where)
        except WorkError as error:
            raise WorkloadError(str(error)) from None


def workload_of(conversations: Iterable[Conversation]) -> Workload:
    """Return the workload that recordings of one topology tell.

    Raises:
        WorkloadError: they are of several topologies, or tell nothing.
    """
    several = [*conversations]
    names = sorted({each.head.topology for each in several})
    if len(names) != 1:
        raise WorkloadError(
            f"recordings of {names or 'no topology'}; expected those of one topology"
        )
    feeds: dict[str, Feed] = {}
    work: dict[str, Any] = {}
    left_out: list[str] = []
    for name, recorded in sorted(by_component(several).items()):
        if recorded.kind == "spout":
            try:
                rows = recorded.rows()
            except ConversationError as error:
                left_out.append(f"{name} is left out: {error}")
                continue
            gaps = recorded.gaps()
            feeds[name] = Feed(rows, every=gaps or "1ms")
        elif times := recorded.work():
            work |= times
        else:
            left_out.append(f"{name} is left out: the recording tells no time of it")
    if not feeds and not work:
        raise WorkloadError("; ".join(left_out) or "the recordings tell no load")
    return Workload(names[0], feeds, work, tuple(left_out))


def read_workload(path: Path) -> Workload:
    """Return the workload of a file, or that of the recordings in a directory.

    Raises:
        WorkloadError: there is no such file, or it is none.
    """
    if path.is_dir():
        return workload_of(read_directory(path))
    try:
        with path.open(encoding="utf-8-sig") as file:
            found = read_json(file.read(MOST_CHARS))
    except JsonInputError as error:
        raise WorkloadError(f"{path}{error.place}: {error}") from None
    except (OSError, ValueError) as error:
        raise WorkloadError(f"{path}: {getattr(error, 'strerror', None) or error}") from None
    if not isinstance(found, dict) or found.get("workload") != VERSION:
        raise WorkloadError(f'{path}: no workload; expected "workload": {VERSION}')
    spouts, work = found.get("spouts"), found.get("work")
    if not (isinstance(spouts, dict) and isinstance(work, dict)):
        raise WorkloadError(f'{path}: expected "spouts" and "work", a map each')
    return Workload(
        str(found.get("topology", "")),
        {name: _feed(each, f"{path}: spouts.{name}") for name, each in spouts.items()},
        work,
    )


def read_directory(path: Path) -> list[Conversation]:
    """Return the conversations of all recordings in a directory, in the order of their names; or of one file.

    Raises:
        WorkloadError: there is none, or one cannot be read.
    """
    files = sorted(path.glob("streamparse_*.jsonl*")) if path.is_dir() else [path]
    try:
        found = [read_conversation(each) for file in files for each in read_recordings(file)]
    except OSError as error:
        raise WorkloadError(f"{error.filename}: {error.strerror}") from None
    except (RecordingError, ConversationError) as error:
        raise WorkloadError(str(error)) from None
    if not found:
        raise WorkloadError(
            f"{path}: no recording in it; expected streamparse_TOPOLOGY_COMPONENT_TASK_PID.0.jsonl.gz"
        )
    return found


def recorded_work(path: Path, topology: Topology) -> dict[str, Any]:
    """Return the times that recordings tell of a topology's components, as ``RunOptions.work`` takes them.

    Args:
        path: of a recording, or of a directory of them.
        topology: what is to be simulated.

    Raises:
        WorkloadError: a recording cannot be read, or is of another topology.
    """
    conversations = read_directory(path)
    for name in sorted({each.head.topology for each in conversations} - {topology.name}):
        raise WorkloadError(
            f"{path}: a recording of topology {name!r}, and this is {topology.name!r}"
        )
    work: dict[str, Any] = {}
    for recorded in by_component(conversations).values():
        work |= recorded.work()
    if not work:
        is_simulated = all(each.head.clock == "virtual" for each in conversations)
        whose = ", as those of a simulation" if is_simulated else ""
        remedy = "expected recordings of a cluster, or of sparse run"
        raise WorkloadError(f"{path}: the recordings tell no times{whose}; {remedy}")
    return work


def _feed(value: Any, where: str) -> Feed:
    rows = value.get("rows") if isinstance(value, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise WorkloadError(f'{where}: expected "rows", a list of lists of values')
    every = value.get("every", "1ms")
    try:
        parse_duration(every, f"{where}.every")
    except WorkError as error:
        raise WorkloadError(str(error)) from None
    return Feed(rows, stream=str(value.get("stream", DEFAULT_STREAM)), every=every)

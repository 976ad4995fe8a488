"""The recordings of a topology's components on the workers of a cluster: which there are, and copies of them here."""

from __future__ import annotations

import base64
import binascii
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from streamparse.cluster.log_files import LogNames
from streamparse.cluster.logs import LogSelection, find_logs
from streamparse.cluster.ssh import Machine
from streamparse.cluster.workers import on_all_workers, raise_failures, run_checked
from streamparse.project import OperationError
from streamparse.recordings import Head, RecordingError, read_head

__all__ = ["RecordingFile", "fetch_recordings", "find_recordings"]

HEAD_BYTES = 1 << 17  # of a file: its head, and a handshake of any Storm

Report = Callable[[str], None]


@dataclass(frozen=True)
class RecordingFile:
    """A recording on a worker.

    Attributes:
        host: the worker.
        path: of the file there.
        size: in bytes.
        written: when it was written last, in seconds since 1970.
        head: whose it is; None where the file has none that can be read.
        damage: one line that says why it has none; "" where it has one.
    """

    host: str
    path: str
    size: int
    written: float
    head: Head | None
    damage: str = ""

    @property
    def name(self) -> str:
        return PurePosixPath(self.path).name

    @property
    def span_seconds(self) -> float | None:
        """The seconds from its beginning to what was written last; None where its beginning is not known."""
        began = None if self.head is None else self.head.began
        return None if began is None else max(0.0, self.written - began)


def find_recordings(selection: LogSelection, report: Report) -> list[RecordingFile]:
    """Return the recordings of the selected components on all workers, those of a worker by name.

    Args:
        report: called with a line for each worker on which there are files that may be another topology's.

    Raises:
        ProjectError, UsageError, OperationError: as ``find_logs``.
    """
    names = selection.names()
    found = find_logs(selection, report=report)

    def job(machine: Machine, tell: Report) -> list[RecordingFile]:
        return [_look(machine, path) for path in _recordings(names, found.get(machine.name, []))]

    outcomes = on_all_workers(selection.environment, job, report)
    raise_failures(outcomes)
    return [
        each for files in outcomes.values() if not isinstance(files, Exception) for each in files
    ]


def fetch_recordings(
    selection: LogSelection, files: Sequence[RecordingFile], directory: Path, report: Report
) -> list[Path]:
    """Copy recordings from the workers into a directory of this machine, which is made; return the new files.

    A file that is there already, as long as on the worker, is left as it is. With several workers a name that two of
    them have gets the name of the worker in front.

    Raises:
        OperationError: a worker cannot be reached, or a file could not be read there or written here.
    """
    taken = [each.name for each in files]
    targets = {
        (each.host, each.path): directory
        / (f"{_plain(each.host)}_{each.name}" if taken.count(each.name) > 1 else each.name)
        for each in files
    }
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OperationError(f"{directory}: {error.strerror}") from None

    def job(machine: Machine, tell: Report) -> list[Path]:
        made = []
        for each in files:
            if each.host != machine.name:
                continue
            target = targets[each.host, each.path]
            if target.is_file() and target.stat().st_size == each.size:
                continue
            data = _content(machine, each.path, None)
            try:
                target.write_bytes(data)
            except OSError as error:
                raise OperationError(f"{target}: {error.strerror}") from None
            made.append(target)
        return made

    outcomes = on_all_workers(selection.environment, job, report)
    raise_failures(outcomes)
    return sorted(
        path for paths in outcomes.values() if not isinstance(paths, Exception) for path in paths
    )


def _recordings(names: LogNames, paths: Sequence[str]) -> list[str]:
    return [path for path in paths if names.is_recording(PurePosixPath(path).name)]


def _look(machine: Machine, path: str) -> RecordingFile:
    quoted = shlex.quote(path)
    # GNU's stat, or that of macOS and BSD.
    command = f"stat -c '%s %Y' -- {quoted} 2>/dev/null || stat -f '%z %m' -- {quoted}"
    size, written = run_checked(machine, "stat", command).split()
    try:
        head = read_head(_content(machine, path, HEAD_BYTES), path)
        damage = ""
    except RecordingError as error:
        head, damage = None, str(error)
    return RecordingFile(machine.name, path, int(size), float(written), head, damage)


def _content(machine: Machine, path: str, most: int | None) -> bytes:
    """The bytes of a file, or the first of them; base64 keeps them as they are on the way."""
    quoted = shlex.quote(path)
    source = f"cat -- {quoted}" if most is None else f"head -c {most} -- {quoted}"
    ended = machine.run(f"{source} | base64", most_output=None)
    try:
        data = base64.b64decode(ended.raw, validate=False)
    except binascii.Error:
        data = b""
    if ended.status != 0 or not data:
        said = ended.output.strip().splitlines()[:1]
        raise OperationError(f"{machine.name}: {path}: cannot be read: {''.join(said)}")
    return data


def _plain(host: str) -> str:
    return "".join(each if each.isalnum() or each in ".-" else "_" for each in host)

"""Runs the file of a topology in a child process, within a time, and takes what it answers.

The child leads a session of its own, which is ended with it. On Linux it dies with its parent, and it adopts whatever
its descendants leave behind, so what the file starts or forks is found and ended too when it has left for another
session; but not where the file has ended its own process before. What the file prints goes to stderr.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from simulator.model import Place, Problem, TopologyError
from streamparse.project import as_number
from streamparse.topologies.draft import Draft, shown_file
from streamparse.topologies.loading import LENGTH, frames_of

__all__ = ["READ_SECONDS", "load"]

#: How long a file may take by default: what components import may take several seconds.
READ_SECONDS = 60.0
#: The variable of the environment that sets another limit, in seconds.
VARIABLE = "STREAMPARSE_READ_SECONDS"

_ENDED_SECONDS = 10.0  # to write the stacks, and to be gone
_PIECE = 1 << 16
_MOST_KEPT = 32
_BOOT = (
    "import json, sys; request = json.loads(sys.argv[1]); sys.path[:] = request['path_of_parent']; "
    "from streamparse.topologies.loading import serve; serve(request)"
)


@dataclass(frozen=True)
class _Key:
    """What a draft depends on, beside the files that it was read from."""

    file: str
    path: str
    project: str
    sources: str
    aliases: tuple[tuple[str, str], ...]


_kept: dict[_Key, Draft] = {}  # tests read the same topology hundreds of times


def load(
    path: Path,
    *,
    project: Path,
    sources: Path,
    aliases: Mapping[str, str] | None = None,
    seconds: float | None = None,
) -> Draft:
    """Return what the class in a file says. The file is run once as long as it, and what it imports, is unchanged.

    Args:
        path: the file.
        project: the directory of the project, in which the file is run.
        sources: the directory of the components' sources.
        aliases: other names of packages, as of ``streamparse.aliases``.
        seconds: the limit; None: that of the environment, else ``READ_SECONDS``.

    Raises:
        TopologyError: the file cannot be run, has no topology, or takes too long.
    """
    aliases = aliases or {}
    key = _Key(
        str(path.absolute()),
        str(path),
        str(project.absolute()),
        str(sources.absolute()),
        tuple(sorted(aliases.items())),
    )
    kept = _kept.get(key)
    if kept is not None and all(map(_is_unchanged, kept.files)):
        return kept
    draft = _read(key, _limit(key) if seconds is None else seconds)
    if len(_kept) >= _MOST_KEPT:
        _kept.clear()
    _kept[key] = draft
    return draft


def _limit(key: _Key) -> float:
    text = os.environ.get(VARIABLE)
    if not text:
        return READ_SECONDS
    seconds = as_number(text)
    if not 0 < seconds < 1e6:
        finding, remedy = f"{VARIABLE} is {text!r}", "expected a number of seconds, such as 120"
        raise TopologyError([Problem(Place(key.path), None, finding, remedy)])
    return seconds


def _is_unchanged(stamp: tuple[str, int, int]) -> bool:
    file, mtime, size = stamp
    try:
        status = os.stat(file)
    except OSError:
        return False
    return (status.st_mtime_ns, status.st_size) == (mtime, size)


def _read(key: _Key, seconds: float) -> Draft:
    if not os.path.isfile(key.file):
        finding = "cannot be read: no such file"
        raise TopologyError([Problem(Place(key.path), None, finding, "expected a file NAME.py")])
    with _pipe() as (answers, pipe), _pipe() as (stack_reader, stacks):
        request = {
            "file": key.file,
            "path": key.path,
            "directories": [key.sources, str(Path(key.file).parent)],
            "project": key.project,
            "aliases": dict(key.aliases),
            "pipe": pipe,
            "stacks": stacks,
            "parent": os.getpid(),
            "seconds": seconds + 2 * _ENDED_SECONDS,
            # Without the top of the project, which is there if Python was started with -m.
            "path_of_parent": [
                each for each in map(os.path.abspath, sys.path) if each != key.project
            ],
        }
        process = subprocess.Popen(
            [sys.executable, "-c", _BOOT, json.dumps(request)],
            stdin=subprocess.DEVNULL,
            stdout=2,
            pass_fds=(pipe, stacks),
            cwd=key.project,
            env={**os.environ, "PYTHONHASHSEED": "0"},
            start_new_session=True,
        )
        with _ending(process):
            os.close(pipe)
            os.close(stacks)
            data = _received(process, answers, seconds)
            if data is None:
                raise TopologyError([_hung(key, seconds, _stacks(process, stack_reader))])
            if len(data) < LENGTH.size:
                process.wait()
                raise TopologyError([_died(key, process.returncode, _rest(stack_reader))])
    answer = pickle.loads(data[LENGTH.size :])
    if isinstance(answer, Draft):
        return answer
    raise TopologyError(answer)


@contextlib.contextmanager
def _pipe() -> Iterator[tuple[int, int]]:
    reader, writer = os.pipe()
    try:
        yield reader, writer
    finally:
        os.close(reader)
        with contextlib.suppress(OSError):  # it is closed as soon as the child has it
            os.close(writer)


@contextlib.contextmanager
def _ending(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """End the process with all that it has started."""
    try:
        yield
    finally:
        if process.returncode is None:  # else its number may be another process's
            _end_descendants(process.pid)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _end_descendants(pid: int) -> None:
    """Stop a process, and end all that it has started, and they in turn."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGSTOP)  # it starts no more
    ended: set[int] = set()
    while new := _descendants(pid) - ended:
        for each in new:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(each, signal.SIGKILL)
        ended |= new


def _descendants(pid: int) -> set[int]:
    """The processes below a process; none where the system does not tell them."""
    children: dict[int, list[int]] = {}
    with contextlib.suppress(OSError):
        for entry in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError, IndexError, ValueError):
                status = Path("/proc", entry, "stat").read_bytes()
                parent = int(status.rpartition(b")")[2].split()[1])
                children.setdefault(parent, []).append(int(entry))
    found: set[int] = set()
    left = [pid]
    while left:
        below = children.get(left.pop(), [])
        found.update(below)
        left += below
    return found


def _received(process: subprocess.Popen[bytes], pipe: int, seconds: float) -> bytes | None:
    """Return the answer, or what there is of it when the process has ended; None when the time is over."""
    data, deadline = b"", time.monotonic() + seconds
    with selectors.DefaultSelector() as selector, _watched(process) as ended:
        selector.register(pipe, selectors.EVENT_READ)
        if ended is not None:
            selector.register(ended, selectors.EVENT_READ)
        while (left := deadline - time.monotonic()) > 0:
            ready = {each.fd for each, _ in selector.select(left)}
            if pipe in ready:
                piece = os.read(pipe, _PIECE)
                data += piece
                if _is_whole(data):
                    return data
                if not piece:  # it has ended, or has closed the pipe itself
                    return data if _ends(process, deadline - time.monotonic()) else None
            elif ready:  # it has ended, and a process that it has forked keeps the pipe open
                return data
    return None


def _ends(process: subprocess.Popen[bytes], seconds: float) -> bool:
    try:
        process.wait(max(0.0, seconds))
    except subprocess.TimeoutExpired:
        return False
    return True


def _is_whole(data: bytes) -> bool:
    return len(data) >= LENGTH.size and len(data) - LENGTH.size >= LENGTH.unpack_from(data)[0]


@contextlib.contextmanager
def _watched(process: subprocess.Popen[bytes]) -> Iterator[int | None]:
    """A descriptor that is ready when the process has ended; None where the system has no such thing."""
    try:
        descriptor = os.pidfd_open(process.pid)
    except (AttributeError, OSError):
        yield None
        return
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _stacks(process: subprocess.Popen[bytes], reader: int) -> str:
    """Have the process write where it is, and end, when what it has started is gone."""
    _end_descendants(process.pid)
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGABRT)
        process.send_signal(signal.SIGCONT)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_ENDED_SECONDS)
    return _rest(reader)


def _rest(reader: int) -> str:
    os.set_blocking(reader, False)
    with contextlib.suppress(BlockingIOError):
        return os.read(reader, _PIECE).decode(errors="replace")
    return ""


def _hung(key: _Key, seconds: float, stacks: str) -> Problem:
    return Problem(
        _place(key, stacks),
        None,
        f"still runs after {seconds:g} s, the limit for reading a topology",
        f"expected a file that only declares; {VARIABLE} sets another limit, in seconds",
    )


def _died(key: _Key, status: int, stacks: str) -> Problem:
    how = f"with status {status}" if status >= 0 else f"by {signal.Signals(-status).name}"
    remedy = "a topology's file is run to be read, and must not end"
    return Problem(_place(key, stacks), None, f"its process has ended {how}", remedy)


def _place(key: _Key, stacks: str) -> Place:
    for file, line in frames_of(stacks):
        if file == key.file or file.startswith(
            (f"{key.project}{os.sep}", f"{key.sources}{os.sep}")
        ):
            return Place(shown_file(file, key.path), line)
    return Place(key.path)

"""Snapshots: forks of this process that wait, and fork a child for each job that goes on from there.

A snapshot holds the memory of this process as it was (copy on write). Sent the number of a job, it forks a child, in
which ``Snapshots.take`` returns the job; the child goes on from there, and ends with ``end_child``. Jobs and results
are files of a directory that is removed at the end; the messages between the processes are numbers, so no pipe fills
up, and a child that dies has simply left no result.

Nobody is left behind: a snapshot reaps its children, and kills them when its parent closes its socket, or has died.
An interrupt from the keyboard ends all of them at once.
"""

from __future__ import annotations

import contextlib
import gc
import io
import os
import pickle
import select
import shutil
import signal
import socket
import sys
import tempfile
import warnings
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from simulator.transports.temporary import temporary_directory

MOST_OUTPUT = 1 << 20  # characters of a child's output that are handed over
_MESSAGE_BYTES = 32


class Job(NamedTuple):
    """What a child is to do.

    Attributes:
        number: of the job.
        task: what it was given. Any: pickled by the caller.
    """

    number: int
    task: Any


class Finished(NamedTuple):
    """The end of a job.

    Attributes:
        number: of the job.
        result: of the child; None where it gave up, or died. Any: pickled by the child.
        output: what it wrote on stdout and stderr.
    """

    number: int
    result: Any
    output: tuple[str, str] = ("", "")


class _Child(NamedTuple):
    """This process, where it is the child of a snapshot."""

    result: Path
    output: tuple[io.TextIOWrapper, io.TextIOWrapper]


_child: _Child | None = None


def is_child() -> bool:
    """Return whether this process carries out a job, and has to end with ``end_child``."""
    return _child is not None


def end_child(result: object = None) -> NoReturn:
    """End this child at once, without anything that a process does at its end, and hand over its result.

    Args:
        result: is pickled; None: the child gives up.
    """
    assert _child is not None
    try:
        if result is not None:
            texts = tuple(_text_of(stream) for stream in _child.output)
            beside = _child.result.with_suffix(".new")
            beside.write_bytes(pickle.dumps((result, texts), pickle.HIGHEST_PROTOCOL))
            beside.rename(_child.result)
    finally:
        os._exit(0)


def _text_of(stream: io.TextIOWrapper) -> str:
    stream.flush()
    assert isinstance(stream.buffer, io.BytesIO)
    return stream.buffer.getvalue().decode("utf-8", "replace")[-MOST_OUTPUT:]


class Snapshot:
    """A process that waits where this one was.

    Attributes:
        position: where it waits, as the caller counts.
        jobs: the numbers of the jobs that it has not finished.
    """

    def __init__(self, position: int, pid: int, connection: socket.socket) -> None:
        self.position = position
        self.jobs: set[int] = set()
        self._pid = pid
        self._connection = connection

    def fileno(self) -> int:
        return self._connection.fileno()

    def begin(self, number: int) -> bool:
        """Have it fork a child for a job; false when it is gone."""
        try:
            self._connection.send(b"%d" % number)
        except OSError:
            return False
        self.jobs.add(number)
        return True

    def finished(self) -> list[int] | None:
        """Return the numbers of jobs that have ended, when there is something to read; None when it is gone."""
        try:
            message = self._connection.recv(_MESSAGE_BYTES)
        except OSError:
            message = b""
        if not message:
            return None
        number = int(message)
        self.jobs.discard(number)
        return [number]

    def close(self) -> None:
        """End it and its children, and wait for that."""
        self._connection.close()
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self._pid, 0)


class Snapshots:
    """The snapshots of this process, and the jobs that go on from them.

    Attributes:
        jobs: how many children work at the same time.
    """

    def __init__(self, jobs: int = 1) -> None:
        self.jobs = jobs
        self._owner = os.getpid()
        self._directory = Path(tempfile.mkdtemp(prefix="runs-", dir=temporary_directory()))
        self._snapshots: list[Snapshot] = []
        self._numbers = 0

    def take(self, position: int) -> Job | Snapshot | None:
        """Take a snapshot of this process.

        Returns:
            In this process the snapshot, or None where the system has no room for one more process; in each child
            that goes on from it, its job.
        """
        sys.stdout.flush()
        sys.stderr.flush()
        try:
            mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        except OSError:
            return None
        try:
            pid = _fork()
        except OSError:
            mine.close()
            theirs.close()
            return None
        if pid:
            theirs.close()
            made = Snapshot(position, pid, mine)
            self._snapshots.append(made)
            return made
        try:
            mine.close()
            for each in self._snapshots:  # so that they see the end of this process's parent
                each._connection.close()
            self._snapshots.clear()
            return self._continue(_serve(theirs))
        except BaseException:
            os._exit(1)

    def _continue(self, number: int) -> Job:
        """Become the child of a job."""
        global _child
        job = Job(number, pickle.loads(self._file(number, "job").read_bytes()))
        output = (_captured(), _captured())
        sys.stdout, sys.stderr = output
        _child = _Child(self._file(number, "result"), output)
        return job

    def carry_out(self, tasks: Collection[tuple[Snapshot, object]]) -> Iterator[Finished]:
        """Carry out jobs, as many at the same time as there may be; yield their ends in the order of the tasks.

        Args:
            tasks: each with the snapshot where it begins; a task that cannot be pickled ends without a result.
        """
        waiting = []
        for snapshot, task in tasks:
            waiting.append((self._numbers, snapshot))
            self._write(self._numbers, task)
            self._numbers += 1
        numbers = [number for number, _ in waiting]
        ended: set[int] = set()
        working: dict[int, Snapshot] = {}
        for number in numbers:
            while number not in ended:
                while waiting and len(working) < self.jobs:
                    following, snapshot = waiting.pop(0)
                    if snapshot.begin(following):
                        working[following] = snapshot
                    else:
                        ended.add(following)
                if number not in ended:
                    now = _wait(set(working.values()))
                    ended |= now
                    for each in now:
                        working.pop(each, None)
            yield self._end_of(number)

    def _write(self, number: int, task: object) -> None:
        with contextlib.suppress(pickle.PicklingError, TypeError, AttributeError):
            self._file(number, "job").write_bytes(pickle.dumps(task, pickle.HIGHEST_PROTOCOL))

    def _end_of(self, number: int) -> Finished:
        path = self._file(number, "result")
        self._file(number, "job").unlink(missing_ok=True)
        self._file(number, "new").unlink(missing_ok=True)
        if not path.exists():
            return Finished(number, None)
        result, output = pickle.loads(path.read_bytes())
        path.unlink()
        return Finished(number, result, output)

    def _file(self, number: int, kind: str) -> Path:
        return self._directory / f"{number}.{kind}"

    def drop(self, snapshots: Collection[Snapshot]) -> None:
        """End some of the snapshots."""
        for each in snapshots:
            self._snapshots.remove(each)
            each.close()

    def close(self) -> None:
        """End all snapshots with their children, and remove the files."""
        if os.getpid() != self._owner:
            return  # a child has neither
        for each in self._snapshots:
            each._connection.close()  # all of them first: they end at the same time
        self.drop(list(self._snapshots))
        shutil.rmtree(self._directory, ignore_errors=True)


def _captured() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="backslashreplace")


def _fork() -> int:
    with warnings.catch_warnings():  # of a debugger's or xdist's thread, which only waits
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def _wait(snapshots: Collection[Snapshot]) -> set[int]:
    """Wait until a job ends; return the numbers of those that have, and of all of a snapshot that is gone."""
    ended: set[int] = set()
    ready, _, _ = select.select(list(snapshots), [], [])
    for snapshot in ready:
        found = snapshot.finished()
        ended |= snapshot.jobs if found is None else set(found)
        if found is None:
            snapshot.jobs.clear()
    return ended


# -- in a snapshot --------------------------------------------------------------------------------------------------


def _serve(connection: socket.socket) -> int:
    """Fork a child for each number that comes; return it in the child, and never here."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    gc.freeze()  # a collection would touch, and so copy, every page
    children: dict[int, tuple[int, int]] = {}  # by what ends with them: process and job
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    while True:
        for fd, _ in poll.poll():
            if fd != connection.fileno():
                pid, number = children.pop(fd)
                poll.unregister(fd)
                os.close(fd)
                os.waitpid(pid, 0)
                with contextlib.suppress(OSError):
                    connection.send(b"%d" % number)
                continue
            message = connection.recv(_MESSAGE_BYTES)
            if not message:
                _end(children)
            ends, life = os.pipe()
            try:
                pid = _fork()
            except OSError:  # no room for one more process: the job has ended without a result
                os.close(ends)
                os.close(life)
                connection.send(message)
                continue
            if not pid:
                connection.close()
                os.close(ends)
                for each in children:
                    os.close(each)
                return int(message)  # ``life`` closes with the process
            os.close(life)
            children[ends] = (pid, int(message))
            poll.register(ends, select.POLLIN)


def _end(children: dict[int, tuple[int, int]]) -> NoReturn:
    for pid, _ in children.values():
        os.kill(pid, signal.SIGKILL)
    for pid, _ in children.values():
        os.waitpid(pid, 0)
    os._exit(0)

"""Between Storm and a component: copies both directions untouched, and writes down what was said.

``recorder.py DIRECTORY COMMAND...`` runs the command with its stdin and stdout held in between. The conversation goes
to ``DIRECTORY/<topology>/<task>``, whose names come with the handshake; the second life of a task to ``<task>.2``. A
line is a message, with the milliseconds since the handshake, ``<`` for what Storm wrote or ``>`` for what the component
wrote, and the message. Turns of a spout in which nothing was said, and heartbeats with their answers, are left out: a
real Storm has thousands of them.

It needs the standard library alone and starts quickly, for it runs once for each task. ``Notes`` is used by the
simulator's side too, so that both sides are written down by the same rules.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from typing import Any, BinaryIO

NEXT = b'{"id":"","command":"next"}'
NEXT_OLD = b'{"command":"next","id":""}'  # the order of an older JDK's maps
SYNC = b'{"command":"sync"}'
HEARTBEAT = b'"stream":"__heartbeat"'


class Frames:
    """Cuts what flows by into messages; each ends with a line ``end``."""

    def __init__(self) -> None:
        self._lines: list[bytes] = []
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        """The messages that are whole now, each on one line."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        frames = []
        for line in lines:
            if line.rstrip(b"\r") == b"end":
                frames.append(b" ".join(self._lines))
                self._lines = []
            else:
                self._lines.append(line)
        return frames


class Notes:
    """The conversation of one task, as it goes into the file.

    Args:
        open_file: makes the file, once the handshake says whose it is: (topology, task).
        now_ms: any clock.
    """

    def __init__(
        self, open_file: Callable[[str, int], BinaryIO], now_ms: Callable[[], int]
    ) -> None:
        self._open_file = open_file
        self._now_ms = now_ms
        self._file: BinaryIO | None = None
        self._began = 0
        self._idle: bytes | None = None  # a `next` in whose turn nothing has been said yet
        self._beats = 0  # heartbeats not answered yet

    def heard(self, frame: bytes) -> None:
        """Storm wrote this."""
        if self._file is None:
            self._file = self._open(frame)
        if frame in (NEXT, NEXT_OLD):
            self._spill()
            self._idle = self._line(b"<", frame)
        elif HEARTBEAT in frame and b'"comp":null' in frame:
            self._beats += 1
        else:
            self._spill()
            self._write(self._line(b"<", frame))

    def said(self, frame: bytes) -> None:
        """The component wrote this."""
        if frame.replace(b" ", b"") == SYNC:
            if self._idle is not None:
                self._idle = None
                return
            if self._beats:
                self._beats -= 1
                return
        self._spill()
        self._write(self._line(b">", frame))

    def _open(self, handshake: bytes) -> BinaryIO:
        self._began = self._now_ms()
        message: dict[str, Any] = json.loads(handshake)
        return self._open_file(message["conf"]["topology.name"], message["context"]["taskid"])

    def _line(self, mark: bytes, frame: bytes) -> bytes:
        return b"%d %s %s\n" % (self._now_ms() - self._began, mark, frame)

    def _spill(self) -> None:
        if self._idle is not None:
            self._write(self._idle)
            self._idle = None

    def _write(self, line: bytes) -> None:
        if self._file is not None:
            self._file.write(line)
            self._file.flush()


def file_in(directory: str) -> Callable[[str, int], BinaryIO]:
    """Files by topology and task below a directory; each further life of a task has a file of its own: 5, 5.2, 5.3."""

    def open_file(topology: str, task: int) -> BinaryIO:
        folder = os.path.join(directory, topology)
        os.makedirs(folder, exist_ok=True)
        for life in count(1):
            name = str(task) if life == 1 else f"{task}.{life}"
            with suppress(FileExistsError):
                return open(os.path.join(folder, name), "xb")  # noqa: PTH123 (pathlib takes a while)
        raise AssertionError("the count has no end")

    return open_file


def main(directory: str, command: list[str]) -> None:
    """Run the command; end as it does."""
    from threading import Lock, Thread

    stdin_read, stdin_write = os.pipe()
    stdout_read, stdout_write = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(stdin_read, 0)
        os.dup2(stdout_write, 1)
        os.closerange(3, stdout_write + 1)
        try:
            os.execvp(command[0], command)
        except OSError as error:
            os.write(2, f"{command[0]}: {error}\n".encode())
            os._exit(127)
    os.close(stdin_read)
    os.close(stdout_write)
    signal.signal(signal.SIGTERM, lambda number, frame: os.kill(child, number))
    notes = Notes(file_in(directory), lambda: time.monotonic_ns() // 1_000_000)
    lock = Lock()

    def copy(source: int, target: int, note: Callable[[bytes], None]) -> None:
        frames = Frames()
        while data := os.read(source, 1 << 16):
            with (
                lock
            ):  # written down before it is passed on: an answer never stands before its question
                for frame in frames.feed(data):
                    note(frame)
            while data:
                data = data[os.write(target, data) :]

    def hear() -> None:
        with suppress(BrokenPipeError):  # it may read no more; what it still says is passed on
            copy(0, stdin_write, notes.heard)
        os.close(stdin_write)

    Thread(target=hear, daemon=True).start()
    try:
        copy(stdout_read, 1, notes.said)
    except BrokenPipeError:  # Storm is gone
        os.kill(child, signal.SIGTERM)
    os.close(1)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        if os.WTERMSIG(status) == signal.SIGTERM:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.kill(os.getpid(), os.WTERMSIG(status))
    os._exit(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])

"""The pipes of one component process, and what is in them."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from simulator.engine import Start, Task
from simulator.transports.accounting import Stopwatch
from streamparse import multilang

STDERR_TAIL_BYTES = 8192
PIPE_BYTES = 1024 * 1024  # a batch fits, so one write hands it over
READ_BYTES = 1 << 18
WRITE_BYTES = 1 << 20

#: Called with each line that a component writes on stderr: (component, task, line).
StderrListener = Callable[[str, int, str], object]


class Observer(Protocol):
    """Sees the bytes of the conversations with component processes, as they are written and read."""

    def written(self, task: int, data: bytes) -> None:
        """Called with bytes that are for the stdin of a task's process."""

    def read(self, task: int, data: bytes) -> None:
        """Called with bytes that a task's process has written on its stdout."""


class StderrPipe:
    """Our end of a component's stderr: hands its lines on, and keeps the last bytes."""

    def __init__(self, fd: int, on_line: Callable[[bytes], object]) -> None:
        self.fd = fd
        self.tail = b""
        self._on_line = on_line
        self._line = b""  # that has begun and not ended

    def read(self) -> bool:
        """Take what is there; false at the end of the pipe."""
        try:
            data = os.read(self.fd, 1 << 16)
        except BlockingIOError:
            return True
        self.tail = (self.tail + data)[-STDERR_TAIL_BYTES:]
        *lines, rest = (self._line + data).split(b"\n")
        if len(rest) > STDERR_TAIL_BYTES:
            lines, rest = [*lines, rest], b""
        self._line = rest
        for line in lines:
            self._on_line(line)
        return bool(data)

    def drain(self) -> None:
        """Take everything that a process has left there, within the size of the pipe."""
        before = None
        while before != self.tail:
            before = self.tail
            if not self.read():
                break
        if self._line:
            self._on_line(self._line)
            self._line = b""

    @property
    def text(self) -> str:
        """The last bytes, as text."""
        return self.tail.decode("utf-8", "replace")


@dataclass(eq=False)
class Channel:
    """One component process: its pipes, and the conversation that is on."""

    start: Start
    stdin: int  # -1 once it is closed
    stdout: int
    stderr: StderrPipe
    pid: int = 0  # 0 until the fork server has told it
    failed_start: str = ""
    reader: multilang.Reader = field(default_factory=multilang.Reader)
    frames: deque[bytes] = field(default_factory=deque)  # read, and not yet taken by the task
    last: bytes = b""  # the messages that were taken last, with their ends
    unwritten: bytes | memoryview = b""  # what is written next; a view, for it may be long
    later: deque[bytes] = field(default_factory=deque)  # what is written behind it
    task: Task | None = None  # whose conversation is on
    began: float = 0.0  # of this conversation
    progress: float = 0.0  # when bytes last moved
    received_bytes: int = 0  # in this conversation
    is_paused: bool = False  # stdout is not watched
    is_at_eof: bool = False
    is_closed: bool = False
    silence: Stopwatch | None = None  # since the last progress
    turn_from: int = 0  # see Task
    turn_began: float = 0.0
    turn: Stopwatch | None = None  # of a turn that has been long
    looked: float = 0.0

    @classmethod
    def open(cls, start: Start, on_stderr: StderrListener | None) -> tuple[Channel, list[int]]:
        """Make the pipes of a process to come.

        Returns:
            The channel with our ends, and the process's own stdin, stdout and stderr.
        """
        stdin_r, stdin_w = os.pipe()
        stdout_r, stdout_w = os.pipe()
        stderr_r, stderr_w = os.pipe()
        for fd in (stdin_w, stdout_r, stderr_r):
            os.set_blocking(fd, False)
        # Linux only, and root may have set a limit.
        with contextlib.suppress(OSError, AttributeError):
            fcntl.fcntl(stdin_w, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
            fcntl.fcntl(stdout_r, fcntl.F_SETPIPE_SZ, PIPE_BYTES)

        def on_line(line: bytes) -> None:
            if on_stderr:
                on_stderr(start.component.id, start.task, line.decode("utf-8", "replace"))

        channel = cls(start, stdin_w, stdout_r, StderrPipe(stderr_r, on_line))
        return channel, [stdin_r, stdout_w, stderr_w]

    def begin(self, task: Task, now: float) -> None:
        """Start a conversation."""
        self.task = task
        self.began = now
        if not task.in_turn:
            self.progress = now
        self.received_bytes = 0
        self.turn_from, self.turn_began, self.turn = 0, now, None

    def write(self, data: bytes) -> None:
        """Write as much as the pipe takes; the rest is ``unwritten``."""
        if self.unwritten:
            self.later.append(data)
            return
        written = self._write(data)
        if written < len(data):
            self.unwritten = memoryview(data)[written:]

    def write_more(self) -> int:
        """Write some of what is unwritten; returns how many bytes."""
        written = self._write(self.unwritten[:WRITE_BYTES])
        self.unwritten = self.unwritten[written:]
        if not self.unwritten and self.later:
            self.unwritten = memoryview(self.later.popleft())
        return written

    def _write(self, data: bytes | memoryview) -> int:
        if self.stdin < 0 or not data:
            return len(data)
        try:
            return os.write(self.stdin, data)
        except BlockingIOError:
            return 0
        except BrokenPipeError:
            # It reads no more. What it still had to say is in its stdout, whose end tells the rest.
            return len(data)

    def read(self) -> bytes | None:
        """Read what the process has written on stdout; empty at its end, None when there is nothing yet."""
        try:
            return os.read(self.stdout, READ_BYTES)
        except BlockingIOError:
            return None

    @property
    def last_message(self) -> bytes:
        """The message that was taken last; empty when that was the answer to the handshake."""
        last = (multilang.Reader().feed(self.last) or [self.last])[-1]
        return b"" if last.startswith(b'{"pid"') else last

    def close(self) -> None:
        """Close stdout and stderr; stdin is closed before."""
        self.is_closed = True
        os.close(self.stdout)
        os.close(self.stderr.fd)

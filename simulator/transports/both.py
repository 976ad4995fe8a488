"""How components run: as processes, or as objects in this one. The only door to the world in this package.

Both carry the same conversations (``simulator.engine.tasks``) to their end and report the same outcomes. Nothing is
polled: with processes one selector waits for whatever moves first; in this process the components run on the
caller's stack, so a debugger, coverage and tracebacks just work.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import importlib
import os
import random
import resource
import select
import signal
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from contextvars import Token
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NoReturn, Protocol

from simulator.engine import Death, Outcome, Start, Task
from simulator.engine.faults import Crash
from simulator.model import Component
from simulator.transports import fork_server_client as parents
from streamparse import multilang
from streamparse.multilang import ProtocolError

# What one component may say between two barriers; beyond this it floods its stdout and never listens.
MOST_BYTES_A_WAVE = 128 * 1024 * 1024
STDERR_TAIL_BYTES = 8192
# An answer is usually there within microseconds, and waking a processor that has gone to sleep takes longer than
# that: so we look a few times, giving way to whoever wants to run, before we go to sleep ourselves.
SPIN_SECONDS = 0.0002
STACK_SECONDS = 0.2  # of silence: a stack is dumped in one go
MOST_STACK_BYTES = 1 << 16  # who writes all the time never falls silent
GRACE_SECONDS = 1.0  # for a component to end by itself when its stdin is closed
STARTS_A_REQUEST = 64  # three descriptors each; Linux passes on 253 at a time
PIPE_BYTES = 1024 * 1024  # a batch fits, so one write hands it over

StderrListener = Callable[[str, int, str], object]
Handler = Callable[["Channel", dict["Channel", None]], None]


class Poller:
    """Which descriptors can be read or written; the handler of each comes with it.

    epoll where there is one (its cost does not grow with the processes), else poll; the standard library's
    selectors cost as much again as the system call for each event.
    """

    def __init__(self) -> None:
        self._has_epoll = hasattr(select, "epoll")
        self._poll: Any = select.epoll() if self._has_epoll else select.poll()
        self._handlers: dict[int, tuple[Channel, Handler]] = {}

    def watch(self, fd: int, channel: Channel, handler: Handler, *, write: bool = False) -> None:
        self._handlers[fd] = (channel, handler)
        self._poll.register(fd, select.POLLOUT if write else select.POLLIN)

    def forget(self, fd: int) -> None:
        """No more of this one; nothing happens when it is not watched."""
        if self._handlers.pop(fd, None) is not None:
            self._poll.unregister(fd)

    def wait(self, seconds: float) -> list[tuple[Channel, Handler]]:
        """Who has something to see to, within so many seconds."""
        poll, handlers = self._poll.poll, self._handlers
        found = poll(0)
        if not found:
            until = time.monotonic() + SPIN_SECONDS
            while not found and time.monotonic() < until:
                os.sched_yield()
                found = poll(0)
            if not found:
                found = poll(seconds if self._has_epoll else seconds * 1000)
        return [handlers[fd] for fd, _ in found]

    def close(self) -> None:
        if self._has_epoll:
            self._poll.close()


# -- processes --------------------------------------------------------------------------------------------------


@dataclass(eq=False)
class Channel:
    """The pipes of one component process and what is in them."""

    start: Start
    pid: int
    stdin: int
    stdout: int
    stderr: int
    failed_start: str = ""
    reader: multilang.Reader = field(default_factory=multilang.Reader)
    frames: deque[bytes] = field(default_factory=deque)  # read, and not yet asked for
    last: bytes = b""  # the last messages that were taken, with their ends
    unwritten: bytes = b""
    stderr_line: bytes = b""
    stderr_tail: bytes = b""
    task: Task | None = None  # whose conversation is on
    began: float = 0.0
    progress: float = 0.0
    received: int = 0  # bytes in this wave
    paused: bool = False  # stdout is not watched
    at_eof: bool = False


class Processes:
    """Each task is a real process, started by the warm parent (``streamparse.forkserver``).

    Args:
        cwd: where components run, as on Storm the directory with the Python sources.
        env: more environment for them.
        interpreter: the Python whose components can be forked; any other command is spawned.
        hang_seconds: how long a component may take over one message; real time.
        on_stderr: told each line that a component writes on stderr: (component, task, line).
    """

    def __init__(
        self,
        *,
        cwd: str,
        env: Mapping[str, str] | None = None,
        interpreter: str = sys.executable,
        hang_seconds: float = 30.0,
        on_stderr: StderrListener | None = None,
    ) -> None:
        self._cwd = os.path.abspath(cwd)
        self._env = dict(env or {})
        self._interpreter = interpreter
        self._hang_seconds = hang_seconds
        self._on_stderr = on_stderr
        self._is_closed = False
        self._through: Callable[[Task], object] = _nobody
        self._look_at = 0.0  # when to look for hung components again
        self._channels: dict[int, Channel] = {}
        self._poller = Poller()
        _allow_many_files()
        told = {**os.environ, **self._env}
        self._told = {**self._env, **parents.told_later(told), "STREAMPARSE_VIRTUAL_CLOCK": "1"}
        self._parent = parents.take(interpreter, self._cwd, told)
        self._starting: list[tuple[Channel, parents.Answer, int]] = []

    def __enter__(self) -> Processes:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid_dir(self) -> str:
        return _pid_dir().name

    # -- starting and ending

    def start(self, starts: Sequence[Start]) -> None:
        """Have the parent start them; whether it could is seen later, so both go on at the same time."""
        for first in range(0, len(starts), STARTS_A_REQUEST):
            self._start(starts[first : first + STARTS_A_REQUEST])

    def _start(self, starts: Sequence[Start]) -> None:
        channels, theirs = [], list[int]()
        for start in starts:
            channel, fds = self._open_channel(start)
            channels.append(channel)
            theirs += fds
        asked = {"do": "start", "cwd": self._cwd, "env": self._told}
        answer = self._parent.send(asked | {"starts": list(map(self._described, starts))}, theirs)
        self._starting += [(channel, answer, place) for place, channel in enumerate(channels)]
        for fd in theirs:
            os.close(fd)

    def _described(self, start: Start) -> dict[str, object]:
        command = start.component.command
        assert command is not None, "what needs a JVM is refused before a run"
        forked = start.component.python_class if command[0] == self._interpreter else None
        return {"argv": list(command), "python_class": forked, "seed": start.seed}

    def _open_channel(self, start: Start) -> tuple[Channel, tuple[int, int, int]]:
        """Our ends of the pipes of a process to come, and its own."""
        stdin_r, stdin_w = os.pipe()
        stdout_r, stdout_w = os.pipe()
        stderr_r, stderr_w = os.pipe()
        for fd in (stdin_w, stdout_r, stderr_r):
            os.set_blocking(fd, False)
        with contextlib.suppress(
            OSError, AttributeError
        ):  # Linux only, and root may have set a limit
            fcntl.fcntl(stdin_w, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
            fcntl.fcntl(stdout_r, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        channel = Channel(start, 0, stdin_w, stdout_r, stderr_r)
        self._channels[start.task] = channel
        self._poller.watch(stdout_r, channel, self._readable)
        self._poller.watch(stderr_r, channel, self._complaint)
        return channel, (stdin_r, stdout_w, stderr_w)

    def _see_who_started(self) -> None:
        """Take what the parent has said about the last starts; needed before anybody's pid is."""
        if not self._starting:
            return
        self._parent.catch_up()
        for channel, answer, place in self._starting:
            started = answer["started"][place]
            channel.pid = started.get("pid", 0)
            if "error" in started:
                words = " ".join(channel.start.component.command or ())
                channel.failed_start = f"cannot be started: {words}: {started['error']}"
        self._starting = []

    def kill(self, tasks: Sequence[int]) -> None:
        """SIGKILL for these tasks' processes and whatever they started."""
        self._end([self._channels.pop(task) for task in tasks if task in self._channels], 0.0)

    def finish(self, task: int, seconds: float) -> tuple[int | None, list[bytes]]:
        """Close a component's stdin and give it so long: its exit status, None if it runs on; what it still said."""
        self._see_who_started()
        channel = self._channels[task]
        self._close_stdin(channel)
        status = self._parent.ask({"do": "wait", "pid": channel.pid, "seconds": seconds})["status"]
        frames: list[bytes] = []
        with contextlib.suppress(BlockingIOError):  # there is no end while somebody holds the pipe
            while data := os.read(channel.stdout, 1 << 18):
                frames += channel.reader.feed(data)
        return status, frames

    def _end(self, channels: Sequence[Channel], seconds: float) -> None:
        self._see_who_started()
        for channel in channels:
            self._close_stdin(channel)
        pids = [channel.pid for channel in channels if channel.pid]
        if pids:
            self._parent.ask({"do": "end", "pids": pids, "seconds": seconds})
        for channel in channels:
            self._drain_stderr(channel)
            for fd in (channel.stdout, channel.stderr):
                self._poller.forget(fd)
                os.close(fd)

    def _close_stdin(self, channel: Channel) -> None:
        if channel.stdin >= 0:
            self._poller.forget(channel.stdin)
            os.close(channel.stdin)
            channel.stdin = -1

    def close(self) -> None:
        """Close every stdin, give the components a moment, end what is left; the parent is kept for the next."""
        if self._is_closed:
            return
        self._is_closed = True
        channels, self._channels = list(self._channels.values()), {}
        try:
            self._end(channels, GRACE_SECONDS)
        except BaseException as error:
            # An interruption too: what a parent still has to do is not the next run's.
            self._parent.end()
            if not isinstance(error, (OSError, RuntimeError)):
                raise
        else:
            parents.hand_back(self._parent)
        finally:
            self._poller.close()

    # -- conversations

    def run(
        self,
        tasks: Sequence[Task],
        through: Callable[[Task], object],
        meanwhile: Callable[[], object],
    ) -> None:
        """Carry each conversation until it is through or has an outcome, all at the same time."""
        self._through = through
        active: dict[Channel, None] = {}
        now = time.monotonic()
        for task in tasks:
            channel = self._channels[task.id]
            channel.task = task
            channel.began = channel.progress = now
            channel.received = 0
            active[channel] = None
            self._write(channel, task.whole_opening())
        meanwhile()
        for channel in list(active):
            self._converse(channel, active)
            if channel in active:
                self._watch(channel, active)
        while active:
            self._turn(active)

    def _watch(self, channel: Channel, active: dict[Channel, None]) -> None:
        if channel.at_eof:
            self._died(channel, active)
        elif channel.paused:
            channel.paused = False
            self._poller.watch(channel.stdout, channel, self._readable)

    def _turn(self, active: dict[Channel, None]) -> None:
        """Wait for something to move, and see to it."""
        ready = self._poller.wait(self._hang_seconds)
        for channel, handle in ready:
            handle(channel, active)
        now = time.monotonic()
        # While some talk, the silent ones are looked at four times before they can be late.
        if not ready or now >= self._look_at:
            self._look_at = now + self._hang_seconds / 4
            self._look_for_hung(active)

    def _readable(self, channel: Channel, active: dict[Channel, None]) -> None:
        if channel not in active:
            # Not its turn: what it says stays in the pipe until it is asked, so the pipe bounds it.
            self._poller.forget(channel.stdout)
            channel.paused = True
            return
        try:
            data = os.read(channel.stdout, 1 << 18)
        except BlockingIOError:
            return
        if not data:
            channel.at_eof = True
            self._poller.forget(channel.stdout)
            channel.paused = True
            self._died(channel, active)
            return
        channel.progress = time.monotonic()
        channel.received += len(data)
        block = None if channel.frames else channel.reader.whole(data)
        if block is None:
            channel.frames += channel.reader.feed(data)
        self._converse(channel, active, block)
        if channel in active and (broken := self._has_flooded(channel)):
            self._finish(channel, active, broken)

    @staticmethod
    def _has_flooded(channel: Channel) -> ProtocolError | None:
        if channel.received > MOST_BYTES_A_WAVE:
            return ProtocolError(
                f"more than {MOST_BYTES_A_WAVE >> 20} MiB on stdout without an answer",
                storm="Storm would read on and on",
            )
        return channel.reader.overflow

    def _converse(
        self, channel: Channel, active: dict[Channel, None], block: bytes | None = None
    ) -> None:
        """Hand the messages that are here to the task, those of a block at once; write what it answers."""
        task = channel.task
        assert task is not None
        replies = []
        try:
            if block:
                channel.last = block
                reply, rest = task.receive_all(block)
                replies.append(reply)
                channel.frames += rest
            while channel.frames and not task.done:
                channel.last = channel.frames.popleft()
                replies.append(task.receive(channel.last))
        except ProtocolError as error:
            self._finish(channel, active, error)
            return
        except Crash as crash:
            self._crash(channel, active, crash)
            return
        if answer := b"".join(replies):
            self._write(channel, answer)
        if task.done:
            self._finish(channel, active, None)

    def _finish(
        self, channel: Channel, active: dict[Channel, None], outcome: Death | ProtocolError | None
    ) -> None:
        task = channel.task
        assert task is not None
        task.seconds += time.monotonic() - channel.began
        if outcome is not None:
            task.outcome = outcome
        channel.task = None
        active.pop(channel, None)
        self._through(task)

    def _write(self, channel: Channel, data: bytes) -> None:
        if channel.unwritten:
            channel.unwritten += data
            return
        written = self._try_write(channel, data)
        if written < len(data):
            channel.unwritten = data[written:]
            self._poller.watch(channel.stdin, channel, self._writable, write=True)

    def _try_write(self, channel: Channel, data: bytes) -> int:
        if channel.stdin < 0 or not data:
            return len(data)
        try:
            return os.write(channel.stdin, data)
        except BlockingIOError:
            return 0
        except BrokenPipeError:
            # It reads no more. What it still had to say is in its stdout, whose end tells the rest.
            return len(data)

    def _writable(self, channel: Channel, active: dict[Channel, None]) -> None:
        written = self._try_write(channel, channel.unwritten[: 1 << 20])
        channel.unwritten = channel.unwritten[written:]
        if written:
            channel.progress = time.monotonic()
        if not channel.unwritten:
            self._poller.forget(channel.stdin)

    # -- stderr

    def _complaint(self, channel: Channel, active: dict[Channel, None]) -> None:
        if not self._read_stderr(channel):
            self._poller.forget(channel.stderr)

    def _read_stderr(self, channel: Channel) -> bool:
        """Take what is there; false at its end."""
        try:
            data = os.read(channel.stderr, 1 << 16)
        except BlockingIOError:
            return True
        channel.stderr_tail = (channel.stderr_tail + data)[-STDERR_TAIL_BYTES:]
        *lines, rest = (channel.stderr_line + data).split(b"\n")
        if len(rest) > STDERR_TAIL_BYTES:
            lines, rest = [*lines, rest], b""
        channel.stderr_line = rest
        for line in lines:
            self._tell_stderr(channel, line)
        return bool(data)

    def _tell_stderr(self, channel: Channel, line: bytes) -> None:
        if self._on_stderr:
            text = line.decode("utf-8", "replace")
            self._on_stderr(channel.start.component.id, channel.start.task, text)

    def _drain_stderr(self, channel: Channel) -> None:
        """Everything a process that has ended left on stderr, within the size of the pipe."""
        before = None
        while before != channel.stderr_tail:
            before = channel.stderr_tail
            if not self._read_stderr(channel):
                break
        if channel.stderr_line:
            self._tell_stderr(channel, channel.stderr_line)
            channel.stderr_line = b""

    # -- death

    def _died(self, channel: Channel, active: dict[Channel, None]) -> None:
        status = None
        self._see_who_started()
        if channel.pid:
            asked = {"do": "wait", "pid": channel.pid, "seconds": GRACE_SECONDS}
            status = self._parent.ask(asked)["status"]
        self._drain_stderr(channel)
        reason = channel.failed_start or _ended(status)
        if channel.reader.rest.strip():
            reason += f" in the middle of a message: {multilang.excerpt(channel.reader.rest)}"
        tail = channel.stderr_tail.decode("utf-8", "replace")
        self._finish(channel, active, Death(reason, stderr=tail))

    def _crash(self, channel: Channel, active: dict[Channel, None], crash: Crash) -> None:
        task = channel.start.task
        self._finish(channel, active, death_by(crash))
        self.kill([task])

    def _look_for_hung(self, active: dict[Channel, None]) -> None:
        late = time.monotonic() - self._hang_seconds
        for channel in [channel for channel in active if channel.progress <= late]:
            stack = self._stack(channel)
            reason = (
                f"has not answered for {self._hang_seconds:g} s (Storm would report a subprocess "
                "heartbeat timeout and end its worker)"
            )
            last = (multilang.Reader().feed(channel.last) or [channel.last])[-1]
            if last and not last.startswith(b'{"pid"'):
                reason += f"; its last message: {multilang.excerpt(last)}"
            tail = channel.stderr_tail.decode("utf-8", "replace")
            self._finish(channel, active, Death(reason, stderr="" if stack else tail, stack=stack))
            self.kill([channel.start.task])

    def _stack(self, channel: Channel) -> str:
        """Where a component of ours hangs: run.py dumps all threads on SIGUSR2. Nobody else is told of it."""
        if channel.start.component.python_class is None:
            return ""
        self._see_who_started()
        self._drain_stderr(channel)
        with contextlib.suppress(ProcessLookupError):
            os.kill(channel.pid, signal.SIGUSR2)
        dump = b""
        while (
            len(dump) < MOST_STACK_BYTES
            and select.select([channel.stderr], [], [], STACK_SECONDS)[0]
        ):
            data = os.read(channel.stderr, 1 << 16)
            if not data:
                break
            dump += data
        return dump.decode("utf-8", "replace")


@cache
def _pid_dir() -> tempfile.TemporaryDirectory[str]:
    """Where components leave files named by their pids: one directory for this process, gone when it ends."""
    directory = tempfile.TemporaryDirectory(prefix="storm-pids-")
    atexit.register(directory.cleanup)
    return directory


def _nothing(task: int) -> AbstractContextManager[None]:
    return contextlib.nullcontext()


def _nobody(task: Task) -> None:
    """Listens when no wave is on."""


def death_by(crash: Crash) -> Death:
    """What an ordered crash does to its task."""
    return Death(str(crash), ordered=True, scope=crash.order.scope)


def _allow_many_files() -> None:
    """Three pipes a task: raise the soft limit on open files, often 1024, to the hard one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with contextlib.suppress(
            ValueError, OSError
        ):  # some systems have a lower limit than they say
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _ended(status: int | None) -> str:
    if status is None:
        return "closed its stdout and runs on"
    if status < 0:
        with contextlib.suppress(ValueError):
            return f"was ended by {signal.Signals(-status).name}"
    return f"ended with exit status {status}"


# -- in this process --------------------------------------------------------------------------------------------


class ComponentLike(Protocol):
    """What a streamparse component offers to whoever runs it."""

    _pending_commands: deque[Any]

    def _start(self) -> None: ...
    def _run(self) -> None: ...
    def _handle_run_exception(self, exc: Exception) -> None: ...


class _Unwind(BaseException):
    """Leaves the user's code at once; no Exception, so that no `except Exception` stops it."""


class _Starved(_Unwind):
    """The component reads where nothing will ever come."""


class _Inbox:
    """The stdin of a component in this process: messages, and nothing to wait for."""

    def __init__(self) -> None:
        self.messages: deque[str | dict[str, object]] = deque()

    def put(self, data: bytes) -> None:
        self.messages.extend(_texts(data))

    def put_first(self, data: bytes) -> None:
        """Task ids overtake the tuples that wait, as they do in Storm since 1.0."""
        self.messages.extendleft(reversed(_texts(data)))

    def read_text(self) -> str | dict[str, object]:
        if not self.messages:
            raise _Starved
        return self.messages.popleft()


def _texts(data: bytes) -> list[str]:
    """What Storm says, message by message; it never breaks one over lines."""
    return data.decode("utf-8").split("\nend\n")[:-1]


class _Outbox:
    """The stdout of a component in this process: every message is taken, and answered, at once."""

    def __init__(
        self,
        take: Callable[[bytes], None],
        take_message: Callable[[Mapping[str, object]], bool],
        break_off: Callable[[ProtocolError], NoReturn],
    ) -> None:
        self._take = take
        self.take_message = take_message
        self._break_off = break_off
        self._reader = multilang.Reader()
        self.is_within = False  # a message has begun

    def write(self, text: str) -> int:
        try:
            for frame in self._reader.feed(text.encode("utf-8")):
                self._take(frame)
        finally:
            self.is_within = bool(self._reader.rest)
        if self._reader.overflow:
            self._break_off(self._reader.overflow)
        return len(text)

    def flush(self) -> None:
        return None


class Resident:
    """One component in this process, and its conversation."""

    def __init__(self, seed: str, found: type | Death) -> None:
        self.inbox = _Inbox()
        self.task: Task | None = None
        self.death = found if isinstance(found, Death) else None
        self._seed = seed
        self._found = found
        self._component: ComponentLike | None = None
        self._started = False
        self._luck: Any = None  # the state of random, once it has had a turn
        self._unheard: list[bytes] = []  # said while nobody listened; a pipe would hold it
        self._outbox = _Outbox(self._take, self._take_unprinted, self._break_off)

    def converse(self, task: Task) -> None:
        """Carry the task's conversation to its end, on the caller's stack."""
        try:
            if self._luck is None:
                random.seed(self._seed)
                self._make()  # nobody listens or speaks: a process has not taken its pipes yet
            else:
                random.setstate(self._luck)
            if self._component is not None:
                self.inbox.messages.extend(delivery.unprinted() for delivery in task.handed)
                self.inbox.put(task.opening)
                self.task = task
                self._live(self._component, task)
        finally:
            self._luck = random.getstate()
            self.task = None
        if task.outcome is None and not task.done:
            task.outcome = self.death or Death("reads on where nothing will come")

    def _make(self) -> None:
        if isinstance(self._found, Death):
            return
        try:
            self._component = self._found(
                input_stream=self.inbox, output_stream=self._outbox, rdb_signal=None
            )
        except _Starved:
            self.death = Death("cannot be started: its constructor reads where nothing will come")
        except (Exception, SystemExit, _Unwind) as error:  # the user's constructor may do anything
            self.death = _not_started(error)

    def _live(self, component: ComponentLike, task: Task) -> None:
        unheard, self._unheard = self._unheard, []
        turn = multilang.SPEAKER.set(component)
        try:
            for frame in unheard:
                self._take(frame)
            if self.death is None:
                if not self._started:
                    self._started = True
                    component._start()
                while self.inbox.messages or component._pending_commands:
                    component._run()
        except _Starved:
            self.death = Death("reads on where nothing will come: on Storm it would hang here")
        except _Unwind:
            pass
        except SystemExit as exit_:
            self.death = Death(_ended(exit_.code if isinstance(exit_.code, int) else 1))
        except Exception as error:
            self.death = self._last_words(component, error)
        finally:
            multilang.SPEAKER.reset(turn)

    @staticmethod
    def _last_words(component: ComponentLike, error: Exception) -> Death:
        """What `run()` does with an exception: the component tells Storm, then its process ends."""
        with contextlib.suppress(_Unwind, SystemExit):
            component._handle_run_exception(error)
        return Death(_ended(1), cause=error)

    def _take(self, frame: bytes) -> None:
        task = self.task
        if task is None or task.outcome is not None:
            return  # nobody listens: it is dying
        if task.done:
            self._unheard.append(frame)
            return
        try:
            reply = task.receive(frame)
        except (ProtocolError, Crash) as error:
            self._break_off(error)
        self._answer(reply)

    def _take_unprinted(self, message: Mapping[str, object]) -> bool:
        """Take a message without its JSON; false where it has to be written."""
        task = self.task
        if task is None or task.outcome is not None or task.done or self._outbox.is_within:
            return False
        try:
            reply = task.receive_unprinted(message)
        except (ProtocolError, Crash) as error:
            self._break_off(error)
        if reply:
            self._answer(reply)
        return reply is not None

    def _answer(self, reply: bytes) -> None:
        if reply.startswith(b"["):
            self.inbox.put_first(reply)
        elif reply:
            self.inbox.put(reply)

    def _break_off(self, error: ProtocolError | Crash) -> NoReturn:
        """What it said breaks the protocol, or an order strikes at it: leave its code at once."""
        outcome: Outcome
        if isinstance(error, Crash):
            outcome = self.death = death_by(error)
        else:
            outcome = error
        if self.task is not None and not self.task.done:
            self.task.outcome = outcome
        raise _Unwind from error


class InProcess:
    """Python components run as objects in this process; every other command as a process.

    The components' own ``random`` is seeded and kept apart per task, their timers run on the virtual clock, and
    they touch nothing process-wide (``multilang.HOST``).

    Args:
        others: where everything else runs.
        classes: classes by component id, in place of those that the topology names.
        only_classes: run nothing here but those.
        around: what surrounds a turn of a task, such as a clock; it is entered for each.
    """

    def __init__(
        self,
        others: Processes | None = None,
        *,
        classes: Mapping[str, type] | None = None,
        only_classes: bool = False,
        around: Callable[[int], AbstractContextManager[object]] | None = None,
    ) -> None:
        self._others = others
        self._classes = dict(classes or {})
        self._only_classes = only_classes
        self._around = around or _nothing
        self._residents: dict[int, Resident] = {}

    @property
    def pid_dir(self) -> str:
        return _pid_dir().name

    def __enter__(self) -> InProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self, starts: Sequence[Start]) -> None:
        elsewhere = []
        with _host():
            for start in starts:
                if self._is_here(start.component):
                    self._residents[start.task] = Resident(start.seed, self._found(start))
                else:
                    elsewhere.append(start)
        if elsewhere:
            assert self._others is not None, "a transport for other languages was not given"
            self._others.start(elsewhere)

    def _is_here(self, component: Component) -> bool:
        if component.id in self._classes:
            return True
        return component.python_class is not None and not self._only_classes

    def _found(self, start: Start) -> type | Death:
        """The class to make; imported here, where time is real, for a module may keep its clock."""
        cls = self._classes.get(start.component.id)
        if cls is not None:
            return cls
        assert start.component.python_class is not None  # see _is_here
        random.seed(start.seed)
        try:
            return find_class(start.component.python_class)
        except (Exception, SystemExit) as error:  # the user's module may do anything
            return _not_started(error)

    def run(
        self,
        tasks: Sequence[Task],
        through: Callable[[Task], object],
        meanwhile: Callable[[], object],
    ) -> None:
        elsewhere = []
        with _host():
            for task in tasks:
                resident = self._residents.get(task.id)
                if resident is None:
                    elsewhere.append(task)
                    continue
                began = time.perf_counter()
                with self._around(task.id):
                    resident.converse(task)
                task.seconds += time.perf_counter() - began
                through(task)
                meanwhile()
        if elsewhere:
            assert self._others is not None
            self._others.run(elsewhere, through, meanwhile)
        else:
            meanwhile()

    def kill(self, tasks: Sequence[int]) -> None:
        for task in tasks:
            self._residents.pop(task, None)
        if self._others:
            self._others.kill(tasks)

    def close(self) -> None:
        self._residents.clear()
        if self._others:
            self._others.close()


def _not_started(error: BaseException) -> Death:
    return Death(f"cannot be started: {type(error).__name__}: {error}", cause=error)


@contextlib.contextmanager
def _host() -> Iterator[None]:
    """Where components run that are objects: their clock is virtual, and their luck is not their caller's."""
    token: Token[multilang.Host] = multilang.HOST.set(multilang.Host(virtual_clock=True))
    luck = random.getstate()
    try:
        yield
    finally:
        random.setstate(luck)
        multilang.HOST.reset(token)


def find_class(name: str) -> type:
    """The class of ``pkg.mod.Class``.

    Raises:
        ImportError: there is no such module, or no such class in it.
    """
    module_name, _, class_name = name.rpartition(".")
    module = importlib.import_module(module_name)
    cls = getattr(module, class_name, None)
    if not isinstance(cls, type):
        raise ImportError(f"{module_name} has no class {class_name}")
    return cls


def real_time_pace(started: float | None = None) -> Callable[[int], None]:
    """Hold the agenda to the wall clock: waits until so many real milliseconds have passed."""
    began = time.monotonic() if started is None else started

    def pace(now_ms: int) -> None:
        left = began + now_ms / 1000 - time.monotonic()
        if left > 0:
            time.sleep(left)

    return pace

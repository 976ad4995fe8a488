"""Runs each task as a real process. One selector waits for whichever moves first; nothing is polled.

The processes come from a fork server; ``Channel`` has their pipes. This module carries the conversations
(``simulator.engine.tasks``) to their end, and sees to components that die, flood or hang.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from simulator.engine import Crash, Death, Start, Task, death_by
from simulator.transports import fork_server_client
from simulator.transports.accounting import LOOKS, Stopwatch
from simulator.transports.channel import Channel, Observer, StderrListener
from simulator.transports.deaths import describe_exit, shown_place
from simulator.transports.endings import Ending, IsOver, counts, wait_for_end
from simulator.transports.fork_server_client import GONE, ForkServerGoneError, kill_groups
from simulator.transports.poller import Poller
from simulator.transports.resources import require_files
from simulator.transports.stack_dump import dump_stack
from simulator.transports.temporary import temporary_directory
from streamparse import multilang
from streamparse.multilang import ProtocolError

# What one component may say between two barriers; beyond this it floods its stdout and never listens.
MOST_EFFECTS_A_TURN = 200_000
LONG_TURN_SECONDS = 3.0
MOST_BYTES_A_WAVE = 128 * 1024 * 1024
GRACE_SECONDS = 1.0  # of its own, for a component to end by itself when its stdin is closed
MOST_HANG_SECONDS = 1_000_000  # eleven days; epoll cannot wait for a thousand
STARTS_A_REQUEST = 64  # three descriptors each; Linux passes on 253 at a time

Handler = Callable[[], object]


def allowed_silence(conf: Mapping[str, object]) -> float | None:
    """Return how many seconds Storm lets a component be silent: ``topology.subprocess.timeout.secs``.

    Args:
        conf: the topology's.

    Returns:
        At most ``MOST_HANG_SECONDS``; None where it is not set.
    """
    seconds = conf.get("topology.subprocess.timeout.secs")
    if not isinstance(seconds, (int, float)) or isinstance(seconds, bool) or seconds <= 0:
        return None
    return float(min(seconds, MOST_HANG_SECONDS))


class Processes:
    """A transport whose components are processes, started by a fork server (``streamparse.forkserver``).

    Args:
        cwd: where components run.
        sources: the directory of the Python sources, which is first on ``sys.path``; None: ``cwd``, as on Storm.
        env: what is added to their environment.
        interpreter: the Python whose components can be forked; any other command is spawned.
        hang_seconds: how long a component may take over one message; 0: without a limit. Time in which it waits for a
            processor, or in which this process was stopped, does not count (``simulator.transports.accounting``).
        on_stderr: called with each line that a component writes on stderr: (component, task, line).
        observer: sees the bytes of all conversations.
        longest_turn_seconds: after so many real seconds a turn is one that goes on (``Task.in_turn``), whatever is said
            in it; None: when it is long and emits.

    Raises:
        ValueError: ``hang_seconds`` is no time to wait.
    """

    def __init__(
        self,
        *,
        cwd: str,
        sources: str | None = None,
        env: Mapping[str, str] | None = None,
        interpreter: str = sys.executable,
        hang_seconds: float = 30.0,
        on_stderr: StderrListener | None = None,
        observer: Observer | None = None,
        longest_turn_seconds: float | None = None,
    ) -> None:
        if not 0 <= hang_seconds <= MOST_HANG_SECONDS:
            raise ValueError(
                f"hang_seconds={hang_seconds}: expected seconds, at most {MOST_HANG_SECONDS}; 0 is without a limit"
            )
        self._cwd = os.path.abspath(cwd)
        self._sources = os.path.abspath(sources or cwd)
        self._interpreter = interpreter
        self._hang_seconds = hang_seconds
        self._on_stderr = on_stderr
        self._observer = observer
        self._longest_turn_seconds = longest_turn_seconds
        self._is_closed = False
        self._on_done: Callable[[Task], object] = _ignore
        self._active: dict[Channel, None] = {}  # in the order of their tasks
        self._look_at = 0.0  # when to look for hung components again
        self._channels: dict[int, Channel] = {}
        self._poller: Poller[Handler] = Poller()
        whole = {**os.environ, **(env or {})}
        passed = fork_server_client.per_start(whole)
        self._env = {**(env or {}), **passed, "STREAMPARSE_VIRTUAL_CLOCK": "1"}
        self._whole_env = whole
        self._server = self._acquire()
        self._starting: list[tuple[Channel, fork_server_client.Answer, int]] = []

    def __enter__(self) -> Processes:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid_dir(self) -> str:
        """The directory in which components leave files named after their process ids."""
        return temporary_directory()

    def _acquire(self) -> fork_server_client.ForkServerClient:
        server = fork_server_client.acquire(self._interpreter, self._sources, self._whole_env)
        self._poller.watch(server.fileno(), self._server_moved)
        return server

    # -- starting and ending

    def start(self, starts: Sequence[Start]) -> None:
        """Have the fork server start processes; whether it could is seen later, so both go on at the same time.

        Raises:
            ResourceError: this process may not have so many pipes.
        """
        require_files(len(self._channels) + len(starts), len(starts), STARTS_A_REQUEST)
        for first in range(0, len(starts), STARTS_A_REQUEST):
            self._start(starts[first : first + STARTS_A_REQUEST])

    def _start(self, starts: Sequence[Start]) -> None:
        if self._server.is_closed:
            self._server = self._acquire()
        channels, theirs = [], list[int]()
        for start in starts:
            channel, fds = Channel.open(start, self._on_stderr)
            self._channels[start.task] = channel
            self._poller.watch(channel.stdout, partial(self._read_stdout, channel))
            self._poller.watch(channel.stderr.fd, partial(self._read_stderr, channel))
            channels.append(channel)
            theirs += fds
        described = [self._describe(start) for start in starts]
        answer = self._server.start(described, theirs, cwd=self._cwd, env=self._env)
        self._starting += [(channel, answer, place) for place, channel in enumerate(channels)]
        for fd in theirs:
            os.close(fd)

    def _describe(self, start: Start) -> dict[str, object]:
        command = start.component.command
        assert command is not None, "what needs a JVM is refused before a run"
        forked = start.component.python_class if command[0] == self._interpreter else None
        return {
            "argv": list(command),
            "python_class": forked,
            "seed": start.seed,
            "module_seed": start.module_seed,
            "tells_more": self._observer is None,  # an observer sees what components say to Storm
        }

    def _collect_started(self) -> None:
        """Take what the fork server has answered to the last starts; needed before anybody's pid is."""
        if not self._starting:
            return
        with contextlib.suppress(ForkServerGoneError):  # it has started what it has answered
            self._server.catch_up()
        for channel, answer, place in self._starting:
            started: dict[str, Any] = answer["started"][place] if answer else {"error": GONE}
            channel.pid = started.get("pid", 0)
            if "error" in started:
                words = " ".join(channel.start.component.command or ())
                channel.failed_start = f"cannot be started: {words}: {started['error']}"
        self._starting = []

    def kill(self, tasks: Sequence[int]) -> None:
        """SIGKILL for these tasks' processes and whatever they have started."""
        self._end([self._channels.pop(task) for task in tasks if task in self._channels], 0.0)

    def end_input(self, task: int, is_over: IsOver) -> Ending:
        """Close a component's stdin and wait for its end, until ``is_over`` says that this was long enough.

        What the component still says reaches the observer.
        """
        self._collect_started()
        channel = self._channels[task]
        self._close_stdin(channel)
        ending = wait_for_end(self._server, [channel.pid], is_over, GRACE_SECONDS)[channel.pid]
        while data := channel.read():  # there is no end while somebody holds the pipe
            self._observe_read(channel, data)
        return ending

    def _end(self, channels: Sequence[Channel], grace_seconds: float) -> None:
        self._collect_started()
        # Who is to be killed must not see the end of its input before.
        if grace_seconds:
            for channel in channels:
                self._close_stdin(channel)
        if pids := [channel.pid for channel in channels if channel.pid]:
            try:
                if grace_seconds:
                    wait_for_end(self._server, pids, counts(grace_seconds), grace_seconds)
                self._server.kill(pids)
            except ForkServerGoneError:
                kill_groups(pids)
        for channel in channels:
            self._close_stdin(channel)
            channel.stderr.drain()
            self._poller.unwatch(channel.stdout)
            self._poller.unwatch(channel.stderr.fd)
            channel.close()

    def _close_stdin(self, channel: Channel) -> None:
        if channel.stdin >= 0:
            self._poller.unwatch(channel.stdin)
            os.close(channel.stdin)
            channel.stdin = -1

    def close(self) -> None:
        """Close every stdin, give the components a moment, kill the rest; the fork server is kept for the next."""
        if self._is_closed:
            return
        self._is_closed = True
        channels, self._channels = list(self._channels.values()), {}
        try:
            self._end(channels, GRACE_SECONDS)
        except BaseException as error:
            # An interruption too: what a fork server still has to do does not belong to the next run.
            self._server.close()
            if not isinstance(error, (OSError, RuntimeError)):
                raise
        else:
            if not self._server.is_closed:
                fork_server_client.release(self._server)
        finally:
            self._poller.close()

    # -- conversations

    def run(
        self,
        tasks: Sequence[Task],
        on_done: Callable[[Task], object],
        meanwhile: Callable[[], object],
    ) -> None:
        """Carry each conversation until it is through or has an outcome, all at the same time."""
        self._on_done = on_done
        self._active = {}
        now = time.monotonic()
        for task in tasks:
            channel = self._channels[task.id]
            channel.begin(task, now)
            self._active[channel] = None
            if arming := task.arming():
                self._write(channel, arming)
            for part in task.opening_parts():
                self._write(channel, part)
        meanwhile()
        for channel in list(self._active):
            self._converse(channel)
            if channel in self._active:
                self._resume(channel)
        while self._active:
            self._turn()

    def listen(self, tasks: Sequence[Task], seconds: float) -> float:
        """Wait until one of these components says something outside its turns, or in one that goes on."""
        channels = [self._channels[task.id] for task in tasks]
        self._on_done = _ignore
        in_turn = any(task.in_turn for task in tasks)
        began = now = time.monotonic()
        for channel, task in zip(channels, tasks, strict=True):
            task.hear()
            channel.begin(task, now)
            self._active[channel] = None
            if channel.frames:
                self._converse(channel)
            if channel in self._active:
                self._resume(channel)
        silences = [Stopwatch(channel.pid, now) for channel in channels]
        interval = min(max(seconds / LOOKS, 0.001), 0.25)
        while self._active and not any(task.effects or task.outcome for task in tasks):
            ready = self._poller.wait(interval if seconds else 0)
            for handle in ready:
                handle()
            now = time.monotonic()
            for silence in silences:
                silence.look(now, interval)
            if in_turn:
                self._look_for_hung(now, interval)
            else:  # they have answered the heartbeat: to have nothing to say is their right
                self._collect_started()
            if ready:
                continue
            waited = now - began if in_turn else min(each.counted_seconds for each in silences)
            if waited >= seconds:
                break
        for channel, task in zip(channels, tasks, strict=True):
            channel.frames.extendleft(task.heard())
            channel.task = None
            self._active.pop(channel, None)
        return now - began

    def stack(self, task: int) -> str:
        """The stacks of a component that is in a turn; "" where they cannot be had."""
        channel = self._channels.get(task)
        return "" if channel is None else dump_stack(channel)

    def _resume(self, channel: Channel) -> None:
        if channel.is_at_eof:
            self._died(channel)
        elif channel.is_paused:
            channel.is_paused = False
            self._poller.watch(channel.stdout, partial(self._read_stdout, channel))

    def _turn(self) -> None:
        """Wait for something to move, and see to it."""
        interval = self._hang_seconds / LOOKS
        longest = self._longest_turn_seconds
        ready = self._poller.wait((interval if longest is None else longest) or None)
        for handle in ready:
            handle()
        now = time.monotonic()
        if longest is not None:
            self._leave_turns(now - longest)
        if not interval:
            return
        if not ready or now >= self._look_at:
            self._look_at = now + interval
            self._look_for_hung(now, interval)

    def _leave_turns(self, began: float) -> None:
        """Wait no longer for the turns that began before then; they go on."""
        for channel in list(self._active):
            task = channel.task
            if task is not None and task.is_introduced and channel.began <= began:
                task.in_turn = True
                self._finish(channel, None)

    def _read_stdout(self, channel: Channel) -> None:
        if channel.is_closed:
            return  # by what was handled since it was found ready
        if channel not in self._active:
            # Not its turn: what it says stays in the pipe until it is asked, so the pipe bounds it.
            self._pause(channel)
            return
        data = channel.read()
        if data is None:
            return
        if not data:
            channel.is_at_eof = True
            self._pause(channel)
            self._died(channel)
            return
        self._observe_read(channel, data)
        channel.progress = time.monotonic()
        channel.received_bytes += len(data)
        block = None if channel.frames else channel.reader.whole(data)
        if block is None:
            channel.frames += channel.reader.feed(data)
        self._converse(channel, block)
        if channel in self._active and (broken := _has_flooded(channel)):
            self._finish(channel, broken)
        elif channel in self._active and channel.task and _is_endless(channel, channel.task):
            channel.task.in_turn = True
            self._finish(channel, None)

    def _pause(self, channel: Channel) -> None:
        self._poller.unwatch(channel.stdout)
        channel.is_paused = True

    def _observe_read(self, channel: Channel, data: bytes) -> None:
        if self._observer:
            self._observer.read(channel.start.task, data)

    def _converse(self, channel: Channel, block: bytes | None = None) -> None:
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
            error.place = shown_place(error.place)
            self._finish(channel, error)
            return
        except Crash as crash:
            self._finish(channel, death_by(crash.order))
            self.kill([channel.start.task])
            return
        if answer := b"".join(replies):
            self._write(channel, answer)
        if task.done:
            self._finish(channel, None)

    def _finish(self, channel: Channel, outcome: Death | ProtocolError | None) -> None:
        task = channel.task
        assert task is not None
        if self._on_stderr is not None:
            channel.stderr.drain()  # what it wrote before its last message is there
        task.seconds += time.monotonic() - channel.began
        if outcome is not None:
            task.outcome = outcome
        channel.task = None
        self._active.pop(channel, None)
        self._on_done(task)

    def _write(self, channel: Channel, data: bytes) -> None:
        if self._observer:
            self._observer.written(channel.start.task, data)
        is_watched = bool(channel.unwritten)
        channel.write(data)
        if channel.unwritten and not is_watched:
            self._poller.watch(channel.stdin, partial(self._write_more, channel), write=True)

    def _write_more(self, channel: Channel) -> None:
        if channel.write_more():
            channel.progress = time.monotonic()
        if not channel.unwritten:
            self._poller.unwatch(channel.stdin)

    def _read_stderr(self, channel: Channel) -> None:
        if not channel.is_closed and not channel.stderr.read():
            self._poller.unwatch(channel.stderr.fd)

    # -- components that die or hang

    def _server_moved(self) -> None:
        """Take the answers of the fork server; when it is gone instead, all that it has started is ended."""
        if self._server.is_alive:
            self._collect_started()
            return
        self._leave_server()
        for channel in list(self._active):
            self._finish(channel, Death(GONE))

    def _leave_server(self) -> None:
        """End all that a fork server has started which is gone itself."""
        self._collect_started()
        self._poller.unwatch(self._server.fileno())
        self._server.close()
        for channel in self._channels.values():
            if channel.pid:
                kill_groups([channel.pid])
            channel.pid, channel.failed_start = 0, channel.failed_start or GONE

    def _died(self, channel: Channel) -> None:
        self._collect_started()
        status = None
        reason = channel.failed_start
        try:
            if pid := channel.pid:
                ended = wait_for_end(self._server, [pid], counts(GRACE_SECONDS), GRACE_SECONDS)
                status = ended[pid].status
        except ForkServerGoneError:
            reason = GONE
        channel.stderr.drain()
        reason = reason or describe_exit(status)
        if channel.reader.rest.strip():
            reason += f" in the middle of a message: {multilang.excerpt(channel.reader.rest)}"
        self._finish(channel, Death(reason, stderr=channel.stderr.text))

    def _look_for_hung(self, now: float, interval: float) -> None:
        self._collect_started()
        for channel in [each for each in self._active if now - each.progress >= interval]:
            if channel.task is not None and channel.task.is_debugged:
                continue
            silence = channel.silence
            if silence is None or silence.began != channel.progress:
                silence = channel.silence = Stopwatch(channel.pid, channel.progress)
            silence.look(now, interval)
            if silence.counted_seconds >= self._hang_seconds:
                self._hung(channel)

    def _hung(self, channel: Channel) -> None:
        stack = dump_stack(channel)
        reason = _hung_reason(channel.task, self._hang_seconds)
        if last := channel.last_message:
            reason += f"; its last message: {multilang.excerpt(last)}"
        self._finish(
            channel, Death(reason, stderr="" if stack else channel.stderr.text, stack=stack)
        )
        self.kill([channel.start.task])


def _hung_reason(task: Task | None, hang_seconds: float) -> str:
    if task is not None and not task.is_introduced:
        return f"has not answered the handshake for {hang_seconds:g} s (Storm waits for that without a limit)"
    return (
        f"has not answered for {hang_seconds:g} s (Storm would report a subprocess heartbeat timeout and end its "
        "worker)"
    )


def _has_flooded(channel: Channel) -> ProtocolError | None:
    if channel.received_bytes > MOST_BYTES_A_WAVE:
        return ProtocolError(
            f"more than {MOST_BYTES_A_WAVE >> 20} MiB on stdout without an answer",
            storm="Storm would read on and on",
        )
    return channel.reader.overflow


def _is_endless(channel: Channel, task: Task) -> bool:
    """Return whether a turn has been long and has emitted all the while: it may have no end."""
    if not task.is_introduced or task.in_turn:
        return False
    now = time.monotonic()
    if channel.turn_from != task.turn_from:
        channel.turn_from, channel.turn_began, channel.turn = task.turn_from, now, None
    in_turn = len(task.effects) - task.turn_from
    if in_turn >= MOST_EFFECTS_A_TURN:
        return True
    if not in_turn or now - channel.turn_began < LONG_TURN_SECONDS:
        return False
    # A busy machine lengthens turns, so only the component's own time counts.
    if channel.turn is None:
        channel.turn = Stopwatch(channel.pid, now)
    elif now - channel.looked >= LONG_TURN_SECONDS / LOOKS:
        channel.turn.look(now, LONG_TURN_SECONDS / LOOKS)
        channel.looked = now
    return channel.turn.counted_seconds >= LONG_TURN_SECONDS / LOOKS


def _ignore(task: Task) -> None:
    """Called in place of ``on_done`` when no wave is on."""

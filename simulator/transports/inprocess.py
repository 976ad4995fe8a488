"""Runs Python components as objects in this process, on the caller's stack: debuggers and coverage work as usual."""

from __future__ import annotations

import contextlib
import json
import os
import random
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, NoReturn

from simulator.engine import Crash, Death, Outcome, Start, Task
from simulator.model import Component
from simulator.transports.deaths import (
    describe_exit,
    exited,
    injected_death,
    shown_place,
)
from simulator.transports.kept_state import KeptState
from simulator.transports.processes import Processes
from simulator.transports.temporary import temporary_directory
from streamparse import multilang
from streamparse.multilang import ProtocolError
from streamparse.starting import Runnable, StartError, error_text, find, make


class _Unwind(BaseException):
    """Leaves the user's code at once; no Exception, so that no ``except Exception`` stops it."""


class _NothingToReadError(_Unwind):
    """The component reads, and nothing will ever come."""


class _Inbox(multilang.Inbox):
    """The input of a component in this process: messages, and nothing to wait for."""

    def __init__(self) -> None:
        self.messages: deque[str | dict[str, object]] = deque()
        self.is_open = False

    def put(self, data: bytes) -> None:
        self.messages.extend(_texts(data))

    def put_first(self, data: bytes) -> None:
        """Task ids overtake the tuples that wait, as they do in Storm since 1.0."""
        self.messages.extendleft(reversed(_texts(data)))

    def receive(self) -> str | dict[str, object] | None:
        if not self.messages:
            if not self.is_open:
                return None  # what a process's stdin is, until run() reads the protocol's pipe
            raise _NothingToReadError
        return self.messages.popleft()


def _texts(data: bytes) -> list[str]:
    """The messages of Storm in these bytes; Storm never breaks one over lines."""
    return data.decode("utf-8").split("\nend\n")[:-1]


class _Outbox(multilang.Outbox):
    """The output of a component in this process: every message is taken, and answered, at once.

    Args:
        take: called with each message that was written as text.
        take_plain: called with each message that is sent whole; false where it has to be written as text.
        break_off: called when a message grows beyond the limit.
    """

    def __init__(
        self,
        take: Callable[[bytes], None],
        take_plain: Callable[[Mapping[str, object]], bool],
        break_off: Callable[[ProtocolError], NoReturn],
    ) -> None:
        self._take = take
        self._take_plain = take_plain
        self._break_off = break_off
        self._reader = multilang.Reader()
        self._is_within = False  # a message has begun as text, and not ended
        self.is_sending = False  # a whole message, so that its line can be told

    def send(self, message: Mapping[str, Any], encode: Callable[[Mapping[str, Any]], str]) -> None:
        self.is_sending = not self._is_within and "command" in message
        try:
            if self._is_within or not self._take_plain(message):
                self.write(encode(message) + multilang.MESSAGE_END)
        finally:
            self.is_sending = False

    def write(self, text: str) -> int:
        try:
            for frame in self._reader.feed(text.encode("utf-8")):
                self._take(frame)
        finally:
            self._is_within = bool(self._reader.rest)
        if self._reader.overflow:
            self._break_off(self._reader.overflow)
        return len(text)

    def flush(self) -> None:
        return None


class InProcessComponent:
    """One component in this process, and its conversation.

    Args:
        seed: of the component's ``random`` module.
        name: of its class, or of a function that makes it.
        found: what the name names, or why there is nothing.
        cwd: the directory that it starts in.
    """

    def __init__(
        self, seed: str, name: str, found: Callable[[], object] | BaseException, cwd: str
    ) -> None:
        self._inbox = _Inbox()
        self._outbox = _Outbox(self._take, self._take_plain, self._break_off)
        self._host = multilang.Host(virtual_clock=True, streams=(self._inbox, self._outbox))
        self._seed = seed
        self._name = name
        self._found = found
        self._cwd = cwd
        self._task: Task | None = None  # whose conversation is on
        self._death: Death | None = None
        self._component: Runnable | None = None
        self._is_started = False
        self._random_state: Any = None  # once it has had a turn
        self._early: list[bytes] = []  # said while nobody listened; a pipe would hold it

    def converse(self, task: Task) -> None:
        """Carry the task's conversation to its end, on the caller's stack."""
        with contextlib.suppress(OSError):  # see below
            os.chdir(self._cwd)
        try:
            if self._random_state is None:
                random.seed(self._seed)
                self._construct()
            else:
                random.setstate(self._random_state)
            self._inbox.messages.extend(delivery.unprinted() for delivery in task.handed)
            self._inbox.put(task.opening)
            self._task = task
            self._run()
        finally:
            self._random_state = random.getstate()
            self._task = None
            with contextlib.suppress(OSError):  # it has removed its own directory
                self._cwd = os.getcwd()
        if task.outcome is None and not task.done:
            task.outcome = self._death or Death("reads on where nothing will come")

    def _construct(self) -> None:
        """Make the component. Nobody listens or speaks yet: a process has not taken its pipes either."""
        if isinstance(self._found, BaseException):
            return
        host = multilang.HOST.set(self._host)
        try:
            self._component = make(self._found, self._name)
        except (Exception, SystemExit, _Unwind) as error:  # the user's constructor may do anything
            self._found = error
        finally:
            multilang.HOST.reset(host)
        self._inbox.is_open = True

    def _run(self) -> None:
        early, self._early = self._early, []
        turn = multilang.SPEAKER.set(self._component)
        host = multilang.HOST.set(self._host)
        try:
            for frame in early:
                self._take(frame)
            if self._death is None:
                self._advance()
        except _NothingToReadError:
            self._death = Death("reads on where nothing will come: on Storm it would hang here")
        except _Unwind:
            pass
        except (Exception, SystemExit) as error:
            self._death = self._died_of(error)
        finally:
            multilang.HOST.reset(host)
            multilang.SPEAKER.reset(turn)

    def _advance(self) -> None:
        """Start the component once, and have it take all that is there to read."""
        component = self._component
        if component is None:
            assert isinstance(self._found, BaseException)
            raise self._found
        if not self._is_started:
            self._is_started = True
            component._start()
        while self._inbox.messages or component._pending_commands:
            component._run()

    def _died_of(self, error: Exception | SystemExit) -> Death:
        """Do what a component's process does with an exception: report it to Storm, then end."""
        if self._component is None:
            with contextlib.suppress(_Unwind):
                self._report_start(error)
        elif isinstance(error, SystemExit):
            return exited(error)
        else:
            with contextlib.suppress(_Unwind, SystemExit):
                self._component._handle_run_exception(error)
        return Death(describe_exit(1), cause=None if isinstance(error, StartError) else error)

    def _report_start(self, error: BaseException) -> None:
        """Complete the handshake, and report why there is no component; see ``streamparse.run``."""
        for message in (
            {"pid": os.getpid()},
            {"command": "error", "msg": error_text(error)},
            {"command": "sync"},
        ):
            self._outbox.write(json.dumps(message) + multilang.MESSAGE_END)

    def _take(self, frame: bytes) -> None:
        task = self._task
        if task is None or task.outcome is not None:
            return  # nobody listens: it is dying
        if task.done:
            self._early.append(frame)
            return
        try:
            reply = task.receive(frame)
        except (ProtocolError, Crash) as error:
            self._break_off(error)
        self._answer(reply)

    def _take_plain(self, message: Mapping[str, object]) -> bool:
        """Take a message without its JSON; false where it has to be printed."""
        task = self._task
        if task is None or task.outcome is not None or task.done:
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
            self._inbox.put_first(reply)
        elif reply:
            self._inbox.put(reply)

    def _is_told(self, error: ProtocolError) -> bool:
        """Return whether the line of user code is told, as it is of component processes."""
        return self._outbox.is_sending and error.kind != multilang.TOO_LONG

    def _break_off(self, error: ProtocolError | Crash) -> NoReturn:
        """Leave the component's code at once: it broke the protocol, or an injected crash strikes it."""
        outcome: Outcome
        if isinstance(error, ProtocolError) and self._is_told(error):
            error.place = _place_in_user_code()
        if isinstance(error, Crash):
            outcome = self._death = injected_death(error)
        else:
            outcome = error
        if self._task is not None and not self._task.done:
            self._task.outcome = outcome
        raise _Unwind from error


def _place_in_user_code() -> str:
    """The line of user code that sends the message; "" when streamparse sends it by itself, as an automatic ack."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals["__name__"] == __name__:
        frame = frame.f_back
    file, _, line = multilang.users_place(frame).rpartition(":")
    return "" if not file or file == __file__ else f"{file}:{line}"


class InProcess:
    """A transport whose Python components are objects in this process; every other command is a process.

    The components' own ``random`` and working directory are kept apart per task, their timers run on the virtual
    clock, and they touch nothing process-wide (``multilang.HOST``).

    Args:
        others: where everything else runs.
        cwd: where components run, as on Storm the directory with the Python sources.
        classes: classes, or functions that make components, by component id, in place of those that the topology
            names.
        only_classes: run nothing here but those.
        around: returns what surrounds a turn of a task, such as a clock; it is entered for each.
        on_kept: called with a line for each attribute of a module or class that has outlived a crash.
        output: returns what surrounds the turns of a wave: where components print.
    """

    def __init__(
        self,
        others: Processes | None = None,
        *,
        cwd: str = ".",
        classes: Mapping[str, Callable[[], object]] | None = None,
        only_classes: bool = False,
        around: Callable[[int], AbstractContextManager[object]] | None = None,
        on_kept: Callable[[str], object] | None = None,
        output: Callable[[], AbstractContextManager[object]] = contextlib.nullcontext,
    ) -> None:
        self._others = others
        self._cwd = os.path.abspath(cwd)
        self._classes = dict(classes or {})
        self._only_classes = only_classes
        self._around = around or _nothing
        self._on_kept = on_kept
        self._kept = KeptState(self._cwd)
        self._has_killed = False
        self._output = output
        self._components: dict[int, InProcessComponent] = {}

    @property
    def pid_dir(self) -> str:
        """The directory in which components leave files named after their process ids."""
        return temporary_directory()

    def __enter__(self) -> InProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self, starts: Sequence[Start]) -> None:
        """Import the classes of Python components; the components are constructed at their first turn."""
        elsewhere = []
        if self._has_killed:
            self._tell_kept()
        for start in starts:
            if self._is_here(start.component):
                name = start.component.python_class or start.component.id
                found = self._find(start)
                if not isinstance(found, BaseException):
                    self._kept.remember(found)
                self._components[start.task] = InProcessComponent(
                    start.seed, name, found, self._cwd
                )
            else:
                elsewhere.append(start)
        if elsewhere:
            assert self._others is not None, "a transport for other languages was not given"
            self._others.start(elsewhere)

    def _tell_kept(self) -> None:
        if self._on_kept:
            for line in self._kept.kept():
                self._on_kept(line)

    def _is_here(self, component: Component) -> bool:
        if component.id in self._classes:
            return True
        return component.python_class is not None and not self._only_classes

    def _find(self, start: Start) -> Callable[[], object] | BaseException:
        """The class to construct; imported here, where time is real, for a module may keep its clock."""
        cls = self._classes.get(start.component.id)
        if cls is not None:
            return cls
        assert start.component.python_class is not None  # see _is_here
        with _own_surroundings():
            try:
                os.chdir(self._cwd)
                random.seed(start.module_seed)
                return find(start.component.python_class)
            except (Exception, SystemExit) as error:  # the user's module may do anything
                return error

    def run(
        self,
        tasks: Sequence[Task],
        on_done: Callable[[Task], object],
        meanwhile: Callable[[], object],
    ) -> None:
        """Carry each conversation until it is through or has an outcome, one after the other."""
        elsewhere = []
        with self._output():
            for task in tasks:
                component = self._components.get(task.id)
                if component is None:
                    elsewhere.append(task)
                    continue
                began = time.perf_counter()
                with _own_surroundings(), self._around(task.id):
                    component.converse(task)
                if isinstance(task.outcome, ProtocolError):
                    task.outcome.place = shown_place(task.outcome.place)
                task.seconds += time.perf_counter() - began
                on_done(task)
                meanwhile()
        if elsewhere:
            assert self._others is not None
            self._others.run(elsewhere, on_done, meanwhile)
        else:
            meanwhile()

    def kill(self, tasks: Sequence[int]) -> None:
        """Forget these tasks' components; those that are processes are killed."""
        for task in tasks:
            self._has_killed |= self._components.pop(task, None) is not None
        if self._others:
            self._others.kill(tasks)

    def close(self) -> None:
        """Forget all components, and end those that are processes."""
        self._components.clear()
        if self._others:
            self._others.close()


@contextlib.contextmanager
def _own_surroundings() -> Iterator[None]:
    """Give the caller's random state, working directory and host back at the end, whatever a component does to them."""
    token = multilang.HOST.set(multilang.Host(virtual_clock=True))
    state = random.getstate()
    here = os.open(".", os.O_RDONLY)  # which a path cannot name when it has been removed
    try:
        yield
    finally:
        os.fchdir(here)
        os.close(here)
        random.setstate(state)
        multilang.HOST.reset(token)


def _nothing(task: int) -> AbstractContextManager[None]:
    return contextlib.nullcontext()

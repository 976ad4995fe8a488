"""A component in this process, and its conversation, on the caller's stack."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any, NoReturn, Protocol, runtime_checkable

from simulator.engine import Crash, Death, Handed, Outcome, Task, death_by
from simulator.transports import random_state
from simulator.transports.deaths import (
    describe_exit,
    exited,
)
from simulator.transports.releasing import (
    release,
)
from simulator.transports.unwinding import Unwinding
from streamparse import multilang
from streamparse.multilang import ProtocolError
from streamparse.starting import Runnable, StartError, error_text, make

# Sent in one call of the component's. Others have no turn before it returns, so a call that never does must be ended.
MOST_MESSAGES_A_CALL = 1_000_000


@runtime_checkable
class TaskClock(Protocol):
    """The virtual clock of a task, which a sleep brings ahead of the simulator's."""

    def news_ms(self) -> int | None:
        """The virtual milliseconds to which a sleep has brought it ahead of the simulator's; None unless news."""


class _Unwind(BaseException):
    """Leaves the user's code at once; no Exception, so that no ``except Exception`` stops it."""


class _NothingToReadError(_Unwind):
    """The component reads, and nothing will ever come."""


class _Inbox(multilang.Inbox):
    """The input of a component in this process: messages, and nothing to wait for, but for threads of the user's."""

    def __init__(self) -> None:
        self.messages: deque[str | dict[str, object]] = deque()
        self.is_open = False
        self._thread = threading.get_ident()  # that of the engine, where turns are
        self._news = threading.Condition()

    def put(self, data: bytes) -> None:
        with self._news:
            self.messages.extend(_texts(data))
            self._news.notify_all()

    def put_first(self, data: bytes) -> None:
        """Task ids overtake the tuples that wait, as they do in Storm since 1.0."""
        with self._news:
            self.messages.extendleft(reversed(_texts(data)))
            self._news.notify_all()

    def receive(self) -> str | dict[str, object] | None:
        with self._news:
            if threading.get_ident() != self._thread:
                self._news.wait_for(lambda: self.messages)
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
        spoken: set when it says something outside its turns.
        surroundings: entered for each of its turns.

    Attributes:
        clock: what the surroundings gave when they were entered last.
        has_spoken: whether another thread of it has said something outside its turns.
    """

    def __init__(
        self,
        seed: str,
        name: str,
        found: Callable[[], object] | BaseException,
        cwd: str,
        spoken: threading.Event,
        surroundings: AbstractContextManager[object],
    ) -> None:
        self._inbox = _Inbox()
        self._outbox = _Outbox(self._take, self._take_plain, self._break_off)
        self._host = multilang.Host(
            virtual_clock=True, seed=seed, streams=(self._inbox, self._outbox)
        )
        self._seed = seed
        self._name = name
        self._found = found
        self._cwd = cwd
        self._task: Task | None = None  # whose conversation is on
        self._death: Death | None = None
        self._component: Runnable | None = None
        self._is_started = False
        self.clock: TaskClock | None = None
        self.surroundings = surroundings
        self.has_spoken = False
        self._thread = threading.get_ident()  # that of the engine, where turns are
        self._random_state: random_state.State | None = None  # once it has had a turn
        self._early: deque[bytes] = deque()  # said while nobody listened; a pipe would hold it
        self._spoken = spoken
        self._gate = threading.RLock()  # a turn ends while a thread of the user's speaks
        self._unwinding: Unwinding | None = None

    @property
    def component(self) -> object | None:
        """The user's object; None before it is made."""
        return self._component

    def converse(self, task: Task) -> None:
        """Carry the task's conversation to its end, on the caller's stack."""
        with contextlib.suppress(OSError):  # see below
            os.chdir(self._cwd)
        try:
            if self._random_state is None:
                random_state.give(random_state.seeded(self._seed))
                self._construct()
            else:
                random_state.give(self._random_state)
            self._inbox.messages.extend(self._as_read(delivery) for delivery in task.handed)
            self._inbox.put(task.opening)
            self._task = task
            for _ in self._run():
                pass
        finally:
            self._random_state = random_state.take()
            with self._gate:
                self._task = None
            with contextlib.suppress(OSError):  # it has removed its own directory
                self._cwd = os.getcwd()
        if task.outcome is None and not task.done:
            task.outcome = self._death or Death("reads on where nothing will come")

    def _as_read(self, handed: Handed) -> dict[str, object] | str:
        """Return a tuple as the component reads it: as a text where it is recorded, which a process reads as well."""
        if self._component is not None and self._component._is_recorded:
            return handed.message().encode("utf-8", "replace").decode()
        return handed.unprinted()

    def end(self) -> None:
        """Do what a component's process does when its pipe is closed."""
        if self._component is not None and self._component._is_recorded:
            self._component._end_recording("closed")

    def die(self, shared: Callable[[], Iterable[object]]) -> None:
        """Release what the system releases when a process is killed.

        Args:
            shared: returns what others hold too.
        """
        held = () if self._unwinding is None else self._unwinding.held
        release((self._component, *held), shared)

    def forget(self) -> None:
        """Let go what an ordered crash has left; nobody was there to close what it held."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            self._component = None
        if self._unwinding is not None:
            self._unwinding.forget()

    def listen(self, task: Task) -> None:
        """Take what it has said outside its turns."""
        with self._gate:
            task.hear()
            self._task = task
            try:
                self._take_early()
            except _Unwind:
                pass
            finally:
                self._task = None
        if task.outcome is None:
            task.outcome = self._death
        self._early.extendleft(task.heard())

    def _take_early(self) -> None:
        task = self._task
        assert task is not None
        while self._early and not task.done:  # a sync that came too early may end this turn
            self._take(self._early.popleft())

    def _construct(self) -> None:
        """Make the component. Nobody listens or speaks yet: a process has not taken its pipes either."""
        if isinstance(self._found, BaseException):
            return
        host = multilang.HOST.set(self._host)
        try:
            self._component = make(self._found, self._name)
        except (Exception, SystemExit, _Unwind) as error:  # the user's constructor may do anything
            if _has_quit(error):
                raise
            self._found = error
        finally:
            multilang.HOST.reset(host)
        self._inbox.is_open = True

    def _run(self) -> Iterator[None]:
        """Have the component take its turns. Yields nothing.

        It is a generator because Python keeps the exception that is being handled for each generator apart. A crash
        that strikes in an ``except`` of the user's leaves it without its end, and Python would take that exception
        for the context of every later one.
        """
        yield from ()
        turn = multilang.SPEAKER.set(self._component)
        host = multilang.HOST.set(self._host)
        try:
            if self._early:
                self._take_early()
            if self._death is None:
                self._advance()
        except _NothingToReadError:
            self._death = Death("reads on where nothing will come: on Storm it would hang here")
        except _Unwind:
            pass
        except (Exception, SystemExit) as error:
            if _has_quit(error):
                raise
            self._death = self._died_of(error)
        finally:
            if self._unwinding is not None:
                self._unwinding.end()
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
        component._take_turns(self._inbox.messages)

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
            self._component._end_recording("exception")
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
        with self._gate:
            task = self._task
            if self._death is not None or (task is not None and task.outcome is not None):
                return  # nobody listens: it is dying
            if task is None or task.done:
                if self._inbox.is_open:  # what its constructor says goes nowhere, as in a process
                    self._early.append(frame)
                    self.has_spoken |= threading.get_ident() != self._thread
                    self._spoken.set()
                return
            self._tell_clock(task)
            try:
                reply = task.receive(frame)
            except (ProtocolError, Crash) as error:
                self._break_off(error)
            self._look_for_endless(task)
            self._answer(reply)

    def _take_plain(self, message: Mapping[str, object]) -> bool:
        """Take a message without its JSON; false where it has to be printed."""
        with self._gate:
            task = self._task
            if task is None or task.outcome is not None or task.done:
                return False
            self._tell_clock(task)
            try:
                reply = task.receive_unprinted(message)
            except (ProtocolError, Crash) as error:
                self._break_off(error)
            self._look_for_endless(task)
            if reply:
                self._answer(reply)
            return reply is not None

    def _look_for_endless(self, task: Task) -> None:
        """End a turn that emits without an end: nobody else has a turn meanwhile."""
        if len(task.effects) - task.turn_from >= MOST_MESSAGES_A_CALL:
            self._break_off(
                ProtocolError(
                    f"has sent {MOST_MESSAGES_A_CALL} messages in one call that has not returned; expected a call that "
                    "returns, or a process for each component, whose tuples flow meanwhile",
                    storm="the tuples flow, and it is given nothing more, no ack and no fail",
                )
            )

    def _tell_clock(self, task: Task) -> None:
        if self.clock is not None and (ms := self.clock.news_ms()) is not None:
            task.sleep_until(ms)

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
            outcome = self._death = death_by(error.order)
            if threading.get_ident() == self._thread:
                self._unwinding = Unwinding(sys._getframe(1), InProcessComponent._run.__code__)
        else:
            outcome = error
        if self._task is not None and not self._task.done:
            self._task.outcome = outcome
        raise _Unwind from error


def _has_quit(error: BaseException) -> bool:
    """Return whether the user has quit a debugger, pdb's or pytest's: that ends the test, and not the component."""
    kinds = [
        getattr(sys.modules.get(module), name, None)
        for module, name in (("bdb", "BdbQuit"), ("_pytest.outcomes", "Exit"))
    ]
    return any(kind is not None and isinstance(error, kind) for kind in kinds)


def _place_in_user_code() -> str:
    """The line of user code that sends the message; "" when streamparse sends it by itself, as an automatic ack."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals["__name__"] == __name__:
        frame = frame.f_back
    file, _, line = multilang.users_place(frame).rpartition(":")
    return "" if not file or file == __file__ else f"{file}:{line}"

"""The process of one component: its two pipes, its signals and its debugger. The owner of everything process-wide.

``take_over`` moves the protocol's pipes away from stdin and stdout before any user code runs. So nothing that is
printed, at whatever level (Python, C, a child process), can reach Storm: it goes to stderr, or into the log once
logging is set up.

Reading takes as many bytes as there are and cuts them into messages. While more than one message is at hand, what the
component sends is gathered and written together: when the component is about to wait, when enough has been gathered,
or after a few milliseconds by a thread, so that the ack of a finished tuple never waits behind a slow next one. With
at most one message at hand everything is written at once.
"""

from __future__ import annotations

import _signal as signal  # type: ignore[import-not-found]  # the module without its enums, which cost 5 ms
import io
import os
import sys
from _thread import allocate_lock
from collections import deque
from time import sleep  # the real one: virtual time replaces the attribute of the module

from streamparse.multilang import (
    HOST,
    MESSAGE_END,
    OWN_THREAD,
    Host,
    Inbox,
    Outbox,
    Reader,
    excerpt,
    ignored_breakpoint,
    users_place,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Mapping
    from types import FrameType
    from typing import Any, Final

__all__ = [
    "RDB_SIGNAL",
    "Input",
    "Output",
    "look_at",
    "open_debugger",
    "remote_pdb_handler",
    "take_over",
]

#: The signal that opens a debugger; None where the system has no such signal.
RDB_SIGNAL: Final = getattr(signal, "SIGUSR1", None)

#: The signal that prints the stacks of all threads to stderr; the simulator sends it to a component that hangs.
STACK_SIGNAL: Final = getattr(signal, "SIGUSR2", None)

NO_LIMIT = 1 << 62  # Storm is trusted with our memory
READ_BYTES = 1 << 16  # the capacity of a Linux pipe
GATHER_BYTES = 1 << 15  # half of it: the other side can read while we go on
GATHER_SECONDS = 0.005  # nobody notices; a thousand small tuples take longer


_WITHOUT_PLACES: Final = frozenset(
    {"sync", "log", "error", "timer", "threads"}
)  # these break no rule


# -- the two pipes -----------------------------------------------------------------------------------------------


class Output(Outbox):
    """The pipe to Storm; ``write`` and ``flush`` are those of any text stream."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._gathered: list[str] = []
        self._size = 0
        self._lock = allocate_lock()
        self._wake: threading.Semaphore | None = None  # wakes the thread, once there is one
        self._watched = False  # the thread writes what is gathered
        self.gathers = False  # set by the input; read here and by the thread
        self.clock: Callable[[], int | None] | None = (
            None  # tells how far a virtual clock has gone ahead
        )
        self.tells_places = False  # put the line of user code into messages, for a simulator
        self._is_within = False  # a message has begun that user code writes as text

    def fileno(self) -> int:
        return self._fd

    def send(self, message: Mapping[str, Any], encode: Callable[[Mapping[str, Any]], str]) -> None:
        if self.clock is not None and (ms := self.clock()) is not None and not self._is_within:
            self.write(f'{{"command": "clock", "ms": {ms}}}{MESSAGE_END}')
        if self.tells_places and message.get("command", "sync") not in _WITHOUT_PLACES:
            message = (
                message if self._is_within else {**message, "at": users_place(sys._getframe(1))}
            )
        self.write(encode(message) + MESSAGE_END)
        self.flush()

    def write(self, text: str) -> int:
        if self.tells_places:
            self._is_within = not text.endswith(MESSAGE_END)
        with self._lock:
            self._gathered.append(text)
            self._size += len(text)
        return len(text)

    def flush(self) -> None:
        """Write what has been gathered, unless more of it is expected at once."""
        if not self.gathers or self._size >= GATHER_BYTES:
            self.write_out()

    def write_out(self) -> None:
        """Write all that has been gathered."""
        with self._lock:
            if not self._gathered:
                return
            data = memoryview("".join(self._gathered).encode())
            self._gathered, self._size = [], 0
            while data:
                data = data[os.write(self._fd, data) :]

    def gather(self, *, several: bool) -> None:
        """Take note of how many messages are at hand.

        Args:
            several: more than one; from now on what is written is gathered.
        """
        self.gathers = several
        if several and not self._watched:
            self._watch()

    def _watch(self) -> None:
        self._watched = True
        if self._wake is None:
            import threading  # 3 ms, in a process that has no other use for it

            self._wake = threading.Semaphore()
            write = threading.Thread(
                target=self._write_in_time, args=(self._wake,), name=OWN_THREAD, daemon=True
            )
            write.start()
        else:
            self._wake.release()

    def _write_in_time(self, wake: threading.Semaphore) -> None:
        while True:
            wake.acquire()
            while self._watched:
                sleep(GATHER_SECONDS)
                if not self.gathers:
                    # First this, then a last look: whoever gathers from now on wakes this thread again.
                    self._watched = False
                try:
                    self.write_out()
                except OSError:
                    return  # Storm has gone; the component's next read or write finds out


class Input(Inbox):
    """The pipe from Storm.

    Attributes:
        after_read: called after each message that is read, and at the end.
        before_wait: called before it waits for messages.
    """

    def __init__(self, fd: int, output: Output) -> None:
        self._fd = fd
        self._output = output
        self._reader = Reader(limit=NO_LIMIT)
        self._messages: deque[bytes] = deque()
        self.after_read: Callable[[], object] | None = None
        self.before_wait: Callable[[], object] | None = None

    def fileno(self) -> int:
        return self._fd

    def receive(self) -> str | None:
        """Read the next message.

        Returns:
            Its text without its ``end``; None when the pipe has ended.

        Raises:
            SystemExit: the pipe has ended in the middle of a message.
        """
        messages = self._messages
        while not messages:
            if self.before_wait is not None:
                self.before_wait()
            self._output.gathers = False
            self._output.write_out()
            data = os.read(self._fd, READ_BYTES)
            if not data:
                if self._reader.rest.strip():
                    sys.exit(f"Storm's pipe broke in a message: {excerpt(self._reader.rest)}")
                break
            messages.extend(self._reader.feed(data))
            self._output.gather(several=len(messages) > 1)
        text = messages.popleft().decode("utf-8") if messages else None
        if self.after_read is not None:
            after_read = self.after_read  # Python calls what is in a local variable sooner
            after_read()
        return text

    def readline(self) -> str:
        """Refuse to read a line: part of the interface of a text stream, but here messages are read whole."""
        raise NotImplementedError("a component's input is read by messages: receive()")


# -- taking over -------------------------------------------------------------------------------------------------

Streams = tuple[Input, Output]
_streams: Streams | None = None  # a process is taken over once


def take_over(rdb_signal: int | None = RDB_SIGNAL) -> Streams:
    """Make this process a component's: its stdin and stdout become the protocol's alone.

    Signals, ``breakpoint()`` and the seed of the ``random`` module are set up too.

    Args:
        rdb_signal: the number of the signal that opens a debugger; None for none.

    Returns:
        The protocol's two ends. A second call returns the same.
    """
    global _streams
    if _streams is None:
        HOST.set(_host())
        _streams = _move_pipes()
        _handle_signals(rdb_signal)
        sys.breakpointhook = _breakpoint
        _streams[1].tells_places = HOST.get().tells_more
        if seed := HOST.get().seed:
            import random

            random.seed(seed)
        if clock := os.environ.get("STREAMPARSE_VIRTUAL_TIME"):
            from streamparse import virtual_time

            own_time = virtual_time.follow(clock)
            _streams[0].after_read = own_time.catch_up
            if HOST.get().tells_more:
                _streams[1].clock = own_time.news_ms
    return _streams


def _host() -> Host:
    """The runner of this process, from the environment that the simulator sets."""
    virtual = os.environ.get("STREAMPARSE_VIRTUAL_CLOCK") == "1"
    return Host(
        virtual_clock=virtual,
        seed=os.environ.get("STREAMPARSE_SEED"),
        module_seed=os.environ.get("STREAMPARSE_MODULE_SEED"),
        tells_more=os.environ.get("STREAMPARSE_TELLS_MORE") == "1",
    )


def _move_pipes() -> Streams:
    output = Output(os.dup(1))
    stdin = Input(os.dup(0), output)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # it is stderr now
    return stdin, output


def _handle_signals(rdb_signal: int | None) -> None:
    threading = sys.modules.get("threading")  # a process that has not loaded it has one thread
    if threading and threading.current_thread() is not threading.main_thread():
        return  # only the main thread may
    if rdb_signal is not None:
        signal.signal(rdb_signal, remote_pdb_handler)
    if STACK_SIGNAL is not None:
        import faulthandler

        faulthandler.register(STACK_SIGNAL, file=2, all_threads=True)


# -- the debugger ------------------------------------------------------------------------------------------------


def remote_pdb_handler(signum: int, frame: FrameType | None) -> None:
    """Open a debugger at ``frame`` on a port of this machine; the address is printed to stderr and logged."""
    open_debugger(frame)


def open_debugger(frame: FrameType | None, *, tell: bool = False) -> None:
    """Wait for a debugger's client on a free local port.

    Without remote_pdb nothing is opened, and a warning in the log names the package to install.

    Args:
        frame: where the debugger begins.
        tell: tell a simulator, too. Not in a signal handler, which may have interrupted a write.
    """
    try:
        from remote_pdb import RemotePdb
    except ImportError:
        if tell:
            _tell_ignored(users_place(frame))
            return
        import logging

        logging.getLogger(__name__).warning(
            "no debugger: remote_pdb is not installed (pip install remote-pdb)"
        )
        return
    port = 0  # any
    if tell and _is_simulated():
        port = _free_port()
        _tell_simulator(f"127.0.0.1:{port}")
    debugger = RemotePdb(host="127.0.0.1", port=port)  # prints its address to stderr, and waits
    debugger.set_trace(frame=frame)


def _is_simulated() -> bool:
    return _streams is not None and os.environ.get("STREAMPARSE_VIRTUAL_CLOCK") == "1"


def _tell_simulator(address: str, more: str = "") -> None:
    """Tell the simulator where a debugger is going to wait, so that it shows this, and waits."""
    if _streams is not None and _is_simulated():
        output = _streams[1]
        output.write(f'{{"command": "debugger", "address": "{address}"{more}}}{MESSAGE_END}')
        output.write_out()


def _tell_post_mortem(address: str) -> None:
    _tell_simulator(address, ', "post_mortem": true')


_ignored_places: set[str] = set()  # of breakpoint(), which may be in a loop


def _tell_ignored(place: str) -> None:
    """Tell once that a ``breakpoint()`` is passed over: in a simulation its user, else Storm's log."""
    if place in _ignored_places:
        return
    _ignored_places.add(place)
    if _streams is not None and _is_simulated():
        from streamparse.storm.codec import encode

        _streams[1].send({"command": "debugger", "ignored_at": place}, encode)
        return
    import logging

    logging.getLogger(__name__).warning("%s", ignored_breakpoint(place))


def _free_port() -> int:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def _breakpoint(*args: object, **kwargs: object) -> None:
    """Handle ``breakpoint()`` in a component: stdin and stdout are taken, so over a socket."""
    frame = sys._getframe(1)
    if _is_lent("1", "2"):
        from streamparse import debugger

        debugger.stop_at(frame, _tell_simulator)
        return
    open_debugger(frame, tell=True)


def look_at(error: BaseException) -> None:
    """Have the user look at an exception that ends this component, where ``pytest --pdb`` lends its terminal."""
    if _is_lent("2") and type(error).__name__ != "BdbQuit":
        from streamparse import debugger

        debugger.stop_behind(error, _tell_post_mortem)


def _is_lent(*values: str) -> bool:
    """Return whether the test run lends its terminal: "1" for breakpoints, "2" for exceptions as well."""
    return _streams is not None and os.environ.get("STREAMPARSE_TERMINAL") in values

"""The two pipes of a component process: whole messages are read, and what is written together travels together.

Reading takes as much as there is and cuts it into messages. While more than one of them is at hand, what the
component says is gathered and written in one go: when it is about to wait, when enough has come together, or after
a few milliseconds, by a thread of its own, so that the ack of a finished tuple never waits behind a slow next one.
With at most one message at hand everything is written at once.
"""

from __future__ import annotations

import os
import sys
from _thread import allocate_lock
from collections import deque
from time import sleep  # the real one, whatever becomes of the module's

from streamparse.multilang import MESSAGE_END, Inbox, Outbox, Reader, excerpt

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Mapping
    from typing import Any

NO_LIMIT = 1 << 62  # Storm is trusted with our memory
READ_BYTES = 1 << 16  # what a Linux pipe holds
GATHER_BYTES = 1 << 15  # half of it: the other side can read while we go on
GATHER_SECONDS = 0.005  # nobody notices; a thousand small tuples take longer


class Output(Outbox):
    """Where messages go; ``write`` and ``flush`` are those of any text stream."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._gathered: list[str] = []
        self._size = 0
        self._lock = allocate_lock()
        self._begun: threading.Semaphore | None = None  # the thread's, once there is one
        self._watched = False  # the thread looks after what is gathered
        self.gathers = False  # set by the input; read here and by the thread

    def fileno(self) -> int:
        return self._fd

    def send(self, message: Mapping[str, Any], encode: Callable[[Mapping[str, Any]], str]) -> None:
        self.write(encode(message) + MESSAGE_END)
        self.flush()

    def write(self, text: str) -> int:
        with self._lock:
            self._gathered.append(text)
            self._size += len(text)
        return len(text)

    def flush(self) -> None:
        """Write what has come together, unless more of it is expected at once."""
        if not self.gathers or self._size >= GATHER_BYTES:
            self.write_out()

    def write_out(self) -> None:
        """Write all that has come together."""
        with self._lock:
            if not self._gathered:
                return
            data = memoryview("".join(self._gathered).encode())
            self._gathered, self._size = [], 0
            while data:
                data = data[os.write(self._fd, data) :]

    def gather(self, *, several: bool) -> None:
        """Told by the input how much there is to do: several messages, or at most one."""
        self.gathers = several
        if several and not self._watched:
            self._watch()

    def _watch(self) -> None:
        self._watched = True
        if self._begun is None:
            import threading  # 3 ms, in a process that has no other use for it

            self._begun = threading.Semaphore()
            threading.Thread(target=self._write_in_time, args=(self._begun,), daemon=True).start()
        else:
            self._begun.release()

    def _write_in_time(self, begun: threading.Semaphore) -> None:
        while True:
            begun.acquire()
            while self._watched:
                sleep(GATHER_SECONDS)
                if not self.gathers:
                    # First this, then a last look: whoever gathers from now on wakes us again.
                    self._watched = False
                try:
                    self.write_out()
                except OSError:
                    return  # Storm has gone; the component learns it from its next read or write


class Input(Inbox):
    """Where messages come from."""

    def __init__(self, fd: int, output: Output) -> None:
        self._fd = fd
        self._output = output
        self._reader = Reader(limit=NO_LIMIT)
        self._messages: deque[bytes] = deque()

    def fileno(self) -> int:
        return self._fd

    def receive(self) -> str | None:
        """The next message, without its ``end``; None when the pipe has ended.

        Raises:
            SystemExit: it has ended in the middle of a message.
        """
        messages = self._messages
        while not messages:
            self._output.gathers = False
            self._output.write_out()
            data = os.read(self._fd, READ_BYTES)
            if not data:
                if self._reader.rest.strip():
                    sys.exit(f"Storm's pipe broke in a message: {excerpt(self._reader.rest)}")
                return None
            messages.extend(self._reader.feed(data))
            self._output.gather(several=len(messages) > 1)
        return messages.popleft().decode("utf-8")

    def readline(self) -> str:
        """Part of the interface of a text stream; here messages are read whole."""
        raise NotImplementedError("a component's input is read by messages: receive()")

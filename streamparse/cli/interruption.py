"""Ctrl-C, SIGTERM, a terminal that goes away: the signals that end a command in order.

A simulation has ``Interruption``: its first signal ends the run in order, the second ends the process at once. Other
commands have ``terminated_like_ctrl_c``.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from types import FrameType, TracebackType

INTERRUPTED = 130  # what a shell reports after SIGINT
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Handler = Callable[[int, FrameType | None], object]


@contextmanager
def _handled(signals: Sequence[signal.Signals], handler: Handler) -> Iterator[None]:
    """Have a function handle these signals, but for those that are ignored, as under nohup."""
    before = {
        signum: signal.signal(signum, handler)
        for signum in signals
        if signal.getsignal(signum) != signal.SIG_IGN
    }
    try:
        yield
    finally:
        for signum, earlier in before.items():
            signal.signal(signum, earlier)


@contextmanager
def terminated_like_ctrl_c() -> Iterator[None]:
    """Let SIGTERM, and a terminal that goes away, end the command as Ctrl-C does: in order, with no process left."""

    def interrupt(signum: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    with _handled((signal.SIGTERM, signal.SIGHUP), interrupt):
        yield


class Interruption:
    """While it is entered, the first of these signals raises KeyboardInterrupt.

    Attributes:
        has_come: there was a signal.
    """

    def __init__(self) -> None:
        self.has_come = False
        self._is_held = False
        self._stack = ExitStack()

    def __enter__(self) -> Interruption:
        self._stack.enter_context(_handled(SIGNALS, self._handle))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self._stack.close()

    def hold(self) -> None:
        """From now on only note that a signal has come: the work is done, and its result is about to be shown."""
        self._is_held = True

    def _handle(self, signum: int, frame: FrameType | None) -> None:
        if self.has_come:
            os._exit(INTERRUPTED)  # the components end with this process, whatever its end
        self.has_come = True
        if not self._is_held:
            raise KeyboardInterrupt

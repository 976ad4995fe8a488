"""Ctrl-C, SIGTERM, a terminal that goes away: the first ends a run in order, the second ends the process at once."""

from __future__ import annotations

import os
import signal
from types import FrameType, TracebackType
from typing import Any

INTERRUPTED = 130  # what a shell reports after SIGINT
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interruption:
    """While it is entered, the first of these signals raises KeyboardInterrupt.

    Attributes:
        has_come: there was a signal.
    """

    def __init__(self) -> None:
        self.has_come = False
        self._is_held = False
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Interruption:
        for signum in SIGNALS:
            if signal.getsignal(signum) != signal.SIG_IGN:  # as under nohup
                self._before[signum] = signal.signal(signum, self._handle)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        for signum, handler in self._before.items():
            signal.signal(signum, handler)

    def hold(self) -> None:
        """From now on only note that a signal has come: the work is done, and its result is about to be shown."""
        self._is_held = True

    def _handle(self, signum: int, frame: FrameType | None) -> None:
        if self.has_come:
            os._exit(INTERRUPTED)  # the components end with this process, whatever its end
        self.has_come = True
        if not self._is_held:
            raise KeyboardInterrupt

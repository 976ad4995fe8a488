"""The words for the end of a component, in both transports."""

from __future__ import annotations

import contextlib
import os
import signal

from simulator.engine import Death


def exited(exit_: SystemExit) -> Death:
    """The outcome of a task whose component has called ``sys.exit``: what Python makes of its argument."""
    if exit_.code is None or isinstance(exit_.code, int):
        return Death(describe_exit(exit_.code or 0))
    return Death(describe_exit(1), stderr=f"{exit_.code}\n")


def shown_place(place: str) -> str:
    """A line of user code, ``file:line``, with the file as it would be typed in the current directory."""
    file, colon, line = place.rpartition(":")
    if not colon or not os.path.isabs(file):
        return place
    shown = os.path.relpath(file)
    return f"{os.path.normpath(file) if shown.startswith('..') else shown}:{line}"


def describe_exit(status: int | None) -> str:
    """The words for an exit status: negative is a signal, None a process that has closed its stdout and not ended."""
    if status is None:
        return "closed its stdout and runs on"
    if status < 0:
        with contextlib.suppress(ValueError):
            return f"was ended by {signal.Signals(-status).name}"
    return f"ended with exit status {status}"

"""The words for the end of a component, in both transports."""

from __future__ import annotations

import contextlib
import os
import signal

from simulator.engine import Crash, Death


def injected_death(crash: Crash) -> Death:
    """The outcome of a task that an injected crash has struck."""
    return Death(str(crash), ordered=True, scope=crash.order.scope)


def failed_start(error: BaseException) -> Death:
    """The outcome of a task whose class cannot be imported or constructed in this process."""
    return Death(f"cannot be started: {type(error).__name__}: {error}", cause=error)


def shown_place(place: str) -> str:
    """A line of user code, ``file:line``, with the file as it would be typed in the current directory."""
    file, colon, line = place.rpartition(":")
    if not colon or not os.path.isabs(file):
        return place
    shown = os.path.relpath(file)
    return place if shown.startswith("..") else f"{shown}:{line}"


def describe_exit(status: int | None) -> str:
    """The words for an exit status: negative is a signal, None a process that has closed its stdout and not ended."""
    if status is None:
        return "closed its stdout and runs on"
    if status < 0:
        with contextlib.suppress(ValueError):
            return f"was ended by {signal.Signals(-status).name}"
    return f"ended with exit status {status}"

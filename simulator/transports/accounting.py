"""Measures the time that a process is itself to answer for, so that a busy machine is not held against it.

A process that makes no progress may be at fault: it sleeps in a system call, or it computes without end. Or the
machine may be: the process is ready to run, and others have the processor. Limits in real time cannot tell these
apart. So what counts against a process is the time in which it sleeps, and the processor time that it uses. Time in
which it waits for a processor does not count, nor does time in which this process did not run itself (it was stopped,
or waited for a processor): each look counts at most the interval at which looks are planned.

On Linux both come from ``/proc``. A process is ready to run when one of its threads is, or one of a process that it has
started: a shell sleeps while the commands of its script work. Where there is no ``/proc`` all time counts as slept, and
``is_measured`` is false, so that a caller can decline to judge.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

LOOKS = 8  # in the span of a limit


class Activity(NamedTuple):
    """The state of a process and of those that it has started.

    Attributes:
        is_ready: one of their threads runs, or would if it had a processor.
        processor_seconds: that they have used so far.
    """

    is_ready: bool
    processor_seconds: float


Measure = Callable[[int], Activity | None]


class Stopwatch:
    """The time that counts against one process.

    Args:
        pid: the process.
        began: the reading of ``time.monotonic`` from which time counts, in seconds.
        measure: returns what a process is doing, or None where the system does not tell.

    Attributes:
        asleep_seconds: for which it slept.
        busy_seconds: of processor time that it has used.
        real_seconds: that have passed while this process ran too, whatever the other did.
        is_measured: whether the system tells what it was doing.
    """

    def __init__(self, pid: int, began: float, measure: Measure | None = None) -> None:
        self.began = began
        self.asleep_seconds = 0.0
        self.busy_seconds = 0.0
        self.real_seconds = 0.0
        self.is_measured = True
        self._pid = pid
        self._measure = measure or activity
        self._looked = began
        self._used: float | None = None  # processor time at the last look

    @property
    def counted_seconds(self) -> float:
        """The time that counts against the process."""
        return self.asleep_seconds + self.busy_seconds

    def look(self, now: float, most_seconds: float) -> None:
        """Account for the time since the last look, of which at most so many seconds count."""
        seconds = min(now - self._looked, most_seconds)
        self.real_seconds += seconds
        self._looked = now
        doing = self._measure(self._pid)
        if doing is None:
            self.is_measured = False
            self.asleep_seconds += seconds
            return
        used, self._used = self._used, doing.processor_seconds
        if not doing.is_ready:
            self.asleep_seconds += seconds
        elif used is not None:
            self.busy_seconds += min(max(doing.processor_seconds - used, 0.0), seconds)


def activity(pid: int) -> Activity | None:
    """Read the state of a process and of all that it has started; None where there is no ``/proc``.

    A process that has ended is not ready.
    """
    if not _has_proc():
        return None
    is_ready, ticks, left = False, 0, [str(pid)]
    while left:
        process = f"/proc/{left.pop()}"
        ticks += sum(map(int, _stat(process)[_TIMES]))
        for thread in _threads(process):
            is_ready = is_ready or _stat(thread)[:1] == ["R"]
            left += _read(f"{thread}/children").split()
    return Activity(is_ready, ticks / os.sysconf("SC_CLK_TCK"))


# proc(5): utime, stime, cutime and cstime, counted from the state.
_TIMES = slice(11, 15)


def _stat(directory: str) -> list[str]:
    """The fields of a ``stat`` file behind the command, which may hold spaces; the state is the first."""
    return _read(f"{directory}/stat").rpartition(")")[2].split()


def _threads(process: str) -> list[str]:
    try:
        return [f"{process}/task/{thread}" for thread in os.listdir(f"{process}/task")]
    except OSError:
        return []


def _read(path: str) -> str:
    """The text of a file; empty when the process has ended meanwhile, or the kernel has no such file."""
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


@cache
def _has_proc() -> bool:
    return sys.platform == "linux" and Path("/proc/self/stat").exists()

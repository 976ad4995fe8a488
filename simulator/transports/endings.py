"""Waits for processes to end by themselves, as long as the time that counts against them allows."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from simulator.transports.accounting import LOOKS, Stopwatch
from simulator.transports.fork_server_client import ForkServerClient

#: Whether a process has been waited for long enough.
IsOver = Callable[[Stopwatch], bool]


@dataclass(frozen=True)
class Ending:
    """The end of the wait for a process.

    Attributes:
        status: its exit status, negative for a signal; None: it still runs.
        waited: the time for which it was waited.
    """

    status: int | None
    waited: Stopwatch


def wait_for_end(
    server: ForkServerClient, pids: Sequence[int], is_over: IsOver, seconds: float
) -> dict[int, Ending]:
    """Wait until each process has ended or its time is over.

    Args:
        server: which has started the processes.
        is_over: asked several times in ``seconds``.
    """
    now = time.monotonic()
    running = {pid: Stopwatch(pid, now) for pid in pids}
    endings = {}
    while running:
        statuses = server.wait(list(running), seconds / LOOKS)
        now = time.monotonic()
        for pid, waited in list(running.items()):
            status = statuses.get(pid)
            if status is None:
                waited.look(now, seconds / LOOKS)
            if status is not None or is_over(waited):
                endings[pid] = Ending(status, waited)
                del running[pid]
    return endings


def counts(seconds: float) -> IsOver:
    """True when so much time counts against a process."""
    return lambda waited: waited.counted_seconds >= seconds

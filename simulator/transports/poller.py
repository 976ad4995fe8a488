"""Waits until one of many descriptors can be read or written."""

from __future__ import annotations

import os
import select
import sys
import time
from typing import Any, Generic, TypeVar

# An answer is usually there within microseconds, and waking a processor that has gone to sleep takes longer than
# that. So the poller looks a few times, giving way to whoever wants to run, before it goes to sleep itself.
SPIN_SECONDS = 0.0002

Owner = TypeVar("Owner")


class Poller(Generic[Owner]):
    """The descriptors to wait for, each with an owner that is returned when it is ready.

    It uses epoll on Linux, whose cost does not grow with the number of processes, and poll elsewhere. The selectors
    of the standard library cost as much again as the system call for each event.
    """

    def __init__(self) -> None:
        self._poll: Any = select.epoll() if sys.platform == "linux" else select.poll()
        self._units_per_second = 1 if sys.platform == "linux" else 1000  # poll takes milliseconds
        self._owners: dict[int, Owner] = {}

    def watch(self, fd: int, owner: Owner, *, write: bool = False) -> None:
        """Wait for this descriptor too: until it can be read, or written."""
        self._owners[fd] = owner
        self._poll.register(fd, select.POLLOUT if write else select.POLLIN)

    def unwatch(self, fd: int) -> None:
        """Wait for this descriptor no more; does nothing when it is not watched."""
        if self._owners.pop(fd, None) is not None:
            self._poll.unregister(fd)

    def wait(self, seconds: float | None) -> list[Owner]:
        """The owners of the descriptors that are ready; empty when none is within so many seconds (None: no limit)."""
        poll, owners = self._poll.poll, self._owners
        ready = poll(0)
        if not ready:
            until = time.monotonic() + SPIN_SECONDS
            while not ready and time.monotonic() < until:
                os.sched_yield()
                ready = poll(0)
            if not ready:
                ready = poll(None if seconds is None else seconds * self._units_per_second)
        return [owners[fd] for fd, _ in ready]

    def close(self) -> None:
        """Release the kernel's object; the poller is not used again."""
        if sys.platform == "linux":
            self._poll.close()

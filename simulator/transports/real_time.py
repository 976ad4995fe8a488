"""Holds virtual time to the real clock."""

from __future__ import annotations

import time
from collections.abc import Callable


def real_seconds() -> float:
    """The seconds of the real clock since some moment; it never goes back."""
    return time.monotonic()


def real_time_pace(started: float | None = None) -> Callable[[int], int]:
    """A function that waits until so many real milliseconds have passed, and returns how many have.

    Args:
        started: the reading of ``time.monotonic`` at virtual time 0, in seconds; None is now.
    """
    began = time.monotonic() if started is None else started

    def pace(now_ms: int) -> int:
        left = began + now_ms / 1000 - time.monotonic()
        if left > 0:
            time.sleep(left)
        return int(1000 * (time.monotonic() - began))

    return pace

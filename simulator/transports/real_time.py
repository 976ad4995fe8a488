"""Holds virtual time to the real clock."""

from __future__ import annotations

import time
from collections.abc import Callable


def real_time_pace(started: float | None = None) -> Callable[[int], None]:
    """A function that waits until so many real milliseconds have passed.

    Args:
        started: the reading of ``time.monotonic`` at virtual time 0, in seconds; None is now.
    """
    began = time.monotonic() if started is None else started

    def pace(now_ms: int) -> None:
        left = began + now_ms / 1000 - time.monotonic()
        if left > 0:
            time.sleep(left)

    return pace

"""Waiting for what other processes come to, where nobody tells when they have: one has to look."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

__all__ = ["HANG_SECS", "until"]

HANG_SECS = 600.0  # only what hangs takes longer, on a slow machine with much else to do, too
LOOK_SECS = 0.2  # between two looks

Answer = TypeVar("Answer")


def until(ask: Callable[[], Answer], good: Callable[[Answer], object] = bool) -> Answer:
    """Return the first answer that is good.

    Raises:
        AssertionError: there is none in ``HANG_SECS``; with the last answer.
    """
    deadline = time.monotonic() + HANG_SECS
    while not good(found := ask()):
        assert time.monotonic() < deadline, f"after {HANG_SECS:g} s still: {found}"
        time.sleep(LOOK_SECS)
    return found

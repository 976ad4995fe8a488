"""How long other machines and programs are waited for: ``STREAMPARSE_WAIT_FACTOR`` multiplies every such limit."""

from __future__ import annotations

import math
import os
from typing import Final

from streamparse.project.errors import ProjectError
from streamparse.project.words import as_json

__all__ = ["as_number", "wait_secs"]

#: The variable of the environment by which the limits are multiplied.
VARIABLE: Final = "STREAMPARSE_WAIT_FACTOR"
MOST: Final = 1e4


def wait_secs(secs: float) -> float:
    """Return a limit as it is on this machine, in seconds.

    Args:
        secs: the limit where the variable is not set.

    Raises:
        ProjectError: the variable has no number from above 0 to 10,000.
    """
    text = os.environ.get(VARIABLE)
    if not text:
        return secs
    factor = as_number(text)
    if not 0 < factor <= MOST:
        raise ProjectError(
            [
                f"{VARIABLE} is {as_json(text)}; expected a number from above 0 to {MOST:g}, such as 3"
            ]
        )
    return secs * factor


def as_number(text: str) -> float:
    """Return the number that a text is, such as "0.5" or "1e4"; NaN, which is within no limits, for any other text."""
    try:
        return float(text)
    except ValueError:
        return math.nan

"""How long other machines and programs are waited for: ``STREAMPARSE_WAIT_FACTOR`` multiplies every such limit."""

from __future__ import annotations

import os
from typing import Final

from streamparse.project.errors import ProjectError
from streamparse.project.words import as_json

__all__ = ["wait_secs"]

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
    try:
        factor = float(text)
    except ValueError:
        factor = 0
    if not 0 < factor <= MOST:
        raise ProjectError(
            [
                f"{VARIABLE} is {as_json(text)}; expected a number from above 0 to {MOST:g}, such as 3"
            ]
        )
    return secs * factor

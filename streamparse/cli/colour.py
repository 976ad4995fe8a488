"""The few colours of the commands, where the reader wants them: NO_COLOR, FORCE_COLOR, else on a terminal."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO

RED = 31
GREEN = 32
YELLOW = 33


def has_colour(stream: IO[str]) -> bool:
    """Return whether text on this stream has colours.

    https://no-color.org and https://force-color.org: set to anything but the empty string. NO_COLOR is the stronger.
    """
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def painted(text: str, colour: int, stream: IO[str]) -> str:
    """Return the text as it is to be written on this stream."""
    return f"\x1b[{colour}m{text}\x1b[0m" if has_colour(stream) else text

"""An error with its traceback: the line of the user's code in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from simulator.page.source import ErrorReport

__all__ = ["Frame", "error_json", "user_frame"]

_FRAME: Final = re.compile(
    r'^ *File "(?P<file>[^"\n]+)", line (?P<line>\d+)(?:, in (?P<name>[^\n]+))?\n(?P<code> +[^\n]*)?',
    re.MULTILINE,
)
_NOT_HIS: Final = ("/streamparse/", "/simulator/", "/lib/python", "<frozen")


class Frame(NamedTuple):
    """A frame of a traceback.

    Attributes:
        file, line: where.
        name: the function.
        code: the text of the line; empty when the traceback has none.
    """

    file: str
    line: int
    name: str
    code: str


def user_frame(text: str, sources: str = "") -> Frame | None:
    """The last frame of a traceback that is in the user's code; None when there is none.

    Args:
        text: the traceback.
        sources: the directory of his code; without, his is what is neither ours nor Python's.
    """
    frames = [
        Frame(each["file"], int(each["line"]), each["name"] or "", (each["code"] or "").strip())
        for each in _FRAME.finditer(text)
    ]
    if sources:
        own = [each for each in frames if each.file.startswith(sources)]
        if own:
            return own[-1]
    others = [each for each in frames if not any(part in each.file for part in _NOT_HIS)]
    return others[-1] if others else None


def error_json(
    error: ErrorReport, sources: str, copy: int, texts: Callable[[str], int]
) -> dict[str, Any]:
    """An error as the page reads it. Any: it is JSON.

    Args:
        error: the error.
        sources: the directory of the user's code.
        copy: the copy that its task was at work on, -1 where that is not known.
        texts: gives the place of a text in the page's table: many errors have the same.
    """
    frame = user_frame(error.text, sources)
    return {
        "at": error.at_ms,
        "task": error.task,
        "text": texts(error.text),
        "copy": copy,
        "frame": None if frame is None else list(frame),
    }

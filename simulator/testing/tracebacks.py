"""Tracebacks down to the frames of the user's code: those of streamparse and the simulator are left out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType

from streamparse import multilang

#: The directories of streamparse and of the simulator.
OUR_DIRECTORIES = frozenset(
    {Path(multilang.__file__).resolve().parent, Path(__file__).resolve().parents[1]}
)
# A frame of a printed traceback: its line, then the source and the marks under it.
_FRAME = re.compile(
    r'^  File "(?P<file>[^"\n]*)", line (?P<line>\d+), in .*\n(?:    .*(?:\n|\Z))*', re.MULTILINE
)
# A frame as faulthandler prints it.
_DUMPED_FRAME = re.compile(r'^  File "(?P<file>[^"\n]*)", line \d+ in .*', re.MULTILINE)


def shown_path(path: Path) -> str:
    """Return a path as it would be typed in the current directory; a path elsewhere as it is."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def without_our_frames(text: str) -> str:
    """Return a printed traceback without the frames of streamparse, unless there are no others."""
    frames = list(_FRAME.finditer(text))
    ours = [frame for frame in frames if _is_ours(frame["file"])]
    if len(ours) == len(frames):
        return text
    for frame in reversed(ours):
        text = text[: frame.start()] + text[frame.end() :]
    return text


def place_in(text: str) -> str:
    """Return the file and line of the last frame of user code in a printed traceback; "" when it has none."""
    places = [
        f"{shown_path(Path(frame['file']))}:{frame['line']}"
        for frame in _FRAME.finditer(text)
        if not _is_ours(frame["file"])
    ]
    return places[-1] if places else ""


def users_stack(dump: str) -> str:
    """Return the frames of the user's code in what faulthandler has printed of a component process."""
    threads = [
        [frame for frame in _DUMPED_FRAME.finditer(thread) if not _is_ours(frame["file"])]
        for thread in dump.split("\n\n")
    ]
    theirs = [frames for frames in threads if frames]
    if not theirs:
        return dump.rstrip()
    return "\n\n".join("\n".join(frame[0] for frame in frames) for frames in theirs)


def _is_ours(file: str) -> bool:
    """True when a frame is ours, or Python's on the way from ours to the user's: a thread's start, an import."""
    path = Path(file)
    return (
        not OUR_DIRECTORIES.isdisjoint(path.parents)
        or path.name == "threading.py"
        or path.parts[-2:] == ("importlib", "__init__.py")
        or file.startswith("<frozen ")
        or file == "<string>"  # the program of a fork server
    )


def from_user_code(error: BaseException) -> BaseException:
    """Return the exception with the frames of the user's code alone, unless there are none."""
    users = [tb for tb in _entries(error.__traceback__) if not _runs_our_code(tb)]
    return error.with_traceback(_chained(users) or error.__traceback__)


def callers_of(error: BaseException) -> TracebackType | None:
    """Return the traceback of an exception down to the last frame of the user's code; None where there is none."""
    return _chained([tb for tb in _entries(error.__traceback__) if not _runs_our_code(tb)])


def with_callers(error: BaseException, outer: BaseException) -> TracebackType | None:
    """Return the traceback of an exception in user code behind the user's frames of another, which it has caused.

    Args:
        error: was raised by a component.
        outer: was raised by the call of a test that had the component work.
    """
    callers = [tb for tb in _entries(outer.__traceback__) if not _runs_our_code(tb)]
    return _chained([*callers, *_entries(error.__traceback__)])


def _entries(tb: TracebackType | None) -> Iterator[TracebackType]:
    while tb is not None:
        yield tb
        tb = tb.tb_next


def _chained(entries: Sequence[TracebackType]) -> TracebackType | None:
    chain = None
    for tb in reversed(entries):
        chain = TracebackType(chain, tb.tb_frame, tb.tb_lasti, tb.tb_lineno)
    return chain


def _runs_our_code(tb: TracebackType) -> bool:
    module = tb.tb_frame.f_globals.get("__name__", "")
    return module.partition(".")[0] in ("simulator", "streamparse")

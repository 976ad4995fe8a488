"""``sparse trace --follow``: the events of a file that is being written, as they come."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from streamparse.cli.output import note, say, visible, warn
from streamparse.cli.trace_text import event_line
from streamparse.project import UsageError

if TYPE_CHECKING:
    from simulator.traces import Filter

LOOK_SECONDS = 0.2  # between two looks at the file


def follow(
    path: str, chosen: Filter, wait: Callable[[], object] = lambda: time.sleep(LOOK_SECONDS)
) -> None:
    """List the events of a file as they are written, until Ctrl-C; a file that is written anew begins anew.

    Args:
        path: of the file; it need not exist yet.
        chosen: the events that are listed.
        wait: called when everything that is there has been read.

    Raises:
        UsageError: it cannot be opened, or is no trace.
    """
    from simulator.traces import TraceFileError

    try:
        while True:
            if not Path(path).exists():
                note(f"{visible(path)} is not there yet")
            while not Path(path).exists():
                wait()
            _follow_one(path, chosen, wait)
            note(f"{visible(path)} is written anew")
    except TraceFileError as error:
        raise UsageError(visible(str(error))) from None


def _follow_one(path: str, chosen: Filter, wait: Callable[[], object]) -> None:
    """List the events of the file that is there, until another one is there, or it is shorter than before."""
    from simulator.traces import KnownTuples, TraceReader, open_trace

    with open_trace(path, unpacks=False) as file:
        reader, known = TraceReader(file, path), KnownTuples()
        try:
            for line in _lines(file, lambda: _is_still(file, path), wait):
                event = reader.read_line(line)
                if event is not None:
                    known.read(event)
                    if chosen.takes(event):
                        say(event_line(event, known.predicate(event)))
        finally:
            warn(map(visible, reader.problems))


def _lines(
    file: BinaryIO, is_still: Callable[[], bool], wait: Callable[[], object]
) -> Iterator[bytes]:
    """The whole lines of a file as they are written, while it is still the same."""
    rest = b""
    while True:
        rest += file.readline()
        if rest.endswith(b"\n"):
            yield rest
            rest = b""
        elif is_still():
            wait()
        else:
            return


def _is_still(file: BinaryIO, path: str) -> bool:
    """Return whether a path still leads to this file, and it is not shorter than what was read."""
    try:
        found = Path(path).stat()
    except OSError:
        return False
    ours = os.fstat(file.fileno())
    return (found.st_dev, found.st_ino) == (ours.st_dev, ours.st_ino) and (
        found.st_size >= file.tell()
    )

"""Golden files: a text that was read once and found right, and what has changed since."""

from __future__ import annotations

import difflib
import re
from pathlib import Path

from simulator.testing.errors import HarnessError

MOST_LINES = 100  # of a difference; who wants more has the files
_NAME = re.compile(r"[\w\[\]().,=+@ -]+", re.ASCII)


def golden_path(directory: Path, name: str) -> Path:
    """Return the path of the golden file of this name: ``golden/NAME.txt`` in the directory.

    Raises:
        HarnessError: the name could be a file in another directory.
    """
    if not _NAME.fullmatch(name) or name.startswith("."):
        raise HarnessError(
            f"golden({name!r}): expected a name of letters, digits, - and _; it becomes golden/NAME.txt"
        )
    return directory / "golden" / f"{name}.txt"


def check_golden(path: Path, text: str, *, update: bool, how_to_update: str) -> None:
    """Compare a text with a golden file, or write the file.

    Args:
        path: of the file.
        text: what it should have.
        update: write the file.
        how_to_update: how to ask for that, for what the error says.

    Raises:
        AssertionError: they differ, or there is no file; it says how to write it.
        HarnessError: the file cannot be written.
    """
    __tracebackhide__ = True
    if update:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        except OSError as error:
            raise HarnessError(f"{path}: cannot be written: {error.strerror}") from None
        return
    if not path.is_file():
        raise AssertionError(
            f"there is no golden file {path}; read what follows, and if it is right write it with "
            f"{how_to_update}:\n{text}"
        )
    expected = path.read_text(encoding="utf-8")
    if expected != text:
        raise AssertionError(
            f"not as in {path}; if the change is right, write it with {how_to_update}:\n"
            + difference(expected, text)
        )


def difference(expected: str, found: str) -> str:
    """Return a unified difference, at most ``MOST_LINES`` lines of it."""
    lines = list(
        difflib.unified_diff(
            expected.splitlines(), found.splitlines(), "golden", "this run", lineterm=""
        )
    )
    more = [f"and {len(lines) - MOST_LINES} more lines"] if len(lines) > MOST_LINES else []
    return "\n".join(lines[:MOST_LINES] + more)

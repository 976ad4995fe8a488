"""Golden files: a text that was read once and found right, and what has changed since."""

from __future__ import annotations

import difflib
import re
from itertools import zip_longest
from pathlib import Path

from simulator.testing.errors import HarnessError, is_test_error

COLUMN = 54  # characters of a side
CONTEXT = 3  # lines around a difference
MOST_LINES = 100  # of a difference; who wants more has the files
__tracebackhide__ = is_test_error  # pytest then shows the test's line
TRACE, NEW_TRACE = ".jsonl", ".now.jsonl"  # of the golden run, and of one that differs
_NAME = re.compile(r"[\w\[\]().,=+@ -]+", re.ASCII)


def golden_path(directory: Path, name: str) -> Path:
    """Return the path of the golden file of this name: ``golden/NAME.txt`` in the directory.

    Raises:
        HarnessError: the name could be a file in another directory.
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name) or name.startswith("."):
        raise HarnessError(
            f"golden({name!r}): expected a name of letters, digits, - and _; it becomes golden/NAME.txt"
        )
    return directory / "golden" / f"{name}.txt"


def check_golden(
    path: Path, text: str, *, update: bool, how_to_update: str, trace: str | None = None
) -> None:
    """Compare a text with a golden file, or write the file.

    Args:
        path: of the file.
        text: what it should have.
        update: write the file.
        how_to_update: how to ask for that, for what the error says.
        trace: of the run; it is kept beside the file, and that of a run that differs beside it. None: it is not.

    Raises:
        AssertionError: they differ, or there is no file; it says how to write it.
        HarnessError: the file cannot be written.
    """
    __tracebackhide__ = True
    if update:
        _write(path, text)
        if trace is not None:
            _write(path.with_suffix(TRACE), trace)
        return
    if not path.is_file():
        raise AssertionError(
            f"there is no golden file {path}; read what follows, and if it is right write it with "
            f"{how_to_update}:\n{text}"
        )
    expected = path.read_text(encoding="utf-8")
    if expected != text:
        kept = path.with_suffix(TRACE)
        traces = ""
        if trace is not None and kept.is_file():
            now = path.with_suffix(NEW_TRACE)
            _write(now, trace)
            traces = f"\nthe traces: {kept} and, of this run, {now}"
        raise AssertionError(
            f"not as in {path}; if the change is right, write it with {how_to_update}:\n"
            + difference(expected, text)
            + traces
        )


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise HarnessError(f"{path}: cannot be written: {error.strerror}") from None


def difference(expected: str, found: str) -> str:
    """Return what differs between two texts side by side, at most ``MOST_LINES`` lines of it.

    The golden text is on the left. Between the two is ``|`` where a line differs, ``<`` where the golden text alone has
    it, and ``>`` where this run alone has it. A line that is too long for its side stands below the other.
    """
    left, right = expected.splitlines(), found.splitlines()
    lines = [f"{'golden':{COLUMN}}   this run"]
    groups = difflib.SequenceMatcher(None, left, right, autojunk=False).get_grouped_opcodes(CONTEXT)
    for at, group in enumerate(groups):
        if at or group[0][1]:
            lines.append("...")
        for kind, one, two, three, four in group:
            mark = " " if kind == "equal" else "|"
            for mine, other in zip_longest(left[one:two], right[three:four]):
                lines += _beside(mine, other, mark)
    hidden = len(lines) - MOST_LINES
    more = [f"and {hidden} more line{'s' * (hidden > 1)}"] if hidden > 0 else []
    return "\n".join(lines[:MOST_LINES] + more)


def _beside(mine: str | None, other: str | None, mark: str) -> list[str]:
    mark = ">" if mine is None else "<" if other is None else mark
    mine, other = mine or "", other or ""
    if max(len(mine), len(other)) <= COLUMN:
        return [f"{mine:{COLUMN}} {mark} {other}".rstrip()]
    both = [f"{mine:{COLUMN}} {mark}".rstrip()] if mark != ">" else []
    return [*both, *([f"{'':{COLUMN}} {mark} {other}"] if other and mark != " " else [])]

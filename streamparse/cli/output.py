"""The output of commands: lines, warnings, and tables.

A table is plain text, columns apart by two spaces, numbers to the right; an unknown value is a dash.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict
from typing import Any

from streamparse.cli.colour import YELLOW, painted

__all__ = [
    "Cell",
    "cut",
    "detail",
    "duration",
    "is_yes",
    "note",
    "print_records",
    "printable",
    "say",
    "table",
    "talking",
    "warn",
]

Cell = str | int | float | None


class _Talk:
    """How much the command of this process tells."""

    is_quiet = False
    is_verbose = False


LOGGERS = ("streamparse.cluster", "paramiko")  # that a verbose command shows


@contextmanager
def talking(*, is_quiet: bool, is_verbose: bool) -> Iterator[None]:
    """Let ``note`` and ``warn`` print nothing, or ``detail`` something."""
    before = _Talk.is_quiet, _Talk.is_verbose
    _Talk.is_quiet, _Talk.is_verbose = is_quiet, is_verbose
    try:
        with _logging_shown() if is_verbose else nullcontext():
            yield
    finally:
        _Talk.is_quiet, _Talk.is_verbose = before


@contextmanager
def _logging_shown() -> Iterator[None]:
    import logging

    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(name)s: %(message)s"))
    handler.setLevel(logging.INFO)
    loggers = [logging.getLogger(name) for name in LOGGERS]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.removeHandler(handler)
            logger.setLevel(level)


def say(line: str) -> None:
    """Print a line of a command's result, at once."""
    print(line, flush=True)


def note(line: str) -> None:
    """Print a line of progress to stderr, beside the command's result; with ``--quiet``, nothing."""
    if not _Talk.is_quiet:
        print(line, file=sys.stderr, flush=True)


def detail(line: str) -> None:
    """Print a line to stderr with ``--verbose``."""
    if _Talk.is_verbose:
        print(line, file=sys.stderr, flush=True)


def warn(warnings: Iterable[str]) -> None:
    """Print warnings to stderr; with ``--quiet``, nothing."""
    for warning in warnings:
        note(f"{painted('warning:', YELLOW, sys.stderr)} {warning}")


# -- tables ------------------------------------------------------------------------------------------------------


def print_records(
    records: Sequence[Any],
    columns: Mapping[str, Callable[[Any], Cell]],
    *,
    as_json: bool,
    when_empty: str,
) -> None:
    """Print dataclass objects: a JSON array of all their fields, or a table with a row for each.

    Args:
        columns: by heading, the value in the row of an object.
        when_empty: the line instead of a table without rows.
    """
    if as_json:
        print(json.dumps([asdict(each) for each in records]))
    elif not records:
        print(when_empty)
    else:
        rows = [[value(each) for value in columns.values()] for each in records]
        print(table([*columns], rows))


def table(headings: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    """Return a table.

    >>> print(table(["name", "tasks"], [["word-spout", 1], ["count-bolt", 12]]))
    name        tasks
    word-spout      1
    count-bolt     12
    """
    columns = [_column(heading, [row[at] for row in rows]) for at, heading in enumerate(headings)]
    return "\n".join("  ".join(line).rstrip() for line in zip(*columns, strict=True))


def _column(heading: str, cells: Sequence[Cell]) -> list[str]:
    texts = [printable(heading), *map(_text, cells)]
    width = max(map(len, texts))
    known = [cell for cell in cells if cell is not None]
    is_number = bool(known) and all(isinstance(cell, (int, float)) for cell in known)
    return [text.rjust(width) if is_number else text.ljust(width) for text in texts]


def _text(cell: Cell) -> str:
    if cell is None or cell == "":
        return "-"
    return f"{cell:.3f}" if isinstance(cell, float) else printable(str(cell))


def cut(text: str, width: int | None) -> str:
    """Return a text with at most so many characters, and the number of those that are left out; None: all of it.

    >>> cut("abcdefghijklmnopqrstuvwxyz" * 100, 40)
    'abcdefghijklmnopqrstuvwxy... (2575 more)'
    """
    if width is None or len(text) <= width:
        return text
    kept = max(width - len(f"... ({len(text)} more)"), 1)
    return f"{text[:kept]}... ({len(text) - kept} more)"


def printable(text: str) -> str:
    """Return a text of somebody else's in one line, without control characters, which a terminal obeys."""
    text = text.expandtabs(4)
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)


def visible(text: str) -> str:
    """Return a text of somebody else's with each control character as an escape, such as ``\\x1b``; lines stay."""
    return "".join(
        each if each.isprintable() or each in "\n\t" else _escaped(each) for each in text
    )


def _escaped(each: str) -> str:
    return each.encode("unicode_escape", "surrogatepass").decode()


_UNITS = (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))


def is_yes(question: str) -> bool:
    """Ask a question at the terminal; return whether the answer is y or yes."""
    try:
        return input(question).strip().lower() in ("y", "yes")
    except EOFError:
        print()
        return False


def duration(secs: int | None) -> str | None:
    """Return a time in the units of Storm's UI: ``1d 2h 3m 4s``, and ``3h`` for three hours."""
    if secs is None:
        return None
    parts = []
    rest = secs
    for unit, size in _UNITS:
        number, rest = divmod(rest, size)
        parts += [f"{number}{unit}"] * bool(number)
    return " ".join(parts) or "0s"

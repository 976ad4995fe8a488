"""The output of commands: lines, warnings, and tables.

A table is plain text, columns apart by two spaces, numbers to the right; an unknown value is a dash.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

__all__ = [
    "Cell",
    "duration",
    "note",
    "print_records",
    "printable",
    "say",
    "table",
    "visible",
    "warn",
]

Cell = str | int | float | None


def say(line: str) -> None:
    """Print a line of a command's result, at once."""
    print(line, flush=True)


def note(line: str) -> None:
    """Print a line of progress to stderr, beside the command's result."""
    print(line, file=sys.stderr, flush=True)


def warn(warnings: Iterable[str]) -> None:
    """Print warnings to stderr."""
    for warning in warnings:
        note(f"warning: {warning}")


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

"""The report of a failed comparison of tuples: the place of the first difference, and both sides as rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any

from simulator.testing import (
    AnyOrder,
    Record,
    Records,
)

# pytest itself cuts an explanation after eight lines, unless -vv is given.
FULL = 2  # verbosity
FEW = 2  # rows of a kind where it would cut
NOTHING = object()  # where one side has no more rows


def difference(left: object, right: object, *, verbose: int) -> list[str] | None:
    """The lines that pytest shows for ``assert left == right``; None when this is none of ours."""
    if isinstance(left, AnyOrder) or isinstance(right, AnyOrder):
        return _any_order(left, right, None if verbose >= FULL else FEW)
    if not (isinstance(left, list) and isinstance(right, list)):
        return None
    if isinstance(left, Record) or isinstance(right, Record):
        return _values(left, right)
    if _are_records(left) or _are_records(right):
        return _rows(left, right, in_full=verbose >= FULL)
    return None


def _are_records(rows: list[Any]) -> bool:
    return isinstance(rows, Records) or any(isinstance(row, Record) for row in rows)


def _any_order(left: object, right: object, most: int | None) -> list[str] | None:
    wanted, found = (left, right) if isinstance(left, AnyOrder) else (right, left)
    if not isinstance(wanted, AnyOrder) or not isinstance(found, Sequence):
        return None
    missing, extra = wanted.difference(found)
    lines = [f"{len(found)} rows == {len(wanted.rows)} rows, in any order"]
    for what, rows in [("missing", missing), ("too many", extra)]:
        if rows:
            shown = rows[:most]
            more = "" if len(shown) == len(rows) else f", of which {len(shown)} (-vv shows all)"
            lines += [f"{what}: {_count(rows)}{more}", *(f"  {_shown(row)}" for row in shown)]
    return lines


def _values(left: list[Any], right: list[Any]) -> list[str]:
    record = left if isinstance(left, Record) else right
    assert isinstance(record, Record)  # one of them is
    lines = [f"{_one_line(left)} == {_one_line(right)}", f"emitted {_origin(record)}"]
    for place, (mine, other) in enumerate(zip_longest(left, right, fillvalue=NOTHING)):
        if mine is NOTHING or other is NOTHING or mine != other:
            name = f" ({record.fields[place]})" if place < len(record.fields) else ""
            lines.append(f"value {place}{name} differs: {_one_line(mine)} == {_one_line(other)}")
            break
    return lines


def _rows(left: list[Any], right: list[Any], *, in_full: bool) -> list[str]:
    first = next(
        place
        for place, (mine, other) in enumerate(zip_longest(left, right, fillvalue=NOTHING))
        if mine is NOTHING or other is NOTHING or mine != other
    )
    lines = [
        f"{_count(left)} == {_count(right)}; the first difference is at {first}",
        f"  left:  {_at(left, first)}",
        f"  right: {_at(right, first)}",
    ]
    if not in_full:
        return [*lines, "-vv shows all rows"]
    for name, rows in [("left", left), ("right", right)]:
        lines += [f"all of the {name}:", *_table(rows, first)]
    return lines


def _count(rows: list[Any]) -> str:
    return f"{len(rows)} row{'s' * (len(rows) != 1)}"


def _at(rows: list[Any], place: int) -> str:
    return _shown(rows[place]) if place < len(rows) else "no more rows"


def _table(rows: list[Any], first: int) -> Iterator[str]:
    for place, row in enumerate(rows):
        yield f"{'>' if place == first else ' '} {place:>3} {_one_line(row)}"


def _shown(row: Any) -> str:
    return f"{_one_line(row)}  {_origin(row)}" if isinstance(row, Record) else _one_line(row)


def _origin(record: Record) -> str:
    on = "" if record.stream == "default" else f" on {record.stream}"
    return f"by {record.component}[{record.task}]{on} at {record.time_ms} ms"


def _one_line(value: object) -> str:
    return "nothing" if value is NOTHING else repr(value)

"""Rows that are made of the values that each field can have: as a list for a topology, or as a Hypothesis strategy."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from simulator.engine import below, stream_of
from simulator.model import did_you_mean
from simulator.testing import (
    HarnessError,
    is_test_error,
)

__tracebackhide__ = is_test_error  # pytest then shows the test's line
TIMES = 2  # as many rows as the field with the most values has
FEWEST = 6
MOST_INTEGER = 2**53  # what JSON carries anywhere
TYPES = (int, str, float, bool)


class Rows(Sequence[Mapping[str, Any]]):
    """Rows by field name: what ``rows(...)`` returns. They stand in for a spout as a list of lists does.

    Where Hypothesis is in use they are a strategy too: ``@given(some=rows(word=["dog", "cat"]))`` draws rows like them.

    Any: the values of a row are any JSON.

    Args:
        rows: the rows.
        values: the values that each field can have, for ``strategy``.
        retries: how often a failed row is emitted again.
    """

    def __init__(
        self,
        rows: Sequence[Mapping[str, Any]],
        values: Mapping[str, Any],
        retries: int = 0,
    ) -> None:
        self._rows = [dict(row) for row in rows]
        self._values = dict(values)
        self.retries = retries

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, at: Any) -> Any:  # Any: an index or a slice, so a row or several
        return self._rows[at]

    def __repr__(self) -> str:
        return f"rows({len(self)}, {', '.join(self._values)})"

    def with_retries(self, retries: int) -> Rows:
        """Return the same rows, each emitted again so often when it fails."""
        return Rows(self._rows, self._values, retries)

    def in_order(self, fields: Sequence[str], spout: str) -> list[list[Any]]:
        """Return the values of each row in the order of a spout's fields.

        Raises:
            HarnessError: the spout has other fields.
        """
        for name in self._values:
            if name not in fields:
                near = did_you_mean(name, fields) or f"; it emits {', '.join(fields)}"
                raise HarnessError(f"rows({name}=...): {spout} has no field {name!r}{near}")
        if missing := [name for name in fields if name not in self._values]:
            raise HarnessError(
                f"rows(...): {spout} emits {', '.join(fields)}; no values for {', '.join(missing)}"
            )
        return [[row[name] for name in fields] for row in self._rows]

    def strategy(self, *, min_size: int = 0, max_size: int = 20) -> Any:
        """Return a Hypothesis strategy for rows like these, with any of the values. Any: Hypothesis may be missing.

        Args:
            min_size, max_size: how many rows.

        Raises:
            HarnessError: Hypothesis is not installed.
        """
        try:
            from hypothesis import strategies
        except ImportError:
            raise HarnessError(
                "rows(...).strategy() needs hypothesis, which is not installed: pip install hypothesis"
            ) from None
        drawn = {
            int: strategies.integers(-MOST_INTEGER, MOST_INTEGER),
            str: strategies.text(),
            float: strategies.floats(allow_nan=False, allow_infinity=False),
            bool: strategies.booleans(),
        }
        fields = {
            name: drawn[values] if isinstance(values, type) else strategies.sampled_from(values)
            for name, values in self._values.items()
        }
        row = strategies.fixed_dictionaries(fields)
        lists = strategies.lists(row, min_size=min_size, max_size=max_size)
        return lists.map(lambda found: Rows(found, self._values, self.retries))


def rows(count: int | None = None, /, **fields: object) -> Rows:
    """Return rows whose fields take these values; the same ones each time.

    ``rows(word=["dog", "cat", "zebra"], n=int)`` has each word once in the first three rows, and three more rows with
    words that came before. A type stands for values that all differ.

    Args:
        count: how many rows; by default twice as many as the field with the most values has, at least six.
        fields: by name, a list of values, or one of int, str, float and bool.

    Raises:
        HarnessError: a number or a field does not fit.
    """
    if not fields:
        raise HarnessError("rows(): expected fields, such as rows(word=['dog', 'cat'], n=int)")
    values = {name: _checked(name, given) for name, given in fields.items()}
    sizes = [len(given) for given in values.values() if not isinstance(given, type)]
    if count is not None and (not isinstance(count, int) or isinstance(count, bool) or count < 1):
        raise HarnessError(f"rows({count!r}): expected a number of rows, at least 1")
    many = count or max(FEWEST, TIMES * max(sizes, default=0))
    columns = {name: _column(name, given) for name, given in values.items()}
    made = [{name: next(column) for name, column in columns.items()} for _ in range(many)]
    return _class_of_rows()(made, values)


def _class_of_rows() -> type[Rows]:
    """The class of rows: a strategy too, where Hypothesis is in use."""
    return _drawn_rows() if "hypothesis" in sys.modules else Rows


@cache
def _drawn_rows() -> type[Rows]:
    from hypothesis.strategies import SearchStrategy

    class DrawnRows(Rows, SearchStrategy[Rows]):
        """Rows that ``@given`` draws others like."""

        def __init__(
            self,
            rows: Sequence[Mapping[str, Any]],
            values: Mapping[str, Any],
            retries: int = 0,
        ) -> None:
            SearchStrategy.__init__(self)
            Rows.__init__(self, rows, values, retries)

        def __bool__(self) -> bool:
            return len(self) > 0

        def do_draw(self, data: Any) -> Rows:  # Any: Hypothesis keeps the type to itself
            drawn: Rows = data.draw(self.strategy())
            return drawn

    return DrawnRows


def _checked(name: str, given: object) -> Any:
    """The values of a field: a type, or a list. Any: either.

    Raises:
        HarnessError: it is neither.
    """
    if given in TYPES:
        return given
    if isinstance(given, (list, tuple, range)) and len(given):
        return list(given)
    raise HarnessError(
        f"rows({name}={given!r}): expected a list of values, or one of int, str, float and bool"
    )


def _column(name: str, given: Any) -> Iterator[Any]:
    """The values of one field, without an end."""
    if isinstance(given, type):
        return (_NTH[given](at) for at in itertools.count())
    return _then_drawn(name, given)


def _then_drawn(name: str, given: Sequence[Any]) -> Iterator[Any]:
    """Each value once, then any of them."""
    yield from given
    rng = stream_of(0, f"rows/{name}")
    while True:
        yield given[below(rng, len(given))]


def _word(at: int) -> str:
    """a, b, ..., z, a1, b1, ..."""
    return chr(ord("a") + at % 26) + (str(at // 26) if at >= 26 else "")


_NTH: Mapping[type, Callable[[int], object]] = {
    int: int,
    str: _word,
    float: lambda at: at / 2,
    bool: lambda at: at % 2 == 0,
}

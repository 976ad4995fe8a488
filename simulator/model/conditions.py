"""Errors of conditions that a test states: pytest then shows the test's lines, and none of this project's."""

from __future__ import annotations

from typing import Any, TypeVar

E = TypeVar("E", bound=BaseException)
_MARK = "_is_of_a_condition"


def of_condition(error: E) -> E:
    """Mark an error that tells that a condition of the test does not hold, and return it."""
    setattr(error, _MARK, True)
    return error


def is_of_condition(excinfo: Any) -> bool:
    """Return whether an error is marked so; a value of ``__tracebackhide__``.

    Args:
        excinfo: what pytest has caught (``pytest.ExceptionInfo``), or None.
    """
    return excinfo is not None and getattr(excinfo.value, _MARK, False) is True

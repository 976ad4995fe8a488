"""Errors of conditions are told from others."""

from __future__ import annotations

import pytest

from simulator.model import is_of_condition, of_condition


def caught(error: BaseException) -> pytest.ExceptionInfo[BaseException]:
    return pytest.ExceptionInfo.from_exc_info((type(error), error, None))  # type: ignore[arg-type]


def test_an_error_of_a_condition_is_marked_and_no_other_is() -> None:
    error = AssertionError("it does not hold")
    assert not is_of_condition(caught(error))
    assert of_condition(error) is error
    assert is_of_condition(caught(error))
    assert not is_of_condition(caught(AssertionError("it does not hold")))
    assert not is_of_condition(None)

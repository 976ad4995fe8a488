"""The errors that tests see: their text, and whose frames pytest shows."""

from __future__ import annotations

import pytest

from simulator.engine import Failure
from simulator.model import TopologyError
from simulator.testing.errors import (
    ComponentError,
    HarnessError,
    NoSuchAttributeError,
    NotDeterministicError,
    PendingError,
    is_test_error,
)

FAILURES = [
    (Failure("b", 3, "was ended by SIGSEGV"), "b[3]: was ended by SIGSEGV"),
    (
        Failure("b", 3, "is gone", error="Traceback\nKeyError: 1\n", stderr="left out"),
        "b[3]: is gone\nTraceback\nKeyError: 1",
    ),
    (
        Failure("b", 3, "is gone", error="left out", cause=KeyError(1), stderr="left out"),
        "b[3]: is gone\nKeyError: 1",
    ),
    (
        Failure("b", 3, "is gone", stderr="last words\n"),
        "b[3]: is gone\nits stderr ended:\nlast words",
    ),
    (
        Failure("b", 3, "hangs", stack='  File "/b.py", line 1 in process\n'),
        'b[3]: hangs\nits stack, most recent call first:\n  File "/b.py", line 1 in process',
    ),
]


@pytest.mark.parametrize(("failure", "text"), FAILURES)
def test_a_component_error_says_all_that_is_known_once(failure: Failure, text: str) -> None:
    assert str(ComponentError(failure)) == text


ERRORS = [
    (HarnessError("x"), True),
    (NoSuchAttributeError("x"), True),
    (ComponentError(Failure("b", 3, "is gone")), True),
    (PendingError("x"), True),
    (NotDeterministicError("x"), True),
    (TopologyError([]), True),
    (AssertionError("x"), False),
    (ValueError("x"), False),
]


@pytest.mark.parametrize(("error", "is_ours"), ERRORS)
def test_frames_are_hidden_where_the_error_is_about_the_test(
    error: Exception, is_ours: bool
) -> None:
    with pytest.raises(type(error)) as caught:
        raise error
    assert (is_test_error(caught), is_test_error(None)) == (is_ours, False)

"""The errors that tests see: mistakes in a test, components that failed, tuples that are left."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from typing import Any

from simulator.engine import Failure
from simulator.model import TopologyError, is_of_condition
from simulator.testing.tracebacks import place_in, users_stack, without_our_frames
from simulator.transports import ResourceError
from streamparse.multilang import cut

MOST_CHARS = 20_000  # of what a component has reported: a value may have many millions


def is_test_error(excinfo: Any) -> bool:
    """Return whether an error is about the test and its components, so that the frames of this project say nothing.

    It is the value of ``__tracebackhide__`` in modules that tests call.

    Args:
        excinfo: what pytest has caught (``pytest.ExceptionInfo``), or None.
    """
    errors = (
        HarnessError,
        ComponentError,
        PendingError,
        NotDeterministicError,
        ResourceError,
        TopologyError,
    )
    return excinfo is not None and (isinstance(excinfo.value, errors) or is_of_condition(excinfo))


__tracebackhide__ = is_test_error  # pytest then shows the test's line


class HarnessError(ValueError):
    """A mistake in the test itself: a name that is not there, a row that does not fit. One line."""


class NoSuchAttributeError(HarnessError, AttributeError):
    """An attribute that a component does not have; ``hasattr`` and ``getattr`` take it for what it is."""


class UnstruckFaultError(HarnessError):
    """A fault that never struck, so that the test has tested nothing. A line for each."""

    def __init__(self, lines: Sequence[str], where: str = "") -> None:
        ways = "a fault that never strikes tests nothing: give another number, or allow it with allow_unstruck=True"
        super().__init__("\n".join([*(where + line for line in lines), ways]))


class ComponentError(AssertionError):
    """A component failed, and the test had not asked for that.

    Attributes:
        failure: all that is known of it.
    """

    def __init__(self, failure: Failure) -> None:
        self.failure = failure
        super().__init__(_failure_text(failure))

    def in_brief(self) -> list[str]:
        """Return what happened in one line; in a second one the exception with its file and line, if there is one."""
        return [str(self.failure), *_exception_of(self.failure)]


class PendingError(AssertionError):
    """Rows that cannot be settled any more, or have timed out."""


class UndecidedError(PendingError):
    """A root fails again and again the same way while another one is still to be settled: an exploration goes on."""


class NotDeterministicError(AssertionError):
    """The same case had another result: a component, or the test, depends on more than it was given."""


def check_seconds(method: str, seconds: object) -> None:
    """Refuse what is no number of virtual seconds.

    Raises:
        HarnessError: it is none, or negative.
    """
    is_number = isinstance(seconds, (int, float)) and not isinstance(seconds, bool)
    if not is_number or not seconds < float("inf"):  # type: ignore[operator]  # NaN neither
        raise HarnessError(f"{method}({seconds!r}): expected a number of seconds, at least 0")
    if seconds < 0:  # type: ignore[operator]
        raise HarnessError(f"{method}({seconds:g}): expected at least 0; time does not go back")


def _exception_of(failure: Failure) -> list[str]:
    cause = failure.cause
    text = "".join(traceback.format_exception(cause)) if cause is not None else failure.error
    place = place_in(text)
    last = text.rstrip().rpartition("\n")[2]
    return [f"{cut(last)}{f', at {place}' if place else ''}"] if last else []


def _failure_text(failure: Failure) -> str:
    parts = [str(failure)]
    if failure.place:
        parts.append(f"sent at {failure.place}")
    # An exception of this process is there as __cause__, with its own traceback.
    if failure.cause is not None:
        parts.append(cut(f"{type(failure.cause).__name__}: {failure.cause}"))
    elif failure.error:
        parts.append(cut(without_our_frames(failure.error.rstrip()), MOST_CHARS))
    if failure.stack:
        parts.append(f"its stack, most recent call first:\n{users_stack(failure.stack)}")
    if failure.stderr and not failure.error:
        parts.append(f"its stderr ended:\n{failure.stderr.rstrip()}")
    return "\n".join(parts)

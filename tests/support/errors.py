"""The errors of calls that have to fail."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from streamparse.project import OperationError


def error_of(call: Callable[[], object]) -> str:
    """The line of the OperationError that a call raises."""
    with pytest.raises(OperationError) as caught:
        call()
    return caught.value.line

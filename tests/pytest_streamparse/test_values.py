"""The values of options and markers: each check returns the value, or says what was expected."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_streamparse.values import (
    check_directory,
    check_mode,
    check_seconds,
    check_seed,
    check_truth,
    check_version,
)

Check = Callable[[str, Any], object]

TAKEN: list[tuple[Check, object, object]] = [
    (check_mode, "both", "both"),
    (check_mode, None, None),
    (check_seed, "-7", -7),
    (check_seed, 7, 7),
    (check_version, "2.8.3", "2.8.3"),
    (check_version, None, None),
    (check_truth, False, False),
    (check_seconds, "0", 0.0),
    (check_seconds, "2.5", 2.5),
]
REFUSED: list[tuple[Check, object, str]] = [
    (check_mode, "fork", "here=fork: expected inprocess, process or both"),
    (check_seed, "7.5", "here=7.5: expected an integer"),
    (check_seed, True, "here=True: expected an integer"),
    (check_truth, 1, "here=1: expected True or False"),
    (
        check_seconds,
        "soon",
        "here=soon: expected a number of seconds, at most 1000000, 0 for no limit",
    ),
    (
        check_seconds,
        "inf",
        "here=inf: expected a number of seconds, at most 1000000, 0 for no limit",
    ),
    (check_seconds, "-1", "here=-1: expected a number of seconds, at most 1000000, 0 for no limit"),
]


@pytest.mark.parametrize(("check", "value", "result"), TAKEN)
def test_a_value_that_fits_is_returned(check: Check, value: object, result: object) -> None:
    assert check("here", value) == result


@pytest.mark.parametrize(("check", "value", "message"), REFUSED)
def test_a_value_that_does_not_fit_is_refused_with_what_was_expected(
    check: Check, value: object, message: str
) -> None:
    with pytest.raises(pytest.UsageError) as caught:
        check("here", value)
    assert str(caught.value) == message


def test_a_version_that_cannot_be_simulated_is_refused_with_its_place() -> None:
    with pytest.raises(pytest.UsageError, match=r"^here: Storm version '3': not one"):
        check_version("here", "3")


def test_a_directory_is_a_path_and_nothing_else(tmp_path: Path) -> None:
    assert (check_directory("cwd", ".."), check_directory("cwd", tmp_path)) == ("..", str(tmp_path))
    with pytest.raises(pytest.UsageError, match="cwd=3: expected the path of a directory"):
        check_directory("cwd", 3)

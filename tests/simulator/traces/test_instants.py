"""Instants of virtual time are read with their units and shown in the unit that suits them."""

from __future__ import annotations

import doctest

import pytest

from simulator.traces import InstantError, instants, parse_instant, shown_ms


def test_the_examples_in_the_docstrings_are_true() -> None:
    assert doctest.testmod(instants).failed == 0


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("0", 0),
        ("30", 30_000),
        ("30S", 30_000),
        (" 1.5 s ", 1500),
        (".5m", 30_000),
        ("1min", 60_000),
        ("1h", 36 * 10**5),
    ],
)
def test_an_instant_has_a_unit_or_is_in_seconds(text: str, ms: int) -> None:
    assert parse_instant(text) == ms


@pytest.mark.parametrize("text", ["", "x", "30x", "-1s", "1e3", "1..2", "nan", "1" * 200])
def test_what_is_no_time_is_refused_with_what_was_expected(text: str) -> None:
    with pytest.raises(InstantError, match="is no time; expected a virtual time, such as 30s"):
        parse_instant(text)


def test_a_time_that_no_clock_reaches_is_refused() -> None:
    with pytest.raises(InstantError, match="is too late"):
        parse_instant("9" * 30)


def test_seconds_are_shown_without_zeros_behind_them() -> None:
    assert [shown_ms(each) for each in (0, 999, 1000, 1500, 1005)] == [
        "0 ms", "999 ms", "1 s", "1.5 s", "1.005 s",
    ]  # fmt: skip

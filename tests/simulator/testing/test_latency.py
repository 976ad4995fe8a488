"""Complete latencies: percentiles, and what is none."""

from __future__ import annotations

import math

import pytest

from simulator.testing import (
    Latency,
)

HUNDRED = Latency([each / 1000 for each in range(100, 0, -1)])


def test_a_percentile_is_the_least_that_so_many_percent_do_not_exceed() -> None:
    assert [HUNDRED.percentile(each) for each in (0, 0.5, 1, 1.1, 50, 99, 99.1, 100)] == [
        0.001, 0.001, 0.001, 0.002, 0.05, 0.099, 0.1, 0.1,
    ]  # fmt: skip
    assert (HUNDRED.p50, HUNDRED.p90, HUNDRED.p95, HUNDRED.p99) == (0.05, 0.09, 0.095, 0.099)
    assert (HUNDRED.count, HUNDRED.max, round(HUNDRED.mean, 9)) == (100, 0.1, 0.0505)


def test_of_one_tuple_every_percentile_is_its_own() -> None:
    one = Latency([0.25])
    found = (one.percentile(0), one.p50, one.p99, one.percentile(100), one.mean, one.max)
    assert found == (0.25,) * 6


def test_of_no_tuple_there_is_no_number() -> None:
    none = Latency([])
    assert none.count == 0
    assert all(math.isnan(each) for each in (none.p50, none.p90, none.p95, none.p99, none.mean, none.max))  # fmt: skip


@pytest.mark.parametrize("percent", [-1, 100.5, math.nan])
def test_what_is_no_percentage_is_refused(percent: float) -> None:
    with pytest.raises(ValueError, match=r"^percentile\(.*\): expected a number from 0 to 100$"):
        HUNDRED.percentile(percent)


def test_it_shows_what_is_looked_at_most() -> None:
    assert repr(HUNDRED) == "<latency of 100: p50 0.05 s, p99 0.099 s, max 0.1 s>"
    assert repr(Latency([])) == "<latency of no tuple>"

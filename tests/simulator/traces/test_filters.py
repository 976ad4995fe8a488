"""A filter lets the events pass that meet all its conditions."""

from __future__ import annotations

import pytest

from simulator.traces import Filter
from tests.support.recorded import CRASH


@pytest.mark.parametrize(
    ("chosen", "places"),
    [
        (Filter(), range(14)),
        (Filter(components={"store"}), (6, 12)),
        (Filter(tasks={3}), (2, 3)),
        (Filter(names={"died", "restart"}), (4, 5)),
        (Filter(from_ms=120_002), (10, 11, 12, 13)),
        (Filter(until_ms=0), (0,)),
        (Filter(components={"count"}, tasks={4}, names={"ack"}, from_ms=3), (11,)),
    ],
)
def test_the_events_that_pass(chosen: Filter, places: tuple[int, ...]) -> None:
    assert list(chosen.of(CRASH)) == [CRASH[place] for place in places]


def test_a_filter_of_empty_collections_is_empty() -> None:
    assert Filter(frozenset(), frozenset(), frozenset()).is_empty
    assert not Filter(until_ms=0).is_empty

"""The driver of a simulation: until it is complete, idle, or known to have no end."""

from __future__ import annotations

import pytest

from streamparse.storm import Spout
from streamparse.testing import PendingError, Storm
from tests.support.chain_project import ROWS, chain


def test_complete_leaps_through_timeouts_and_retries(storm: Storm) -> None:
    run = chain(storm, storm.feed(ROWS, retries=1))
    run["count"].hang(tuples=2)
    run.complete()
    assert (run["rows"].acked, len(run["rows"].failed), run.now_ms > 60_000) == (
        [0, 1, 2, 3],
        2,
        True,
    )


def test_real_spouts_run_until_they_are_silent(storm: Storm) -> None:
    run = storm.topology("numbers.clj", conf={"numbers": 5}).complete()
    assert run["numbers"].acked == [f"id-{number}" for number in range(5)]
    assert run["last"].emitted == [[0], [1], [2], [3], [4]]
    assert run["numbers"].log[-1].message == "id-4 is done"


def test_a_spout_that_never_stops_is_named_instead_of_run_for_ever(
    storm: Storm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.testing.driver.ENDLESS_WAVES", 50)

    class Endless(Spout):
        def next_tuple(self) -> None:
            self.emit([1, "dog"])

    run = chain(storm, Endless, mode="inprocess")
    with pytest.raises(
        PendingError, match=r"rows has emitted \d+ tuples and does not stop.*advance"
    ):
        run.complete()

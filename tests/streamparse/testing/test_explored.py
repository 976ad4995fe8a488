"""The explorations of a test: what was explored, and what the test then says of it."""

from __future__ import annotations

import pytest

from simulator.exploring import UNLIMITED_RUNS
from streamparse.testing import HarnessError, Storm
from streamparse.testing.explored import CASES, ExploreOptions
from tests.support.chain_project import chain


def options(**changes: object) -> ExploreOptions:
    """The options of an exploration, with these changes."""
    usual = {
        "runs": None, "faults": ["drop"], "seed": None, "strategy": "mixed", "cases": ["a.json"], "most_faults": 3,
        "fork": None, "jobs": 1, "within": None, "vary": (),
    }  # fmt: skip
    return ExploreOptions(**{**usual, **changes})  # type: ignore[arg-type]


def test_where_only_a_time_limits_them_there_are_as_many_runs_as_it_has_room_for(
    storm: Storm,
) -> None:
    (storm.directory / "a.json").touch()
    given = [
        options(), options(within="1s"), options(within="1s", runs=7), options(within="1s", strategy="sweep"),
    ]  # fmt: skip
    plans = [
        each.plan(storm.directory, 5, replay=None, rerun_command=None, shrinks=True, looks_into=False)
        for each in given
    ]  # fmt: skip
    assert [each.runs for each in plans] == [None, UNLIMITED_RUNS, 7, None]
    assert {(each.seed, each.cases, each.directory) for each in plans} == {
        (5, (storm.directory / "a.json",), storm.directory / CASES)
    }
    with pytest.raises(HarnessError, match="seed=1"):
        options(seed=1.5).plan(
            storm.directory, 5, replay=None, rerun_command=None, shrinks=True, looks_into=False
        )


def test_explored_topologies_are_not_kept_and_renewing_forgets_what_was_explored(
    storm: Storm,
) -> None:
    made = chain(storm)
    for run in storm.explore(3, faults=[]):
        with run.topology("chain.clj", spouts={"rows": [[1, "dog"]]}, mode="inprocess") as topology:
            assert storm.runs == [made]
            topology.complete()
    storm.check("chain.clj", rows=[[1, "dog"]], runs=3, faults=["drop"])
    lines = storm.explored
    assert [line.split(":")[0] for line in lines[1:]] == ["chain"]
    assert (storm.has_explored, storm.runs, len(lines)) == (True, [made], 2)
    storm.renew()
    assert (storm.explored, storm.runs) == ([], [])

"""Pages of tests: plain runs, an explored failure beside the fault-free run, and their files."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from simulator.page import MARKER
from streamparse.testing import GuaranteeError, Storm
from streamparse.testing.pages import write_page
from tests.support.chain_project import chain, storm

__all__ = ["storm"]
pytestmark = pytest.mark.parametrize("storm", ["inprocess"], indirect=True)

ROWS = [[0, "dog"], [1, "cat"]]


@pytest.fixture(autouse=True)
def looking(storm: Storm) -> None:
    storm._looks_into = True


def _data(page: str | None) -> Any:
    assert page is not None
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


def test_the_page_of_a_plain_test_has_its_topologies(storm: Storm) -> None:
    assert storm.page("t") is None
    chain(storm, ROWS).complete()
    data = _data(storm.page("test_it"))
    assert (data["title"], len(data["runs"]), data["pairs"], data["report"]) == (
        "test_it",
        1,
        [],
        None,
    )
    (run,) = data["runs"]
    assert (run["title"], run["knowsTaken"], run["facts"]["seed"]) == ("chain", True, "0")
    assert [node["name"] for node in run["graph"]["nodes"]] == ["rows", "pass", "count"]
    assert len(run["events"]["at"]) == storm.runs[0].trace.size


def _explore(storm: Storm, **options: Any) -> str:
    """An exploration that fails where a tuple is lost; the text of its failure."""
    with pytest.raises(AssertionError) as raised:  # noqa: PT012 (the loop is what fails)
        for run in storm.explore(30, faults=["drop"], **options):
            with run.topology("chain.clj", spouts={"rows": ROWS}) as topology:
                topology.advance(seconds=1)
                assert len(topology["count"].received) == len(ROWS)
    return "\n".join([str(raised.value), *getattr(raised.value, "__notes__", ())])


def test_an_explored_failure_is_compared_with_the_fault_free_run(storm: Storm) -> None:
    text = _explore(storm)
    data = _data(storm.page("test_it"))
    assert [run["title"] for run in data["runs"]] == ["failing run", "fault-free run"]
    (pair,) = data["pairs"]
    assert (pair["runs"], pair["names"]) == ([0, 1], ["failing run", "fault-free run"])
    failing, passing = pair["cause"]["steps"]
    assert failing[2].startswith("drop strikes [0,")
    assert "drop" not in passing[2]
    points = [[failed, runs] for _, _, failed, runs in pair["chances"]["points"]]
    assert points[0] == [0, 20]
    assert points[-1] == [20, 20]
    assert pair["chances"]["words"].startswith("inevitable from ")
    assert text.count(pair["chances"]["words"]) == 1


def test_the_chances_are_the_same_whether_runs_are_forked_or_not(storm: Storm) -> None:
    found = []
    for fork in (False, True):
        _explore(storm, fork=fork)
        found.append(_data(storm.page("test_it"))["pairs"][0]["chances"])
    assert found[0] == found[1]


def test_a_case_that_is_replayed_is_compared_with_a_fault_free_run(storm: Storm) -> None:
    text = _explore(storm)
    (path,) = (storm.directory / ".storm-cases").iterdir()
    storm.case = path
    again = _explore(storm)
    (pair,) = _data(storm.page("test_it"))["pairs"]
    assert pair["chances"]["words"] in text
    assert pair["chances"]["words"] in again


def test_what_is_not_asked_for_is_not_looked_for(storm: Storm) -> None:
    storm._looks_into = False
    text = _explore(storm)
    assert "inevitable" not in text
    assert storm.page("test_it") is None


def test_a_broken_law_has_its_smallest_case_and_the_fault_free_run_is_there_once(
    storm: Storm,
) -> None:
    with pytest.raises(GuaranteeError) as raised:
        storm.check("chain.clj", rows=ROWS, runs=60)
    broken = raised.value.report.broken
    data = _data(storm.page("test_it"))
    assert [run["title"] for run in data["runs"]] == [
        "fault-free run",
        *(f"{law.title}: failing run" for law in broken),
    ]
    assert [pair["runs"] for pair in data["pairs"]] == [
        [place, 0] for place in range(1, len(broken) + 1)
    ]
    laws = {law["law"]: law["pair"] for law in data["report"]["laws"]}
    assert {name: pair for name, pair in laws.items() if pair is not None} == {
        law.name: place for place, law in enumerate(broken)
    }


def test_an_old_page_is_written_over_and_another_file_is_not(storm: Storm, tmp_path: Path) -> None:
    path = tmp_path / "new/page.html"
    assert write_page(path, f"{MARKER} one, which is longer") == f"page: {path}"
    assert write_page(path, f"{MARKER} two") == f"page: {path}"
    assert path.read_text() == f"{MARKER} two"
    path.write_text("mine")
    assert write_page(path, MARKER) == (
        f"page: {path} is not written, for it exists and is no page of streamparse"
    )
    assert path.read_text() == "mine"
    below = path / "page.html"
    assert write_page(below, MARKER).startswith(f"page: {below} is not written: ")

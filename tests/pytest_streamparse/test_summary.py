"""The sections at the end of a test run: what explorations have covered."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from tests.pytest_streamparse.conftest import Run

pytestmark = pytest.mark.slow

pytest_plugins = "pytester"

EXPLORES = """
    from streamparse.testing import Storm

    ROWS = {"word-spout": Storm.feed([["dog"], ["cat"]], retries=5)}

    def test_two_explorations(storm):
        for faults in ["lost-ack"], ["drop"]:
            for run in storm.explore(4, faults=faults, vary=[]):
                with run.topology("wordcount", spouts=ROWS) as topology:
                    topology.complete()

    def test_a_check(storm):
        storm.check("wordcount", rows=[["dog"]], runs=2, laws=["settled"])

    def test_none(storm):
        storm.topology("wordcount", spouts=ROWS).complete()

    def test_one_that_fails(storm):
        for run in storm.explore(4):
            with run.topology("wordcount", spouts=ROWS) as topology:
                topology.complete()
                assert not run.number
"""


def shown(result: pytest.RunResult) -> list[str]:
    """The lines about explorations: of which test, and how many runs."""
    after = result.stdout.str().partition("storm: explorations")[2]
    lines = [line for line in after.splitlines() if line.startswith("test_it.py::")]
    return [line.partition(" runs, ")[0] for line in lines if " lives of roots: " in line]


def test_what_explorations_have_covered_is_shown_when_pytest_is_verbose(
    pytester: pytest.Pytester, run: Run
) -> None:
    pytester.makepyfile(test_it=EXPLORES)
    result = run("-v", "-n1", "--junitxml=junit.xml")  # a worker of xdist hands on what it knows
    assert result.parseoutcomes() == {"passed": 3, "failed": 1}
    assert shown(result) == [
        "test_it.py::test_a_check: wordcount: 2",
        "test_it.py::test_two_explorations: 4",
        "test_it.py::test_two_explorations: 4",
    ]
    properties = [
        each.attrib["value"].partition(" runs, ")[0]
        for each in ElementTree.parse(pytester.path / "junit.xml").iter("property")
        if each.attrib["name"] == "storm explored"
    ]
    assert sorted(properties) == ["4", "4", "wordcount: 2"]


def test_what_explorations_have_covered_is_not_shown_otherwise(
    pytester: pytest.Pytester, run: Run
) -> None:
    pytester.makepyfile(test_it=EXPLORES)
    result = run("-k", "two_explorations")
    assert (shown(result), result.parseoutcomes()["passed"]) == ([], 1)

"""Tests of Hypothesis with the storm fixture."""

from __future__ import annotations

import pytest

from tests.pytest_streamparse.conftest import Run

pytestmark = pytest.mark.slow

pytest_plugins = "pytester"

TESTS = """
import pytest
from hypothesis import given, settings, strategies as st
from streamparse import Bolt
from streamparse.testing import rows

class Count(Bolt):
    def initialize(self, conf, context):
        self.count = 0
    def process(self, tup):
        self.count += 1
        self.emit([self.count])

made = []

@settings(max_examples=20, derandomize=True, database=None)
@given(words=st.lists(st.text(max_size=3), max_size=4))
def test_state_is_fresh(storm, words):
    assert storm.harnesses == [] and storm.runs == []
    bolt = storm.bolt(Count, inputs=["word"], outputs=["count"])
    made.append(bolt)
    assert [bolt.process([word]).emitted[0][0] for word in words] == [*range(1, len(words) + 1)]

def test_many_examples_were_run():
    assert len(made) >= 5

class TestMethods:
    @given(number=st.integers(0, 3))
    def test_a_method_too(self, storm, number):
        assert storm.harnesses == []
        storm.bolt(Count, inputs=["word"], outputs=["count"])

@pytest.mark.xfail(strict=True)
@settings(derandomize=True, database=None)
@given(number=st.integers())
def test_a_failure_is_found(storm, number):
    assert number < 100
"""


def test_each_example_has_a_storm_that_has_made_nothing(
    pytester: pytest.Pytester, run: Run
) -> None:
    pytester.makepyfile(TESTS)
    assert run("-q").parseoutcomes() == {"passed": 3, "xfailed": 1}


def test_another_fixture_is_still_hypothesis_to_judge(pytester: pytest.Pytester, run: Run) -> None:
    pytester.makepyfile(
        """
        from hypothesis import given, strategies as st

        @given(number=st.integers())
        def test_both(storm, tmp_path, number):
            pass
        """
    )
    result = run("-q")
    assert result.parseoutcomes() == {"failed": 1}
    result.stdout.fnmatch_lines(["*uses a function-scoped fixture*"])


def test_a_fault_that_never_strikes_fails_its_example(pytester: pytest.Pytester, run: Run) -> None:
    pytester.makefile(
        ".clj",
        once="(ns once (:use [streamparse.specs]))\n(defn once [options]\n"
        '  [{"rows" (python-spout-spec options "x.Rows" ["n"])}\n'
        '   {"last" (python-bolt-spec options {"rows" :shuffle} "x.Last" ["n"])}])\n',
    )
    pytester.makepyfile(
        """
        from hypothesis import given, settings, strategies as st

        @settings(max_examples=3, derandomize=True, database=None)
        @given(number=st.integers(0, 9))
        def test_never(storm, number):
            topology = storm.topology(
                "once.clj", spouts={"rows": [[number]]}, bolts={"last": lambda tup: None}, mode="inprocess"
            )
            topology["last"].crash(nth=7)
            topology.complete()
        """
    )
    result = run("-q")
    assert result.parseoutcomes() == {"failed": 1}
    result.stdout.fnmatch_lines(["*never struck*"])


def test_an_example_takes_its_time_unless_the_test_sets_a_limit(
    pytester: pytest.Pytester, run: Run
) -> None:
    pytester.makepyfile(
        """
        from datetime import timedelta
        from hypothesis import given, settings, strategies as st

        usual = settings.get_profile("default").deadline

        @settings(max_examples=1, database=None, deadline=usual)
        @given(number=st.integers())
        def test_usual(storm, number):
            pass

        @settings(max_examples=1, database=None, deadline=timedelta(minutes=9))
        @given(number=st.integers())
        def test_limited(storm, number):
            pass

        @settings(max_examples=1, database=None, deadline=usual)
        @given(number=st.integers())
        def test_other(number):
            pass

        def test_limits():
            tests = (test_usual, test_limited, test_other)
            limits = [each._hypothesis_internal_use_settings.deadline for each in tests]
            assert limits == [None, timedelta(minutes=9), usual]
        """
    )
    assert run("-q").parseoutcomes() == {"passed": 4}

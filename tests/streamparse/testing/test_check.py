"""The arguments of storm.check, and what fails a test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from planted import components as planted
from streamparse.testing import GuaranteeError, HarnessError, Storm
from tests.support.chain_project import chain
from tests.support.explored_store import PLANTED, ROWS, empty_storm

__all__ = ["empty_storm"]
COUNT = PLANTED / "count.clj"
WRONG = {"count-bolt": planted.CountsAgain}


def check(storm: Storm, **options: Any) -> Any:
    given = {"rows": ROWS, "runs": 30, "reset": planted.DATABASE.clear, **options}
    return storm.check(COUNT, **given)


def test_a_topology_that_holds_returns_its_report(empty_storm: Storm) -> None:
    report = check(empty_storm)
    assert report.holds
    assert (report.topology, report.broken) == ("count", ())


def test_a_broken_law_fails_the_test_with_the_report_and_the_command_to_rerun(
    empty_storm: Storm,
) -> None:
    empty_storm.rerun_command = "pytest test_it.py::test_it"
    with pytest.raises(GuaranteeError) as raised:
        check(empty_storm, bolts=WRONG, laws=["idempotent"])
    report = raised.value.report
    (case,) = (empty_storm.directory / ".storm-cases").iterdir()
    assert str(raised.value) == (
        f"{report}\nrerun: pytest test_it.py::test_it --storm-replay={report.broken[0].case}"
    )
    assert report.broken[0].case == str(case)
    assert empty_storm.has_shown_rerun_command


def test_a_broken_law_need_not_fail_the_test(empty_storm: Storm) -> None:
    report = check(empty_storm, bolts=WRONG, must_hold=False)
    assert not report.holds


def test_a_real_spout_is_asked_for_its_first_tuples(storm: Storm) -> None:
    report = storm.check("numbers.clj", runs=3, first=2, must_hold=False)
    assert report.notes == ("numbers is asked for its first 2 tuples only, in each of its lives",)


def test_rows_by_field_are_fed_with_retries(storm: Storm) -> None:
    report = storm.check(
        "chain.clj", rows=storm.rows(word=["dog", "cat"], n=int), runs=10, laws=["at-least-once"]
    )
    assert report["at-least-once"].verdict == "held"


def test_a_function_drives_the_topology_first(empty_storm: Storm) -> None:
    times: list[float] = []

    def wait(topology: Any) -> None:
        topology.advance(5)
        times.append(topology.now_ms)

    check(empty_storm, runs=2, drive=wait)
    assert set(times) == {5000}


def test_an_invariant_is_a_law(empty_storm: Storm) -> None:
    @empty_storm.invariant
    def few_words(topology: Any) -> None:
        assert len(topology["count-bolt"].emitted) < 6

    report = check(empty_storm, runs=60, must_hold=False)
    assert [each.name for each in report.broken] == ["invariants"]
    assert check(empty_storm, rows=ROWS[:1], runs=1)["invariants"].verdict == "held"


TWO_SPOUTS = """(ns two (:use [streamparse.specs]))
(defn two [options]
  [{"a" (python-spout-spec options "planted.components.Rows" ["n" "word"])
    "b" (python-spout-spec options "planted.components.Rows" ["n" "word"])}
   {"c" (python-bolt-spec options {"a" :shuffle "b" :shuffle} "planted.components.Saves" [])}])
"""


def test_rows_of_one_of_several_spouts_need_its_name(empty_storm: Storm, tmp_path: Path) -> None:
    (tmp_path / "two.clj").write_text(TWO_SPOUTS)
    with pytest.raises(HarnessError) as raised:
        empty_storm.check("two.clj", rows=ROWS)
    assert str(raised.value) == (
        "rows=: topology 'two' has 2 spouts, a and b; expected rows for each: spouts={spout: rows}"
    )
    assert empty_storm.check("two.clj", rows=ROWS, spouts={"b": ROWS}, runs=2).holds


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"laws": ["restrat"]}, "no law is called 'restrat' (did you mean \"restart\"?)"),
        ({"faults": ["crsh"]}, "no fault is called 'crsh' (did you mean \"crash\"?)"),
        ({"strategy": "mixd"}, "strategy='mixd': expected mixed, sweep or random"),
        ({"within": "30"}, "within"),
        ({"vary": ["paralelism"]}, "nothing is called 'paralelism' (did you mean \"parallelism\"?)"),
        ({"spouts": {"rowz": ROWS}, "rows": None}, "has no spout 'rowz' (did you mean \"rows\"?)"),
        ({"bolts": {"count": planted.Counts}}, "has no bolt 'count'; its bolts are ['count-bolt']"),
        ({"parallelizm": {}}, "check() has no argument 'parallelizm' (did you mean \"parallelism\"?)"),
        ({"runs": 0}, "expected a whole number, at least 1"),
        ({"result": lambda topology: object()}, "result is <object object"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_one_line(
    empty_storm: Storm, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(HarnessError) as raised:
        check(empty_storm, **options)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_case_of_another_topology_is_refused(storm: Storm, empty_storm: Storm) -> None:
    case = check(empty_storm, bolts=WRONG, must_hold=False).broken[0].case
    chain(storm)  # a project of its own
    with Storm(storm.directory, replay=case) as other, pytest.raises(HarnessError) as raised:
        other.check("chain.clj", rows=ROWS)
    assert str(raised.value).endswith("the case is of topology 'count', and this run makes 'chain'")

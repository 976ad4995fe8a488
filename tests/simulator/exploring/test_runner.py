"""Runs are carried out here or in other processes, one after the other or several at once, and find the same."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from planted import components as planted
from simulator.exploring.cases import Case, Fault
from simulator.exploring.explore import Explorer
from simulator.exploring.explored_run import Run, RunOutcome
from simulator.exploring.plan import Plan, PlannedRun
from simulator.exploring.runner import HowToRun, check_how
from streamparse.testing import HarnessError, Storm
from tests.support.explored_store import ALL, PLANTED, ROWS, each, store, struck
from tests.support.long_topology import case, complete, explored

pytestmark = [
    pytest.mark.usefixtures("may_fork"),
    pytest.mark.skipif(sys.platform != "linux", reason="forks are safe on Linux only"),
]
FORKED, TWO_JOBS = HowToRun(fork=True), HowToRun(jobs=2)


def told(storm: Storm) -> list[str]:
    """The warnings about the exploration."""
    return [line for line in storm.warnings if line.startswith("explore")]


def plans() -> list[PlannedRun]:
    """Runs that go on from a snapshot, and runs that have to start again."""
    faults = [
        Fault("drop", "pass-bolt", 140),
        Fault("crash", "count-bolt", 130, "ack"),
        Fault("fail", "pass-bolt", 2),
    ]
    return [case(fault, number=number) for number, fault in enumerate(faults, 1)] + [
        PlannedRun(4, Case("other", (Fault("duplicate", "count-bolt", 3),)))
    ]


@pytest.mark.parametrize("how", [FORKED, TWO_JOBS], ids=["forked", "two jobs"])
def test_every_way_gives_the_same(empty_storm: Storm, how: HowToRun) -> None:
    here = explored(empty_storm, plans(), HowToRun(fork=False))
    assert explored(empty_storm, plans(), how) == here._replace(forked=4)


@pytest.mark.parametrize("options", [{}, {"fork": True}, {"jobs": 3}], ids=str)
def test_the_same_failure_is_found_and_made_small(
    empty_storm: Storm, options: dict[str, Any]
) -> None:
    def body(run: Run) -> None:
        with store(run) as topology:
            topology.complete()
            assert not struck(topology, "duplicate")

    with pytest.raises(AssertionError) as raised:
        each(empty_storm.explore(60, faults=ALL, **options), body)
    assert "the 1st tuple to store-bolt comes twice" in str(
        getattr(raised.value, "__notes__", raised.value)
    )


def test_the_last_run_of_a_failure_is_in_the_tests_own_process(empty_storm: Storm) -> None:
    failed_in = []

    def body(run: Run) -> None:
        with store(run) as topology:
            topology.complete()
            if struck(topology, "drop"):
                failed_in.append(os.getpid())
                raise AssertionError("dropped")

    with pytest.raises(AssertionError, match="dropped"):
        each(empty_storm.explore(60, faults=["drop"], fork=True), body)
    assert failed_in == [os.getpid()]


def test_forked_runs_do_not_see_what_others_have_left(empty_storm: Storm) -> None:
    def body(run: Run) -> None:
        with store(run) as topology:
            topology.complete()
            left.append(1)
            assert len(left) <= 1

    left: list[int] = []
    each(empty_storm.explore(10, fork=True), body)
    assert (left, told(empty_storm)) == ([1], [])


LEAVINGS: dict[str, Callable[[], object]] = {
    "an error": lambda: 1 / 0,
    "an exit": lambda: sys.exit(3),
    "a skip": lambda: pytest.skip("for this reason"),
}


@pytest.mark.parametrize("leave", LEAVINGS.values(), ids=list(LEAVINGS))
def test_a_body_that_leaves_its_loop_does_so_in_the_tests_own_process(
    empty_storm: Storm, leave: Callable[[], object]
) -> None:
    processes = {os.getpid()}

    def body(run: Run) -> None:
        number = run.number
        with store(run) as topology:
            topology.complete()
        if number == 2:
            processes.add(os.getpid())
            leave()

    with pytest.raises(BaseException) as raised:  # noqa: PT011 (all of them)
        each(empty_storm.explore(5, fork=True), body)
    assert type(raised.value).__name__ in ("ZeroDivisionError", "SystemExit", "Skipped")
    assert processes == {os.getpid()}


def test_a_break_ends_the_loop(empty_storm: Storm) -> None:
    for run in empty_storm.explore(5, fork=True):
        number = run.number
        with store(run) as topology:
            topology.complete()
        if number == 3:
            break
    assert number == 3


def test_what_runs_print_is_shown_once_and_in_their_order(
    empty_storm: Storm, capsys: pytest.CaptureFixture[str]
) -> None:
    for run in empty_storm.explore(4, jobs=2):
        print(f"run {run.number}")
        with store(run) as topology:
            topology.complete()
    assert capsys.readouterr().out == "run 0\nrun 1\nrun 2\nrun 3\n"


def test_runs_that_share_something_outside_are_made_one_after_the_other(
    empty_storm: Storm, tmp_path: Path
) -> None:
    file = tmp_path / "runs"
    for run in empty_storm.explore(4, jobs=2):
        with store(run) as topology:
            topology.complete()
        with file.open("a") as lines:
            lines.write(f"{run.number}\n")
    assert file.read_text() == "0\n1\n2\n3\n"
    (warning,) = told(empty_storm)
    assert warning.endswith(f"outside of a process: it opened {file} for writing")


def test_components_that_are_processes_are_not_forked(empty_storm: Storm) -> None:
    for run in empty_storm.explore(2, jobs=2):
        feed = empty_storm.feed(ROWS, retries=5)
        with run.topology(PLANTED / "pass.clj", spouts={"rows": feed}, mode="process") as topology:
            topology.complete()
    assert told(empty_storm) == [
        "explore(jobs=2): all runs were made in one process, one after the other: components run as processes"
    ]


@pytest.mark.parametrize(
    "how", [HowToRun(jobs=2), HowToRun(fork=True), HowToRun()], ids=["jobs", "fork", "usual"]
)
def test_a_body_may_look_at_what_the_fault_free_run_left_where_runs_are_judged(
    empty_storm: Storm, how: HowToRun
) -> None:
    reference: list[int] = []
    kept: list[object] = []

    def judge(outcome: RunOutcome, wanted: object) -> RunOutcome:
        kept.append(outcome.kept)
        return outcome

    plan = Plan(4, ("drop",), 0, "random", (), 3, empty_storm.directory)
    for run in Explorer(empty_storm._maker(), plan, judge=judge, how=how):
        with store(run) as topology:
            topology.complete()
            reference.append(len(reference))
            run.keep(reference[0] if len(reference) > 1 else "first")
    assert kept == ["first", 0, 0, 0]


# -- time


def test_no_run_begins_when_the_time_is_up(empty_storm: Storm) -> None:
    seconds: Iterator[float] = iter([100.0, 100.0, 103.0, 104.9, 105.0])
    how = HowToRun(within_seconds=5.0, clock=lambda: next(seconds))
    plan = Plan(1000, ("drop",), 0, "random", (), 3, empty_storm.directory)
    numbers = []
    explorer = Explorer(empty_storm._maker(), plan, how=how)
    for run in explorer:
        numbers.append(run.number)
        with store(run) as topology:
            topology.complete()
    assert (numbers, explorer.coverage.runs) == ([0, 1, 2, 3], 4)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        *(
            ({"within": within}, f'within={within!r}: expected a time above 0 with its unit, such as "30s" or "5m"')
            for within in ("30", 30, "0s", "-3s", "soon", "1s..2s", "exp(3s)")
        ),
        ({"jobs": 0}, "jobs=0: expected a whole number, at least 1"),
        ({"jobs": 2.5}, "jobs=2.5: expected a whole number, at least 1"),
        ({"jobs": 2, "fork": False}, "jobs=2 with fork=False: runs at the same time are processes"),
        ({"fork": "yes"}, "fork='yes': expected True, False or None"),
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_done_is_refused(
    empty_storm: Storm, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(HarnessError) as raised:
        empty_storm.explore(**arguments)
    assert (str(raised.value)[: len(message)], "\n" in str(raised.value)) == (message, False)


@pytest.mark.parametrize(("text", "seconds"), [("30s", 30.0), ("500ms", 0.5), ("2m", 120.0)])
def test_a_time_has_a_unit(text: str, seconds: float) -> None:
    assert check_how(None, 1, text) == seconds


def test_the_planted_database_is_not_touched_by_forked_runs(empty_storm: Storm) -> None:
    for run in empty_storm.explore(3, fork=True):
        with store(run) as topology:
            planted.DATABASE["run"] = frozenset({run.number})
            topology.complete()
    assert planted.DATABASE["run"] == {0}
    planted.DATABASE.clear()


def test_a_long_run_is_forked_without_being_asked_for_it(empty_storm: Storm) -> None:
    found = explored(empty_storm, [case(Fault("drop", "pass-bolt", 140))], HowToRun(), complete)
    assert (found.forked, found.warnings) == (1, [])

"""A run that goes on from a snapshot does what it does when it starts again; the latter is the reference."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

import pytest

from simulator.engine import Step
from simulator.exploring.cases import Case, Fault
from simulator.exploring.explored_run import Run
from simulator.exploring.plan import PlannedRun
from simulator.exploring.runner import HowToRun
from simulator.exploring.schedules import Schedule
from streamparse.testing import Storm
from tests.support.long_topology import ROWS, SEED, case, complete, explored, whole

pytestmark = [
    pytest.mark.usefixtures("may_fork"),
    pytest.mark.skipif(sys.platform != "linux", reason="forks are safe on Linux only"),
]

HERE, FORKED = HowToRun(fork=False), HowToRun()

CASES = {
    "crash before a tuple": [Fault("crash", "count-bolt", 120, "tuple")],
    "crash before an emit": [Fault("crash", "pass-bolt", 121, "emit")],
    "crash before an ack": [Fault("crash", "count-bolt", 122, "ack")],
    "lost ack": [Fault("lost-ack", "pass-bolt", 123)],
    "duplicate": [Fault("duplicate", "count-bolt", 124)],
    "delay": [Fault("delay", "pass-bolt", 125, ms=2000)],
    "drop": [Fault("drop", "pass-bolt", 126)],
    "fail": [Fault("fail", "count-bolt", 127)],
    "crash behind an emit": [Fault("crash", "pass-bolt", 120, after="emit")],
    "a crash for some time": [Fault("crash", "count-bolt", 120, ms=3000)],
    "an outage": [Fault("outage", "count-bolt", 131, ms=3000)],
    "replay": [Fault("replay", "pass-bolt", 132)],
    "reorder": [Fault("reorder", "pass-bolt", 133, ms=30)],
    "two crashes of one bolt": [
        Fault("crash", "pass-bolt", 118, "ack"),
        Fault("crash", "pass-bolt", 140, "ack"),
    ],
    "a crash in the recovery of another fault": [
        Fault("drop", "count-bolt", 130),
        Fault("crash", "count-bolt", 151, "tuple"),
    ],
    "three faults of three kinds": [
        Fault("duplicate", "pass-bolt", 140),
        Fault("lost-ack", "count-bolt", 119),
        Fault("crash", "count-bolt", 128, "emit"),
    ],
    "a fault that never strikes": [Fault("drop", "count-bolt", 1000)],
}


@pytest.mark.parametrize("faults", CASES.values(), ids=list(CASES))
def test_both_ways_give_the_same_case_failure_trace_and_lives(
    empty_storm: Storm, faults: list[Fault]
) -> None:
    planned = [case(*faults)]
    here, forked = explored(empty_storm, planned, HERE), explored(empty_storm, planned, FORKED)
    assert forked == here._replace(forked=1)


def test_a_schedule_that_differs_late_goes_on_from_a_snapshot(empty_storm: Storm) -> None:
    steps = (Step("pass-bolt/0/late", 120, 2, 4), Step("pass-bolt/0/late", 130, 1, 4))
    planned = [PlannedRun(1, Case(SEED, (Fault("drop", "pass-bolt", 140),), steps))]
    here, forked = explored(empty_storm, planned, HERE), explored(empty_storm, planned, FORKED)
    assert forked == here._replace(forked=1)
    assert len(here.runs[1].case.schedule) == 2


def test_what_differs_from_the_beginning_starts_again(empty_storm: Storm) -> None:
    planned = [
        case(Fault("crash", "pass-bolt", 1, "tuple")),
        PlannedRun(2, Case("another seed", (Fault("drop", "pass-bolt", 140),))),
        PlannedRun(3, Case(SEED), Schedule("random", 0.6)),
        case(Fault("worker", "", 140)),
        case(Fault("lost-fail", "pass-bolt", 1), Fault("fail", "pass-bolt", 140)),
        PlannedRun(4, Case(SEED, (), (Step("pass-bolt/0/late", 0, 2, 4),))),
    ]
    here, forked = explored(empty_storm, planned, HERE), explored(empty_storm, planned, FORKED)
    assert forked == here


def test_the_failure_of_a_forked_run_is_that_of_the_body(empty_storm: Storm) -> None:
    def body(run: Run) -> None:
        with whole(run) as topology:
            topology.complete()
            assert len(topology["count-bolt"].received) == len(ROWS)

    planned = [case(Fault("duplicate", "count-bolt", 140))]
    here = explored(empty_storm, planned, HERE, body)
    forked = explored(empty_storm, planned, FORKED, body)
    assert forked == here._replace(forked=1)
    failure: Any = here.runs[1].failure
    assert failure[0] == "AssertionError"


def looks_at_its_number(run: Run) -> None:
    assert run.number < 10
    complete(run)


def makes_two(run: Run) -> None:
    with whole(run) as topology:
        topology.advance(1)
        with whole(run) as other:
            other.complete()
        topology.complete()


def runs_processes(run: Run) -> None:
    feed = Storm.feed([["dog"]], retries=5)
    with run.topology(
        "long.clj", spouts={"words": feed}, mode="process", bolts=PROCESSES
    ) as topology:
        topology.advance(1)


PROCESSES = {
    "pass-bolt": "tests.support.long_topology.Pass",
    "count-bolt": "tests.support.long_topology.Count",
}


def writes_a_file(run: Run) -> None:
    with whole(run) as topology:
        topology.advance(0.1)
        with open("/tmp/streamparse-test-forking", "w") as file:  # noqa: PTH123
            file.write("a run was here")
        topology.complete()


def gathers(run: Run) -> None:
    nonlocal_of(run)


def nonlocal_of(run: Run) -> None:
    many = 0

    def inner() -> None:
        nonlocal many
        many += 1
        complete(run)

    inner()


@pytest.mark.parametrize(
    "body", [looks_at_its_number, makes_two, runs_processes, writes_a_file, gathers]
)
def test_where_a_fork_would_not_be_the_same_runs_start_again(empty_storm: Storm, body: Any) -> None:
    planned = [case(Fault("drop", "pass-bolt", 140))]
    assert explored(empty_storm, planned, FORKED, body).forked == 0


def test_the_lines_that_are_shared_are_not_sent_and_not_missing(empty_storm: Storm) -> None:
    planned = [case(Fault("drop", "pass-bolt", nth)) for nth in (110, 149)]
    planned = [replace_number(each, number) for number, each in enumerate(planned, 1)]
    forked = explored(empty_storm, planned, FORKED)
    assert forked == explored(empty_storm, planned, HERE)._replace(forked=2)


def replace_number(planned: PlannedRun, number: int) -> PlannedRun:
    return planned._replace(number=number, case=replace(planned.case))

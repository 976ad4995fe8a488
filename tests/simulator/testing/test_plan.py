"""Plans: the faults that runs draw, sweeps, and what cannot be explored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from planted import components as planted
from simulator.testing.cases import KINDS, POINTS, Fault
from simulator.testing.explored_run import Run
from streamparse import Bolt, Tuple
from streamparse.testing import (
    HarnessError,
    Storm,
)
from tests.support.explored_store import (
    ALL,
    ROWS,
    SAVED,
    case_of,
    each,
    store,
    traces,
)


@pytest.mark.parametrize("most", [0, 1, 3])
def test_no_run_has_more_faults_than_asked_for(empty_storm: Storm, most: int) -> None:
    counts: Counter[int] = Counter()
    for run in empty_storm.explore(60, faults=ALL, most_faults=most):
        counts[len(run.case.faults)] += 1
        with store(run) as topology:
            topology.complete()
    assert set(counts) == set(range(most + 1))


def test_only_the_faults_asked_for_are_drawn_and_all_of_them(empty_storm: Storm) -> None:
    def kinds(names: Sequence[str]) -> set[str]:
        found: set[str] = set()
        for run in empty_storm.explore(100, faults=names):
            found |= {fault.kind for fault in run.case.faults}
            with store(run) as topology:
                topology.complete()
        return found

    assert [kinds(ALL), kinds(["drop", "delay"]), kinds([])] == [set(ALL), {"drop", "delay"}, set()]


def test_faults_strike_where_something_happens(empty_storm: Storm) -> None:
    seen: Counter[str] = Counter()
    for run in empty_storm.explore(150, faults=ALL, most_faults=1):
        with store(run) as topology:
            topology.complete()
            events = list(topology.trace.events())
        verdicts = {event["verdict"] for event in events if event["event"] == "fault"}
        seen.update(verdicts)
        seen["crash"] += any(event["event"] == "died" for event in events)
        seen["planned"] += len(run.case.faults)
    assert sum(seen[kind] for kind in KINDS) > 0.6 * seen["planned"]
    assert all(seen[kind] > 5 for kind in KINDS)


# -- a sweep


def test_a_sweep_crashes_at_every_point_once(empty_storm: Storm) -> None:
    swept = []
    for run in empty_storm.explore(strategy="sweep"):
        swept.append(run.case.faults)
        with store(run) as topology:
            topology.complete()
            assert topology["store-bolt"].restarts == len(run.case.faults)
    points = [
        (Fault("crash", "store-bolt", nth, before),)
        for before in POINTS
        for nth in range(1, len(ROWS) + 1)
    ]
    assert swept == [(), *points]


def test_a_sweep_finds_the_one_point_that_matters(empty_storm: Storm) -> None:
    def body(run: Run) -> None:
        with store(run, bolts={"store-bolt": SavesLate}) as topology:
            topology.complete()
            assert planted.DATABASE == SAVED

    with pytest.raises(AssertionError):
        each(empty_storm.explore(strategy="sweep"), body)
    assert case_of(empty_storm).faults == (Fault("crash", "store-bolt", 1, "emit"),)


class SavesLate(Bolt):
    """Wrong: acks before it emits and saves."""

    auto_ack = False

    def process(self, tup: Tuple) -> None:
        self.ack(tup)
        self.emit(tup.values, anchors=[])
        planted.save(tup.values[1], tup.values[0])


def test_too_few_runs_for_a_sweep_are_refused(empty_storm: Storm) -> None:
    with pytest.raises(HarnessError) as raised:
        traces(empty_storm.explore(5, strategy="sweep"))
    assert str(raised.value) == (
        "explore(5): too few for a sweep, which has 15 points to crash at; expected at least 16, or no number"
    )


# -- mistakes


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"n": 0}, "explore(0): expected at least 1 run"),
    (
        {"faults": ["crsh"]},
        "no fault is called 'crsh' (did you mean \"crash\"?); expected crash, lost-ack, duplicate, delay, drop, fail",
    ),
    (
        {"faults": "crash"},
        "faults='crash': expected a list of names, such as ['crash', 'lost-ack', 'duplicate', 'delay', 'drop', 'fail']",
    ),
    (
        {"strategy": "sweeep"},
        "strategy='sweeep': expected random or sweep (did you mean \"sweep\"?)",
    ),
    ({"most_faults": -1}, "most_faults=-1: expected at least 0"),
]


@pytest.mark.parametrize(("options", "finding"), REFUSED)
def test_what_cannot_be_explored_is_refused_before_the_first_run(
    empty_storm: Storm, options: dict[str, Any], finding: str
) -> None:
    with pytest.raises(HarnessError) as raised:
        empty_storm.explore(**options)
    assert str(raised.value) == finding

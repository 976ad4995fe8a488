"""Plans: the faults that runs draw, sweeps, and what cannot be explored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from planted import components as planted
from simulator.exploring.cases import ALL_KINDS, Fault
from simulator.exploring.explored_run import Run
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
    for run in empty_storm.explore(200, faults=ALL, most_faults=most):
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
    assert sum(seen[kind] for kind in ALL) > 0.6 * seen["planned"]
    assert all(seen[kind] > 5 for kind in ALL)


# -- a sweep


def test_a_sweep_crashes_at_every_point_once(empty_storm: Storm) -> None:
    swept = set()
    for run in empty_storm.explore(faults=["crash"], strategy="sweep"):
        swept.add(run.case.faults)
        with store(run) as topology:
            topology.complete()
            assert topology["store-bolt"].restarts == len(run.case.faults)
    assert len(swept) == 1 + 6 * len(ROWS) + 2
    assert {(fault.before, fault.after) for faults in swept for fault in faults} == {
        *((point, None) for point in ("tuple", "emit", "ack")),
        *(("tuple", point) for point in ("tuple", "emit", "ack", "initialize")),
    }


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
        traces(empty_storm.explore(5, faults=["crash"], strategy="sweep"))
    assert str(raised.value) == (
        "explore(5): too few for a sweep, which has 32 single faults; expected at least 33, or no number"
    )


# -- mistakes


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"n": 0}, "0 runs: expected a whole number, at least 1"),
    (
        {"faults": ["crsh"]},
        f"no fault is called 'crsh' (did you mean \"crash\"?); expected {', '.join(ALL_KINDS)}",
    ),
    (
        {"faults": "crash"},
        "faults='crash': expected \"all\", or a list of names, such as ['crash', 'lost-ack', 'replay', 'delay']",
    ),
    (
        {"strategy": "sweeep"},
        "strategy='sweeep': expected mixed, sweep or random (did you mean \"sweep\"?)",
    ),
    ({"most_faults": -1}, "most_faults=-1: expected a whole number, at least 0"),
    (
        {"vary": ["wrkers"]},
        "vary=['wrkers']: nothing is called 'wrkers' (did you mean \"workers\"?); "
        "expected parallelism, workers, hash seed, tick phase, storm version",
    ),
    ({"seed": 1.5}, "seed=1.5: expected a whole number, such as 7, or a text"),
    ({"seed": True}, "seed=True: expected a whole number, such as 7, or a text"),
    ({"seed": []}, "seed=[]: expected a whole number, such as 7, or a text"),
    *(({"n": runs}, f"{runs!r} runs: expected a whole number, at least 1") for runs in (True, 2.0)),
    (
        {"cases": "lost.json"},
        "cases='lost.json': expected a list of files, such as cases=['lost.json']",
    ),
    *(
        (
            {"cases": cases},
            f"cases={cases!r}: expected a list of files, such as "
            "cases=['.storm-cases/words-1a2b3c4d.json']",
        )
        for cases in (1, [1])
    ),
]


@pytest.mark.parametrize(("options", "finding"), REFUSED)
def test_what_cannot_be_explored_is_refused_before_the_first_run(
    empty_storm: Storm, options: dict[str, Any], finding: str
) -> None:
    with pytest.raises(HarnessError) as raised:
        empty_storm.explore(**options)
    assert str(raised.value) == finding

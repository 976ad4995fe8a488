"""Explorations: the runs that are made, the smallest failure, its report, and the bugs that they have to find."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from planted import components as planted
from simulator.engine import faults
from simulator.exploring.cases import Case, Fault
from simulator.exploring.explored_run import Run
from simulator.exploring.plan import Strategy
from streamparse import Bolt, Tuple
from streamparse.testing import (
    HarnessError,
    NotDeterministicError,
    RunningTopology,
    Storm,
)
from tests.support.explored_store import (
    ALL,
    PLANTED,
    ROWS,
    SAVED,
    case_of,
    each,
    failing,
    kept,
    store,
    struck,
    traces,
)


def test_the_first_run_is_fault_free(empty_storm: Storm) -> None:
    (first,) = traces(empty_storm.explore(1))
    feed = empty_storm.feed(ROWS, retries=5)
    planted.DATABASE.clear()
    plain = empty_storm.topology(PLANTED / "store.clj", spouts={"rows": feed}, mode="inprocess")
    assert first == plain.complete().trace.lines


def test_runs_differ_and_are_the_same_every_time(empty_storm: Storm) -> None:
    once, again = traces(empty_storm.explore(50)), traces(empty_storm.explore(50))
    assert once == again
    assert len(set(map(tuple, once))) > 40


def test_the_seed_decides_which_runs_are_made(empty_storm: Storm) -> None:
    def other(strategy: Strategy) -> float:
        """The part of the runs that another seed changes."""
        empty_storm.seed = 1
        by_storm = traces(empty_storm.explore(20, strategy=strategy))
        empty_storm.seed = 2
        assert traces(empty_storm.explore(20, strategy=strategy, seed=1)) == by_storm
        runs = traces(empty_storm.explore(20, strategy=strategy))
        return sum(one != two for one, two in zip(by_storm, runs, strict=True)) / 20

    assert other("random") >= 0.8
    assert 0.2 < other("mixed") < 1  # single faults are the same ones with every seed


def test_two_hundred_runs_leave_nothing_behind(empty_storm: Storm) -> None:
    traces(empty_storm.explore(200))
    assert empty_storm.runs == []
    assert not (empty_storm.directory / ".storm-cases").exists()


def test_a_run_is_complete_when_the_last_late_tuple_has_come(empty_storm: Storm) -> None:
    for run in empty_storm.explore(1):
        after_its_timeout = faults.Nth(faults.Delay(200_000), "store-bolt", nth=5)
        with store(run, rules=[after_its_timeout]) as topology:
            topology.complete()
            assert topology["store-bolt"].received == [*ROWS, ROWS[4]]


def test_explored_components_may_be_processes(empty_storm: Storm) -> None:
    inside = [run.case for run in _ran(empty_storm, 6, "inprocess")]
    assert [run.case for run in _ran(empty_storm, 6, "process")] == inside


def _ran(empty_storm: Storm, runs: int, mode: str) -> Iterator[Run]:
    for run in empty_storm.explore(runs, seed=3, vary=["parallelism", "workers"]):
        feed = empty_storm.feed(ROWS, retries=5)
        with run.topology(PLANTED / "pass.clj", spouts={"rows": feed}, mode=mode) as topology:
            topology.complete()
            rows: Any = topology["rows"]
            assert rows.acked == [0, 1, 2, 3, 4]
        yield run


# -- the smallest case


def test_a_failing_run_is_made_as_small_as_it_can_be(empty_storm: Storm) -> None:
    message, _ = failing(
        empty_storm, lambda topology: struck(topology, "duplicate") > 0, faults=ALL
    )
    assert message == "as asked for"
    assert case_of(empty_storm) == Case(0, (Fault("duplicate", "store-bolt", 1),))


def test_faults_that_are_both_needed_both_stay(empty_storm: Storm) -> None:
    def both(topology: RunningTopology) -> bool:
        return struck(topology, "duplicate") > 0 and struck(topology, "drop") > 0

    failing(empty_storm, both, faults=["duplicate", "drop", "crash"])
    assert {(fault.kind, fault.nth) for fault in case_of(empty_storm).faults} <= {
        ("duplicate", 1), ("drop", 1), ("duplicate", 2), ("drop", 2),
    }  # fmt: skip
    assert len(case_of(empty_storm).faults) == 2


def test_what_a_fault_brings_back_can_be_struck_too(empty_storm: Storm) -> None:
    def lost_again(topology: Any) -> bool:
        trees = topology.trace.trees()
        return any(tree.attempt > 1 and tree.copies[0].state == "lost" for tree in trees)

    failing(empty_storm, lost_again, faults=["drop"])
    first, again = case_of(empty_storm).faults
    assert (first.nth <= len(ROWS), again.nth > len(ROWS)) == (True, True)


def test_a_schedule_that_is_to_blame_keeps_the_choice_that_is(empty_storm: Storm) -> None:
    def out_of_order(topology: Any) -> bool:
        return [row[0] for row in topology["store-bolt"].received] != [0, 1, 2, 3, 4]

    failing(empty_storm, out_of_order, faults=[], vary=[])
    case = case_of(empty_storm)
    # A shuffle that leaves the worker, and a tuple that overtakes another on its way to the other task.
    late, loaded = sorted(case.schedule, key=lambda step: step.stream.endswith("loaded"))
    assert (case.faults, case.changes, loaded.value) == ((), (), 1)
    assert late.value <= 2


def test_what_fails_in_the_fault_free_run_needs_no_fault(empty_storm: Storm) -> None:
    _, note = failing(empty_storm, lambda topology: True)
    assert note[:2] == [
        "explore: run 0 failed; the smallest case (seed 0):",
        "  no fault is needed",
    ]
    assert case_of(empty_storm) == Case(0)


def test_another_failure_on_the_way_is_not_mistaken_for_it(empty_storm: Storm) -> None:
    both_failed = False

    def body(run: Run) -> None:
        nonlocal both_failed
        with store(run) as topology:
            topology.complete()
            found = [struck(topology, "drop") > 0, struck(topology, "duplicate") > 0]
            if all(found):
                both_failed = True
                raise AssertionError("both")
            if any(found) and both_failed:
                raise RuntimeError("one of them")

    with pytest.raises(AssertionError, match="both"):
        each(empty_storm.explore(200, faults=["drop", "duplicate"]), body)
    assert sorted(fault.kind for fault in case_of(empty_storm).faults) == ["drop", "duplicate"]


# -- the report


def test_a_failure_says_what_it_takes_and_how_to_run_it_again(empty_storm: Storm) -> None:
    empty_storm.rerun_command = "pytest test_store.py::test_it"
    message, note = failing(
        empty_storm, lambda topology: struck(topology, "lost-ack") > 0, faults=["lost-ack"]
    )
    (path,) = (empty_storm.directory / ".storm-cases").iterdir()
    assert message == "as asked for"
    first, *rest = note
    assert first.startswith("explore: run ")
    assert first.partition("; ")[2].startswith("the smallest case (seed 0, after ")
    assert rest == [
        "  the ack of the 1st tuple to store-bolt is lost",
        "what happened in store, and not in the fault-free run:",
        '  at 1 ms the ack of [0, "dog"] by store-bolt[5] is lost',
        "what became of the tuples of store:",
        '  rows [0, "dog"] id 0: timeout',
        '    store-bolt [0, "dog"]: acked (its ack was lost)',
        '      -> [0, "dog"]',
        '  rows [0, "dog"] id 0, attempt 2: acked',
        '    store-bolt [0, "dog"]: acked',
        f"rerun: pytest test_store.py::test_it --storm-replay={path}",
        f'to keep it as a test: storm.explore(..., cases=[".storm-cases/{path.name}"])',
    ]


def test_a_kept_case_that_fails_is_compared_with_the_fault_free_run(empty_storm: Storm) -> None:
    def lost(topology: RunningTopology) -> bool:
        return struck(topology, "lost-ack") > 0

    _, found = failing(empty_storm, lost, faults=["lost-ack"])
    (path,) = (empty_storm.directory / ".storm-cases").iterdir()
    _, kept = failing(empty_storm, lost, faults=["lost-ack"], cases=[path])
    assert "what happened in store, and not in the fault-free run:" in kept
    assert kept[1:-2] == found[1:-2]


def test_under_pytest_a_failing_loop_shows_the_assertion_and_the_note(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(UNDER_PYTEST.format(clj=str(PLANTED / "store.clj")))
    done = subprocess.run(
        # Without the plugin, which has its own words for rows that differ.
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:streamparse",
            "-q",
            "test_it.py",
        ],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(PLANTED.parent), *sys.path])},
        capture_output=True,
        text=True,
        check=False,
    )
    wanted = [
        "assert [[0, 'dog'], [0, 'dog']] == [[0, 'dog']]",
        "the 1st tuple to store-bolt comes twice",
        'rows [0, "dog"] id 0: acked',
        'store-bolt [0, "dog"]: acked (duplicate)',
        ".storm-cases/store-",
        "1 failed",
    ]
    assert [line for line in wanted if line not in done.stdout] == [], done.stdout


UNDER_PYTEST = """
from streamparse.testing import Storm

def test_it():
    with Storm() as storm:
        for run in storm.explore(60, faults=["duplicate"]):
            with run.topology({clj!r}, spouts={{"rows": [[0, "dog"]]}}) as topology:
                topology.complete()
                received = topology["store-bolt"].received
                assert received == [[0, "dog"]]
"""


# -- kept and replayed cases


def test_kept_cases_are_run_first(empty_storm: Storm) -> None:
    path = kept(empty_storm)
    ran = []
    for run in empty_storm.explore(2, cases=[path.relative_to(empty_storm.directory)], faults=[]):
        ran.append(run.case.faults)
        with store(run) as topology:
            topology.complete()
    assert ran == [(Fault("drop", "store-bolt", 1),), (), ()]


def test_a_kept_case_that_fails_again_fails_the_test(empty_storm: Storm) -> None:
    path = kept(empty_storm)
    message, note = failing(
        empty_storm, lambda topology: struck(topology, "drop") > 0, cases=[path], n=1
    )
    assert (message, note[1]) == ("as asked for", "  the 1st tuple to store-bolt is lost")


def test_a_replayed_case_is_the_only_run(empty_storm: Storm) -> None:
    empty_storm.case = kept(empty_storm)
    ran = []
    for run in empty_storm.explore(200):
        ran.append(run.case.faults)
        with store(run) as topology:
            topology.complete()
    assert ran == [(Fault("drop", "store-bolt", 1),)]


def test_a_replayed_case_that_fails_says_so_at_once(empty_storm: Storm) -> None:
    path = empty_storm.case = kept(empty_storm)
    message, note = failing(empty_storm, lambda topology: True)
    assert message == "as asked for"
    assert [note[0], note[-1]] == [
        "explore: the case (seed 0):",
        f'rerun: Storm(..., replay="{path}")',
    ]


def test_a_case_file_that_is_not_there_is_named(empty_storm: Storm) -> None:
    with pytest.raises(HarnessError, match=r"gone\.json: No such file or directory"):
        next(empty_storm.explore(cases=["gone.json"]))


# -- what is not deterministic


def always_failing(run: Run, bolt: type) -> None:
    with store(run, bolts={"store-bolt": bolt}) as topology:
        topology.complete()
        raise AssertionError("always")


class Dice(Bolt):
    """Emits what no seed decides."""

    def process(self, tup: Tuple) -> None:
        self.emit([tup.values[0], os.urandom(8).hex()])


def test_a_component_that_is_not_deterministic_is_named(empty_storm: Storm) -> None:
    with pytest.raises(NotDeterministicError) as raised:
        each(empty_storm.explore(20), lambda run: always_failing(run, Dice))
    lines = str(raised.value).splitlines()
    assert [lines[0], lines[1].rstrip("0123456789 was")] == [
        "run 0 of explore failed (AssertionError: always), and when the same case was run again it failed with "
        "AssertionError: always.",
        "store-bolt is not deterministic: event",
    ]
    first, second = json.loads(lines[2]), json.loads(lines[4])
    assert (first["event"], second["event"], lines[3]) == ("emit", "emit", "and then")
    assert first["values"] != second["values"]
    assert "os.urandom" in lines[6]


def test_a_random_state_that_is_seeded_is_deterministic(empty_storm: Storm) -> None:
    import random

    class Seeded(Bolt):
        def process(self, tup: Tuple) -> None:
            self.emit([tup.values[0], random.random()])

    with pytest.raises(AssertionError, match="always"):
        each(empty_storm.explore(3), lambda run: always_failing(run, Seeded))


def test_a_test_that_remembers_earlier_runs_fails_with_that(empty_storm: Storm) -> None:
    ran = []

    def body(run: Run) -> None:
        ran.append(run.number)
        with store(run) as topology:
            topology.complete()
            assert len(ran) != 3, "the third"

    with pytest.raises(NotDeterministicError) as raised:
        each(empty_storm.explore(5), body)
    assert str(raised.value).splitlines() == [
        "run 2 of explore failed (AssertionError: the third), and when the same case was run again it passed.",
        "All components did the same both times, so the test itself is not deterministic: it may look at something "
        "that an earlier run has left behind. Make it new in each run.",
    ]


def test_a_smallest_case_that_has_passed_before_is_told_as_such(empty_storm: Storm) -> None:
    ran = []

    def body(run: Run) -> None:
        ran.append(1)
        with store(run) as topology:
            topology.complete()
            assert len(ran) < 6, "the sixth and all behind it"

    with pytest.raises(AssertionError, match="the sixth") as raised:
        each(empty_storm.explore(10), body)
    text = "\n".join([str(raised.value), *getattr(raised.value, "__notes__", ())])
    lines = text[text.index("explore: ") :].splitlines()
    assert lines[1:3] == [
        "  no fault is needed",
        "a run of this very case has passed before, so it fails of what earlier runs have left behind: make that new "
        "at the start of the loop's body, or storm.explore(fork=True)",
    ]


# -- planted bugs


class Plant(NamedTuple):
    """A topology, what runs in it, and what has to hold."""

    clj: str
    bolts: dict[str, type]
    holds: Callable[[RunningTopology], bool]


def all_saved(topology: Any) -> bool:
    return topology["rows"].acked == [0, 1, 2, 3, 4] and planted.DATABASE == SAVED


def all_counted(topology: RunningTopology) -> bool:
    counted: dict[str, int] = topology["count-bolt"].emitted.last_by("word")
    return counted == {"dog": 3, "cat": 1, "emu": 1}


BUGS = {
    "forgets an ack on one branch": Plant("store", {"store-bolt": planted.ForgetsAnAck}, all_saved),
    "acks twice on a rare path": Plant("store", {"store-bolt": planted.AcksTwice}, all_saved),
    "acks before it emits": Plant("pass", {"pass-bolt": planted.AcksFirst}, all_saved),
    "emits without an anchor": Plant("pass", {"pass-bolt": planted.Unanchored}, all_saved),
    "shuffles what has to be grouped": Plant("shuffled", {}, all_counted),
    "loses its counts in a crash": Plant(
        "count", {"count-bolt": planted.CountsInMemory}, all_counted
    ),
    "counts a replay again": Plant("count", {"count-bolt": planted.CountsAgain}, all_counted),
}


TWINS = {
    "store": Plant("store", {"store-bolt": planted.SavesOnce}, all_saved),
    "pass": Plant("pass", {"pass-bolt": planted.Passes}, all_saved),
    "count": Plant("count", {"count-bolt": planted.Counts}, all_counted),
}


def hunt(empty_storm: Storm, plant: Plant) -> int:
    """Two hundred runs, with every fault there is; how many passed."""
    passed = -1
    for run in empty_storm.explore(200, faults=ALL):
        passed = run.number
        planted.DATABASE.clear()
        feed = empty_storm.feed(ROWS, retries=5)
        path = PLANTED / f"{plant.clj}.clj"
        with run.topology(path, spouts={"rows": feed}, bolts=plant.bolts) as topology:
            topology.complete()
            assert plant.holds(topology)
    return passed + 1


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("plant", BUGS.values(), ids=list(BUGS))
def test_a_planted_bug_is_found_and_takes_two_faults_at_most(
    empty_storm: Storm, plant: Plant, seed: int
) -> None:
    empty_storm.seed = seed
    with pytest.raises(AssertionError) as raised:
        hunt(empty_storm, plant)
    assert not isinstance(raised.value, NotDeterministicError)
    assert len(case_of(empty_storm).faults) <= 2


@pytest.mark.parametrize("plant", TWINS.values(), ids=list(TWINS))
def test_the_twin_of_a_planted_bug_passes(empty_storm: Storm, plant: Plant) -> None:
    assert hunt(empty_storm, plant) == 200

"""Varying: what of a topology can be varied, and runs of which something is different."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from simulator.engine import stream_of
from simulator.exploring.cases import Case
from simulator.exploring.changes import Change, Variable
from simulator.exploring.explored_run import Run
from simulator.exploring.varying import (
    IN_PROCESS,
    Variety,
    apart,
    applied,
    changes_alone,
    draw_changes,
)
from streamparse import Bolt, Tuple
from streamparse.testing import Storm
from tests.support.explored_store import ROWS, case_of, each, store


def varieties(empty_storm: Storm, **options: Any) -> Variety:
    for run in empty_storm.explore(1):
        with store(run, **options) as topology:
            topology.complete()
        return run.finish().varieties[0]
    raise AssertionError("no run")


def values(variety: Variety, name: Variable) -> set[object]:
    return {change.value for change in variety.changes if change.name == name}


def test_bolts_and_workers_can_be_varied_and_the_hash_seed_only_of_processes(
    empty_storm: Storm,
) -> None:
    inside = varieties(empty_storm)
    found = [values(inside, name) for name in ("parallelism", "workers", "hash seed")]
    assert (found, inside.fixed) == ([{1, 3}, {1, 3, 5}, set()], (IN_PROCESS,))
    outside = varieties(empty_storm, mode="process")
    assert (values(outside, "hash seed"), outside.fixed) == ({1, 2}, ())


def test_in_the_largest_number_of_workers_each_component_is_alone(empty_storm: Storm) -> None:
    (change,) = apart([varieties(empty_storm)], ["workers"])
    options = applied([change], {"conf": {}})
    for run in empty_storm.explore(1):
        with store(run, **options) as topology:
            workers = topology.simulation.wiring.workers
            tasks = [
                task
                for component in topology.topology.components
                for task in topology.simulation.wiring.task_ids[component]
            ]
            assert len({workers[task] for task in tasks}) == len(tasks) == 3
    assert apart([varieties(empty_storm)], ["parallelism"]) == []


def test_what_the_test_sets_is_left_as_it_is(empty_storm: Storm) -> None:
    given = {"parallelism": {"store-bolt": 2}, "conf": {"topology.workers": 2}}
    variety = varieties(empty_storm, **given)
    assert [values(variety, "parallelism"), values(variety, "workers")] == [set(), set()]


def test_changes_are_arguments_of_the_topology() -> None:
    changes = [
        Change("parallelism", 3, "a"),
        Change("workers", 1),
        Change("storm version", "1.2.4"),
    ]
    assert applied(changes, {"parallelism": {"b": 2}, "conf": {"x": 1}}) == {
        "parallelism": {"b": 2, "a": 3},
        "conf": {"x": 1, "topology.workers": 1},
        "storm_version": "1.2.4",
    }


def test_drawn_changes_are_of_different_things_and_only_of_what_was_asked_for() -> None:
    variety = Variety(
        (Change("workers", 1), Change("workers", 3), *(Change("parallelism", 1, x) for x in "abc"))
    )
    drawn = [
        draw_changes([variety], ["parallelism", "workers"], stream_of(n, "")) for n in range(200)
    ]
    assert {len(changes) for changes in drawn} == {1, 2}
    assert all(len({(c.name, c.component) for c in changes}) == len(changes) for changes in drawn)
    names = Counter(change.name for changes in drawn for change in changes)
    assert min(names["workers"], names["parallelism"]) > 60
    assert draw_changes([variety], [], stream_of(0, "")) == ()


def test_each_change_alone_comes_once_and_each_thing_before_another_value_of_one() -> None:
    workers = [Change("workers", number) for number in (1, 3)]
    tasks = [Change("parallelism", number, bolt) for bolt in "ab" for number in (2, 3)]
    found = changes_alone([Variety((*tasks, *workers))], ["parallelism", "workers"])
    assert found == [workers[0], tasks[0], tasks[2], workers[1], tasks[1], tasks[3]]
    assert changes_alone([Variety((*tasks, *workers))], ["workers"]) == workers


class KnowsItsTasks(Bolt):
    """Wrong: it is written for two tasks."""

    def initialize(self, storm_conf: Any, context: Any) -> None:
        ids = context["task->component"]
        self.tasks = sum(component == "store-bolt" for component in ids.values())

    def process(self, tup: Tuple) -> None:
        if self.tasks == 2:
            self.emit(tup.values)


def explore(empty_storm: Storm, **options: Any) -> None:
    for run in empty_storm.explore(100, faults=[], **options):
        with store(run, bolts={"store-bolt": KnowsItsTasks}) as topology:
            topology.complete()
            assert len(topology["store-bolt"].emitted) == len(ROWS)


def test_a_constant_that_fits_one_parallelism_is_found_and_the_case_is_replayed(
    empty_storm: Storm,
) -> None:
    with pytest.raises(AssertionError):
        explore(empty_storm)
    case = case_of(empty_storm)
    assert case in [Case(0, changes=(Change("parallelism", n, "store-bolt"),)) for n in (1, 3)]
    (empty_storm.case,) = (empty_storm.directory / ".storm-cases").iterdir()
    with pytest.raises(AssertionError):
        explore(empty_storm)


def test_who_relies_on_it_turns_it_off(empty_storm: Storm) -> None:
    explore(empty_storm, vary=[])
    explore(empty_storm, vary=["workers"])


class EmitsASet(Bolt):
    """Wrong: the order of what it emits is the order of a set."""

    def process(self, tup: Tuple) -> None:
        self.emit(["".join(dict.fromkeys({"a", "b", "c", "d", "e"})), tup.values[1]])


def test_the_hash_seed_of_processes_is_varied(empty_storm: Storm) -> None:
    first: list[str] = []

    def body(run: Run) -> None:
        stub = {"store-bolt": f"{__name__}.EmitsASet"}
        with store(run, bolts=stub, mode="process") as topology:
            topology.complete()
            word = topology["store-bolt"].emitted[0][0]
            first.append(word)
            assert word == first[0]

    with pytest.raises(AssertionError):
        each(empty_storm.explore(40, faults=[], vary=["hash seed"]), body)
    assert [change.name for change in case_of(empty_storm).changes] == ["hash seed"]

"""The causes of a failure in lines: deaths with their victims, faults, order, tasks, late acks, logs."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.testing import causes, shortened
from streamparse import Bolt, Tuple
from streamparse.testing import RunningTopology, Storm
from tests.support.chain_project import ROWS, chain, storm

__all__ = ["storm"]

pytestmark = pytest.mark.parametrize("storm", ["both"], indirect=True)


class Warns(Bolt):
    def process(self, tup: Tuple) -> None:
        if tup.values[-1] == "cat":
            self.log("a cat\nand more", "warn")
            self.raise_exception(ValueError("no cats"))
        self.emit(list(tup.values))


class Slow(Bolt):
    """Acks its tuples at the next tick."""

    auto_ack = False

    def initialize(self, storm_conf: Any, context: Any) -> None:
        self.held: list[Tuple] = []

    def process(self, tup: Tuple) -> None:
        self.held.append(tup)

    def process_tick(self, tup: Tuple) -> None:
        for held in self.held:
            self.ack(held)
        self.held = []


def run(storm: Storm, **options: Any) -> RunningTopology:
    rows = storm.feed(ROWS, retries=3)
    return chain(storm, rows, mode="inprocess", **options)


def causes_of(topology: RunningTopology, other: RunningTopology | None = None) -> list[str]:
    return causes(topology.account(), None if other is None else other.account())


def test_a_run_without_anything_unusual_has_none(storm: Storm) -> None:
    assert causes_of(run(storm).complete()) == []
    assert causes_of(run(storm).complete(), run(storm).complete()) == []


def test_a_death_names_its_victims_and_what_they_had(storm: Storm) -> None:
    topology = run(storm)
    topology["pass"].crash(before="emit", nth=2)
    topology.complete()
    first, *victims = causes_of(topology)
    pass_task = topology["pass"].tasks[0]
    assert first.startswith(f"at 2 ms pass[{pass_task}] is killed")
    assert victims[:3] == [
        f'  pass[{pass_task}] held [1, "cat"]: lost, and comes again',
        f'  pass[{pass_task}] had in front of it [2, "dog"]: lost, and comes again',
        f'  pass[{pass_task}] had acked [0, "dog"]: gone from its memory, and does not come again',
    ]


def test_a_row_that_is_not_emitted_again_is_named(storm: Storm) -> None:
    topology = chain(storm, [[0, "dog"]], mode="inprocess")
    topology["pass"].drop()
    topology.advance(200)
    rows, bolt = topology["rows"].tasks[0], topology["pass"].tasks[0]
    assert causes_of(topology) == [
        f'at 0 ms [0, "dog"] to pass[{bolt}] is lost',
        f"rows[{rows}] hears at 120 s that id 0 has failed by a timeout, and does not emit it again",
    ]


def test_an_ack_that_came_too_late_has_its_times(storm: Storm) -> None:
    topology = run(
        storm,
        bolts={"pass": Slow},
        component_conf={"pass": {"topology.tick.tuple.freq.secs": 150}},
    ).advance(150)
    bolt = topology["pass"].tasks[0]
    assert causes_of(topology)[0] == (
        f'id 0 of rows, emitted at 0 ms, timed out at 120 s; pass[{bolt}] acked [0, "dog"] at 150 s, too late to count'
    )


def test_other_tasks_and_another_order_are_told_beside_those_of_the_run_that_passed(
    storm: Storm,
) -> None:
    alone = {"topology.workers": 1}  # else a shuffle stays in its worker
    shared = run(storm, parallelism={"pass": 2}, conf=alone).complete()
    lines = causes_of(shared, run(storm, conf=alone).complete())
    mine = [line for line in lines if " takes [" in line and "not after it" not in line]
    counts = [line.partition(" takes ")[2].count("[") for line in mine]
    assert (sum(counts[:-1]), counts[-1]) == (4, 4)
    assert [line.startswith("instead of ") for line in mine] == [False, False, True]
    late = run(storm)
    late["pass"].reorder(1)
    lines = causes_of(late.complete(), run(storm).complete())
    bolt = late["pass"].tasks[0]
    assert lines[:4] == [
        f'at 0 ms [0, "dog"] to pass[{bolt}] is on its way until 1.001 s, and others overtake it',
        f'pass[{bolt}] takes [1, "cat"] (2 ms) before [0, "dog"] (1.001 s), not after it:',
        '  it takes   [1, "cat"], [2, "dog"], [3, "zebra"], [0, "dog"]',
        '  instead of [0, "dog"], [1, "cat"], [2, "dog"], [3, "zebra"]',
    ]


def test_what_the_other_run_has_not_logged_is_told(storm: Storm) -> None:
    topology = run(storm, bolts={"pass": Warns}).complete()
    bolt = topology["pass"].tasks[0]
    warning = f"pass[{bolt}] logs at 2 ms, warn: a cat ..."
    assert causes_of(topology) == [warning]
    assert causes_of(topology, run(storm).complete()) == [
        f"pass[{bolt}] reports at 2 ms: ValueError: no cats",
        warning,
    ]
    assert causes_of(topology, run(storm, bolts={"pass": Warns}).complete()) == []


def test_a_report_has_so_many_lines_and_says_how_many_there_would_be(storm: Storm) -> None:
    assert shortened(["a", "b"], 2) == ["a", "b"]
    assert shortened(["a", "b", "c"], 2) == ["a", "  (and 2 more lines)"]

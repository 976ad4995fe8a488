"""What components note, and the curve that is read from it."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from simulator.clj import parse_topology
from simulator.engine import RunOptions
from simulator.run import simulate
from tests.parity.load.curves import BoltCurve, Curve, SpoutCurve, recorded
from tests.parity.load.record import drift, read_curve
from tests.parity.load.scenarios import SCENARIOS, Rows, Scenario, Sleepy, scenario
from tests.parity.scenarios import PROJECT

BEGAN = 1_700_000_000.0
SHORT = Scenario("short", "for this test", {"slow": Sleepy(0.5, tick=1)}, seconds=3)


def write(directory: Path, name: str, notes: Sequence[tuple[str, float, float]]) -> None:
    path = directory / "load" / name
    path.parent.mkdir(exist_ok=True)
    lines = [json.dumps([what, BEGAN + at, number]) for what, at, number in notes]
    path.write_text("\n".join(lines) + '\n["cut', encoding="utf-8")


def stamp(at: float) -> str:
    return datetime.fromtimestamp(BEGAN + at).isoformat(" ", "milliseconds")


def curve_of(directory: Path, log: Sequence[tuple[float, str]]) -> Curve:
    write(
        directory,
        "rows.1",
        [("start", 0, 7), ("emit", 0.5, 0), ("emit", 0.6, 1), ("ack", 1.1, 0), ("fail", 2.5, 1)],
    )
    write(
        directory,
        "slow.2",
        [("start", 0.2, 8), ("done", 1.0, 0.5), ("tick", 1.5, 0), ("done", 2.4, 0.5)],
    )
    text = "".join(f"{stamp(at)} INFO  Executor - {said}\n" for at, said in log)
    (directory / "storm.log").write_text(text + "no stamp\n", encoding="utf-8")
    return read_curve(SHORT, "2.8.3", directory)


def test_a_curve_is_counted_from_the_notes_of_each_task(tmp_path: Path) -> None:
    log = [(-0.25, "Opened spout rows:[1]"), (0.125, "Prepared bolt slow:(2)")]
    assert curve_of(tmp_path, log) == Curve(
        "short",
        "2.8.3",
        {"rows.1": -0.25, "slow.2": 0.125},
        None,
        {"rows.1": SpoutCurve([2, 2, 2, 2], [0, 1, 1, 1], [0, 0, 1, 1], 0.5, 0.6)},
        {"slow.2": BoltCurve([1, 1, 2, 2], 0.2, 1.0, None, [1.5], [])},
    )


@pytest.mark.parametrize(("between", "per_ack"), [(0.21, 0.21), (0.5, 0.2)])
def test_a_spout_that_is_always_busy_with_acks_has_the_time_from_one_to_the_next(
    tmp_path: Path, between: float, per_ack: float
) -> None:
    told = [("told", 1 + between * number, 0.2) for number in range(4)]
    write(tmp_path, "rows.1", [("start", 0, 7), ("emit", 0.5, 0), *told])
    write(tmp_path, "slow.2", [("start", 0.2, 8)])
    (tmp_path / "storm.log").write_text("no stamp\n", encoding="utf-8")
    assert read_curve(SHORT, "2.8.3", tmp_path).spouts["rows.1"].per_ack == per_ack


def test_up_to_0_9_clocks_count_from_when_an_executor_is_loaded(tmp_path: Path) -> None:
    log = [
        (-0.5, "Loaded executor tasks rows:[1 1]"),
        (-0.375, "Loaded executor tasks slow:[2 2]"),
        (-0.25, "Opened spout rows:(1)"),
    ]
    assert curve_of(tmp_path, log).clocks == {"rows.1": -0.5, "slow.2": -0.375}


def test_a_death_is_read_from_the_log_unless_it_is_the_end(tmp_path: Path) -> None:
    for at, died in [(2.5, 2.5), (7.5, None)]:
        log = [(at, "Halting process: ShellBolt died.")]
        assert curve_of(tmp_path, log).died == died


def test_a_component_notes_what_it_does(tmp_path: Path) -> None:
    each = Scenario(
        "notes",
        "for this test",
        {"quick": Sleepy(0, tick=1)},
        {"rows": Rows(rate=1e9)},
        pending=2,
    )
    conf = {
        **each.whole_conf(),
        "load.notes": str(tmp_path / "load"),
        "topology.python.path": sys.executable,
    }
    before = time.time()
    report = simulate(
        parse_topology(each.text(), path="notes.clj", options=conf),
        RunOptions(conf=conf, seconds=2, cwd=str(PROJECT / "src")),
    )
    notes = {
        path.name: [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        for path in (tmp_path / "load").iterdir()
    }
    counts = {
        name: {what: sum(note[0] == what for note in each) for what in ("emit", "ack", "done")}
        for name, each in notes.items()
    }
    spout, bolt = report.components["rows"], report.components["quick"]
    assert counts == {
        f"rows.{spout.tasks[0]}": {
            "emit": sum(spout.emitted.values()),
            "ack": spout.acked,
            "done": 0,
        },
        f"quick.{bolt.tasks[0]}": {"emit": 0, "ack": 0, "done": bolt.executed},
    }
    assert all(before - 1 <= note[1] for each in notes.values() for note in each)


def test_the_topology_of_every_scenario_can_be_read() -> None:
    for each in SCENARIOS:
        topology = parse_topology(each.text(), path=f"{each.name}.clj", options=each.whole_conf())
        assert [*topology.components] == [*each.spouts, *each.bolts]


def test_a_curve_drifts_in_its_verdict_its_deaths_and_its_shares() -> None:
    each, before = scenario("c-p2w2"), recorded("c-p2w2", "2.8.3")
    other = recorded("c-p2w2", "1.2.4")
    assert drift(each, before, before) == []
    assert drift(each, before, replace(other, died=20.0)) == [
        "a component died at None s, and now at 20.0 s",
        "the shares of the tasks of slow were [0.0, 1.0] and are [0.501, 0.499]",
    ]

"""Crashes strike at their points: both modes agree on what has happened, and no user code runs behind them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from simulator.engine import Mode
from streamparse.testing import Storm, UnstruckFaultError

COMPONENTS = """
import os
from streamparse import Bolt, Spout

def write(storm_conf, line):
    with open(storm_conf["file"], "a") as file:
        file.write(line + "\\n")

class Block:
    def __init__(self, conf):
        self.conf = conf
    def __enter__(self):
        return self
    def __exit__(self, *_):
        write(self.conf, "exit")

class Store(Bolt):
    auto_ack = False
    def initialize(self, storm_conf, context):
        self.conf = storm_conf
        write(storm_conf, "initialize")
    def process_tick(self, tup):
        write(self.conf, "tick")
        self.emit(["tick"], anchors=[])
    def process(self, tup):
        n = tup.values[0]
        write(self.conf, f"begin {n}")
        try:
            with Block(self.conf):
                self.emit([n])
                write(self.conf, f"emitted {n}")
                if n == self.conf.get("fails"):
                    self.conf["fails"] = None
                    self.fail(tup)
                else:
                    self.ack(tup)
                write(self.conf, f"settled {n}")
        except:
            write(self.conf, "except")
            raise
        finally:
            write(self.conf, "finally")

class Numbers(Spout):
    def initialize(self, storm_conf, context):
        self.conf = storm_conf
        write(storm_conf, "initialize")
        self.left = [0, 1, 2]
    def next_tuple(self):
        if not self.left:
            return
        n = self.left.pop(0)
        write(self.conf, f"next {n}")
        try:
            self.emit([n], tup_id=n)
            write(self.conf, f"emitted {n}")
        finally:
            write(self.conf, "finally")
    def ack(self, n):
        write(self.conf, f"ack {n}")
    def fail(self, n):
        write(self.conf, f"fail {n}")
        self.left.append(n)
"""
STORE = """
(ns store (:use [streamparse.specs]))
(defn store [options]
  [{"rows" (python-spout-spec options "stores.Numbers" ["n"])}
   {"store" (python-bolt-spec options {"rows" :shuffle} "stores.Store" ["n"])}])
"""
MODES: tuple[Mode, ...] = ("inprocess", "process")
NO_TICK: dict[str, Any] = {}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in {
        "src/stores.py": COMPONENTS,
        "topologies/store.clj": STORE,
        "project.clj": '(defproject stores "0.0.1" :dependencies [[org.apache.storm/storm-core "2.8.3"]])',
        "config.json": "{}",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text.replace("\\\\n", "\\n"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def crashed(
    project: Path, mode: Mode, component: str, conf: dict[str, Any] = NO_TICK, **crash: Any
) -> tuple[list[str], list[str]]:
    """What the component wrote in a run with this crash, and the trace."""
    file = project / f"{mode}.txt"
    file.write_text("")
    feed = {} if component == "rows" else {"rows": [[0], [1], [2]]}
    with Storm(mode=mode, seed=1) as storm:
        spouts = {name: storm.feed(rows, retries=2) for name, rows in feed.items()}
        component_conf = {component: {"file": str(file), **conf}}
        other = {"store": {"file": "/dev/null"}} if component == "rows" else {}
        topology = storm.topology(
            "store", spouts=spouts, component_conf={**other, **component_conf}
        )
        topology[component].crash(scope="task", **crash)
        topology.advance(130)
        lines = topology.trace.lines
    return file.read_text().split("\n")[:-1], lines


POINTS_OF_BOLT = [
    ({"before": "tuple", "nth": 2}, {}),
    ({"after": "tuple", "nth": 2}, {}),
    ({"before": "emit", "nth": 2}, {}),
    ({"after": "emit", "nth": 2}, {}),
    ({"before": "ack", "nth": 2}, {}),
    ({"after": "ack", "nth": 2}, {}),
    ({"before": "fail"}, {"fails": 1}),
    ({"after": "fail"}, {"fails": 1}),
    ({"before": "tick"}, {"topology.tick.tuple.freq.secs": 50}),
    ({"after": "tick"}, {"topology.tick.tuple.freq.secs": 50}),
    ({"before": "initialize"}, {}),
    ({"after": "initialize"}, {}),
    ({"after": "initialize", "nth": 1}, {"topology.tick.tuple.freq.secs": 50}),
]


@pytest.mark.parametrize(("crash", "conf"), POINTS_OF_BOLT, ids=repr)
def test_a_bolt_crashes_at_its_point_in_both_modes(
    project: Path, crash: dict[str, Any], conf: dict[str, Any]
) -> None:
    runs = [crashed(project, mode, "store", conf, **crash) for mode in MODES]
    assert runs[0] == runs[1]
    written, trace = runs[0]
    assert sum('"died"' in line for line in trace) == 1
    assert written.count("initialize") == (1 if crash.get("before") == "initialize" else 2)
    assert written.count("finally") == sum(line.startswith("settled") for line in written)


def test_nothing_is_written_behind_a_crash(project: Path) -> None:
    first = ["initialize", "begin 0", "emitted 0", "settled 0", "exit", "finally", "begin 1"]
    before, _ = crashed(project, "inprocess", "store", before="emit", nth=2)
    after, _ = crashed(project, "inprocess", "store", after="emit", nth=2)
    assert [before[:8], after[:8]] == [[*first, "initialize"]] * 2


@pytest.mark.parametrize("component", ["store", "rows"])
def test_a_crash_strikes_between_two_lines_of_initialize(project: Path, component: str) -> None:
    runs = [crashed(project, mode, component, before="initialize", step=3) for mode in MODES]
    assert runs[0] == runs[1]
    written, trace = runs[0]
    assert sum('"died"' in line for line in trace) == 1
    assert written.count("initialize") == 1  # what the first one had gathered was never written


def test_a_step_that_initialize_does_not_have_is_told(project: Path) -> None:
    with pytest.raises(UnstruckFaultError, match="initialize 1 of store never struck: it took 3"):
        crashed(project, "inprocess", "store", before="initialize", step=9)


POINTS_OF_SPOUT = [
    {"before": "next", "nth": 2},
    {"after": "next", "nth": 2},
    {"before": "emit", "nth": 2},
    {"after": "emit", "nth": 2},
    {"before": "ack"},
    {"after": "ack"},
    {"before": "initialize"},
    {"after": "initialize"},
]


@pytest.mark.parametrize("crash", POINTS_OF_SPOUT, ids=repr)
def test_a_spout_crashes_at_its_point_in_both_modes(project: Path, crash: dict[str, Any]) -> None:
    runs = [crashed(project, mode, "rows", **crash) for mode in MODES]
    assert runs[0] == runs[1]
    written, trace = runs[0]
    assert sum('"died"' in line for line in trace) == 1
    assert written.count("initialize") == (1 if crash.get("before") == "initialize" else 2)


def test_a_message_counts_if_it_was_sent_before_the_crash(project: Path) -> None:
    _, before = crashed(project, "process", "store", before="emit")
    _, after = crashed(project, "process", "store", after="emit")
    assert [
        sum('"emit"' in line and '"store"' in line for line in trace) for trace in (before, after)
    ] == [3, 4]


def test_a_worker_may_take_its_time_to_come_up_again(project: Path) -> None:
    _, trace = crashed(project, "inprocess", "store", after="ack", nth=1, restart=5)
    at = {
        name: next(
            int(line.split('"at":')[1].split(",")[0]) for line in trace if f'"{name}"' in line
        )
        for name in ("died", "restart")
    }
    assert at["restart"] - at["died"] == 5000

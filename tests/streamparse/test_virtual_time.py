"""User code on the simulator's clock, in both modes: the calendar, the stop-watch, and sleep."""

from __future__ import annotations

import datetime
import importlib.util
import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from simulator import Mode
from streamparse import Bolt, Spout, Tuple
from streamparse.testing import ComponentError, HarnessError, Storm
from streamparse.virtual_time import EPOCH

MODES: tuple[Mode, ...] = ("inprocess", "process")


class Clocked(Bolt):
    """Says what the time is, after sleeping as long as it is told."""

    def process(self, tup: Tuple) -> None:
        time.sleep(tup.values[0])
        today = datetime.datetime.now(datetime.timezone.utc)
        self.emit([time.time() - EPOCH, time.monotonic(), today.isoformat()])


class Patient(Spout):
    """Emits what the time is, once every ten minutes."""

    def initialize(self, storm_conf: Mapping[str, Any], context: Mapping[str, Any]) -> None:
        self.due = 0.0

    def next_tuple(self) -> None:
        if time.monotonic() >= self.due:
            self.due += 600
            self.emit([time.monotonic()], tup_id=self.due)


class Pausing(Spout):
    """Emits two rows; one that has failed waits before it is emitted again, longer with each failure."""

    def initialize(self, storm_conf: Mapping[str, Any], context: Mapping[str, Any]) -> None:
        self.due = {0: 0.0, 1: 0.0}
        self.pause = {0: 7.0, 1: 90.0}

    def next_tuple(self) -> None:
        for number, due in self.due.items():
            if due <= time.monotonic():
                del self.due[number]
                self.emit([number], tup_id=number)
                return

    def fail(self, number: int) -> None:
        self.due[number] = time.monotonic() + self.pause[number]
        self.pause[number] *= 2


class Forgetting(Pausing):
    """A row that has failed twice is given up."""

    def fail(self, number: int) -> None:
        if number not in self.due and self.pause[number] < 100:
            super().fail(number)


class FailsTwice(Bolt):
    """Fails the first two attempts at a row."""

    def initialize(self, storm_conf: Mapping[str, Any], context: Mapping[str, Any]) -> None:
        self.attempts: Counter[int] = Counter()

    def process(self, tup: Tuple) -> None:
        self.attempts[tup.values[0]] += 1
        if self.attempts[tup.values[0]] <= 2:
            self.fail(tup)
        else:
            self.emit([tup.values[0], round(time.monotonic())])


PAUSES = """(ns pauses (:use [streamparse.specs]))
(defn pauses [options]
  [{"rows" (python-spout-spec options "tests.streamparse.test_virtual_time.Pausing" ["n"])}
   {"store" (python-bolt-spec options {"rows" ["n"]} "tests.streamparse.test_virtual_time.FailsTwice" ["n" "at"])}])
"""


@pytest.fixture
def pauses(tmp_path: Path) -> Path:
    path = tmp_path / "pauses.clj"
    path.write_text(PAUSES)
    return path


@pytest.fixture(params=MODES)
def storm(request: pytest.FixtureRequest) -> Any:
    with Storm(Path(__file__).parent, mode=request.param, virtual_time=True) as made:
        yield made


def test_time_stands_still_but_for_what_the_test_lets_pass(storm: Storm) -> None:
    bolt = storm.bolt(Clocked, outputs=["time", "monotonic", "today"])
    bolt.advance(3600)
    (first,) = bolt.process([0]).emitted
    assert first == [3600, 3600, "2026-01-01T01:00:00+00:00"]
    bolt.advance(86400)
    assert bolt.process([0]).emitted[0]["today"].startswith("2026-01-02T01:00:00")


def test_sleep_takes_no_real_time_and_puts_the_components_own_clock_ahead(storm: Storm) -> None:
    bolt = storm.bolt(Clocked, outputs=["time", "monotonic", "today"])
    # A real sleep would run into the limit on the time of a test.
    assert bolt.process([25.5]).emitted[0]["monotonic"] == 25.5
    assert bolt.process([0]).emitted[0]["monotonic"] == pytest.approx(25.5, abs=0.01)
    bolt.advance(2000)
    assert bolt.process([0]).emitted[0]["monotonic"] == pytest.approx(2025.5, abs=0.01)


def test_who_sleeps_for_longer_than_storm_waits_dies_as_on_storm(storm: Storm) -> None:
    bolt = storm.bolt(Clocked, outputs=["time", "monotonic", "today"])
    with pytest.raises(ComponentError, match="subprocess heartbeat timeout"):
        bolt.process([33])


def test_a_spout_that_waits_by_the_clock_is_awake_when_the_clock_says_so(storm: Storm) -> None:
    spout = storm.spout(Patient, outputs=["now"])
    assert [spout.next_tuple().emitted, spout.next_tuple().emitted] == [[[0]], []]
    spout.advance(600)
    assert spout.next_tuple().emitted[0]["now"] == pytest.approx(600, abs=0.01)


def test_a_run_goes_on_until_what_has_failed_is_emitted_again(storm: Storm, pauses: Path) -> None:
    topology = storm.topology(pauses).complete()
    assert topology["rows"].acked == [0, 1]
    at = topology["store"].emitted.last_by("n")
    assert all(pause <= at[n] <= pause * 1.25 + 1 for n, pause in {0: 7 + 14, 1: 90 + 180}.items())


def test_a_run_ends_though_what_has_failed_is_never_emitted_again(pauses: Path) -> None:
    with Storm(mode="inprocess", virtual_time=True) as storm:
        topology = storm.topology(pauses, spouts={"rows": Forgetting}).complete()
        assert topology["rows"].failed == [0, 1]
        assert topology.now_ms < 1_000_000


def test_a_spout_that_pauses_is_no_row_that_is_lost(pauses: Path) -> None:
    class Stores(Bolt):
        def process(self, tup: Tuple) -> None:
            self.emit([tup.values[0], 0])

    with Storm(mode="inprocess", virtual_time=True) as storm:
        report = storm.check(
            pauses, bolts={"store": Stores}, runs=8, faults=["fail", "drop"], must_hold=False
        )
    assert report["at-least-once"].verdict == "held"
    assert report.holds


def kernel_time(directory: Path) -> float:
    """The time as the kernel has it, which nothing in this process replaces."""
    path = directory / "now"
    path.touch()
    return path.stat().st_mtime


def test_the_tests_own_clock_is_the_real_one(storm: Storm, tmp_path: Path) -> None:
    sleep = time.sleep
    bolt = storm.bolt(Clocked, outputs=["time", "monotonic", "today"])
    bolt.process([5])
    before = kernel_time(tmp_path)
    told = time.time(), datetime.datetime.now().timestamp()
    after = kernel_time(tmp_path)
    # The kernel stamps files with the time of its last tick.
    assert [before - 1 <= each <= after + 1 for each in told] == [True, True]
    assert time.sleep is sleep


def test_without_time_machine_it_is_said_how_to_get_it(
    storm: Storm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streamparse.testing.runtime.find_spec", lambda name: None)
    with pytest.raises(HarnessError, match="pip install time-machine"):
        storm.bolt(Clocked)


def test_without_asking_for_it_nothing_is_replaced(tmp_path: Path) -> None:
    assert importlib.util.find_spec("time_machine")
    with Storm(mode="inprocess") as storm:
        bolt = storm.bolt(Clocked, outputs=["time", "monotonic", "today"])
        before = kernel_time(tmp_path)
        told = bolt.process([0]).emitted[0]["time"] + EPOCH
        after = kernel_time(tmp_path)
    assert before - 1 <= told <= after + 1
    assert sys.modules["time"].sleep.__module__ == "time"


def test_a_module_that_is_imported_for_a_component_keeps_the_real_clock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "keeps.py").write_text(
        "from time import monotonic\nfrom streamparse import Bolt\nclass Keeps(Bolt):\n    pass\n"
    )
    (tmp_path / "t.clj").write_text(
        "(ns t (:use [streamparse.specs]))\n(defn t [options] "
        '[{"s" (python-spout-spec options "keeps.S" ["a"])} '
        '{"b" (python-bolt-spec options {"s" :all} "keeps.Keeps" [])}])'
    )
    monkeypatch.syspath_prepend(tmp_path)
    with Storm(tmp_path, mode="inprocess", virtual_time=True) as storm:
        storm.topology("t.clj", spouts={"s": []}).complete()
    assert importlib.import_module("keeps").monotonic is time.monotonic

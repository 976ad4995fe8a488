"""Measured work: the real time of components, as work to simulate with."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path

import pytest

from simulator import Feed
from simulator.engine import parse_work, read_work
from simulator.load import as_file, measured_work
from simulator.load.measure import ENOUGH_SECONDS, ENOUGH_TUPLES, _duration
from tests.support.loaded import ENDLESS, loaded
from tests.support.table_top import one_bolt


def test_a_calibration_run_gives_a_time_for_each_component_that_did_something() -> None:
    run = loaded(ENDLESS, {"b": "30ms"}, seconds=None)
    work, report = measured_work(run.topology, run.options, clock=lambda: 0.0)
    assert sorted(work) == ["b", "s"]
    assert set(parse_work(work, run.topology)) == {"b", "s"}
    # It had no work, and ended when every component had enough tuples.
    assert report.components["b"].load is None
    assert ENOUGH_TUPLES <= report.components["b"].executed < 2 * ENOUGH_TUPLES


def test_a_component_that_does_nothing_is_not_measured() -> None:
    run = loaded(one_bolt("[]"), {}, seconds=1)
    assert measured_work(run.topology, run.options, clock=lambda: 0.0)[0] == {}


def test_a_spout_whose_rows_are_fed_has_no_process_to_measure() -> None:
    run = loaded(one_bolt("[]"), {}, seconds=1, feeds={"s": Feed([["ack-it"]] * 3)})
    work, _ = measured_work(run.topology, run.options, clock=lambda: 0.0)
    assert sorted(work) == ["b"]


def test_slow_components_are_measured_by_fewer_tuples() -> None:
    # A clock on which the second look is 11 s behind the first, at which all have started.
    seconds = count(start=5000, step=11)
    run = loaded(ENDLESS, {}, seconds=None)
    _, report = measured_work(run.topology, run.options, clock=lambda: float(next(seconds)))
    assert next(seconds) == 5022
    assert ENOUGH_SECONDS < 11
    assert 0 < report.components["b"].executed < ENOUGH_TUPLES


def test_a_failing_component_ends_the_calibration_run() -> None:
    run = loaded(one_bolt('[["die"]]'), {}, seconds=1)
    assert measured_work(run.topology, run.options, clock=lambda: 0.0)[1].stopped == "error"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.03067, "30.7ms"), (0.1234, "123ms"), (1.2345, "1234ms"), (123.4, "123400ms"),
        (0.00012345, "0.123ms"), (1e-8, "0.001ms"), (0.0999999, "100ms"),
    ],
)  # fmt: skip
def test_a_measured_time_is_written_as_work_is_read(seconds: float, text: str) -> None:
    assert _duration(seconds) == text
    parse_work({"b": text}, loaded(ENDLESS, {}).topology)


def test_measured_work_is_kept_in_a_file_by_the_topologys_name(tmp_path: Path) -> None:
    path = tmp_path / "work.json"
    path.write_text(as_file("t", {"b": "30ms", "s": ["1ms"]}))
    assert json.loads(path.read_text())["topology"] == "t"
    assert read_work(path, loaded(ENDLESS, {}).topology) == {"b": "30ms", "s": ["1ms"]}

"""Hints from the real time that components took, which is given here: a test does not measure it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulator.engine import Report
from simulator.load import long_wait, silent_spouts, slow_spout
from tests.support.loaded import ENDLESS, Loaded, loaded


@pytest.fixture(scope="module")
def run() -> Loaded:
    return loaded(ENDLESS, {}, pending=500, timeout=10, seconds=0.1)


def with_seconds(report: Report, **seconds: float) -> Report:
    """The report where the processes of these components took so long."""
    return replace(
        report,
        components={
            name: replace(each, seconds=seconds.get(name, 0.0))
            for name, each in report.components.items()
        },
    )


def test_a_bolt_whose_tuples_would_wait_longer_than_the_timeout_is_named(run: Loaded) -> None:
    executed = run.report.components["b"].executed
    assert executed >= 50
    found = long_wait(with_seconds(run.report, b=0.03 * executed), run.topology, run.options)
    assert found == (
        "b took 30 ms a tuple here: 500 pending x 1 x 30 ms = 15 s, and the message timeout is 10 s; "
        "--work measured shows what comes of it"
    )


def test_a_bolt_that_is_fast_enough_is_not(run: Loaded) -> None:
    executed = run.report.components["b"].executed
    report = with_seconds(run.report, b=0.01 * executed)
    assert long_wait(report, run.topology, run.options) is None


def test_a_spout_that_sleeps_in_next_tuple_is_told_what_a_turn_is(run: Loaded) -> None:
    assert run.report.virtual_ms == 100
    assert slow_spout(with_seconds(run.report, s=30, b=0.2), 30.5) == (
        "s took 0.3 s of real time for a next_tuple, which is one virtual millisecond: where it sleeps, "
        "--virtual-time lets the sleep take virtual time and no real time; where it waits for something, "
        "--stub s=rows.jsonl gives it rows, and --real-time runs by the clock"
    )


@pytest.mark.parametrize(
    ("took", "seconds"),
    [
        pytest.param({"s": 0.5}, 0.6, id="virtual time keeps up"),
        pytest.param({"s": 3}, 4.9, id="nobody waited long"),
        pytest.param({"s": 10, "b": 20}, 31, id="a bolt took more time"),
    ],
)
def test_no_other_run_is_slow_for_its_spout(
    run: Loaded, took: dict[str, float], seconds: float
) -> None:
    assert slow_spout(with_seconds(run.report, **took), seconds) is None


def test_a_spout_that_fails_after_a_long_time_is_told_by_its_error_alone(run: Loaded) -> None:
    report = replace(with_seconds(run.report, s=30), stopped="error")
    assert slow_spout(report, 30) is None


def test_a_run_that_ended_at_once_has_no_turn_to_tell_of(run: Loaded) -> None:
    report = replace(with_seconds(run.report, s=7), virtual_ms=0)
    assert (slow_spout(report, 7) or "").startswith("s took 7 s of real time")


def silenced(report: Report) -> Report:
    components = {name: replace(each, emitted={}) for name, each in report.components.items()}
    return replace(report, components=components)


def test_a_spout_that_emitted_nothing_is_told_what_virtual_time_does_not_wait_for(
    run: Loaded,
) -> None:
    assert silent_spouts(silenced(run.report), run.options) == (
        "s emitted nothing: where a thread or another program brings the tuples, virtual time does not wait for them; "
        "--real-time -t 10 does, and --stub s=rows.jsonl gives it rows"
    )
    assert silent_spouts(run.report, run.options) is None
    by_the_clock = run.options.but(real_time=True, feeds={})
    assert silent_spouts(silenced(run.report), by_the_clock) is None
    died = replace(silenced(run.report), stopped="error")
    assert silent_spouts(died, run.options) is None

"""Start, death and restart of components (scenario S22 of docs/storm.md)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from simulator import Mode
from simulator.engine.faults import CrashOrder
from simulator.engine.lifecycle import START_ATTEMPTS
from tests.support.table_top import Run, bolt, one_bolt, run, run_both, spout, topology_text

T3 = {"topology.message.timeout.secs": 3}


def test_what_cannot_be_initialized_stops_the_run_before_it_begins() -> None:
    done = run_both(one_bolt('[["x"]]', "Unready"))
    assert (done.report.virtual_ms, done.report.stopped) == (0, "error")
    assert "OSError: no database" in done.report.failures[0].error


def test_with_restart_what_a_dead_bolt_held_or_was_sent_times_out() -> None:
    text = topology_text(spout('[["drop"] ["die"] ["ack-it"] ["ack-it"]]'), bolt("b", "Obeys"))
    # Three executors are dealt to two workers in turn: the spout is in the other one.
    one_acker = {**T3, "topology.acker.executors": 1}
    done = run_both(text, conf=one_acker, on_crash="restart")
    assert done.said("s")[4:] == ["acked 3", "failed 0", "failed 1", "failed 2"]
    assert [(event["at"], event["event"]) for event in done.named("died") + done.named("restart")] == [
        (2, "died"), (2, "restart"),
    ]  # fmt: skip
    assert done.report.components["b"].restarts == 1


def test_an_ordered_crash_strikes_once_and_the_row_is_replayed() -> None:
    text = topology_text(spout('[["ack-it"] ["ack-it"]]', '"retries" 3'), bolt("b", "Obeys"))

    def crash() -> Run:
        order = CrashOrder("b", before="ack", nth=2)
        return run(text, conf=T3, on_crash="restart", orders=[order], seconds=30)

    done = crash()
    assert done.lines == crash().lines
    assert done.report.components["b"].restarts == 1


@pytest.mark.parametrize("mode", ["inprocess", "process"])
@pytest.mark.parametrize("cls", ["InitializedOnce", "MadeOnce"])
def test_what_starts_once_and_never_again_ends_the_run_after_so_many_attempts(
    cls: str, mode: Mode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STARTED", str(tmp_path / "started"))
    text = topology_text(spout('[["ack-it"] ["die"]]'), bolt("b", cls))
    # With one acker the spout is in the other worker, so only the bolt is restarted.
    conf = {**T3, "topology.acker.executors": 1}
    done = run(text, mode=mode, conf=conf, on_crash="restart")
    lives = [
        (event["event"], event["task"])
        for event in map(json.loads, done.lines)
        if event["event"] in ("died", "restart")
    ]
    assert lives == [("died", 2), *[("restart", 2)] * START_ATTEMPTS, ("died", 2)]
    died, could_not_start = done.report.failures
    assert died.held == "tuple 2 '[\"die\"]' from s[3]"
    assert "OSError: no second life" in could_not_start.finding + could_not_start.error
    assert (done.report.stopped, done.report.components["b"].restarts) == ("error", 1)

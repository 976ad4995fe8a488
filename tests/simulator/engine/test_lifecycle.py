"""Start, death and restart of components (scenario S22 of docs/storm.md)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

import pytest

from simulator import Mode
from simulator.engine.faults import CrashOrder
from simulator.engine.lifecycle import MOST_FAILURES, START_ATTEMPTS
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
    assert died.held == 'tuple 2 ["die"] from s[3]'
    assert "OSError: no second life" in could_not_start.finding + could_not_start.error
    assert (done.report.stopped, done.report.components["b"].restarts) == ("error", 1)


def restarted(done: Run) -> list[int]:
    """The tasks that were started again."""
    return [event["task"] for event in done.named("restart")]


# With one acker, 1, and two workers, bolt b is task 2 and spout s task 3.
CRASH_TEXT = topology_text(spout('[["ack-it"] ["ack-it"]]'), bolt("b", "Obeys"))
CRASH_CONF = {**T3, "topology.acker.executors": 1}


@pytest.mark.parametrize(
    ("workers", "scope", "tasks"),
    [(2, "worker", [2]), (1, "worker", [2, 3]), (1, "task", [2])],
)
def test_a_whole_worker_is_started_again_unless_a_task_was_to_die_alone(
    workers: int, scope: Literal["worker", "task"], tasks: list[int]
) -> None:
    order = CrashOrder("b", nth=2, scope=scope)
    conf = {**CRASH_CONF, "topology.workers": workers}
    done = run(CRASH_TEXT, conf=conf, orders=[order], on_crash="ordered", seconds=1)
    assert restarted(done) == tasks


def test_a_spout_that_is_started_again_has_forgotten_what_it_waited_for() -> None:
    conf = {**CRASH_CONF, "topology.workers": 1}
    done = run(CRASH_TEXT, conf=conf, orders=[CrashOrder("b", nth=2)], on_crash="ordered")
    # Row 1 was pending when the worker died; both rows are emitted anew, and nothing ever fails.
    assert [event["id"] for event in done.events("emit", "s")] == [0, 1, 0, 1]
    assert [event["id"] for event in done.events("acked", "s")] == [0, 0, 1]
    assert done.events("failed", "s") == []


def test_a_death_that_was_ordered_is_no_failure_and_any_other_ends_the_run() -> None:
    order = CrashOrder("b", nth=1)
    done = run(CRASH_TEXT, conf=CRASH_CONF, orders=[order], on_crash="ordered", seconds=1)
    assert (done.report.failures, done.report.stopped) == ([], "time")
    text = topology_text(spout('[["ack-it"] ["ack-it"] ["die"]]'), bolt("b", "Obeys"))
    done = run(text, conf=CRASH_CONF, orders=[CrashOrder("b", nth=1)], on_crash="ordered")
    assert done.finding == 'b[2]: ended with exit status 1; it held tuple 3 ["die"] from s[3]'
    assert (restarted(done), done.report.stopped) == ([2], "error")


def test_so_many_failures_are_kept_and_the_run_goes_on() -> None:
    # Each death takes one row more with it, the one that was sent meanwhile.
    rows = "[" + '["die"] ' * 2 * (MOST_FAILURES + 5) + "]"
    done = run(
        topology_text(spout(rows), bolt("b", "Obeys")),
        conf=CRASH_CONF,
        on_crash="restart",
        seconds=1,
    )
    assert len(done.report.failures) == MOST_FAILURES
    assert done.report.components["b"].restarts == len(restarted(done)) == MOST_FAILURES + 5
    assert done.report.stopped == "time"


@pytest.mark.parametrize("mode", ["inprocess", "process"])
def test_each_life_of_a_component_draws_other_random_numbers(mode: Mode) -> None:
    text = topology_text(
        spout('[["draw" "x"] ["draw" "x"] ["draw" "x"]]', outputs='["a" "b"]'),
        bolt("b", "Obeys", outputs='["n"]'),
    )

    def drawn(*orders: CrashOrder) -> list[object]:
        done = run(text, mode=mode, conf=CRASH_CONF, orders=orders, on_crash="ordered", seconds=1)
        return [event["values"][0] for event in done.events("emit", "b")]

    once = drawn(CrashOrder("b", nth=2))
    assert once == drawn(CrashOrder("b", nth=2))
    assert (once[0], len({*once, *drawn()})) == (drawn()[0], len(once) + len(drawn()) - 1)


def test_everybody_who_is_started_again_is_counted_with_the_reason() -> None:
    conf = {**CRASH_CONF, "topology.workers": 1}
    done = run(CRASH_TEXT, conf=conf, orders=[CrashOrder("b", nth=2)], on_crash="ordered")
    (restart,) = done.report.restarts
    assert {name: each.restarts for name, each in done.report.components.items()} == {
        "s": 1,
        "b": 1,
    }
    assert str(restart) == (
        f"at {restart.time_ms} ms b[2], s[3] restarted, because b[2] died: crashed as ordered, before tuple 2"
    )

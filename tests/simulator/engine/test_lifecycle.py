"""Start, death and restart of components (scenario S22 of docs/storm.md)."""

from __future__ import annotations

from simulator.engine.faults import CrashOrder
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

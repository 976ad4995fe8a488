"""How waves are formed, and when nothing is left to do."""

from __future__ import annotations

from tests.support.table_top import bolt, run_both, spout, topology_text


def test_the_run_is_not_idle_before_a_ticking_bolt_has_been_ticked_on_its_last_tuple() -> None:
    text = topology_text(
        spout("[[1] [2]]"), bolt("b", "Tells", rest=':conf {"topology.tick.tuple.freq.secs" 2}')
    )
    done = run_both(text)
    assert (done.said("b")[2:], done.report.stopped) == (["__system[-1] __tick [2]"], "idle")


def test_a_silent_spout_is_asked_again_and_the_run_ends_when_nothing_is_left() -> None:
    done = run_both(topology_text(spout("[]", cls="Lively"), bolt("b", "Tells")))
    assert (done.said("s"), done.report.stopped) == (["activate", "next", "next", "next"], "idle")

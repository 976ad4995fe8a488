"""Turns that do not end: as on Storm their tuples flow, and whoever is in one is given nothing more.

How long a turn has to be for this is made small: a number of messages, so that no test depends on the real clock.
"""

from __future__ import annotations

import re

import pytest

from simulator.engine.simulation import Simulation
from tests.support.paths import TESTS
from tests.support.table_top import Run, run, topology_text

SOURCE = str(TESTS / "support/components/endless.py")
TELLS = '"c" (python-bolt-spec options {"b" :shuffle} "parts.Tells" [])'


@pytest.fixture(autouse=True)
def short_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.transports.processes.MOST_EFFECTS_A_TURN", 100)
    monkeypatch.setattr("simulator.transports.inprocess_component.MOST_MESSAGES_A_CALL", 1000)


def endless(spout: str = "endless.EndlessTurn", bolt: str = "parts.Pass") -> str:
    return topology_text(
        f'"s" (python-spout-spec options "{spout}" ["a"] :conf {{"rows" [["x"]]}})',
        f'"b" (python-bolt-spec options {{"s" :shuffle}} "{bolt}" ["a"]){TELLS}',
    )


def emit_times(done: Run, component: str) -> list[int]:
    return [each["at"] for each in done.events("emit", component)]


def warning(component: str, call: str) -> str:
    return (
        rf"{component} is in one {call} that emits and does not return; it is at {re.escape(SOURCE)}:\d+\. Its tuples "
        r"flow, as on Storm; it is given nothing more, no ack and no fail, and this part of the run depends on its own "
        "timing"
    )


def test_the_tuples_of_a_next_tuple_that_never_returns_flow_at_most_one_each_millisecond() -> None:
    done = run(endless(), mode="process", seconds=0.3)
    times = emit_times(done, "s")
    # A slow machine leaves gaps behind the first hundred, for virtual time keeps to the real one where nothing is due.
    assert times[:100] == list(range(1, 101))
    assert times == sorted(set(times))
    assert (done.report.stopped, done.report.virtual_ms) == ("time", 300)
    assert [values[0] for values in done.values("s")] == list(range(len(times)))
    # The bolts have taken all of them, and the spout has heard of none.
    assert done.report.components["c"].executed == len(times)
    assert done.report.components["s"].acked == 0


def test_the_users_line_in_which_it_is_is_named() -> None:
    done = run(endless(), mode="process", seconds=0.3)
    (said,) = done.report.warnings
    assert re.fullmatch(warning(r"s\[5\]", "next_tuple"), said)


def test_a_process_that_never_returns_is_told_of_too() -> None:
    done = run(endless("parts.Rows", "endless.EndlessBolt"), mode="process", seconds=0.3)
    assert done.report.stopped == "time"
    times = emit_times(done, "b")
    assert times == sorted(set(times))
    assert done.report.components["c"].executed == len(times)
    said = [each for each in done.report.warnings if "does not return" in each]
    assert len(said) == 1
    assert re.fullmatch(warning(r"b\[3\]", "process"), said[0])


@pytest.mark.parametrize(
    ("component", "text"),
    [("s", endless()), ("b", endless("parts.Rows", "endless.EndlessBolt"))],
)
def test_in_this_process_nothing_else_would_ever_happen_so_such_a_turn_is_refused(
    component: str, text: str
) -> None:
    done = run(text, mode="inprocess", seconds=0.3)
    (failure,) = done.report.failures
    found = "has sent 1000 messages in one call that has not returned; expected a call that returns, or a process"
    assert (failure.component, failure.finding.startswith(found)) == (component, True)
    assert failure.place.startswith("tests/support/components/endless.py:")


def test_in_this_process_a_long_turn_that_ends_is_like_any_other() -> None:
    done = run(endless("endless.LongTurn"), mode="inprocess", seconds=60)
    s = done.report.components["s"]
    assert (done.report.stopped, s.emitted, s.acked) == ("idle", {"default": 500}, 500)


def test_a_long_turn_that_ends_is_a_turn_like_any_other_behind_its_end() -> None:
    done = run(endless("endless.LongTurn"), mode="process", seconds=60)
    s = done.report.components["s"]
    assert (done.report.stopped, s.emitted, s.acked) == ("idle", {"default": 500}, 500)
    assert [each for each in done.report.warnings if "does not return" in each] == []


def test_in_real_time_ticks_do_not_wait_for_a_turn_that_blocks() -> None:
    text = topology_text(
        '"s" (python-spout-spec options "endless.BlockedTurn" ["a"])',
        '"b" (python-bolt-spec options {"s" :shuffle} "parts.Tells" ["a"] '
        ':conf {"topology.tick.tuple.freq.secs" 1})',
    )

    def is_enough(simulation: Simulation) -> bool:
        lines = simulation.trace.lines
        return all(any(f'"event":"{each}"' in line for line in lines) for each in ("emit", "tick"))

    # The turn never ends, so a run in which the tick waited for it would not end either.
    done = run(text, mode="process", seconds=None, real_time=True, is_enough=is_enough)
    told = [each.split(" ")[1] for each in done.said("b")]
    assert (set(told), told.count("default")) == ({"default", "__tick"}, 1)
    assert (done.report.stopped, done.report.components["s"].emitted) == ("time", {"default": 1})
    assert [each for each in done.report.warnings if "does not return" in each] == []


@pytest.mark.parametrize(
    ("end", "finding"), [("exit", "ended with exit status 7"), ("stray", '"nowhere"')]
)
def test_a_turn_that_goes_on_may_end_with_a_failure(end: str, finding: str) -> None:
    text = topology_text(
        f'"s" (python-spout-spec options "endless.DyingTurn" ["a"] :conf {{"end" "{end}"}})',
        '"b" (python-bolt-spec options {"s" :shuffle} "parts.Pass" ["a"])',
    )
    done = run(text, mode="process", seconds=60)
    assert finding in done.finding
    assert (done.report.failures[-1].component, done.report.components["s"].emitted) == (
        "s", {"default": 500},
    )  # fmt: skip


def test_a_turn_that_is_long_by_the_clock_goes_on_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.transports.processes.MOST_EFFECTS_A_TURN", 1_000_000)
    monkeypatch.setattr("simulator.transports.processes.LONG_TURN_SECONDS", 0.0)
    done = run(endless("endless.LongTurn"), mode="process", seconds=60)
    s = done.report.components["s"]
    assert (done.report.stopped, s.emitted, s.acked) == ("idle", {"default": 500}, 500)


def test_a_turn_that_is_short_has_the_trace_of_a_wave(monkeypatch: pytest.MonkeyPatch) -> None:
    text = endless("parts.Rows")
    short = run(text, mode="process").lines
    monkeypatch.setattr("simulator.transports.processes.MOST_EFFECTS_A_TURN", 1_000_000)
    assert run(text, mode="process").lines == short == run(text, mode="inprocess").lines

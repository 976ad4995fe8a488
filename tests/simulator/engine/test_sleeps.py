"""Components that sleep in virtual time: a sleep is work. Both transports give the same traces."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest

from simulator.engine.series import LoadReport
from streamparse.virtual_time import SharedClock
from tests.support.table_top import Run, one_bolt, run, spout, topology_text

WIDE_TIMEOUT = {"topology.message.timeout.secs": 600}


def asleep(text: str, *, both: bool = True, **options: Any) -> Run:
    """Run it on a virtual clock, over both transports, which must agree."""
    done = []
    options["conf"] = {"topology.workers": 1, **options.get("conf", {})}
    for mode in ("inprocess", "process")[: 2 if both else 1]:
        with closing(SharedClock()) as clock:
            done.append(run(text, mode=mode, clock=clock, **options))  # type: ignore[arg-type]
    assert [each.lines for each in done] == [done[0].lines] * len(done)
    assert [sorted(each.logs) for each in done] == [sorted(done[0].logs)] * len(done)
    loads = [{name: c.load for name, c in each.report.components.items()} for each in done]
    assert loads == [loads[0]] * len(done)
    return done[-1]


def sleeper(rows: str, cls: str = "Sleeps", rest: str = "", spout_conf: str = "") -> str:
    return topology_text(
        spout(rows, spout_conf),
        f'"b" (python-bolt-spec options {{"s" :shuffle}} "sleeping.{cls}" ["a"] {rest})',
    )


def happened(done: Run, *names: str) -> list[tuple[int, str, str]]:
    return sorted(
        (event["at"], name, event["component"]) for name in names for event in done.named(name)
    )


def load(done: Run, component: str) -> LoadReport:
    found = done.report.components[component].load
    assert found is not None
    return found


def test_what_is_said_between_sleeps_takes_effect_between_them() -> None:
    done = asleep(sleeper('[[["first" 0.1 "second" 0.25 "third" 0.05]]]'))
    assert [(each["at"], each["values"]) for each in done.events("emit", "b")] == [
        (1, ["first"]), (101, ["second"]), (351, ["third"]),
    ]  # fmt: skip
    assert happened(done, "ack", "acked") == [(401, "ack", "b"), (401, "acked", "s")]


def test_a_sleeping_bolt_takes_nothing_else_and_its_queue_grows() -> None:
    done = asleep(sleeper("[[[0.1]] [[0.1]] [[0.1]] [[0.1]]]"), seconds=None)
    assert [at for at, _, _ in happened(done, "ack")] == [101, 201, 301, 401]
    found = load(done, "b")
    # The rows come at 1, 2, 3 and 4 ms; the first sleep makes the bolt a server.
    assert (found.queue, found.busy) == (3, round(400 / 402, 4))
    assert done.report.components["s"].slowest_ms == 398


def test_a_sleep_is_as_long_as_work_of_its_length() -> None:
    slept = asleep(sleeper("[[[0.1]] [[0.1]] [[0.1]]]"), both=False)
    conf = {"topology.workers": 1}
    worked = run(sleeper("[[[]] [[]] [[]]]"), work={"b": "100ms"}, conf=conf)
    assert [happened(each, "emit", "ack", "acked") for each in (slept, slept)] == [
        happened(worked, "emit", "ack", "acked")
    ] * 2


def test_a_tick_comes_late_behind_a_sleeping_bolt() -> None:
    rest = ':conf {"topology.tick.tuple.freq.secs" 1}'
    done = asleep(sleeper("[[[2.5]]]", rest=rest), seconds=2.9)
    assert [at for at, _, _ in happened(done, "tick")] == [1000, 2000]
    assert done.said("b") == ["tick at 2.501"] * 2


def test_who_sleeps_while_it_starts_begins_behind_it() -> None:
    done = asleep(sleeper('[[["x"]]]', "SleepsFirst"), seconds=None)
    assert done.report.stopped == "idle"
    assert done.report.components["s"].acked == 1


def test_a_spout_that_sleeps_in_next_tuple_emits_between_its_sleeps() -> None:
    text = topology_text(
        '"s" (python-spout-spec options "sleeping.Naps" ["a"] :conf {"rows" [["x"] ["y"]] "nap" 0.2})',
        '"b" (python-bolt-spec options {"s" :shuffle} "parts.Pass" ["a"])',
    )
    done = asleep(text, seconds=5)
    assert happened(done, "emit", "acked") == [
        (200, "emit", "b"), (200, "emit", "s"), (301, "acked", "s"),
        (500, "emit", "b"), (500, "emit", "s"), (601, "acked", "s"),
    ]  # fmt: skip


@pytest.mark.parametrize("cls", ["Sleeps", "Naps"])
def test_who_sleeps_for_longer_than_storm_waits_dies(cls: str) -> None:
    if cls == "Sleeps":
        text = sleeper("[[[31.5]]]")
    else:
        text = topology_text(
            '"s" (python-spout-spec options "sleeping.Naps" ["a"] :conf {"rows" [["x"]] "nap" 40})',
            '"b" (python-bolt-spec options {"s" :shuffle} "parts.Pass" ["a"])',
        )
    done = asleep(text, seconds=100)
    assert "subprocess heartbeat timeout" in done.finding
    assert done.report.virtual_ms < 33_000


def test_sleeps_with_words_between_them_are_no_silence() -> None:
    done = asleep(sleeper('[[[20 "a" 20 "b" 20]]]'), seconds=None, conf=WIDE_TIMEOUT)
    assert (done.report.stopped, done.report.components["s"].acked) == ("idle", 1)


def test_who_dies_after_a_sleep_dies_at_its_end() -> None:
    done = asleep(sleeper("[[[0.5]]]", "Crashes"))
    assert [at for at, _, _ in happened(done, "died")] == [501]
    assert "tired" in done.report.failures[0].error


def test_a_run_in_which_nobody_sleeps_has_the_trace_of_one_without_a_clock() -> None:
    text = sleeper('[[["x"]] [["y" "z"]] [[]]]')
    conf = {"topology.workers": 1}
    assert asleep(text).lines == run(text, conf=conf).lines
    other = one_bolt('[["ack-it"] ["fail-it"] ["drop"]]')
    assert asleep(other, seconds=100).lines == run(other, seconds=100, conf=conf).lines


def test_without_a_server_there_is_no_load() -> None:
    done = asleep(sleeper('[[["x"]]]'))
    assert [each.load for each in done.report.components.values()] == [None, None]


def test_a_second_life_begins_at_the_simulators_time_whatever_the_first_had_slept() -> None:
    text = sleeper('[[[40]] [["x" 1 "y"]]]', rest=':conf {"topology.tick.tuple.freq.secs" 60}')
    conf = {"topology.workers": 3, "topology.fall.back.on.java.serialization": True}
    done = asleep(text, seconds=100, on_crash="restart", conf=conf)
    assert done.report.components["b"].restarts == 1
    # Both rows were lost with the first life; its clock had been at 40 s already, at 32 s.
    assert done.said("b") == ["tick at 90.001"]  # the timer of the second life began at 30.001 s

"""Ticks, message timeouts and timers come when they are due (scenarios S8 and S13 of docs/storm.md)."""

from __future__ import annotations

import pytest

from tests.support.table_top import bolt, one_bolt, run, run_both, spout, topology_text

T3 = {"topology.message.timeout.secs": 3}


@pytest.mark.parametrize(("emitted_s", "failed_s"), [(0.4, 6), (2.9, 6), (3.1, 9)])
def test_a_tuple_expires_at_the_second_rotation_after_its_emit(
    emitted_s: float, failed_s: int
) -> None:
    # A turn of the spout takes a millisecond: rows before ours put off its emit.
    wait = round(emitted_s * 1000)
    rows = "[" + '["ack-it"] ' * wait + '["drop"]]'
    text = topology_text(spout(rows), bolt("b", "Obeys"))
    done = run(text, conf=T3)
    (failed,) = done.events("failed", "s")
    assert (failed["id"], failed["at"], failed["reason"]) == (wait, failed_s * 1000, "timeout")
    assert done.events("emit", "s")[wait]["at"] == wait


def test_ticks_reach_every_task_of_a_bolt_and_no_spout() -> None:
    text = topology_text(
        spout('[["drop"]]'),
        bolt("fast", "Tells", rest=':p 1 :conf {"topology.tasks" 2}')
        + bolt("never", "Obeys", rest=':conf {"topology.tick.tuple.freq.secs" nil}')
        + bolt("slow", "Tells", rest=':conf {"topology.tick.tuple.freq.secs" 2}'),
    )
    done = run_both(text, conf={"topology.tick.tuple.freq.secs": 1}, seconds=4)
    ticks = [(event["component"], event["task"], event["at"]) for event in done.named("tick")]
    fast = [("fast", task, at) for at in (1000, 2000, 3000, 4000) for task in (3, 4)]
    assert sorted(ticks) == sorted([*fast, ("slow", 7, 2000), ("slow", 7, 4000)])
    assert done.said("slow")[1:] == ["__system[-1] __tick [2]"] * 2


@pytest.mark.parametrize(
    ("storm", "value", "times"),
    [("2.8.3", '"2"', [2000, 4000]), ("1.2.4", "1.5", [1500, 3000, 4500]), ("1.2.4", "false", [])],
)
def test_ticks_come_as_often_as_that_storm_reads_it(
    storm: str, value: str, times: list[int]
) -> None:
    text = one_bolt('[["drop"]]', rest=f':conf {{"topology.tick.tuple.freq.secs" {value}}}')
    done = run_both(text, storm=storm, seconds=5)
    assert [event["at"] for event in done.events("tick", "b")] == times


def test_a_batch_waits_for_its_second_tick() -> None:
    text = one_bolt(
        '[["dog"] ["cat"] ["dog"]]',
        "Counts",
        '["w" "n"]',
        ':conf {"topology.tick.tuple.freq.secs" 2}',
    )
    done = run_both(text)
    assert [(event["at"], event["values"]) for event in done.events("emit", "b")] == [
        (4000, ["dog", 2]),
        (4000, ["cat", 1]),
    ]
    assert done.said("s")[3:] == ["acked 0", "acked 2", "acked 1"]
    assert done.report.stopped == "idle"


def test_a_tickless_bolt_follows_the_virtual_clock() -> None:
    done = run_both(one_bolt('[["dog"] ["dog"]]', "TimedCounts", '["w" "n"]'))
    assert [(event["at"], event["values"]) for event in done.events("emit", "b")] == [
        (1500, ["dog", 2])
    ]
    assert done.report.stopped == "idle"

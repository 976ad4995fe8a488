"""Ticks, message timeouts and timers come when they are due (scenarios S8 and S13 of docs/storm.md)."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.engine.effects import Settlement
from simulator.engine.timers import RotationDue, TickDue, TimerDue
from simulator.engine.tracker import Pending
from tests.support.engine import Engine, engine_of
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


# -- the timers alone


def ticking(seconds: str, storm: str = "2.8.3", **options: Any) -> Engine:
    """Bolt b with two tasks, 3 and 4, and this period; spout s is task 5."""
    text = topology_text(
        spout("[]"),
        bolt("b", "Tells", rest=f':p 2 :conf {{"topology.tick.tuple.freq.secs" {seconds}}}'),
    )
    engine = engine_of(text, storm=storm, **options)
    engine.timers.arm({})
    return engine


def due(engine: Engine) -> list[tuple[int, str]]:
    """What is on the agenda, as (ms, kind), in the order in which it is due."""
    found = []
    while (next_ms := engine.agenda.next_ms) is not None:
        found += [(next_ms, type(each).__name__) for each in engine.agenda.pop_due(next_ms)]
    return found


def test_ticks_and_timeouts_are_armed_for_one_period_from_now() -> None:
    assert due(ticking("2")) == [(2000, "TickDue"), (60_000, "RotationDue")]


@pytest.mark.parametrize(
    ("seconds", "storm", "first_ms"),
    [("0", "2.8.3", 1), ("-1", "2.8.3", 1), ("0.25", "1.2.4", 250), ("0.0001", "1.2.4", 1)],
)
def test_a_period_is_at_least_a_millisecond(seconds: str, storm: str, first_ms: int) -> None:
    assert due(ticking(seconds, storm))[0] == (first_ms, "TickDue")


@pytest.mark.parametrize(
    "conf", [{"topology.acker.executors": 0}, {"topology.enable.message.timeouts": False}]
)
def test_without_ackers_or_timeouts_nothing_expires(conf: dict[str, object]) -> None:
    assert due(ticking("2", conf=conf)) == [(2000, "TickDue")]


def test_each_executor_of_a_spout_ages_by_itself() -> None:
    engine = engine_of(topology_text(spout("[]", p=3), bolt("b", "Tells")))
    engine.timers.arm({})
    assert due(engine) == [(60_000, "RotationDue")] * 3


def test_a_tick_goes_to_all_tasks_and_the_next_is_one_period_later() -> None:
    engine = ticking("2")
    for task in (3, 4):
        engine.tasks.bolt(task).awaits_tick = True
    engine.agenda.now_ms = 2000
    (tick,) = engine.agenda.pop_due(2000)
    assert isinstance(tick, TickDue)
    engine.timers.handle(tick)
    assert [each.text for task in (3, 4) for each in engine.tasks.bolt(task).inbox] == ["[2]"] * 2
    assert [engine.tasks.bolt(task).awaits_tick for task in (3, 4)] == [False, False]
    assert engine.trace.lines == [
        '{"at":2000,"event":"tick","component":"b","task":3,"tuple":"1"}',
        '{"at":2000,"event":"tick","component":"b","task":4,"tuple":"2"}',
    ]
    assert due(engine) == [(4000, "TickDue"), (60_000, "RotationDue")]


def test_a_timeout_is_followed_by_the_next() -> None:
    engine = ticking("nil")
    engine.tracker.open(Pending(5, 7, "id", 0), 9)
    for now_ms in (60_000, 120_000):
        engine.agenda.now_ms = now_ms
        (rotation,) = engine.agenda.pop_due(now_ms)
        assert isinstance(rotation, RotationDue)
        engine.timers.handle(rotation)
    assert engine.notices(5) == [Settlement("fail", "id", 0, "timeout")]
    assert engine.agenda.next_ms == 180_000


@pytest.mark.parametrize(("after_ms", "due_ms"), [(1500, 1600), (0, 101)])
def test_a_timer_wakes_its_task_not_before_the_next_millisecond(after_ms: int, due_ms: int) -> None:
    engine = engine_of(topology_text(spout("[]"), bolt("b", "Tells")))
    engine.timers.lives[3] = 1
    engine.agenda.now_ms = 100
    engine.timers.set_timer(3, after_ms)
    assert engine.agenda.next_ms == due_ms
    engine.agenda.now_ms = due_ms
    (timer,) = engine.agenda.pop_due(due_ms)
    assert isinstance(timer, TimerDue)
    engine.timers.handle(timer)
    (delivery,) = engine.tasks.bolt(3).inbox
    assert (delivery.stream, delivery.text) == ("__timer", f"[{due_ms}]")
    assert engine.trace.lines == [
        f'{{"at":{due_ms},"event":"timer","component":"b","task":3,"tuple":"1"}}'
    ]


def test_a_timer_does_not_wake_the_next_process_of_its_task() -> None:
    engine = engine_of(topology_text(spout("[]"), bolt("b", "Tells")))
    engine.timers.lives[3] = 2
    engine.timers.handle(TimerDue(3, life=1))
    assert (engine.inbox(3), engine.trace.lines) == ([], [])


def test_the_bolts_that_are_ticked_are_known() -> None:
    assert (ticking("2").timers.ticked, ticking("nil").timers.ticked) == ({"b"}, set())

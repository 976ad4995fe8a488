"""Runs whose work takes time: services, queues, and what is due meanwhile. Both transports give the same traces."""

from __future__ import annotations

import json

import pytest

from simulator.engine.faults import CrashOrder
from tests.support.table_top import (
    WIDE,
    Run,
    bolt,
    one_bolt,
    run,
    run_both,
    spout,
    topology_text,
)

T3 = {"topology.message.timeout.secs": 3}
ONE_WORKER = {"topology.workers": 1}


def rows(count: int, row: str = '["ack-it"]') -> str:
    return "[" + f"{row} " * count + "]"


def happened(done: Run, *names: str) -> list[tuple[int, str, str]]:
    """What happened, as (virtual milliseconds, event, component); of these events only, if any are named."""
    return [
        (event["at"], event["event"], event["component"])
        for event in map(json.loads, done.lines)
        if not names or event["event"] in names
    ]


def times(done: Run, event: str, component: str) -> list[int]:
    return [each["at"] for each in done.events(event, component)]


# -- services of bolts


def test_what_a_bolt_says_takes_effect_at_the_end_of_its_service() -> None:
    text = topology_text(
        spout('[["pass-on" "x"] ["pass-on" "y"]]', outputs='["a" "b"]'),
        bolt("b", "Obeys", outputs='["n"]') + bolt("c", "Tells", '{"b" :shuffle}'),
    )
    assert happened(run_both(text, work={"b": "30ms"})) == [
        (0, "emit", "s"), (1, "emit", "s"),
        (31, "emit", "b"), (31, "ack", "b"), (31, "ack", "c"), (32, "acked", "s"),
        (61, "emit", "b"), (61, "ack", "b"), (61, "ack", "c"), (62, "acked", "s"),
    ]  # fmt: skip


def test_one_tuple_is_served_after_the_other_and_parts_of_milliseconds_are_kept() -> None:
    done = run_both(one_bolt(rows(4)), work={"b": "30.67ms"})
    assert times(done, "ack", "b") == [31, 62, 93, 123]
    assert times(done, "acked", "s") == [31, 62, 93, 123]


def test_a_bolt_takes_several_short_services_in_a_millisecond() -> None:
    # The bolt starts up for 10 ms, and then all rows wait for it.
    done = run_both(one_bolt(rows(9)), work={"b": "0.2ms", "b.initialize": "10ms"})
    # The first five begin at 10.0, 10.2, ... 10.8 ms; what they say takes effect at the next millisecond.
    assert times(done, "ack", "b") == [11] * 5 + [12] * 4


def test_a_bolt_with_threads_works_on_several_tuples_at_once() -> None:
    done = run_both(one_bolt(rows(6)), work={"b": "30ms", "b.parallel": 3})
    assert times(done, "ack", "b") == [31, 32, 33, 61, 62, 63]


def test_the_tasks_of_a_bolt_work_side_by_side() -> None:
    done = run_both(one_bolt(rows(4), rest=":p 2"), work={"b": "30ms"}, conf=ONE_WORKER)
    assert sorted(times(done, "ack", "b")) == [31, 32, 61, 62]


def test_a_tick_waits_behind_the_tuples_that_came_before_it() -> None:
    text = topology_text(
        spout(rows(50)), bolt("b", "Tells", rest=':conf {"topology.tick.tuple.freq.secs" 1}')
    )
    done = run_both(text, work={"b": "100ms"}, seconds=6)
    # The tick that is due at 1 s is handed over when the fifty tuples are done, and with it all that came meanwhile.
    assert done.said("b")[:50] == ["s[4] default ['ack-it']"] * 50
    assert done.said("b")[50:] == ["__system[-1] __tick [1]"] * 5
    assert times(done, "tick", "b") == [1000, 2000, 3000, 4000, 5000]


def test_a_tick_has_work_of_its_own() -> None:
    text = topology_text(
        spout('[["w"] ["w"]]', outputs='["word"]'),
        bolt("b", "Counts", outputs='["word" "n"]', rest=':conf {"topology.tick.tuple.freq.secs" 1}'),
    )  # fmt: skip
    done = run_both(text, work={"b.tick": "250ms"}, seconds=5)
    # The batch comes at the second tick, and is done after a quarter of a second.
    assert times(done, "emit", "b") == [2250]
    assert done.report.components["b"].executed == 2
    no_work = run_both(text, seconds=5)
    assert times(no_work, "emit", "b") == [2000]


def test_a_timer_of_a_ticklesss_batching_bolt_takes_as_long_as_a_tick() -> None:
    text = topology_text(
        spout('[["w"] ["w"]]', outputs='["word"]'),
        bolt("b", "TimedCounts", outputs='["word" "n"]'),
    )
    at_once, late = (
        times(run_both(text, work=work, seconds=5), "emit", "b")
        for work in ({}, {"b.tick": "250ms"})
    )
    assert [each - 250 for each in late] == at_once


# -- message timeouts


def meltdown(seconds: float, **conf: object) -> Run:
    """1,500 rows that are emitted again when they fail, and a bolt that takes 30.67 ms for each."""
    text = topology_text(spout(rows(1500), '"retries" 1000000'), bolt("b", "Obeys"))
    whole = {
        "topology.message.timeout.secs": 10,
        "topology.max.spout.pending": 1000,
        **ONE_WORKER,
        **conf,
    }
    return run(text, work={"b": "30.67ms"}, conf=whole, seconds=seconds)


def test_expired_tuples_keep_their_place_and_their_cost_so_that_no_ack_comes_in_time_again() -> (
    None
):
    # docs/storm.md has what a real Storm does with the same numbers: 652 rows are acked, and then none.
    done = meltdown(60)
    acked = [sample.acked for sample in done.report.series["s"]]
    assert (acked[18], set(acked[19:])) == (619, {652})
    b = done.report.components["b"]
    # All the time it has worked, on tuples of which nobody waits for the ack.
    assert (b.executed, b.acked) == (1957, 1956)
    assert b.load is not None
    assert b.load.busy == 1.0


def test_where_the_queue_is_short_enough_nothing_times_out() -> None:
    done = meltdown(50, **{"topology.max.spout.pending": 300})
    s = done.report.components["s"]
    assert (s.acked, s.failed, s.pending) == (1500, 0, 0)
    assert done.report.stopped == "idle"


@pytest.mark.parametrize(("work", "ends"), [("1.9s", "acked"), ("2.5s", "failed")])
def test_an_ack_behind_a_rotation_in_the_inbox_of_the_spout_is_too_late(
    work: str, ends: str
) -> None:
    # The spout is in next_tuple up to 4 s, when it emits, and again up to 8 s. Rotations are due at 3, 6 and 9 s.
    done = run_both(one_bolt(rows(1)), conf=T3, work={"s.next": "4s", "b": work}, seconds=13)
    assert happened(done, "acked", "failed") == [(8001, ends, "s")]
    assert [each.timeouts for each in done.report.components.values()] == [ends == "failed", 0]


def test_a_row_that_is_emitted_after_two_timeouts_fails_at_once() -> None:
    # As on Storm: the rotations that came during next_tuple are handled behind the emit.
    done = run_both(one_bolt(rows(1)), conf=T3, work={"s.next": "7s", "s.fail": "1ms"}, seconds=15)
    assert happened(done, "emit", "ack", "failed") == [
        (7000, "emit", "s"), (7000, "ack", "b"), (7001, "failed", "s"),
    ]  # fmt: skip


# -- one instant


@pytest.mark.parametrize(("work", "ends"), [("5998ms", "acked"), ("5999ms", "failed")])
def test_at_one_instant_timeouts_come_before_the_ends_of_services(work: str, ends: str) -> None:
    # The row comes at 1 ms; the second rotation is due at 6 s.
    done = run_both(one_bolt(rows(1)), conf=T3, work={"b": work})
    assert [name for _, name, _ in happened(done, "acked", "failed")] == [ends]


def test_at_one_instant_a_tick_comes_before_the_ends_of_services_and_is_served_behind_them() -> (
    None
):
    text = topology_text(
        spout(rows(2)), bolt("b", "Tells", rest=':conf {"topology.tick.tuple.freq.secs" 1}')
    )
    done = run_both(text, work={"b": "999ms"}, seconds=3)
    assert happened(done)[2:5] == [(1000, "tick", "b"), (1000, "ack", "b"), (1000, "acked", "s")]
    assert [said.split()[1] for said in done.said("b")] == ["default", "default", "__tick", "__tick"]  # fmt: skip


def test_services_that_end_at_one_instant_end_in_the_order_of_their_start() -> None:
    text = topology_text(spout(rows(1)), bolt("b", "Obeys") + bolt("c", "Obeys"))
    # Task b, the first by number, begins 9 ms after c.
    done = run_both(text, work={"b": "21ms", "b.initialize": "10ms", "c": "30ms"})
    assert happened(done) == [
        (0, "emit", "s"), (31, "ack", "c"), (31, "ack", "b"), (31, "acked", "s"),
    ]  # fmt: skip


def test_what_ends_at_an_instant_is_begun_by_the_next_task_at_it() -> None:
    text = topology_text(
        spout('[["pass-on" "x"]]', outputs='["a" "b"]'),
        bolt("b", "Obeys", outputs='["n"]') + bolt("c", "Tells", '{"b" :shuffle}'),
    )
    done = run_both(text, work={"b": "30ms", "c": "12ms"})
    assert times(done, "ack", "c") == [1 + 30 + 12]


# -- spouts


def test_a_spout_is_busy_with_each_next_tuple() -> None:
    done = run_both(one_bolt(rows(4)), work={"s": "1.5ms"})
    assert times(done, "emit", "s") == [1, 3, 4, 6]
    assert done.report.stopped == "idle"


def test_a_fast_spout_takes_several_turns_in_a_millisecond() -> None:
    done = run_both(one_bolt(rows(100)), work={"s": "0.2ms"})
    emitted = times(done, "emit", "s")
    # It begins with one turn and doubles them, up to five.
    assert [emitted.count(at) for at in range(1, 6)] == [1, 2, 5, 5, 5]
    assert emitted[-1] == 22


def test_a_spout_is_busy_with_each_ack_and_fail_and_emits_nothing_meanwhile() -> None:
    row = '["ack-it"] ["ack-it"] ["fail-it"]'
    done = run_both(one_bolt(rows(1, row)), work={"s.ack": "5ms", "s.fail": "20ms"})
    assert happened(done, "emit", "acked", "failed") == [
        (1, "emit", "s"), (2, "emit", "s"), (7, "acked", "s"), (12, "acked", "s"), (13, "emit", "s"),
        (34, "failed", "s"),
    ]  # fmt: skip


def test_a_spout_takes_acks_that_came_together_one_after_the_other() -> None:
    # The second and the third come while it is busy with the first.
    work = {"s.ack": "5ms", "s": "1ms", "b": "30ms", "b.parallel": 3}
    done = run_both(one_bolt(rows(3)), work=work)
    assert times(done, "acked", "s") == [36, 41, 46]


@pytest.mark.parametrize(
    ("version", "order"),
    [
        ("2.8.3", "emit emit acked acked emit emit acked acked"),
        ("1.2.4", "emit emit acked emit acked emit acked acked"),
    ],
)
def test_from_2_0_on_a_spout_is_asked_once_no_ack_waits_for_it(version: str, order: str) -> None:
    # The bolt is done with a second row while the spout is told of the first.
    done = run_both(
        one_bolt(rows(4)),
        work={"s.ack": "20ms", "b": "5ms"},
        conf={"topology.max.spout.pending": 2},
        storm_version=version,
    )
    found = [event for _, event, component in happened(done, "emit", "acked") if component == "s"]
    assert " ".join(found) == order


def test_the_tasks_of_an_executor_are_asked_in_turn_and_executors_side_by_side() -> None:
    def emits(how: str) -> list[int]:
        text = topology_text(spout(rows(2), how), bolt("b", "Obeys"))
        return times(run_both(text, conf=ONE_WORKER, work={"s": "5ms"}), "emit", "s")

    assert emits('"topology.tasks" 2') == [5, 10, 15, 20]
    text = topology_text(spout(rows(2), p=2), bolt("b", "Obeys"))
    assert times(run_both(text, conf=ONE_WORKER, work={"s": "5ms"}), "emit", "s") == [5, 5, 10, 10]


def test_a_silent_spout_with_work_lets_the_run_end() -> None:
    done = run_both(topology_text(spout("[]", cls="Lively"), bolt("b", "Tells")), work={"s": "7ms"})
    assert (done.said("s"), done.report.stopped, done.report.virtual_ms) == (
        ["activate", "next", "next", "next"], "idle", 21,
    )  # fmt: skip


def test_a_silent_spout_is_asked_now_and_then_while_a_bolt_is_at_work() -> None:
    text = topology_text(
        spout(rows(1)) + '"l" (python-spout-spec options "parts.Lively" ["a"])',
        bolt("b", "Obeys"),
    )
    done = run_both(text, work={"b": "1s"})
    asked = done.said("l").count("next")
    # Three times at the start, each 100 ms and at the end of the service, and with the ack of the other spout.
    assert (asked, done.report.stopped) == (14, "idle")


# -- start, death and restart


def test_what_comes_while_a_bolt_initializes_waits_for_it() -> None:
    done = run_both(one_bolt(rows(2)), work={"b": "10ms", "b.initialize": "2s"})
    assert times(done, "ack", "b") == [2010, 2020]
    load = done.report.components["b"].load
    assert load is not None
    assert (load.queue, load.waited_ms) == (2, 2003.5)


def test_a_spout_that_initializes_is_asked_behind_it() -> None:
    done = run_both(one_bolt(rows(2)), work={"s.initialize": "2s"})
    assert (times(done, "emit", "s"), done.report.stopped) == ([2001, 2002], "idle")


def test_a_spout_that_cannot_start_ends_the_run_before_it_begins() -> None:
    text = topology_text('"s" (shell-spout-spec ["false"] ["a"])', bolt("b", "Tells"))
    work = {"s": "1ms", "s.initialize": "5s"}
    done = run(text, mode="process", work=work, on_crash="restart")
    assert (done.report.virtual_ms, done.report.stopped) == (0, "error")


@pytest.mark.parametrize("work", [{"b": "30ms"}, {"b": "0.2ms"}, {"b": "30ms", "b.parallel": 3}])
def test_a_crash_takes_effect_at_the_end_of_its_service_and_no_service_begins_before(
    work: dict[str, object],
) -> None:
    text = one_bolt('[["die"] ["ack-it"] ["ack-it"]]')
    done = run_both(text, work=work)
    end = 2 if work["b"] == "0.2ms" else 31
    assert times(done, "died", "b") == [end]
    assert (len(done.report.failures), done.named("ack")) == (1, [])
    assert done.finding == 'b[3]: ended with exit status 1; it held tuple 1 ["die"] from s[4]'


def test_a_restart_loses_the_services_and_the_queue_of_the_earlier_life() -> None:
    # With one acker and two workers, b is alone in its worker. Its two tasks die together.
    conf = {**T3, "topology.acker.executors": 1}
    done = run_both(
        one_bolt(rows(4)), conf=conf, work={"b": "1s", "b.parallel": 2},
        orders=[CrashOrder("b", nth=2)], on_crash="ordered",
    )  # fmt: skip
    # Row 0 is in service when the crash in the service of row 1 takes effect, at its end; row 0 was done 1 ms before.
    assert happened(done)[4:] == [
        (1001, "ack", "b"), (1001, "acked", "s"), (1002, "died", "b"), (1002, "restart", "b"),
        (6000, "failed", "s"), (6000, "failed", "s"), (6000, "failed", "s"),
    ]  # fmt: skip


def test_a_service_that_a_death_of_another_task_cuts_off_has_no_effect() -> None:
    text = topology_text(
        spout('[["exit"]]'), bolt("b", "Obeys") + bolt("c", "Tells", '{"s" :shuffle}')
    )
    conf = {**T3, **ONE_WORKER}
    done = run(text, conf=conf, work={"b": "1s", "c": "2s"}, on_crash="restart", seconds=2.5)
    # The bolt c dies with b at 1 s, so what it would have done at 2 s is lost; so are the spout and its row.
    assert happened(done, "ack", "died")[0] == (1001, "died", "b")
    assert [each for each in happened(done, "ack") if each[0] == 2001] == []
    load = done.report.components["c"].load
    assert load is not None
    assert load.busy <= 1


def test_what_is_under_way_at_the_end_counts_as_pending() -> None:
    done = run_both(one_bolt(rows(5)), work={"b": "400ms", "s.ack": "300ms"}, seconds=1)
    s, b = (done.report.components[name] for name in "sb")
    # Two are done, and the spout is at work on the ack of the second.
    assert (b.executed, b.acked, s.acked, s.pending, done.report.stopped) == (3, 2, 1, 4, "time")


# -- traces


WORK: dict[str, object] = {
    "s": "exp(2ms)", "s.ack": "0.1ms..0.3ms", "mid": "exp(5ms)", "mid.initialize": "10ms", "sink": ["1ms", "7ms"],
    "sink.parallel": 2,
}  # fmt: skip


def test_drawn_work_gives_one_trace_for_one_seed_and_another_for_another() -> None:
    digests = [run_both(WIDE, seed=seed, work=WORK).report.trace_sha256 for seed in (1, 1, 2)]
    assert digests[0] == digests[1] != digests[2]


def test_work_of_a_component_that_gets_no_tuple_changes_nothing() -> None:
    bolt_text = bolt("quiet", "Tells", '{["mid" "never"] :shuffle}')
    quiet = WIDE.replace('"sink"', f'{bolt_text} "sink"')
    quiet = quiet.replace('"parts.Obeys" ["n"]', '"parts.Obeys" {"default" ["n"] "never" ["n"]}')
    work = {"quiet": "30ms", "quiet.tick": "exp(5ms)"}
    with_work, without = run_both(quiet, work=work), run_both(quiet)
    assert with_work.report.components["mid"].executed == 60
    assert with_work.lines == without.lines


def test_work_that_takes_no_time_loses_and_reorders_nothing() -> None:
    nothing = {"s": "0ms", "mid": "0ms", "sink": "0ms"}
    plain, served = run(WIDE), run_both(WIDE, work=nothing)
    assert {name: (each.executed, each.acked) for name, each in served.report.components.items()} == {
        name: (each.executed, each.acked) for name, each in plain.report.components.items()
    }  # fmt: skip
    assert served.report.stopped == "idle"

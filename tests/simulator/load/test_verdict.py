"""The verdict on a run under load, and the arithmetic that explains it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulator.engine import faults
from simulator.load import Verdict, judge
from simulator.load.verdict import Bottleneck, find_bottleneck, pending_limit, timeout_of
from tests.support.loaded import ENDLESS, Loaded, loaded
from tests.support.table_top import bolt, one_bolt, spout, topology_text

WORK = {"b": "30ms"}


def verdict(run: Loaded) -> Verdict:
    return judge(run.report, run.topology, run.options)


# -- a bolt that takes 30 ms, and a timeout of 10 s


@pytest.mark.parametrize(
    ("pending", "seconds", "expected", "why"),
    [
        (100, 30, "steady", "100 pending x 30 ms = 3 s at b, within the timeout of 10 s"),
        (500, 60, "late", "500 pending x 30 ms = 15 s at b, and the timeout is 10 s: 834 tuples timed out"),
        (
            1000, 60, "MELTDOWN at 20 s",
            "1000 pending x 30 ms = 30 s at b, more than twice the timeout of 10 s: every ack comes too late",
        ),
    ],
)  # fmt: skip
def test_what_decides_is_how_long_a_tuple_waits(
    pending: int, seconds: float, expected: str, why: str
) -> None:
    found = verdict(loaded(ENDLESS, WORK, pending=pending, seconds=seconds))
    assert (str(found), found.why, found.is_forecast) == (expected, why, False)


def test_without_a_limit_every_queue_melts_down() -> None:
    found = verdict(loaded(ENDLESS, WORK, timeout=2, pending=None, seconds=10))
    assert (str(found), found.why) == (
        "MELTDOWN at 4 s",
        "b is busy 100% of the time, and topology.max.spout.pending does not limit what waits for it; "
        "expired tuples wait and cost their work too, and the timeout is 2 s",
    )


@pytest.mark.parametrize(
    ("pending", "kind"), [(300, "steady"), (500, "late"), (1000, "meltdown"), (None, "meltdown")]
)
def test_a_run_that_is_too_short_to_show_it_gives_a_forecast(
    pending: int | None, kind: str
) -> None:
    found = verdict(loaded(ENDLESS, WORK, pending=pending, seconds=8))
    assert (found.kind, found.at_s, found.is_forecast) == (kind, None, kind != "steady")
    assert ("the run of 8 s is too short to show it, -t 30 does" in found.why) == (kind != "steady")


def test_the_meltdown_of_30_67_ms_and_1000_pending_tuples_begins_at_20_seconds() -> None:
    text = topology_text(
        spout("[" + '["ack-it"] ' * 1500 + "]", '"retries" 1000000'), bolt("b", "Obeys")
    )
    run = loaded(text, {"b": "30.67ms"}, pending=1000, seconds=40)
    report = run.report
    found = judge(report, run.topology, run.options)
    assert (str(found), report.components["s"].acked) == ("MELTDOWN at 20 s", 652)
    assert found.why.startswith("1000 pending x 30.67 ms = 30.7 s at b, ")


def test_a_bolt_that_is_seldom_busy_is_no_reason_to_wait() -> None:
    found = verdict(loaded(ENDLESS, {"b": "0.5ms"}, pending=5000, seconds=8))
    assert (str(found), found.why) == (
        "steady", "b is busy 50% of the time, so nothing waits long",
    )  # fmt: skip


def test_a_bolt_that_died_is_not_said_to_keep_nothing_waiting() -> None:
    crash = faults.CrashOrder("b", "tuple", 5)
    work = {"s": "100ms", "b": "30ms"}
    found = verdict(loaded(ENDLESS, work, timeout=60, orders=[crash], on_crash="restart"))
    assert (str(found), found.why) == (
        "steady",
        "b is busy 30% of the time; what was lost with a worker that was restarted does not count",
    )


def test_a_spell_in_which_inputs_waited_is_named() -> None:
    text = topology_text(
        spout("[" + '["ack-it"] ' * 100 + "]"),
        bolt("b", "Obeys", rest=':conf {"topology.tick.tuple.freq.secs" 20}'),
    )
    found = verdict(loaded(text, WORK, seconds=30, timeout=60))
    assert (str(found), found.why) == (
        "steady", "b is busy 15% of the time, and 96 inputs waited in front of a task for a spell",
    )  # fmt: skip


def test_a_tuple_that_a_bolt_forgets_is_no_meltdown() -> None:
    text = topology_text(spout('[["drop"] ["ack-it"]]'), bolt("b", "Obeys"))
    found = verdict(loaded(text, WORK, seconds=60))
    assert (str(found), found.why) == (
        "late", "b is busy 0% of the time, so its queue is not why 1 tuple timed out after 10 s",
    )  # fmt: skip


def test_without_message_ids_nothing_times_out_and_nothing_limits_the_queue() -> None:
    text = topology_text(spout("[]", cls="Unreliable"), bolt("b", "Fussy"))
    found = verdict(loaded(text, WORK, seconds=8))
    assert (str(found), found.wait_s, found.why) == (
        "steady", None,
        "b is busy 100% of the time; no tuple has a message id, so none times out, and nothing limits what waits",
    )  # fmt: skip


def test_without_timeouts_there_is_no_meltdown() -> None:
    conf = {"topology.enable.message.timeouts": False}
    found = verdict(loaded(ENDLESS, WORK, pending=1000, conf=conf, seconds=8))
    assert (str(found), found.why) == (
        "steady", "1000 pending x 30 ms = 30 s at b; nothing times out",
    )  # fmt: skip


@pytest.mark.parametrize("work", [{}, {"s": "1ms"}])
def test_without_a_bolt_at_work_there_is_nothing_to_judge(work: dict[str, object]) -> None:
    found = verdict(loaded(ENDLESS, work, seconds=1))
    assert (str(found), found.why, found.bottleneck) == ("steady", "no bolt was at work", None)


def test_tuples_that_time_out_in_front_of_a_bolt_that_never_begins_are_late() -> None:
    found = verdict(loaded(ENDLESS, {"b.initialize": "1h"}, seconds=25))
    assert (str(found), found.why) == (
        "late", "no bolt was at work, and 100 tuples timed out after 10 s",
    )  # fmt: skip


def test_a_spout_that_has_emitted_nothing_gives_nothing_to_judge() -> None:
    found = verdict(loaded(ENDLESS, {"s": "1h"}, seconds=2))
    assert found.why == "no spout has emitted anything in 2 s, so there is nothing to judge"


def test_what_is_pending_when_a_worker_dies_does_not_make_it_a_run_without_message_ids() -> None:
    conf = {"topology.subprocess.timeout.secs": 5}
    run = loaded(ENDLESS, {"b": "20s"}, timeout=60, seconds=22, conf=conf)
    options = run.options.but(on_crash="restart", restart_ms=5000)
    found = verdict(Loaded(run.topology, options))
    assert found.why == (
        "b is busy 55% of the time; what was lost with workers that were restarted 2 times does not count"
    )


def test_a_limit_that_is_never_reached_is_not_said_to_be_waited_for() -> None:
    rows = "[" + '["ack-it"] ' * 26 + "]"
    found = verdict(loaded(one_bolt(rows), {"b": "30ms"}, pending=5000, seconds=None))
    assert (str(found), found.why) == (
        "steady", "b is busy 100% of the time, and never more than 25 inputs waited in front of a task",
    )  # fmt: skip


# -- the bottleneck


def test_the_busiest_task_of_a_skewed_grouping_decides() -> None:
    text = topology_text(spout("[]", cls="Skewed"), bolt("b", "Fussy", '{"s" ["a"]}', rest=":p 2"))
    run = loaded(text, WORK, pending=100, seconds=20)
    report = run.report
    neck = find_bottleneck(report)
    assert neck is not None
    load = report.components["b"].load
    assert load is not None
    # Three of four words are hot; the other task has time to spare.
    assert (round(neck.share, 2), round(neck.busy, 2), round(load.busy, 2)) == (0.75, 1.0, 0.69)
    assert judge(report, run.topology, run.options).why == (
        "100 pending x 30 ms x 100% of them at one task = 3 s at b, within the timeout of 10 s"
    )


SKEWED = topology_text(spout("[]", cls="Skewed"), bolt("b", "Fussy", '{"s" ["a"]}', rest=":p 2"))
FILTERED = topology_text(
    spout("[]", cls="Skewed"),
    bolt("f", "PassesCold", outputs='["x"]') + bolt("b", "Fussy", '{"f" :shuffle}'),
)


@pytest.mark.parametrize("text", [SKEWED, FILTERED])
def test_what_does_not_come_to_the_busiest_task_makes_room_for_what_does(text: str) -> None:
    """At last all that may be pending waits in front of that task, so a limit has to hold for all of it."""
    work = {"b": "30ms"}
    within, beyond = (
        verdict(loaded(text, work, timeout=3, pending=pending, seconds=20)) for pending in (95, 115)
    )
    assert (str(within), round(within.wait_s or 0, 2)) == ("steady", 2.85)
    assert (str(beyond), round(beyond.wait_s or 0, 2)) == ("late", 3.45)


def test_a_tuple_that_comes_in_several_copies_costs_each_of_them() -> None:
    text = topology_text(
        spout("[]", cls="Endless"),
        bolt("b", "Pass", outputs='["x"]') + bolt("d", "Fussy", '{"b" :shuffle "s" :shuffle}'),
    )
    found = verdict(loaded(text, {"b": "1ms", "d": "30ms"}, pending=200, seconds=8))
    assert found.why.startswith("200 pending x 2 copies x 30 ms = 12 s at d, ")
    assert found.bottleneck is not None
    assert found.bottleneck.component == "d"


def test_tuples_that_a_task_works_on_at_the_same_time_wait_less() -> None:
    work = {"b": "30ms", "b.parallel": 4}
    found = verdict(loaded(ENDLESS, work, pending=1000, seconds=8))
    assert (str(found), found.why) == (
        "steady", "1000 pending x 30 ms / 4 at a time = 7.5 s at b, within the timeout of 10 s",
    )  # fmt: skip


def test_a_run_of_less_than_a_second_counts_what_waits_too() -> None:
    found = verdict(loaded(ENDLESS, WORK, seconds=0.5))
    assert found.why == "100 pending x 30 ms = 3 s at b, within the timeout of 10 s"


def test_the_rate_of_a_bottleneck_is_that_of_its_busiest_task() -> None:
    neck = Bottleneck("b", 1.0, tasks=2, copies=2, share=0.75, service_ms=40, parallel=3)
    assert (neck.ms_per_tuple, neck.rate) == (20, 50)
    assert replace(neck, service_ms=0).rate == float("inf")


# -- limits


def test_the_pending_limit_is_that_of_all_spouts_and_each_may_set_its_own() -> None:
    two = topology_text(
        spout("[]", p=2)
        + '"z" (python-spout-spec options "parts.Endless" ["a"] :conf {"topology.max.spout.pending" 7})',
        bolt("b", "Fussy"),
    )
    run = loaded(two, WORK, pending=100, seconds=1)
    report = run.report
    assert pending_limit(report, run.topology, run.options) == 2 * 100 + 7
    none = run.options.but(conf={**run.options.conf, "topology.max.spout.pending": None})
    assert pending_limit(report, run.topology, none) is None


def test_the_timeout_is_storms_unless_it_is_set() -> None:
    options = loaded(ENDLESS, {}).options
    assert (timeout_of(options), timeout_of(options.but(conf={}))) == (10, 30)


# -- as it is printed


def test_a_verdict_as_json() -> None:
    found = verdict(loaded(ENDLESS, WORK, pending=1000, seconds=31))
    assert found.as_dict() == {
        "verdict": "meltdown",
        "at_s": 20,
        "why": "1000 pending x 30 ms = 30 s at b, more than twice the timeout of 10 s: every ack comes too late",
        "bottleneck": "b",
    }
    short = verdict(loaded(ENDLESS, WORK, pending=1000, seconds=2))
    assert short.as_dict()["forecast"] is True

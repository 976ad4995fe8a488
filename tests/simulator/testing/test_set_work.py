"""Work in tests: ``work=``, ``takes``, and what a test looks at: queue, busy, waited, waiting, latency, verdict."""

from __future__ import annotations

from typing import Any

import pytest

from streamparse.testing import Storm
from tests.support.chain_project import Mistake, chain, check_mistake

ROWS: list[list[Any]] = [[n, "dog"] for n in range(5)]
ONE_WORKER = {"topology.workers": 1}


def test_the_queue_the_waiting_and_the_latency_of_a_bolt_with_work_are_exact(storm: Storm) -> None:
    run = chain(storm, ROWS, work={"pass": "100ms"}, conf=ONE_WORKER)
    run.advance(0.25)
    # Rows leave at 0, 1, 2, 3 and 4 ms, and arrive a millisecond later; services end at 101 and 201 ms.
    assert (run["pass"].waiting, run["rows"].pending) == (2, [2, 3, 4])
    run.complete()
    assert run["rows"].acked == [0, 1, 2, 3, 4]
    assert (run["pass"].queue, run["pass"].waiting) == (4, 0)
    assert run["pass"].waited == pytest.approx((0 + 99 + 198 + 297 + 396) / 5 / 1000)
    # The counter takes its part of a millisecond, and then the spout is notified.
    latencies = [0.102, 0.201, 0.3, 0.399, 0.498]
    assert [run["rows"].latency.percentile(each) for each in (20, 40, 60, 80, 100)] == latencies
    assert (run.latency.p99, run.latency.count) == (0.498, 5)
    assert run.latency.mean == pytest.approx(0.3)


def test_busy_is_the_share_of_virtual_time(storm: Storm) -> None:
    run = chain(storm, ROWS, work={"pass": "100ms"})
    run.advance(2)
    assert run["pass"].busy == pytest.approx(0.25)


def test_work_may_change_while_it_runs(storm: Storm) -> None:
    run = chain(storm, ROWS[:2], conf=ONE_WORKER)
    run.complete()
    run["pass"].takes("30ms")
    run["rows"].feed(ROWS[2:4])
    run.complete()
    run["pass"].takes(tuple="200ms")
    run["rows"].feed(ROWS[4:])
    run.complete()
    assert [run["rows"].latency.percentile(each) for each in (40, 60, 80, 100)] == [
        0.003, 0.032, 0.061, 0.202,
    ]  # fmt: skip


def test_a_harness_takes_its_time_and_emits_at_its_end(storm: Storm) -> None:
    bolt = storm.bolt("made.Pass", inputs=["a"], outputs=["a"])
    bolt.takes("30ms")
    first, second = bolt.process(["x"]), bolt.process(["y"])
    assert [each.emitted[0].time_ms for each in (first, second)] == [30, 60]
    spout = storm.spout("made.Numbers", outputs=["n"])
    spout.takes("50ms", ack="10ms")
    emitted = [spout.next_tuple().emitted[0].time_ms for _ in range(2)]
    assert emitted == [50, 101]  # a harness asks anew in the millisecond behind


def test_the_verdict_is_that_of_the_run_so_far(storm: Storm) -> None:
    rows = [[n, "dog"] for n in range(200)]
    conf = {**ONE_WORKER, "topology.message.timeout.secs": 2}
    run = storm.topology("chain.clj", spouts={"rows": rows}, work={"pass": "50ms"}, conf=conf)
    run.advance(20)
    assert (str(run.verdict), run.verdict.bottleneck and run.verdict.bottleneck.component) == (
        "late", "pass",
    )  # fmt: skip
    assert run.verdict.why


MISTAKES: dict[str, tuple[Mistake, str]] = {
    "a name": (
        lambda storm: chain(storm, work={"pas": "30ms"}),
        "work pas: there is no component 'pas' (did you mean \"pass\"?)",
    ),
    "a duration": (
        lambda storm: chain(storm, work={"pass": 30}),
        "work pass: 30 has no unit; expected 30ms, 0.03s, 20ms..40ms or exp(30ms)",
    ),
    "rows": (
        lambda storm: chain(storm)["rows"].takes("30ms"),
        "work rows.next: rows has no process that could work, its rows come from a stub",
    ),
    "a part": (
        lambda storm: chain(storm)["pass"].takes(tick="1s", tik="1s"),
        "work pass.tik: the bolt pass has no work 'tik' (did you mean \"tick\"?)",
    ),
    "the duration of a harness": (
        lambda storm: storm.bolt("made.Pass", inputs=["a"], outputs=["a"]).takes("soon"),
        'work Pass.tuple: "soon" is no duration; expected 30ms, 0.03s, 20ms..40ms or exp(30ms)',
    ),
    "queue": (
        lambda storm: chain(storm)["pass"].queue,
        "the work of pass takes no time; give it some: work={'pass': '30ms'}, or takes('30ms')",
    ),
    "waited": (lambda storm: chain(storm)["pass"].waited, "the work of pass takes no time; *"),
    "busy": (lambda storm: chain(storm)["count"].busy, "the work of count takes no time; *"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_line_that_says_what_was_expected(mistake: str, storm: Storm) -> None:
    check_mistake(storm, *MISTAKES[mistake])


def test_without_work_inputs_wait_for_nobody_and_no_tuple_has_no_latency(storm: Storm) -> None:
    run = chain(storm, [])
    run.complete()
    assert (run["pass"].waiting, run["rows"].latency.count, run.latency.count) == (0, 0, 0)

"""The queues in front of a bolt's task, and who waits when they are full."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from simulator.engine.full_queues import Ahead, Limits, limits_of
from simulator.model import profile
from tests.support.engine import copy
from tests.support.table_top import Run, bolt, run, spout, topology_text

SIZE = "topology.executor.receive.buffer.size"
PENDING = "topology.shellbolt.max.pending"
ENABLE = "topology.backpressure.enable"


@pytest.mark.parametrize(
    ("storm", "conf", "limits"),
    [
        ("2.8.3", {}, Limits(32_768, 100, None)),
        ("2.8.3", {SIZE: 1000, PENDING: 7}, Limits(1024, 7, None)),  # rounded up to a power of 2
        ("2.0.0", {SIZE: 1024}, Limits(1024, 100, None)),
        ("1.2.4", {}, Limits(None, 100, None)),
        ("1.2.4", {ENABLE: True, SIZE: 64}, Limits(None, 100, 64)),
        ("1.0.1", {}, Limits(None, 100, 1024)),  # the default of these two versions
        ("1.0.1", {ENABLE: False}, Limits(None, 100, None)),
        ("0.9.5", {ENABLE: True}, Limits(None, 0, None)),
    ],
)
def test_the_limits_are_those_of_the_storm_and_its_settings(
    storm: str, conf: Mapping[str, object], limits: Limits
) -> None:
    found = limits_of(conf, profile(storm))
    assert found == limits
    assert found.may_fill == (limits.receive is not None or limits.slots is not None)


def measured(limits: Limits) -> Ahead:
    """What a child has in front of it, where the pipe holds some tuples of this size."""
    ahead = Ahead(limits)
    ahead.measure(copy("1", 3))
    return ahead


def test_the_pipe_holds_as_many_tuples_as_their_size_allows() -> None:
    small, large = measured(Limits(4, 2, None)), Ahead(Limits(4, 2, None))
    delivery = copy("1", 3)
    delivery.text = f'["{"x" * 70_000}"]'
    large.measure(delivery)
    assert small.in_pipe > 500
    assert large.in_pipe == 1  # a part of it is on its way


def test_a_task_is_full_when_every_queue_in_front_of_it_is() -> None:
    ahead = measured(Limits(4, 2, None))
    most = 4 + 2 + ahead.in_pipe
    assert [ahead.is_full(each) for each in (most - 1, most)] == [False, True]
    assert [ahead.in_receive_queue(each) for each in (most, most - 4, 0)] == [4, 0, 0]


def test_a_child_reads_on_when_it_has_nothing_left_so_room_comes_in_lumps() -> None:
    ahead = measured(Limits(4, 2, None))
    most, waiting = 4 + 2 + ahead.in_pipe, 5000
    ahead.taken(waiting)  # it takes one, and reads what the pipe holds
    assert ahead.read == ahead.in_pipe
    assert not ahead.is_full(most + ahead.in_pipe - 1)
    for left in range(ahead.in_pipe - 1, -1, -1):
        ahead.taken(waiting)
        assert ahead.read == left
    ahead.taken(3)
    assert ahead.read == 3


def test_a_child_that_waits_for_task_ids_takes_everything_in() -> None:
    ahead = measured(Limits(4, 2, None))
    ahead.draw(5000)
    ahead.draw(5000)
    assert ahead.read == 2 * ahead.in_pipe
    ahead.draw(3)
    assert ahead.read == 3


# -- in runs: a spout without end, and a bolt that is too slow

ENDLESS = topology_text(spout("[]", cls="Endless"), bolt("b", "Tells"))


def flooded(storm: str = "2.8.3", seconds: float = 10, **conf: object) -> Run:
    """A run of it."""
    settings: dict[str, object] = {
        "topology.workers": 1,
        "topology.max.spout.pending": None,
        SIZE: 16,
        PENDING: 4,
        **conf,
    }
    options: dict[str, Any] = {"storm_version": storm, "work": {"b": "10ms", "s.next": "0.5ms"}}
    return run(ENDLESS, mode="inprocess", conf=settings, seconds=seconds, **options)


def emitted(done: Run) -> int:
    return done.report.components["s"].emitted["default"]


def test_from_2_0_on_a_spout_waits_for_a_full_queue_and_is_told_acks_meanwhile() -> None:
    done = flooded()
    counts = done.report.components
    assert emitted(done) < 3000  # without a limit it would be 20,000
    assert counts["s"].acked == counts["b"].acked == pytest.approx(1000, abs=2)
    (warning,) = done.report.warnings
    assert warning.startswith("the queue in front of b is full at ")


def test_in_1_x_nobody_waits_unless_back_pressure_is_on() -> None:
    free, held = flooded("1.2.4"), flooded("1.2.4", **{ENABLE: True})
    assert emitted(free) == pytest.approx(20_000, abs=2)
    assert emitted(held) < 3000
    assert (free.report.warnings, held.report.warnings) == ([], [])


def test_up_to_0_10_the_queue_of_a_shell_bolt_has_no_limit() -> None:
    assert emitted(flooded("0.10.2", seconds=2)) == pytest.approx(4_000, abs=2)

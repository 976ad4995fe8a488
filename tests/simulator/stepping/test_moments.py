"""A simulation between two waves: queues, held tuples, late copies and pending roots."""

from __future__ import annotations

from typing import Any

from simulator.engine import faults
from simulator.stepping import HeldTuple, Moment, PendingRoot, Stepper, TaskMoment
from tests.support.stepped import making

X = HeldTuple("1", "s", 4, "default", '["pass_on","x"]')
Y = HeldTuple("3", "s", 4, "default", '["keep","y"]')
ON = HeldTuple("2", "b", 3, "default", '["x"]')
ROOT_X = PendingRoot("s", 4, "0", 0, (("b", 3, '["pass_on","x"]'),))
ROOT_Y = PendingRoot("s", 4, "1", 1, (("b", 3, '["keep","y"]'),))
SPOUT = TaskMoment("s", 4, "spout", False)
SINK = TaskMoment("sink", 5, "bolt", False)


def b(**parts: Any) -> TaskMoment:
    return TaskMoment("b", 3, "bolt", False, **parts)


def moments(waves: int, **options: Any) -> list[Moment]:
    """What the run is after each of its first waves."""
    found = []
    with Stepper(making(**options)) as stepper:
        for _ in range(waves):
            assert stepper.next()
            found.append(stepper.look())
    return found


def test_a_tuple_waits_then_it_is_handed_over_and_then_it_is_held_or_gone() -> None:
    sink = TaskMoment("sink", 5, "bolt", False, queue=(ON,))
    at_sink = PendingRoot("s", 4, "0", 0, (("sink", 5, '["x"]'),))
    nowhere = PendingRoot("s", 4, "0", 0, ())
    assert moments(4) == [
        Moment(1, 60_000, (b(queue=(X,)), SPOUT, SINK), (ROOT_X,)),
        Moment(2, 60_000, (b(queue=(Y,)), SPOUT, sink), (at_sink, ROOT_Y)),
        Moment(3, 60_000, (b(held=(Y,)), SPOUT, SINK), (nowhere, ROOT_Y)),
        Moment(4, 60_000, (b(held=(Y,)), SPOUT, SINK), (ROOT_Y,)),
    ]


def test_the_tasks_of_one_component_can_be_asked_for() -> None:
    (moment,) = moments(1)
    assert moment.of("b") == (b(queue=(X,)),)


def test_a_copy_that_is_late_is_on_its_way() -> None:
    (moment,) = moments(1, rules=[faults.Nth(faults.Delay(500), "b")])
    late = HeldTuple("1", "s", 4, "default", '["pass_on","x"]', due_ms=501)
    assert (moment.of("b"), moment.pending) == ((b(on_the_way=(late,)),), (ROOT_X,))


def test_a_worker_that_has_not_come_up_again_is_down() -> None:
    order = faults.CrashOrder("b", before="tuple", nth=1)
    *_, moment = moments(2, orders=[order], on_crash="restart", restart_ms=5000)
    assert [(each.component, each.is_down) for each in moment.tasks] == [
        ("b", True), ("s", False), ("sink", True),
    ]  # fmt: skip


def test_a_task_whose_work_takes_time_has_its_tuple_until_its_service_ends() -> None:
    _, moment = moments(2, work={"b": "30ms"})
    waiting = HeldTuple("2", "s", 4, "default", '["keep","y"]')
    assert moment.of("b") == (b(held=(X,), queue=(waiting,), busy_until_ms=31),)
    assert moment.pending[0] == ROOT_X


def test_a_spout_has_notices_that_wait_for_its_turn() -> None:
    with Stepper(making()) as stepper:
        stepper.next()
        stepper.simulation.by_hand.decide(stepper.simulation.pending[0], "fail")
        stepper.simulation._tracker.drain(stepper.simulation._tracker.executors[0])
        assert [each.notices for each in stepper.look().of("s")] == [1]

"""Tasks are routed in the order of the wave, each as soon as those before it are done."""

from __future__ import annotations

import itertools

from simulator.engine.in_order import InOrder
from tests.support.engine import engine_of
from tests.support.table_top import bolt, spout, topology_text

TASKS = [
    *engine_of(topology_text(spout("[]"), bolt("b", "Tells", rest=":p 3"))).tasks
]  # 3, 4, 5 of b and 6 of s


def routed(order: list[int], done: list[int]) -> list[list[int]]:
    """The tasks that are routed at each report that a task is done."""
    now: list[int] = []
    steps = []
    by_id = {task.id: task for task in TASKS}
    in_order = InOrder([by_id[task] for task in order], lambda task: now.append(task.id))
    for task in done:
        in_order.on_done(by_id[task])
        steps.append(list(now))
        now.clear()
    return steps


def test_a_task_is_routed_as_soon_as_those_before_it_are_done() -> None:
    assert routed([3, 4, 5, 6], [3, 5, 4, 6]) == [[3], [], [4, 5], [6]]


def test_the_order_is_the_one_that_was_given_and_not_that_of_the_numbers() -> None:
    assert routed([5, 3], [3, 5]) == [[], [5, 3]]


def test_whichever_task_is_done_first_the_routing_is_the_same() -> None:
    order = [4, 3, 6, 5]
    for done in itertools.permutations(order):
        assert list(itertools.chain(*routed(order, list(done)))) == order


def test_nothing_is_routed_for_a_wave_without_tasks() -> None:
    assert routed([], []) == []

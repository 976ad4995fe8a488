"""The tasks of a run by number."""

from __future__ import annotations

import pytest

from simulator.engine.bolt_task import BoltTask
from simulator.engine.spout_task import SpoutTask
from simulator.engine.tasks import Tasks
from tests.support.engine import Engine, engine_of
from tests.support.table_top import bolt, spout, topology_text


@pytest.fixture
def engine() -> Engine:
    """Two bolts, of which one is named behind the spout: tasks 3 of b, 4 of s, and 5 and 6 of z."""
    return engine_of(
        topology_text(spout("[]"), bolt("z", "Tells", rest=":p 2") + bolt("b", "Tells"))
    )


def test_tasks_are_walked_by_number_whatever_the_order_of_the_components(engine: Engine) -> None:
    assert [(task.id, task.component, task.index) for task in engine.tasks] == [
        (3, "b", 0), (4, "s", 0), (5, "z", 0), (6, "z", 1),
    ]  # fmt: skip


def test_spouts_and_bolts_are_found_among_them(engine: Engine) -> None:
    tasks = engine.tasks
    assert [spout.id for spout in tasks.spouts] == [4]
    assert [bolt.id for bolt in tasks.bolts] == [3, 5, 6]
    assert (type(tasks.spout(4)), type(tasks.bolt(5))) == (SpoutTask, BoltTask)
    assert tasks[5] is tasks.bolt(5)


def test_a_task_that_is_started_again_takes_the_place_of_the_old_one(engine: Engine) -> None:
    tasks, wiring = engine.tasks, engine.wiring
    old = tasks.bolt(5)
    tasks.replace([wiring.make_task(5, lambda *_: None, [], is_active=True)])
    assert tasks[5] is not old
    assert [task.id for task in tasks] == [3, 4, 5, 6]
    assert tasks.bolts == [tasks[3], tasks[5], tasks[6]]


def test_a_run_begins_active_and_without_tasks() -> None:
    tasks = Tasks()
    assert (tasks.is_active, list(tasks), tasks.spouts, tasks.bolts) == (True, [], [], [])

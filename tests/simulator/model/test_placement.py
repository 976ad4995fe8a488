"""Tasks are numbered, and distributed over executors and workers, as by Storm."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.model import TopologyError, assign_workers, executors, number_tasks
from tests.support.built import SHUFFLE, bolt, spout, topology


def test_tasks_are_numbered_in_javas_order_of_the_ids() -> None:
    # Capital letters, digits and - sort before the _ of __acker, small letters after it (seen on Storm 2.8.3).
    built = topology(
        spout("word-spout"),
        bolt("count-bolt", {"word-spout": SHUFFLE}, parallelism=2),
        bolt("Alert-bolt", {"word-spout": SHUFFLE}),
    )
    assert number_tasks(built, {"topology.acker.executors": 2}) == {
        "Alert-bolt": (1,),
        "__acker": (2, 3),
        "count-bolt": (4, 5),
        "word-spout": (6,),
    }


def test_ids_beyond_the_basic_plane_sort_by_their_utf16_code_units() -> None:
    built = topology(spout("\uff5e"), spout("\U0001f600"), spout("z"))
    assert list(number_tasks(built, {"topology.acker.executors": 0})) == [
        "z",
        "\U0001f600",
        "\uff5e",
    ]


@pytest.mark.parametrize(
    ("parallelism", "own", "conf", "tasks", "shares"),
    [
        (None, {}, {}, 1, [1]),
        (4, {}, {}, 4, [1, 1, 1, 1]),
        (4, {"topology.tasks": 1}, {}, 1, [1]),
        (1, {"topology.tasks": 3}, {}, 3, [3]),
        (3, {"topology.tasks": 10}, {}, 10, [4, 3, 3]),
        (4, {}, {"topology.max.task.parallelism": 2}, 2, [1, 1]),
        (
            4,
            {"topology.max.task.parallelism": 3},
            {"topology.max.task.parallelism": 2},
            3,
            [1, 1, 1],
        ),
        (2, {}, {"topology.tasks": 4}, 4, [2, 2]),
        (2, {"topology.tasks": 1}, {"topology.tasks": 4}, 1, [1]),
        (2, {"topology.tasks": None}, {"topology.tasks": 4}, 2, [1, 1]),
        (2, {"topology.tasks": 0}, {}, 0, []),
        (2, {"topology.tasks": -1}, {}, 0, []),
    ],
)
def test_tasks_and_executors_follow_p_and_two_settings(
    parallelism: int | None,
    own: dict[str, object],
    conf: dict[Any, object],
    tasks: int,
    shares: list[int],
) -> None:
    built = topology(spout("s", parallelism=parallelism, conf=own))
    conf = {**conf, "topology.acker.executors": 0}
    numbered = number_tasks(built, conf)
    dealt = executors(built, numbered)
    assert (len(numbered["s"]), [len(each) for each in dealt]) == (tasks, shares)


@pytest.mark.parametrize(
    ("conf", "system"),
    [
        ({}, {"__acker": 1}),
        ({"topology.workers": 3}, {"__acker": 3}),
        ({"topology.workers": 3, "topology.acker.executors": None}, {"__acker": 3}),
        ({"topology.acker.executors": 0}, {}),
        ({"topology.acker.executors": 4, "topology.max.task.parallelism": 1}, {"__acker": 4}),
        ({"topology.eventlogger.executors": 0}, {"__acker": 1}),
        (
            {"topology.eventlogger.executors": None, "topology.workers": 2},
            {"__acker": 2, "__eventlogger": 2},
        ),
        (
            {
                "topology.metrics.consumer.register": [
                    {"class": "a.M", "parallelism.hint": 2},
                    {"class": "a.M"},
                ]
            },
            {"__acker": 1, "__metrics_a.M": 2, "__metrics_a.M#2": 1},
        ),
    ],
)
def test_the_configuration_brings_storms_own_components(
    conf: dict[Any, object], system: dict[str, int]
) -> None:
    tasks = number_tasks(topology(spout("s")), conf)
    assert {name: len(ids) for name, ids in tasks.items() if name != "s"} == system


@pytest.mark.parametrize(
    ("conf", "message"),
    [
        ({"topology.workers": "2"}, 'topology.workers is "2"; expected a whole number'),
        ({"topology.workers": True}, "topology.workers is true; expected a whole number"),
        ({"topology.tasks": 1.5}, "topology.tasks is 1.5; expected a whole number"),
        (
            {"topology.tasks": 10**9},
            '1000000001 tasks, 1000000000 of them of "s"; '
            "expected at most 10000 in a simulation, as each is a process",
        ),
        (
            {"topology.metrics.consumer.register": ["a.M"]},
            'topology.metrics.consumer.register holds "a.M"; expected a map with a "class"',
        ),
    ],
)
def test_numbers_that_are_none_are_refused_before_they_do_harm(
    conf: dict[Any, object], message: str
) -> None:
    with pytest.raises(TopologyError) as caught:
        number_tasks(topology(spout("s")), conf)
    assert str(caught.value) == message


def test_executors_are_dealt_to_workers_by_their_first_task() -> None:
    built = topology(
        spout("s", parallelism=2, conf={"topology.tasks": 4}),
        bolt("b", {"s": SHUFFLE}, parallelism=3),
    )
    conf = {"topology.workers": 2, "topology.acker.executors": 1}
    dealt = executors(built, number_tasks(built, conf))
    assert (dealt, assign_workers(dealt, conf)) == (
        [(1,), (2,), (3,), (4,), (5, 6), (7, 8)],
        {1: 0, 2: 1, 3: 0, 4: 1, 5: 0, 6: 0, 7: 1, 8: 1},
    )


@given(
    st.dictionaries(
        st.text(min_size=1), st.tuples(st.integers(1, 9), st.integers(0, 20)), max_size=8
    ),
    st.integers(0, 4),
    st.integers(1, 5),
)
def test_every_task_has_one_executor_and_one_worker(
    shape: dict[str, tuple[int, int]], ackers: int, workers: int
) -> None:
    built = topology(
        *(
            spout(name, parallelism=p, conf={"topology.tasks": tasks})
            for name, (p, tasks) in shape.items()
        )
    )
    conf = {"topology.acker.executors": ackers, "topology.workers": workers}
    numbered = number_tasks(built, conf)
    tasks = [task for ids in numbered.values() for task in ids]
    dealt = executors(built, numbered)
    placed = assign_workers(dealt, conf)
    assert tasks == list(range(1, len(tasks) + 1))
    assert [task for each in dealt for task in each] == tasks
    assert list(placed) == tasks
    assert all(len({placed[task] for task in each}) == 1 for each in dealt)

"""What is legal and probably a mistake is warned of."""

import pytest

from simulator.model import Component, Grouping, Stream, find_warnings, profile
from tests.support.built import SHUFFLE, SPOUT, bolt, spout, topology


def warnings(
    *components: Component, conf: dict[str, object] | None = None, storm: str | None = None
) -> list[str]:
    known = None if storm is None else profile(storm)
    return list(map(str, find_warnings(topology(*components), conf, profile=known)))


DIRECT = spout("s", outputs={"default": Stream(("word",), direct=True)})


@pytest.mark.parametrize(
    ("components", "message"),
    [
        (
            (spout("s", conf={"topology.tasks": 0}),),
            'component "s": has no task, because topology.tasks is 0 '
            "(Storm: accepts it; 2.x dies at an emit to it); remove it, or set it to at least 1",
        ),
        (
            (spout("s", conf={"topology.message.timeout.secs": 3}),),
            'component "s": :conf "topology.message.timeout.secs" has no effect in a component '
            "(Storm: drops it without a message); set it for the whole topology, with -o",
        ),
        (
            (spout("s", conf={"topology.tick.tuple.freq.sec": 1}),),
            'component "s": :conf "topology.tick.tuple.freq.sec" is not a setting of Storm '
            '(did you mean "topology.tick.tuple.freq.secs"?)',
        ),
        (
            (SPOUT, bolt("b", {"s": Grouping("direct")})),
            'component "b": takes stream "default" of "s" by :direct, but it is not declared direct '
            "(Storm: accepts it, and kills the worker at an emit that names no task); "
            'declare it: {"default" (direct-stream [...])}',
        ),
        (
            (DIRECT, bolt("b", {"s": SHUFFLE})),
            'component "b": takes stream "default" of "s" by shuffle, but it is declared direct '
            "(Storm: accepts it, and kills the worker that emits to a task of this bolt); "
            "subscribe it :direct, or declare its fields without direct-stream",
        ),
    ],
)
def test_what_storm_accepts_and_is_probably_a_mistake_is_warned_of(
    components: tuple[Component, ...], message: str
) -> None:
    assert warnings(*components) == [message]


def test_a_tick_is_warned_of_unless_the_version_of_storm_decides_about_it() -> None:
    built = bolt("b", {"s": SHUFFLE}, conf={"topology.tick.tuple.freq.secs": 1.5})
    assert warnings(SPOUT, built) == [
        'component "b": :conf "topology.tick.tuple.freq.secs" is 1.5 (Storm: accepts it, and the worker dies, '
        "except of fractions before 2.0 and of strings since 2.0); expected a whole number of seconds"
    ]
    assert warnings(SPOUT, built, storm="2.8.3") == []


def test_a_sound_topology_has_no_warnings() -> None:
    own = {
        "my.key": 1,
        "topology.tick.tuple.freq.secs": 2,
        "topology.tasks": 3,
        "topology.debug": True,
    }
    conf: dict[str, object] = {
        "topology.workers": 2,
        "topology.python.path": "python",
        "redis.host": "",
    }
    assert warnings(SPOUT, bolt("b", {"s": SHUFFLE}, conf=own), conf=conf) == []


# -- tasks that a shuffle does not reach -------------------------------------------------------------------------

TWO = {"topology.workers": 2, "topology.acker.executors": 2}
LOCAL = (
    'component "b": 1 of 2 tasks (task 4) gets no tuples: Storm 2.8.3 keeps a shuffle in the worker of the emitting '
    "task while the queues there are short; to use every task, set topology.workers to 1, or "
    "topology.disable.loadaware.messaging to true"
)
FIRST = (
    'component "b": 1 of 2 tasks (task 4) gets no tuples: Storm 2.8.3 shuffles to the first task of an executor only, '
    "seconds after the start; to use every task, give each an executor: :p 2"
)


@pytest.mark.parametrize(
    ("storm", "conf", "inputs", "parallelism", "tasks", "expected"),
    [
        ("2.8.3", TWO, {"s": SHUFFLE}, 2, None, [LOCAL]),  # s is task 5, in the worker of task 3
        ("1.2.4", TWO, {"s": SHUFFLE}, 2, None, []),
        ("2.8.3", {**TWO, "topology.workers": 1}, {"s": SHUFFLE}, 2, None, []),
        (
            "2.8.3",
            {**TWO, "topology.disable.loadaware.messaging": True},
            {"s": SHUFFLE},
            2,
            None,
            [],
        ),
        ("2.8.3", TWO, {"s": Grouping("fields", ("word",))}, 2, None, []),
        ("2.8.3", TWO, {"s": Grouping("local-or-shuffle")}, 2, None, []),
        ("2.8.3", {**TWO, "topology.workers": 1}, {"s": SHUFFLE}, 1, 2, [FIRST]),
        (None, TWO, {"s": SHUFFLE}, 2, None, []),
    ],
)
def test_tasks_that_a_shuffle_does_not_reach_are_named(
    storm: str | None,
    conf: dict[str, object],
    inputs: dict[str, Grouping],
    parallelism: int,
    tasks: int | None,
    expected: list[str],
) -> None:
    own = {} if tasks is None else {"topology.tasks": tasks}
    sink = bolt("b", inputs, parallelism=parallelism, conf=own)
    assert warnings(SPOUT, sink, conf=conf, storm=storm) == expected

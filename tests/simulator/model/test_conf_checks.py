"""Configurations are checked as Nimbus and the executors check them."""

from typing import Any

import pytest

from simulator.model import Component, executor_problems, profile, validate
from simulator.model.conf_checks import tick_problems
from tests.support.built import SHUFFLE, SPOUT, bolt, found, spout, topology

NEW = profile("2.8.3")


@pytest.mark.parametrize(
    ("components", "message"),
    [
        (
            (spout("s", conf={"a": {"b": [float("nan")]}}),),
            'component "s": :conf "a": nan is not JSON (Storm: sends it as text that is not JSON); '
            "expected numbers, strings, true, false, nil, vectors and maps",
        ),
        (
            (spout("s", conf={"topology.kryo.register": []}),),
            'component "s": :conf "topology.kryo.register": only the topology\'s configuration can have it '
            "(Storm: Cannot set serializations for a component using fluent API); set it with -o, or remove it",
        ),
        (
            (spout("s", conf={"topology.tasks": "3"}),),
            'component "s": :conf "topology.tasks" is "3" '
            "(Storm: Nimbus cannot count the tasks and refuses the topology); expected a whole number",
        ),
    ],
)
def test_a_configuration_of_a_component_that_kills_it_is_refused(
    components: tuple[Component, ...], message: str
) -> None:
    assert found(*components) == [message]


@pytest.mark.parametrize(
    ("conf", "message"),
    [
        (
            {"topology.workers": 0},
            'option "topology.workers" is 0 (Storm: Field TOPOLOGY_WORKERS must be a Positive Number); '
            "expected a whole number of at least 1",
        ),
        (
            {"topology.acker.executors": -1},
            'option "topology.acker.executors" is -1 '
            "(Storm: Field TOPOLOGY_ACKER_EXECUTORS must be a Positive Number); expected a whole number of at least 0",
        ),
        (
            {"topology.message.timeout.secs": 10**30},
            'option "topology.message.timeout.secs" is 1000000000000000000000000000000 '
            "(Storm: Field TOPOLOGY_MESSAGE_TIMEOUT_SECS must be an Integer within range); "
            "expected a whole number from 1 to 2147483647",
        ),
        (
            {"topology.environment": "LANG=C"},
            'option "topology.environment" is "LANG=C" (Storm: Field TOPOLOGY_ENVIRONMENT must be a Map); '
            'expected a map of strings to strings, such as {"LANG": "C.UTF-8"}',
        ),
        (
            {"topology.environment": {"LANG=": "C"}},
            'option "topology.environment": "LANG=" is no name of a variable '
            "(Storm: Invalid environment variable name); "
            'expected a map of strings to strings, such as {"LANG": "C.UTF-8"}',
        ),
        (
            {"topology.environment": {"": "C"}},
            'option "topology.environment": "" is no name of a variable; '
            'expected a map of strings to strings, such as {"LANG": "C.UTF-8"}',
        ),
        (
            {"topology.environment": {"LANG": "C\0"}},
            'option "topology.environment": "LANG" is "C\\u0000" (Storm: Invalid environment variable value); '
            'expected a map of strings to strings, such as {"LANG": "C.UTF-8"}',
        ),
        (
            {"topology.environment": {"LANG": "C", "WORKERS": 3}},
            'option "topology.environment": "WORKERS" is 3 '
            "(Storm: Each value in the map TOPOLOGY_ENVIRONMENT must be a java.lang.String); "
            'expected a map of strings to strings, such as {"LANG": "C.UTF-8"}',
        ),
        (
            {"topology.tick.tuple.freq.secs": "2"},
            'option "topology.tick.tuple.freq.secs" is "2" '
            "(Storm: Field TOPOLOGY_TICK_TUPLE_FREQ_SECS must be an Integer within range); expected a whole number",
        ),
        (
            {"topology.debug": "yes"},
            'option "topology.debug" is "yes" (Storm: Field TOPOLOGY_DEBUG must be a Boolean); expected true or false',
        ),
        (
            {"a": {1, 2}},
            'option "a": {1, 2} is not JSON (Storm: Topology conf is not json-serializable); '
            "expected numbers, strings, true, false, null, lists and maps",
        ),
        (
            {1: "a"},
            "option 1: the key 1 is not JSON (Storm: Topology conf is not json-serializable); "
            "expected numbers, strings, true, false, null, lists and maps",
        ),
    ],
)
def test_options_are_checked_as_nimbus_checks_them(conf: dict[Any, object], message: str) -> None:
    assert found(SPOUT, conf=conf) == [message]


@pytest.mark.parametrize(
    "key", ["topology.workers", "topology.max.spout.pending", "topology.tasks"]
)
def test_a_float_is_no_integer_to_storm_2_and_one_before(key: str) -> None:
    conf: dict[str, object] = {key: 2.0}
    built = topology(spout("s", conf=conf))
    storm = "(Storm: Don't know how to convert 2.0 to int); expected 2, without a point"
    assert [*map(str, executor_problems(topology(SPOUT), conf, NEW))] == [
        f'option "{key}" is 2.0 {storm}'
    ]
    is_own = key != "topology.workers"  # which a component cannot set
    assert [*map(str, executor_problems(built, {}, NEW))] == [
        f'component "s": :conf "{key}" is 2.0 {storm}'
    ] * is_own
    assert [*executor_problems(built, conf, profile("1.2.4"))] == []


@pytest.mark.parametrize("value", [None, {}, {"LANG": "C", "TZ": None}])
def test_an_environment_is_a_map_of_strings(value: object) -> None:
    validate(topology(SPOUT), {"topology.environment": value})


def test_a_whole_float_is_an_integer_to_the_checks_at_submit() -> None:
    validate(topology(SPOUT), {"topology.tick.tuple.freq.secs": 1.0, "topology.acker.executors": 0})


@pytest.mark.parametrize(
    ("storm", "own", "conf", "message"),
    [
        (
            "2.8.3",
            {"topology.tick.tuple.freq.secs": 1.5},
            {},
            'component "b": :conf "topology.tick.tuple.freq.secs" is 1.5 (Storm: 2.8.3 accepts it, and the worker '
            "dies: Don't know how to convert 1.5 to int); expected a whole number of seconds",
        ),
        (
            "1.2.4",
            {},
            {"topology.tick.tuple.freq.secs": "2"},
            'option "topology.tick.tuple.freq.secs" is "2" (Storm: 1.2.4 accepts it, and the worker dies: '
            '"2" cannot be cast to java.lang.Number); expected a whole number of seconds',
        ),
    ],
)
def test_a_tick_that_kills_an_executor_is_refused(
    storm: str, own: dict[str, object], conf: dict[str, object], message: str
) -> None:
    built = topology(SPOUT, bolt("b", {"s": SHUFFLE}, conf=own))
    assert list(map(str, tick_problems(built, conf, profile(storm)))) == [message]

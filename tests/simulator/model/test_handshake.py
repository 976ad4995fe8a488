"""What components are told first, beside what four Storms told theirs, and the rules it follows.

The recorded confs have 102 (0.9.4), 149 (0.10.2), 219 (1.2.4) and 296 (2.8.3) keys. Ours have 18 to 20
of them and leave out the rest: settings of the cluster (``nimbus.*``, ``supervisor.*``, ``storm.*`` but the
id and the mode, ``drpc.*``, ``ui.*``, ``zmq.*``, ``pacemaker.*``, ``worker.*`` ...), and of the topology
those that only Storm's own machinery reads (buffers, wait strategies, resources, kryo, childopts).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from simulator.clj.file import parse_topology
from simulator.model.handshake import (
    DEFAULT_CONF,
    OWN_KEYS,
    all_components,
    component_conf,
    context,
    default_conf,
    tick_seconds,
)
from simulator.model.placement import number_tasks
from simulator.model.profiles import Profile, profile
from simulator.model.settings import MESSAGE_TIMEOUT_SECS, STORM_KEYS, TICK_TUPLE_FREQ_SECS
from simulator.model.topology import Component, Grouping, Stream, Topology
from simulator.wire.protocol import storm_json
from tests.support.captured import OPTIONS, ROLES, VERSIONS, handshake, topology

NEW = profile("2.8.3")
every_handshake = [
    pytest.param(version, role, id=f"{version}-{role}") for version in VERSIONS for role in ROLES
]


def shown_to(
    task: int, spoken: Topology, tasks: Mapping[str, tuple[int, ...]], storm: Profile
) -> Any:
    return context(spoken, task, tasks, all_components(spoken, tasks, storm), storm)


# -- beside recordings ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("version", "role"), every_handshake)
def test_the_context_is_storms_to_the_byte(version: str, role: str) -> None:
    recorded = handshake(version, role)["context"]
    spoken = topology()
    ours = shown_to(recorded["taskid"], spoken, number_tasks(spoken, OPTIONS), profile(version))
    assert storm_json(ours) == storm_json(recorded)


SHOWN = {  # the keys of a spout's conf
    *DEFAULT_CONF,
    "storm.id",
    "topology.fall.back.on.java.serialization",
    "topology.multilang.serializer",
    "topology.name",
    "topology.python.path",
}
MORE = {
    "0.9.4": {"topology.sleep.spout.wait.strategy.time.ms"},
    "0.10.2": {"topology.sleep.spout.wait.strategy.time.ms"},
    "1.2.4": {"topology.sleep.spout.wait.strategy.time.ms", "topology.shellbolt.max.pending"},
    "2.8.3": {"topology.shellbolt.max.pending"},
}


@pytest.mark.parametrize(("version", "role"), every_handshake)
def test_every_setting_that_we_show_has_storms_value(version: str, role: str) -> None:
    told = handshake(version, role)
    component = told["context"]["task->component"][str(told["context"]["taskid"])]
    ours = component_conf(topology(), component, OPTIONS, profile(version))
    recorded = {key: told["conf"].get(key, "not there") for key in ours}
    # The last number is when the topology was submitted; our clock starts at 0.
    recorded["storm.id"] = re.sub(r"-\d+$", "-0", recorded["storm.id"])
    assert ours == recorded
    own = {"my.bolt.conf"} if role == "bolt" else set()
    assert set(ours) == SHOWN | MORE[version] | own


@pytest.mark.parametrize(("version", "role"), every_handshake)
def test_every_key_that_a_storm_sent_of_its_own_is_known_as_storms(version: str, role: str) -> None:
    strangers = set(handshake(version, role)["conf"]) - STORM_KEYS
    assert strangers == {"topology.python.path"} | ({"my.bolt.conf"} if role == "bolt" else set())


@pytest.mark.parametrize(
    ("role", "frequency"), [("spout", 6), ("bolt", 1), ("sink1", None), ("sink2", None)]
)
@pytest.mark.parametrize("version", VERSIONS)
def test_a_spout_ticks_by_the_timeout_and_a_bolt_by_its_own_setting(
    version: str, role: str, frequency: int | None
) -> None:
    component = {"spout": "cap-spout", "bolt": "cap-bolt"}.get(role, "cap-sink")
    ours = component_conf(topology(), component, OPTIONS, profile(version))
    assert [ours[TICK_TUPLE_FREQ_SECS], handshake(version, role)["conf"][TICK_TUPLE_FREQ_SECS]] == [
        frequency,
        frequency,
    ]


# -- the rules of a conf -------------------------------------------------------------------------------------------


def spout_and_bolt(
    bolt_conf: Mapping[str, object] | None = None, spout_conf: Mapping[str, object] | None = None
) -> Topology:
    spout = Component(
        "spout", "spout", outputs={"default": Stream(("word",))}, conf=spout_conf or {}
    )
    bolt = Component(
        "bolt", "bolt", inputs={("spout", "default"): Grouping("shuffle")}, conf=bolt_conf or {}
    )
    return Topology("words", {"spout": spout, "bolt": bolt})


def changed(
    component: str, given: Topology, conf: Mapping[str, object] | None = None
) -> dict[str, object]:
    """What differs from Storm's defaults in a component's conf, its id and name apart."""
    ours = component_conf(given, component, conf or {}, NEW)
    defaults = default_conf(NEW) | {"topology.name": "words", "storm.id": "words-1-0"}
    return {key: ours[key] for key in ours if key not in defaults or ours[key] != defaults[key]}


def test_a_component_without_settings_gets_storms_defaults() -> None:
    assert changed("bolt", spout_and_bolt()) == {}
    assert changed("spout", spout_and_bolt()) == {TICK_TUPLE_FREQ_SECS: 30}


def test_the_topologys_conf_wins_over_the_defaults_and_reaches_every_component() -> None:
    conf = {MESSAGE_TIMEOUT_SECS: 3, "my.setting": "x", "topology.debug": True}
    assert changed("bolt", spout_and_bolt(), conf) == conf
    assert changed("spout", spout_and_bolt(), conf) == {**conf, TICK_TUPLE_FREQ_SECS: 3}


@pytest.mark.parametrize(
    ("storm", "passes"), [("0.10.2", True), ("1.0.0", False), ("2.8.3", False)]
)
def test_the_interval_of_watermarks_is_of_no_components_own_from_1_0_on(
    storm: str, passes: bool
) -> None:
    key = "topology.bolts.watermark.event.interval.ms"
    found = component_conf(spout_and_bolt({key: 5}), "bolt", {}, profile(storm))
    assert (key in found) == passes


def test_a_components_own_settings_reach_no_other() -> None:
    given = spout_and_bolt({"my.key": 7, TICK_TUPLE_FREQ_SECS: 2})
    assert changed("bolt", given, {TICK_TUPLE_FREQ_SECS: 1, "my.key": 1}) == {
        "my.key": 7,
        TICK_TUPLE_FREQ_SECS: 2,
    }
    assert changed("spout", given, {TICK_TUPLE_FREQ_SECS: 1, "my.key": 1}) == {
        "my.key": 1,
        TICK_TUPLE_FREQ_SECS: 30,
    }


@pytest.mark.parametrize(
    "key",
    [
        MESSAGE_TIMEOUT_SECS,
        "topology.acker.executors",
        "topology.workers",
        "topology.tasks",
        "topology.subprocess.timeout.secs",
        "topology.shellbolt.max.pending",
        "supervisor.worker.timeout.secs",
        "storm.id",
        "topology.name",
    ],
)
def test_what_storm_does_not_let_a_component_set_is_dropped(key: str) -> None:
    assert changed("bolt", spout_and_bolt({key: 3})) == {}


OLD = profile("1.2.4")
TICKS: list[
    tuple[object, float | str | None, float | str | None]
] = [  # a value, up to 1.2, from 2.0
    (None, None, None),
    (2, 2, 2),
    (0, 0, 0),
    (-1, -1, -1),
    (0.5, 0.5, "Don't know how to convert 0.5 to int"),
    (1.0, 1.0, "Don't know how to convert 1.0 to int"),
    (2**31, 2**31, "Don't know how to convert 2147483648 to int"),
    ("2", '"2" cannot be cast to java.lang.Number', 2),
    ("-2", '"-2" cannot be cast to java.lang.Number', -2),
    ("2 s", '"2 s" cannot be cast to java.lang.Number', 'For input string: "2 s"'),
    (
        str(2**31),
        '"2147483648" cannot be cast to java.lang.Number',
        'For input string: "2147483648"',
    ),
    (False, None, "Don't know how to convert false to int"),
    (True, "true cannot be cast to java.lang.Number", "Don't know how to convert true to int"),
    ([1], "[1] cannot be cast to java.lang.Number", "Don't know how to convert [1] to int"),
]


@pytest.mark.parametrize(("value", "old", "new"), TICKS)
def test_the_seconds_between_ticks_are_what_an_executor_makes_of_them(
    value: object, old: float | str | None, new: float | str | None
) -> None:
    def made(storm: Profile) -> float | str | None:
        try:
            return tick_seconds(value, storm)
        except ValueError as error:
            return str(error)

    assert [made(OLD), made(NEW)] == [old, new]


@pytest.mark.parametrize("key", sorted(OWN_KEYS))
def test_what_storm_lets_a_component_set_counts(key: str) -> None:
    assert changed("bolt", spout_and_bolt({key: 3})) == {key: 3}


def test_a_spouts_own_tick_frequency_gives_way_to_the_timeout() -> None:
    given = spout_and_bolt(spout_conf={TICK_TUPLE_FREQ_SECS: 1})
    assert changed("spout", given, {MESSAGE_TIMEOUT_SECS: 20}) == {
        MESSAGE_TIMEOUT_SECS: 20,
        TICK_TUPLE_FREQ_SECS: 20,
    }


def test_a_conf_goes_through_json_on_its_way() -> None:
    given = spout_and_bolt({"my.key": (1, {2: "x", None: "y"})})
    assert changed("bolt", given) == {"my.key": [1, {"2": "x", "null": "y"}]}


@pytest.mark.parametrize("value", [{1, 2}, b"bytes", float("nan"), float("inf"), object()])
def test_a_setting_that_json_cannot_hold_is_refused_with_its_owner(value: object) -> None:
    with pytest.raises(ValueError, match=r"^conf of component 'bolt': [^\n]*expected JSON: "):
        component_conf(spout_and_bolt({"my.key": value}), "bolt", {}, NEW)
    with pytest.raises(ValueError, match=r"^conf of topology 'words': [^\n]*expected JSON: "):
        component_conf(spout_and_bolt(), "bolt", {"my.key": value}, NEW)


def test_neither_conf_is_changed_by_reading_it() -> None:
    conf: dict[str, object] = {"my.list": [1]}
    own: dict[str, object] = {"my.own": [2]}
    ours = component_conf(spout_and_bolt(own), "bolt", conf, NEW)
    for key in ("my.list", "my.own"):
        value = ours[key]
        assert isinstance(value, list)
        value.append(3)
    assert [conf, own] == [{"my.list": [1]}, {"my.own": [2]}]


# -- the rules of a context ----------------------------------------------------------------------------------------

WORDS = """
(ns words (:use [streamparse.specs]) (:gen-class))
(defn words [options]
  [{"word-spout" (python-spout-spec options "words.Spout" {"default" ["word"] "other" ["x"]})}
   {"count-bolt" (python-bolt-spec options {"word-spout" ["word"]} "words.Count" ["word" "n"] :p 2)
    "Alert-bolt" (python-bolt-spec options {"word-spout" :shuffle} "words.Alert" [])}])
"""
TASKS = {"1": "Alert-bolt", "2": "__acker", "3": "__acker"}
TASKS |= {"4": "count-bolt", "5": "count-bolt", "6": "word-spout"}


def told(text: str, task: int, conf: Mapping[str, object], version: str = "2.8.3") -> Any:
    spoken = parse_topology(text, options=conf)
    return shown_to(task, spoken, number_tasks(spoken, conf), profile(version))


def test_a_spout_is_told_its_streams_and_who_takes_them() -> None:
    assert told(WORDS, 6, {"topology.acker.executors": 2}) == {
        "componentid": "word-spout",
        "streams": ["default", "other"],
        "stream->target->grouping": {
            "default": {
                "Alert-bolt": {"type": "SHUFFLE"},
                "count-bolt": {"type": "FIELDS", "fields": ["word"]},
            }
        },
        "stream->outputfields": {"default": ["word"], "other": ["x"]},
        "source->stream->grouping": {},
        "task->component": TASKS,
        "source->stream->fields": {},
        "taskid": 6,
    }


def test_a_bolt_is_told_its_sources_and_all_of_their_streams() -> None:
    assert told(WORDS, 5, {"topology.acker.executors": 2}) == {
        "componentid": "count-bolt",
        "streams": ["default"],
        "stream->target->grouping": {},
        "stream->outputfields": {"default": ["word", "n"]},
        "source->stream->grouping": {
            "word-spout": {"default": {"type": "FIELDS", "fields": ["word"]}}
        },
        "task->component": TASKS,
        "source->stream->fields": {"word-spout": {"default": ["word"], "other": ["x"]}},
        "taskid": 5,
    }


def test_an_old_storm_tells_the_tasks_and_nothing_else() -> None:
    conf = {"topology.acker.executors": 2}
    assert told(WORDS, 5, conf, "0.9.5") == {"task->component": TASKS, "taskid": 5}


def test_storms_own_components_are_shown_but_for_the_system() -> None:
    spoken = parse_topology(WORDS)
    tasks = {**number_tasks(spoken, {}), "__system": (-1,)}
    shown = shown_to(1, spoken, tasks, NEW)["task->component"]
    assert shown == {
        "1": "Alert-bolt",
        "2": "__acker",
        "3": "count-bolt",
        "4": "count-bolt",
        "5": "word-spout",
    }


DESCRIBED = [
    (Grouping("shuffle"), {"type": "SHUFFLE"}),
    (Grouping("local-or-shuffle"), {"type": "LOCAL_OR_SHUFFLE"}),
    (Grouping("fields", ("b", "a")), {"type": "FIELDS", "fields": ["b", "a"]}),
    (Grouping("fields"), {"type": "FIELDS", "fields": []}),
    (Grouping("global"), {"type": "FIELDS", "fields": []}),
    (Grouping("all"), {"type": "ALL"}),
    (Grouping("none"), {"type": "NONE"}),
    (Grouping("direct"), {"type": "DIRECT"}),
    (Grouping("partial-key", ("a",)), {"type": "CUSTOM_SERIALIZED"}),
    (Grouping("custom", java_class="com.Ends"), {"type": "CUSTOM_OBJECT"}),
]


@pytest.mark.parametrize(("grouping", "described"), DESCRIBED)
def test_a_grouping_is_described_alike_to_both_of_its_sides(
    grouping: Grouping, described: dict[str, object]
) -> None:
    source = Component("source", "spout", outputs={"default": Stream(("a", "b"))})
    sink = Component("sink", "bolt", inputs={("source", "default"): grouping})
    spoken = Topology("two", {"source": source, "sink": sink})
    tasks = {"sink": (1,), "source": (2,)}
    sides = [shown_to(task, spoken, tasks, NEW) for task in (2, 1)]
    assert sides[0]["stream->target->grouping"] == {"default": {"sink": described}}
    assert sides[1]["source->stream->grouping"] == {"source": {"default": described}}

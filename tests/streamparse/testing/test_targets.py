"""What ``storm.bolt`` and ``storm.spout`` put into a harness."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.model import Component, Stream
from streamparse.dsl import Stream as Declared
from streamparse.storm import Bolt
from streamparse.testing import (
    Storm,
)
from streamparse.testing.targets import Target, declared_streams, make_target
from tests.support.chain_project import Mistake, check_mistake

OWN = """
(ns own (:use [streamparse.specs]))
(defn own [options]
  [{"rows" (python-spout-spec options "made.Numbers" ["n"] :conf {"numbers" (* 2 (get options "half" 1))})}
   {"pass" (python-bolt-spec options {"rows" :shuffle} "made.Pass" ["n"] :conf {"topology.ticks" 1})}])
"""
MISTAKES: dict[str, tuple[Mistake, str]] = {
    "name that is no class": (
        lambda storm: storm.bolt("check"),
        "storm.bolt('check'): expected a class, or its name as package.module.Class; a component of a topology is "
        'storm.bolt("TOPOLOGY:check")',
    ),
    "spout that is no class": (
        lambda storm: storm.spout("rows"),
        "storm.spout('rows'): expected a class, or its name as package.module.Class; a component of a topology is "
        'storm.spout("TOPOLOGY:rows")',
    ),
    "component of a topology": (
        lambda storm: storm.bolt("chain.clj:cuont"),
        "topology 'chain.clj' has no bolt 'cuont' (did you mean \"count\"?)",
    ),
    "neither class nor command": (
        lambda storm: storm.bolt(inputs=["a"]),
        "storm.bolt(): expected a class, a name or command=[...], and only one of them",
    ),
    "inputs that only a JVM knows": (
        lambda storm: storm.bolt("java.clj:pass"),
        "pass takes stream 'default' of 'kafka', whose fields only a JVM knows; give them: "
        "inputs={'default': [fields]}",
    ),
    "inputs that the file has": (
        lambda storm: storm.bolt("chain.clj:count", inputs=["a"]),
        "count has its inputs from the topology's file; leave inputs= out",
    ),
    "outputs that the file has": (
        lambda storm: storm.bolt("chain.clj:count", outputs=["a"]),
        "storm.bolt('chain.clj:count') has its outputs from the topology's file; leave outputs= out",
    ),
    "fields that are no list": (
        lambda storm: storm.bolt("made.Pass", inputs="word"),
        "inputs='word': expected a list of field names",
    ),
}


def test_a_topology_says_what_its_components_take_and_emit(storm: Storm) -> None:
    bolt = storm.bolt("chain.clj:count")
    assert bolt.process({"n": 0, "word": "dog"}, component="pass").emitted == [["dog", 1]]
    spout = storm.spout("numbers.clj:numbers")
    assert spout.next_tuple().emitted[0]["n"] == 0


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_line_that_says_what_was_expected(mistake: str, storm: Storm) -> None:
    check_mistake(storm, *MISTAKES[mistake])


def test_fields_are_those_of_the_default_stream_or_of_each_stream() -> None:
    assert [declared_streams(each, "outputs") for each in (None, ["a", "b"], {"x": ["a"]})] == [
        {},
        {"default": Stream(("a", "b"))},
        {"x": Stream(("a",))},
    ]


def test_a_class_a_name_and_a_command_are_components_with_these_names(storm: Storm) -> None:
    def target(given: type | str | None, **options: Any) -> Target:
        defaults = {
            "command": None,
            "inputs": ["a"],
            "outputs": ["b"],
            "tasks": 2,
            "name": None,
            "conf": None,
        }
        return make_target("bolt", given, **{**defaults, **options}, read=storm._setup().read)

    named = target("made.Pass")
    assert (named.component.id, named.component.python_class, named.component.parallelism) == (
        "Pass",
        "made.Pass",
        2,
    )
    assert target(Bolt).python_class is Bolt
    assert target(None, command=["bash", "/x/split.sh"]).component.id == "split"
    assert target(None, command=["bash", "/x/split.sh"], name="mine").component.id == "mine"
    assert named.input_fields(given=True) == {"input": {"default": ("a",)}}
    assert target("made.Pass", inputs=None).input_fields(given=False) == {
        "input": {"default": None}
    }


class Declares(Bolt):
    """A bolt as a topology in Python has it."""

    outputs = ("word", Declared(["why"], name="late", direct=True))
    config = {"limit": 2, "other": 1}  # noqa: RUF012

    def process(self, tup: Any) -> None:
        self.emit([(self.storm_conf or {})["limit"]])


class Unrelated(Bolt):
    """A bolt whose attribute means something else."""

    outputs = "a file"


def test_a_class_brings_the_streams_and_the_settings_that_it_declares(storm: Storm) -> None:
    def made(target: type, **given: Any) -> Component:
        rest: dict[str, Any] = dict.fromkeys(("command", "inputs", "outputs", "name", "conf"))
        read = storm._setup().read
        return make_target("bolt", target, tasks=1, read=read, **{**rest, **given}).component

    streams = {"default": Stream(("word",)), "late": Stream(("why",), direct=True)}
    assert (made(Declares).outputs, made(Declares).conf) == (streams, {"limit": 2, "other": 1})
    assert made(Declares, outputs=["n"]).outputs == {"default": Stream(("n",))}
    assert made(Declares, conf={"limit": 9, "more": 1}).conf == {"limit": 9, "other": 1}
    assert (made(Unrelated).outputs, made(Unrelated).conf) == ({}, {})
    bolt = storm.bolt(Declares, inputs=["x"], conf={"limit": 9})
    assert bolt.process([1]).emitted == [[9]]


def test_a_component_of_a_topology_brings_its_inputs_and_outputs(storm: Storm) -> None:
    found = make_target(
        "bolt", "streams.clj:both", command=None, inputs=None, outputs=None, tasks=1, name=None, conf=None,
        read=storm._setup().read,
    )  # fmt: skip
    assert found.input_fields(given=False) == {
        "rows": {"odd": ("n",)},
        "notes": {"default": ("a",), "notes": ("text",)},
    }
    assert (found.component.inputs, list(found.component.outputs)) == ({}, ["default"])


def test_the_inputs_that_only_a_jvm_knows_are_given_by_the_test(storm: Storm) -> None:
    bolt = storm.bolt("java.clj:pass", inputs=["n"])
    assert bolt.process({"n": 3}).emitted == [[3]]


def test_the_settings_of_a_test_reach_the_file_and_win_over_the_conf_of_the_component(
    storm: Storm,
) -> None:
    (storm.directory / "own.clj").write_text(OWN)
    emitted = []
    for conf in ({}, {"numbers": 1}, {"half": 2}):
        spout = storm.spout("own.clj:rows", conf=conf)
        for _ in range(5):
            spout.next_tuple()
        emitted.append(len(spout.emitted))
    assert emitted == [2, 1, 4]

"""What ``storm.bolt`` and ``storm.spout`` put into a harness."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.model import Stream
from streamparse.storm import Bolt
from streamparse.testing import (
    Storm,
)
from streamparse.testing.targets import Target, declared_streams, make_target
from tests.support.chain_project import Mistake, check_mistake

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
        defaults = {"command": None, "inputs": ["a"], "outputs": ["b"], "tasks": 2, "name": None}
        return make_target("bolt", given, **{**defaults, **options}, read=storm._read)

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


def test_a_component_of_a_topology_brings_its_inputs_and_outputs(storm: Storm) -> None:
    found = make_target(
        "bolt", "streams.clj:both", command=None, inputs=None, outputs=None, tasks=1, name=None, read=storm._read
    )  # fmt: skip
    assert found.input_fields(given=False) == {
        "rows": {"odd": ("n",)},
        "notes": {"default": ("a",), "notes": ("text",)},
    }
    assert (found.component.inputs, list(found.component.outputs)) == ({}, ["default"])

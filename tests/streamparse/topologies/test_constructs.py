"""Every construct of topologies in Python, as real projects use it: each is read, and runs for a while."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from streamparse.project import Project
from streamparse.testing import Storm
from tests.support.class_topologies import CONSTRUCTS

#: By topology: how many tuples each component has emitted.
EMITTED: dict[str, dict[str, int]] = {
    "base_of_sources": {"word_spout": 4},
    "by_position": {"words": 8, "upper-bolt": 8},
    "chain": {"line-spout": 8, "split": 8, "upper": 8, "count-bolt": 8},
    "config_of_class": {"pairs": 8, "sink": 0},
    "config_of_component": {"word_spout": 4, "ticks": 1},
    "config_of_topology": {"word_spout": 4},
    "config_replaced": {"pairs": 4},
    "direct_by_list": {"direct_spout": 4, "sink": 0},
    "fields_list": {"word_spout": 4, "count_bolt": 4},
    "fields_several": {"pairs": 8, "sink": 0},
    "fields_several_list": {"pairs": 8, "sink": 0},
    "fork_name": {"word_spout": 4, "upper": 4},
    "forward_reference": {"word_spout": 4, "sink": 0, "upper-bolt": 4},
    "from_modules": {"word_spout": 4, "upper": 4},
    "goes_on": {"word_spout": 4, "brave": 3},
    "grouping_all": {"word_spout": 4, "upper": 8, "sink": 0},
    "grouping_custom_object": {"word_spout": 4, "sink": 0},
    "grouping_direct": {"direct_spout": 4, "sink": 0},
    "grouping_global": {"word_spout": 4, "upper": 4, "sink": 0},
    "grouping_local_or_shuffle": {"word_spout": 4, "upper": 4, "sink": 0},
    "grouping_none": {"word_spout": 4, "upper": 4, "sink": 0},
    "grouping_shuffle": {"word_spout": 4, "upper": 4, "sink": 0},
    "imported_base": {"word_spout": 4},
    "inputs_dict": {"word_spout": 4, "count_bolt": 4},
    "inputs_list": {"word_spout": 4, "upper": 4},
    "inputs_one": {"word_spout": 4, "upper": 4},
    "inputs_tuple": {"word_spout": 4, "upper": 4},
    "java_bolt": {"word_spout": 4, "java-bolt": 4},
    "java_serialized": {"word_spout": 4, "java": 4},
    "java_spout": {"java": 1, "upper": 1},
    "looked_at": {"word_spout": 4},
    "loop_by_id": {"word_spout": 4, "echo": 8, "sink": 0},
    "made_in_loop": {"word_spout": 4, "upper_0": 4, "upper_1": 4, "upper_2": 4},
    "mixed_outputs": {"mixed": 4, "sink": 0},
    "named": {"word-spout": 4, "count-bolt": 4},
    "names_of_enum": {"word-spout": 4, "count_bolt": 4},
    "one_dict_twice": {"word_spout": 4, "upper": 4, "sink": 0},
    "one_spout": {"word_spout": 4},
    "outputs_in_spec": {"word_spout": 4, "count_bolt": 4},
    "own_name": {"WordSpout": 4, "OutputBolt": 4},
    "par_by_environment": {"word_spout": 8, "upper": 8},
    "par_empty": {"word_spout": 4},
    "par_number": {"word_spout": 8, "upper": 8},
    "par_of_class": {"pairs": 8},
    "partial_key": {"word_spout": 4, "sink": 0},
    "plain_values": {"word_spout": 4},
    "reliable": {"sure": 8, "fails": 4},
    "settings_init": {"word_spout": 4, "upper": 4},
    "shell_bolt": {"word_spout": 4, "shell": 4},
    "shell_spout": {"shell": 4, "upper": 4},
    "stream_in_list": {"lines": 8, "errors": 0},
    "stream_of_spec": {"lines": 8, "split": 8, "errors": 0},
    "streams_joined": {"lines": 8, "split": 8, "sink": 0},
    "sys_path": {"word_spout": 4},
    "tasks": {"word_spout": 4, "upper": 4},
    "tickless": {"word_spout": 4, "seconds": 1},
    "try_import": {"word_spout": 4},
}
#: What public projects and a company's fork have in their topologies, and the topologies here that have it.
ROWS: dict[str, list[str]] = {
    "inputs: a dict": ["inputs_dict", "one_dict_twice"],
    "inputs: a list": ["inputs_list", "inputs_tuple", "stream_in_list"],
    "inputs: one spec": ["inputs_one"],
    "arguments by position": ["by_position"],
    "par: a number": ["par_number", "par_of_class", "tasks"],
    "par: numbers by environment": ["par_by_environment", "par_empty"],
    "Grouping.fields": ["fields_list", "fields_several", "fields_several_list"],
    "SHUFFLE and LOCAL_OR_SHUFFLE": ["grouping_shuffle", "grouping_local_or_shuffle"],
    "ALL, GLOBAL and NONE": ["grouping_all", "grouping_global", "grouping_none"],
    "DIRECT": ["grouping_direct", "direct_by_list"],
    "custom groupings": ["grouping_custom_object", "partial_key"],
    "a stream of a spec": ["stream_of_spec", "streams_joined"],
    "name=": ["named", "names_of_enum"],
    "config of a component": ["config_of_component", "config_of_class", "config_replaced"],
    "config of the topology": ["config_of_topology"],
    "Java": ["java_spout", "java_bolt", "java_serialized"],
    "programs": ["shell_spout", "shell_bolt"],
    "GlobalStreamId": ["loop_by_id", "forward_reference"],
    "looked at from outside": ["looked_at"],
    "other values in the body": ["plain_values", "made_in_loop"],
    "code at the top of the file": ["sys_path", "try_import", "settings_init"],
    "the name of the imported class": ["own_name"],
    "another base": ["imported_base", "base_of_sources"],
    "imports": ["from_modules", "fork_name"],
    "outputs": ["mixed_outputs", "outputs_in_spec"],
    "components": ["tickless", "reliable", "goes_on"],
    "shapes": ["one_spout", "chain"],
}
STUBS: dict[str, dict[str, Any]] = {
    "java_bolt": {"bolts": {"java-bolt": "bolts.Upper"}},
    "java_serialized": {"bolts": {"java": "bolts.Upper"}},
    "java_spout": {"spouts": {"java": [["x"]]}},
    "par_by_environment": {"environment": "prod"},
}
#: Direct emits of a spout kill its worker from Storm 2.6 on.
STORM = {"direct_by_list": "1.2.4", "grouping_direct": "1.2.4"}


def test_the_helpers_beside_topologies_are_none() -> None:
    assert set(Project(CONSTRUCTS).topologies) == set(EMITTED)


def test_every_topology_stands_for_a_construct_that_projects_have() -> None:
    assert sorted(name for names in ROWS.values() for name in names) == sorted(EMITTED)


@pytest.mark.parametrize("name", EMITTED)
def test_the_construct_is_read_and_runs(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Programs that are started as "python".
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    version = STORM.get(name)
    with Storm(CONSTRUCTS, mode="inprocess", storm_version=version) as storm:
        topology = storm.topology(
            name,
            custom={"my.Grouping": _first, "None": _first, "": _first},
            **STUBS.get(name, {}),
        )
        topology.advance(seconds=3)
        emitted = {each: len(topology[each].emitted) for each in topology.topology.components}
    assert emitted == EMITTED[name]


def _first(values: object, tasks: Any) -> Any:
    return tasks[:1]

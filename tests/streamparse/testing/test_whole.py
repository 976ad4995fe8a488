"""The run of a whole topology: its settings, its form, and what stands in for its components."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from simulator.model import TopologyError
from streamparse import Tuple
from streamparse.testing import HarnessError, Storm
from tests.support.class_topologies import CONSTRUCTS

OWN = """
(ns own (:use [streamparse.specs]))
(defn own [options]
  [{"rows" (python-spout-spec options "made.Numbers" ["n"] :conf {"numbers" 2})}
   {"pass" (python-bolt-spec options {"rows" :shuffle} "made.Pass" ["n"] :conf {"topology.worker" 1})}])
"""


MISSPELT = (
    ':5:81: component "pass": :conf "topology.worker" is not a setting of Storm '
    '(did you mean "topology.workers"?)'
)


def test_a_setting_that_loses_to_the_file_is_warned_of_and_one_of_the_component_wins(
    storm: Storm,
) -> None:
    path = storm.directory / "own.clj"
    path.write_text(OWN)
    outcomes = []
    for options in ({"numbers": 3}, {}):
        run = storm.topology(
            "own.clj", conf=options, component_conf={} if options else {"rows": {"numbers": 1}}
        )
        outcomes.append(len(run.complete()["rows"].emitted))
    assert outcomes == [2, 1]
    assert storm.warnings == [
        f"{path}{MISSPELT}",
        f'{path}:4:67: component "rows": :conf "numbers" is 2, which wins over the option "numbers", 3 '
        "(Storm: a component's own setting wins); "
        "component_conf={id: {key: value}} sets it for the component alone",
    ]


def test_a_setting_of_a_component_has_to_be_one(storm: Storm) -> None:
    wrong: list[dict[str, Any]] = [{"rowz": {}}, {"rows": 3}, {"rows": {"a": {1}}}]
    said = []
    for each in wrong:
        with pytest.raises(HarnessError) as caught:
            storm.topology("numbers.clj" if "rowz" in each else "chain.clj", component_conf=each)
        said.append(str(caught.value))
    assert said == [
        'topology "numbers" has no component "rowz"; there are "numbers", "last"',
        "component_conf={'rows': 3}: expected a map of settings",
        'component_conf: :conf "a": {1} is not JSON; '
        "expected numbers, strings, true, false, nil, vectors and maps",
    ]


def test_a_topology_in_python_is_made_by_its_name_its_path_and_its_class() -> None:
    with Storm(CONSTRUCTS, mode="inprocess") as storm, _on_path(CONSTRUCTS / "topologies"):
        cls = import_module("inputs_dict").InputsDict
        made = [
            storm.topology(name, spouts={"word_spout": [["dog"], ["dog"]]})
            for name in ("inputs_dict", "topologies/inputs_dict.py", cls)
        ]
        for topology in made:
            topology.complete()
        assert [each.topology.name for each in made] == ["inputs_dict"] * 3
        assert [each["count_bolt"].emitted for each in made] == [[["dog", 1], ["dog", 2]]] * 3


@contextmanager
def _on_path(directory: Path) -> Iterator[None]:
    sys.path.insert(0, str(directory))
    try:
        yield
    finally:
        sys.path.remove(str(directory))


def test_the_numbers_of_a_topology_in_python_are_those_of_an_environment() -> None:
    with Storm(CONSTRUCTS, mode="inprocess") as storm:
        for environment, tasks in (("prod", 4), ("beta", 1)):
            topology = storm.topology("par_by_environment", environment=environment)
            assert len(topology["upper"].tasks) == tasks
        with pytest.raises(TopologyError, match="say which with -e NAME, or environment="):
            storm.topology("par_by_environment")


def test_the_settings_of_a_topology_in_python_win_over_the_defaults_and_below_the_tests() -> None:
    with Storm(CONSTRUCTS, mode="inprocess") as storm:
        for conf, timeout in ((None, 60), ({"topology.message.timeout.secs": 7}, 7)):
            topology = storm.topology("config_of_topology", conf=conf)
            found = topology.simulation.wiring.conf
            assert found["topology.message.timeout.secs"] == timeout
            assert (found["topology.workers"], found["my.list"]) == (1, ["a", 1])
            assert "topology.max.spout.pending" not in found


def test_a_component_in_place_of_one_of_a_topology_in_python() -> None:
    def twice(tup: Tuple) -> list[list[object]]:
        return [[tup.values.word]] * 2

    with Storm(CONSTRUCTS, mode="inprocess") as storm:
        topology = storm.topology("chain", spouts={"line-spout": [["a"]]}, bolts={"upper": twice})
        topology.complete()
        assert topology["count-bolt"].emitted == [["a", 1], ["a", 2]]

"""A topology in its other form says the same: every construct, and every scenario of the comparison with Storm."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from simulator.clj import read_topology as read_clojure
from simulator.model import Topology, TopologyError
from streamparse.project import Project
from streamparse.topologies import convert, default_conf, read_topology
from tests.parity.scenarios import PROJECT, SCENARIOS, Scenario
from tests.support.class_topologies import CONSTRUCTS, class_text, project_of

VERSION = "2.8.3"
FILES = Project(CONSTRUCTS).topology_files
#: What the Clojure form cannot hold of a construct.
LOST = {
    "config_of_topology": [
        "config of the topology: give -o 'topology.message.timeout.secs=60', or put it into options of the environment",
        "config of the topology: give -o 'my.list=[\"a\", 1]', or put it into options of the environment",
    ],
    "imported_base": [],
    "java_bolt": ["outputs of java-bolt: its Java class declares them"],
    "java_spout": ["outputs of java: its Java class declares them"],
}
NOT_CONVERTED = {"java_serialized"}


def same(one: Topology, other: Topology) -> bool:
    """Whether two topologies are equal, wherever their files are, and have their components in the same order."""
    return replace(one, path="") == replace(other, path="") and [*one.components] == [
        *other.components
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_there_and_back_a_class_says_the_same_but_for_what_was_told(
    path: Path, tmp_path: Path
) -> None:
    project, conf = Project(CONSTRUCTS), default_conf(path)
    how = {"project": project, "environment": "prod"}
    if path.stem in NOT_CONVERTED:
        with pytest.raises(TopologyError, match="it cannot be converted"):
            convert(path, conf, **how)  # type: ignore[arg-type]
        return
    there = convert(path, conf, **how)  # type: ignore[arg-type]
    clojure = tmp_path / f"{path.stem}.clj"
    clojure.write_text(there.text, encoding="utf-8")
    back = convert(clojure, conf, **how)  # type: ignore[arg-type]
    python = tmp_path / path.name
    python.write_text(back.text, encoding="utf-8")
    one = read_topology(path, conf, **how)  # type: ignore[arg-type]
    other = read_topology(python, conf, **how)  # type: ignore[arg-type]
    lost = LOST.get(path.stem, [])
    assert [*there.lost[:-2]] == lost
    assert same(one, other) or lost


CONVERTED = sorted({each.topology: each for each in SCENARIOS if each.compared}.items())


@pytest.mark.parametrize(
    "scenario", [each for _, each in CONVERTED], ids=[name for name, _ in CONVERTED]
)
def test_a_scenario_as_a_class_is_the_same_topology(scenario: Scenario, tmp_path: Path) -> None:
    if not scenario.runs_on(VERSION):
        pytest.skip("it is for another Storm")
    project = Project(PROJECT)
    conf = {**scenario.whole_conf(), "topology.python.path": sys.executable}
    try:
        written = convert(scenario.path, conf, project=project, storm_version=VERSION)
    except TopologyError as error:
        reasons = [each.finding for each in error.problems]
        assert all(map(_is_for_clojure_alone, reasons))
        return
    file = tmp_path / f"{scenario.topology}.py"
    file.write_text(written.text, encoding="utf-8")

    has_own_python = any(each.startswith("the interpreter of") for each in written.lost)
    read = read_clojure(scenario.path, conf, storm_version=VERSION)
    as_class = read_topology(file, conf, storm_version=VERSION, project=project)
    assert same(as_class, read) or has_own_python


def _is_for_clojure_alone(reason: str) -> bool:
    words = (
        "has 1 words",
        "has 3 words",
        "has 4 words",
        "PartialKeyGrouping of fields",
        "no booleans",
    )
    return any(each in reason for each in words)


def test_what_the_new_file_says_otherwise_is_told(tmp_path: Path) -> None:
    text = class_text('config = {"a": 1}\nwords = Words.spec()')
    project = project_of(tmp_path, {"t.py": text})
    path = tmp_path / "topologies/t.py"
    made = convert(path, default_conf(path), project=project)
    assert made.lost == (
        "config of the topology: give -o 'a=1', or put it into options of the environment",
        "components behave as in streamparse 2.1.3: values are lists without names, and emit waits for ids of tasks; "
        "-o streamparse.topology.class=true keeps it as it was",
        "the defaults are those of streamparse 2.1.3: two workers and ackers, 5000 pending tuples, a message timeout "
        "of 60 s; -o sets them",
    )


def test_a_function_that_makes_a_component_has_no_class_form(tmp_path: Path) -> None:
    project = project_of(
        tmp_path,
        {
            "t.clj": '(defn t [options] [{"w" (python-spout-spec options "components.make" ["a"])} {}])'
        },
    )
    with (tmp_path / "src/components.py").open("a", encoding="utf-8") as file:
        file.write("\n\ndef make():\n    return Words()\n")
    path = tmp_path / "topologies/t.clj"
    with pytest.raises(TopologyError) as caught:
        convert(path, default_conf(path), project=project)
    assert str(caught.value) == (
        f"{path}: t.py, as it was written, cannot be read: AttributeError: 'function' object has no attribute 'spec'; "
        "a topology's file is run to be read"
    )

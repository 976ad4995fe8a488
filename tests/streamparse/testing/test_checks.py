"""What a test gives as a component is checked before it runs, with one line that says what to give."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import pytest

from simulator.model import TopologyError
from simulator.testing import (
    HarnessError,
)
from streamparse import Bolt, Component, Spout, Tuple
from streamparse.testing import ComponentWarning, Storm


class Says(Bolt):
    """Emits what it takes."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def process(self, tup: Tuple) -> None:
        self.emit(tup.values)


class Source(Spout):
    """A spout."""


class Yields(Bolt):
    """Forgets to emit."""

    def process(self, tup: Tuple) -> Any:
        yield tup.values


def make_says() -> Component:
    """Make a component."""
    return Says()


@pytest.mark.parametrize("target", [Says, make_says, functools.partial(Says)])
def test_a_class_or_a_function_that_makes_a_component_is_tested(target: Any) -> None:
    with Storm() as storm:
        bolt = storm.bolt(target, inputs=["x"], outputs=["x"])
        assert bolt.process(["dog"]).emitted == [["dog"]]


def test_a_function_at_the_top_of_a_module_makes_it_in_a_process_too() -> None:
    with Storm(Path(__file__).parents[3]) as storm:
        bolt = storm.bolt(make_says, inputs=["x"], outputs=["x"], mode="process")
        assert bolt.process(["dog"]).emitted == [["dog"]]


@pytest.mark.parametrize(
    ("target", "line"),
    [
        (Says(), "storm.bolt(Says()): this is an instance; expected the class: storm.bolt(Says)"),
        (Source, "storm.bolt(Source): Source is a spout; expected a bolt, or storm.spout(Source)"),
        (dict, "storm.bolt(dict): dict is no component: it derives from neither Bolt nor Spout"),
        (5, "storm.bolt(5): 5 is a int; expected a class, or a function that returns a Bolt or a Spout"),
    ],
)  # fmt: skip
def test_what_makes_no_bolt_is_refused_in_one_line(target: Any, line: str) -> None:
    with Storm() as storm, pytest.raises(HarnessError) as raised:
        storm.bolt(target, inputs=["x"])
    assert str(raised.value) == line


def test_a_process_that_is_a_generator_is_warned_of() -> None:
    with Storm() as storm, pytest.warns(ComponentWarning, match=r"Yields\.process is a generator"):
        assert storm.bolt(Yields, inputs=["x"]).process(["x"]).emitted == []


TOPOLOGY = """(ns t (:use [streamparse.specs]))
(defn t [options]
  [{"s" (python-spout-spec options "m.S" ["x"])} {"b" (python-bolt-spec options {"s" :shuffle} "m.B" [])}])
"""


@pytest.mark.parametrize("mode", ["process", "inprocess"])
def test_the_classes_of_a_topology_are_checked_before_it_runs(tmp_path: Path, mode: Any) -> None:
    (tmp_path / "t.clj").write_text(TOPOLOGY)
    (tmp_path / "m.py").write_text(
        "from streamparse import Bolt, Spout\nclass S(Spout): pass\nclass B(Spout): pass\n"
    )
    with Storm(tmp_path, mode=mode) as storm:
        with pytest.raises(TopologyError, match=r'm\.py:3: component "b": B is a spout, but'):
            storm.topology("t.clj")
        storm.topology("t.clj", bolts={"b": Says})  # what is replaced is not looked at


def test_a_named_class_is_checked_by_its_text(tmp_path: Path) -> None:
    (tmp_path / "named.py").write_text("class B:\n    def process(self): print 'x'\n")
    with Storm(tmp_path) as storm, pytest.raises(TopologyError, match=r"named\.py:2: .* Python 2"):
        storm.bolt("named.B", inputs=["x"])


@pytest.mark.parametrize("mode", ["process", "inprocess"])
def test_components_run_in_another_directory_where_a_test_says_so(
    tmp_path: Path, mode: Any
) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "config.json").write_text("{}")
    name = f"where_{mode}"
    (tmp_path / f"src/{name}.py").write_text(
        "import os\nfrom streamparse import Bolt\n"
        "class B(Bolt):\n    def process(self, tup): self.emit([os.getcwd()])\n"
    )
    found = []
    for cwd in (None, tmp_path):
        with Storm(tmp_path, mode=mode, cwd=cwd) as storm:
            bolt = storm.bolt(f"{name}.B", inputs=["x"], outputs=["where"])
            found.append(bolt.process(["x"]).emitted[0]["where"])
    assert found == [str(tmp_path / "src"), str(tmp_path)]


def test_a_working_directory_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match="expected an existing directory"):
        Storm(tmp_path, cwd=tmp_path / "none")

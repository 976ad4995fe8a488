"""One look at the classes of a topology, for commands, the doctor and tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.model import Component, Place, Problem, Stream, Topology
from streamparse.project.class_checks import look_at_classes, problems_of, python_classes
from streamparse.project.finding import Finding

SOURCE = """
from streamparse import Bolt, Spout

class Words(Spout):
    def next_tuple(self): pass
    def fail(self, tup_id): pass

class Wrong(Spout):
    def next_tuple(self): pass
"""


def topology() -> Topology:
    components = [
        Component("words", "spout", python_class="m.Words", outputs={"default": Stream(("w",))}),
        Component("wrong", "bolt", python_class="m.Wrong"),
        Component("gone", "bolt", python_class="m.Gone"),
        Component("jvm", "bolt", jvm_class="my.Bolt"),
    ]
    return Topology("t", {each.id: each for each in components})


def test_a_look_finds_mistakes_classes_that_are_not_there_and_spouts_that_want_acks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "src").mkdir()
    (tmp_path / "src/m.py").write_text(SOURCE)
    looked = look_at_classes(topology(), tmp_path / "src")
    about = "Wrong is a spout, but the topology has it as a bolt; expected a class that derives from Bolt"
    assert (
        problems_of(looked.findings),
        [component.id for component, _ in looked.unknown],
        looked.expecting,
    ) == ([Problem(Place("src/m.py", 8), "wrong", about)], ["gone"], frozenset({"words"}))
    rest = look_at_classes(topology(), tmp_path / "src", without={"wrong", "gone", "words"})
    assert rest == ([], [], frozenset())


def test_the_classes_are_those_in_python() -> None:
    assert python_classes(topology().components.values()) == {
        "words": ("m.Words", "spout"),
        "wrong": ("m.Wrong", "bolt"),
        "gone": ("m.Gone", "bolt"),
    }


def test_a_warning_is_no_problem() -> None:
    assert problems_of([Finding("warning", "src/m.py", 1, "it hides json")]) == []

"""Emits by their text. Whole classes are in ``test_component_checks.py``."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from streamparse.project.class_texts import Kind
from streamparse.project.emit_checks import check_emits, check_outputs


def test_a_single_text_is_no_list_of_values() -> None:
    text = "def process(self, tup):\n    self.emit([1])\n    self.emit('word')\n    self.other.emit('word')"
    function = ast.parse(text).body[0]
    assert isinstance(function, ast.FunctionDef)
    assert [str(each) for each in check_emits("m.py", "B", function)] == [
        "m.py:3: B.process emits 'word'; expected a list of values, such as ['word']"
    ]


@pytest.mark.parametrize(
    ("emit", "kind", "wrong"),
    [
        ("self.emit([1])", "bolt", "emits 1 values on stream default; expected 2, as in the topology file"),
        ("self.emit((1, 2, 3), stream='default')", "bolt",
         "emits 3 values on stream default; expected 2, as in the topology file"),
        ("self.emit([1], 'late')", "bolt", ""),
        ("self.emit([1, 2], 'late')", "bolt", "emits 2 values on stream late; expected 1, as in the topology file"),
        ("self.emit([1], 'late')", "spout", "emits 1 values on stream default; expected 2, as in the topology file"),
        ("self.emit([1], 7, 'latte')", "spout",
         "emits on stream latte, which the topology file does not declare; expected default, late"),
        ("self.emit(x, stream='latte')", "bolt",
         "emits on stream latte, which the topology file does not declare; expected default, late"),
        ("self.emit([1], **more)", "bolt", ""),
        ("self.emit([1, *x])", "bolt", ""),
        ("self.emit(tup=[1, 2], stream=None)", "bolt", ""),
        ("self.emit([1], stream=name)", "bolt", ""),
        ("self.emit(*x)", "bolt", ""),
        ("self.other.emit([1])", "bolt", ""),
    ],
)  # fmt: skip
def test_an_emit_is_compared_with_what_the_topology_declares(
    src: Path, emit: str, kind: Kind, wrong: str
) -> None:
    (src / "base.py").write_text(
        f"from streamparse import Bolt\nclass A(Bolt):\n    def helps(self, x): {emit}\n"
    )
    (src / "m.py").write_text("from base import A\nclass B(A): pass\n")
    found = check_outputs("m.B", kind, {"default": 2, "late": 1}, src)
    assert [str(each) for each in found] == ([f"src/base.py:3: A.helps {wrong}"] if wrong else [])

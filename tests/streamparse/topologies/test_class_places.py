"""Places in the text of a class."""

from __future__ import annotations

from pathlib import Path

from simulator.model import Place
from streamparse.topologies.class_places import ClassText, outputs_place

TEXT = """\
class A(Topology):
    words = Words.spec("w", 2)
    count: object = Count.spec(inputs=[words, words["x"]], outputs=["a"])
    plain = 3
    for number in range(2):
        made = Words.spec()

class A(Other):
    outputs = ["a"]
"""


def test_arguments_are_found_by_name_and_by_position(tmp_path: Path) -> None:
    file = tmp_path / "t.py"
    file.write_text(TEXT, encoding="utf-8")
    text = ClassText(str(file), "t.py", "A", 2)
    assert text.place == Place("t.py", 1, 1)
    assert (text.attribute("plain"), text.attribute("made"), text.attribute("none")) == (
        Place("t.py", 4, 5),
        Place("t.py", 6, 9),
        None,
    )
    assert text.marks("words", ("name", "par")) == {
        ("name",): Place("t.py", 2, 24),
        ("par",): Place("t.py", 2, 29),
    }
    assert text.marks("count", ()) == {
        ("inputs",): Place("t.py", 3, 39),
        ("inputs", 0): Place("t.py", 3, 40),
        ("inputs", 1): Place("t.py", 3, 47),
        ("outputs",): Place("t.py", 3, 68),
        ("outputs", 0): Place("t.py", 3, 69),
    }
    assert text.marks("plain", ()) == {}


def test_the_outputs_of_a_class_have_a_place_or_that_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "c.py"
    file.write_text("class B:\n    x = 1\n\n\nclass C:\n    outputs = []\n", encoding="utf-8")
    assert outputs_place(str(file), "c.py", "C") == Place("c.py", 6, 5)
    assert outputs_place(str(file), "c.py", "B") == Place("c.py")
    assert outputs_place(str(tmp_path / "none.py"), "none.py", "B") == Place("none.py")

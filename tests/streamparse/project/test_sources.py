"""Classes are found by the text of their modules; nothing of the user's is imported."""

import re
from pathlib import Path

import pytest

from streamparse.project.sources import SourceError, find_class

MODULE = """
raise SystemExit("imported!")
from elsewhere import Imported, other as Renamed
import a.b

class Plain:
    def ack(self, tup_id): ...

if a:
    class Conditional: ...
try:
    from fast import Quick
except ImportError:
    Quick = None
Made = type("Made", (), {})
"""


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    (tmp_path / "bolts/deep").mkdir(parents=True)
    (tmp_path / "bolts/__init__.py").write_text("from bolts.words import *\n")
    (tmp_path / "bolts/words.py").write_text(MODULE)
    (tmp_path / "bolts/deep/leaf.py").write_text("class Leaf: ...\n")
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain/__init__.py").touch()
    (tmp_path / "plain/two.py").write_text("class A: ...\nclass B: ...\n")
    (tmp_path / "bolts/wrong.py").write_text("class Wrong:\n")
    (tmp_path / "bolts/nul.py").write_bytes(b"x = '\0'\n")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "methods"),
    [
        ("bolts.words.Plain", {"ack"}),
        ("bolts.words.Imported", None),
        ("bolts.words.Renamed", None),
        ("bolts.words.Conditional", set()),
        ("bolts.words.Quick", None),
        ("bolts.words.Made", None),
        ("bolts.Anything", None),
        ("bolts.deep.leaf.Leaf", set()),
        ("json.JSONDecoder", None),
    ],
)
def test_a_class_is_found_with_the_methods_its_text_defines(
    sources: Path, name: str, methods: set[str] | None
) -> None:
    found = find_class(name, sources).methods
    assert found == (None if methods is None else frozenset(methods))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Plain", "'Plain' names no class; expected package.module.Class"),
        ("bolt.words.Plain", 'there is no module bolt; did you mean "bolts"?'),
        ("bolts.word.Plain", 'there is no module bolts.word; did you mean "bolts.words"?'),
        ("bolts.zzz.Plain", "there is no module bolts.zzz; expected {src}/bolts/zzz.py"),
        ("bolts.words.Plane", 'module bolts.words has no class Plane; did you mean "bolts.words.Plain"?'),
        ("bolts.deep.leaf.Zzz", "module bolts.deep.leaf has no class Zzz; {src}/bolts/deep/leaf.py defines Leaf"),
        ("bolts.deep.Leaf", "bolts.deep is a directory without __init__.py, so it has no class Leaf"),
        ("bolts.deep.leaf", 'bolts.deep.leaf is a module and no class; did you mean "bolts.deep.leaf.Leaf"?'),
        ("plain.two", 'plain.two is a module and no class; did you mean "plain.two.A" or "plain.two.B"?'),
        ("plain/two.py", "'plain/two.py' names no class; did you mean \"plain.two.A\" or \"plain.two.B\"?"),
        ("two", "'two' names no class; expected package.module.Class"),
        ("bolts.wrong.Wrong", "{src}/bolts/wrong.py:1: expected an indented block after class"),
        ("bolts.nul.X", "{src}/bolts/nul.py"),
    ],
)  # fmt: skip
def test_what_does_not_exist_is_refused_with_what_is_expected(
    sources: Path, name: str, said: str
) -> None:
    with pytest.raises(SourceError, match=re.escape(said.replace("{src}", str(sources)))):
        find_class(name, sources)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("bolts.oops:B", "bolts.oops.B"),
        ("src.bolts.X", "bolts.X"),
        ("src/bolts.py:X", "bolts.X"),
        ("bolts/oops.B", "bolts.oops.B"),
    ],
)
def test_a_class_that_is_written_in_another_way_is_named_as_it_has_to_be(
    name: str, meant: str, tmp_path: Path
) -> None:
    (tmp_path / "src").mkdir()
    with pytest.raises(SourceError) as caught:
        find_class(name, tmp_path / "src")
    assert str(caught.value) == f'{name!r} names no class; did you mean "{meant}"?'

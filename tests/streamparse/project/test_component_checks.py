"""Mistakes in components, found in the text of their modules; nothing of the user's is imported."""

from __future__ import annotations

import sys
from pathlib import Path
from textwrap import dedent

import pytest

from streamparse.project.component_checks import (
    Finding,
    Kind,
    check_class,
    check_components,
    check_names,
)

HEAD = (
    "raise SystemExit('imported!')\nfrom streamparse import Bolt, Spout\nimport streamparse.bolt\n"
)
A_SPOUT = " is a spout, but the topology has it as a bolt; expected a class that derives from Bolt"
NEITHER = "error m.py:4: B derives from neither Bolt nor Spout; expected class B(Bolt)"
NO_SUPER = (
    ".__init__ does not call super().__init__(); expected it as the first statement; "
    "or put this code into initialize"
)
NOTHING = ", so a call runs nothing of it, and emits nothing; expected a plain method"
ROWS = " with self.emit(row) for each row"
EVERY = "of the standard library, which every component needs; give it another name"
ALL = "of the standard library from all that import it; give it another name"


@pytest.fixture
def src(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "src").mkdir()
    return tmp_path / "src"


def found(src: Path, text: str, name: str = "m.B", kind: Kind = "bolt") -> list[str]:
    """What is found in a component of this module, below its first three lines."""
    (src / "m.py").write_text(HEAD + dedent(text))
    return [
        f"{each.severity} {str(each).removeprefix('src/')}"
        for each in check_components({"b": (name, kind)}, src)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "class B(Bolt):\n    def process(self, tup): self.emit(tup.values)",
        "class B(streamparse.bolt.BatchingBolt):\n    def __init__(self): super().__init__(); self.n = 1",
        "class B(Bolt):\n    def __init__(self, *args, **more): Bolt.__init__(self, *args, **more)",
        "class B(Bolt):\n    def __init__(self, a=None): super(B, self).__init__()",
        "class Mixin: pass\nclass B(Mixin, Bolt): pass",
        "class B(Unknown): pass",
        "class B(B): pass",
        "B = C\nC = B",
        "from elsewhere import Base\nclass B(Base): pass",
        "def B(): return make()",
        "B = type('B', (Bolt,), {})",
        "from json import JSONDecoder as B",
        "class B(Bolt):\n    def process(self, tup):\n        def rows():\n            yield 1\n"
        "        for r in rows(): self.emit([r])",
        "class B(Bolt):\n    def process(self, tup): return self.emit([1])",
        "class B(Bolt):\n    def process(self, tup):\n        if tup: return\n        return None",
        "class B(Bolt):\n    def group_key(self, tup): return [1]",
    ],
)
def test_what_runs_is_not_complained_of(src: Path, text: str) -> None:
    assert found(src, text) == []


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("class B(Spout): pass", "error m.py:4: B" + A_SPOUT),
        ("class A(Spout): pass\nclass B(A): pass", "error m.py:5: B" + A_SPOUT),
        ("class B: pass", NEITHER),
        ("class B(object): pass", NEITHER),
        ("class B(Bolt):\n    def __init__(self): self.n = 1", "error m.py:5: B" + NO_SUPER),
        (
            "class B(Bolt):\n    def __init__(self, n): super().__init__()",
            "error m.py:5: B.__init__ needs n; expected that B() needs no arguments",
        ),
        (
            "def B(n): return Bolt()",
            "error m.py:4: B needs n; expected that B() needs no arguments, and returns a Bolt or a Spout",
        ),
        (
            "async def B(): return Bolt()",
            "error m.py:4: B is async; expected a plain function that returns a Bolt or a Spout",
        ),
        (
            "class B(Bolt):\n    def process(self, tup):\n        yield [1]",
            "warning m.py:5: B.process is a generator (it has a yield)" + NOTHING + ROWS,
        ),
        (
            "class B(Bolt):\n    async def process(self, tup): self.emit([1])",
            "warning m.py:5: B.process is async" + NOTHING + ROWS,
        ),
        (
            "class B(Bolt):\n    def process(self, tup):\n        return [[1]]",
            "warning m.py:6: B.process returns rows, which go nowhere" + "; expected" + ROWS[5:],
        ),
        (
            "class B(Bolt):\n    def process(self, tup):\n        rows = []\n        return rows",
            "warning m.py:7: B.process returns rows, which go nowhere" + "; expected" + ROWS[5:],
        ),
        (
            "class A(Bolt):\n    async def initialize(self, conf, context): pass\nclass B(A): pass",
            "warning m.py:5: A.initialize is async" + NOTHING,
        ),
    ],
)
def test_what_cannot_run_or_does_nothing_is_found(src: Path, text: str, finding: str) -> None:
    assert found(src, text) == [finding]


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        (
            "class B(Bolt):\n    def proces(self, tup): pass",
            'error m.py:4: B has no method process; expected def process(self, tup); rename "proces"',
        ),
        (
            "class B(streamparse.bolt.BatchingBolt):\n    def processbatch(self, key, tups): pass",
            "error m.py:4: B has no method process_batch; expected def process_batch(self, key, tups); "
            'rename "processbatch"',
        ),
        (
            "class B(Bolt):\n    def process(self): pass",
            "error m.py:5: B: def process(self); expected def process(self, tup)",
        ),
        (
            "class B(Bolt):\n    def process(tup): pass",
            "error m.py:5: B: def process(tup); expected def process(self, tup)",
        ),
        (
            "class B(Bolt):\n    def initialize(self): pass\n    def process(self, tup): pass",
            "error m.py:5: B: def initialize(self); expected def initialize(self, conf, context)",
        ),
        (
            "class B(Bolt):\n    def process(self, tup, more): pass",
            "error m.py:5: B: def process(self, tup, more); expected def process(self, tup)",
        ),
    ],
)
def test_a_method_that_the_library_cannot_call_is_found(src: Path, text: str, finding: str) -> None:
    assert found(src, text) == [finding]


def test_a_spout_needs_next_tuple(src: Path) -> None:
    text = "class B(Spout):\n    def nextTuple(self): pass"
    finding = 'error m.py:4: B has no method next_tuple; expected def next_tuple(self); rename "nextTuple"'
    assert found(src, text, kind="spout") == [finding]


@pytest.mark.parametrize(
    "arguments", ["self, *args", "*args", "self, tup, more=1", "self, t, *, n=1", "self, /, tup"]
)
def test_a_method_may_have_any_arguments_that_the_call_fits(src: Path, arguments: str) -> None:
    assert found(src, f"class B(Bolt):\n    def process({arguments}): pass") == []


def test_a_bolt_in_the_place_of_a_spout_is_found(src: Path) -> None:
    assert found(src, "class B(Bolt): pass", kind="spout") == [
        "error m.py:4: B is a bolt, but the topology has it as a spout; expected a class that derives from Spout"
    ]


def test_a_class_is_followed_to_the_module_that_has_it_and_to_its_bases(src: Path) -> None:
    (src / "pkg").mkdir()
    (src / "pkg/__init__.py").write_text("from .deep import A as Renamed\n")
    (src / "pkg/deep.py").write_text("from .base import Base\nclass A(Base): pass\n")
    (src / "pkg/base.py").write_text(
        "from streamparse.spout import Spout\nclass Base(Spout): pass\n"
    )
    assert found(src, "import pkg\nB = pkg.Renamed") == ["error pkg/deep.py:2: A" + A_SPOUT]


def test_a_module_that_is_no_python_is_found_once_for_all_that_import_it(src: Path) -> None:
    (src / "helper.py").write_text('print "x"\n')
    (src / "m.py").write_text("import helper\n")
    (src / "n.py").write_text("from helper import x\n")
    names: dict[str, tuple[str, Kind]] = {"a": ("m.A", "bolt"), "b": ("n.B", "bolt")}
    assert check_components(names, src) == [
        Finding(
            "error",
            "src/helper.py",
            1,
            "'print \"x\"': this is Python 2 syntax",
            remedy="in Python 3: print(...) is a function",
        )
    ]


def test_an_import_that_is_not_always_made_is_not_followed(src: Path) -> None:
    (src / "old.py").write_text('print "x"\n')
    text = "try:\n    import new\nexcept ImportError:\n    import old\nclass B(Bolt): pass"
    assert found(src, text) == []


def test_a_module_that_changed_is_read_again(src: Path) -> None:
    assert found(src, "class B(Spout): pass") != []
    assert found(src, "class B(Bolt): pass  # longer") == []


def test_names_of_the_standard_library_are_hidden_by_modules_and_packages(src: Path) -> None:
    for name in ("types.py", "numbers.py", "mine.py", "time.py"):
        (src / name).write_text("")
    (src / "logging").mkdir()
    (src / "logging/__init__.py").write_text("")
    (src / "html").mkdir()  # no package: nothing is hidden
    assert list(map(str, check_names(src))) == [
        "src/logging: hides the module logging " + EVERY,
        "src/numbers.py: hides the module numbers " + ALL,
        "src/time.py: hides the module time " + EVERY,
        "src/types.py: hides the module types " + EVERY,
    ]


def test_in_process_what_this_process_has_loaded_cannot_be_hidden(src: Path) -> None:
    assert "tokenize" in sys.modules
    (src / "json.py").write_text("")
    (finding,) = check_names(src, in_process=True)
    assert (finding.severity, finding.remedy) == (
        "error",
        "give it another name, or run the components as processes",
    )


def test_there_may_be_no_sources_at_all(tmp_path: Path) -> None:
    assert check_names(tmp_path / "src") == []


class Rows:
    """Not even a component; only its methods are looked at."""

    def process(self, tup: object) -> object:
        yield tup

    def next_tuple(self) -> None:
        return None


def test_the_methods_of_a_class_that_is_loaded_are_looked_at() -> None:
    (finding,) = check_class(Rows)
    line = Path(__file__).read_text().splitlines()[finding.line - 1]
    assert (finding.found.partition(" is ")[0], "def process" in line) == ("Rows.process", True)

"""Mistakes in components, found in the text of their modules; nothing of the user's is imported."""

from __future__ import annotations

import sys
from pathlib import Path
from textwrap import dedent

import pytest

from streamparse.project.class_texts import Kind
from streamparse.project.component_checks import check_components, check_names
from streamparse.project.finding import Finding

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
            "class A(Bolt):\n    auto_akc = False\nclass B(A): pass",
            'warning m.py:5: A.auto_akc is read by nobody; did you mean "auto_ack"?',
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


@pytest.mark.parametrize(
    "line",
    [
        "from streamparse import Bolt, Stream",
        "from streamparse import Bolt, ReliableSpout",
        "from streamparse.dsl.stream import Stream; from streamparse import Bolt",
        "from streamparse.thrift import GlobalStreamId; from streamparse import Bolt",
    ],
)
def test_what_streamparse_3_to_5_have_is_there(src: Path, line: str) -> None:
    text = f"{line}\nclass B(Bolt):\n    def process(self, tup): pass\n"
    assert found(src, text) == []


def test_a_name_of_a_later_streamparse_may_be_tried(src: Path) -> None:
    assert found(src, "try: from streamparse import Stream\nexcept ImportError: Stream = None\n"
                      "class B(Bolt):\n    def process(self, tup): pass\n") == []  # fmt: skip


@pytest.mark.parametrize(
    ("base", "body", "places"),
    [
        ("Bolt", "def process(self, tup): self.emit([tup.values.word])", ["B.process: tup.values.word"]),
        ("BatchingBolt", "def group_key(self, t): return t.values.key", ["B.group_key: t.values.key"]),
        ("BatchingBolt", "def process_batch(self, key, tups): [t.values.n for t in tups]",
         ["B.process_batch: t.values.n"]),
        ("Bolt", "def process(self, tup): tup.values.count(1), self.frame.values.shape, tup.values", []),
        ("Bolt", "def process(self, tup): frame = read(); frame.values.shape", []),
    ],
)  # fmt: skip
def test_a_value_is_not_asked_for_by_its_name(
    src: Path, base: str, body: str, places: list[str]
) -> None:
    text = f"from streamparse import BatchingBolt\nclass B({base}):\n    {body}\n"
    shown = [place.partition(": ")[2].rpartition(".")[0] for place in places]
    assert found(src, text) == [
        f"warning m.py:6: {place}, and {name} is a list; expected {name}[0], or names for all values: a, b = {name}"
        for place, name in zip(places, shown, strict=True)
    ]


GATHERS = "takes the place of TicklessBatchingBolt.process, so process_batch is never called"


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("import own.helper\nfrom own.helper import made, maed, Late\nclass B(Bolt): pass",
         "error m.py:5: src/own/helper.py has no maed; did you mean \"made\"?"),
        ("from own import helper, other\nclass B(Bolt): pass",
         "error m.py:4: src/own/__init__.py has no other; define it there, or do not import other"),
        ("from streamparse import Blot\nclass B(Blot): pass",
         'error m.py:4: streamparse has no Blot; did you mean "Bolt"?'),
        ("import streamparse.storm.bolts\nclass B(Bolt): pass",
         'error m.py:4: streamparse.storm has no bolts; did you mean "Bolt"?'),
        ("from streamparse.bolts import Bolt\nclass B(Bolt): pass",
         'error m.py:4: streamparse has no bolts; did you mean "Bolt"?'),
        ("class B(Bolt):\n    def process(self, tup): self.emit('word')",
         "error m.py:5: B.process emits 'word'; expected a list of values, such as ['word']"),
        ("class B(Bolt):\n    def process(self, tup): pass\n    def helps(self, n): self.emit(f'{n}')",
         "error m.py:6: B.helps emits f'{n}'; expected a list of values, such as [f'{n}']"),
        ("class B(Bolt):\n    def fail(self): pass",
         "error m.py:5: B: def fail(self); expected def fail(self, tup_id)"),
        ("from streamparse import TicklessBatchingBolt\nclass B(TicklessBatchingBolt):\n"
         "    def process(self, tup): pass\n    def process_batch(self, key, tups): pass",
         f"warning m.py:6: B.process {GATHERS}; expected only group_key and process_batch; "
         "or call super().process(tup)"),
    ],
)  # fmt: skip
def test_what_is_written_in_a_place_where_it_cannot_work_is_found(
    src: Path, text: str, finding: str
) -> None:
    (src / "own").mkdir()
    (src / "own/__init__.py").write_text("")
    (src / "own/helper.py").write_text(
        "def made(): pass\nif made:\n    def Late(): pass\nfor maker in (): pass\n"
    )
    assert found(src, text) == [finding]


@pytest.mark.parametrize(
    "text",
    [
        "from own import helper\nfrom own.helper import made, Late, maker\nclass B(Bolt): pass",
        "from streamparse.storm import Bolt\nfrom streamparse import *\nclass B(Bolt): pass",
        "import streamparse.storm.bolt, space.deeper\nclass B(Bolt): pass",
        "from space import deeper\nfrom dynamic import anything\nfrom dynamic.below import x\nclass B(Bolt): pass",
        "class B(Bolt):\n    def process(self, tup): self.emit(list('ab')), self.other.emit('x')",
        "from streamparse import BatchingBolt\nclass B(BatchingBolt):\n    def process_batch(self, key, tups): pass\n"
        "    def process(self, tup): super().process(tup)",
    ],
)
def test_what_the_text_does_not_tell_is_not_complained_of(src: Path, text: str) -> None:
    (src / "own").mkdir()
    (src / "space/deeper").mkdir(parents=True)
    (src / "own/__init__.py").write_text("")
    (src / "own/helper.py").write_text(
        "def made(): pass\nif made:\n    def Late(): pass\nfor maker in (): pass\n"
    )
    (src / "dynamic.py").write_text("def __getattr__(name): return 1\n")
    assert found(src, text) == []


@pytest.mark.parametrize("file", ["streamparse.py", "simplejson/__init__.py"])
def test_a_module_that_hides_what_every_component_needs_is_found(src: Path, file: str) -> None:
    (src / file).parent.mkdir(exist_ok=True)
    (src / file).write_text("")
    name = file.partition("/")[0]
    assert [str(each) for each in check_names(src)] == [
        f"src/{name}: hides the package {name.removesuffix('.py')}, which every component needs; give it another name"
    ]

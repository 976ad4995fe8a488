"""The mistakes that users make, and the answer to each: the table of docs/troubleshooting.md.

``python -m tests.support.mistakes`` makes each mistake in a project of its own, in both modes, and writes the page.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tests.support import plugged
from tests.support.paths import ROOT

PAGE = ROOT / "docs/troubleshooting.md"

ORDERS = """\
from streamparse import Spout


class Orders(Spout):
    def initialize(self, conf, context):
        self.rows = [["tea", 3], ["milk", 1]]

    def next_tuple(self):
        if self.rows:
            self.emit(self.rows.pop(0), tup_id=len(self.rows))
"""
TOTALS = """\
from streamparse import Bolt


class Totals(Bolt):
    def initialize(self, conf, context):
        self.totals = {}

    def process(self, tup):
        item, amount = tup.values
        self.totals[item] = self.totals.get(item, 0) + amount
        self.emit([item, self.totals[item]])
"""
CLJ = """\
(ns shop
  (:use [streamparse.specs]))

(defn shop [options]
  [{"orders" (python-spout-spec options "orders.Orders" ["item" "amount"])}
   {"totals" (python-bolt-spec options {"orders" ["item"]} "totals.Totals" ["item" "total"] :p 2)}])
"""
TEST = """\
def test_totals(storm):
    topology = storm.topology("shop", spouts={"orders": [["tea", 3], ["tea", 2]]})
    topology.complete()
    assert topology["totals"].emitted.last_by("item") == {"tea": 5}
"""
PROJECT = {
    "config.json": '{"envs": {"prod": {"nimbus": "storm1", "workers": ["storm2"], "virtualenv_root": "/data"}}}\n',
    "project.clj": '(defproject shop "1" :dependencies [[org.apache.storm/storm-clojure "2.8.3"]])\n',
    "src/orders.py": ORDERS,
    "src/totals.py": TOTALS,
    "topologies/shop.clj": CLJ,
    "virtualenvs/shop.txt": "",
    "tests/test_shop.py": TEST,
}
SIMULATE = ("sparse", "simulate", "--time", "1")
BOTH = ((), ("--in-process",))


@dataclass(frozen=True)
class Mistake:
    """A mistake in a project that is sound otherwise.

    Attributes:
        title: in words, a heading of the page.
        files: what is in the project's files instead; None: the file is not there.
        argv: what the user types.
        modes: what is added to it; the answers are the same.
        status: the exit status.
        runs: whether something is still run: then there is output beside the answer.
    """

    title: str
    files: Mapping[str, str | None] = field(default_factory=dict)
    argv: Sequence[str] = SIMULATE
    modes: Sequence[Sequence[str]] = BOTH
    status: int = 2


def bolt(old: str, new: str) -> dict[str, str | None]:
    """The bolt with a change."""
    assert old in TOTALS, old
    return {"src/totals.py": TOTALS.replace(old, new)}


def spout(old: str, new: str) -> dict[str, str | None]:
    """The spout with a change."""
    assert old in ORDERS, old
    return {"src/orders.py": ORDERS.replace(old, new)}


def clj(old: str, new: str) -> dict[str, str | None]:
    """The topology file with a change."""
    assert old in CLJ, old
    return {"topologies/shop.clj": CLJ.replace(old, new)}


def conf(text: str) -> dict[str, str | None]:
    """The bolt with a setting."""
    return clj(":p 2", f":p 2 :conf {text}")


def cluster(text: str) -> dict[str, str | None]:
    """An environment with a key."""
    return {"config.json": PROJECT["config.json"].replace('"nimbus"', f'{text}, "nimbus"')}


def test(old: str, new: str) -> dict[str, str | None]:
    """The test with a change."""
    assert old in TEST, old
    return {"tests/test_shop.py": TEST.replace(old, new)}


DRY = ("sparse", "submit", "--dry-run")
PYTEST = ("pytest", "-q", "--no-header")
EMIT = "self.emit([item, self.totals[item]])"


def simulate(*words: str) -> tuple[str, ...]:
    """A command line of ``sparse simulate``."""
    return (*SIMULATE, *words)


CHAPTERS: Mapping[str, Sequence[Mistake]] = {
    "Starting a component": [
        Mistake("Python 2", bolt(EMIT, 'print "total", item')),
        Mistake("Python 2's `except`", bolt(EMIT, "try: pass\n        except KeyError, e: pass")),
        Mistake("A keyword as a name", bolt(EMIT, "self.emit([item], async=True)")),
        Mistake("A syntax error", bolt("def process(self, tup):", "def process(self, tup)")),
        Mistake(
            "A module of the standard library in `src/`",
            {"src/numbers.py": "ONE = 1\n"},
            modes=((),),
            status=0,
        ),
        Mistake(
            "The same, where this process has loaded it",
            {"src/numbers.py": "ONE = 1\n"},
            argv=simulate("--in-process"),
            modes=((),),
        ),
        Mistake("The class is not there", bolt("class Totals", "class Total")),
        Mistake("The module is not there", {"src/totals.py": None}),
        Mistake("`src/` in the name of a class", clj('"totals.Totals"', '"src.totals.Totals"')),
        Mistake("A colon in the name of a class", clj('"totals.Totals"', '"totals:Totals"')),
        Mistake("No `src/`", {"src/totals.py": None, "src/orders.py": None}),
        Mistake("A spout where a bolt is expected", clj('"totals.Totals"', '"orders.Orders"')),
        Mistake("A bolt where a spout is expected", clj('"orders.Orders"', '"totals.Totals"')),
        Mistake("A class that is no component", bolt("(Bolt)", "")),
        Mistake(
            "`super().__init__()` is forgotten",
            bolt(
                "    def initialize",
                "    def __init__(self):\n        self.n = 1\n\n    def initialize",
            ),
        ),
        Mistake("A method is misspelt", bolt("def process(", "def proces(")),
        Mistake(
            "A method lacks an argument", bolt("def process(self, tup):", "def process(self):")
        ),
        Mistake("`self` is forgotten", spout("def next_tuple(self):", "def next_tuple():")),
        Mistake("`process` is a generator", bolt(EMIT, "yield [item]"), status=0),
        Mistake("`process` is `async`", bolt("def process", "async def process"), status=0),
        Mistake("`process` returns its rows", bolt(EMIT, "return [item, amount]"), status=0),
        Mistake(
            "A module of Python 2",
            bolt("from streamparse", "import Queue\nfrom streamparse"),
        ),
        Mistake(
            "A module that is not installed",
            bolt("from streamparse", "import redis_py_x\nfrom streamparse"),
            status=1,
        ),
        Mistake(
            "`sys.exit` when a module is imported",
            bolt("from streamparse", 'import sys\n\nsys.exit("no more")\nfrom streamparse'),
            status=1,
        ),
        Mistake(
            "A topology in Python that imports what is not there",
            {
                "topologies/shop.clj": None,
                "topologies/shop.py": (
                    "import nowhere\n\nfrom streamparse import Topology\n\n\n"
                    "class Shop(Topology):\n    orders = nowhere.Orders.spec()\n"
                ),
            },
            modes=((),),
        ),
    ],
    "While it runs": [
        Mistake("An exception", bolt(EMIT, "self.totals[amount]"), status=1),
        Mistake(
            "An exception in `initialize`",
            bolt("self.totals = {}", "self.totals = conf['no.such']"),
            status=1,
        ),
        Mistake("An exception in a spout", spout("if self.rows:", "if self.nothing:"), status=1),
        Mistake(
            "An exception that is only reported",
            bolt(EMIT, "self.raise_exception(ValueError('odd'))\n        " + EMIT),
            status=0,
        ),
        Mistake(
            "A value that JSON cannot carry", bolt(EMIT, "self.emit([item, {1, 2}])"), status=1
        ),
        Mistake(
            "A date as a value",
            bolt(EMIT, "import datetime; self.emit([item, datetime.date(2020, 1, 1)])"),
            status=1,
        ),
        Mistake("Too many values", bolt(EMIT, "self.emit([item, amount, 1])"), status=1),
        Mistake("Too few values", bolt(EMIT, "self.emit([item])"), status=1),
        Mistake(
            "A stream that is not declared",
            bolt(EMIT, 'self.emit([item, 1], stream="errors")'),
            status=1,
        ),
        Mistake("A string instead of a list", bolt(EMIT, "self.emit(item)"), status=1),
        Mistake(
            "A tuple that is neither acked nor failed",
            bolt(
                "class Totals(Bolt):\n",
                "class Totals(Bolt):\n    auto_ack = False  # and no self.ack(tup)\n\n",
            ),
            argv=("sparse", "simulate", "-o", "topology.message.timeout.secs=5", "-t", "20"),
            status=0,
        ),
        Mistake(
            "The same, in a test",
            bolt(
                "class Totals(Bolt):\n",
                "class Totals(Bolt):\n    auto_ack = False  # and no self.ack(tup)\n\n",
            ),
            argv=PYTEST,
            modes=((),),
            status=1,
        ),
        Mistake("A tuple is acked twice", bolt(EMIT, "self.ack(tup); self.ack(tup.id)"), status=1),
        Mistake(
            "An anchor that is none", bolt(EMIT, 'self.emit([item, 1], anchors=["7"])'), status=1
        ),
    ],
    "Topology files": [
        Mistake("A parenthesis is missing", clj(":p 2)}", ":p 2}"), modes=((),)),
        Mistake("A Python comment", clj("(defn shop", "# the shop\n(defn shop"), modes=((),)),
        Mistake(
            "A field that is not there",
            clj('{"orders" ["item"]}', '{"orders" ["itme"]}'),
            modes=((),),
        ),
        Mistake(
            "A component that is not there",
            clj('{"orders" ["item"]}', '{"order" ["item"]}'),
            modes=((),),
        ),
        Mistake(
            "A stream that is not there",
            clj('{"orders" ["item"]}', '{["orders" "late"] ["item"]}'),
            modes=((),),
        ),
        Mistake("An unknown grouping", clj('["item"]} "totals', ':shufle} "totals'), modes=((),)),
        Mistake("An unknown keyword", clj(":p 2", ":paralelism 2"), modes=((),), status=0),
        Mistake("`:p 0`", clj(":p 2", ":p 0"), modes=((),)),
        Mistake("`:p 100000`", clj(":p 2", ":p 1000000"), modes=((),)),
        Mistake("No outputs of a spout", clj(' ["item" "amount"])}', ")}"), modes=((),)),
        Mistake(
            "An unknown function", clj("(python-spout-spec", "(python-spout-specs"), modes=((),)
        ),
        Mistake("The same id twice", clj('{"totals" (', '{"orders" ('), modes=((),)),
        Mistake("No topology", {"topologies/shop.clj": None}, modes=((),)),
    ],
    "Work": [
        Mistake("Work of a misspelt component", argv=simulate("--work", "total=30ms")),
        Mistake("Work without a unit", argv=simulate("--work", "totals=30")),
        Mistake(
            "Work of a part that a bolt does not have", argv=simulate("--work", "totals.ack=1ms")
        ),
        Mistake(
            "Work of another topology",
            {"work.json": '{"topology": "store", "work": {}}\n'},
            argv=simulate("--work", "work.json"),
        ),
        Mistake("Advice without work", argv=simulate("--advise")),
        Mistake(
            "A bolt that is busy for too long",
            argv=("sparse", "simulate", "-w", "1", "--work", "totals=33s", "-t", "60"),
            status=1,
        ),
        Mistake(
            "A bolt that is too slow",
            argv=(
                *("sparse", "simulate", "-w", "1", "--work", "totals=7s"),
                *("-o", "topology.message.timeout.secs=3", "-t", "6.5"),
            ),
            status=0,
        ),
    ],
    "Settings and `config.json`": [
        Mistake("No project here", dict.fromkeys(PROJECT), modes=((),)),
        Mistake("`config.json` is no JSON", {"config.json": '{"envs": {},}'}, modes=((),)),
        Mistake(
            "A misspelt key of `config.json`",
            cluster('"virtualenv_rot": "/data"'),
            argv=DRY,
            modes=((),),
            status=0,
        ),
        Mistake(
            "A key of a later streamparse",
            cluster('"ssh_password": "x"'),
            argv=DRY,
            modes=((),),
            status=0,
        ),
        Mistake(
            "A relative `log.path`", cluster('"log": {"path": "logs/"}'), argv=DRY, modes=((),)
        ),
        Mistake(
            "A host name with shell characters",
            cluster('"user": "x;touch y"'),
            argv=DRY,
            modes=((),),
        ),
        Mistake(
            "A misspelt setting",
            argv=simulate("-o", "topology.message.timeout.sec=5"),
            modes=((),),
            status=0,
        ),
        Mistake(
            "A float where Storm expects an int",
            argv=simulate("-o", "topology.workers=2.0"),
            modes=((),),
        ),
        Mistake(
            "A setting that loses to the file",
            {**conf('{"limit" 5}')},
            argv=simulate("-o", "limit=7"),
            modes=((),),
            status=0,
        ),
        Mistake("A setting without a value", argv=simulate("-o", "limit"), modes=((),)),
        Mistake("A number of workers that is none", argv=simulate("-w", "two"), modes=((),)),
        Mistake(
            "An unknown Storm",
            {"project.clj": PROJECT["project.clj"].replace("2.8.3", "0.8.1")},
            modes=((),),
        ),
        Mistake("A command that is not there", argv=("sparse", "simulat"), modes=((),)),
        Mistake("An option that is not there", argv=simulate("--seeds", "1"), modes=((),)),
    ],
    "Faults": [
        Mistake(
            "A crash of a component that is not there",
            argv=simulate("--crash", "total@1"),
            modes=((),),
        ),
        Mistake(
            "A crash that never strikes",
            argv=simulate("--crash", "totals@500"),
            modes=((),),
            status=1,
        ),
        Mistake(
            "A crash of rows",
            {"rows.jsonl": '["dog", 1]\n'},
            argv=simulate("--crash", "orders@1", "--stub", "orders=rows.jsonl"),
            modes=((),),
        ),
    ],
    "Tests": [
        Mistake(
            "A misspelt component",
            test('topology["totals"]', 'topology["total"]'),
            argv=PYTEST,
            modes=((),),
            status=1,
        ),
        Mistake(
            "A misspelt field",
            test('last_by("item")', 'last_by("itme")'),
            argv=PYTEST,
            modes=((),),
            status=1,
        ),
        Mistake(
            "A row of the wrong width",
            test('["tea", 2]]', '["tea"]]'),
            argv=PYTEST,
            modes=((),),
            status=1,
        ),
        Mistake(
            "A mode that is none",
            test(
                "def test_totals",
                'import pytest\n\n\n@pytest.mark.storm(mode="thread")\ndef test_totals',
            ),
            argv=PYTEST,
            modes=((),),
            status=4,
        ),
        Mistake(
            "An instance instead of a class",
            test(
                "    topology = storm",
                "    from totals import Totals\n    storm.bolt(Totals())\n    topology = storm",
            ),
            argv=PYTEST,
            modes=((),),
            status=1,
        ),
        Mistake(
            "An exception in a bolt of a test",
            bolt(EMIT, "self.totals[amount]"),
            argv=PYTEST,
            modes=(("--storm-mode=process",),),
            status=1,
        ),
    ],
}
MISTAKES = {
    f"{chapter}: {mistake.title}": mistake
    for chapter, mistakes in CHAPTERS.items()
    for mistake in mistakes
}


# -- making them -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """What the user sees.

    Attributes:
        status: the exit status.
        lines: of stderr and, of pytest, of stdout; without what differs from run to run.
    """

    status: int
    lines: tuple[str, ...]


def make(mistake: Mistake, mode: Sequence[str], directory: Path) -> Answer:
    """Make a mistake in a new project in this directory, and return the answer."""
    for name, text in {**PROJECT, **mistake.files}.items():
        if text is not None:
            path = directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    module = {"sparse": "streamparse.cli.sparse", "pytest": "pytest"}[mistake.argv[0]]
    done = subprocess.run(
        [sys.executable, "-m", module, *mistake.argv[1:], *mode],
        cwd=directory,
        env={**plugged.environment(), "COLUMNS": "110", "PY_COLORS": "0"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    said = done.stdout + done.stderr if mistake.argv[0] == "pytest" else done.stderr
    return Answer(done.returncode, tuple(_told(said, directory, mistake.argv[0])))


# The times, what components log, and the interpreter's own warning, which a process prints on its stderr.
_NOT_THE_ANSWER = (
    r"real time |\S+\[\d+\] |\S+: RuntimeWarning: |  self\.process\(|RuntimeWarning: Enable"
)


def _told(said: str, directory: Path, program: str) -> Iterator[str]:
    for line in said.splitlines():
        text = (
            line.replace(f"{directory.resolve()}/", "")
            .replace(str(directory.resolve()), ".")
            .rstrip()
        )
        if program == "pytest":
            if text.startswith(("E  ", "ERROR: ", "error: ")):
                yield text.replace("simulator.testing.errors.", "")
        elif not re.match(_NOT_THE_ANSWER, text):
            yield text


def answers(workers: int = 2) -> dict[str, Answer]:
    """Make all mistakes, each in its first mode."""

    def one(mistake: Mistake) -> Answer:
        with tempfile.TemporaryDirectory() as directory:
            return make(mistake, mistake.modes[0], Path(directory))

    with ThreadPoolExecutor(workers) as pool:
        return dict(zip(MISTAKES, pool.map(one, MISTAKES.values()), strict=True))


# -- the page --------------------------------------------------------------------------------------------------------

HEAD = """\
# Troubleshooting

The mistakes that are made most, and the answer to each. The tests make every one of them, in both modes, and write this
page (`python -m tests.support.mistakes`). The answers go to stderr; those of pytest are the lines that begin with `E`.

`sparse doctor` looks for most of them without running anything: see
[Run on a real Storm](clusters.md#look-for-what-is-wrong-sparse-doctor).
"""


def page(found: Mapping[str, Answer]) -> str:
    """The page."""
    parts = [HEAD]
    for chapter, mistakes in CHAPTERS.items():
        parts.append(f"## {chapter}\n")
        for mistake in mistakes:
            answer = found[f"{chapter}: {mistake.title}"]
            lines = "\n".join(answer.lines)
            command = f"`{' '.join(mistake.argv)}`, exit status {answer.status}:"
            parts.append(f"### {mistake.title}\n\n{command}\n\n```text\n{lines}\n```\n")
    return "\n".join(parts)


def page_answer(text: str, name: str) -> Answer:
    """The answer that the page gives to a mistake."""
    chapter, _, title = name.partition(": ")
    section = text.partition(f"\n## {chapter}\n")[2].partition(f"\n### {title}\n")[2]
    told = re.match(r"\n`[^\n]*`, exit status (\d+):\n\n```text\n(.*?)\n?```\n", section, re.DOTALL)
    assert told, f"{name}: not on the page; python -m tests.support.mistakes writes it"
    return Answer(int(told[1]), tuple(told[2].split("\n")))


if __name__ == "__main__":
    PAGE.write_text(page(answers(os.cpu_count() or 2)), encoding="utf-8")
    print(f"{PAGE} is written")

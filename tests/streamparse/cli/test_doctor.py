"""``sparse doctor``: each mistake of a project is one line, with what to do; a project without any has none."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.support.class_topologies import class_text, project_of
from tests.support.paths import EXAMPLES
from tests.support.sparse import run

CONFIG = '{"envs": {"prod": {"nimbus": "", "workers": []}}}'
TOPOLOGY = """
(ns shop (:use [streamparse.specs]))
(defn shop [options]
  [{"orders" (python-spout-spec options "orders.Orders" ["item"])}
   {"totals" (python-bolt-spec options {"orders" ["item"]} "totals.Totals" ["item"])}])
"""
ORDERS = "from streamparse import Spout\n\n\nclass Orders(Spout):\n    def next_tuple(self):\n        pass\n"
TOTALS = "from streamparse import Bolt\n\n\nclass Totals(Bolt):\n    def process(self, tup):\n        pass\n"
PROJECT_CLJ = """\
(defproject shop "1" :resource-paths ["_resources"]
  :profiles {:provided {:dependencies [[org.apache.storm/storm-core "1.2.4"]]}})
"""


def project(directory: Path, **files: str) -> Path:
    whole = {
        "config.json": CONFIG,
        "project.clj": PROJECT_CLJ,
        "topologies/shop.clj": TOPOLOGY,
        "src/orders.py": ORDERS,
        "src/totals.py": TOTALS,
        "virtualenvs/shop.txt": "streamparse\n",
        **files,
    }
    for name, text in whole.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return directory


def diagnosed(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, list[str]]]:
    """The status, and what was found by "status subject"."""
    status, out, _ = run(capsys, "doctor", "--offline", "--json", *words)
    found: dict[str, list[str]] = {}
    for each in json.loads(out):
        assert each["status"] == "ok" or each["remedy"] or each["found"]
        found.setdefault(f"{each['status']} {each['subject']}", []).append(each["found"])
    return status, found


def mistakes(found: dict[str, list[str]]) -> dict[str, list[str]]:
    """All but what is right, and but this machine's Leiningen."""
    return {
        key: value
        for key, value in found.items()
        if not key.startswith(("ok ", "warning requirements")) and "lein" not in key
    }


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("example", sorted(path.name for path in EXAMPLES.iterdir()))
def test_no_example_has_a_mistake(
    example: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(EXAMPLES / example)
    status, found = diagnosed(capsys)
    assert (status, mistakes(found)) == (0, {})


def test_a_sound_project_has_a_line_for_everything(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project(here)
    status, found = diagnosed(capsys)
    assert (status, mistakes(found)) == (0, {})
    subjects = {key.partition(" ")[2] for key in found} - {"lein and java"}
    assert subjects == {
        "python",
        "config.json",
        "topology shop",
        "components",
        "project.clj",
        "requirements shop.txt",
    }


MISTAKES = {
    "python 2": (
        {"src/totals.py": TOTALS.replace("pass", 'print "x"')},
        "error",
        "src/totals.py:6",
        "print",
    ),
    "a module of the standard library": (
        {"src/json.py": ""},
        "warning",
        "src/json.py",
        "hides the module json of the standard library",
    ),
    "a generator": (
        {"src/totals.py": TOTALS.replace("pass", "yield 1")},
        "warning",
        "src/totals.py:5",
        "process",
    ),
    "async": (
        {"src/totals.py": TOTALS.replace("def process", "async def process")},
        "warning",
        "src/totals.py:5",
        "process",
    ),
    "no super().__init__()": (
        {"src/totals.py": TOTALS + "\n    def __init__(self):\n        self.n = 1\n"},
        "error",
        "src/totals.py:8",
        "super().__init__()",
    ),
    "a spout for a bolt": (
        {"src/totals.py": ORDERS.replace("Orders", "Totals")},
        "error",
        "src/totals.py:4",
        "spout",
    ),
    "a class that is not there": (
        {"src/totals.py": TOTALS.replace("Totals", "Total")},
        "error",
        "component totals",
        "Totals",
    ),
    "a topology": (
        {"topologies/shop.clj": TOPOLOGY.replace('["item"]} "totals', '["itme"]} "totals')},
        "error",
        "topology shop",
        "itme",
    ),
    "a key": (
        {"config.json": '{"envs": {"prod": {"nimbos": ""}}}'},
        "warning",
        "config.json",
        "nimbos",
    ),
    "an older Clojure half": (
        {"project.clj": PROJECT_CLJ.replace("]]}", '] [com.parsely/streamparse "0.0.4"]]}')},
        "warning",
        "project.clj",
        "com.parsely/streamparse",
    ),
    "an option of an environment": (
        {
            "config.json": CONFIG.replace(
                '"workers"', '"options": {"topology.workers": "two"}, "workers"'
            )
        },
        "error",
        "topology shop in prod",
        '"two"',
    ),
    "an option of an environment that has no effect": (
        {
            "config.json": CONFIG.replace(
                '"workers"', '"options": {"topology.worker": 2}, "workers"'
            )
        },
        "warning",
        "topology shop in prod",
        'did you mean "topology.workers"?',
    ),
    "a batching bolt without ticks": (
        {
            "src/totals.py": TOTALS.replace("Bolt", "BatchingBolt").replace(
                "process(self, ", "process_batch(self, key, "
            )
        },
        "warning",
        "component totals",
        "nothing sends it ticks",
    ),
    "Python 2 in a module that nothing imports": (
        {"src/tools/later.py": 'print "x"\n'},
        "warning",
        "src/tools/later.py:1",
        "Python 2 syntax",
    ),
    "more values than fields": (
        {"src/totals.py": TOTALS.replace("pass", "self.emit([1, 2])")},
        "warning",
        "src/totals.py:6",
        "emits 2 values on stream default; expected 1",
    ),
    "a hook of another name": (
        {"tasks.py": "def presubmit(topology_name, env_name, env_config): pass\n"},
        "warning",
        "tasks.py:1",
        "presubmit is no hook",
    ),
    "no components in the jar": (
        {"project.clj": PROJECT_CLJ.replace(':resource-paths ["_resources"]', "")},
        "error",
        "project.clj",
        "no :resource-paths",
    ),
    "flux": (
        {"project.clj": PROJECT_CLJ.replace("]]}", '] [org.apache.storm/flux-core "1.2.4"]]}')},
        "warning",
        "project.clj",
        "flux-core",
    ),
    "Storm in the jar": (
        {"project.clj": PROJECT_CLJ.replace(":profiles {:provided {", "").replace("}}", "")},
        "error",
        "project.clj",
        "a jar would hold Storm itself (org.apache.storm/storm-core in line 2)",
    ),
    "a topology in Python": (
        {
            "topologies/stock.py": "from streamparse import Topology\n\n\nclass Stock(Topology):\n"
            "    words = nobody.spec()\n"
        },
        "error",
        "topology stock",
        "topologies/stock.py:5: the name nobody is not defined; expected a name that is defined above",
    ),
    "a name of two files": (
        {
            "topologies/shop.py": "from streamparse import Topology\n\n\nclass Shop(Topology):\n"
            "    words = nobody.spec()\n"
        },
        "error",
        "topology shop",
        "topologies/shop.clj and topologies/shop.py: both are the topology shop",
    ),
    "a value by its name": (
        {"src/totals.py": TOTALS.replace("pass", "self.emit([tup.values.item])")},
        "warning",
        "src/totals.py:6",
        "tup.values is a list",
    ),
    "a module that is not installed": (
        {"src/totals.py": "import nowhere\n" + TOTALS},
        "warning",
        "src/totals.py:1",
        "there is no module nowhere",
    ),
    "an unknown Storm": (
        {"project.clj": PROJECT_CLJ.replace("1.2.4", "0.8.0")},
        "error",
        "project.clj",
        "0.8.0",
    ),
    "fabric 1": (
        {"fabfile.py": "from fabric.api import run\n"},
        "error",
        "fabfile.py:1",
        "fabric.api is of fabric 1",
    ),
    "hooks in Python 2": (
        {"tasks.py": 'print "x"\n'},
        "error",
        "tasks.py:1",
        "Python 2 syntax",
    ),
    "requirements of this machine": (
        {"virtualenvs/shop.txt": "-e ./lib\n"},
        "error",
        "virtualenvs/shop.txt:1",
        "./lib",
    ),
}


@pytest.mark.parametrize("kind", MISTAKES)
def test_a_mistake_is_one_line(kind: str, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files, status, subject, word = MISTAKES[kind]
    project(here, **files)
    exit_status, found = diagnosed(capsys)
    assert exit_status == (1 if status == "error" else 0)
    lines = [
        line
        for key, lines in mistakes(found).items()
        if key == f"{status} {subject}"
        for line in lines
    ]
    assert [word in line for line in lines] == [True], found


def test_all_mistakes_of_a_project_are_shown_at_once(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = {"virtualenvs/shop.txt": "./x.whl\n", "config.json": "{}"}
    project(here, **whole, **{"src/totals.py": TOTALS.replace("pass", 'print "x"')})
    status, out, _ = run(capsys, "doctor", "--offline")
    lines = out.splitlines()
    assert status == 1
    assert lines[-1].startswith("errors: 2, ")
    assert [line.split()[1] for line in lines if line.startswith("error ")] == [
        "src/totals.py:6:",
        "virtualenvs/shop.txt:1:",
    ]


def test_every_line_has_its_status_and_names_a_place_once(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project(here, **{"virtualenvs/shop.txt": "./x.whl\n./y.whl\n"})
    config = CONFIG.replace('"nimbus"', '"nimbos": "", "worker": [], "nimbus"')
    (here / "config.json").write_text(config)
    _, out, _ = run(capsys, "doctor", "--offline")
    lines = [line for line in out.splitlines() if not line.startswith(" ")]
    assert [line.split(" ", 1)[0] for line in lines[:-1]].count("error") == 2
    assert [
        line.split()[:2] for line in lines if line.startswith(("warning  config", "error "))
    ] == [
        ["warning", "config.json:"],
        ["warning", "config.json:"],
        ["error", "virtualenvs/shop.txt:1:"],
        ["error", "virtualenvs/shop.txt:2:"],
    ]
    assert [line for line in lines if line.count("config.json") + line.count("shop.txt") > 1] == []


def test_outside_a_project_it_says_so(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, found = diagnosed(capsys)
    assert status == 1
    assert "error project" in found


def test_a_package_that_a_component_imports_and_no_line_brings_is_told(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project(here, **{"src/totals.py": "import hypothesis\nimport simplejson\n" + TOTALS})
    for text, lines in (
        ("streamparse\n", ["no line brings hypothesis, and src/totals.py:1 imports hypothesis"]),
        ("streamparse\nHypothesis>=6\n", []),
        ("--extra-index-url https://example.com\n", []),
    ):
        (here / "virtualenvs/shop.txt").write_text(text)
        assert diagnosed(capsys)[1].get("warning requirements shop.txt", []) == lines


def test_an_environment_that_is_submitted_to_by_thrift_needs_thriftpy2(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    config = '{"envs": {"prod": {"submit": "thrift"}, "old": {}}}'
    project(here, **{"config.json": config})
    _, found = diagnosed(capsys)
    assert found["ok thriftpy2"] == ["is there, to submit to prod"]
    monkeypatch.setitem(sys.modules, "thriftpy2", None)  # as if it was not installed
    status, found = diagnosed(capsys)
    assert (status, found["error thriftpy2"]) == (
        1,
        ['is not installed, and prod has "submit": "thrift"'],
    )


def test_an_environment_with_a_blob_store_needs_thriftpy2_too(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    config = '{"envs": {"a": {"submit": "thrift"}, "b": {"virtualenv": "blobstore"}, "old": {}}}'
    project(here, **{"config.json": config})
    monkeypatch.setitem(sys.modules, "thriftpy2", None)  # as if it was not installed
    _, found = diagnosed(capsys)
    assert found["error thriftpy2"] == [
        'is not installed, and a has "submit": "thrift"; b has "virtualenv": "blobstore"'
    ]


def test_topologies_in_python_need_thriftpy2_and_no_leiningen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    project_of(tmp_path, {"t.py": class_text("words = Words.spec()")})
    monkeypatch.chdir(tmp_path)
    _, found = diagnosed(capsys)
    assert found["ok thriftpy2"] == ["is there, to submit and run t"]
    assert [each for each in found if "lein" in each] == []
    monkeypatch.setitem(sys.modules, "thriftpy2", None)  # as if it was not installed
    _, found = diagnosed(capsys)
    assert found["warning thriftpy2"] == [
        "is not installed; sparse submit and sparse run need it for t"
    ]

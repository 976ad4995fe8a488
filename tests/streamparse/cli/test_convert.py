"""``sparse convert``: the other form in the place of the first, or elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from streamparse.cli.sparse import main
from tests.support.class_topologies import class_text, project_of

CLOJURE = """\
(ns t
  (:use [streamparse.specs])
  (:gen-class))

(defn t [options]
  [
    ;; the spouts
    {"words" (python-spout-spec
          options
          "components.Words"
          ["word"]
          :p 4)}

    ;; the bolts
    {}
  ])
"""
DEFAULTS = (
    "warning: components behave as in streamparse 2.1.3: values are lists without names, and emit waits for ids of "
    "tasks; -o streamparse.topology.class=true keeps it as it was\n"
    "warning: the defaults are those of streamparse 2.1.3: two workers and ackers, 5000 pending tuples, a "
    "message timeout of 60 s; -o sets them\n"
)
TEXT = class_text('words = Words.spec(par={"prod": 4, "beta": 1})')


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    project_of(tmp_path, {"t.py": TEXT}, envs={"prod": {}, "beta": {}})
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_new_file_takes_the_place_of_the_old_one(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["convert", "t", "-e", "prod"]) == 0
    assert capsys.readouterr() == (
        "topologies/t.clj is written; topologies/t.py is now topologies/t.py.old\n",
        DEFAULTS,
    )
    files = {each.name: each.read_text() for each in (project / "topologies").iterdir()}
    assert files == {"t.clj": CLOJURE, "t.py.old": TEXT}


def test_the_new_file_can_be_written_elsewhere(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["convert", "-e", "prod", "--output", "-"]) == 0
    assert capsys.readouterr().out == CLOJURE
    assert main(["convert", "-e", "prod", "--output", "other.clj"]) == 0
    assert (project / "other.clj").read_text() == CLOJURE
    assert [each.name for each in (project / "topologies").iterdir()] == ["t.py"]


def test_nothing_that_is_there_is_overwritten(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "topologies/t.py.old").write_text("mine")
    assert main(["convert", "-e", "prod"]) == 2
    assert capsys.readouterr().err == (
        "error: topologies/t.py.old: already exists, and was left alone; --output writes elsewhere\n"
    )
    assert sorted(each.name for each in (project / "topologies").iterdir()) == ["t.py", "t.py.old"]
    before = (project / "config.json").read_text()
    assert main(["convert", "-e", "prod", "--output", "config.json"]) == 2
    assert capsys.readouterr().err == (
        "error: --output config.json: the file exists; expected another name, or --force as well\n"
    )
    assert (project / "config.json").read_text() == before


def test_a_topology_with_mistakes_is_not_converted(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["convert"]) == 2
    assert capsys.readouterr().err == (
        'error: topologies/t.py:7:28: component "words": par depends on the environment: it has "prod", "beta"; '
        "say which with -e NAME, or environment=\n"
    )
    assert main(["convert", "-e", "prod", "--output", "none/t.clj"]) == 2
    assert capsys.readouterr().err == ("error: --output none/t.clj: No such file or directory\n")


def test_with_the_settings_that_are_told_the_other_form_does_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    body = "words = Words.spec()\ncount = Count.spec(inputs={words: Grouping.fields('word')})"
    project_of(tmp_path, {"t.py": class_text(body)})
    components = """
from streamparse import Bolt, Spout


class Words(Spout):
    outputs = ["word"]

    def initialize(self, conf, context):
        self.words = ["a", "b"]

    def next_tuple(self):
        if self.words:
            self.emit([self.words.pop()], tup_id=len(self.words))


class Lines(Words):
    pass


class Count(Bolt):
    outputs = ["word", "count"]

    def process(self, tup):
        if self.emit([tup.values.word, 1]) is None:
            self.emit([tup.values.word, 2])
"""
    (tmp_path / "src/components.py").write_text(components, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    simulate = ["simulate", "-t", "1", "--json", "--in-process"]
    assert main(simulate) == 0
    before = json.loads(capsys.readouterr().out)
    assert main(["convert"]) == 0
    capsys.readouterr()
    options = {"streamparse.topology.class": "true", "topology.max.spout.pending": "null"}
    options |= {
        "topology.workers": "1",
        "topology.acker.executors": "1",
        "topology.message.timeout.secs": "30",
    }
    words = [word for key, value in options.items() for word in ("-o", f"{key}={value}")]
    assert main([*simulate, *words]) == 0
    after = json.loads(capsys.readouterr().out)
    assert after["trace_sha256"] == before["trace_sha256"]
    assert sum(after["components"]["count"]["emitted"].values()) == 4

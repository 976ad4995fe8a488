"""``sparse convert``: the other form in the place of the first, or elsewhere."""

from __future__ import annotations

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


def test_a_topology_with_mistakes_is_not_converted(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["convert"]) == 2
    assert capsys.readouterr().err == (
        'error: topologies/t.py:7:28: component "words": par depends on the environment: it has "prod", "beta"; '
        "say which with -e NAME, or environment=\n"
    )
    assert main(["convert", "-e", "prod", "--output", "none/t.clj"]) == 2
    assert capsys.readouterr().err == (
        "error: none/t.clj: cannot be written: No such file or directory\n"
    )

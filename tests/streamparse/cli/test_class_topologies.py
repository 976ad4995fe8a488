"""The commands take a topology that is a Python class as they take a Clojure file."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from streamparse.cli.sparse import main
from tests.support.class_topologies import CONSTRUCTS


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of its own."""
    ignored = shutil.ignore_patterns("__pycache__", "logs")
    shutil.copytree(CONSTRUCTS, tmp_path / "project", ignore=ignored)
    monkeypatch.chdir(tmp_path / "project")
    return tmp_path / "project"


def simulated(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    """The report of a simulation of one second."""
    assert main(["simulate", "-t", "1", "--json", "-q", *words]) == 0
    return json.loads(capsys.readouterr().out)


def emitted(report: Any) -> dict[str, int]:
    return {name: sum(each["emitted"].values()) for name, each in report["components"].items()}


@pytest.mark.parametrize("mode", [[], ["--in-process"]], ids=["process", "inprocess"])
@pytest.mark.parametrize("name", ["goes_on", "fork_name"])
def test_a_simulation_is_the_same_in_both_modes(
    project: Path, capsys: pytest.CaptureFixture[str], name: str, mode: list[str]
) -> None:
    report = simulated(capsys, "-n", name, *mode)
    expected = {
        "goes_on": {"word_spout": 4, "brave": 3},
        "fork_name": {"word_spout": 4, "upper": 4},
    }
    assert emitted(report) == expected[name]


def test_the_settings_are_shown_and_those_of_the_class_win_over_the_environments(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = "settings as in streamparse 3 to 5: workers {}, ackers {}, pending tuples {}, message timeout {} s"
    for words, numbers in (
        ([], (1, 1, "without a bound", 60)),
        (["-e", "prod"], (2, 2, "without a bound", 60)),
        (
            [
                "-w",
                "3",
                "-o",
                "topology.max.spout.pending=9",
                "-o",
                "topology.message.timeout.secs=5",
            ],
            (3, 1, 9, 5),
        ),
    ):
        argv = ["simulate", "-n", "config_of_topology", "-t", "0.1", "--in-process", *words]
        assert main(argv) == 0
        assert line.format(*numbers) in capsys.readouterr().err.splitlines()


@pytest.mark.parametrize(("environment", "emits"), [("prod", 8), ("beta", 4)])
def test_an_environment_chooses_the_numbers_of_executors(
    project: Path, capsys: pytest.CaptureFixture[str], environment: str, emits: int
) -> None:
    report = simulated(capsys, "-n", "par_by_environment", "-e", environment, "--in-process")
    assert emitted(report)["word_spout"] == emits


def test_without_an_environment_the_question_is_clear(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["simulate", "-n", "par_by_environment"]) == 2
    assert capsys.readouterr().err.splitlines()[0] == (
        'error: topologies/par_by_environment.py:10:37: component "word_spout": par depends on the environment: it has '
        '"prod", "beta"; say which with -e NAME, or environment='
    )


@pytest.mark.parametrize("command", ["simulate", "visualize", "convert", "explore"])
def test_a_file_that_cannot_be_run_leaves_nothing_behind(
    project: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    file = project / "topologies/named.py"
    file.write_text(f"{file.read_text()}\nraise SystemExit\n", encoding="utf-8")
    before = {each: each.stat().st_mtime_ns for each in sorted(project.rglob("*"))}
    name = ["named"] if command == "convert" else ["-n", "named"]
    assert main([command, *name]) == 2
    assert capsys.readouterr().err == (
        "error: topologies/named.py:13: ends the process: sys.exit(); a topology's file is run to be read, and must "
        "not end\n"
    )
    assert {each: each.stat().st_mtime_ns for each in sorted(project.rglob("*"))} == before


def test_a_topology_is_drawn_and_explored(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["visualize", "-n", "par_by_environment", "-e", "prod"]) == 0
    assert capsys.readouterr().out.startswith("par_by_environment: 1 spout, 1 bolt, 6 tasks\n")
    assert main(["explore", "-n", "reliable", "--runs", "3"]) == 0
    assert capsys.readouterr().out.startswith("reliable: 3 runs")


def test_a_project_of_both_forms_has_both(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (
        '(defn named [options] [{"w" (python-spout-spec options "spouts.WordSpout" ["word"])} {}])'
    )
    (project / "topologies/named.clj").write_text(text, encoding="utf-8")
    assert main(["simulate", "-n", "named"]) == 2
    assert capsys.readouterr().err == (
        "error: topologies/named.clj and topologies/named.py: both are the topology named; keep one, or rename the "
        "other\n"
    )
    (project / "topologies/named.clj").rename(project / "topologies/clojure.clj")
    words = ["-n", "clojure", "--in-process"]
    assert emitted(simulated(capsys, *words)) == {"w": 4}


def test_a_run_without_thriftpy2_says_for_what_it_is_needed(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "thriftpy2", None)  # as if it was not installed
    needs = "needs thriftpy2, which is not installed: pip install thriftpy2"
    assert main(["run", "-n", "goes_on"]) == main(["run", "-n", "goes_on", "--thrift"]) == 2
    assert capsys.readouterr().err.splitlines() == [
        f"error: goes_on.py, a topology in Python, {needs}",
        f"error: --thrift {needs}",
    ]

"""A run that is repeated when the project changes, and what is said of the difference."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from streamparse.cli.watch import Result, differences
from streamparse.quickstart import write_project
from tests.support.paths import ROOT


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (Result(0, ["a", "trace 1"]), Result(0, ["a", "trace 1"]), ["the same as in the run before"]),
        (
            Result(0, ["a", "trace 1"]),
            Result(0, ["a", "trace 2"]),
            ["the same result as in the run before, by another trace"],
        ),
        (
            Result(0, ["a", "", "b 1", "trace 1"]),
            Result(1, ["a", "", "b 2", "trace 2"]),
            ["different from the run before:", "- b 1", "+ b 2", "exit status 1, before 0"],
        ),
        (Result(0, ["a"]), Result(2, []), ["different from the run before:", "- a", "exit status 2, before 0"]),
    ],
)  # fmt: skip
def test_what_two_runs_did_differently_is_told(
    before: Result, after: Result, said: list[str]
) -> None:
    assert [*differences(before, after)] == said


def test_a_change_of_the_project_starts_the_next_run(tmp_path: Path) -> None:
    pytest.importorskip("watchfiles")
    write_project("demo", tmp_path)
    words = tmp_path / "demo/src/spouts/words.py"
    argv = [sys.executable, "-m", "streamparse.cli.sparse", "simulate", "--watch", "-t", "0.004"]
    with subprocess.Popen(
        [*argv, "--trace", "trace.jsonl"],
        cwd=tmp_path / "demo",
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout

        def shown() -> list[str]:
            """The lines until it waits for a change."""
            lines = []
            assert process.stdout
            for line in process.stdout:
                if line.startswith("watching "):
                    break
                lines.append(line.rstrip("\n"))
            return lines

        first = shown()
        words.write_text(words.read_text().replace('"dog"', '"mouse"'))
        second = shown()
        words.write_text("def broken(:\n")
        third = shown()
        process.send_signal(signal.SIGINT)
        process.communicate()
    assert '    ["dog", 1]' in first
    assert second[0] == "changed: src/spouts/words.py"
    different = second[second.index("different from the run before:") :]
    assert different == [
        "different from the run before:",
        '-     ["dog", 1]',
        '+     ["mouse", 1]',
    ]
    assert third[1].startswith("error: src/spouts/words.py:1: ")
    assert third[-1] == "exit status 2, before 0"
    assert process.returncode == 130


def test_without_watchfiles_the_remedy_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from tests.support.sparse import run

    write_project("demo", tmp_path)
    monkeypatch.chdir(tmp_path / "demo")
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    assert run(capsys, "simulate", "--watch") == (
        2,
        "",
        "error: --watch needs watchfiles, which is not installed: pip install watchfiles\n",
    )

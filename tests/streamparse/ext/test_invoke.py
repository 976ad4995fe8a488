"""The ``sparse`` commands as tasks of invoke and fabric."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from streamparse.cli.sparse import COMMANDS


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(path: Path, text: str) -> None:
    path.write_text(textwrap.dedent(text), encoding="utf-8")


def run(*argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *argv], check=False, capture_output=True, text=True
    )


@pytest.mark.parametrize(("program", "file"), [("invoke", "tasks"), ("fabric", "fabfile")])
def test_the_commands_are_there_as_tasks_and_hide_nothing_of_the_users(
    project: Path, program: str, file: str
) -> None:
    write(project / "config.json", "{}")
    write(
        project / f"{file}.py",
        f"""
        from invoke import run, task
        from streamparse.ext.{program} import *

        @task
        def own(c):
            run("echo " + "-".join(list("abc")))
        """,
    )
    listed = run(program, "--list").stdout.splitlines()
    # What goes on in a line of its own is further to the right.
    names = {line.split()[0].replace("-", "_") for line in listed if re.match(r"  \S", line)}
    assert names == {*(each.name for each in COMMANDS), "own"}
    assert run(program, "own").stdout == "a-b-c\n"


def test_a_task_ends_as_its_command_does(project: Path) -> None:
    write(project / "tasks.py", "from streamparse.ext.invoke import *\n")
    done = run("invoke", "visualize", "--args", "-n 'no such'")
    assert (done.returncode, done.stdout, done.stderr) == (
        2,
        "",
        f"error: no config.json in {project}, so it is no project; `sparse quickstart NAME` makes one\n",
    )

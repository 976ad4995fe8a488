"""The commands that build virtualenvs, and which of them are removed; run by the shell of this machine."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from streamparse.cluster.virtualenv_commands import Virtualenv, interpreter

DAY_SECS = 86_400


@pytest.mark.parametrize(
    ("flags", "python", "others"),
    [
        ([], "python3", []),
        (["-p", "python3.12", "-q"], "python3.12", ["-q"]),
        (["-p3.11"], "python3.11", []),
        (["--python=/opt/python"], "/opt/python", []),
        (["--prompt", "x", "--python", "3.12"], "python3.12", ["--prompt", "x"]),
    ],
)
def test_the_interpreter_is_the_one_that_the_flags_ask_for(
    flags: list[str], python: str, others: list[str]
) -> None:
    assert interpreter(flags) == (python, others)


def sh(command: str) -> str:
    ran = subprocess.run(["sh", "-c", command], check=True, capture_output=True, text=True)
    return ran.stdout


def made(root: Path, digest: str, *, name: str = "word", complete: bool = True) -> Virtualenv:
    """A directory in place of a virtualenv, with its record."""
    virtualenv = Virtualenv(str(root), name, digest, (), None)
    sh(virtualenv.begin)
    Path(virtualenv.path).mkdir()
    if complete:
        sh(virtualenv.finish)
    return virtualenv


def there(root: Path) -> list[str]:
    """The virtualenvs, and the records of them, which are the same."""
    virtualenvs = sorted(path.name for path in root.iterdir() if path.name[0] != ".")
    records = sorted(path.name for path in root.glob(".streamparse-*/*-*/"))
    assert virtualenvs == records
    return virtualenvs


def test_what_is_half_made_is_swept_and_nothing_else(tmp_path: Path) -> None:
    root = tmp_path / "a root"
    (root / "word-foreign").mkdir(parents=True)
    whole = made(root, "aaa")
    made(root, "bbb", complete=False)
    made(root, "ccc", name="word-other", complete=False)
    (root / "word-foreign").rmdir()
    (Path(whole.files) / "streamparse.whl").write_text("left by a run that was killed")
    sh(whole.sweep)
    assert (there(root), Path(whole.files).exists()) == (["word-aaa", "word-other-ccc"], False)
    assert [sh(each.state) for each in (whole, replace(whole, digest="bbb"))] == [
        "complete\n",
        "none\n",
    ]


def test_what_is_there_and_not_of_our_making_is_foreign(tmp_path: Path) -> None:
    (tmp_path / "word-aaa").mkdir()
    assert sh(Virtualenv(str(tmp_path), "word", "aaa", (), None).state) == "foreign\n"


def test_a_virtualenv_goes_when_no_nimbus_has_a_topology_in_it(tmp_path: Path) -> None:
    first, second, third = (made(tmp_path, digest) for digest in ("aaa", "bbb", "ccc"))
    other = made(tmp_path, "ddd", name="word-2")
    said = [
        first.switch("storm1:6627"),
        first.switch("storm2:6627"),  # another cluster on the same machines
        second.switch("storm1:6627"),
        third.switch("storm2:6627"),
        other.switch("storm1:6627"),
    ]
    assert [sh(each) for each in said] == ["", "", "", "word-aaa\n", ""]
    assert there(tmp_path) == ["word-2-ddd", "word-bbb", "word-ccc"]


def test_one_that_was_built_and_never_submitted_goes_after_a_day(tmp_path: Path) -> None:
    now, new, old = (made(tmp_path, digest) for digest in ("aaa", "bbb", "ccc"))
    complete = tmp_path / ".streamparse-word" / old.directory / "complete"
    long_ago = complete.stat().st_mtime - 3 * DAY_SECS
    os.utime(complete, (long_ago, long_ago))
    assert (sh(now.switch("storm1:6627")), there(tmp_path)) == (
        "word-ccc\n",
        ["word-aaa", "word-bbb"],
    )
    assert new.directory == "word-bbb"


def test_one_in_which_a_process_runs_stays(tmp_path: Path) -> None:
    old, new = made(tmp_path, "aaa"), made(tmp_path, "bbb")
    Path(old.python).parent.mkdir()
    Path(old.python).symlink_to(sys.executable)
    sh(old.switch("storm1:6627"))
    argv = [old.python, "-c", "print(flush=True); input()"]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as component:
        assert component.stdout is not None
        component.stdout.readline()
        while_it_runs = sh(new.switch("storm1:6627"))
    afterwards = sh(new.switch("storm1:6627"))
    assert (while_it_runs, afterwards) == ("", "word-aaa\n")


def test_the_lock_is_held_by_one_at_a_time_and_the_other_says_that_it_waits(tmp_path: Path) -> None:
    virtualenv = Virtualenv(str(tmp_path), "word", "aaa", ("-p", sys.executable), None)
    argv = ["sh", "-c", virtualenv.lock]
    with (
        subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as first,
        subprocess.Popen(["sh", "-c", 'read line; exec sh -c "$1"', "sh", virtualenv.lock],
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as second,
    ):  # fmt: skip
        assert first.stdout is not None
        assert second.stdout is not None
        assert second.stdin is not None
        said = [first.stdout.readline()]
        second.stdin.write("\n")
        second.stdin.flush()
        said.append(second.stdout.readline())
        first.terminate()
        said.append(second.stdout.readline())
        second.terminate()
    assert said == ["held\n", "busy\n", "held\n"]

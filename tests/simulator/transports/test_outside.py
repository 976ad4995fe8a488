"""What a run does outside its process is noticed, and what speaks against a fork is told."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.transports.outside import Outside, is_traced, why_not_fork
from simulator.transports.temporary import temporary_directory
from tests.support.paths import TESTS

CHANGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "writes a file": (lambda at: (at / "a").write_text("a"), "it opened {at}/a for writing"),
    "appends to a file": (lambda at: (at / "a").open("a").close(), "it opened {at}/a for writing"),
    "removes a file": (lambda at: os.remove(at / "there"), "it called os.remove"),
    "renames a file": (lambda at: os.rename(at / "there", at / "b"), "it called os.rename"),
    "makes a directory": (lambda at: os.mkdir(at / "d"), "it called os.mkdir"),
    "opens a database": (lambda at: sqlite3.connect(at / "d").close(), "it opened the database {at}/d"),
    "starts a process": (lambda at: subprocess.run(["true"], check=True), "it called subprocess.Popen"),
}  # fmt: skip
HARMLESS: dict[str, Callable[[Path], object]] = {
    "reads a file": lambda at: (at / "there").read_text(),
    "keeps a database in memory": lambda at: sqlite3.connect(":memory:").close(),
    "writes to nowhere": lambda at: Path(os.devnull).write_text("a"),
    "has a temporary directory": lambda at: temporary_directory(),
}


@pytest.mark.parametrize(("does", "words"), CHANGES.values(), ids=list(CHANGES))
def test_a_change_is_noticed(does: Callable[[Path], object], words: str, tmp_path: Path) -> None:
    (tmp_path / "there").touch()
    with Outside() as outside:
        does(tmp_path)
        assert outside.reason is not None
    assert outside.reason.startswith(words.format(at=tmp_path).removesuffix("os.remove"))


@pytest.mark.parametrize("does", HARMLESS.values(), ids=list(HARMLESS))
def test_what_changes_nothing_is_not(does: Callable[[Path], object], tmp_path: Path) -> None:
    (tmp_path / "there").touch()
    with Outside() as outside:
        does(tmp_path)
        assert outside.look() is None


def test_writing_to_a_file_that_was_open_before_is_noticed(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w") as log, Outside() as outside:
        assert outside.look() is None
        log.write("line\n")
        log.flush()
        assert outside.look() == f"it wrote to {tmp_path}/log"


def test_a_connection_that_is_open_is_noticed_and_a_pair_of_sockets_is_not() -> None:
    one, other = socket.socketpair()
    with one, other, Outside() as outside:
        assert outside.look() is None
    with socket.socket() as made, Outside() as outside:
        assert outside.look() == "a connection is open: a socket of the network"
        assert made.fileno() >= 0


def test_what_happens_behind_its_end_is_not_noticed(tmp_path: Path) -> None:
    with Outside() as outside:
        pass
    (tmp_path / "a").touch()
    assert outside.reason is None


@pytest.mark.usefixtures("may_fork")
def test_a_process_with_another_thread_is_not_forked() -> None:
    assert why_not_fork() is None
    end = threading.Event()
    other = threading.Thread(target=end.wait, name="busy")
    other.start()
    try:
        assert why_not_fork() == "another thread is alive: busy"
    finally:
        end.set()
        other.join()
    found: list[str | None] = []
    inner = threading.Thread(target=lambda: found.append(why_not_fork()))
    inner.start()
    inner.join()
    assert found == ["the test does not run in the main thread"]


@pytest.mark.usefixtures("may_fork")
def test_a_process_that_is_watched_is_not_forked() -> None:
    before = sys.gettrace()
    sys.settrace(lambda *args: None)
    try:
        found = (is_traced(), why_not_fork())
    finally:
        sys.settrace(before)
    assert found == (True, "a debugger or a measurement of coverage watches this process")


def test_what_others_write_to_the_file_of_stdout_is_no_doing_of_the_run(tmp_path: Path) -> None:
    code = """
import os
from simulator.transports.outside import Outside
with Outside() as outside:
    os.write(1, b"said by somebody else")
assert outside.reason is None, outside.reason
"""
    with (tmp_path / "out.txt").open("wb") as out:
        subprocess.run([sys.executable, "-c", code], check=True, stdout=out)


WRITES = """
import sys
from simulator.transports.outside import Outside
with open(sys.argv[1], "a") as file, Outside() as outside:
    file.write("another worker of the test run prints")
    file.flush()
print(outside.reason, file=sys.stderr)
"""
HAS_A_CHILD = """
import subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
"""


def test_what_a_test_run_prints_into_a_file_is_none_of_a_runs_doings(tmp_path: Path) -> None:
    path = tmp_path / "output.txt"
    child = [sys.executable, "-c", WRITES, str(path)]
    with path.open("w") as output:
        done = subprocess.run(
            [sys.executable, "-c", HAS_A_CHILD, *child],
            stdout=output, stderr=subprocess.PIPE, text=True, check=True, cwd=TESTS.parent,
        )  # fmt: skip
    assert done.stderr == "None\n"

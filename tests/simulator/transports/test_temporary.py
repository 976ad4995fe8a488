"""One directory for what a process shares with its components, as long as it lives; the next removes what was left."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.transports import ResourceError
from simulator.transports.temporary import PREFIX, temporary_directory
from tests.support.paths import ROOT

PROGRAM = (
    "import os, signal, sys\n"
    "from simulator.transports import temporary_directory\n"
    "path = temporary_directory()\n"
    "print(path, os.path.isdir(path), flush=True)\n"
    "{}"
)


def start(last_line: str, tmp_path: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(last_line)],
        cwd=ROOT,
        env={"TMPDIR": str(tmp_path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_process_has_one_directory() -> None:
    assert (temporary_directory(), Path(temporary_directory()).is_dir()) == (
        temporary_directory(),
        True,
    )


def test_the_directory_is_gone_when_its_process_is_and_not_when_a_fork_of_it_is(
    tmp_path: Path,
) -> None:
    fork = "if os.fork() == 0: sys.exit()\nos.wait()\nprint(os.path.isdir(path))"
    out, _ = start(fork, tmp_path).communicate()
    path, was_there, stayed = out.split()
    assert (was_there, stayed, Path(path).exists()) == ("True", "True", False)


@pytest.mark.parametrize("number", ["SIGKILL", "SIGQUIT"])
def test_what_a_killed_process_has_left_is_removed_by_the_next_and_what_a_living_one_has_is_not(
    number: str, tmp_path: Path
) -> None:
    living = start("sys.stdin.read()", tmp_path)
    assert living.stdout
    kept = living.stdout.readline().split()[0]
    killed = start(
        f"signal.signal(signal.SIGQUIT, signal.SIG_DFL); os.kill(os.getpid(), signal.{number})",
        tmp_path,  # a shell's background process ignores SIGQUIT, and its children with it
    )
    left = killed.communicate()[0].split()[0]
    assert (killed.returncode, Path(left).is_dir()) == (-getattr(signal, number), True)
    (tmp_path / f"{PREFIX}of-somebody-else").mkdir()  # without a lock: nobody knows whose it is
    start("", tmp_path).communicate()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        [Path(kept).name, f"{PREFIX}of-somebody-else"]
    )
    living.communicate()


def test_without_a_place_for_the_directory_there_is_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    with pytest.raises(ResourceError, match=r"no directory for temporary files: .*; TMPDIR can"):
        temporary_directory.__wrapped__()

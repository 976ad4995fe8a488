"""``sparse simulate --step``: what is typed, and what is answered; from a pipe, and on a terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.stepping import Stepper
from streamparse.cli.step import HELP, Session, converse
from streamparse.quickstart import write_project
from tests.support.paths import ROOT
from tests.support.sparse import run
from tests.support.stepped import making, said

Capture = pytest.CaptureFixture[str]


def test_it_goes_back_and_to_any_time(capsys: Capture) -> None:
    found = said(capsys, "n 4", "back", "back 2", "goto 3ms", "goto wave 2", "back 9", "back")
    assert [line for line in found if line.startswith(("wave", "this"))] == [
        "wave 4 began at 3 ms: 1 event",
        "wave 3 began at 2 ms: 1 event",
        "wave 1 began at 0 ms: 1 event",
        "wave 4 began at 3 ms: 1 event",
        "wave 2 began at 1 ms: 3 events",
        "this is the start: no wave has run",
        "this is the start; there is nothing before it",
    ]


def test_the_tree_of_a_message_id_so_far(capsys: Capture) -> None:
    assert said(capsys, "n", "tree 0", "tree 7", "tree")[3:] == [
        "id 0 of s[4]: still pending",
        "",
        'attempt 1: s[4] emits ["pass_on", "x"] at 0 ms; still pending',
        '  b[3] gets ["pass_on", "x"]: held: neither acked nor failed',
        '  why: b[3] neither acked nor failed ["pass_on", "x"], sent to it at 0 ms',
        "tree 7: no tuple has this message id so far; the nearest are 0",
        "tree ID: expected a message id, such as 5",
    ]


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("nxet", """there is no command 'nxet' (did you mean "next"?); help lists them"""),
        ("zzzzz", "there is no command 'zzzzz'; help lists them"),
        ("next x", "next N: expected a number from 1 to 10000000"),
        ("back 0", "back N: expected a number from 1 to 10000000"),
        ("goto", "goto TIME: expected a virtual time, such as 12s, or: goto wave 3"),
        ("goto x", "goto x: 'x' is no time; expected a virtual time, such as 30s, 1500ms or 2m, or: goto wave 3"),
        ("goto wave", "goto wave N: expected a number from 0 to 10000000"),
        ("break c:tuple", "break c:tuple: there is no component 'c'; there are s, b, sink"),
        ("delete 3", "delete 3: there are 0 breakpoints"),
        ("queues sinc", """queues sinc: there is no component 'sinc' (did you mean "sink"?)"""),
        ("held q", "held q: there is no component 'q'; there are s, b, sink"),
        ("run fast", "run fast: run takes no more words"),
        ("events", "  no event"),
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_obeyed_is_answered_with_what_was_expected(
    line: str, answer: str, capsys: Capture
) -> None:
    assert said(capsys, line) == [answer]


def test_help_names_every_command(capsys: Capture) -> None:
    assert said(capsys, "help") == HELP.splitlines()
    with Stepper(making()) as stepper:
        commands = Session(stepper, None)._commands
    assert [name for name in commands if f"\n  {name}" not in f"\n{HELP}"] == []


def test_comments_are_ignored_and_quit_ends(capsys: Capture) -> None:
    with Stepper(making()) as stepper:
        converse(Session(stepper, None), ["# look", "quit", "next"])
        assert stepper.wave == 0
    assert capsys.readouterr().out.splitlines() == [
        "t like Storm 2.8.3, seed 0: all components have started; help lists what can be typed"
    ]


# -- the command


@pytest.mark.parametrize("flag", ["--watch", "--json", "--real-time", "--advise"])
def test_what_stepping_cannot_go_with_is_refused(flag: str, capsys: Capture) -> None:
    assert run(capsys, "simulate", "--step", flag) == (
        2, "", f"error: --step and {flag}: expected one of them\n",
    )  # fmt: skip


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write_project("demo", tmp_path)
    (tmp_path / "demo/rows.jsonl").write_text('["dog"]\n["cat"]\n')
    return tmp_path / "demo"


ARGV = [sys.executable, "-m", "streamparse.cli.sparse", "simulate", "--step", "-q", "--time", "0"]
STUB = ["--stub", "word-spout=rows.jsonl"]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "dumb"}


def test_lines_come_from_a_pipe_and_its_end_ends_the_run(project: Path) -> None:
    done = subprocess.run(
        [*ARGV, *STUB, "--trace", "steps.jsonl"],
        cwd=project,
        env=environment(),
        input="next\nback\nrun\n",
        capture_output=True,
        text=True,
        check=False,
    )
    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    assert [line for line in lines if "> " in line] == [
        "wave 0, 0 ms> next", "wave 1, 3 ms> back", "wave 0, 0 ms> run",
    ]  # fmt: skip
    assert (
        lines[-1]
        == "the run has ended: nothing is left to do; table shows the result, back goes back"
    )
    plain = [each for each in ARGV if each != "--step"]
    subprocess.run(
        [*plain, *STUB, "--trace", "plain.jsonl"], cwd=project, env=environment(), check=True, capture_output=True
    )  # fmt: skip
    traces = [(project / name).read_bytes() for name in ("steps.jsonl", "plain.jsonl")]
    assert traces[0] == traces[1]


def test_somebody_types_at_a_terminal_and_ctrl_c_ends_it(project: Path) -> None:
    ours, theirs = pty.openpty()
    # Who opens a terminal first in a new session has its Ctrl-C.
    shell = ["sh", "-c", 'exec "$@" <"$0" >"$0" 2>&1', os.ttyname(theirs)]
    with subprocess.Popen(
        [*shell, *ARGV, *STUB], cwd=project, env=environment(), start_new_session=True
    ) as process:
        shown = _read_until(ours, "wave 0, 0 ms> ")
        os.write(ours, b"next\n")
        shown = _read_until(ours, "wave 1, 3 ms> ")
        # Python's readline() misses a signal that comes before it waits, until something is typed.
        while _state(process.pid) != "S":
            pass
        os.write(ours, b"\x03")
        process.wait()
    os.close(theirs)
    os.close(ours)
    assert 'word-spout[5] emits ["dog"] with id 0' in shown
    assert process.returncode == 130


def _state(pid: int) -> str:
    """The state of a process, of proc(5): S where it waits."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def _read_until(fd: int, text: str) -> str:
    """Read what a terminal shows, until this is the last of it."""
    shown = ""
    while not shown.endswith(text):
        shown += os.read(fd, 4096).decode()
    return shown

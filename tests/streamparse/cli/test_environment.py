"""``sparse`` where the machine is against it: full disks, closed streams, missing directories, signals at a bad time.

Each row is a real process. A signal comes at a known point, for a component sends it.
"""

from __future__ import annotations

import os
import re
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.paths import ROOT

TOPOLOGY = """(ns words (:use [streamparse.specs]))
(defn words [options]
  [{"words" (python-spout-spec options "words.Words" ["word"])}
   {"count" (python-bolt-spec options {"words" :shuffle} "words.Passes" ["word"])}])
"""
WORDS = '''
import os
import signal
import time
from streamparse import Bolt, Spout

class Words(Spout):
    number = 0

    def next_tuple(self):
        self.number += 1
        self.emit(["\\u65e5\\u672c"], tup_id=self.number)

class Passes(Bolt):
    def process(self, tup):
        self.emit([tup.values[0]])

def status(pid):
    """State and parent of a process."""
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(")")[2].split()[:2]

def sparse():
    """The process that shows the run: the parent of the parent of this one."""
    return int(status(os.getppid())[1])

class Stops(Passes):
    """Stops sparse, and lets it go on when it has been stopped for longer than it has patience."""
    def process(self, tup):
        os.kill(sparse(), signal.SIGSTOP)
        while status(sparse())[0] != "T":
            pass
        time.sleep(0.6)
        os.kill(sparse(), signal.SIGCONT)
        super().process(tup)

class Interrupts(Passes):
    """Sends SIGINT when its input has ended, and stays."""
    def run(self):
        try:
            super().run()
        except SystemExit:
            os.kill(sparse(), signal.SIGINT)
            while True:
                signal.pause()

class InterruptsTwice(Interrupts):
    def process(self, tup):
        os.kill(sparse(), signal.SIGINT)

class Kills(Passes):
    def process(self, tup):
        os.kill(sparse(), signal.SIGKILL)

class Logs(Passes):
    """Logs more than a file may hold."""
    def process(self, tup):
        for _ in range(3):
            self.logger.info("x" * 3000)
        super().process(tup)
'''  # fmt: skip


@pytest.fixture
def project(tmp_path: Path) -> Path:
    top = tmp_path / "project"
    for path, text in {
        "config.json": "{}",
        "src/words.py": WORDS,
        "topologies/words.clj": TOPOLOGY,
    }.items():
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_text(text)
    (tmp_path / "tmp").mkdir()
    return top


class Done(NamedTuple):
    status: int
    out: str
    err: str


Shell = Callable[..., Done]


@pytest.fixture
def shell(project: Path) -> Shell:
    """Run a line of shell in the project; $SPARSE is the command."""

    def run(line: str, limits: dict[int, int] | None = None, **env: str) -> Done:
        def limit() -> None:
            for what, most in (limits or {}).items():
                resource.setrlimit(what, (most, most))

        done = subprocess.run(
            ["bash", "-c", line],
            cwd=project,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(ROOT),
                "SPARSE": f"{sys.executable} -m streamparse.cli.sparse",
                "TMPDIR": str(project.parent / "tmp"),
                **env,
            },
            preexec_fn=limit,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    return run


RUN = "$SPARSE simulate -t 0.01"
HEAD = "words: 0.01 virtual seconds like Storm 2.8.3, seed 0; time is up"
FULL = "cannot be written: No space left on device"
CRASH = "--crash count@" + "9" * 5000
HERE = "PROJECT"
CUT = "9" * (80 - len("count@"))
OO = (
    "error: topology files cannot be read under python -OO, which removes docstrings that their reader needs; use "
    "python -O, and PYTHONOPTIMIZE=1"
)
GONE = "error: the working directory cannot be found: No such file or directory; cd to a directory that exists"
SOURCES = "expected the sources of the components here"
NO_LOGS = "this run goes on without log files (-o streamparse.log.path=DIRECTORY moves them)"

#: A line of shell; then the exit status, the first line on stdout, and all of stderr but the line with the real time.
ATTACKS: dict[str, tuple[str, int, str, str]] = {
    "stdout is full": (f"{RUN} > /dev/full", 74, "", f"error: stdout: {FULL}"),
    "stdout is full, for JSON": (f"{RUN} --json > /dev/full", 74, "", f"error: stdout: {FULL}"),
    "stdout is full, in process": (f"{RUN} --in-process > /dev/full", 74, "", f"error: stdout: {FULL}"),
    "stdout is full, for help": ("$SPARSE -h > /dev/full", 74, "", f"error: stdout: {FULL}"),
    "stdout is full, for help of a command": ("$SPARSE run -h > /dev/full", 74, "", f"error: stdout: {FULL}"),
    "stdout is full, for a picture": ("$SPARSE visualize > /dev/full", 74, "", f"error: stdout: {FULL}"),
    "stdout is closed": (f"{RUN} >&-", 74, "", "error: stdout: cannot be written: it is closed"),
    "stdin and stdout are closed": (f"{RUN} <&- >&-", 74, "", "error: stdout: cannot be written: it is closed"),
    "stderr is full": (f"{RUN} 2> /dev/full", 0, HEAD, ""),
    "stderr is closed": (f"{RUN} 2>&-", 0, HEAD, ""),
    "all are closed": (f"{RUN} <&- >&- 2>&-", 74, "", ""),
    "the reader of stdout is gone": (f"{RUN} | true; exit ${{PIPESTATUS[0]}}", 141, "", ""),
    "the trace is full": (f"{RUN} --trace /dev/full", 74, HEAD, f"error: --trace /dev/full: {FULL}"),
    "the trace is a directory": (f"{RUN} --trace src", 2, "", "error: --trace src: Is a directory"),
    "the picture is full": (
        "ln -s /dev/full a.svg; $SPARSE visualize --output a.svg", 74, "", f"error: --output a.svg: {FULL}"),
    "logs is a file": (f"touch logs; {RUN}", 0, HEAD, f"warning: {HERE}/logs: not a directory; {NO_LOGS}"),
    "logs cannot be made": (
        f"ln -s /proc/none logs; {RUN}", 0, HEAD, f"warning: {HERE}/logs: File exists; {NO_LOGS}"),
    "logs cannot be written": (
        f"ln -s /proc/self logs; {RUN}", 0, HEAD, f"warning: {HERE}/logs: No such file or directory; {NO_LOGS}"),
    "another directory of logs cannot be written": (
        f"{RUN} -o streamparse.log.path=/none", 0, HEAD, f"warning: /none: No such file or directory; {NO_LOGS}"),
    "src is missing": (f"rm -r src; {RUN}", 2, "", f"error: {HERE}/src: no such directory; {SOURCES}"),
    "src is a file": (f"rm -r src; touch src; {RUN}", 2, "", f"error: {HERE}/src: not a directory; {SOURCES}"),
    "the working directory is gone": (f"mkdir a; cd a; rmdir ../a; {RUN}", 2, "", GONE),
    "the working directory is gone, for a picture": (
        "mkdir a; cd a; rmdir ../a; $SPARSE visualize", 2, "", GONE),
    "no directory for temporary files": (
        f"cd ../project; TMPDIR=/proc/none {RUN}", 0, HEAD, ""),  # Python takes the next of its own
    "no docstrings": (f"PYTHONOPTIMIZE=2 {RUN}", 2, "", OO),
    "no docstrings, for a picture": ("PYTHONOPTIMIZE=2 $SPARSE visualize", 2, "", OO),
    "no assertions": (f"PYTHONOPTIMIZE=1 {RUN}", 0, HEAD, ""),
    "a number of 5000 digits": (f"{RUN} {CRASH}", 2, "",
        f"error: --crash count@{CUT}...: expected ID@N with N from 1 to 10^18, such as count-bolt@3"),
    "no home": (f"env -u HOME {RUN}", 0, HEAD, ""),
    "sparse is stopped for longer than its patience": (
        f"{RUN} --patience 0.2 --stub count=words.Stops -t 0.001", 0, HEAD.replace("0.01", "0.001"), ""),
    "no limit to its patience": (f"{RUN} --patience 0", 0, HEAD, ""),
    **{
        f"patience {found}": (f"{RUN} --patience={found}", 2, "",
            f"error: --patience {found}: expected seconds, at most 1000000; 0 is never")
        for found in ("inf", "nan", "1e+300", "-1")
    },
    "SIGINT while components end": (
        f"{RUN} --stub count=words.Interrupts", 130, HEAD.replace("time is up", "interrupted"), ""),
    "a second SIGINT while components end": (f"{RUN} --stub count=words.InterruptsTwice", 130, "", ""),
}  # fmt: skip


@pytest.mark.parametrize("what", ATTACKS)
def test_what_the_machine_refuses_is_one_line_or_nothing(
    what: str, shell: Shell, project: Path
) -> None:
    line, status, first, error = ATTACKS[what]
    done = shell(line)
    said = [
        each.replace(str(project), HERE)
        for each in done.err.splitlines()
        if not each.startswith("real time")
    ]
    shown = done.out.partition("\n")[0]
    assert (done.status, shown, "\n".join(said)) == (status, first, error)


#: What is typed in a project that cannot be written: the status, the first line on stdout, and stderr.
LEINS = "Leiningen works in the project's directory; copy the project to one that can be written"
READ_ONLY = {
    "simulate": (RUN, 0, HEAD, f"warning: {HERE}/logs: REASON; {NO_LOGS}"),
    "simulate, with logs elsewhere": (f"{RUN} -o streamparse.log.path=$TMPDIR", 0, HEAD, ""),
    "simulate in process": (f"{RUN} --in-process", 0, HEAD, f"warning: {HERE}/logs: REASON; {NO_LOGS}"),
    "a trace": (f"{RUN} --trace a.jsonl -o streamparse.log.path=$TMPDIR", 2, "", "error: --trace a.jsonl: REASON"),
    "a picture": ("$SPARSE visualize --output a.svg", 2, "", "error: --output a.svg: REASON"),
    "quickstart": ("$SPARSE quickstart a", 2, "", "error: a: cannot be made: REASON"),
    "new bolt": ("$SPARSE new bolt Abc", 2, "", "error: src/bolts/__init__.py: cannot be written: REASON"),
    "jar": ("$SPARSE jar", 1, "", f"error: _resources: REASON; {LEINS}"),
    "run": ("$SPARSE run", 1, "", f"error: _resources: REASON; {LEINS}"),
    "doctor": ("$SPARSE doctor --offline", 0, "ok       python:", ""),
}  # fmt: skip


@pytest.mark.parametrize("what", READ_ONLY)
def test_a_project_that_cannot_be_written_is_no_hindrance_or_one_line(
    what: str, shell: Shell, project: Path
) -> None:
    line, status, first, error = READ_ONLY[what]
    (project / "project.clj").write_text(
        '(defproject words "1" :resource-paths ["_resources"] :dependencies [[org.apache.storm/storm-clojure "2.8.3"]])'
    )
    for tool in ("lein", "java"):
        (project.parent / "tmp" / tool).write_text("#!/bin/sh\nexit 9\n")
        (project.parent / "tmp" / tool).chmod(0o755)
    reason = "Permission denied"
    if os.geteuid() == 0:  # whom no mode keeps from writing
        reason = "Read-only file system"
        before = (
            f"mount --bind -o ro . . && cd {project} && touch a 2>&1 | grep -q Read-only || exit 99"
        )
        line = f"unshare --mount bash -c '{before}; {line}'"
    else:
        for each in (*project.rglob("*"), project):
            each.chmod(0o555)
    path = f"{project.parent}/tmp:{os.environ['PATH']}"
    done = shell(line, LEIN_ROOT="1", HOME=f"{project.parent}/tmp", PATH=path)
    if done.status == 99 or "unshare failed" in done.err:
        pytest.skip("this machine lets nobody mount")
    said = [
        each.replace(str(project), HERE)
        for each in done.err.splitlines()
        if not each.startswith("real time")
    ]
    shown = done.out.partition("\n")[0] if status == 0 else ""
    assert (done.status, shown[: len(first)] if first else "", "\n".join(said)) == (
        status,
        first,
        error.replace("REASON", reason),
    )


def test_a_terminal_without_the_letters_shows_them_escaped(shell: Shell) -> None:
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = shell(RUN, **ascii_only)
    assert (done.status, r'["\u65e5\u672c"]' in done.out) == (0, True)


def test_more_tasks_than_files_may_be_open_are_refused_in_one_line(
    shell: Shell, project: Path
) -> None:
    text = TOPOLOGY.replace('["word"])}])', '["word"] :p 400)}])')
    (project / "topologies/words.clj").write_text(text)
    done = shell(RUN, {resource.RLIMIT_NOFILE: 1024})
    assert (done.status, done.out) == (1, "")
    assert re.search(
        r"error: 401 tasks as processes need \d+ open files, and this process may have 1024 \(ulimit -n\); .*\n",
        done.err,
    )


def test_a_log_file_that_is_full_is_a_warning_of_its_component_and_no_end(
    shell: Shell, project: Path
) -> None:
    done = shell(
        f"{RUN} -t 0.002 --stub count=words.Logs",
        {resource.RLIMIT_FSIZE: 4096},
        PYTHONDONTWRITEBYTECODE="1",
    )
    warnings = [line for line in done.err.splitlines() if "WARN" in line]
    assert (done.status, len(warnings)) == (0, 1), done.err
    assert re.fullmatch(
        rf"count\[\d\] WARN {project}/logs/streamparse_words_count_\d_\d+\.log: cannot be written: File too large",
        warnings[0],
    )


def test_a_disk_without_any_room_is_one_line(shell: Shell, project: Path) -> None:
    done = shell(RUN, {resource.RLIMIT_FSIZE: 0})
    warning, error = done.err.splitlines()
    assert warning == f"warning: {project}/logs: File too large; {NO_LOGS}"
    assert error.startswith("error: no directory for temporary files: ")
    assert (done.status, done.out) == (1, "")


def test_what_a_killed_run_has_left_is_removed_by_the_next(shell: Shell, project: Path) -> None:
    def left() -> list[Path]:
        return list((project.parent / "tmp").iterdir())

    killed = shell(f"{RUN} --stub count=words.Kills; exit $?")
    assert (killed.status, len(left())) == (128 + signal.SIGKILL, 1)
    assert shell(RUN).status == 0
    assert left() == []


def test_logs_of_earlier_runs_are_removed_but_for_the_last_few(shell: Shell, project: Path) -> None:
    for _ in range(7):
        assert shell(RUN).status == 0
    names = [re.sub(r"\d+\.log", "PID.log", path.name) for path in (project / "logs").iterdir()]
    assert {name: names.count(name) for name in names} == {
        "streamparse_words_count_3_PID.log": 5,
        "streamparse_words_words_4_PID.log": 5,
    }


def test_a_component_under_pytest_is_not_hung_because_pytest_was_stopped(project: Path) -> None:
    (project / "test_words.py").write_text(
        "def test_words(storm):\n"
        "    words = storm.topology('words', spouts={'words': [['a'], ['b']]}, bolts={'count': 'words.Stops'})\n"
        "    words.complete()\n"
        "    assert words['count'].emitted == [['a'], ['b']]\n"
    )
    (project / "pytest.ini").write_text("[pytest]\nstorm_hang_seconds = 0.2\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly"],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "1 passed" in done.stdout, done.stdout

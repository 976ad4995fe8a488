"""The real side: scenarios in one LocalCluster of a line of Storm, each component behind a recorder."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from simulator.model.settings import MESSAGE_TIMEOUT_SECS
from streamparse.jvm import SOURCES, log_options
from tests.parity.conversations import Run, read_directory
from tests.parity.scenarios import BASE, PROJECT, Scenario
from tests.support import storm_lines

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
RECORDED_PROGRAMS = {"python": sys.executable, "bash": "bash", "node": "node"}
MOST_SECONDS = 1700  # for one start: a little less than a test may take (pyproject.toml)
#: How much longer a message timeout is, and a wait, than in a simulation: a busy machine is late. Fails are compared by
#: the number of timeouts that have passed.
TIMES_AS_LONG = 2
DEATHS_A_START = 18

#: With a component that is gone: what would come of its silence comes when all else is over.
PATIENCE = {
    "topology.subprocess.timeout.secs": MOST_SECONDS,
    "supervisor.worker.timeout.secs": MOST_SECONDS,  # up to 0.9 it stands for the other
}


def run_live(
    version: str, scenarios: Sequence[Scenario], keep: Path | None = None
) -> dict[str, Run]:
    """Run these scenarios on a real Storm of this version; what was said, by scenario.

    Raises:
        RuntimeError: Storm ended before they did.
    """
    found: dict[str, Run] = {}
    for number, some in enumerate(_starts(scenarios)):
        with workshop(keep and keep / str(number)) as directory:
            plan = [_job(each, directory) for each in some]
            (directory / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
            run_jvm(version, directory)
            found |= read_results(directory)
    return found


def _starts(scenarios: Sequence[Scenario]) -> Iterator[Sequence[Scenario]]:
    """What runs in one LocalCluster: all that leave their worker alive; and some of the others, for a worker that was
    not let go keeps its slot for good, and there are few. What would talk of the others' heartbeats is the last."""
    alive = [each for each in scenarios if not each.alone]
    deaths = sorted(
        (each for each in scenarios if each.alone),
        key=lambda each: "topology.subprocess.timeout.secs" in each.conf,
    )
    if alive:
        yield alive
    for at in range(0, len(deaths), DEATHS_A_START):
        yield deaths[at : at + DEATHS_A_START]


def _job(scenario: Scenario, directory: Path) -> dict[str, object]:
    over = directory / "over" / scenario.name
    over.mkdir(parents=True)
    return {
        "name": scenario.name,
        "path": str(scenario.path),
        "conf": {
            **(PATIENCE if scenario.alone else {}),
            **_patient(scenario.whole_conf()),
            "topology.python.path": str(directory / "bin" / "python"),
            "parity.over": str(over),
            "streamparse.log.path": str(directory / "logs"),
        },
        "over": str(over),
        "notes": str(directory / "notes" / scenario.name),
        "markers": scenario.markers,
        "linger": scenario.linger_ms,
        "deadline": scenario.deadline_ms if scenario.alone else 1000 * MOST_SECONDS,
        "alone": scenario.alone,
        "acts": [[what, TIMES_AS_LONG * ms] for what, ms in scenario.acts],
    }


def _patient(conf: Mapping[str, object]) -> dict[str, object]:
    """A configuration whose message timeout is longer, if the scenario has one of its own."""
    timeout = conf[MESSAGE_TIMEOUT_SECS]
    if timeout == BASE[MESSAGE_TIMEOUT_SECS] or not isinstance(timeout, int):
        return dict(conf)
    return {**conf, MESSAGE_TIMEOUT_SECS: TIMES_AS_LONG * timeout}


@contextmanager
def workshop(keep: Path | None) -> Iterator[Path]:
    """A directory with the recording programs, and with ``resources`` for Storm to copy."""
    with tempfile.TemporaryDirectory(prefix="parity-") as name:
        directory = keep or Path(name)
        (directory / "bin").mkdir(parents=True)
        (directory / "logs").mkdir()
        (directory / "resources").symlink_to(PROJECT / "src")
        for program, real in RECORDED_PROGRAMS.items():
            found = shutil.which(real)
            if found:
                _write_wrapper(directory, program, found)
        yield directory


def _write_wrapper(directory: Path, program: str, real: str) -> None:
    path = directory / "bin" / program
    words = [sys.executable, "-S", "-E", HERE / "recorder.py", directory / "notes", real]
    path.write_text(f'#!/bin/sh\nexec {" ".join(map(str, words))} "$@"\n', encoding="utf-8")
    path.chmod(0o755)


def run_jvm(version: str, directory: Path) -> None:
    jars = storm_lines.class_path(version)
    front = [directory, HERE.parent, SOURCES, *jars]
    options = [
        "-Xmx512m",
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "-Djava.security.manager=allow",
        "-Dzookeeper.forceSync=no",  # a disk that is slow is not what this is about
    ]
    if storm_lines.line(version).hosts_file:
        options.append(storm_lines.hosts_option())
    argv = [
        "java",
        *options,
        *log_options(directory / "storm.log"),
        f"-Djava.io.tmpdir={directory}",
        "-cp",
        os.pathsep.join(map(str, front)),
        "clojure.main",
        "-m",
        "parity.driver",
        str(directory / "plan.json"),
        str(directory / "results.json"),
    ]
    environment = {
        **os.environ,
        "PATH": f"{directory / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "PYTHONHASHSEED": "0",
    }
    with (directory / "driver.log").open("wb") as out:
        process = subprocess.Popen(
            argv,
            cwd=directory,
            env=environment,
            stdin=subprocess.PIPE,  # whose end is the driver's, too
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            process.wait(MOST_SECONDS)
        finally:
            _end_group(process)
    if not (directory / "results.json").is_file():
        said = (directory / "driver.log").read_text(encoding="utf-8", errors="replace")
        raise RuntimeError(f"Storm {version} ended before the scenarios did:\n{said[-4000:]}")


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """The JVM and every component it has started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert process.stdin is not None
    process.stdin.close()


# -- results -------------------------------------------------------------------------------------------------------


def read_results(directory: Path) -> dict[str, Run]:
    """What came of each scenario that the driver has run in this directory."""
    results = json.loads((directory / "results.json").read_text(encoding="utf-8"))
    telling = list(_telling_entries(directory / "storm.log"))
    return {each["name"]: _run_of(each, directory, telling) for each in results}


def _run_of(result: Mapping[str, Any], directory: Path, log: Sequence[Entry]) -> Run:
    def between(one: str, other: str) -> list[Entry]:
        return [each for each in log if _stamp(result[one]) <= each.stamp <= _stamp(result[other])]

    talks = read_directory(directory / "notes" / result["name"])
    pids = {str(talk.pid): talk.component for talk in talks}
    entries = between("began", "ended")
    end = str(result["verdict"])
    if end == "refused":
        end = f"refused: {result['message']}"
    elif end.startswith("exit"):
        # Those of earlier workers still part; where there is nothing else, this one's component did.
        words = _words(entries, pids, _FAREWELL) or _words(entries, pids, _NOISE)
        end = f"died: {words}"
    elif result["alone"] and (words := _words(between("ended", "gone"), pids, _FAREWELL)):
        end = f"hung: {words}"
    return Run(talks=talks, end=end, logged=list(_shell_logs(entries, pids)))


@dataclass(frozen=True)
class Entry:
    """An entry of Storm's log: its first line, and the exceptions below it."""

    stamp: str
    text: str
    causes: tuple[str, ...] = ()


def _telling_entries(log: Path) -> Iterator[Entry]:
    """The entries that have an exception, or a component's message.

    One that was there in this second is left out: the reader of a bolt that is gone spins, and says so a million times.
    """
    recent: deque[tuple[str, str, tuple[str, ...]]] = deque(maxlen=16)
    for entry in _entries(log):
        if entry.causes or "ShellLog" in entry.text:
            what = (entry.stamp[:19], entry.text[23:], entry.causes)
            if "ShellLog" in entry.text or what not in recent:
                recent.append(what)
                yield entry


def _entries(log: Path) -> Iterator[Entry]:
    first = ""
    causes: list[str] = []
    with log.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            if line[:2] == "20":
                yield Entry(first[:23], first, tuple(causes))
                first, causes = line.rstrip("\n"), []
            elif line[0] not in "\t " and _CAUSE.match(line):
                causes.append(line.rstrip("\n"))
    yield Entry(first[:23], first, tuple(causes))


def _stamp(epoch_ms: int) -> str:
    """A moment as the log has it."""
    return datetime.fromtimestamp(epoch_ms / 1000).isoformat(" ", "milliseconds")


_CAUSE = re.compile(r"^(?:Caused by: )?((?:[a-z]\w*\.)+[A-Z]\w*(?:Exception|Error))(?:: (.*))?$")


#: What is logged when a worker of an earlier scenario goes, or hardly has been there.
_NOISE = re.compile(
    r"worker wants to exit|Worker died|InterruptedException|No local assignment|KeeperErrorCode|ClosedByInterrupt"
    r"|Client is not started"
)
#: What is also logged when the components of a worker are taken away from it.
_FAREWELL = re.compile(
    rf"{_NOISE.pattern}|Stream closed|Broken pipe|Pipe to subprocess|exit(ed| ?[Cc]ode)"
)


def _words(log: Sequence[Entry], pids: Collection[str], noise: re.Pattern[str]) -> str:
    """The innermost cause of the first death: of one of these processes if it is named, else of any thread."""
    named: list[str] = []
    others: list[str] = []
    for entry in log:
        cause = _innermost(entry.causes)
        if cause and not noise.search(cause):
            pid = _PID.search(entry.text)
            (others if pid is None else named if pid[1] in pids else []).append(cause)
    return next(iter(named or others), "")


_PID = re.compile(r"pid:(\d+)")


def _innermost(causes: Sequence[str]) -> str:
    """The last of the first chain of causes, as its message, or its class where it has none."""
    last = ""
    for line in causes:
        if last and not line.startswith("Caused by"):
            break
        found = _CAUSE.match(line)
        assert found is not None
        last = found[2] or found[1].rpartition(".")[2]
    return last


_SHELL_LOG = re.compile(r"^\S+ \S+ (\w+) .*ShellLog pid:(\d+), name:(\S+) (.*)$")


def _shell_logs(log: Sequence[Entry], pids: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Level, component and text of what these processes logged; other scenarios run at the same time."""
    for entry in log:
        if (found := _SHELL_LOG.match(entry.text)) and found[2] in pids:
            yield found[1], pids[found[2]], found[4]

"""``sparse run``: the examples in a real LocalCluster of each line, the same files as everywhere."""

from __future__ import annotations

import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from storm_lines import LINES, environment, project_clj, require

ROOT = Path(__file__).parent.parent
pytestmark = [pytest.mark.real_storm, pytest.mark.timeout(600)]

# Storm 1.2's LocalCluster schedules for the first time after 10 s; the others have been seen to begin within 7 s.
SECONDS = {"0.9.4": 12, "0.10.2": 12, "1.2.4": 24, "2.8.3": 12}


def example(name: str, version: str, tmp_path: Path) -> Path:
    """A copy of an example, with nothing but its project.clj made for this line."""
    project = tmp_path / name
    shutil.copytree(ROOT / "examples" / name, project)
    (project / "project.clj").write_text(project_clj(version, name), encoding="utf-8")
    return project


def environ(version: str) -> dict[str, str]:
    require("lein", "java")
    # What `sparse run` does about old ZooKeepers on new JVMs is under test: no help with that.
    helps = {key: value for key, value in environment(version).items() if key != "JVM_OPTS"}
    return {**os.environ, **helps}


def sparse_run(
    project: Path, version: str, *arguments: str, seconds: int | None = None
) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "streamparse.cli.sparse", "run", *arguments]
    argv += ["--time", str(SECONDS[version] if seconds is None else seconds)]
    env = {**environ(version), "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        argv,
        cwd=project,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


# Up to 1.x: Emitting: COMPONENT STREAM ["dog",1]    from 2.0 on: ... componentId=C stream=S values=[dog, 1]
_EMITTING = re.compile(
    r"Emitting: (\S+) (\S+) (\[.*\])$|componentId=(\S+) stream=(\S+) values=(\[.*\])$"
)


def emitted(project: Path) -> dict[str, Counter[str]]:
    """What each component emitted, as Storm's own log has it at debug level: rows as text, and how often."""
    rows: dict[str, Counter[str]] = {}
    for line in (project / "logs" / "storm.log").read_text(encoding="utf-8").splitlines():
        found = _EMITTING.search(line)
        if found:
            component, stream, values = (each for each in found.groups() if each is not None)
            if not stream.startswith("__") and not component.startswith("__"):
                old_form = found[3] is not None
                row = shown(json.loads(values)) if old_form else values
                rows.setdefault(f"{component}/{stream}", Counter())[row] += 1
    return rows


def shown(values: list[object]) -> str:
    """As Java shows a list of strings and numbers, which is how Storm logs them from 2.0 on."""
    return f"[{', '.join(map(str, values))}]"


def simulated(project: Path, version: str) -> dict[str, Counter[str]]:
    """What each component emits in a simulation of the same Storm."""
    trace = project / "trace.jsonl"
    argv = [
        sys.executable,
        "-m",
        "streamparse.cli.sparse",
        "simulate",
        "--storm",
        version,
        "--trace",
        str(trace),
    ]
    subprocess.run(
        argv,
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
    )
    rows: dict[str, Counter[str]] = {}
    for each in map(json.loads, trace.read_text(encoding="utf-8").splitlines()):
        if each["event"] == "emit":
            name = f"{each['component']}/{each['stream']}"
            rows.setdefault(name, Counter())[shown(each["values"])] += 1
    return rows


def left_running(project: Path) -> list[str]:
    """Processes that still have the project's directory on their command line ."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and int(entry.name) != os.getpid():
            try:
                words = (
                    (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
                )
            except OSError:  # gone in the meantime
                continue
            if str(project) in words:
                found.append(words)
    return found


@pytest.mark.parametrize("version", LINES)
@pytest.mark.parametrize("name", ["streams", "retries", "polyglot", "sentences"])
def test_an_example_emits_the_same_rows_as_in_a_simulation(
    name: str, version: str, tmp_path: Path
) -> None:
    project = example(name, version, tmp_path)
    ran = sparse_run(project, version, "--debug")
    assert ran.returncode == 0, ran.stderr[-3000:]
    assert left_running(project) == []
    assert emitted(project) == simulated(project, version)


@pytest.mark.parametrize("version", LINES)
def test_ticks_flush_every_reading_in_batches(version: str, tmp_path: Path) -> None:
    project = example("batching", version, tmp_path)
    ran = sparse_run(project, version, "--debug", seconds=SECONDS[version] + 6)
    assert ran.returncode == 0, ran.stderr[-3000:]
    readings: Counter[str] = Counter()
    for row, times in emitted(project)["mean-bolt/default"].items():
        sensor, _, number = row.strip("[]").split(", ")
        readings[sensor] += int(number) * times
    assert readings == {"sensor-0": 1000, "sensor-1": 1000, "sensor-2": 1000}


@pytest.mark.parametrize("version", LINES)
def test_a_word_is_counted_by_one_task_and_no_count_is_left_out(
    version: str, tmp_path: Path
) -> None:
    project = example("wordcount", version, tmp_path)
    ran = sparse_run(project, version, "--debug", "-o", "topology.max.spout.pending=20")
    assert ran.returncode == 0, ran.stderr[-3000:]
    counts: dict[str, list[int]] = {}
    for row in emitted(project)["count-bolt/default"].elements():
        word, _, count = row.strip("[]").partition(", ")
        counts.setdefault(word, []).append(int(count))
    assert sorted(counts) == ["cat", "dog", "elephant", "zebra"]
    assert {word: sorted(each) for word, each in counts.items()} == {
        word: list(range(1, len(each) + 1)) for word, each in counts.items()
    }
    assert not re.search("asking Leiningen", sparse_run(project, version, seconds=1).stdout)


@pytest.mark.parametrize("version", LINES)
def test_a_component_that_raises_stops_the_whole_topology(version: str, tmp_path: Path) -> None:
    project = example("wordcount", version, tmp_path)
    bolt = project / "src" / "bolts" / "wordcount.py"
    text = bolt.read_text(encoding="utf-8")
    bolt.write_text(
        text
        + "        if self.counts[word] == 3:\n            raise ValueError(f'too many: {word}')\n"
    )
    ran = sparse_run(project, version, seconds=90)
    assert ran.returncode == 1
    assert re.match(
        r"error: count-bolt died, and the topology with it; its log is \S+\n", ran.stderr
    )
    assert re.search(r'File "src/bolts/wordcount.py", line \d+, in process', ran.stderr)
    assert re.search(r"ValueError: too many: \w+\n$", ran.stderr)
    assert left_running(project) == []


def test_ctrl_c_stops_it_and_leaves_nothing(tmp_path: Path) -> None:
    project = example("wordcount", "2.8.3", tmp_path)
    argv = [sys.executable, "-m", "streamparse.cli.sparse", "run"]
    env = {**environ("2.8.3"), "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(argv, cwd=project, env=env, stdout=subprocess.PIPE, text=True) as process:
        for line in running_lines(process):
            if "is submitted" in line:
                process.send_signal(signal.SIGINT)
    assert process.returncode == 130
    assert left_running(project) == []


def test_it_ends_when_whoever_started_it_is_killed(tmp_path: Path) -> None:
    project = example("wordcount", "2.8.3", tmp_path)
    argv = [sys.executable, "-m", "streamparse.cli.sparse", "run"]
    env = {**environ("2.8.3"), "PYTHONPATH": str(ROOT)}
    log = project / "logs" / "storm.log"
    with subprocess.Popen(argv, cwd=project, env=env, stdout=subprocess.PIPE, text=True) as process:
        for line in running_lines(process):
            if "is submitted" in line:
                (jvm,) = children(process.pid)
                process.kill()
                wait_for_end(jvm)
    assert "Done shutting down" in log.read_text(encoding="utf-8")
    assert left_running(project) == []


def running_lines(process: subprocess.Popen[str]) -> Iterator[str]:
    assert process.stdout is not None
    return iter(process.stdout.readline, "")


def children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def wait_for_end(pid: int) -> None:
    """Until a process that is no child of ours is over."""
    with os.fdopen(os.pidfd_open(pid)) as end:
        select.select([end], [], [])

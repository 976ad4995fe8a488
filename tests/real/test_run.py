"""``sparse run``: the examples in a real LocalCluster of each line, the same files as everywhere."""

from __future__ import annotations

import json
import operator
import os
import re
import select
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from streamparse.jvm import find_storm
from tests.support.paths import ROOT
from tests.support.storm_lines import LINES, class_path, environment, project_clj, require
from tests.support.waiting import until

pytestmark = pytest.mark.real_storm


def example(name: str, version: str, tmp_path: Path, *, storm_clojure: bool = True) -> Path:
    """A copy of an example, with nothing but its project.clj made for this line; see ``project_clj``."""
    project = tmp_path / name
    ignored = shutil.ignore_patterns("logs", "__pycache__", "_build")
    shutil.copytree(ROOT / "examples" / name, project, ignore=ignored)
    text = project_clj(version, name, storm_clojure=storm_clojure)
    (project / "project.clj").write_text(text, encoding="utf-8")
    return project


def environ(version: str) -> dict[str, str]:
    require("lein", "java")
    # What `sparse run` does about old ZooKeepers on new JVMs is under test: no help with that.
    helps = {key: value for key, value in environment(version).items() if key != "JVM_OPTS"}
    return {**os.environ, **helps, "JVM_OPTS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"}


def start(
    project: Path, version: str, *arguments: str, cache: Path | None = None, **variables: str
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "streamparse.cli.sparse", "run", *arguments],
        cwd=project,
        env={
            **environ(version),
            "PYTHONPATH": str(ROOT),
            **({} if cache is None else {"XDG_CACHE_HOME": str(cache)}),
            **variables,
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


Rows = dict[str, Counter[str]]  # by component/stream: rows as text, and how often


def run_until(
    project: Path, version: str, is_enough: Callable[[Rows], bool], *arguments: str
) -> Rows:
    """Run until that has been emitted, as Storm tells at debug level; then Ctrl-C. What was emitted until the end."""
    rows: Rows = {}
    said = []
    with start(project, version, "--debug", *arguments) as process:
        asked = False
        try:
            for line in lines_of(process):
                said.append(line)
                _count(rows, line)
                if not asked and is_enough(rows):
                    process.send_signal(signal.SIGINT)
                    asked = True
        finally:
            process.terminate()  # it takes no part in what a failing test is about
    assert process.returncode == 130, "".join(said[-100:])
    until(lambda: left_running(project), operator.not_)
    return rows


def line_before_last(said: str) -> str:
    """Of the command's own: a component may say something until it is ended."""
    return [line for line in said.splitlines() if not line.startswith("word-spout: ")][-2]


def lines_of(process: subprocess.Popen[str]) -> Iterator[str]:
    assert process.stdout is not None
    return iter(process.stdout.readline, "")


# Up to 1.x: Emitting: COMPONENT STREAM ["dog",1]    from 2.0 on: ... componentId=C stream=S values=[dog, 1]
_EMITTING = re.compile(
    r"Emitting: (\S+) (\S+) (\[.*\])$|componentId=(\S+) stream=(\S+) values=(\[.*\])$"
)


def _count(rows: Rows, line: str) -> None:
    found = _EMITTING.search(line.rstrip())
    if found:
        component, stream, values = (each for each in found.groups() if each is not None)
        if not stream.startswith("__") and not component.startswith("__"):
            row = values if found[3] is None else shown(json.loads(values))
            rows.setdefault(f"{component}/{stream}", Counter())[row] += 1


def shown(values: list[object]) -> str:
    """As Java shows a list of strings and numbers, which is how Storm logs them from 2.0 on."""
    return f"[{', '.join(map(str, values))}]"


def simulated(project: Path, version: str) -> Rows:
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
    rows: Rows = {}
    _, *lines = trace.read_text(encoding="utf-8").splitlines()  # the first is the head
    for each in map(json.loads, lines):
        if each["event"] == "emit":
            name = f"{each['component']}/{each['stream']}"
            rows.setdefault(name, Counter())[shown(each["values"])] += 1
    return rows


def left_running(project: Path) -> list[str]:
    """Processes that still have the project's directory on their command line: components end a little later than
    the JVM that has started them.
    """
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


# Where two tasks emit to one, what that one makes of it depends on whose tuples come first: there only how many rows
# there are is fixed.
IN_ANY_ORDER = {"visits-bolt/default"}


def fixed(rows: Rows) -> dict[str, object]:
    """What Storm does not leave open."""
    return {
        stream: sum(each.values()) if stream in IN_ANY_ORDER else dict(each)
        for stream, each in rows.items()
    }


@pytest.mark.parametrize("version", LINES)
@pytest.mark.parametrize("name", ["streams", "retries", "polyglot", "sentences"])
def test_an_example_emits_the_same_rows_as_in_a_simulation(
    name: str, version: str, tmp_path: Path
) -> None:
    project = example(name, version, tmp_path)
    expected = fixed(simulated(project, version))
    rows = run_until(project, version, lambda rows: fixed(rows) == expected)
    assert fixed(rows) == expected


@pytest.mark.parametrize("name", ["streams", "polyglot"])
def test_without_storm_clojure_an_example_emits_the_same_rows(name: str, tmp_path: Path) -> None:
    project = example(name, "2.8.3", tmp_path, storm_clojure=False)
    expected = fixed(simulated(project, "2.8.3"))
    rows = run_until(project, "2.8.3", lambda rows: fixed(rows) == expected)
    assert fixed(rows) == expected


@pytest.mark.parametrize("version", LINES)
def test_ticks_flush_every_reading_in_batches(version: str, tmp_path: Path) -> None:
    project = example("batching", version, tmp_path)
    wanted = {"sensor-0": 1000, "sensor-1": 1000, "sensor-2": 1000}
    assert readings(run_until(project, version, lambda rows: readings(rows) == wanted)) == wanted


def readings(rows: Rows) -> Counter[str]:
    """How many of each sensor went into the means."""
    found: Counter[str] = Counter()
    for row, times in rows.get("mean-bolt/default", Counter()).items():
        sensor, _, number = row.strip("[]").split(", ")
        found[sensor] += int(number) * times
    return found


@pytest.mark.parametrize("version", LINES)
def test_a_word_is_counted_by_one_task_and_no_count_is_left_out(
    version: str, tmp_path: Path
) -> None:
    project = example("wordcount", version, tmp_path)
    counts: dict[str, list[int]] = {}
    words = ["cat", "dog", "elephant", "zebra"]
    hundredth = {f"[{word}, 100]" for word in words}
    rows = run_until(
        project,
        version,
        lambda rows: hundredth <= rows.get("count-bolt/default", Counter()).keys(),
        *("-o", "topology.max.spout.pending=20"),
    )
    for row in rows["count-bolt/default"].elements():
        word, _, count = row.strip("[]").partition(", ")
        if int(count) <= 100:  # what is said at Ctrl-C may be cut
            counts.setdefault(word, []).append(int(count))
    assert {word: sorted(each) for word, each in counts.items()} == {
        word: [*range(1, 101)] for word in words
    }


@pytest.mark.parametrize("version", LINES)
def test_a_component_that_raises_stops_the_whole_topology(version: str, tmp_path: Path) -> None:
    project = example("wordcount", version, tmp_path)
    bolt = project / "src" / "bolts" / "wordcount.py"
    text = bolt.read_text(encoding="utf-8")
    raises = (
        "        if self.counts[word] == 3:\n            raise ValueError(f'too many: {word}')\n"
    )
    bolt.write_text(text + raises, encoding="utf-8")
    with start(project, version) as process:
        said = "".join(lines_of(process))
    assert process.returncode == 1
    assert re.search(
        r"^error: count-bolt died, and the topology with it; its log is \S+$", said, re.M
    )
    assert re.search(r'^ +File "src/bolts/wordcount.py", line \d+, in process$', said, re.M)
    assert re.search(r"^ +ValueError: too many: \w+\n\Z", said, re.M)
    until(lambda: left_running(project), operator.not_)


def test_it_stops_by_itself_when_the_time_is_up_and_the_next_run_does_without_leiningen(
    tmp_path: Path,
) -> None:
    project = example("wordcount", "2.8.3", tmp_path)
    asks = re.compile("^asking Leiningen", re.M)
    found = []
    for _ in range(2):
        with start(project, "2.8.3", "--time", "1", cache=tmp_path / "cache") as process:
            said = "".join(lines_of(process))
        found.append((process.returncode, bool(asks.search(said)), line_before_last(said)))
    assert found == [(0, True, "stopping wordcount"), (0, False, "stopping wordcount")]
    until(lambda: left_running(project), operator.not_)


def test_it_ends_when_whoever_started_it_is_killed(tmp_path: Path) -> None:
    project = example("wordcount", "2.8.3", tmp_path)
    with start(project, "2.8.3") as process:
        for line in lines_of(process):
            if "is submitted" in line:
                (jvm,) = children(process.pid)
                with os.fdopen(os.pidfd_open(jvm)) as end:
                    process.kill()
                    select.select([end], [], [])
                break
    until(lambda: left_running(project), operator.not_)


def children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_clojure_that_is_not_read_here_runs_unchecked(tmp_path: Path) -> None:
    project = example("wordcount", "2.8.3", tmp_path)
    path = project / "topologies" / "wordcount.clj"
    macro = "(defmacro fields [& names] `[~@(map str names)])\n\n(defn wordcount"
    text = path.read_text(encoding="utf-8").replace("(defn wordcount", macro)
    path.write_text(text.replace('["word" "count"]', "(fields word count)"), encoding="utf-8")
    with start(project, "2.8.3", "--time", "1") as process:
        assert "fields is not defined; a topology file is read, not run" in "".join(
            lines_of(process)
        )
    assert process.returncode == 2
    with start(project, "2.8.3", "--time", "1", "--unchecked") as process:
        assert "wordcount is submitted, and runs for 1 s\n" in [*lines_of(process)]
    assert process.returncode == 0


# -- without Leiningen -------------------------------------------------------------------------------------------

#: Maven's local repository is for one Maven at a time, while it fetches something.
by_maven = pytest.mark.xdist_group("real_maven")


@by_maven
@pytest.mark.parametrize("name", ["streams", "polyglot"])
def test_by_thrift_an_example_emits_the_same_rows_as_in_a_simulation(
    name: str, tmp_path: Path
) -> None:
    require("mvn")
    project = example(name, "2.8.3", tmp_path)
    expected = fixed(simulated(project, "2.8.3"))
    rows = run_until(project, "2.8.3", lambda rows: fixed(rows) == expected, "--thrift")
    assert fixed(rows) == expected


@by_maven
def test_by_thrift_a_component_that_raises_stops_the_whole_topology(tmp_path: Path) -> None:
    require("mvn")
    project = example("wordcount", "2.8.3", tmp_path)
    bolt = project / "src" / "bolts" / "wordcount.py"
    raises = "\n    def initialize(self, conf, context):\n        raise ValueError('not today')\n"
    bolt.write_text(bolt.read_text(encoding="utf-8") + raises, encoding="utf-8")
    with start(project, "2.8.3", "--thrift") as process:
        said = "".join(lines_of(process))
    assert process.returncode == 1
    assert re.search(r"^ +ValueError: not today\n\Z", said, re.M)
    until(lambda: left_running(project), operator.not_)


@by_maven
def test_by_thrift_it_stops_when_the_time_is_up_and_the_next_run_does_without_maven(
    tmp_path: Path,
) -> None:
    require("mvn")
    project = example("wordcount", "2.8.3", tmp_path)
    asks = re.compile("^asking Maven", re.M)
    # In this home there is no local repository that has all the jars; Maven goes by the user's own.
    cache, home = tmp_path / "cache", str(tmp_path)
    found = []
    for _ in range(2):
        with start(project, "2.8.3", "--thrift", "--time", "1", cache=cache, HOME=home) as process:
            said = "".join(lines_of(process))
        found.append((process.returncode, bool(asks.search(said)), line_before_last(said)))
    assert found == [(0, True, "stopping wordcount"), (0, False, "stopping wordcount")]
    until(lambda: left_running(project), operator.not_)


@by_maven
def test_by_thrift_an_installed_storm_and_the_local_repository_do_without_maven(
    tmp_path: Path,
) -> None:
    require("mvn", "java")
    java = Path(shutil.which("java") or "").resolve()
    no_maven = {"PATH": str(tmp_path), "JAVA_HOME": str(java.parent.parent)}
    home = tmp_path / "storm"
    (home / "lib").mkdir(parents=True)
    (home / "RELEASE").write_text("2.8.3\n", encoding="utf-8")
    for jar in class_path("2.8.3"):
        (home / "lib" / jar.name).symlink_to(jar)
    # Maven has filled the local repository before.
    find_storm("2.8.3", "2.8.3", print, environ={**os.environ, "XDG_CACHE_HOME": str(tmp_path)})
    project = example("wordcount", "2.8.3", tmp_path)
    for number, variables in enumerate(({"STORM_HOME": str(home)}, {})):
        words = ("--thrift", "--time", "1")
        cache = tmp_path / f"cache-{number}"
        with start(project, "2.8.3", *words, cache=cache, **no_maven, **variables) as process:
            said = "".join(lines_of(process))
        assert (process.returncode, line_before_last(said)) == (0, "stopping wordcount"), said
    until(lambda: left_running(project), operator.not_)

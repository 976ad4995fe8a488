"""The launcher of real Storms: a cluster of each line is whole while it runs, and leaves nothing."""

from __future__ import annotations

import contextlib
import json
import operator
import os
import select
import signal
import socket
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from streamparse.project import Project
from tests.support.paths import ROOT
from tests.support.storm_cluster import StormCluster
from tests.support.storm_lines import LINES, class_path, require
from tests.support.waiting import HANG_SECS, until

pytestmark = [
    pytest.mark.real_storm,
]


@pytest.fixture(autouse=True)
def tools() -> None:
    require("java", "javac", "lein")


@pytest.mark.parametrize("version", LINES)
def test_a_cluster_has_nimbus_and_a_supervisor_and_leaves_no_process(
    version: str, tmp_path: Path
) -> None:
    with StormCluster(version, tmp_path, ui=version != "2.8.3") as cluster:
        addresses = [cluster.nimbus, *([cluster.ui] if cluster.ui else [])]
        while_it_runs = (
            [accepts(address) for address in addresses],
            cluster.supervisors(),
            # A daemon begins to start another program with a copy of itself, for a moment.
            until(lambda: sorted(each.pid for each in cluster.processes()) == running_in(tmp_path)),
        )
    afterwards = (
        [accepts(address) for address in addresses],
        cluster.supervisors(),
        running_in(tmp_path),
    )

    assert (while_it_runs, afterwards) == (
        ([True for _ in addresses], 1, True),
        ([False for _ in addresses], 0, []),
    )


def test_nimbus_comes_back_where_it_was_and_knows_the_supervisor(tmp_path: Path) -> None:
    with StormCluster("2.8.3", tmp_path) as cluster:
        seen = [cluster.supervisors()]
        cluster.stop_nimbus()
        seen.append(cluster.supervisors())
        cluster.start_nimbus()
        seen.append(cluster.supervisors())

    assert seen == [1, 0, 1]


def test_a_daemon_that_dies_is_started_again(tmp_path: Path) -> None:
    with StormCluster("2.8.3", tmp_path) as cluster:
        first = daemon(cluster, "nimbus")
        with os.fdopen(os.pidfd_open(first)) as ended:
            os.kill(first, signal.SIGKILL)
            select.select([ended], [], [])
        cluster.settle()
        second = daemon(cluster, "nimbus")

    assert (first != second, running_in(tmp_path)) == (True, [])


def test_components_have_the_path_and_environment_that_were_given_and_storm_starts_killed_ones_again(
    tmp_path: Path,
) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as telephone,
        StormCluster(
            "0.9.4",
            tmp_path / "cluster",
            worker_path="/usr/bin:/bin",
            worker_env={"TELEPHONE": str(telephone.getsockname()[1])},
            settings={"supervisor.worker.timeout.secs": 10},
        ) as cluster,
    ):
        submit_caller(cluster, tmp_path)
        telephone.settimeout(HANG_SECS)
        first = answer(telephone, cluster)
        cluster.kill_workers()
        second = answer(telephone, cluster)

    assert [each["PATH"] for each in (first, second)] == ["/usr/bin:/bin"] * 2
    assert first["pid"] != second["pid"]
    assert running_in(tmp_path) == []


def test_a_start_that_fails_says_what_the_daemon_said_and_leaves_no_process(tmp_path: Path) -> None:
    cluster = StormCluster("2.8.3", tmp_path, settings={"nimbus.thrift.port": "the usual"})

    with pytest.raises(
        RuntimeError, match=r"(?s)nimbus ended with status .*NIMBUS_THRIFT_PORT must be"
    ):
        cluster.start()

    assert running_in(tmp_path) == []


def test_clusters_side_by_side_have_ports_of_their_own(tmp_path: Path) -> None:
    clusters = [StormCluster("0.9.4", tmp_path / name, ui=True) for name in "ab"]
    addresses = {address for each in clusters for address in (each.nimbus, each.ui)}
    for each in clusters:
        each.stop()

    assert len(addresses) == 4


def test_a_line_whose_ui_cannot_be_had_says_so(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Maven Central does not have"):
        StormCluster("2.8.3", tmp_path, ui=True)


def test_the_command_prints_a_config_that_sparse_reads_and_stops_all_on_ctrl_c(
    tmp_path: Path,
) -> None:
    with launched(tmp_path) as launcher:
        (tmp_path / "config.json").write_text(introduction(launcher))
        nimbus = Project.find(tmp_path).environment("local").nimbus_address
        accepted = nimbus is not None and accepts(nimbus)
        launcher.send_signal(signal.SIGINT)
        status = launcher.wait()

    assert (accepted, status, running_in(tmp_path)) == (True, 0, [])


def test_a_cluster_ends_with_whoever_started_it(tmp_path: Path) -> None:
    with launched(tmp_path) as launcher:
        introduction(launcher)
        assert running_in(tmp_path / "cluster") != []
        launcher.kill()

    until(lambda: running_in(tmp_path), operator.not_)


@contextlib.contextmanager
def launched(directory: Path) -> Iterator[subprocess.Popen[str]]:
    """The command, which runs a cluster in a directory of this one."""
    words = ["2.8.3", "--directory", str(directory / "cluster")]
    command = [sys.executable, "-m", "tests.support.storm_cluster", *words]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as launcher:
        try:
            yield launcher
        finally:
            launcher.terminate()


def introduction(launcher: subprocess.Popen[str]) -> str:
    """The config.json that the command prints when the cluster is whole."""
    assert launcher.stdout is not None
    text = ""
    while not text.endswith("\n}\n"):
        text += launcher.stdout.readline() or pytest.fail(f"it ended early:\n{text}")
    return text[text.index("\n{") :]


# -- What they look with -----------------------------------------------------------------------------------------


def accepts(address: tuple[str, int]) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(address, 5):
        return True
    return False


def daemon(cluster: StormCluster, name: str) -> int:
    """The process id of its JVM."""

    def found() -> list[int]:
        return [
            each.pid
            for each in cluster.processes()
            if each.command[0].endswith("java") and f"-Ddaemon.name={name}" in each.command
        ]

    # A JVM that starts a program is there twice for a moment.
    [pid] = until(found, lambda pids: len(pids) == 1)
    return pid


def running_in(directory: Path) -> list[int]:
    """Everybody's processes whose command line names something in this directory."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # one that ends while we look
            if f"{directory}/".encode() in file.read_bytes():
                found.append(int(file.parent.name))
    return sorted(found)


# A spout that calls the test and then says nothing, which Storm bears for longer than the test lasts.
CALLER = """
import json, os, socket, sys
with socket.create_connection(("127.0.0.1", int(os.environ["TELEPHONE"]))) as call:
    call.sendall(json.dumps({**os.environ, "pid": os.getpid()}).encode())
sys.stdin.read()
"""

SUBMIT = """
(use 'backtype.storm.clojure)
(let [[host port python] *command-line-args*]
  (backtype.storm.StormSubmitter/submitTopology
    "calling" {"nimbus.host" host "nimbus.thrift.port" (Integer. port)}
    (topology {"caller" (shell-spout-spec [python "caller.py"] ["nothing"])} {})))
(shutdown-agents)
"""


def submit_caller(cluster: StormCluster, directory: Path) -> None:
    jar = directory / "calling.jar"
    with zipfile.ZipFile(jar, "w") as archive:
        archive.writestr("resources/caller.py", CALLER)
    script = directory / "submit.clj"
    script.write_text(SUBMIT)
    jars = os.pathsep.join(map(str, class_path(cluster.version)))
    jvm = ["java", "-XX:TieredStopAtLevel=1", f"-Dstorm.jar={jar}", "-cp", jars]
    words = [str(script), *map(str, cluster.nimbus), sys.executable]
    ran = subprocess.run(
        [*jvm, "clojure.main", *words], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def answer(telephone: socket.socket, cluster: StormCluster) -> dict[str, object]:
    """What the next component to call has to say, of those that run then: Storm may have started one anew."""
    while True:
        with telephone.accept()[0] as call, call.makefile("rb") as file:
            said: dict[str, object] = json.load(file)
        if [said["pid"]] == [each.pid for each in cluster.components()]:
            return said

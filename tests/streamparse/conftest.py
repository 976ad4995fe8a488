"""Fixtures of several directories: component classes, clusters, and projects for them."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from streamparse.cli import main
from tests.support import ssh_project as ssh
from tests.support import sshd
from tests.support.cluster_command import ClusterCommand
from tests.support.component_process import SOURCES
from tests.support.lein_project import LeinProject
from tests.support.sparse import COUNTING, TOPOLOGY
from tests.support.sshd import Hosts
from tests.support.submit_project import SubmitProject
from tests.support.ui_server import Pages, serving


@pytest.fixture
def components(tmp_path: Path) -> Path:
    for name, text in SOURCES.items():
        lines = text.splitlines()
        (tmp_path / name).write_text("\n".join(line.removeprefix("        ") for line in lines))
    (tmp_path / "logs").mkdir()
    return tmp_path


# -- projects ---------------------------------------------------------------------------------------------------


@pytest.fixture
def words_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: a project whose classes must not be imported."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    for path, text in {
        "config.json": "{}",
        "topologies/words.clj": TOPOLOGY,
        "src/spouts.py": "raise SystemExit('imported')",
        "src/bolts.py": "raise SystemExit('imported')",
    }.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def counting_project(words_project: Path) -> Path:
    """The same project with classes that run."""
    for name, text in COUNTING.items():
        (words_project / "src" / f"{name}.py").write_text(text)
    return words_project


@pytest.fixture
def submit_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SubmitProject]:
    monkeypatch.chdir(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        made = SubmitProject(tmp_path, server)
        monkeypatch.setenv("PATH", str(made.tools))
        monkeypatch.setenv("LEIN_ROOT", "1")
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        for name in ("JAVA_HOME", "JAVA_CMD", "LEIN_JAVA_CMD"):
            monkeypatch.delenv(name, raising=False)
        yield made


@pytest.fixture
def lein_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LeinProject:
    made = LeinProject(tmp_path, monkeypatch.setenv)
    monkeypatch.setenv("PATH", str(made.tools))
    monkeypatch.setenv("LEIN_ROOT", "1")
    monkeypatch.setenv("LEIN_HOME", str(tmp_path / "leinhome"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in ("JAVA_HOME", "JAVA_CMD", "LEIN_JAVA_CMD", "JVM_OPTS"):
        monkeypatch.delenv(name, raising=False)
    return made


# -- clusters ---------------------------------------------------------------------------------------------------


@pytest.fixture
def sparse_at_nimbus(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> ClusterCommand:
    """Run a command in a project with the topology wordcount, whose Nimbus is at this port; status, stdout, stderr."""
    (tmp_path / "topologies").mkdir()
    (tmp_path / "topologies" / "wordcount.clj").touch()
    monkeypatch.chdir(tmp_path)

    def run(port: int, *argv: str) -> tuple[int, str, str]:
        prod = {"nimbus": f"127.0.0.1:{port}", "use_ssh_for_nimbus": False}
        (tmp_path / "config.json").write_text(json.dumps({"envs": {"prod": prod}}))
        status = main(argv)
        return (status, *capsys.readouterr())

    return run


@pytest.fixture
def sparse_at_ui(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> ClusterCommand:
    """Run a command in a project with the topology pets, whose UI answers so: status, stdout, stderr."""
    (tmp_path / "topologies").mkdir()
    (tmp_path / "topologies" / "pets.clj").touch()
    monkeypatch.chdir(tmp_path)
    # A proxy is no way to a cluster.
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")

    def run(pages: Pages, *argv: str) -> tuple[int, str, str]:
        with serving(pages) as port:
            prod = {"nimbus": "127.0.0.1", "use_ssh_for_nimbus": False, "ui.port": port}
            (tmp_path / "config.json").write_text(json.dumps({"envs": {"prod": prod}}))
            status = main(argv)
            out, err = capsys.readouterr()
            return status, out, err.replace(f":{port}", ":PORT")

    return run


@pytest.fixture(scope="session")
def machines() -> Iterator[Hosts]:
    if os.geteuid() != 0:
        pytest.skip("two machines on one have users and mounts of their own, which takes root")
    with sshd.hosts("worker1", "worker2") as hosts:
        yield hosts


@pytest.fixture
def hosts(machines: Hosts, monkeypatch: pytest.MonkeyPatch) -> Hosts:
    """The two workers, as they can be reached from this process."""
    ssh.reach(machines, monkeypatch)
    return machines


@pytest.fixture
def ssh_project(hosts: Hosts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: a project for these workers."""
    monkeypatch.chdir(tmp_path)
    for directory in ("topologies", "virtualenvs"):
        (tmp_path / directory).mkdir()
    (tmp_path / "topologies" / f"{ssh.NAME}.clj").write_text("", encoding="utf-8")
    (tmp_path / "topologies" / f"{ssh.NAME}_2.clj").write_text("", encoding="utf-8")
    ssh.require(tmp_path, "streamparse")
    ssh.config(tmp_path, hosts)
    return tmp_path


@pytest.fixture
def worker_logs(hosts: Hosts) -> Iterator[dict[str, Path]]:
    """The workers' log directories, with logs of two topologies and of Storm."""
    directories = {name: host.data / "logs" for name, host in hosts.by_name.items()}
    for name, directory in directories.items():
        (directory / ssh.COUNT).write_text(f"one\n\ntwo of {name}\n")
        (directory / f"streamparse_{ssh.NAME}_2_count-bolt_4_97.log").write_text("not ours\n")
        (directory / "worker-6700.log").write_text("Storm's\n")
    (directories["worker2"] / ssh.WORDS).write_text("three\n")
    yield directories
    for directory in directories.values():
        for path in directory.iterdir():
            path.unlink()

"""A project whose workers are sshds on this machine, and what tests do with them."""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from streamparse import __version__
from streamparse.cli.sparse import main
from streamparse.cluster.ssh import Machine
from streamparse.cluster.virtualenvs import plan_virtualenvs, update_virtualenvs
from streamparse.project import Environment, OperationError, environment_from
from tests.support.sshd import Hosts

NAME = "wordcount"


def reach(hosts: Hosts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    for name, value in hosts.env.items():
        monkeypatch.setenv(name, value)


def config(project: Path, hosts: Hosts, **settings: object) -> None:
    section = {**hosts.environment_config(), **settings}
    (project / "config.json").write_text(json.dumps({"envs": {"here": section}}))


def environment(hosts: Hosts, **settings: object) -> Environment:
    return environment_from("here", {**hosts.environment_config(), **settings})


def require(project: Path, *lines: str) -> Path:
    path = project / "virtualenvs" / f"{NAME}.txt"
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def failure(action: Callable[[], object]) -> OperationError:
    with pytest.raises(OperationError) as caught:
        action()
    return caught.value


def update(hosts: Hosts, requirements: Path, name: str = NAME, **settings: object) -> list[str]:
    """The outcome on each worker, without the times and sorted; and then the error, if there is one."""
    said: list[str] = []
    try:
        update_virtualenvs(environment(hosts, **settings), name, requirements, report=said.append)
    except OperationError as error:
        return [*sorted(line.partition(",")[0] for line in said if not is_step(line)), str(error)]
    return sorted(line.partition(",")[0] for line in said if not is_step(line))


@contextmanager
def known_hosts(hosts: Hosts, text: str, *, config: str = "") -> Iterator[None]:
    """Another file of known hosts, and something at the front of ssh's configuration."""
    files = {hosts.known_hosts: text, hosts.home / ".ssh" / "config": config}
    before = {path: path.read_text() for path in files}
    hosts.known_hosts.write_text(text)
    (hosts.home / ".ssh" / "config").write_text(config + before[hosts.home / ".ssh" / "config"])
    try:
        yield
    finally:
        for path, old in before.items():
            path.write_text(old)


def say_hello(name: str = "worker1") -> str:
    """What a command there has to say, or why it could not be run."""
    try:
        with Machine(name, None) as machine:
            return machine.run("echo hello").output
    except OperationError as error:
        return str(error)


def fingerprint(path: Path) -> str:
    argv = ["ssh-keygen", "-l", "-f", str(path)]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout.split()[1]


def python_of(hosts: Hosts, requirements: Path, name: str = NAME) -> str:
    return plan_virtualenvs(environment(hosts), name, requirements, lambda _: None).python


def is_step(line: str) -> bool:
    """Whether a line reports progress, and no outcome on a worker."""
    return (
        re.match(r"asking |building |worker\d: (?:creating|pip installs|waiting)", line) is not None
    )


def version_on(worker: str, python: str) -> str:
    with Machine(worker, None) as machine:
        return machine.run(f"{python} -c 'import streamparse as s; print(s.__version__)'").output


def left_behind(hosts: Hosts) -> list[str]:
    """What is half made, or was only for a while, on the first worker, whose directories are seen here."""
    records = [*(hosts.data / "virtualenvs").glob(".streamparse-*/*/")]
    return sorted(
        path.name for path in records if path.is_dir() and not (path / "complete").exists()
    )


def wheel(directory: Path, name: str, version: str, files: Mapping[str, str]) -> None:
    """A wheel of these files, which pip can install without an index."""
    directory.mkdir(parents=True, exist_ok=True)
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(directory / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
        archive.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        )
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")


REAL = {"streamparse/__init__.py": f"__version__ = {__version__!r}\n", "streamparse/run.py": ""}


@contextmanager
def sparse(
    hosts: Hosts, *arguments: str, stdin: int = subprocess.DEVNULL
) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "streamparse.cli.sparse", *arguments],
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **hosts.env},
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def stuck(hosts: Hosts, fifo: Path) -> Path:
    """A Python whose venv does not come to an end."""
    path = hosts.data / "stuck"
    answers = 'case $1 in -c) exec python3 "$@" ;; esac'
    path.write_text(f'#!/bin/sh\n{answers}\nmkdir -p "$3/bin"\necho begun > "{fifo}"\nsleep 1000\n')
    path.chmod(0o755)
    return path


COUNT = f"streamparse_{NAME}_count-bolt_4_99.log"

WORDS = f"streamparse_{NAME}_word-spout_5_98.log"


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[str], str]:
    """Status, sorted lines of each worker in their order, and errors."""
    status = main(arguments)
    out, err = capsys.readouterr()
    return (
        status,
        sorted(out.splitlines(), key=lambda line: re.findall("worker[12]", line)[:1]),
        err,
    )


def ask(address: tuple[str, int], words: bytes) -> bytes:
    with socket.create_connection(address) as connection:

        def speak() -> None:
            with contextlib.suppress(OSError):  # nobody listens any more
                connection.sendall(words)
                connection.shutdown(socket.SHUT_WR)

        threading.Thread(target=speak).start()
        answer = b""
        while data := connection.recv(65536):
            answer += data
        return answer

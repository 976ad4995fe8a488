"""The virtualenv of a topology on every worker."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from streamparse import __version__
from streamparse.cluster.ssh import Machine
from streamparse.cluster.virtualenvs import update_virtualenvs, virtualenv_steps
from tests.support import sshd
from tests.support.ssh_project import (
    FAKE,
    NAME,
    REAL,
    environment,
    failure,
    left_behind,
    reach,
    require,
    update,
    wheel,
)
from tests.support.sshd import Hosts

pytestmark = [pytest.mark.real_ssh, pytest.mark.timeout(300)]


def test_where_pip_fails_is_told_with_what_it_said_and_the_other_worker_is_done(
    hosts: Hosts, ssh_project: Path
) -> None:
    wheel(hosts["worker1"].data / "wheels", "streamparse", "0.0.1", FAKE)
    path = require(
        ssh_project, "--no-index", f"--find-links {hosts.data}/wheels", "streamparse==0.0.1"
    )
    error = failure(
        lambda: update_virtualenvs(environment(hosts), "old", path, report=lambda _: None)
    )
    lines = error.output.splitlines()
    assert (str(error), lines[0], lines[-1]) == (
        "old has no good virtualenv on 2 of 2 workers: "
        f"worker1: streamparse is 0.0.1 there and {__version__} here; expected streamparse=={__version__} in {path}; "
        "worker2: pip: No matching distribution found for streamparse==0.0.1; "
        "fix that and run it again; the finished workers stay as they are",
        "worker2:",
        "ERROR: No matching distribution found for streamparse==0.0.1",
    )
    assert left_behind() == []


def test_a_virtualenv_whose_python_has_gone_is_made_anew_and_what_is_none_is_left_alone(
    hosts: Hosts, ssh_project: Path
) -> None:
    for worker in hosts.by_name.values():
        wheel(worker.data / "wheels", "streamparse", __version__, REAL)
    path = require(ssh_project, "--no-index", f"--find-links {hosts.data}/wheels", "streamparse")
    with Machine("worker1", None) as machine:
        root = f"{hosts.data}/virtualenvs/moved"
        machine.run(
            f"mkdir -p {root}/bin && ln -s /no/python {root}/bin/python && touch {root}/pyvenv.cfg"
        )
    with Machine("worker2", None) as machine:
        machine.run(f"mkdir {root} && touch {root}/precious")
    *said, _ = update(hosts, path, "moved")
    assert said == [
        "worker1: created again",
        f"worker2: FAILED: {root} is there and is no virtualenv; move it away",
    ]
    assert (hosts["worker2"].data / "virtualenvs" / "moved" / "precious").exists()


def test_a_disk_that_is_full_is_told_as_such_and_leaves_nothing_half_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "virtualenvs").mkdir()
    path = require(tmp_path, f"streamparse=={__version__}")
    with sshd.hosts("worker1", "worker2", small={"worker2": "3m"}) as hosts:
        reach(hosts, monkeypatch)
        said = update(hosts, path, workers=["worker2"])
        with Machine("worker2", None) as machine:
            there = machine.run(f"ls -A {hosts.data}/virtualenvs").output
    assert (said[0], there, left_behind()) == (
        "worker2: FAILED: virtualenv: No space left on device",
        "",
        [],
    )


def test_virtualenv_makes_it_where_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "virtualenvs").mkdir()
    with tempfile.TemporaryDirectory() as programs:
        Path(programs).chmod(0o755)
        program = Path(programs, "virtualenv")
        program.write_text('#!/bin/sh\necho "$@" >&2; exit 3\n')
        program.chmod(0o755)
        with sshd.hosts("worker1", path=f"{programs}:/usr/bin:/bin") as hosts:
            reach(hosts, monkeypatch)
            said = update(
                hosts, require(tmp_path, "streamparse"), virtualenv_flags="-p 'my python' -q"
            )
    assert (
        said[0] == f"worker1: FAILED: virtualenv: {hosts.data}/virtualenvs/{NAME} -p my python -q"
    )


def test_the_flags_of_a_virtualenv_hold_for_virtualenv_and_for_venv(
    hosts: Hosts, ssh_project: Path
) -> None:
    path = require(ssh_project, "streamparse")
    steps = virtualenv_steps(
        environment(
            hosts,
            virtualenv_root="/data/virtual envs/",
            virtualenv_flags="-p 3.11 --prompt 'word count'",
        ),
        NAME,
        path,
    )
    assert steps == [
        "mktemp -d /tmp/streamparse_requirements-XXXXXXXXX",
        f"copy {path} to /tmp/streamparse_requirements-XXXXXXXXX/requirements.txt",
        "unless /data/virtual envs/wordcount is there: "
        "virtualenv '/data/virtual envs/wordcount' -p 3.11 --prompt 'word count'",
        "    or, where there is no virtualenv: "
        "python3.11 -m venv '/data/virtual envs/wordcount' --prompt 'word count'",
        "TMPDIR=/tmp/streamparse_requirements-XXXXXXXXX '/data/virtual envs/wordcount/bin/python' -m pip install "
        "--exists-action w --disable-pip-version-check --no-input "
        "-r /tmp/streamparse_requirements-XXXXXXXXX/requirements.txt",
        "'/data/virtual envs/wordcount/bin/python' -c "
        f"'import streamparse, streamparse.run; print(streamparse.__version__)', which must be {__version__}",
        "rm -rf /tmp/streamparse_requirements-XXXXXXXXX",
    ]

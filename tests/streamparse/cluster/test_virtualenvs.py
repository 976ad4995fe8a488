"""The virtualenv of a topology on every worker."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import threading
from pathlib import Path, PurePosixPath

import pytest

from streamparse import __version__
from streamparse.cluster.ssh import Machine
from streamparse.cluster.virtualenvs import (
    plan_virtualenvs,
    update_virtualenvs,
    virtualenv_steps,
)
from tests.support import sshd
from tests.support.ssh_project import (
    NAME,
    environment,
    failure,
    is_step,
    left_behind,
    reach,
    require,
    update,
    wheel,
)
from tests.support.sshd import Hosts

pytestmark = pytest.mark.real_ssh


OTHERS = {"streamparse/__init__.py": "__version__ = '5.0.1'\n", "streamparse/run.py": ""}
SIMPLEJSON = {"simplejson/__init__.py": "loads = dumps = print\n"}


def index(directory: Path, **versions: str) -> Path:
    """A simple index (PEP 503) in a directory, which has one release of each project."""
    for name, version in versions.items():
        wheel(directory / name, name, version, OTHERS if name == "streamparse" else SIMPLEJSON)
        file = next((directory / name).glob("*.whl")).name
        (directory / name / "index.html").write_text(f'<a href="{file}">{file}</a>\n')
    return directory


def on_worker(worker: str, command: str) -> str:
    with Machine(worker, None) as machine:
        return machine.run(command).output


def test_workers_get_the_running_package_though_their_index_has_another_projects(
    hosts: Hosts, ssh_project: Path
) -> None:
    for worker in hosts.by_name.values():
        index(worker.data / "index", streamparse="5.0.1", simplejson="3.99")
    options = [f"--index-url file://{hosts.data}/index", "--no-cache-dir"]
    said: list[str] = []
    pythons = []
    for lines in (["streamparse"], [f"streamparse=={__version__}"], []):
        path = require(ssh_project, *options[:1], *lines)
        planned = plan_virtualenvs(environment(hosts), NAME, path, said.append)
        pythons.append(planned.python)
        planned.build(said.append)
    program = "import streamparse as s, streamparse.run, simplejson; print(s.__version__)"
    versions = [
        on_worker(name, f"{python} -c {program!r}") for name in hosts.by_name for python in pythons
    ]
    assert (versions, len(set(pythons)), left_behind(hosts)) == ([f"{__version__}\n"] * 6, 3, [])


def test_two_runs_at_once_build_it_once(hosts: Hosts, ssh_project: Path) -> None:
    """The one that builds goes on when the other has said that it waits."""
    index(hosts["worker1"].data / "index-5", simplejson="3.99")
    path = require(ssh_project, f"--index-url file://{hosts.data}/index-5")
    gate, python = hosts.data / "gate", hosts.data / "gated"
    os.mkfifo(gate)
    gate.chmod(0o666)
    python.write_text(
        f'#!/bin/sh\nif [ "$1" != -c ] && [ -e {gate} ]; then read _ < {gate}; rm {gate}; fi\nexec python3 "$@"\n'
    )
    python.chmod(0o755)
    there = environment(hosts, workers=["worker1"], virtualenv_flags=f"-p {python}")
    planned = plan_virtualenvs(there, "twice", path, lambda _: None)
    said: list[str] = []

    def report(line: str) -> None:
        said.append(line)
        if "waiting" in line:
            gate.write_text("go on\n")

    runs = [threading.Thread(target=planned.build, args=(report,)) for _ in range(2)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    outcomes = sorted(line.partition(",")[0] for line in said if not is_step(line))
    waits = [line for line in said if "waiting" in line]
    assert (outcomes, waits) == (
        ["worker1: created", "worker1: there already"],
        ["worker1: waiting for another sparse that is at work there"],
    )


def test_requirements_with_hashes_get_the_running_package_too(
    hosts: Hosts, ssh_project: Path
) -> None:
    there = index(hosts["worker1"].data / "index-6", simplejson="3.99")
    digest = hashlib.sha256(next(there.glob("simplejson/*.whl")).read_bytes()).hexdigest()
    path = require(
        ssh_project,
        f"--index-url file://{hosts.data}/index-6",
        f"simplejson==3.99 --hash=sha256:{digest}",
    )
    assert update(hosts, path, "hashed", workers=["worker1"]) == ["worker1: created"]


def test_where_pip_fails_is_told_with_what_it_said_and_the_other_worker_is_done(
    hosts: Hosts, ssh_project: Path
) -> None:
    index(hosts["worker1"].data / "index-2", streamparse="5.0.1", simplejson="3.99", words="1")
    index(hosts["worker2"].data / "index-2", streamparse="5.0.1", simplejson="3.99")
    path = require(ssh_project, f"--index-url file://{hosts.data}/index-2", "words")
    error = failure(
        lambda: update_virtualenvs(environment(hosts), "old", path, report=lambda _: None)
    )
    lines = error.output.splitlines()
    assert (str(error), lines[0], lines[-1]) == (
        "old has no good virtualenv on 1 of 2 workers: worker2: pip: No matching distribution found for words; "
        "fix that and run it again; the finished workers stay as they are",
        "worker2:",
        "ERROR: No matching distribution found for words",
    )
    assert left_behind(hosts) == []


def test_a_virtualenv_whose_python_has_gone_is_made_anew_and_what_is_none_is_left_alone(
    hosts: Hosts, ssh_project: Path
) -> None:
    for worker in hosts.by_name.values():
        index(worker.data / "index-3", simplejson="3.99")
    path = require(ssh_project, f"--index-url file://{hosts.data}/index-3", "streamparse")
    planned = plan_virtualenvs(environment(hosts), "moved", path, lambda _: None)
    record = f"{hosts.data}/virtualenvs/.streamparse-moved/{PurePosixPath(planned.path).name}"
    on_worker("worker1", f"mkdir -p {planned.path} {record} && touch {record}/complete")
    on_worker("worker2", f"mkdir {planned.path} && touch {planned.path}/precious")
    *said, _ = update(hosts, path, "moved")
    assert said == [
        "worker1: created again",
        f"worker2: FAILED: {planned.path} is there and is not of streamparse's making; move it away",
    ]
    precious = hosts["worker2"].data / "virtualenvs" / PurePosixPath(planned.path).name / "precious"
    assert precious.exists()


def test_a_changed_requirement_is_built_beside_and_the_old_one_goes_when_it_is_used_no_more(
    hosts: Hosts, ssh_project: Path
) -> None:
    for worker in hosts.by_name.values():
        index(worker.data / "index-4", simplejson="3.99", words="1")
    where = environment(hosts, nimbus="storm1", workers=["worker1"])
    first = require(ssh_project, f"--index-url file://{hosts.data}/index-4")
    old = plan_virtualenvs(where, "beside", first, lambda _: None)
    said: list[str] = []
    for _ in range(2):
        old.build(said.append)
    old.switch(said.append)
    second = require(ssh_project, f"--index-url file://{hosts.data}/index-4", "words")
    new = plan_virtualenvs(where, "beside", second, lambda _: None)
    new.build(said.append)
    both = [Path(each.python).exists() for each in (old, new)]
    new.switch(said.append)
    one = [Path(each.python).exists() for each in (old, new)]
    name = PurePosixPath(old.path).name
    assert (both, one) == ([True, True], [False, True])
    assert [line.partition(", ")[0] for line in said if not is_step(line)] == [
        "worker1: created",
        "worker1: there already",
        "worker1: created",
        f"worker1: {name} is no longer used",
    ]


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
    assert (said[0], there) == (
        "worker2: FAILED: virtualenv: No space left on device",
        f".streamparse-{NAME}\n",
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
                hosts,
                require(tmp_path, "streamparse"),
                virtualenv_flags="-p python3 --prompt 'a b'",
            )
    digest = re.sub(f"{NAME}-[0-9a-f]{{12}}", f"{NAME}-DIGEST", said[0])
    place = f"{hosts.data}/virtualenvs/{NAME}-DIGEST"
    assert digest == f"worker1: FAILED: virtualenv: {place} -p python3 --prompt a b"


def test_a_python_that_is_not_there_or_is_too_old_is_told_before_anything_is_built(
    hosts: Hosts, ssh_project: Path
) -> None:
    old = hosts.data / "old python"
    old.write_text("#!/bin/sh\necho python /usr/bin/python3 3.8.10 default\n")
    old.chmod(0o755)
    path = require(ssh_project, "streamparse")
    remedy = "virtualenv_flags can name another, as in -p python3.12"
    assert [
        update(hosts, path, workers=["worker1"], virtualenv_flags="-p 3.99"),
        update(hosts, path, workers=["worker1"], virtualenv_flags=f"-p '{old}'"),
    ] == [
        [f"worker1: no python3.99 there; {remedy}"],
        [f"worker1: {old} is Python 3.8.10, and streamparse needs 3.10 or newer; {remedy}"],
    ]


def test_the_flags_of_a_virtualenv_hold_for_virtualenv_and_for_venv(
    hosts: Hosts, ssh_project: Path
) -> None:
    path = require(ssh_project, "streamparse")
    settings = {
        "virtualenv_root": "/data/virtual envs/",
        "virtualenv_flags": "-p 3.11 --prompt 'word count'",
    }
    files = "'/data/virtual envs/.streamparse-wordcount/files"
    python = "'/data/virtual envs/wordcount-DIGEST/bin/python'"
    wheel = f"streamparse-{__version__}-py3-none-any.whl"
    assert virtualenv_steps(environment(hosts, **settings), NAME, path) == [
        "ask python3.11 for its version, which must be 3.10 or newer; DIGEST is made of that, the requirements, the "
        "wheel of streamparse and virtualenv_flags",
        "unless /data/virtual envs/wordcount-DIGEST is there:",
        f"    copy {path} and {wheel} over ssh to /data/virtual envs/.streamparse-wordcount/files",
        "    virtualenv '/data/virtual envs/wordcount-DIGEST' -p python3.11 --prompt 'word count'",
        "    or, where there is no virtualenv: "
        "python3.11 -m venv '/data/virtual envs/wordcount-DIGEST' --prompt 'word count'",
        f"    TMPDIR={files}' {python} -m pip install --exists-action w --disable-pip-version-check --no-input "
        f"{files}/{wheel}' -r {files}/requirements.txt'",
        f"    {python} -c 'import streamparse, streamparse.run; print(streamparse.__version__)', which must be "
        f"{__version__}",
        f"    rm -rf {files}'",
    ]

"""What ``sparse doctor`` looks at on a cluster; nothing there is changed."""

from __future__ import annotations

import os
import shlex
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

from streamparse.cluster.blob_store import has_blob_store
from streamparse.cluster.causes import find_cause
from streamparse.cluster.nimbus import ThriftNimbus, connect_nimbus
from streamparse.cluster.requirements import FIRST, without_streamparse
from streamparse.cluster.ssh import Machine
from streamparse.cluster.ssh_config import read_ssh_config
from streamparse.cluster.tunnels import nimbus_name, nimbus_route, nimbus_tunnel
from streamparse.cluster.virtualenv_commands import interpreter
from streamparse.cluster.virtualenvs import OLDEST_PYTHON, split_flags
from streamparse.cluster.wheel import NEEDED
from streamparse.cluster.workers import check_status, on_all_workers, run_checked
from streamparse.project import (
    Diagnosis,
    Environment,
    OperationError,
    Project,
    ProjectError,
    diagnoses,
)

__all__ = ["check_cluster", "check_index"]

# Prints a line for each thing that is there.
_LOOK = """\
printf 'python %s\\n' "$({python} -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null)"
{python} -c 'import venv, ensurepip' 2>/dev/null && echo venv
command -v virtualenv >/dev/null && echo virtualenv
root={root}
while ! test -e "$root" && test "$root" != /; do root=$(dirname "$root"); done
test -d "$root" && test -w "$root" && echo root
test -d {logs} && echo logs
true"""


#: What pip is asked, without installing anything.
_ASK_PIP = (
    "install", "--dry-run", "--ignore-installed", "--no-deps", "--quiet", "--disable-pip-version-check", "--no-input",
    "-r", FIRST,
)  # fmt: skip

# Has the pip of a worker look for what requirements name; pip before 22.2 has no dry run, and downloads them. A Python
# that has no pip of its own is given one in the directory, as a submit gives it one in a virtualenv.
_ASK_ON_WORKER = """\
cd {directory} || exit
TMPDIR={directory} PIP_BREAK_SYSTEM_PACKAGES=1
export TMPDIR PIP_BREAK_SYSTEM_PACKAGES
python={python}
if ! "$python" -m pip --version >/dev/null 2>&1; then
    if command -v virtualenv >/dev/null; then virtualenv -q venv -p "$python" || exit
    else "$python" -m venv venv || exit; fi
    python=venv/bin/python
fi
if "$python" -m pip install --help | grep -q -e --dry-run; then exec "$python" -m pip {dry_run}; fi
exec "$python" -m pip download --no-deps --quiet --disable-pip-version-check --no-input -d downloaded -r {first}"""


def check_cluster(
    project: Project, environment: Environment, requirements: Mapping[str, Path] | None = None
) -> Iterator[Diagnosis]:
    """Look at ssh, at the workers and at Nimbus.

    Args:
        project: its project.clj names the Storm version that the cluster should have.
        environment: the cluster.
        requirements: those that each worker's pip is asked for, by the subject of the diagnosis; ones that
            ``check_requirements`` accepts.
    """
    yield from _check_ssh(environment)
    if environment.workers and environment.has_virtualenvs:
        yield from _check_workers(environment, requirements or {})
    elif environment.has_virtualenvs and environment.submit == "thrift":
        yield Diagnosis(
            "ok", "workers", "none in config.json; a submit takes the supervisors of nimbus"
        )
    elif environment.has_virtualenvs:
        remedy = f"name them in envs.{environment.name}.workers of config.json"
        yield Diagnosis(
            "warning", "workers", "none in config.json, so nothing can be submitted", remedy
        )
    yield _check_nimbus(project, environment)


def _check_ssh(environment: Environment) -> Iterator[Diagnosis]:
    if (
        not (environment.has_virtualenvs and environment.workers)
        and not environment.use_ssh_for_nimbus
    ):
        return
    try:
        read_ssh_config()
    except (OSError, ValueError) as error:
        yield Diagnosis(
            "error", "ssh configuration", f"cannot be read: {error}", "mend ~/.ssh/config"
        )
    else:
        yield Diagnosis("ok", "ssh configuration", "can be read")
    agent = os.environ.get("SSH_AUTH_SOCK")
    if agent and _is_socket(agent):
        yield Diagnosis("ok", "ssh agent", f"listens at {agent}")
    elif agent:
        remedy = "start ssh-agent, or unset SSH_AUTH_SOCK"
        yield Diagnosis(
            "warning", "ssh agent", f"SSH_AUTH_SOCK names {agent}, where none listens", remedy
        )
    else:
        yield Diagnosis("ok", "ssh agent", "none; keys without a passphrase are used")


def _is_socket(path: str) -> bool:
    try:
        return stat.S_ISSOCK(Path(path).stat().st_mode)
    except OSError:
        return False


# -- the package index -----------------------------------------------------------------------------------------------


def check_index(path: Path, subject: str) -> Diagnosis:
    """Have pip look for what requirements name, by this machine's Python and index; nothing is installed.

    Args:
        path: requirements that ``check_requirements`` accepts.
        subject: of the diagnosis.
    """
    with tempfile.TemporaryDirectory() as directory:
        for name, text in without_streamparse(path).items():
            (Path(directory) / name).write_text(text, encoding="utf-8")
        argv = [sys.executable, "-m", "pip", *_ASK_PIP]
        done = subprocess.run(argv, cwd=directory, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        found = "this machine's index has what they name; no worker is named that could be asked"
        return Diagnosis("ok", subject, found)
    cause = find_cause(done.stderr, done.returncode)
    return Diagnosis("error", subject, f"{cause} (on this machine's index)", f"mend {path}")


# -- workers ---------------------------------------------------------------------------------------------------------


class _Seen(NamedTuple):
    """What a worker has.

    Attributes:
        lines: what ``_LOOK`` printed there.
        lacking: why its pip does not find what requirements name, by their subject; None where it does.
    """

    lines: list[str]
    lacking: dict[str, str | None]


def _check_workers(
    environment: Environment, requirements: Mapping[str, Path]
) -> Iterator[Diagnosis]:
    try:
        flags = split_flags(environment)
        asked = {subject: _worker_files(path) for subject, path in requirements.items()}
        outcomes = on_all_workers(
            environment, partial(_look, environment, flags, asked), lambda line: None
        )
    except ProjectError as error:
        yield from diagnoses("error", "workers", error.problems)
        return
    for name, outcome in outcomes.items():
        if isinstance(outcome, OperationError):
            yield Diagnosis("error", f"worker {name}", str(outcome).removeprefix(f"{name}: "))
        else:
            yield from _judged(environment, name, interpreter(flags)[0], outcome.lines)
            for subject, cause in outcome.lacking.items():
                yield _judged_requirements(name, subject, requirements[subject], cause)


def _worker_files(path: Path) -> dict[str, str]:
    """What a worker's pip is asked for: the requirements, and what the wheel of streamparse needs there."""
    files = without_streamparse(path)
    if not any("--hash" in text for text in files.values()):  # which everything needs then
        files[FIRST] += "".join(f"{each}\n" for each in sorted(NEEDED))
    return files


def _look(
    environment: Environment,
    flags: tuple[str, ...],
    asked: Mapping[str, Mapping[str, str]],
    machine: Machine,
    tell: object,
) -> _Seen:
    python, _ = interpreter(flags)
    script = _LOOK.format(
        python=shlex.quote(python),
        root=shlex.quote(environment.virtualenv_root or "/"),
        logs=shlex.quote(environment.log.path or "/"),
    )
    lines = machine.run(script).output.splitlines()
    if not _is_new_enough(_version(lines)):
        return _Seen(lines, {})
    return _Seen(
        lines, {subject: _ask_pip(machine, python, files) for subject, files in asked.items()}
    )


def _ask_pip(machine: Machine, python: str, files: Mapping[str, str]) -> str | None:
    """Why pip there does not find what these requirements name; None where it does."""
    made = run_checked(machine, "mktemp", "mktemp -d").strip()
    try:
        for name, text in files.items():
            check_status(machine, "writing", machine.write(f"{made}/{name}", text.encode()))
        script = _ASK_ON_WORKER.format(
            directory=shlex.quote(made),
            python=shlex.quote(python),
            dry_run=shlex.join(_ASK_PIP),
            first=FIRST,
        )
        done = machine.run(script)
    finally:
        machine.run(f"rm -rf {shlex.quote(made)}", always=True)
    return None if done.status == 0 else find_cause(done.output, done.status)


def _judged_requirements(name: str, subject: str, path: Path, cause: str | None) -> Diagnosis:
    if cause is None:
        return Diagnosis("ok", subject, f"pip on {name} finds what they name")
    remedy = f"mend {path}, or the index that pip asks there: pip config list on {name} shows it"
    return Diagnosis("error", subject, f"pip on {name}: {cause}", remedy)


def _version(lines: list[str]) -> str:
    return next((line[7:] for line in lines if line.startswith("python ")), "")


def _is_new_enough(version: str) -> bool:
    return bool(version) and tuple(map(int, version.split(".")[:2])) >= OLDEST_PYTHON


def _judged(
    environment: Environment, name: str, python: str, lines: list[str]
) -> Iterator[Diagnosis]:
    subject = f"worker {name}"
    version = _version(lines)
    oldest = ".".join(map(str, OLDEST_PYTHON))
    remedy = (
        f"install Python {oldest} or newer there; virtualenv_flags can name it, as in -p python3.12"
    )
    if not version:
        yield Diagnosis("error", subject, f"no {python} there", remedy)
    elif not _is_new_enough(version):
        yield Diagnosis("error", subject, f"{python} is Python {version}", remedy)
    elif not {"venv", "virtualenv"} & {*lines}:
        yield Diagnosis(
            "error", subject, f"Python {version}, but neither virtualenv nor venv",
            "install virtualenv, or the package python3-venv, there",
        )  # fmt: skip
    else:
        yield Diagnosis("ok", subject, f"Python {version}")
    if not environment.virtualenv_root:
        remedy = f"set envs.{environment.name}.virtualenv_root, or use_virtualenv to false"
        yield Diagnosis("error", subject, "no virtualenv_root in config.json", remedy)
    elif "root" not in lines:
        remedy = f"make it for the user {environment.user or 'of ssh'} there"
        yield Diagnosis(
            "error",
            subject,
            f"virtualenv_root {environment.virtualenv_root} cannot be written",
            remedy,
        )
    if environment.log.path and "logs" not in lines:
        remedy = "make it there for the user who runs the workers, or components cannot start"
        yield Diagnosis("error", subject, f"log.path {environment.log.path} is not there", remedy)


# -- Nimbus ----------------------------------------------------------------------------------------------------------


def _check_nimbus(project: Project, environment: Environment) -> Diagnosis:
    try:
        environment.require("nimbus")
        subject = f"nimbus {nimbus_name(environment)}"
        with nimbus_tunnel(environment) as address:
            nimbus = connect_nimbus(address, project, name=nimbus_name(environment))
            running = len(nimbus.topologies())
            version = nimbus.version() if isinstance(nimbus, ThriftNimbus) else None
    except (ProjectError, OperationError) as error:
        return Diagnosis("error", "nimbus", str(error))
    found = f"answers, {nimbus_route(environment).partition(', ')[2] or 'directly'}; {running} topologies run"
    if environment.has_blobs and not has_blob_store(version):
        remedy = 'leave "virtualenv": "blobstore" out'
        return Diagnosis("error", subject, f"runs Storm {version}, which has no blob store", remedy)
    if version is None:
        return Diagnosis("ok", subject, found)
    ours = project.storm_version()
    if ours is not None and ours != version:
        remedy = f"name {version} in project.clj"
        return Diagnosis(
            "warning", subject, f"runs Storm {version}, and project.clj names {ours}", remedy
        )
    return Diagnosis("ok", subject, f"{found}; Storm {version}")

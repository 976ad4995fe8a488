"""The virtualenv of a topology on every worker of a cluster."""

from __future__ import annotations

import contextlib
import re
import shlex
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from streamparse.cluster.requirements import FIRST, check_requirements, gather_requirements
from streamparse.cluster.ssh import Machine
from streamparse.cluster.workers import (
    Report,
    absolute_path,
    check_status,
    failures,
    on_all_workers,
    run_checked,
    worker_names,
)
from streamparse.project import (
    CONFIG,
    Environment,
    OperationError,
    ProjectError,
    check_topology_name,
)

__all__ = ["check_virtualenvs", "update_virtualenvs", "virtualenv_python", "virtualenv_steps"]

LEAST_KB = 1024  # free on a disk that is not full: pip alone takes ten times as much

#: Of the directory on a worker that has the requirements while pip reads them.
_TEMPLATE = "/tmp/streamparse_requirements-XXXXXXXXX"
_PROGRAM = "import streamparse, streamparse.run; print(streamparse.__version__)"


# -- the commands ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Virtualenv:
    """The virtualenv of a topology, and the commands that create, fill and check it.

    Attributes:
        path: its directory on the workers.
        flags: options of ``virtualenv``.
    """

    path: str
    flags: tuple[str, ...]

    @property
    def python(self) -> str:
        return f"{self.path}/bin/python"

    @property
    def works(self) -> str:
        """Succeeds when pip works in it."""
        return shlex.join([self.python, "-m", "pip", "--version"])

    @property
    def is_taken(self) -> str:
        """Succeeds when its path exists."""
        return f"test -e {shlex.quote(self.path)}"

    @property
    def is_virtualenv(self) -> str:
        """Succeeds when its path is a virtualenv."""
        return f"test -f {shlex.quote(self.path + '/pyvenv.cfg')}"

    @property
    def remove(self) -> str:
        return f"rm -rf {shlex.quote(self.path)}"

    @property
    def with_virtualenv(self) -> str:
        """Creates it with ``virtualenv``."""
        return shlex.join(["virtualenv", self.path, *self.flags])

    @property
    def with_venv(self) -> str:
        """Creates it with Python's own ``venv``, which is run by the interpreter that it is for."""
        python, flags = _without_interpreter(self.flags)
        return shlex.join([python, "-m", "venv", self.path, *flags])

    def create(self, directory: str) -> str:
        """Creates it with what the worker has; temporary files are in this directory."""
        return (
            f"TMPDIR={shlex.quote(directory)}; export TMPDIR; "
            f"if command -v virtualenv >/dev/null; then exec {self.with_virtualenv}; "
            f"else exec {self.with_venv}; fi"
        )

    def install(self, directory: str) -> str:
        """Installs the requirements in a directory; pip's temporary files are there too, and are removed with it."""
        pip = [self.python, "-m", "pip", "install", "--exists-action", "w"]
        more = ["--disable-pip-version-check", "--no-input", "-r", f"{directory}/{FIRST}"]
        return f"TMPDIR={shlex.quote(directory)} {shlex.join([*pip, *more])}"

    @property
    def check(self) -> str:
        """Prints the version of streamparse in it."""
        return shlex.join([self.python, "-c", _PROGRAM])


def _without_interpreter(flags: tuple[str, ...]) -> tuple[str, list[str]]:
    """The interpreter that virtualenv's flags ask for, by default ``python3``, and the other flags."""
    python, others = "python3", []
    words = iter(flags)
    for word in words:
        found = _INTERPRETER.fullmatch(word)
        if found is None:
            others.append(word)
            continue
        asked = found["here"] or next(words, "")
        python = f"python{asked}" if re.match(r"\d", asked) else asked or python
    return python, others


# -p PYTHON, -pPYTHON, --python PYTHON, --python=PYTHON
_INTERPRETER = re.compile(r"(?:-p|--python(?=$|=)=?)(?P<here>.*)")


def _virtualenv(environment: Environment, name: str) -> _Virtualenv:
    environment.require("virtualenv_root")
    root = absolute_path(environment, "virtualenv_root", environment.virtualenv_root or "")
    try:
        flags = tuple(shlex.split(environment.virtualenv_flags))
    except ValueError as error:
        finding = f"{CONFIG}: envs.{environment.name}.virtualenv_flags: {str(error).lower()}"
        raise ProjectError([f"{finding}; expected words as in a shell"]) from None
    return _Virtualenv(f"{root.rstrip('/')}/{check_topology_name(name)}", flags)


# -- what is asked for -------------------------------------------------------------------------------------------


def virtualenv_python(environment: Environment, name: str) -> str:
    """Return the interpreter of a topology's virtualenv, the value of ``topology.python.path``.

    Raises:
        ProjectError: the environment has no ``virtualenv_root``, or one that is no absolute path.
    """
    return _virtualenv(environment, name).python


def check_virtualenvs(environment: Environment, name: str, requirements: Path) -> None:
    """Refuse mistakes that ``update_virtualenvs`` can find without a connection.

    Args:
        name: of the topology.
        requirements: its requirements file.

    Raises:
        ProjectError: the environment or the requirements lack something.
    """
    worker_names(environment)
    _virtualenv(environment, name)
    check_requirements(requirements)


def virtualenv_steps(environment: Environment, name: str, requirements: Path) -> list[str]:
    """Return what ``update_virtualenvs`` does on each worker, one step a line.

    Raises:
        ProjectError: as ``check_virtualenvs``.
    """
    check_virtualenvs(environment, name, requirements)
    virtualenv = _virtualenv(environment, name)
    return [
        f"mktemp -d {_TEMPLATE}",
        f"copy {requirements} to {_TEMPLATE}/{FIRST}",
        f"unless {virtualenv.path} is there: {virtualenv.with_virtualenv}",
        f"    or, where there is no virtualenv: {virtualenv.with_venv}",
        virtualenv.install(_TEMPLATE),
        f"{virtualenv.check}, which must be {_version()}",
        f"rm -rf {_TEMPLATE}",
    ]


def update_virtualenvs(
    environment: Environment, name: str, requirements: Path, *, report: Report
) -> None:
    """Create or update a topology's virtualenv on every worker, with everything that its requirements ask for.

    Args:
        name: of the topology.
        requirements: its requirements file.
        report: called with the outcome on each worker.

    Raises:
        ProjectError: the environment or the requirements lack something; no connection has been made.
        OperationError: it failed on a worker; the others have been waited for.
    """
    files = gather_requirements(requirements)
    virtualenv = _virtualenv(environment, name)

    def job(machine: Machine, tell: Report) -> None:
        begun = time.monotonic()
        try:
            done = _update(machine, virtualenv, files, requirements)
        except OperationError as error:
            tell(f"{machine.name}: FAILED: {str(error).removeprefix(f'{machine.name}: ')}")
            raise
        tell(f"{machine.name}: {done}, {time.monotonic() - begun:.1f} s")

    failed = failures(on_all_workers(environment, job, report))
    if failed:
        output = "\n".join(
            f"{host}:\n{error.output}" for host, error in failed.items() if error.output
        )
        causes = "; ".join(map(str, failed.values()))
        raise OperationError(
            f"{name} has no good virtualenv on {len(failed)} of {len(environment.workers)} workers: "
            f"{causes}; fix that and run it again; the finished workers stay as they are",
            output,
        )


# -- on one worker -----------------------------------------------------------------------------------------------


def _update(
    machine: Machine, virtualenv: _Virtualenv, files: Mapping[str, str], requirements: Path
) -> str:
    """Create or update it; the outcome is ``created`` or ``updated``."""
    directory = run_checked(machine, "mktemp", f"mktemp -d {_TEMPLATE}").strip()
    try:
        for file, text in files.items():
            written = machine.write(f"{directory}/{file}", text)
            check_status(machine, "upload", written.status, written.output)
        done = _create(machine, virtualenv, directory)
        run_checked(machine, "pip", virtualenv.install(directory))
        _check_version(machine, virtualenv, requirements)
    finally:
        _clean_up(machine, f"rm -rf {shlex.quote(directory)}")
    return done


def _create(machine: Machine, virtualenv: _Virtualenv, directory: str) -> str:
    if machine.run(virtualenv.works).status == 0:
        return "updated"
    done = "created"
    if machine.run(virtualenv.is_taken).status == 0:
        if machine.run(virtualenv.is_virtualenv).status != 0:
            raise OperationError(
                f"{machine.name}: {virtualenv.path} is there and is no virtualenv; "
                "move it away, or choose another virtualenv_root"
            )
        done = "created again, since its pip did not work"
        run_checked(machine, "rm", virtualenv.remove)
    is_complete = False
    try:
        run_checked(machine, "virtualenv", virtualenv.create(directory))
        is_complete = True
    except OperationError as error:
        if not _is_full(machine, virtualenv.path):
            raise
        # venv does not always say so.
        line = f"{machine.name}: virtualenv: No space left on device"
        raise OperationError(line, error.output) from None
    finally:
        if not is_complete:  # the next update takes half a virtualenv for a whole one
            _clean_up(machine, virtualenv.remove)
    return done


def _is_full(machine: Machine, path: str) -> bool:
    try:
        status, output = machine.run(f"df -Pk {shlex.quote(path)}")
    except OperationError:
        return False  # the machine is lost, which has been reported
    words = output.splitlines()[-1].split() if status == 0 and output else []
    return len(words) > 3 and words[3].isdigit() and int(words[3]) < LEAST_KB


def _check_version(machine: Machine, virtualenv: _Virtualenv, requirements: Path) -> None:
    output = run_checked(machine, "streamparse", virtualenv.check)
    there = output.split()[-1] if output.split() else "none"
    if there != _version():
        raise OperationError(
            f"{machine.name}: streamparse is {there} there and {_version()} here; "
            f"expected streamparse=={_version()} in {requirements}"
        )


def _version() -> str:
    from streamparse import __version__

    return __version__


def _clean_up(machine: Machine, command: str) -> None:
    # The error before tells more than that the machine cannot be reached for this either.
    with contextlib.suppress(OperationError):
        machine.run(command, always=True)

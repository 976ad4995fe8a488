"""The virtualenv of a topology on every worker of a cluster.

It is built beside those that topologies run in, and never changed afterwards. Its path has a digest of everything that
decides its content, so the topology's configuration says which one its components run in. A submission that does not
succeed leaves the running topology as it was.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import shlex
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from streamparse import __version__
from streamparse.cluster.requirements import (
    FIRST,
    check_requirements,
    check_version,
    gather_requirements,
)
from streamparse.cluster.ssh import Machine
from streamparse.cluster.virtualenv_commands import Virtualenv, interpreter
from streamparse.cluster.wheel import own_wheel
from streamparse.cluster.workers import (
    Report,
    absolute_path,
    check_status,
    failures,
    on_all_workers,
    raise_failures,
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

__all__ = [
    "OLDEST_PYTHON",
    "PlannedVirtualenv",
    "check_virtualenvs",
    "digest_of",
    "pip_files",
    "placeholder_python",
    "plan_virtualenvs",
    "split_flags",
    "update_virtualenvs",
    "virtualenv_steps",
]

LEAST_KB = 10 * 1024  # free on a disk that is not full: pip alone takes as much
DIGEST_CHARS = 12
OLDEST_PYTHON = (3, 10)

_ASK_PYTHON = "import sys; print('python', sys.executable, *sys.version.split())"
# Other lines may be of a sitecustomize.py.
_ANSWER = re.compile(r"^python .*? (?P<version>(\d+)\.(\d+)\.\S+)( .*)?$", re.MULTILINE)


class PlannedVirtualenv:
    """The virtualenv of a topology for all workers of a cluster, when their Pythons are known.

    Args:
        environment: the cluster.
        virtualenv: its place, and the commands that build it.
        files: what pip reads, by file name.

    Attributes:
        python: its interpreter, the value of ``topology.python.path``.
        path: its directory on the workers.
    """

    def __init__(
        self, environment: Environment, virtualenv: Virtualenv, files: Mapping[str, bytes]
    ) -> None:
        self.python = virtualenv.python
        self.path = virtualenv.path
        self._environment = environment
        self._virtualenv = virtualenv
        self._files = files

    def build(self, report: Report) -> None:
        """Build it on every worker where it is not.

        Args:
            report: called with each step on each worker, and its outcome there.

        Raises:
            OperationError: it failed on a worker; the others have been waited for.
        """

        def job(machine: Machine, tell: Report) -> None:
            begun = time.monotonic()
            try:
                done = _build(machine, self._virtualenv, self._files, tell)
            except OperationError as error:
                tell(f"{machine.name}: FAILED: {str(error).removeprefix(f'{machine.name}: ')}")
                raise
            tell(f"{machine.name}: {done}, {time.monotonic() - begun:.1f} s")

        failed = failures(on_all_workers(self._environment, job, report))
        if failed:
            output = "\n".join(
                f"{host}:\n{error.output}" for host, error in failed.items() if error.output
            )
            causes = "; ".join(map(str, failed.values()))
            raise OperationError(
                f"{self._virtualenv.name} has no good virtualenv on {len(failed)} of "
                f"{len(self._environment.workers)} workers: {causes}; fix that and run it again; "
                "the finished workers stay as they are",
                output,
            )

    def switch(self, report: Report) -> None:
        """Note that the cluster's topology runs in it, and remove its older ones that nothing uses.

        Args:
            report: called with each that is removed.

        Raises:
            OperationError: a worker could not be reached.
        """
        host, port = self._environment.nimbus_address or ("", 0)
        command = self._virtualenv.switch(f"{host}:{port}")

        def job(machine: Machine, tell: Report) -> None:
            with _locked(machine, self._virtualenv, tell):
                for removed in run_checked(machine, "virtualenvs", command).splitlines():
                    tell(f"{machine.name}: {removed} is no longer used, and removed")

        raise_failures(on_all_workers(self._environment, job, report))


# -- what is asked for -------------------------------------------------------------------------------------------


def check_virtualenvs(
    environment: Environment, name: str, requirements: Path, *, are_workers_known: bool = True
) -> None:
    """Refuse mistakes that can be found without a connection.

    Args:
        name: of the topology.
        requirements: its requirements file.
        are_workers_known: False: Nimbus is going to be asked for the workers.

    Raises:
        ProjectError: the environment or the requirements lack something.
    """
    if are_workers_known:
        worker_names(environment)
    _root(environment)
    split_flags(environment)
    check_topology_name(name)
    check_requirements(requirements)


def plan_virtualenvs(
    environment: Environment, name: str, requirements: Path, report: Report
) -> PlannedVirtualenv:
    """Ask all workers for their Python, and return the virtualenv that the requirements ask for.

    Args:
        name: of the topology.
        requirements: its requirements file.
        report: called with one line of progress at a time.

    Raises:
        ProjectError: as ``check_virtualenvs``; no connection has been made.
        OperationError: a worker cannot be reached, or has no such Python.
    """
    check_virtualenvs(environment, name, requirements)
    flags = split_flags(environment)
    python, _ = interpreter(flags)
    files, wheel = pip_files(requirements, _place(environment, name))
    report(f"asking {', '.join(worker_names(environment))} for {python}")
    outcomes = on_all_workers(environment, lambda machine, _: _version(machine, python), report)
    raise_failures(outcomes)
    digest = digest_of(files, flags, sorted({str(each) for each in outcomes.values()}))
    virtualenv = Virtualenv(_root(environment), name, digest, flags, wheel)
    return PlannedVirtualenv(environment, virtualenv, files)


def update_virtualenvs(
    environment: Environment, name: str, requirements: Path, *, report: Report
) -> None:
    """Build the virtualenv that a topology's requirements ask for on every worker; the next submit uses it.

    Raises:
        ProjectError, OperationError: as ``plan_virtualenvs`` and ``PlannedVirtualenv.build``.
    """
    plan_virtualenvs(environment, name, requirements, report).build(report)


def placeholder_python(environment: Environment, name: str) -> str:
    """Return the Python of a topology's virtualenv with DIGEST in its path, while that is not known.

    Raises:
        ProjectError: ``virtualenv_root`` is missing or no absolute path.
    """
    return Virtualenv(_root(environment), name, "DIGEST", (), None).python


def virtualenv_steps(
    environment: Environment, name: str, requirements: Path, *, are_workers_known: bool = True
) -> list[str]:
    """Return what ``update_virtualenvs`` does on each worker, one step a line.

    Args:
        name, requirements, are_workers_known: as of ``check_virtualenvs``.

    Raises:
        ProjectError: as ``check_virtualenvs``.
    """
    check_virtualenvs(environment, name, requirements, are_workers_known=are_workers_known)
    flags = split_flags(environment)
    _, wheel = pip_files(requirements, _place(environment, name))
    virtualenv = Virtualenv(_root(environment), name, "DIGEST", flags, wheel)
    copied = [str(requirements), *([] if wheel is None else [wheel])]
    return [
        f"ask {interpreter(flags)[0]} for its version, which must be {'.'.join(map(str, OLDEST_PYTHON))} or newer; "
        "DIGEST is made of that, the requirements, the wheel of streamparse and virtualenv_flags",
        f"unless {virtualenv.path} is there:",
        f"    copy {' and '.join(copied)} over ssh to {virtualenv.files}",
        f"    {virtualenv.with_virtualenv}",
        f"    or, where there is no virtualenv: {virtualenv.with_venv}",
        f"    {virtualenv.install}",
        f"    {virtualenv.works}, which must be {__version__}",
        f"    rm -rf {shlex.quote(virtualenv.files)}",
    ]


def _root(environment: Environment) -> str:
    environment.require("virtualenv_root")
    root = absolute_path(environment, "virtualenv_root", environment.virtualenv_root or "")
    return root.rstrip("/")


def split_flags(environment: Environment) -> tuple[str, ...]:
    """Return the words of virtualenv_flags.

    Raises:
        ProjectError: they are no words as in a shell.
    """
    try:
        return tuple(shlex.split(environment.virtualenv_flags))
    except ValueError as error:
        finding = f"{CONFIG}: envs.{environment.name}.virtualenv_flags: {str(error).lower()}"
        raise ProjectError([f"{finding}; expected words as in a shell"]) from None


def _place(environment: Environment, name: str) -> str:
    """The directory on the workers that has what pip reads."""
    return Virtualenv(_root(environment), name, "", (), None).files


def pip_files(requirements: Path, place: str) -> tuple[dict[str, bytes], str | None]:
    """Return what pip reads, by file name; and the name of the wheel that its command line has to name.

    Args:
        requirements: the requirements file.
        place: the directory in which pip finds these files.

    Raises:
        ProjectError: as ``check_requirements``.
    """
    found = gather_requirements(requirements)
    files = {file: text.encode() for file, text in found.files.items()}
    if not found.carries:
        return files, None
    wheel = own_wheel()
    files[wheel.name] = wheel.content
    if not any("--hash" in text for text in found.files.values()):
        return files, wheel.name
    # pip wants a hash for everything then, which only a file can give it.
    files[FIRST] = f"{place}/{wheel.name} --hash=sha256:{wheel.sha256}\n".encode() + files[FIRST]
    return files, None


def digest_of(files: Mapping[str, bytes], flags: Sequence[str], pythons: Sequence[str]) -> str:
    """Return the digest of everything that decides what pip makes of these files."""
    contents = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    text = json.dumps([contents, flags, pythons], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:DIGEST_CHARS]


# -- on one worker -----------------------------------------------------------------------------------------------


def _version(machine: Machine, python: str) -> str:
    """All that tells the Python of a worker from others."""
    ended = machine.run(shlex.join([python, "-c", _ASK_PYTHON]))
    remedy = "virtualenv_flags can name another, as in -p python3.12"
    if ended.status != 0:
        raise OperationError(f"{machine.name}: no {python} there; {remedy}", ended.output)
    answer = _ANSWER.search(ended.output)
    if answer is None:
        raise OperationError(f"{machine.name}: {python} is no Python; {remedy}", ended.output)
    if (int(answer[2]), int(answer[3])) < OLDEST_PYTHON:
        oldest = ".".join(map(str, OLDEST_PYTHON))
        found = f"{python} is Python {answer['version']}, and streamparse needs {oldest} or newer"
        raise OperationError(f"{machine.name}: {found}; {remedy}")
    return answer[0]


@contextmanager
def _locked(machine: Machine, virtualenv: Virtualenv, tell: Report) -> Iterator[None]:
    """Keep others from the virtualenvs of this topology there."""

    def is_held(line: str) -> bool:
        if line == "busy":
            tell(f"{machine.name}: waiting for another sparse that is at work there")
        return line == "held"

    with machine.beside(virtualenv.lock, on_line=is_held):
        yield


def _build(
    machine: Machine, virtualenv: Virtualenv, files: Mapping[str, bytes], tell: Report
) -> str:
    """Build it unless it is there; the outcome in words."""
    with _locked(machine, virtualenv, tell):
        run_checked(machine, "rm", virtualenv.sweep)
        state = run_checked(machine, "test", virtualenv.state).strip()
        if state == "foreign":
            raise OperationError(
                f"{machine.name}: {virtualenv.path} is there and is not of streamparse's making; "
                "move it away, or choose another virtualenv_root"
            )
        done = "created"
        if state == "complete":
            if machine.run(virtualenv.works).status == 0:
                run_checked(machine, "touch", virtualenv.finish)
                return "there already"
            done = "created again, since its Python did not work"
            run_checked(machine, "rm", virtualenv.remove)
        try:
            _fill(machine, virtualenv, files, lambda step: tell(f"{machine.name}: {step}"))
        finally:  # of a whole one, only the files that pip has read
            _clean_up(machine, virtualenv.sweep)
    return done


def _fill(
    machine: Machine,
    virtualenv: Virtualenv,
    files: Mapping[str, bytes],
    tell: Callable[[str], None],
) -> None:
    run_checked(machine, "mkdir", virtualenv.begin)
    for file, content in files.items():
        check_status(machine, "upload", machine.write(f"{virtualenv.files}/{file}", content))
    tell(f"creating {virtualenv.path}")
    _create(machine, virtualenv)
    carried = "" if virtualenv.wheel is None else f"streamparse {__version__} and "
    tell(f"pip installs {carried}the requirements")
    run_checked(machine, "pip", virtualenv.install)
    _check_version(machine, virtualenv)
    run_checked(machine, "touch", virtualenv.finish)


def _create(machine: Machine, virtualenv: Virtualenv) -> None:
    try:
        run_checked(machine, "virtualenv", virtualenv.create)
    except OperationError as error:
        if not _is_full(machine, virtualenv.root):
            raise
        # venv does not always say so.
        line = f"{machine.name}: virtualenv: No space left on device"
        raise OperationError(line, error.output) from None


def _is_full(machine: Machine, path: str) -> bool:
    try:
        ended = machine.run(f"df -Pk {shlex.quote(path)}")
    except OperationError:
        return False  # the machine is lost, which has been reported
    words = ended.output.splitlines()[-1].split() if ended.status == 0 and ended.output else []
    return len(words) > 3 and words[3].isdigit() and int(words[3]) < LEAST_KB


def _check_version(machine: Machine, virtualenv: Virtualenv) -> None:
    printed = run_checked(machine, "streamparse", virtualenv.works)
    check_version(printed, f"{machine.name}: streamparse", "there")


def _clean_up(machine: Machine, command: str) -> None:
    # The error before tells more than that the machine cannot be reached for this either.
    with contextlib.suppress(OperationError):
        machine.run(command, always=True)

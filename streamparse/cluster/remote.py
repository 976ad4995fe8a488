"""What is done on the machines of a cluster: a way to Nimbus, the topology's virtualenv on every worker, its logs.

All workers are at work at the same time, and all are awaited, whatever becomes of one of them. Whoever interrupts this
ends what it started there, and what was half made is taken away again.
"""

from __future__ import annotations

import contextlib
import queue
import re
import shlex
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Generic, NamedTuple, TypeVar

from streamparse.cluster.requirements import FIRST, check_requirements, gather_requirements
from streamparse.cluster.ssh import CONNECT_SECS, Address, Machine, Unanswered, reason
from streamparse.project import (
    CONFIG,
    Environment,
    OperationError,
    ProjectError,
    UsageError,
    check_topology_name,
)

__all__ = [
    "LogLine",
    "check_requirements",
    "check_virtualenvs",
    "find_logs",
    "nimbus_route",
    "nimbus_tunnel",
    "remove_logs",
    "tail",
    "tunnel",
    "ui_tunnel",
    "update_virtualenvs",
    "virtualenv_python",
    "virtualenv_steps",
]

#: Is told one line at a time, always by the thread that asked for the work.
Say = Callable[[str], None]
Said = TypeVar("Said")
Outcome = TypeVar("Outcome")

GRACE_SECS = 10  # for workers to take away what is half made, once somebody has pressed Ctrl-C
LEAST_KB = 1024  # free on a disk that is not full: pip alone takes ten times as much
SHOWN_LINES = 60  # of what a command that failed had to say: the end, where the cause is
MOST_FILES = 200  # in one command line, of which a system takes 128 kB at least


# -- all workers at once -----------------------------------------------------------------------------------------


class _Everywhere(Generic[Said, Outcome]):
    """One job on every worker of an environment, each in a thread of its own.

    The job is given the machine and somebody to tell how it goes, in strings or whatever else.
    """

    def __init__(
        self,
        environment: Environment,
        job: Callable[[Machine, Callable[[Said], None]], Outcome],
    ) -> None:
        self._machines = [Machine(name, environment.user) for name in _workers(environment)]
        self._job = job
        self._told: queue.SimpleQueue[Said | None] = queue.SimpleQueue()  # None: one has ended
        self._outcomes: dict[str, Outcome | BaseException] = {}

    def run(self, say: Callable[[Said], None]) -> dict[str, Outcome | OperationError]:
        """What came of it on each worker, in the order of ``config.json``."""
        threads = [
            threading.Thread(target=self._work, args=(machine,), daemon=True)
            for machine in self._machines
        ]
        for thread in threads:
            thread.start()
        try:
            for _ in threads:
                while (told := self._told.get()) is not None:
                    say(told)
        except BaseException:  # Ctrl-C, or nobody reads what is said any more
            for machine in self._machines:
                machine.stop()
            deadline = time.monotonic() + GRACE_SECS
            for machine, thread in zip(self._machines, threads, strict=True):
                if machine.has_begun:
                    thread.join(max(0, deadline - time.monotonic()))
            raise
        return {machine.name: self._outcome(machine.name) for machine in self._machines}

    def _work(self, machine: Machine) -> None:
        try:
            with machine:
                self._outcomes[machine.name] = self._job(machine, self._told.put)
        except BaseException as error:
            self._outcomes[machine.name] = error
        finally:
            self._told.put(None)

    def _outcome(self, name: str) -> Outcome | OperationError:
        outcome = self._outcomes[name]
        if isinstance(outcome, BaseException) and not isinstance(outcome, OperationError):
            raise outcome
        return outcome


def _workers(environment: Environment) -> list[str]:
    environment.require("workers")
    problems = [
        f"{CONFIG}: envs.{environment.name}.workers has {name!r}; "
        "host, host:port or user@host would do"
        for name in environment.workers
        if Address.parse(name) is None
    ]
    if problems:
        raise ProjectError(problems)
    return [*dict.fromkeys(environment.workers)]


def _failures(outcomes: Mapping[str, object]) -> dict[str, OperationError]:
    return {name: each for name, each in outcomes.items() if isinstance(each, OperationError)}


def _absolute(environment: Environment, key: str, path: str) -> str:
    """A directory on the workers, without slashes at its end."""
    if not path.startswith("/"):
        finding = f"{CONFIG}: envs.{environment.name}.{key} is {path!r}"
        raise ProjectError([f"{finding}; an absolute path would do, the same on every worker"])
    return str(PurePosixPath(path))


# -- virtualenvs -------------------------------------------------------------------------------------------------

#: Of the directory that a worker has the requirements in while pip reads them.
_TEMPLATE = "/tmp/streamparse_requirements-XXXXXXXXX"
_PROGRAM = "import streamparse, streamparse.run; print(streamparse.__version__)"


@dataclass(frozen=True)
class _Virtualenv:
    """The virtualenv of a topology, and the commands that make it what it should be."""

    path: str
    flags: tuple[str, ...]

    @property
    def python(self) -> str:
        return f"{self.path}/bin/python"

    @property
    def works(self) -> str:
        return shlex.join([self.python, "-m", "pip", "--version"])

    @property
    def is_taken(self) -> str:
        """Whether anything is there."""
        return f"test -e {shlex.quote(self.path)}"

    @property
    def is_virtualenv(self) -> str:
        return f"test -f {shlex.quote(self.path + '/pyvenv.cfg')}"

    @property
    def remove(self) -> str:
        return f"rm -rf {shlex.quote(self.path)}"

    @property
    def with_virtualenv(self) -> str:
        return shlex.join(["virtualenv", self.path, *self.flags])

    @property
    def with_venv(self) -> str:
        """The same for Python's own venv, which is made by the interpreter that is to be in it."""
        python, flags = _without_interpreter(self.flags)
        return shlex.join([python, "-m", "venv", self.path, *flags])

    def create(self, directory: str) -> str:
        return (
            f"TMPDIR={shlex.quote(directory)}; export TMPDIR; "
            f"if command -v virtualenv >/dev/null; then exec {self.with_virtualenv}; "
            f"else exec {self.with_venv}; fi"
        )

    def install(self, directory: str) -> str:
        """Have pip do it; its own temporary files lie with ours, so that they go as ours do."""
        pip = [self.python, "-m", "pip", "install", "--exists-action", "w"]
        more = ["--disable-pip-version-check", "--no-input", "-r", f"{directory}/{FIRST}"]
        return f"TMPDIR={shlex.quote(directory)} {shlex.join([*pip, *more])}"

    @property
    def check(self) -> str:
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


def virtualenv_python(environment: Environment, name: str) -> str:
    """The interpreter of a topology's virtualenv, which is what ``topology.python.path`` names.

    Raises:
        ProjectError: the environment has no ``virtualenv_root``, or one that is no absolute path.
    """
    return _virtualenv(environment, name).python


def check_virtualenvs(environment: Environment, name: str, requirements: Path) -> None:
    """Refuse what ``update_virtualenvs`` would, as far as it can be seen from here.

    Raises:
        ProjectError: the environment or the requirements lack something.
    """
    _workers(environment)
    _virtualenv(environment, name)
    check_requirements(requirements)


def virtualenv_steps(environment: Environment, name: str, requirements: Path) -> list[str]:
    """What ``update_virtualenvs`` does on each worker, one step a line.

    Raises:
        ProjectError: as there.
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
    environment: Environment, name: str, requirements: Path, *, say: Say
) -> None:
    """Have a topology's virtualenv on every worker, with all that its requirements ask for.

    Args:
        say: told how it went on each worker.

    Raises:
        ProjectError: the environment or the requirements lack something; no connection has been made.
        OperationError: it failed on a worker; the others have been awaited.
    """
    files = gather_requirements(requirements)
    virtualenv = _virtualenv(environment, name)

    def job(machine: Machine, tell: Say) -> None:
        begun = time.monotonic()
        try:
            done = _update(machine, virtualenv, files, requirements)
        except OperationError as error:
            tell(f"{machine.name}: FAILED: {str(error).removeprefix(f'{machine.name}: ')}")
            raise
        tell(f"{machine.name}: {done}, {time.monotonic() - begun:.1f} s")

    failures = _failures(_Everywhere(environment, job).run(say))
    if failures:
        output = "\n".join(
            f"{host}:\n{error.output}" for host, error in failures.items() if error.output
        )
        causes = "; ".join(map(str, failures.values()))
        raise OperationError(
            f"{name} has no good virtualenv on {len(failures)} of {len(environment.workers)} workers: "
            f"{causes}; mend that and run it again, what is done stays done",
            output,
        )


def _virtualenv(environment: Environment, name: str) -> _Virtualenv:
    environment.require("virtualenv_root")
    root = _absolute(environment, "virtualenv_root", environment.virtualenv_root or "")
    try:
        flags = tuple(shlex.split(environment.virtualenv_flags))
    except ValueError as error:
        finding = f"{CONFIG}: envs.{environment.name}.virtualenv_flags: {str(error).lower()}"
        raise ProjectError([f"{finding}; words as in a shell would do"]) from None
    return _Virtualenv(f"{root.rstrip('/')}/{check_topology_name(name)}", flags)


def _update(
    machine: Machine, virtualenv: _Virtualenv, files: Mapping[str, str], requirements: Path
) -> str:
    """What was done: ``created`` or ``updated``."""
    directory = _checked(machine, "mktemp", f"mktemp -d {_TEMPLATE}").strip()
    try:
        for file, text in files.items():
            written = machine.write(f"{directory}/{file}", text)
            _refuse(machine, "upload", written.status, written.output)
        done = _create(machine, virtualenv, directory)
        _checked(machine, "pip", virtualenv.install(directory))
        _check_version(machine, virtualenv, requirements)
    finally:
        _clean(machine, f"rm -rf {shlex.quote(directory)}")
    return done


def _create(machine: Machine, virtualenv: _Virtualenv, directory: str) -> str:
    if machine.run(virtualenv.works).status == 0:
        return "updated"
    done = "created"
    if machine.run(virtualenv.is_taken).status == 0:
        if machine.run(virtualenv.is_virtualenv).status != 0:
            raise OperationError(
                f"{machine.name}: {virtualenv.path} is there and is no virtualenv; "
                "move it away, or have another virtualenv_root"
            )
        done = "made anew, as its pip did not work"
        _checked(machine, "rm", virtualenv.remove)
    good = False
    try:
        _checked(machine, "virtualenv", virtualenv.create(directory))
        good = True
    except OperationError as error:
        if not _is_full(machine, virtualenv.path):
            raise
        # venv may keep it to itself.
        line = f"{machine.name}: virtualenv: No space left on device"
        raise OperationError(line, error.output) from None
    finally:
        if not good:  # half a virtualenv would be taken for a whole one
            _clean(machine, virtualenv.remove)
    return done


def _is_full(machine: Machine, path: str) -> bool:
    try:
        status, output = machine.run(f"df -Pk {shlex.quote(path)}")
    except OperationError:
        return False  # the machine is lost, which has been told
    words = output.splitlines()[-1].split() if status == 0 and output else []
    return len(words) > 3 and words[3].isdigit() and int(words[3]) < LEAST_KB


def _check_version(machine: Machine, virtualenv: _Virtualenv, requirements: Path) -> None:
    output = _checked(machine, "streamparse", virtualenv.check)
    there = output.split()[-1] if output.split() else "none"
    if there != _version():
        raise OperationError(
            f"{machine.name}: streamparse is {there} there and {_version()} here; "
            f"streamparse=={_version()} in {requirements} would do"
        )


def _version() -> str:
    from streamparse import __version__

    return __version__


def _clean(machine: Machine, command: str) -> None:
    # What went wrong before says more than that the machine cannot be reached for this either.
    with contextlib.suppress(OperationError):
        machine.run(command, always=True)


def _checked(machine: Machine, step: str, command: str) -> str:
    status, output = machine.run(command)
    _refuse(machine, step, status, output)
    return output


def _refuse(machine: Machine, step: str, status: int, output: str) -> None:
    if status != 0:
        shown = "\n".join(output.splitlines()[-SHOWN_LINES:])
        raise OperationError(f"{machine.name}: {step}: {_cause(output, status)}", shown)


def _cause(output: str, status: int) -> str:
    """The line that says most about a failure."""
    if "No space left on device" in output:
        return "No space left on device"
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR: ")]
    words = (errors or lines or [f"exit status {status}"])[-1]
    return words.removeprefix("ERROR: ")


# -- a way to Nimbus ---------------------------------------------------------------------------------------------


@contextmanager
def nimbus_tunnel(environment: Environment) -> Iterator[tuple[str, int]]:
    """Host and port at which Nimbus answers from here: through ssh if the environment says so, and while this lasts.

    Raises:
        ProjectError: the environment has no Nimbus.
        OperationError: the machine or its Nimbus does not answer; or the connection was lost in the meantime.
    """
    _, port = _nimbus(environment)
    remedy = f"is nimbus running there, and is the port envs.{environment.name}.nimbus names its thrift port?"
    with tunnel(environment, port, what="nimbus", remedy=remedy) as address:
        yield address


@contextmanager
def ui_tunnel(environment: Environment) -> Iterator[tuple[str, int]]:
    """The same for Storm's UI, on the machine of Nimbus."""
    remedy = f'is the UI running there, and is envs.{environment.name}["ui.port"] its port?'
    with tunnel(environment, environment.ui_port, what="Storm's UI", remedy=remedy) as address:
        yield address


@contextmanager
def tunnel(
    environment: Environment,
    port: int,
    *,
    what: str = "the port",
    remedy: str = "is its server running?",
) -> Iterator[tuple[str, int]]:
    """The same for any port of the machine of Nimbus."""
    host, _ = _nimbus(environment)
    if not environment.use_ssh_for_nimbus:
        _try(host, port, what, remedy)
        yield host, port
        return
    with Machine(_bracketed(host), environment.user) as machine:
        try:
            way = machine.tunnel(port)
        except Unanswered as error:
            there = f"{what} {host}:{port} does not answer, asked over ssh"
            raise OperationError(f"{there}: {error}; {remedy}") from None
        try:
            yield way.address
        except Exception as error:
            if not machine.is_lost():
                raise
            line = (
                f"the ssh connection to {host} was lost while {what} was being used; run it again"
            )
            raise OperationError(line, getattr(error, "output", "") or str(error)) from error
        finally:
            way.close()


def nimbus_route(environment: Environment) -> str:
    """How Nimbus would be reached: ``storm1:6627, through ssh as storm``."""
    host, port = _nimbus(environment)
    user = f" as {environment.user}" if environment.user else ""
    return f"{host}:{port}, " + (
        f"through ssh{user}" if environment.use_ssh_for_nimbus else "directly"
    )


def _nimbus(environment: Environment) -> tuple[str, int]:
    environment.require("nimbus")
    address = environment.nimbus_address
    assert address is not None, environment.nimbus  # the project has refused it
    return address


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _try(host: str, port: int, what: str, remedy: str) -> None:
    try:
        socket.create_connection((host, port), CONNECT_SECS).close()
    except OSError as error:
        words = {
            socket.gaierror: "no such host is known",
            TimeoutError: f"no answer within {CONNECT_SECS} s",
        }.get(type(error), reason(error))
        line = f"{what} {_bracketed(host)}:{port} does not answer: {words}; {remedy}"
        raise OperationError(line) from None


# -- logs --------------------------------------------------------------------------------------------------------

#: What Storm's own daemons and workers write, beside our components, when they share a directory.
_STORM_LOGS = ("worker*", "supervisor*", "access*", "metrics*")


def find_logs(
    environment: Environment,
    name: str,
    *,
    others: Iterable[str] = (),
    pattern: str | None = None,
    all: bool = False,
    user: str | None = None,
) -> dict[str, list[str]]:
    """The log files of a topology on each worker.

    Args:
        others: names of other topologies, whose files are not taken for this one's: ``word_count`` beside ``word``.
        pattern: a regular expression that is to be found in the file's name.
        all: those of Storm's own in the same directory too.
        user: whom to be there, through sudo.

    Raises:
        ProjectError, UsageError: the environment has no directory of logs, the pattern is none.
        OperationError: a worker cannot be reached, or cannot look.
    """
    logs = _Logs.of(environment, name, others, pattern, all)
    outcomes = _Everywhere(environment, lambda machine, _: logs.found(machine, user)).run(
        lambda _: None
    )
    _raise_first(outcomes)
    return {host: files for host, files in outcomes.items() if not isinstance(files, Exception)}


def remove_logs(
    environment: Environment,
    found: Mapping[str, list[str]],
    *,
    user: str | None = None,
    say: Say,
) -> None:
    """Remove the files that ``find_logs`` found, and say for each worker how many.

    Raises:
        OperationError: some of them could not be removed.
    """

    def job(machine: Machine, tell: Say) -> None:
        files = found.get(machine.name, [])
        for first in range(0, len(files), MOST_FILES):
            paths = shlex.join(files[first : first + MOST_FILES])
            _checked(machine, "rm", f"{_as_user(user)}rm -f -- {paths}")
        tell(f"{machine.name}: {_counted(len(files), 'file')} removed")

    _raise_first(_Everywhere(environment, job).run(say))


class LogLine(NamedTuple):
    """A line of a log: the worker, the file's name there, and the text."""

    host: str
    file: str
    text: str


def tail(
    environment: Environment,
    name: str,
    *,
    others: Iterable[str] = (),
    lines: int = 10,
    follow: bool = False,
    pattern: str | None = None,
    all: bool = False,
    say: Callable[[LogLine | OperationError], None],
) -> bool:
    """The last lines of a topology's logs on all workers; whether there are any logs.

    With ``follow`` it goes on until somebody interrupts it, which leaves no process there; logs that are begun in the
    meantime are followed from their start. The other arguments and errors are those of ``find_logs``; here an error
    is said when it happens, and raised when all have ended.
    """
    logs = _Logs.of(environment, name, others, pattern, all)

    def job(machine: Machine, tell: Callable[[LogLine | OperationError], None]) -> bool:
        try:
            return show(machine, tell)
        except OperationError as error:
            tell(error)
            raise

    def show(machine: Machine, tell: Callable[[LogLine], None]) -> bool:
        def read(line: str) -> None:
            file, _, text = line.partition("\t")
            if logs.is_meant(file):
                tell(LogLine(machine.name, file, text))

        if follow:
            script = logs.following(lines)
        else:
            files = [PurePosixPath(path).name for path in logs.found(machine)]
            if not files:
                return False
            script = logs.showing(lines, files)
        status, _ = machine.run(script, on_line=read)
        if status != 0:
            raise OperationError(
                f"{machine.name}: {logs.directory} cannot be read (status {status})"
            )
        return True

    outcomes = _Everywhere(environment, job).run(say)
    failed = _failures(outcomes)
    if failed:
        raise OperationError(f"no logs, or not all of them, from {', '.join(failed)}; see above")
    return any(outcomes.values())


# A file's lines, each with its name and a tab in front.
_SHOW = """cd {directory} || exit 1
show() {{
    tail -n "$2" $3 -- "$1" 2>/dev/null |
        while IFS= read -r line || [ -n "$line" ]; do printf '%s\\t%s\\n' "$1" "$line"; done
}}
"""
# By name, so that it goes on when a log is rotated; what it is renamed to then is not a new one.
_FOLLOW = """begun=/
begin() {{
    from=$1; shift
    for file; do
        case $begun in */"$file"/*) continue ;; esac
        if [ -f "$file" ]; then begun=$begun$file/; show "$file" "$from" -F & fi
    done
}}
begin {lines} {globs}
while sleep 1; do begin +1 {own}.log; done
"""


@dataclass(frozen=True)
class _Logs:
    """Which files of a directory are meant."""

    directory: str
    name: str
    others: tuple[str, ...]
    pattern: re.Pattern[str]
    all: bool

    @classmethod
    def of(
        cls,
        environment: Environment,
        name: str,
        others: Iterable[str],
        pattern: str | None,
        all: bool,
    ) -> _Logs:
        if environment.log.path is None:
            raise ProjectError(
                [
                    f"{CONFIG}: envs.{environment.name}.log.path is missing or empty; "
                    '"/var/log/storm/streamparse" would do'
                ]
            )
        directory = _absolute(environment, "log.path", environment.log.path)
        try:
            wanted = re.compile(pattern or "")
        except re.error as error:
            raise UsageError(
                f"--pattern {pattern}: {error}; a regular expression would do, such as count-bolt"
            ) from None
        names = tuple(each for each in others if each != name)
        return cls(directory, check_topology_name(name), names, wanted, all)

    def found(self, machine: Machine, user: str | None = None) -> list[str]:
        """The paths on a machine, sorted."""
        names = [word for glob in self._globs for word in ("-o", "-name", glob)][1:]
        find = ["find", self.directory, "-maxdepth", "1", "-type", "f", "(", *names, ")"]
        output = _checked(machine, "find", _as_user(user) + shlex.join(find))
        return sorted(path for path in output.splitlines() if self.is_meant(path))

    def showing(self, lines: int, files: Sequence[str]) -> str:
        """A script that shows the ends of these files."""
        shows = [f"show {shlex.quote(file)} {lines}\n" for file in files]
        return _SHOW.format(directory=shlex.quote(self.directory)) + "".join(shows)

    def following(self, lines: int) -> str:
        """A script that shows the ends of all there are, and goes on with them and with what comes."""
        own, *storm = self._globs  # which are safe in a shell, and have to be seen by it
        follow = _FOLLOW.format(lines=lines, globs=" ".join([own, *storm]), own=own)
        return _SHOW.format(directory=shlex.quote(self.directory)) + follow

    @property
    def _globs(self) -> list[str]:
        return [f"streamparse_{self.name}_*", *(_STORM_LOGS if self.all else ())]

    def is_meant(self, path: str) -> bool:
        """Whether it is this topology's, and the pattern's."""
        file = PurePosixPath(path).name
        return self.pattern.search(file) is not None and not any(
            len(other) > len(self.name) and file.startswith(f"streamparse_{other}_")
            for other in self.others
        )


def _as_user(user: str | None) -> str:
    return "" if user is None else f"sudo -n -u {shlex.quote(user)} -- "


def _raise_first(outcomes: Mapping[str, object]) -> None:
    """Raise what went wrong: the first in full, the others in its line."""
    failures = [*_failures(outcomes).values()]
    if failures:
        raise OperationError("; ".join(map(str, failures)), failures[0].output)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" + "s" * (number != 1)

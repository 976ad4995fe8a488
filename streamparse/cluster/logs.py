"""The logs of a topology's components on all workers: find, remove, show and follow them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import NamedTuple

from streamparse.cluster.log_files import LogNames
from streamparse.cluster.ssh import Machine
from streamparse.cluster.workers import (
    Report,
    absolute_path,
    check_status,
    failures,
    on_all_workers,
    raise_failures,
    run_checked,
)
from streamparse.project import (
    CONFIG,
    Environment,
    OperationError,
    ProjectError,
    UsageError,
    check_topology_name,
)

__all__ = ["LogLine", "LogSelection", "find_logs", "remove_logs", "tail"]

MOST_FILES = 200  # in one command line, of which a system accepts 128 kB at least


@dataclass(frozen=True)
class LogSelection:
    """The log files of a topology on the workers of a cluster.

    Attributes:
        environment: the cluster.
        name: of the topology.
        components: their ids; None when they are not known, and then files that may be another topology's are left out.
        others: names of other topologies, whose files are not taken for this one's: ``word_count`` beside ``word``.
        pattern: a regular expression that is searched for in the names of files; None for all files.
        all: select Storm's own files in the same directory, too.
        ended: ``tail`` shows the files of processes that have ended, and rotated ones, too.
    """

    environment: Environment
    name: str
    components: Collection[str] | None = None
    others: tuple[str, ...] = ()
    pattern: str | None = None
    all: bool = False
    ended: bool = False

    def names(self) -> LogNames:
        """Return the names of the files.

        Raises:
            ProjectError, UsageError: the environment has no directory of logs, or the pattern is none.
        """
        environment = self.environment
        if environment.log.path is None:
            raise ProjectError(
                [
                    f"{CONFIG}: envs.{environment.name}.log.path is missing or empty; "
                    'expected a directory, such as "/var/log/storm/streamparse"'
                ]
            )
        directory = absolute_path(environment, "log.path", environment.log.path)
        try:
            pattern = re.compile(self.pattern or "")
        except re.error as error:
            finding = f"--pattern {self.pattern}: {error}"
            raise UsageError(
                f"{finding}; expected a regular expression, such as count-bolt"
            ) from None
        name = check_topology_name(self.name)
        others = tuple(each for each in self.others if each != name)
        return LogNames(directory, name, self.components, others, pattern, self.all)


class LogLine(NamedTuple):
    """A line of a log: the worker, the file's name there, and the text."""

    host: str
    file: str
    text: str


def find_logs(
    selection: LogSelection, *, user: str | None = None, report: Report = lambda line: None
) -> dict[str, list[str]]:
    """Return the paths of the selected files on each worker, sorted.

    Args:
        user: who looks for them there, through sudo; None for who logs in.
        report: called with a line for each worker on which there are files that may be another topology's.

    Raises:
        ProjectError, UsageError: the environment has no directory of logs, or the pattern is none.
        OperationError: a worker cannot be reached, or cannot look.
    """
    names = selection.names()

    def job(machine: Machine, tell: Report) -> list[str]:
        return [f"{names.directory}/{name}" for name in _found(machine, names, tell, user)]

    outcomes = on_all_workers(selection.environment, job, report)
    raise_failures(outcomes)
    return {host: paths for host, paths in outcomes.items() if not isinstance(paths, Exception)}


def remove_logs(
    selection: LogSelection,
    found: Mapping[str, list[str]],
    *,
    user: str | None = None,
    report: Report,
) -> None:
    """Remove the files that ``find_logs`` has found, and report for each worker how many.

    A path that is not in the directory of the logs, or is not of this topology, is left alone.

    Args:
        user: who removes them there, through sudo; None for who logs in.

    Raises:
        OperationError: some of them could not be removed.
    """
    names = selection.names()

    def job(machine: Machine, tell: Report) -> None:
        files = [path for path in found.get(machine.name, []) if names.inside(path) is not None]
        for first in range(0, len(files), MOST_FILES):
            paths = shlex.join(files[first : first + MOST_FILES])
            run_checked(machine, "rm", f"{_as_user(user)}rm -f -- {paths}")
        tell(f"{machine.name}: {_counted(len(files), 'file')} removed")

    raise_failures(on_all_workers(selection.environment, job, report))


def tail(
    selection: LogSelection,
    *,
    lines: int = 10,
    follow: bool = False,
    report: Callable[[LogLine | OperationError | str], None],
) -> bool:
    """Report the last lines of the selected files on all workers: those of processes that run, where there are any.

    Args:
        lines: how many lines of each file.
        follow: go on until an interrupt, which leaves no process there; logs that are begun in the meantime are
            followed from their start.
        report: called with each line, with an error when it happens, and with a text about files that are left out.

    Returns:
        True if there are any logs.

    Raises:
        ProjectError, UsageError: as ``find_logs``.
        OperationError: one worker at least could not be read, when all have ended.
    """
    names = selection.names()

    def job(machine: Machine, tell: Callable[[LogLine | OperationError | str], None]) -> bool:
        try:
            return _show(machine, names, lines, follow, selection.ended, tell)
        except OperationError as error:
            tell(error)
            raise

    outcomes = on_all_workers(selection.environment, job, report)
    failed = failures(outcomes)
    if failed:
        raise OperationError(f"no logs, or not all of them, from {', '.join(failed)}; see above")
    return any(outcomes.values())


def _show(
    machine: Machine,
    names: LogNames,
    lines: int,
    follow: bool,
    ended: bool,
    tell: Callable[[LogLine | str], None],
) -> bool:
    """Report the lines of one machine; return False if it has no such file."""

    def read(line: str) -> None:
        file, _, text = line.partition("\t")
        if names.matches(file):
            tell(LogLine(machine.name, file, text))

    every = [each for each in _found(machine, names, tell) if not names.is_recording(each)]
    if not every and not follow:
        return False
    shown = every if ended else _current(machine, names, every)
    left_out = [name for name in every if name not in shown]
    if left_out:
        logs = _counted(len(left_out), "older log")
        tell(f"{machine.name}: {logs} left out; --ended shows them, too")
    script = (_following if follow else _showing)(names, lines, shown, left_out)
    status = machine.run(script, on_line=read).status
    if status != 0:
        raise OperationError(f"{machine.name}: {names.directory} cannot be read (status {status})")
    return True


# -- which files -------------------------------------------------------------------------------------------------


def _found(machine: Machine, names: LogNames, tell: Report, user: str | None = None) -> list[str]:
    """The names of the selected files on a machine, sorted."""
    globs = [word for glob in names.globs for word in ("-o", "-name", glob)][1:]
    # -H follows a link that is the directory itself, and none in it. A name may have a line break.
    find = [
        "find",
        "-H",
        names.directory,
        "-maxdepth",
        "1",
        "-type",
        "f",
        "(",
        *globs,
        ")",
        "-print0",
    ]
    ended = machine.run(_as_user(user) + shlex.join(find), most_output=None)
    check_status(machine, "find", ended)
    paths = [path for path in ended.raw.split("\0") if path]
    doubtful = sum(names.is_doubtful(PurePosixPath(path).name) for path in paths)
    if doubtful:
        left = (
            f"{_counted(doubtful, 'file')} may be another topology's, by the name, and left alone"
        )
        tell(f"{machine.name}: {left}")
    return sorted(name for path in paths if (name := names.inside(path)) is not None)


# Prints those of these processes that are components.
_RUNNING = """for pid in {pids}; do
    if test -d /proc/self; then line=$(tr '\\000' ' ' 2>/dev/null < /proc/$pid/cmdline)
    else line=$(ps -p $pid -o args=); fi
    case $line in *streamparse*) echo $pid ;; esac
done 2>/dev/null; true"""


def _current(machine: Machine, names: LogNames, every: Sequence[str]) -> list[str]:
    pids = " ".join(map(str, names.pids(every)))
    running = run_checked(machine, "ps", _RUNNING.format(pids=pids)).split() if pids else []
    directory = shlex.quote(names.directory)
    newest: list[str] = []
    for first in range(0, len(every), MOST_FILES):
        files = shlex.join(f"./{name}" for name in every[first : first + MOST_FILES])
        listed = run_checked(machine, "ls", f"cd {directory} && ls -td -- {files}; true")
        newest += [line.removeprefix("./") for line in listed.splitlines() if line.startswith("./")]
    return names.current(newest, [*map(int, running)])


# -- the scripts that show them ----------------------------------------------------------------------------------

# Prints the lines of a file, each with the file's name and a tab in front.
_SHOW = """cd {directory} || exit 1
show() {{
    tail -n "$2" $3 -- "$1" 2>/dev/null |
        while IFS= read -r line || [ -n "$line" ]; do printf '%s\\t%s\\n' "$1" "$line"; done
}}
"""
# Follows a file by name, so that it goes on when a log is rotated; a file that has been renamed is not a new one.
_FOLLOW = """begun=/{left_out}/
begin() {{
    from=$1; shift
    for file; do
        case $begun in */"$file"/*) continue ;; esac
        if [ -f "$file" ]; then begun=$begun$file/; show "$file" "$from" -F & fi
    done
}}
begin {lines} {shown}
while sleep 1; do begin +1 {own}.log; done
"""


def _showing(names: LogNames, lines: int, shown: Sequence[str], left_out: Sequence[str]) -> str:
    """A script that shows the last lines of these files."""
    shows = [f"show {shlex.quote(file)} {lines}\n" for file in shown]
    return _SHOW.format(directory=shlex.quote(names.directory)) + "".join(shows)


def _following(names: LogNames, lines: int, shown: Sequence[str], left_out: Sequence[str]) -> str:
    """A script that follows these files from their last lines, and those that are begun later from their start."""
    follow = _FOLLOW.format(
        lines=lines,
        shown=shlex.join(shown),
        left_out=shlex.quote("/".join(left_out)),
        own=names.globs[0],  # safe in a shell, which has to expand it
    )
    return _SHOW.format(directory=shlex.quote(names.directory)) + follow


def _as_user(user: str | None) -> str:
    return "" if user is None else f"sudo -n -u {shlex.quote(user)} -- "


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" + "s" * (number != 1)

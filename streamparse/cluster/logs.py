"""The logs of a topology's components on all workers: find, remove, show and follow them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import NamedTuple

from streamparse.cluster.ssh import Machine
from streamparse.cluster.workers import (
    Report,
    absolute_path,
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

#: Files of Storm's own daemons and workers, which may share a directory with our components.
_STORM_LOGS = ("worker*", "supervisor*", "access*", "metrics*")


@dataclass(frozen=True)
class LogSelection:
    """The log files of a topology on the workers of a cluster.

    Attributes:
        environment: the cluster.
        name: of the topology.
        others: names of other topologies, whose files are not taken for this one's: ``word_count`` beside ``word``.
        pattern: a regular expression that is searched for in the names of files; None for all files.
        all: select Storm's own files in the same directory, too.
    """

    environment: Environment
    name: str
    others: tuple[str, ...] = ()
    pattern: str | None = None
    all: bool = False


class LogLine(NamedTuple):
    """A line of a log: the worker, the file's name there, and the text."""

    host: str
    file: str
    text: str


def find_logs(selection: LogSelection, *, user: str | None = None) -> dict[str, list[str]]:
    """Return the paths of the selected files on each worker, sorted.

    Args:
        user: who looks for them there, through sudo; None for who logs in.

    Raises:
        ProjectError, UsageError: the environment has no directory of logs, or the pattern is none.
        OperationError: a worker cannot be reached, or cannot look.
    """
    files = _LogFiles.of(selection)
    outcomes = on_all_workers(
        selection.environment, lambda machine, _: files.found(machine, user), lambda _: None
    )
    raise_failures(outcomes)
    return {host: paths for host, paths in outcomes.items() if not isinstance(paths, Exception)}


def remove_logs(
    environment: Environment,
    found: Mapping[str, list[str]],
    *,
    user: str | None = None,
    report: Report,
) -> None:
    """Remove the files that ``find_logs`` has found, and report for each worker how many.

    Args:
        user: who removes them there, through sudo; None for who logs in.

    Raises:
        OperationError: some of them could not be removed.
    """

    def job(machine: Machine, tell: Report) -> None:
        files = found.get(machine.name, [])
        for first in range(0, len(files), MOST_FILES):
            paths = shlex.join(files[first : first + MOST_FILES])
            run_checked(machine, "rm", f"{_as_user(user)}rm -f -- {paths}")
        tell(f"{machine.name}: {_counted(len(files), 'file')} removed")

    raise_failures(on_all_workers(environment, job, report))


def tail(
    selection: LogSelection,
    *,
    lines: int = 10,
    follow: bool = False,
    report: Callable[[LogLine | OperationError], None],
) -> bool:
    """Report the last lines of the selected files on all workers.

    Args:
        lines: how many lines of each file.
        follow: go on until an interrupt, which leaves no process there; logs that are begun in the meantime are
            followed from their start.
        report: called with each line, and with an error when it happens.

    Returns:
        True if there are any logs.

    Raises:
        ProjectError, UsageError: as ``find_logs``.
        OperationError: one worker at least could not be read, when all have ended.
    """
    files = _LogFiles.of(selection)

    def job(machine: Machine, tell: Callable[[LogLine | OperationError], None]) -> bool:
        try:
            return _show(machine, files, lines, follow, tell)
        except OperationError as error:
            tell(error)
            raise

    outcomes = on_all_workers(selection.environment, job, report)
    failed = failures(outcomes)
    if failed:
        raise OperationError(f"no logs, or not all of them, from {', '.join(failed)}; see above")
    return any(outcomes.values())


def _show(
    machine: Machine, files: _LogFiles, lines: int, follow: bool, tell: Callable[[LogLine], None]
) -> bool:
    """Report the lines of one machine; return False if it has no such file."""

    def read(line: str) -> None:
        file, _, text = line.partition("\t")
        if files.matches(file):
            tell(LogLine(machine.name, file, text))

    if follow:
        script = files.following(lines)
    else:
        names = [PurePosixPath(path).name for path in files.found(machine)]
        if not names:
            return False
        script = files.showing(lines, names)
    status, _ = machine.run(script, on_line=read)
    if status != 0:
        raise OperationError(f"{machine.name}: {files.directory} cannot be read (status {status})")
    return True


# -- which files, and the scripts that show them -----------------------------------------------------------------

# Prints the lines of a file, each with the file's name and a tab in front.
_SHOW = """cd {directory} || exit 1
show() {{
    tail -n "$2" $3 -- "$1" 2>/dev/null |
        while IFS= read -r line || [ -n "$line" ]; do printf '%s\\t%s\\n' "$1" "$line"; done
}}
"""
# Follows a file by name, so that it goes on when a log is rotated; a file that has been renamed is not a new one.
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
class _LogFiles:
    """A selection that has been checked."""

    directory: str
    name: str
    others: tuple[str, ...]
    pattern: re.Pattern[str]
    all: bool

    @classmethod
    def of(cls, selection: LogSelection) -> _LogFiles:
        environment = selection.environment
        if environment.log.path is None:
            raise ProjectError(
                [
                    f"{CONFIG}: envs.{environment.name}.log.path is missing or empty; "
                    'expected a directory, such as "/var/log/storm/streamparse"'
                ]
            )
        directory = absolute_path(environment, "log.path", environment.log.path)
        try:
            pattern = re.compile(selection.pattern or "")
        except re.error as error:
            finding = f"--pattern {selection.pattern}: {error}"
            raise UsageError(
                f"{finding}; expected a regular expression, such as count-bolt"
            ) from None
        name = check_topology_name(selection.name)
        others = tuple(each for each in selection.others if each != name)
        return cls(directory, name, others, pattern, selection.all)

    def found(self, machine: Machine, user: str | None = None) -> list[str]:
        """The paths on a machine, sorted."""
        names = [word for glob in self._globs for word in ("-o", "-name", glob)][1:]
        find = ["find", self.directory, "-maxdepth", "1", "-type", "f", "(", *names, ")"]
        output = run_checked(machine, "find", _as_user(user) + shlex.join(find))
        return sorted(path for path in output.splitlines() if self.matches(path))

    def showing(self, lines: int, files: Sequence[str]) -> str:
        """A script that shows the last lines of these files."""
        shows = [f"show {shlex.quote(file)} {lines}\n" for file in files]
        return _SHOW.format(directory=shlex.quote(self.directory)) + "".join(shows)

    def following(self, lines: int) -> str:
        """A script that shows the last lines of all files, and follows them and those that are begun later."""
        own, *storm = self._globs  # safe in a shell, which has to expand them
        follow = _FOLLOW.format(lines=lines, globs=" ".join([own, *storm]), own=own)
        return _SHOW.format(directory=shlex.quote(self.directory)) + follow

    @property
    def _globs(self) -> list[str]:
        return [f"streamparse_{self.name}_*", *(_STORM_LOGS if self.all else ())]

    def matches(self, path: str) -> bool:
        """True for a file of this topology, and no other, whose name has the pattern."""
        file = PurePosixPath(path).name
        return self.pattern.search(file) is not None and not any(
            len(other) > len(self.name) and file.startswith(f"streamparse_{other}_")
            for other in self.others
        )


def _as_user(user: str | None) -> str:
    return "" if user is None else f"sudo -n -u {shlex.quote(user)} -- "


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" + "s" * (number != 1)

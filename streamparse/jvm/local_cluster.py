"""A topology in a real Storm on this machine: LocalCluster, in a JVM of its own.

The components run from ``src/`` itself. The JVM ends when its stdin does, so that it does not outlive this process, and
whatever it has started is in its process group, of which nothing is left in the end.
"""

from __future__ import annotations

import os
import platform
import re
import subprocess
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from streamparse.jvm import lein
from streamparse.project import OperationError, Project

__all__ = ["STORM_LOG", "run_topology"]

STORM_LOG = "storm.log"  # Storm's own words, in the project's logs/
SECS_TO_STOP = 25  # the JVM halts by itself after 20
_KEPT = 400  # of Storm's last lines, to find out why it ended
_SHOWN = 30  # lines of a component's log, when it has died


@dataclass(frozen=True)
class Line:
    """A line of what the JVM prints.

    Attributes:
        component: whose log message it is; None for Storm's own lines.
        text: the line, or the component's message.
    """

    component: str | None
    text: str


def run_topology(
    project: Project,
    jvm: lein.Jvm,
    path: Path,
    conf: Mapping[str, object],
    *,
    storm: str,
    seconds: int,
    on_line: Callable[[Line], None],
) -> None:
    """Run a topology file until so many seconds have passed since it was submitted; 0 is for ever.

    Args:
        path: of the topology file.
        conf: its whole configuration.
        storm: the version that the class path has.
        on_line: is given each line as it comes.

    Raises:
        OperationError: a component died, or Storm did, before the time was up.
        KeyboardInterrupt: the topology was stopped before this came back.
    """
    project.logs_dir.mkdir(exist_ok=True)
    before = _log_sizes(project.logs_dir)
    with _workshop(project) as directory:
        argv = lein.clojure_argv(
            jvm,
            "streamparse.commands.run",
            [
                os.path.relpath(path, project.directory),
                "--time",
                str(seconds),
                "--until-eof",
                *lein.option_arguments(conf),
            ],
            front=[str(directory)],
            options=[
                *lein.log_options(project.logs_dir / STORM_LOG, console="info"),
                *_name_resolution(jvm, storm, directory),
            ],
        )
        with lein.running(argv, cwd=project.directory, stdin=subprocess.PIPE) as process:
            last: deque[str] = deque(maxlen=_KEPT)
            try:
                was_stopped = _pass_on(process, last, on_line, f"stopping {path.stem}")
            except KeyboardInterrupt:
                _stop(process, last, on_line)
                raise
            status = process.wait()
    # Storm may stumble over being stopped while it was still starting; what was asked for has been done.
    if status and not was_stopped:
        raise _why_it_ended(status, list(last), project.logs_dir, before)


@contextmanager
def _workshop(project: Project) -> Iterator[Path]:
    """A directory for the front of the class path, where Storm finds ``resources``: the very ``src/``."""
    with tempfile.TemporaryDirectory(prefix="sparse-run-") as name:
        directory = Path(name)
        (directory / "resources").symlink_to(project.source_dir.resolve())
        yield directory


def _name_resolution(jvm: lein.Jvm, storm: str, directory: Path) -> list[str]:
    """Storm 1.x on Java 14 and later: its ZooKeeper client takes apart the text of an address that has not been
    resolved, and that text has changed (JDK-8225499). In this file every spelling of this machine stands for itself."""
    if not (storm.startswith("1.") and jvm.release >= 14):
        return []
    host = platform.node()
    names = ["localhost", "127.0.0.1", host]
    spellings = [*names, *(f"{name}/<unresolved>" for name in names)]
    file = directory / "hosts"
    file.write_text(f"127.0.0.1 {' '.join(spellings)}\n", encoding="utf-8")
    return [f"-Djdk.net.hosts.file={file}"]


# -- what it prints ----------------------------------------------------------------------------------------------

# ShellBolt and ShellSpout put this in front of a component's message; from 0.10 on it says whose it is.
_SHELL_LOG = re.compile(r"ShellLog pid:\d+, name:(?P<component>\S+) (?P<text>.*)")


def _pass_on(
    process: subprocess.Popen[bytes],
    last: deque[str],
    on_line: Callable[[Line], None],
    awaited: str = "",
) -> bool:
    """Pass the lines on to their end; whether the awaited one was among them."""
    has_come = False
    for text in lein.process_lines(process):
        has_come |= text == awaited
        last.append(text)
        found = _SHELL_LOG.search(text)
        on_line(Line(found["component"], found["text"]) if found else Line(None, text))
    return has_come


def _stop(
    process: subprocess.Popen[bytes], last: deque[str], on_line: Callable[[Line], None]
) -> None:
    assert process.stdin is not None
    with suppress(OSError):
        process.stdin.close()
    overdue = threading.Timer(SECS_TO_STOP, process.kill)
    overdue.start()
    try:
        _pass_on(process, last, on_line)
        process.wait()
    finally:
        overdue.cancel()


# -- why it ended ------------------------------------------------------------------------------------------------


def _log_sizes(logs: Path) -> dict[Path, int]:
    return {path: path.stat().st_size for path in logs.glob("streamparse_*.log")}


def _why_it_ended(
    status: int, last: list[str], logs: Path, before: Mapping[Path, int]
) -> OperationError:
    said = lein.cause_said(last)
    if said is not None:
        return OperationError(said)
    for log in sorted(_log_sizes(logs), key=lambda path: path.stat().st_mtime, reverse=True):
        words = _last_traceback(log, before.get(log, 0))
        if words:
            component = re.sub(r"streamparse_(.+)_\d+_\d+\.log", r"\1", log.name)
            return OperationError(
                f"{component.partition('_')[2]} died, and the topology with it; its log is {log}",
                words,
            )
    telling = [line for line in last if re.search(r"died|Halting|exitCode|\bERROR\b", line)]
    return OperationError(
        f"Storm ended with status {status}; {logs / STORM_LOG} has all it said",
        "\n".join((telling or last)[-_SHOWN:]),
    )


def _last_traceback(log: Path, start: int) -> str:
    with log.open("rb") as file:
        file.seek(start)
        text = file.read().decode("utf-8", "replace")
    at = text.rfind("Traceback (most recent call last)")
    # Storm runs a copy of src/, in a directory that is gone by now.
    text = re.sub(r'File "/[^"]*/stormdist/[^"]*/resources/', 'File "src/', text[max(at, 0) :])
    return "\n".join(text.splitlines()[:_SHOWN]) if at >= 0 else ""

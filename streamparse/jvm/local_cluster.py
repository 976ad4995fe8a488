"""A topology in a real Storm on this machine: LocalCluster, in a JVM of its own.

The components run from ``src/`` itself. The JVM ends when its stdin does, so that it does not outlive this process, and
everything that it has started is in its process group, which is killed in the end.
"""

from __future__ import annotations

import os
import platform
import re
import subprocess
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from streamparse.jvm.child import (
    SOURCES,
    Jvm,
    Output,
    cause_in,
    clojure_argv,
    find_step,
    log_options,
    option_file,
    quick_start,
    running,
)
from streamparse.jvm.storm_jars import LocalStorm
from streamparse.project import OperationError, Project, ProjectError

__all__ = ["STORM_LOG", "Line", "run_storm_topology", "run_topology"]

STORM_LOG = "storm.log"  # Storm's own log, in the project's logs/
SECS_TO_STOP = 25  # the JVM halts by itself after 20
_KEPT_LINES = 400  # of Storm's last ones, which have the cause of its end
_SHOWN_LINES = 30  # of the log of a component that has died


@dataclass(frozen=True)
class Line:
    """A line of the JVM's output.

    Attributes:
        component: the id of the component whose log message it is; None for other lines.
        text: the line, or the component's message.
        step: ``starting``, ``running`` or ``stopping``: what the topology does from now on; None for other lines.
    """

    component: str | None
    text: str
    step: str | None = None


def run_topology(
    project: Project,
    jvm: Jvm,
    path: Path,
    conf: Mapping[str, object],
    *,
    storm_version: str,
    seconds: int,
    on_line: Callable[[Line], None],
) -> None:
    """Run a topology file.

    Args:
        path: of the topology file.
        conf: its whole configuration.
        storm_version: of the Storm on the class path.
        seconds: from the moment it is submitted until it is stopped; 0 is for ever.
        on_line: called with each line as it comes.

    Raises:
        OperationError: a component died, or Storm did, before the time was up.
        KeyboardInterrupt: the topology was stopped before this came back.
    """
    with _class_directory(project) as directory, option_file(conf) as conf_file:
        argv = clojure_argv(
            jvm,
            "streamparse.commands.run",
            [
                os.path.relpath(path, project.directory),
                "--time",
                str(seconds),
                "--until-eof",
                *conf_file.arguments,
            ],
            front=[str(directory)],
            options=[
                *log_options(project.logs_dir / STORM_LOG, console="info"),
                *_name_resolution(jvm, storm_version, directory),
            ],
        )
        _run(project, argv, conf_file.descriptors, on_line)


def run_storm_topology(
    project: Project,
    storm: LocalStorm,
    name: str,
    topology: bytes,
    conf: Mapping[str, object],
    *,
    seconds: int,
    on_line: Callable[[Line], None],
) -> None:
    """Run a topology that is made already, without Leiningen and Clojure.

    Args:
        storm: a Storm of 2.0 or newer.
        name: of the topology.
        topology: its StormTopology, in Thrift's binary protocol.
        conf, seconds, on_line: as of ``run_topology``.

    Raises:
        OperationError, KeyboardInterrupt: as ``run_topology``.
    """
    with _class_directory(project) as directory, option_file(conf) as conf_file:
        made = directory / "topology.thrift"
        made.write_bytes(topology)
        _, conf_path = conf_file.arguments
        argv = [
            storm.java,
            *quick_start(()),
            *log_options(project.logs_dir / STORM_LOG, console="info"),
            "-cp",
            os.pathsep.join([str(directory), storm.class_path]),
            str(SOURCES / "streamparse" / "RunTopology.java"),
            name,
            str(made),
            conf_path,
            str(seconds),
        ]
        _run(project, argv, conf_file.descriptors, on_line)


def _run(
    project: Project,
    argv: Sequence[str],
    descriptors: Sequence[int],
    on_line: Callable[[Line], None],
) -> None:
    """Run the JVM to its end; see ``run_topology``."""
    try:
        project.logs_dir.mkdir(exist_ok=True)
    except OSError as error:
        raise ProjectError(
            [
                f"{project.logs_dir}: {error.strerror}; expected a directory for the logs of Storm; make logs a link "
                "to one that can be written, or copy the project"
            ]
        ) from None
    before = _log_sizes(project.logs_dir)
    last: deque[str] = deque(maxlen=_KEPT_LINES)
    with running(
        argv, cwd=project.directory, stdin=subprocess.PIPE, pass_fds=descriptors
    ) as process:
        output = Output(process)
        try:
            was_stopped = _pass_on(output, last, on_line)
        except KeyboardInterrupt:
            _stop(process, output, last, on_line)
            raise
        status = process.wait()
    # Storm may fail when it is stopped while it still starts; then the topology was stopped as requested.
    if status and not was_stopped:
        raise _cause_of_end(status, list(last), project.logs_dir, before)


@contextmanager
def _class_directory(project: Project) -> Iterator[Path]:
    """Make a directory for the front of the class path, in which ``resources`` is a link to ``src/``."""
    with tempfile.TemporaryDirectory(prefix="sparse-run-") as name:
        directory = Path(name)
        (directory / "resources").symlink_to(project.source_dir.resolve())
        yield directory


def _name_resolution(jvm: Jvm, storm_version: str, directory: Path) -> list[str]:
    """JVM options for Storm 1.x on Java 14 and later.

    Its ZooKeeper client parses the text of an address that has not been resolved, and Java has changed that text
    (JDK-8225499). The options name a hosts file with every spelling of this machine.
    """
    if not (storm_version.startswith("1.") and jvm.release >= 14):
        return []
    host = platform.node()
    names = ["localhost", "127.0.0.1", host]
    spellings = [*names, *(f"{name}/<unresolved>" for name in names)]
    file = directory / "hosts"
    file.write_text(f"127.0.0.1 {' '.join(spellings)}\n", encoding="utf-8")
    return [f"-Djdk.net.hosts.file={file}"]


# -- the output of the JVM ---------------------------------------------------------------------------------------

# ShellBolt and ShellSpout print this in front of a component's message; from 0.10 on it has the component's id.
_SHELL_LOG = re.compile(r"ShellLog pid:\d+, name:(?P<component>\S+) (?P<text>.*)")


def _pass_on(output: Output, last: deque[str], on_line: Callable[[Line], None]) -> bool:
    """Pass the lines on until the output ends; return True if the topology was stopped."""
    was_stopped = False
    for text in output.lines():
        last.append(text)
        line = _parsed(text)
        was_stopped |= line.step == "stopping"
        on_line(line)
    return was_stopped


def _parsed(text: str) -> Line:
    step = find_step(text)
    if step is not None:
        return Line(None, text, step.word)
    found = _SHELL_LOG.search(text)
    return Line(found["component"], found["text"]) if found else Line(None, text)


def _stop(
    process: subprocess.Popen[bytes],
    output: Output,
    last: deque[str],
    on_line: Callable[[Line], None],
) -> None:
    assert process.stdin is not None
    with suppress(OSError):
        process.stdin.close()
    overdue = threading.Timer(SECS_TO_STOP, process.kill)
    overdue.start()
    try:
        _pass_on(output, last, on_line)
        process.wait()
    finally:
        overdue.cancel()


# -- the cause of its end ----------------------------------------------------------------------------------------


def _log_sizes(logs: Path) -> dict[Path, int]:
    return {path: path.stat().st_size for path in logs.glob("streamparse_*.log")}


def _cause_of_end(
    status: int, last: list[str], logs: Path, before: Mapping[Path, int]
) -> OperationError:
    cause = cause_in(last)
    if cause is not None:
        return OperationError(cause)
    if any("jdk.compiler" in line for line in last):
        return OperationError(
            "this Java has no compiler; expected a JDK, whose launcher runs a source file; JAVA_HOME can name one"
        )
    for log in sorted(_log_sizes(logs), key=lambda path: path.stat().st_mtime, reverse=True):
        text = _last_traceback(log, before.get(log, 0))
        if text:
            component = re.sub(r"streamparse_(.+)_\d+_\d+\.log", r"\1", log.name)
            return OperationError(
                f"{component.partition('_')[2]} died, and the topology with it; its log is {log}",
                text,
            )
    relevant = [line for line in last if re.search(r"died|Halting|exitCode|\bERROR\b", line)]
    return OperationError(
        f"Storm ended with status {status}; {logs / STORM_LOG} has the whole log",
        "\n".join((relevant or last)[-_SHOWN_LINES:]),
    )


def _last_traceback(log: Path, start: int) -> str:
    with log.open("rb") as file:
        file.seek(start)
        text = file.read().decode("utf-8", "replace")
    at = text.rfind("Traceback (most recent call last)")
    # Storm has run a copy of src/, in a directory that does not exist any more.
    text = re.sub(r'File "/[^"]*/stormdist/[^"]*/resources/', 'File "src/', text[max(at, 0) :])
    return "\n".join(text.splitlines()[:_SHOWN_LINES]) if at >= 0 else ""

"""A program as a child process, of which nothing is left in the end; and our Clojure commands in a JVM."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import subprocess
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from streamparse.project import OperationError, Project

__all__ = [
    "SOURCES",
    "Jvm",
    "Output",
    "Step",
    "cause_in",
    "clojure_argv",
    "clojure_error",
    "find_step",
    "java_release",
    "log_options",
    "option_file",
    "quick_start",
    "run_clojure",
    "running",
]

_PACKAGE = Path(__file__).resolve().parent
#: The directory of our Clojure sources: inside an installed package, beside the package in a checkout.
SOURCES = next(
    path for path in (_PACKAGE / "clojure", _PACKAGE.parents[1] / "jvm" / "src") if path.is_dir()
)
_PIECE = 1 << 16
SECS_TO_END = 20  # for a program between being asked to end and being killed


# -- programs ----------------------------------------------------------------------------------------------------


@contextmanager
def running(
    argv: Sequence[str],
    *,
    cwd: str | Path | None = None,
    stdin: int = subprocess.DEVNULL,
    stderr: int = subprocess.STDOUT,
    pass_fds: Sequence[int] = (),
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program in a process group of its own while the context lasts.

    When it is left, however that happens, the whole group is ended: first in order, then by force.

    Args:
        argv: the command line.
        cwd: the working directory.
        stdin, stderr, pass_fds: as for ``Popen``; stdout is a pipe, for ``Output``.
    """
    process = None
    try:
        with _signals_deferred():
            process = subprocess.Popen(
                argv,
                cwd=cwd,
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=stderr,
                start_new_session=True,
                pass_fds=pass_fds,
            )
        yield process
    finally:
        if process is not None:
            _end(process)


@contextmanager
def _signals_deferred() -> Iterator[list[int]]:
    """Defer the signals that end this process, so that nothing is lost by them; give those that have come so far."""
    came: list[int] = []
    is_main = threading.current_thread() is threading.main_thread()  # no other thread gets signals
    before = {
        signum: signal.signal(signum, lambda signum, frame: came.append(signum))
        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        if is_main
    }
    try:
        yield came
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)
        for number in came:
            signal.raise_signal(number)


def _end(process: subprocess.Popen[Any]) -> None:
    """End a program and all that it has started: in order, or at once at another Ctrl-C."""
    try:
        if process.poll() is None:
            _signal_group(process, signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(SECS_TO_END)
    finally:
        _signal_group(process, signal.SIGKILL)
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                with suppress(OSError):
                    stream.close()


def _signal_group(process: subprocess.Popen[Any], signum: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signum)


class Output:
    """The lines of a program's stdout, of which Ctrl-C loses none.

    Args:
        process: its stdout is a pipe, which is read here alone.
        note: called with each line as soon as it is read; no signal comes before it has returned.
    """

    def __init__(
        self, process: subprocess.Popen[bytes], note: Callable[[str], object] = lambda line: None
    ) -> None:
        assert process.stdout is not None
        self._file = process.stdout.fileno()
        self._note = note
        self._lines: deque[str] = deque()  # noted, and not yielded yet
        self._rest = b""  # of a line whose end has not come
        self._is_over = False

    def lines(self) -> Iterator[str]:
        """Yield the lines as they come, without line breaks; called again, it goes on where it was interrupted."""
        while True:
            while self._lines:
                yield self._lines.popleft()
            if self._is_over:
                return
            with _signals_deferred() as came, _readable(self._file, came) as is_readable:
                if is_readable:
                    self._take(os.read(self._file, _PIECE))

    def _take(self, data: bytes) -> None:
        self._is_over = not data
        *whole, self._rest = (self._rest + data).split(b"\n")
        if self._is_over and self._rest:  # the last line has no end
            whole, self._rest = [self._rest], b""
        for each in whole:
            line = each.decode("utf-8", "replace").rstrip("\r")
            self._lines.append(line)
            self._note(line)


@contextmanager
def _readable(file: int, came: Sequence[int]) -> Iterator[bool]:
    """Wait until there is something to read, or a signal has come, while signals are deferred; tell which."""
    if threading.current_thread() is not threading.main_thread():
        yield True
        return
    woken, wakes = os.pipe()
    os.set_blocking(wakes, False)
    before = signal.set_wakeup_fd(wakes, warn_on_full_buffer=False)
    try:
        waiting = select.poll()
        waiting.register(file, select.POLLIN)
        waiting.register(woken, select.POLLIN)
        ready = [] if came else [number for number, _ in waiting.poll()]
        yield file in ready and not came
    finally:
        signal.set_wakeup_fd(before)
        os.close(woken)
        os.close(wakes)


# -- our Clojure -------------------------------------------------------------------------------------------------


def java_release(version: str) -> int:
    """Return 8 for "1.8.0_412", and 17 for "17.0.15"."""
    first, _, rest = version.partition(".")
    return int(re.match(r"\d+", rest if first == "1" else first)[0])  # type: ignore[index]  # every version has one


@dataclass(frozen=True)
class Jvm:
    """The JVM that Leiningen starts for a project.

    Attributes:
        java: path of the program.
        java_version: such as "17.0.15" or "1.8.0_412".
        arguments: what stands in front of the class: :jvm-opts and Leiningen's own.
        class_path: of directories and jars, joined by the system's path separator.
    """

    java: str
    java_version: str
    arguments: tuple[str, ...]
    class_path: str

    @property
    def release(self) -> int:
        """8, 11, 17, ..."""
        return java_release(self.java_version)

    @property
    def has_storm_clojure(self) -> bool:
        """Whether Storm's Clojure DSL of 2.0 and newer is there; components are then objects of its classes."""
        return any(jar.name.startswith("storm-clojure-") for jar in self.jars())

    def jars(self) -> list[Path]:
        """The jars on the class path."""
        return [
            Path(entry) for entry in self.class_path.split(os.pathsep) if entry.endswith(".jar")
        ]


#: Environment variables whose options a JVM takes beside those of its command line.
_OPTION_VARIABLES = ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS")


def quick_start(arguments: Sequence[str], *, environ: Mapping[str, str] = os.environ) -> list[str]:
    """Return options of a JVM that halve the work of its start, those aside that the user's own contradict.

    Args:
        arguments: the project's own.
        environ: the environment variables, which may have more of them.
    """
    own = [*arguments]
    for name in _OPTION_VARIABLES:
        own += environ.get(name, "").split()
    has_collector = any(re.match(r"-XX:[+-]Use\w+GC$", each) for each in own)
    has_compiler = any(re.match(r"-XX:(TieredStopAt|-Tiered)", each) for each in own)
    return [
        *([] if has_collector else ["-XX:+UseSerialGC"]),
        *([] if has_compiler else ["-XX:TieredStopAtLevel=1"]),
    ]


def clojure_argv(
    jvm: Jvm,
    namespace: str,
    arguments: Sequence[str],
    *,
    front: Sequence[str] = (),
    options: Sequence[str] = (),
) -> list[str]:
    """Return the command line of one of our commands.

    Args:
        namespace: of the command.
        arguments: of the command.
        front: directories that come before all others on the class path.
        options: of the JVM, after the project's own.
    """
    class_path = os.pathsep.join([*front, jvm.class_path])
    return [
        jvm.java,
        *jvm.arguments,
        *quick_start(jvm.arguments),
        *options,
        "-cp",
        class_path,
        "clojure.main",
        "-m",
        namespace,
        *arguments,
    ]


class OptionFile(NamedTuple):
    """Options of our Clojure commands in a file: the arguments that name it, and the descriptors to pass on."""

    arguments: tuple[str, ...]
    descriptors: tuple[int, ...]


@contextmanager
def option_file(conf: Mapping[str, object]) -> Iterator[OptionFile]:
    """Give a configuration as a file that this user alone can read, and that has no name.

    A command line is shown to everybody by ``ps``, and an option may be a password. Nothing is left of the file however
    this process ends.
    """
    with tempfile.TemporaryFile() as file:
        file.write(json.dumps(conf).encode())
        file.seek(0)
        yield OptionFile(("--options", f"/dev/fd/{file.fileno()}"), (file.fileno(),))


def log_options(file: str | Path = os.devnull, *, console: str = "off") -> list[str]:
    """Return the options of a JVM for Storm's own log.

    Storm 0.9 logs through logback, 0.10 and later through log4j 2.

    Args:
        file: the log file.
        console: the least level that goes to stdout, too.
    """
    here = SOURCES / "streamparse"
    return [
        f"-Dstreamparse.log={file}",
        f"-Dstreamparse.console={console}",
        f"-Dlogback.configurationFile={here / 'logback.xml'}",
        f"-Dlog4j.configurationFile={here / 'log4j2.xml'}",
        f"-Dlog4j2.configurationFile={here / 'log4j2.xml'}",
    ]


def run_clojure(
    jvm: Jvm,
    project: Project,
    namespace: str,
    arguments: Sequence[str],
    *,
    options: Sequence[str] = (),
) -> subprocess.CompletedProcess[str]:
    """Run one of our commands to its end.

    Args:
        project: its directory is the working directory.
        options: of the JVM, after the project's own.

    Returns:
        Its exit status, stdout and stderr.
    """
    argv = clojure_argv(jvm, namespace, arguments, options=[*log_options(), *options])
    with running(argv, cwd=project.directory, stderr=subprocess.PIPE) as process:
        out, err = (output.decode("utf-8", "replace") for output in process.communicate())
    return subprocess.CompletedProcess(argv, process.returncode, out, err)


# -- the lines of our commands -----------------------------------------------------------------------------------

_ERROR = "error: "  # command.clj prints it in front of what went wrong
_STEP = "step: "  # and this in front of a step and the name of a topology


class Step(NamedTuple):
    """A step that one of our commands has reached: a word such as ``submitted``, and what else it tells."""

    word: str
    detail: str


def find_step(line: str) -> Step | None:
    """Return the step in a line of one of our commands; None for any other line."""
    if not line.startswith(_STEP):
        return None
    word, _, detail = line.removeprefix(_STEP).partition(" ")
    return Step(word, detail)


def cause_in(lines: Sequence[str]) -> str | None:
    """Return the error that one of our commands has printed; None when there is none among these lines."""
    causes = [line.removeprefix(_ERROR) for line in lines if line.startswith(_ERROR)]
    return causes[-1] if causes else None


def clojure_error(status: int, lines: Sequence[str], *, debug: bool = False) -> OperationError:
    """Return the error for a command of ours that failed.

    Args:
        status: its exit status.
        lines: of its output.
        debug: keep all the lines, also when one of them is the cause.
    """
    cause = cause_in(lines)
    output = "\n".join(lines)
    if cause is None:
        return OperationError(f"the JVM ended with status {status}", output)
    return OperationError(cause, output if debug else "")

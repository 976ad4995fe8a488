"""The JVM's front desk: which JVM a project wants, running our Clojure in it, and building its jar.

Leiningen is slow, so it is asked once what JVM it would start: the class path and the arguments. The answer is kept in
the user's cache under the digest of all that it came from, project.clj first, and JVMs are started from it directly.
Our Clojure sources ship with this package and are put on the source path, so that the two halves of a version always go
together.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from streamparse.project import OperationError, Project, ProjectError, UsageError

__all__ = [
    "Jvm",
    "build_jar",
    "cause_said",
    "check_jvm",
    "check_tools",
    "clojure",
    "clojure_argv",
    "clojure_error",
    "find_jvm",
    "jar_steps",
    "log_options",
    "option_arguments",
    "process_lines",
    "run_clojure",
    "running",
    "storm_version",
]

Say = Callable[[str], None]

_PACKAGE = Path(__file__).resolve().parent
# In an installed package the Clojure sources are inside; in a checkout they have a directory of their own.
SOURCES = next(
    path for path in (_PACKAGE / "clojure", _PACKAGE.parents[1] / "jvm" / "src") if path.is_dir()
)
RESOURCES = Path("_resources")  # in the project: what Leiningen puts into the jar as it is
_DATA_JSON = "org.clojure/data.json"
_TELLING = 40  # lines of a failed program that are kept for its user
_LABEL = "error: "  # in front of what command.clj says went wrong
SECS_TO_END = 5  # what a program gets between being asked to end and being killed


@dataclass(frozen=True)
class Jvm:
    """The JVM that Leiningen would start for a project.

    Attributes:
        java: path of the program.
        java_version: as the JVM says it, such as "17.0.15" or "1.8.0_412".
        arguments: what goes in front of the class: :jvm-opts and Leiningen's own.
        class_path: of directories and jars, joined by the system's path separator.
    """

    java: str
    java_version: str
    arguments: tuple[str, ...]
    class_path: str

    @property
    def release(self) -> int:
        """8, 11, 17, ..."""
        first, _, rest = self.java_version.partition(".")
        return int(re.match(r"\d+", rest if first == "1" else first)[0])  # type: ignore[index]  # a JVM says so

    def jars(self) -> list[Path]:
        return [
            Path(entry) for entry in self.class_path.split(os.pathsep) if entry.endswith(".jar")
        ]


# -- before anything slow ----------------------------------------------------------------------------------------


def check_tools(environ: Mapping[str, str] = os.environ) -> None:
    """Refuse a machine on which Leiningen cannot work.

    Raises:
        OperationError: there is no Leiningen, or no Java.
        UsageError: this is root, whom Leiningen would ask whether that is meant, and wait.
    """
    path = environ.get("PATH")
    if shutil.which("lein", path=path) is None:
        raise OperationError(
            "no lein on PATH; https://leiningen.org says how to install it (sparse simulate needs neither it nor Java)"
        )
    home = environ.get("JAVA_HOME")
    java = environ.get("LEIN_JAVA_CMD") or environ.get("JAVA_CMD")
    java = java or (f"{home}/bin/java" if home else "java")
    if shutil.which(java, path=path) is None:
        whence = "JAVA_HOME or PATH" if java == "java" else java
        raise OperationError(
            f"no Java: {whence} names none; install a JDK, 17 or newer for Storm 2.8"
        )
    if os.geteuid() == 0 and not environ.get("LEIN_ROOT"):
        raise UsageError(
            "you are root, which Leiningen asks about; LEIN_ROOT=1 in the environment says it is meant"
        )


def storm_version(project: Project) -> str:
    """The version of Storm in project.clj.

    Raises:
        ProjectError: there is no project.clj, or no Storm in it.
    """
    path = project.directory / "project.clj"
    if not path.is_file():
        raise ProjectError(
            [f"no {path}; Leiningen needs one, and `sparse quickstart` shows how it looks"]
        )
    version = project.storm_version()
    if version is None:
        raise ProjectError(
            [
                f"{path}: no Storm in it; [org.apache.storm/storm-clojure VERSION] and, under :provided, storm-client "
                "and storm-server would do for 2.x, [org.apache.storm/storm-core VERSION] before"
            ]
        )
    return version


def check_jvm(jvm: Jvm, storm: str) -> None:
    """Refuse a JVM that is too old for the Storm on its class path: its classes say what they need.

    Raises:
        OperationError: it is, or there is no Storm on it.
    """
    for jar in jvm.jars():
        if re.match(r"storm-(core|client)-", jar.name):
            needed = _class_release(jar)
            if jvm.release < needed:
                raise OperationError(
                    f"Storm {storm} needs Java {needed} or newer, and {jvm.java} is {jvm.java_version}; "
                    f"JAVA_HOME or :java-cmd in project.clj can name another"
                )
            return
    raise OperationError(
        f"no Storm {storm} on Leiningen's class path; project.clj should have it in :dependencies or :provided"
    )


def _class_release(jar: Path) -> int:
    """The Java release that a jar's classes are compiled for (JVM specification, 4.1: major version 52 is Java 8)."""
    with zipfile.ZipFile(jar) as archive:
        name = next(name for name in archive.namelist() if name.endswith("/Constants.class"))
        with archive.open(name) as file:
            return int.from_bytes(file.read(8)[6:], "big") - 44


# -- the JVM of a project ----------------------------------------------------------------------------------------


def find_jvm(project: Project, say: Say) -> Jvm:
    """The project's JVM, from what was kept or from Leiningen.

    Raises:
        ProjectError, UsageError, OperationError: as ``check_tools``, ``storm_version``, and what Leiningen finds wrong.
    """
    storm = storm_version(project)
    key = _key(project)
    jvm = _kept_jvm(key, project)
    if jvm is None:
        check_tools()
        say(
            "asking Leiningen for the class path; the first time it fetches Storm, later it is not asked"
        )
        jvm = _ask_leiningen(project, say)
        _keep_jvm(key, project, jvm)
    check_jvm(jvm, storm)
    return jvm


def _key(project: Project) -> str | None:
    """What Leiningen's answer depends on; None when that is more than can be said."""
    text = (project.directory / "project.clj").read_bytes()
    # These make Leiningen compile sources, which it had better look at each time, or run code of the user's.
    if re.search(rb":(aot|java-source-paths|prep-tasks)\b|~", text):
        return None
    home = Path(os.environ.get("LEIN_HOME") or Path.home() / ".lein")
    parts = [text, str(SOURCES).encode()]
    for profiles in (
        project.directory / "profiles.clj",
        Path("/etc/leiningen/profiles.clj"),
        home / "profiles.clj",
        *sorted((home / "profiles.d").glob("*.clj")),
    ):
        parts.append(profiles.read_bytes() if profiles.is_file() else b"")
    names = ("JAVA_HOME", "JAVA_CMD", "LEIN_JAVA_CMD", "JVM_OPTS", "LEIN_HOME", "PATH")
    parts += [os.environ.get(name, "").encode() for name in names]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _cache_file(key: str) -> Path:
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "streamparse" / f"jvm-{key[:32]}.json"


_HERE = "{project}"  # stands for the project's directory in what is kept: a copy of it has the same answer


def _kept_jvm(key: str | None, project: Project) -> Jvm | None:
    if key is None:
        return None
    try:
        text = _cache_file(key).read_text(encoding="utf-8")
        found = json.loads(text.replace(_HERE, _inside_json(project)))
        jvm = Jvm(**{**found, "arguments": tuple(found["arguments"])})
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return jvm if Path(jvm.java).exists() and all(jar.is_file() for jar in jvm.jars()) else None


def _keep_jvm(key: str | None, project: Project, jvm: Jvm) -> None:
    if key is None:
        return
    file = _cache_file(key)
    with suppress(OSError):  # a cache that cannot be written costs time and nothing else
        file.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(asdict(jvm)).replace(_inside_json(project), _HERE)
        file.write_text(text, encoding="utf-8")


def _inside_json(project: Project) -> str:
    return json.dumps(str(project.directory.resolve()))[1:-1]


def _ask_leiningen(project: Project, say: Say) -> Jvm:
    with tempfile.TemporaryDirectory(prefix="sparse-") as directory:
        answer = Path(directory) / "jvm.json"
        ours = [*_lein(project), *_with_our_sources()]
        argv = [*ours, "run", "-m", "streamparse.commands.jvm", str(answer)]
        _run_lein(argv, project, say, "Leiningen could not prepare the project")
        found = json.loads(answer.read_text(encoding="utf-8"))
    arguments = tuple(found["arguments"])
    return Jvm(found["java"], found["java_version"], arguments, found["class_path"])


def _lein(project: Project) -> list[str]:
    """Leiningen, with what our sources need among the dependencies."""
    if _DATA_JSON in (project.directory / "project.clj").read_text(encoding="utf-8"):
        return ["lein"]
    return ["lein", "update-in", ":dependencies", "conj", f'[{_DATA_JSON} "0.2.6"]', "--"]


def _with_our_sources() -> list[str]:
    return ["update-in", ":source-paths", "conj", json.dumps(str(SOURCES)), "--"]


def _run_lein(
    argv: Sequence[str], project: Project, say: Say, failure: str, *, verbose: bool = False
) -> list[str]:
    """Run Leiningen to its end; the lines that it printed."""
    lines = []
    with running(argv, cwd=project.directory) as process:
        for line in process_lines(process):
            lines.append(line)
            fetched = re.match(r"Retrieving (\S+) from", line)
            if verbose:
                say(line)
            elif fetched:
                say(f"fetching {fetched[1].rpartition('/')[2]}")
        status = process.wait()
    if status:
        raise OperationError(f"{failure}: {_cause(lines)}", "\n".join(lines[-_TELLING:]))
    return lines


_CAUSES = (
    (
        r"Could not (?:find|transfer) artifact (\S+)",
        "{} cannot be fetched; is its version right, and the network there?",
    ),
    (r"Could not locate (\S+)__init\.class", "no namespace {} on the class path"),
)
_PLACE = re.compile(r"\(([^()\s]+\.clj:\d+(?::\d+)?)\)|Error loading \S*(project\.clj)")
# What Java puts in front of the words that matter.
_THROWN = re.compile(r'^(Caused by: |Exception in thread "main" )?([\w.$]*(Exception|Error): )?')


def _cause(lines: Sequence[str]) -> str:
    """The one line among Leiningen's that says why."""
    for pattern, words in _CAUSES:
        for line in lines:
            found = re.search(pattern, line)
            if found:
                return words.format(found[1])
    telling = [line for line in lines if line.strip() and not line.startswith(("\tat ", " at "))]
    roots = [line for line in telling if line.startswith("Caused by: ")][-1:]
    places = [at for at, line in enumerate(telling) if _PLACE.search(line)][:1]
    # From 1.10 on Clojure says what is wrong in the line after the place.
    after = [line for at in places for line in telling[at:] if not line.startswith("Syntax error")]
    words = _THROWN.sub("", (roots or after or telling or ["it says nothing"])[0].strip())
    for at in places:
        place = next(filter(None, _PLACE.search(telling[at]).groups()))  # type: ignore[union-attr]  # it was found
        return words if place in words else f"{place}: {words}"
    return words


# -- programs ----------------------------------------------------------------------------------------------------


@contextmanager
def running(
    argv: Sequence[str],
    *,
    cwd: str | Path | None = None,
    stdin: int = subprocess.DEVNULL,
    stderr: int = subprocess.STDOUT,
) -> Iterator[subprocess.Popen[bytes]]:
    """A program in a process group of its own, of which nothing is left in the end, however that comes.

    Its output, with stderr unless that is to be a pipe of its own, is for ``process_lines``.
    """
    process = None
    try:
        with _undisturbed():
            process = subprocess.Popen(
                argv,
                cwd=cwd,
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=stderr,
                start_new_session=True,
            )
        yield process
    finally:
        if process is not None:
            _end(process)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Signals that end us wait until this is over: a program that starts must not be lost in between."""
    came: list[int] = []
    is_ours = threading.current_thread() is threading.main_thread()  # no other gets any
    before = {
        signum: signal.signal(signum, lambda signum, frame: came.append(signum))
        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        if is_ours
    }
    try:
        yield
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)
        for number in came:
            signal.raise_signal(number)


def _end(process: subprocess.Popen[Any]) -> None:
    """End it and whatever it has started: in order, or at once for whoever presses Ctrl-C again."""
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


def process_lines(process: subprocess.Popen[bytes]) -> Iterator[str]:
    assert process.stdout is not None
    for line in process.stdout:
        yield line.decode("utf-8", "replace").rstrip("\r\n")


# -- our Clojure -------------------------------------------------------------------------------------------------


def clojure_argv(
    jvm: Jvm,
    namespace: str,
    arguments: Sequence[str],
    *,
    front: Sequence[str] = (),
    options: Sequence[str] = (),
) -> list[str]:
    """The command line of one of our commands.

    Args:
        front: directories that come before all others on the class path.
        options: of the JVM, after the project's own.
    """
    class_path = os.pathsep.join([*front, jvm.class_path])
    return [
        jvm.java,
        *jvm.arguments,
        *options,
        "-cp",
        class_path,
        "clojure.main",
        "-m",
        namespace,
        *arguments,
    ]


def option_arguments(conf: Mapping[str, object]) -> list[str]:
    """A configuration as options of our Clojure commands; the values are JSON, whatever they look like."""
    return [
        word for key, value in conf.items() for word in ("--option", f"{key}={json.dumps(value)}")
    ]


def clojure(
    project: Project,
    namespace: str,
    arguments: Sequence[str],
    *,
    say: Say = lambda line: None,
) -> str:
    """Run one of our commands to its end, in the project's JVM; what it printed.

    Raises:
        ProjectError, UsageError: there is no JVM to run it in.
        OperationError: there is none, or the command failed.
    """
    ended = run_clojure(find_jvm(project, say), project, namespace, arguments)
    if ended.returncode:
        raise clojure_error(ended.returncode, (ended.stderr or ended.stdout).splitlines())
    return ended.stdout


def run_clojure(
    jvm: Jvm,
    project: Project,
    namespace: str,
    arguments: Sequence[str],
    *,
    options: Sequence[str] = (),
) -> subprocess.CompletedProcess[str]:
    """The same in a JVM that has been found, with more options of its own; how it ended is in what comes back."""
    argv = clojure_argv(jvm, namespace, arguments, options=[*log_options(), *options])
    with running(argv, cwd=project.directory, stderr=subprocess.PIPE) as process:
        out, err = (output.decode("utf-8", "replace") for output in process.communicate())
    return subprocess.CompletedProcess(argv, process.returncode, out, err)


def clojure_error(status: int, lines: Sequence[str], *, debug: bool = False) -> OperationError:
    """What a command of ours that failed has to say: its own line, and all the others if that is asked for."""
    line = cause_said(lines)
    output = "\n".join(lines)
    if line is None:
        return OperationError(f"the JVM ended with status {status}", output)
    return OperationError(line, output if debug else "")


def cause_said(lines: Sequence[str]) -> str | None:
    """The line in which our Clojure says what went wrong; None when it was not asked."""
    said = [line.removeprefix(_LABEL) for line in lines if line.startswith(_LABEL)]
    return said[-1] if said else None


def log_options(file: str | Path = os.devnull, *, console: str = "off") -> list[str]:
    """Options of a JVM for Storm's own log: into this file, and from this level on to stdout too.

    Storm 0.9 logs through logback, 0.10 and later through log4j 2.
    """
    here = SOURCES / "streamparse"
    return [
        f"-Dstreamparse.log={file}",
        f"-Dstreamparse.console={console}",
        f"-Dlogback.configurationFile={here / 'logback.xml'}",
        f"-Dlog4j.configurationFile={here / 'log4j2.xml'}",
        f"-Dlog4j2.configurationFile={here / 'log4j2.xml'}",
    ]


# -- the jar -----------------------------------------------------------------------------------------------------


def jar_steps(*, simple: bool) -> list[str]:
    """What ``build_jar`` does, in words."""
    return [
        f"copy src/ to {RESOURCES}/resources/, and the Clojure of sparse beside it",
        f"lein do clean, {'jar' if simple else 'uberjar'}",
    ]


def build_jar(project: Project, say: Say, *, simple: bool = False, verbose: bool = False) -> Path:
    """Build the jar that goes to the cluster, with the Python sources under ``resources/``; its path.

    Args:
        simple: this project alone, without the jars it depends on.
        verbose: say all that Leiningen says.

    Raises:
        ProjectError, UsageError, OperationError: it cannot be built, or Storm itself is in it, which a cluster refuses.
    """
    storm_version(project)
    check_tools()
    if not project.source_dir.is_dir():
        raise ProjectError([f"no {project.source_dir}; the Python sources of a project are there"])
    task = "jar" if simple else "uberjar"
    with _copied_sources(project):
        say(f"building the jar: lein {task}")
        argv = [*_lein(project), "do", "clean,", task]
        lines = _run_lein(argv, project, say, f"lein {task} failed", verbose=verbose)
    jar = _created(lines)
    _check_jar(jar)
    return jar


@contextmanager
def _copied_sources(project: Project) -> Iterator[None]:
    """``src/`` where a jar has it, and gone again afterwards.

    Our Clojure comes beside it, for topologies that are compiled in advance. On the source path its place on this
    machine would be written into the jar's pom.xml.
    """
    copies = {
        project.source_dir: project.directory / RESOURCES / "resources",  # where Storm looks
        SOURCES / "streamparse": project.directory / RESOURCES / "streamparse",
    }
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc", ".*")
    try:
        for source, target in copies.items():
            _remove(target)
            shutil.copytree(source, target, ignore=ignored)
        yield
    finally:
        for target in copies.values():
            _remove(target)
        with suppress(OSError):
            (project.directory / RESOURCES).rmdir()  # when nothing else is in it


def _remove(path: Path) -> None:
    if path.is_symlink():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)


def _created(lines: Sequence[str]) -> Path:
    """The last that Leiningen names: an uberjar comes after the jar of the project alone."""
    created = [line.removeprefix("Created ") for line in lines if line.startswith("Created ")]
    if not created:
        raise OperationError("Leiningen names no jar that it created", "\n".join(lines[-_TELLING:]))
    return Path(created[-1])


def _check_jar(jar: Path) -> None:
    with zipfile.ZipFile(jar) as archive:
        names = archive.namelist()
    if "defaults.yaml" in names:
        raise OperationError(
            f"{jar}: Storm itself is in it, and a cluster refuses that; move Storm's dependencies in project.clj into "
            ":profiles {:provided {:dependencies [...]}}"
        )
    if not any(name.startswith("resources/") for name in names):
        raise OperationError(
            f"{jar}: no resources/ in it, where Storm looks for components; project.clj lacks "
            ':resource-paths ["_resources"]'
        )

"""Leiningen: the JVM that it starts for a project, and what it finds wrong.

Leiningen is slow, so it is asked once for the class path and the arguments of its JVM. The answer is kept in the user's
cache, under a digest of everything that it depends on, such as project.clj; then JVMs are started without Leiningen.
Our Clojure sources ship with this package and are put on the source path, so that the two halves of a version always
go together.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from streamparse.jvm.child import (
    SOURCES,
    Jvm,
    Output,
    clojure_error,
    java_release,
    run_clojure,
    running,
)
from streamparse.project import (
    OperationError,
    Project,
    ProjectError,
    UsageError,
    home_directory,
)

__all__ = [
    "LAST_LINES",
    "RESOURCES",
    "check_java",
    "check_jvm",
    "check_tools",
    "clojure",
    "find_jvm",
    "lein_argv",
    "require_storm_version",
    "run_lein",
    "unwritable",
]

#: Called with one line of progress at a time.
Report = Callable[[str], None]

RESOURCES = Path("_resources")  # in the project: Leiningen puts its content into the jar
LAST_LINES = 40  # of a failed program's output that are kept for the user
_DATA_JSON = "org.clojure/data.json"


# -- what has to be there ----------------------------------------------------------------------------------------


def check_tools(environ: Mapping[str, str] = os.environ) -> str:
    """Refuse a machine on which Leiningen cannot work, and return the Java that it would run.

    Args:
        environ: the environment variables.

    Raises:
        OperationError: there is no Leiningen, or no Java.
        UsageError: the user is root; Leiningen asks root for a confirmation, and waits.
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
        source = "JAVA_HOME or PATH" if java == "java" else java
        raise OperationError(
            f"no Java: {source} names none; install a JDK, 17 or newer for Storm 2.8"
        )
    if os.geteuid() == 0 and not environ.get("LEIN_ROOT"):
        raise UsageError(
            "you are root, and Leiningen asks root for a confirmation; set LEIN_ROOT=1 in the environment to give it"
        )
    return java


def check_java(java: str, storm_version: str) -> str:
    """Return the version of a Java, such as "17.0.15"; "" where it does not say.

    Args:
        java: the program.
        storm_version: that is to run on it.

    Raises:
        OperationError: it cannot be run, or is too old for this Storm.
    """
    try:
        done = subprocess.run(
            [java, "-version"], capture_output=True, text=True, errors="replace", check=False
        )
    except OSError as error:
        raise OperationError(f"{java}: {error.strerror}; install a JDK") from None
    found = re.search(r'version "(\d[^"]*)"', done.stderr + done.stdout)
    if found is None:
        return ""
    at = tuple(int(each) for each in storm_version.split(".")[:2])
    # By the class files of their jars; 3.0's by javaVersion in its pom.xml.
    needed = 21 if at >= (3, 0) else 17 if at >= (2, 8) else 8
    if java_release(found[1]) < needed:
        raise OperationError(_too_old(storm_version, needed, java, found[1]))
    return found[1]


def _too_old(storm_version: str, needed: int, java: str, version: str) -> str:
    return (
        f"Storm {storm_version} needs Java {needed} or newer, and {java} is {version}; "
        "JAVA_HOME or :java-cmd in project.clj can name another"
    )


def require_storm_version(project: Project) -> str:
    """Return the version of Storm in project.clj.

    Raises:
        ProjectError: there is no project.clj, or no Storm in it.
    """
    path = project.directory / "project.clj"
    if not path.is_file():
        raise ProjectError(
            [
                f"no {path}; Leiningen needs one, and `sparse quickstart` shows how it looks; submit and jar do "
                "without Leiningen with --thrift"
            ]
        )
    version = project.storm_version()
    if version is None:
        raise ProjectError(
            [
                f"{path}: no Storm in it; expected under :provided [org.apache.storm/storm-client VERSION] and "
                "[org.apache.storm/storm-server VERSION] for 2.x, [org.apache.storm/storm-core VERSION] before"
            ]
        )
    return version


def check_jvm(jvm: Jvm, storm_version: str) -> None:
    """Refuse a JVM that is too old for the Storm on its class path, whose classes name the release they need.

    Args:
        storm_version: of project.clj, for messages.

    Raises:
        OperationError: the JVM is too old, or there is no Storm on its class path.
    """
    for jar in jvm.jars():
        if re.match(r"storm-(core|client)-", jar.name):
            needed = _class_release(jar)
            if jvm.release < needed:
                raise OperationError(_too_old(storm_version, needed, jvm.java, jvm.java_version))
            return
    raise OperationError(
        f"no Storm {storm_version} on Leiningen's class path; expected it in :dependencies or :provided of project.clj"
    )


def _class_release(jar: Path) -> int:
    """The Java release that a jar's classes are compiled for (JVM specification, 4.1: major version 52 is Java 8)."""
    with zipfile.ZipFile(jar) as archive:
        name = next(name for name in archive.namelist() if name.endswith("/Constants.class"))
        with archive.open(name) as file:
            return int.from_bytes(file.read(8)[6:], "big") - 44


# -- the JVM of a project ----------------------------------------------------------------------------------------


def find_jvm(project: Project, report: Report) -> Jvm:
    """Return the project's JVM, from the cache or from Leiningen.

    Args:
        report: called with one line of progress at a time.

    Raises:
        ProjectError, UsageError, OperationError: as ``check_tools`` and ``require_storm_version``, and what Leiningen
            finds wrong.
    """
    storm_version = require_storm_version(project)
    key = _cache_key(project)
    jvm = _cached_jvm(key, project)
    if jvm is None:
        check_tools()
        report(
            "asking Leiningen for the class path; the first time it fetches Storm, later it is not asked"
        )
        jvm = _ask_leiningen(project, report)
        _cache_jvm(key, project, jvm)
    check_jvm(jvm, storm_version)
    return jvm


def _cache_key(project: Project) -> str | None:
    """A digest of everything that Leiningen's answer depends on; None when it depends on more than can be known."""
    text = (project.directory / "project.clj").read_bytes()
    # These make Leiningen compile sources, which may have changed, or run user code.
    if re.search(rb":(aot|java-source-paths|prep-tasks)\b|~", text):
        return None
    home = Path(os.environ.get("LEIN_HOME") or home_directory() / ".lein")
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
    cache = os.environ.get("XDG_CACHE_HOME") or home_directory() / ".cache"
    return Path(cache) / "streamparse" / f"jvm-{key[:32]}.json"


_HERE = (
    "{project}"  # instead of the project's directory in the cache: a copy of it has the same answer
)


def unwritable(place: Path, error: OSError) -> OperationError:
    """Return the error of a project in which Leiningen cannot work."""
    remedy = (
        "Leiningen works in the project's directory; copy the project to one that can be written"
    )
    return OperationError(f"{place}: {error.strerror}; {remedy}")


def _cached_jvm(key: str | None, project: Project) -> Jvm | None:
    if key is None:
        return None
    try:
        text = _cache_file(key).read_text(encoding="utf-8")
        found = json.loads(text.replace(_HERE, _inside_json(project)))
        jvm = Jvm(**{**found, "arguments": tuple(found["arguments"])})
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return jvm if Path(jvm.java).exists() and all(jar.is_file() for jar in jvm.jars()) else None


def _cache_jvm(key: str | None, project: Project, jvm: Jvm) -> None:
    if key is None:
        return
    file = _cache_file(key)
    with suppress(OSError):  # without a cache Leiningen is asked again
        file.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(asdict(jvm)).replace(_inside_json(project), _HERE)
        file.write_text(text, encoding="utf-8")


def _inside_json(project: Project) -> str:
    return json.dumps(str(project.directory.resolve()))[1:-1]


def _ask_leiningen(project: Project, report: Report) -> Jvm:
    try:
        (project.directory / RESOURCES).mkdir(exist_ok=True)  # as Leiningen will
    except OSError as error:
        raise unwritable(project.directory / RESOURCES, error) from None
    with tempfile.TemporaryDirectory(prefix="sparse-") as directory:
        answer = Path(directory) / "jvm.json"
        lein = [*lein_argv(project), *_with_our_sources()]
        argv = [*lein, "run", "-m", "streamparse.commands.jvm", str(answer)]
        try:
            run_lein(argv, project, report, "Leiningen could not prepare the project")
        finally:
            with suppress(OSError):  # it has something in it
                (project.directory / RESOURCES).rmdir()  # Leiningen makes it
        found = json.loads(answer.read_text(encoding="utf-8"))
    arguments = tuple(found["arguments"])
    return Jvm(found["java"], found["java_version"], arguments, found["class_path"])


def clojure(
    project: Project,
    namespace: str,
    arguments: Sequence[str],
    *,
    report: Report = lambda line: None,
) -> str:
    """Run one of our commands to its end in the project's JVM, and return its stdout.

    Raises:
        ProjectError, UsageError: there is no JVM to run it in.
        OperationError: there is none, or the command failed.
    """
    ended = run_clojure(find_jvm(project, report), project, namespace, arguments)
    if ended.returncode:
        raise clojure_error(ended.returncode, (ended.stderr or ended.stdout).splitlines())
    return ended.stdout


# -- running Leiningen -------------------------------------------------------------------------------------------


def lein_argv(project: Project) -> list[str]:
    """Return the beginning of a command line of Leiningen, which adds the dependencies of our sources."""
    if _DATA_JSON in (project.directory / "project.clj").read_text(encoding="utf-8"):
        return ["lein"]
    return ["lein", "update-in", ":dependencies", "conj", f'[{_DATA_JSON} "0.2.6"]', "--"]


def _with_our_sources() -> list[str]:
    return ["update-in", ":source-paths", "conj", json.dumps(str(SOURCES)), "--"]


def run_lein(
    argv: Sequence[str],
    project: Project,
    report: Report,
    failure: str,
    *,
    verbose: bool = False,
    pass_fds: Sequence[int] = (),
) -> list[str]:
    """Run Leiningen to its end and return the lines of its output.

    Args:
        argv: its command line.
        report: called with each artifact that it fetches.
        failure: the beginning of the error's line.
        verbose: report every line instead.
        pass_fds: descriptors that it inherits.

    Raises:
        OperationError: it failed.
    """
    lines = []
    with running(argv, cwd=project.directory, pass_fds=pass_fds) as process:
        for line in Output(process).lines():
            lines.append(line)
            fetched = re.match(r"Retrieving (\S+) from", line)
            if verbose:
                report(line)
            elif fetched:
                report(f"fetching {fetched[1].rpartition('/')[2]}")
        status = process.wait()
    if status:
        raise OperationError(f"{failure}: {_cause(lines)}", "\n".join(lines[-LAST_LINES:]))
    return lines


_CAUSES = (
    (
        r"Could not (?:find|transfer) artifact (\S+)",
        "{} cannot be fetched; is its version right, and the network there?",
    ),
    (r"Could not locate (\S+)__init\.class", "no namespace {} on the class path"),
)
_PLACE = re.compile(r"\(([^()\s]+\.clj:\d+(?::\d+)?)\)|Error loading \S*(project\.clj)")
# The words of Java in front of a message.
_THROWN = re.compile(r'^(Caused by: |Exception in thread "main" )?([\w.$]*(Exception|Error): )?')


def _cause(lines: Sequence[str]) -> str:
    """The cause among Leiningen's lines, in one line."""
    for pattern, words in _CAUSES:
        for line in lines:
            found = re.search(pattern, line)
            if found:
                return words.format(found[1])
    relevant = [line for line in lines if line.strip() and not line.startswith(("\tat ", " at "))]
    roots = [line for line in relevant if line.startswith("Caused by: ")][-1:]
    places = [at for at, line in enumerate(relevant) if _PLACE.search(line)][:1]
    # From 1.10 on Clojure's message is in the line after the place.
    after = [line for at in places for line in relevant[at:] if not line.startswith("Syntax error")]
    words = _THROWN.sub("", (roots or after or relevant or ["it printed nothing"])[0].strip())
    for at in places:
        place = next(filter(None, _PLACE.search(relevant[at]).groups()))  # type: ignore[union-attr]  # it was found
        return words if place in words else f"{place}: {words}"
    return words

"""The jar of a project that goes to a cluster."""

from __future__ import annotations

import fcntl
import os
import shutil
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from streamparse.jvm.child import SOURCES
from streamparse.jvm.lein import (
    LAST_LINES,
    RESOURCES,
    check_tools,
    lein_argv,
    require_storm_version,
    run_lein,
    unwritable,
)
from streamparse.jvm.shipped import copy_sources, shipped_files
from streamparse.project import (
    OperationError,
    Project,
    ProjectError,
    UsageError,
    names_storm_clojure,
)

__all__ = ["build_jar", "check_simple_jar", "check_sources", "jar_steps", "project_lock"]

MOST_WARNINGS = 5  # of files that are not in the jar

#: What components need at run time that storm-clojure's DSL makes, by a class of each.
_NEEDED = {
    "org/apache/storm/clojure/RichShellBolt.class": "org.apache.storm/storm-clojure",
    "clojure/lang/RT.class": "org.clojure/clojure",
}
_LEFT_OUT = (
    ":jar-exclusions or :uberjar-exclusions in project.clj, or Leiningen itself, leaves it out"
)


def jar_steps(*, simple: bool) -> list[str]:
    """Return what ``build_jar`` does, one step a line."""
    return [
        f"copy src/ to {RESOURCES}/resources/, and the Clojure of sparse beside it",
        f"lein do clean, {'jar' if simple else 'uberjar'}",
    ]


def check_sources(project: Project) -> None:
    """Refuse a project whose ``src/`` cannot be put into a jar.

    Raises:
        ProjectError: with a line for each file that cannot be.
    """
    if not project.source_dir.is_dir():
        raise ProjectError([f"no {project.source_dir}; the Python sources of a project are there"])
    shipped_files(project.directory / "src")


def check_simple_jar(project: Project, storm_version: str) -> None:
    """Refuse a jar of the project alone where workers lack what its components need.

    Args:
        storm_version: of the workers.

    Raises:
        UsageError: with the remedy.
    """
    if _lacks_clojure(storm_version) and names_storm_clojure(project.directory / "project.clj"):
        raise UsageError(
            f"--simple_jar: the workers of Storm {storm_version} have neither Clojure nor storm-clojure, which "
            "project.clj names; expected a whole jar, without --simple_jar, or a project.clj without storm-clojure "
            "(--unchecked if you have put both on the workers)"
        )


def build_jar(
    project: Project,
    report: Callable[[str], None],
    *,
    simple: bool = False,
    verbose: bool = False,
    storm_version: str | None = None,
    lock: int | None = None,
) -> Path:
    """Build the jar, with the Python sources under ``resources/``, and return its path; see ``project_lock``.

    Args:
        report: called with one line of progress at a time.
        simple: this project alone, without the jars it depends on.
        verbose: report every line of Leiningen's output.
        storm_version: refuse a jar without storm-clojure where this Storm's workers have none; None for any jar.
        lock: the descriptor of ``project_lock``, which Leiningen holds, too: it may outlive a run that is killed.

    Raises:
        ProjectError, UsageError, OperationError: it cannot be built, or Storm itself is in it, which a cluster refuses.
    """
    require_storm_version(project)
    check_tools()
    check_sources(project)
    task = "jar" if simple else "uberjar"
    with _copied_sources(project) as files:
        report(f"building the jar: lein {task}")
        argv = [*lein_argv(project), "do", "clean,", task]
        held = () if lock is None else (lock,)
        failure = f"lein {task} failed"
        lines = run_lein(argv, project, report, failure, verbose=verbose, pass_fds=held)
    jar = _created(lines)
    with zipfile.ZipFile(jar) as archive:
        names = frozenset(archive.namelist())
    _check_jar(jar, names, storm_version)
    left_out = _add_hidden(jar, project.directory / "src", files, names)
    for file in left_out[:MOST_WARNINGS]:
        report(f"warning: src/{file} is not in the jar; {_LEFT_OUT}")
    if left_out[MOST_WARNINGS:]:
        report(f"warning: so are {len(left_out) - MOST_WARNINGS} more files")
    return jar


@contextmanager
def project_lock(project: Project, report: Callable[[str], None]) -> Iterator[int]:
    """Keep other runs of ours from building in a project's directory; wait for one that does. Give its descriptor.

    Args:
        report: called if there is something to wait for.
    """
    descriptor = os.open(project.directory, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report("waiting for another sparse jar or submit in this project")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except OSError:
            pass  # a file system without locks
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def _copied_sources(project: Project) -> Iterator[list[Path]]:
    """Copy ``src/`` to its place in a jar while this lasts, remove the copy afterwards, and give its files.

    Our Clojure is copied, too, for topologies that are compiled in advance. If it was on the source path, its path on
    this machine would be written into the jar's pom.xml.
    """
    sources = project.directory / RESOURCES / "resources"  # where Storm looks
    clojure = project.directory / RESOURCES / "streamparse"
    try:
        with _told_of_files():
            _remove(sources)  # of a run that was killed
            _remove(clojure)
            files = copy_sources(project.directory / "src", sources)
            shutil.copytree(
                SOURCES / "streamparse", clojure, ignore=shutil.ignore_patterns("*.java")
            )
        yield files
    finally:
        with suppress(OSError):  # which has been told, if it was so before
            _remove(sources)
            _remove(clojure)
        with suppress(OSError):
            (project.directory / RESOURCES).rmdir()  # if nothing else is in it


@contextmanager
def _told_of_files() -> Iterator[None]:
    """Turn an error of the file system into one line: a disk that is full, a project that cannot be written."""
    try:
        yield
    except shutil.Error as error:
        raise OperationError(f"{RESOURCES}: cannot be written: {error}") from None
    except OSError as error:
        raise unwritable(Path(error.filename2 or error.filename or RESOURCES), error) from None


def _add_hidden(
    jar: Path, source: Path, files: Sequence[Path], names: frozenset[str]
) -> list[Path]:
    """Add the hidden files, which Leiningen leaves out of any jar, and return the others that it has left out."""
    missing = [file for file in files if _in_jar(file) not in names]
    hidden = [file for file in missing if any(part.startswith(".") for part in file.parts)]
    if hidden:
        with zipfile.ZipFile(jar, "a", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive:
            for file in hidden:
                archive.write(source / file, _in_jar(file))
    return [file for file in missing if file not in hidden]


def _in_jar(file: Path) -> str:
    return f"resources/{file.as_posix()}"


def _remove(path: Path) -> None:
    if path.is_symlink():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)


def _created(lines: Sequence[str]) -> Path:
    """The last jar that Leiningen names: an uberjar comes after the jar of the project alone."""
    created = [line.removeprefix("Created ") for line in lines if line.startswith("Created ")]
    if not created:
        output = "\n".join(lines[-LAST_LINES:])
        raise OperationError("Leiningen names no jar that it created", output)
    return Path(created[-1])


def _lacks_clojure(storm_version: str) -> bool:
    """True for a Storm whose own jars have no Clojure: 2.0 and later."""
    return int(storm_version.partition(".")[0]) >= 2


def _check_jar(jar: Path, names: frozenset[str], storm_version: str | None) -> None:
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
    if storm_version is None or not _lacks_clojure(storm_version):
        return
    missing = [artifact for entry, artifact in _NEEDED.items() if entry not in names]
    if missing:
        raise OperationError(
            f"{jar}: no {' and no '.join(missing)} in it, and the workers of Storm {storm_version} have none; move it "
            "in project.clj from :provided, or wherever it is, into :dependencies"
        )

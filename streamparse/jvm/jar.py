"""The jar of a project that goes to a cluster."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from streamparse.jvm.child import SOURCES
from streamparse.jvm.lein import (
    LAST_LINES,
    check_tools,
    lein_argv,
    require_storm_version,
    run_lein,
)
from streamparse.project import OperationError, Project, ProjectError

__all__ = ["build_jar", "jar_steps"]

RESOURCES = Path("_resources")  # in the project: Leiningen puts its content into the jar


def jar_steps(*, simple: bool) -> list[str]:
    """Return what ``build_jar`` does, one step a line."""
    return [
        f"copy src/ to {RESOURCES}/resources/, and the Clojure of sparse beside it",
        f"lein do clean, {'jar' if simple else 'uberjar'}",
    ]


def build_jar(
    project: Project, report: Callable[[str], None], *, simple: bool = False, verbose: bool = False
) -> Path:
    """Build the jar, with the Python sources under ``resources/``, and return its path.

    Args:
        report: called with one line of progress at a time.
        simple: this project alone, without the jars it depends on.
        verbose: report every line of Leiningen's output.

    Raises:
        ProjectError, UsageError, OperationError: it cannot be built, or Storm itself is in it, which a cluster refuses.
    """
    require_storm_version(project)
    check_tools()
    if not project.source_dir.is_dir():
        raise ProjectError([f"no {project.source_dir}; the Python sources of a project are there"])
    task = "jar" if simple else "uberjar"
    with _copied_sources(project):
        report(f"building the jar: lein {task}")
        argv = [*lein_argv(project), "do", "clean,", task]
        lines = run_lein(argv, project, report, f"lein {task} failed", verbose=verbose)
    jar = _created(lines)
    _check_jar(jar)
    return jar


@contextmanager
def _copied_sources(project: Project) -> Iterator[None]:
    """Copy ``src/`` to its place in a jar while this lasts, and remove the copy afterwards.

    Our Clojure is copied, too, for topologies that are compiled in advance. If it was on the source path, its path on
    this machine would be written into the jar's pom.xml.
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
            (project.directory / RESOURCES).rmdir()  # if nothing else is in it


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

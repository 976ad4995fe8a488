"""The projects under test: their sources on ``sys.path``, their ``config.json`` checked before the first test."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Generator
from functools import partial
from pathlib import Path

import pytest

_ADDED = pytest.StashKey[list[str]]()  # the sources that are on sys.path for this run


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Put the sources of the projects under test on sys.path, before any conftest is imported."""
    args = getattr(early_config.known_args_namespace, "file_or_dir", None)
    starts = [early_config.rootpath, early_config.invocation_params.dir]
    for arg in args or early_config.getini("testpaths"):
        starts.append(early_config.invocation_params.dir / str(arg).partition("::")[0])
    for source in dict.fromkeys(filter(None, map(_source_directory, starts))):
        _add_source(early_config, source)


@pytest.hookimpl(wrapper=True)
def pytest_ignore_collect(
    collection_path: Path, config: pytest.Config
) -> Generator[None, bool | None, bool | None]:
    """Put the sources of a project in a subfolder on sys.path, before anything in it is imported.

    Raises:
        CollectError: another project of this run has a module of the same name.
    """
    is_ignored = yield
    if not is_ignored:
        _add_project(collection_path, config)
    return is_ignored


def _add_project(collection_path: Path, config: pytest.Config) -> None:
    collected = [Path(str(arg).partition("::")[0]).absolute() for arg in config.args]
    if not any(collection_path.is_relative_to(each) for each in collected):
        return  # pytest looks at what is beside the way to a test, too
    if collection_path.is_dir() and _is_project(collection_path):
        source = _source_directory(collection_path)
        if source is not None:
            _add_source(config, source)


def _add_source(config: pytest.Config, source: str) -> None:
    added = config.stash.setdefault(_ADDED, [])
    for other in added:
        same = _modules_in(source) & _modules_in(other) if other != source else set()
        if same:
            raise pytest.Collector.CollectError(
                f"{source} and {other} both have {', '.join(sorted(same))}; run pytest in each project by itself"
            )
    if source not in added:
        added.append(source)
    if source not in sys.path:
        sys.path.insert(0, source)
        config.add_cleanup(partial(_remove_path, source))


def _modules_in(directory: str) -> set[str]:
    """The modules and packages of a directory that can be imported by their names."""
    return {
        entry.name.removesuffix(".py")
        for entry in os.scandir(directory)
        if entry.name.endswith(".py") or (entry.is_dir() and not entry.name.startswith(("_", ".")))
    } - {"__init__"}


def _source_directory(start: Path) -> str | None:
    """The ``src`` directory of the nearest project at or above a path."""
    for directory in (start, *start.parents):
        if _is_project(directory):
            source = directory / "src"
            return str(source.resolve()) if source.is_dir() else None
    return None


def _is_project(directory: Path) -> bool:
    """True when this is a streamparse project: other programs have a config.json too."""
    config = directory / "config.json"
    if not config.is_file():
        return False
    return (directory / "topologies").is_dir() or b'"topology_specs"' in config.read_bytes()


def _remove_path(entry: str) -> None:
    if entry in sys.path:
        sys.path.remove(entry)


def check_project(directory: Path, *, warn: bool = False) -> None:
    """Refuse a project that cannot be read, if there is one at or above a test's directory.

    Args:
        warn: whether modules of the sources that hide others are warned of.

    Raises:
        UsageError: its ``config.json`` has mistakes, or a module of its sources hides one that everybody needs.
    """
    from streamparse.project import Project, ProjectError, check_names
    from streamparse.testing import project_directory

    found = project_directory(directory)
    try:
        if found is None:
            return
        source_dir = Project.find(os.path.relpath(found)).source_dir
    except ProjectError as error:
        raise pytest.UsageError(*error.problems) from None
    findings = check_names(source_dir)
    if errors := [str(each) for each in findings if each.severity == "error"]:
        raise pytest.UsageError(*errors)
    for finding in findings if warn else ():
        warnings.warn(str(finding), stacklevel=1)

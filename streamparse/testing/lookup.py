"""Lookup for tests: the project, topologies by name, classes by dotted name, what a component process can import."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from simulator.engine import faults
from simulator.model import Topology, TopologyError
from simulator.testing import (
    HarnessError,
    is_test_error,
)
from streamparse.dsl import TopologyType
from streamparse.project import Project, ProjectError
from streamparse.topologies import read_topology, topology_of_class

__tracebackhide__ = is_test_error  # pytest then shows the test's line
Made = TypeVar("Made")


# -- projects and topologies ------------------------------------------------------------------------------------


def project_directory(start: Path) -> Path | None:
    """Return the nearest directory with a ``config.json`` at or above an absolute path; None when there is none."""
    # Asked several times in each test, where texts cost less than paths.
    for each in (start, *start.parents):
        if os.path.isfile(f"{each}/config.json"):
            return each
    return None


def find_project(start: Path) -> Project | None:
    """Return the nearest project at or above an absolute path; None when there is none.

    Raises:
        ProjectError: its ``config.json`` has mistakes.
    """
    found = project_directory(start)
    return None if found is None else Project.find(found)


def find_topology(
    name: str | Path | TopologyType,
    conf: Callable[[Path | None], Mapping[str, object]],
    *,
    directory: Path,
    storm_version: str,
    environment: str | None = None,
) -> Topology:
    """Read a topology.

    Args:
        name: its name in the project, or the path of a ``.clj`` or ``.py`` file, relative to ``directory``, or a class.
        conf: returns the configuration that it is submitted with, given its file; None for a class.
        directory: where the test is.
        storm_version: the Storm version that is simulated.
        environment: where it runs, for a class whose ``par`` depends on that.

    Raises:
        HarnessError: there is no project, or no topology of that name in it.
        TopologyError: the file has mistakes.
    """
    try:
        project = find_project(directory)
    except ProjectError as error:
        raise HarnessError(str(error)) from None
    how: dict[str, Any] = {
        "storm_version": storm_version,
        "project": project,
        "environment": environment,
    }
    if isinstance(name, TopologyType):
        return without_frames(partial(topology_of_class, name, conf(None), **how))
    path = topology_path(name, directory)
    return without_frames(partial(read_topology, path, conf(path), **how))


def topology_path(name: str | Path, directory: Path) -> Path:
    """Return the file of a topology; the arguments are those of ``find_topology``.

    Raises:
        HarnessError: there is no project, or no topology of that name in it.
    """
    if not isinstance(name, str | os.PathLike):
        raise HarnessError(
            f"topology({name!r}): expected a topology's name, the path of its file, or its class"
        )
    path = Path(name)
    if path.suffix in (".clj", ".py"):
        return directory / path
    project = find_project(directory)
    if project is None:
        raise HarnessError(
            f"topology {str(name)!r}: there is no config.json at or above {directory}; "
            "expected a topology's name inside a project, or the path of a .clj or .py file"
        )
    try:
        return project.topology_path(str(name))
    except ProjectError as error:
        raise HarnessError(str(error)) from None


def without_frames(make: Callable[[], Made]) -> Made:
    """Return ``make()``; a TopologyError leaves without the frames in which the mistakes were found.

    Raises:
        HarnessError: a fault that was given cannot strike.
    """
    try:
        return make()
    except faults.FaultError as error:
        raise HarnessError(str(error)) from None
    except TopologyError as error:
        raise error.with_traceback(None) from None


# -- classes ----------------------------------------------------------------------------------------------------


def check_dotted(name: str, where: str, remedy: str = "") -> None:
    """Refuse a name that cannot be that of a class in a module.

    Raises:
        HarnessError: the name has no dot; ``where`` names the argument, ``remedy`` what else could be meant.
    """
    if "." not in name.strip("."):
        raise HarnessError(
            f"{where}: expected a class, or its name as package.module.Class{remedy}"
        )


def dotted_name(target: Callable[[], object] | str) -> str:
    """Return ``package.module.Class``."""
    if isinstance(target, str):
        return target
    return f"{target.__module__}.{_qualified_name(target)}"


def _qualified_name(target: Callable[[], object]) -> str:
    return getattr(target, "__qualname__", type(target).__qualname__)


def is_local(target: Callable[[], object]) -> bool:
    """Return whether no other process can import a class or function: a function or ``__main__`` defines it."""
    name = _qualified_name(target)
    return "<" in name or target.__module__ == "__main__" or not hasattr(target, "__qualname__")


def check_importable(cls: Callable[[], object]) -> None:
    """Refuse a class, or a function, that no other process can import.

    Raises:
        HarnessError: a function or ``__main__`` defines it.
    """
    if is_local(cls):
        raise HarnessError(
            f"{_qualified_name(cls)} is defined where no other process can import it; "
            "move it to the top of a module, or use mode='inprocess'"
        )


# -- sys.path ---------------------------------------------------------------------------------------------------


def import_path(directory: str) -> str:
    """Return the PYTHONPATH of component processes: this directory, then all that this process can import.

    So a component can import the test's own module. Python's own library is left out: another version of Python
    cannot run with it.
    """
    return os.pathsep.join([directory, *filter(_can_be_shared, sys.path)])


def _can_be_shared(entry: str) -> bool:
    library = (sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib"))
    path = Path(entry)
    return bool(entry) and not (
        entry in library
        or path.suffix == ".zip"
        or path.name in ("lib-dynload", "site-packages", "dist-packages")
    )


def remove_path(entry: str) -> None:
    """Remove an entry of ``sys.path``, if it is still there."""
    if entry in sys.path:
        sys.path.remove(entry)

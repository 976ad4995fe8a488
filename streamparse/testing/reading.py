"""What the topologies of a test are made of: their files and settings, read, checked and put together."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from simulator.model import NEWEST, Topology, profile
from simulator.testing import HarnessError, is_test_error
from streamparse.dsl import TopologyType
from streamparse.project import Project, ProjectError, log_setting_problems, python_classes
from streamparse.testing.checks import check_topology
from streamparse.testing.lookup import find_project, find_topology, without_frames
from streamparse.testing.runtime import source_directory
from streamparse.topologies import default_conf, with_aliases, with_conf

__tracebackhide__ = is_test_error  # pytest then shows the test's line
Found = TypeVar("Found")


class Reading:
    """Reads topologies as one directory has them.

    Args:
        directory: where to look for a project.
        storm_version: the Storm version to behave like; None: the project's, or the newest.

    Raises:
        HarnessError: there is no such version.
    """

    def __init__(self, directory: Path, storm_version: str | None) -> None:
        self.directory = directory
        self._version = _checked_version(storm_version)
        self._is_exploring = False
        self._checked: Mapping[str, object] | None = None  # classes whose texts were checked
        self._found: dict[Hashable, Any] = {}  # Any: as many types as are looked up

    @property
    def project(self) -> Project | None:
        """The nearest project at or above the directory."""
        return find_project(self.directory)

    @property
    def version(self) -> str:
        """The Storm version that is simulated.

        Raises:
            HarnessError: project.clj has none that can be simulated.
        """
        if self._version is not None:
            return self._version
        return self._once("version", self._version_of_project)

    def _version_of_project(self) -> str:
        project = self.project
        try:
            found = (project.storm_version() if project else None) or NEWEST
            return profile(found).version
        except ProjectError as error:
            raise HarnessError(str(error)) from None
        except ValueError as error:
            where = "project.clj" if project is None else project.directory / "project.clj"
            raise HarnessError(f"{where}: {error}; storm_version= chooses another") from None

    @property
    def source_dir(self) -> Path:
        """The directory of the project's sources, or the one to look in where there is no project."""
        return self._once("sources", lambda: Path(source_directory(self.directory)))

    def topology(
        self,
        name: str | Path | TopologyType,
        conf: Mapping[str, object] | None,
        environment: str | None = None,
    ) -> tuple[Topology, dict[str, object]]:
        """Return a topology, and the whole configuration of it when it is submitted with these settings.

        Raises:
            HarnessError: there is none, or a setting has no use.
            TopologyError: its file has mistakes.
        """
        given = checked_conf(conf)

        def whole(path: Path | None) -> dict[str, object]:
            made = {**default_conf(path), "topology.python.path": sys.executable, **given}
            project = self.project
            return made if project is None else with_aliases(made, project.aliases)

        version = self.version
        topology = self._once(
            (name, version, repr(given), environment),
            lambda: find_topology(
                name,
                whole,
                directory=self.directory,
                storm_version=version,
                environment=environment,
            ),
        )
        path = None if isinstance(name, TopologyType) else Path(topology.path)
        return topology, with_conf(topology, whole(path), given)

    def usual_conf(self, topology: Topology | None) -> dict[str, object]:
        """Return the settings of a component that is tested alone: those of its topology, or of the project's."""
        if topology is not None:
            return with_conf(topology, default_conf(topology.path), {})
        project = self.project
        files = [] if project is None else project.topology_files
        is_of_classes = bool(files) and all(each.suffix == ".py" for each in files)
        return default_conf(None if is_of_classes else "topology.clj")

    def check_components(self, topology: Topology, without: Collection[str]) -> None:
        """Check components by their texts; the same ones of an exploration only in its first run.

        Raises:
            HarnessError: a text has mistakes.
        """
        found = {name: each for name, each in topology.components.items() if name not in without}
        classes = python_classes(found.values())
        if self._is_exploring and self._checked == classes:
            return
        without_frames(partial(check_topology, topology, without, self.source_dir))
        self._checked = classes

    # -- explorations: all runs have what the first one has found, for files stay as they are

    @contextmanager
    def of_one_run(self, storm_version: str | None) -> Iterator[None]:
        """Read for one run of an exploration, which may behave like another Storm version."""
        kept = self._is_exploring, self._version
        self._is_exploring = True
        self._version = _checked_version(storm_version) or self._version
        try:
            yield
        finally:
            self._is_exploring, self._version = kept

    def begin_exploring(self) -> None:
        """Forget what another exploration has found."""
        self._found.clear()

    def _once(self, key: Hashable, look: Callable[[], Found]) -> Found:
        if not self._is_exploring:
            return look()
        if key not in self._found:
            self._found[key] = look()
        found: Found = self._found[key]
        return found


def _checked_version(given: str | None) -> str | None:
    try:
        return None if given is None else profile(given).version
    except ValueError as error:
        raise HarnessError(str(error)) from None


def checked_conf(conf: Mapping[str, object] | None) -> Mapping[str, object]:
    """Return the settings that a test gives.

    Raises:
        HarnessError: they are no dict, or a setting of the logs has no use.
    """
    if conf is not None and not isinstance(conf, Mapping):
        raise HarnessError(
            f"conf={conf!r}: expected a dict of settings, such as {{'topology.workers': 2}}"
        )
    for problem in log_setting_problems(conf or {}):
        raise HarnessError(f"conf: {problem}")
    return conf or {}

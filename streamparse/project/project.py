"""The project in a directory: its environments, its topologies, and the version of Storm.

``config.json`` is looked for in one directory only, as streamparse 2.1.3 does. A project without any environment is
complete: only commands that talk to a cluster need more, and check it with ``Environment.require``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from streamparse.project.config import find_problems, find_warnings, read_config
from streamparse.project.environments import Environment, made_environment, with_variables
from streamparse.project.errors import ProjectError, UsageError
from streamparse.project.files import CONFIG, absolute
from streamparse.project.options import parse_options
from streamparse.project.project_clj import read_storm_version
from streamparse.project.topology_files import SUFFIXES, TopologyFiles
from streamparse.project.words import as_json, did_you_mean, listed

__all__ = ["Project", "check_topology_name"]


class Project:
    """The project in a directory.

    Args:
        directory: the directory of its ``config.json``.

    Attributes:
        directory: the same; paths to files of the project start with it.
        warnings: one line for each key of ``config.json`` that is not known, with the nearest that is.
        environments: by name, in the order of the file.
        topology_specs: the directory of the topology files.
        virtualenv_specs: the directory of the requirements files.
        aliases: other names of packages that the sources import, with the packages that are meant.

    Raises:
        ProjectError: there is no ``config.json``, or it has mistakes.
    """

    def __init__(self, directory: str | Path = ".") -> None:
        self.directory = Path(directory)
        config = read_config(self.directory)
        problems = [*find_problems(config)]
        if problems:
            raise ProjectError(f"{self.directory / CONFIG}: {problem}" for problem in problems)
        self.warnings = tuple(
            f"{self.directory / CONFIG}: {each}" for each in find_warnings(config)
        )
        settings: Mapping[str, object] = config if isinstance(config, dict) else {}
        self.topology_specs = self.directory / _named(settings, "topology_specs", "topologies/")
        self.virtualenv_specs = self.directory / _named(
            settings, "virtualenv_specs", "virtualenvs/"
        )
        aliases = settings.get("aliases")
        self.aliases: Mapping[str, str] = dict(aliases) if isinstance(aliases, dict) else {}
        envs = settings.get("envs")
        self.environments = {
            name: made_environment(name, section)
            for name, section in (envs.items() if isinstance(envs, dict) else ())
        }

    @classmethod
    def find(cls, directory: str | Path = ".") -> Project:
        """Return the project of a directory, by default the working directory.

        Raises:
            ProjectError: there is none, or its ``config.json`` has mistakes.
        """
        return cls(directory)

    @property
    def source_dir(self) -> Path:
        """The directory of the Python components, ``src/``. Absolute, since components run in other directories."""
        return absolute(self.directory) / "src"

    def require_source_dir(self) -> Path:
        """Return the directory of the Python components, in which they can run.

        Raises:
            ProjectError: there is no such directory, or nobody may read it.
        """
        directory = self.source_dir
        if not directory.is_dir():
            found = "not a directory" if directory.exists() else "no such directory"
        elif not os.access(directory, os.R_OK | os.X_OK):
            found = "permission denied"
        else:
            return directory
        raise ProjectError([f"{directory}: {found}; expected the sources of the components here"])

    @property
    def logs_dir(self) -> Path:
        """The directory of the logs of components that run here, ``logs/``. Absolute; it need not exist."""
        return absolute(self.directory) / "logs"

    @property
    def topologies(self) -> tuple[str, ...]:
        """The names of the topologies, sorted.

        Raises:
            ProjectError: there is no directory of topologies.
        """
        return tuple(TopologyFiles(self.topology_specs).by_name)

    @property
    def topology_files(self) -> tuple[Path, ...]:
        """The files of the topologies; none where there is no directory of them."""
        try:
            found = TopologyFiles(self.topology_specs).by_name
        except ProjectError:
            return ()
        return tuple(path for paths in found.values() for path in paths)

    def topology_path(self, name: str | None = None) -> Path:
        """Return the file of a topology, ``NAME.clj`` or ``NAME.py``.

        Args:
            name: its name, or its path; None for the only one there is.

        Raises:
            ProjectError: there is none, there are several and no name is given, or two files have the name.
        """
        found = TopologyFiles(self.topology_specs)
        if name is not None:
            return self._named_topology(name, found)
        if len(found.by_name) == 1:
            return found.only(next(iter(found.by_name)))
        if found.by_name:
            there = listed(found.by_name)
            raise ProjectError(
                [f"{self.topology_specs}: there are {there}; say which with -n NAME"]
            )
        raise ProjectError(
            [_without_topology(each) for each in found.without if each.name != "__init__.py"]
            or [f"{self.topology_specs}: no topology here; expected a file NAME.clj or NAME.py"]
        )

    def _named_topology(self, name: str, found: TopologyFiles) -> Path:
        suffix = Path(name).suffix
        if suffix in SUFFIXES:
            for path in (self.topology_specs / name, self.directory / name):
                if os.path.isfile(path):  # which a name of any length can be asked
                    return self._alone(path, found)
        if name in found.by_name:
            return found.only(name)
        for directory in (self.topology_specs, self.directory):
            for path in (directory / f"{name}{each}" for each in SUFFIXES):
                if name and os.path.isfile(path) and path not in found.without:
                    return self._alone(path, found)
        for path in found.without:
            if path.stem == Path(name).stem:
                raise ProjectError([_without_topology(path)])
        stem = name.removesuffix(suffix) if suffix in SUFFIXES else name
        near = did_you_mean(Path(stem).name, found.by_name)
        there = f"there are {listed(found.by_name)}" if found.by_name else "there is none at all"
        raise ProjectError([f"{self.topology_specs}: no topology {as_json(name)}; {near or there}"])

    def _alone(self, path: Path, found: TopologyFiles) -> Path:
        """Return a file that is named by its path, unless the directory has another of the name."""
        if path.parent == self.topology_specs and path.stem in found.by_name:
            found.only(path.stem)
        return path

    def environment(self, name: str | None = None) -> Environment:
        """Return the environment of this name, or the only one there is.

        Raises:
            ProjectError: there is none, or there are several and no name is given.
        """
        config, there = self.directory / CONFIG, self.environments
        if not there:
            raise ProjectError(
                [f'{config}: no environment; expected one: "envs": {{"prod": {{...}}}}']
            )
        if name is None and len(there) > 1:
            raise ProjectError(
                [f"{config}: there are the environments {listed(there)}; say which with -e NAME"]
            )
        if name is not None and name not in there:
            near = did_you_mean(name, there) or f"there are {listed(there)}"
            raise ProjectError([f"{config}: no environment {as_json(name)}; {near}"])
        return with_variables(there[name] if name is not None else next(iter(there.values())))

    def storm_version(self) -> str | None:
        """Return the version of Storm that ``project.clj`` depends on; None when it does not say.

        Raises:
            ProjectError: it depends on several.
        """
        return read_storm_version(self.directory / "project.clj")

    @staticmethod
    def options(pairs: Sequence[str]) -> dict[str, object]:
        """Return the settings of ``-o KEY=VALUE``; see ``parse_options``.

        Raises:
            UsageError: one of them has no key, or no ``=``.
        """
        return parse_options(pairs)


# A file's stem, so at most as long as a file system allows.
_TOPOLOGY_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,199}")


def check_topology_name(name: str) -> str:
    """Return this name, which is safe in a path, in a shell and as Storm's name for a topology.

    Raises:
        UsageError: it is not.
    """
    if not _TOPOLOGY_NAME.fullmatch(name):
        rule = "expected letters, digits, . _ and -, with a letter, a digit or _ in front"
        raise UsageError(f"{as_json(name)} is no name for a topology; {rule}")
    return name


def _named(settings: Mapping[str, object], key: str, default: str) -> str:
    return str(settings.get(key) or default)


def _without_topology(path: Path) -> str:
    return f"{path}: no topology in it; expected a class that derives from Topology, with word_spout = WordSpout.spec()"

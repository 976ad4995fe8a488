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
from streamparse.project.environments import Environment, made_environment
from streamparse.project.errors import ProjectError, UsageError
from streamparse.project.files import CONFIG, absolute
from streamparse.project.options import parse_options
from streamparse.project.project_clj import read_storm_version
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
        return tuple(_topology_files(self.topology_specs))

    def topology_path(self, name: str | None = None) -> Path:
        """Return the file of a topology.

        Args:
            name: its name, or its path; None for the only one there is.

        Raises:
            ProjectError: there is none, or there are several and no name is given.
        """
        found = _topology_files(self.topology_specs)
        if name is not None:
            return self._named_topology(name, found)
        if len(found) == 1:
            return next(iter(found.values()))
        if found:
            raise ProjectError(
                [f"{self.topology_specs}: there are {listed(found)}; say which with -n NAME"]
            )
        raise ProjectError([_no_topology(self.topology_specs)])

    def _named_topology(self, name: str, found: Mapping[str, Path]) -> Path:
        file_name = name if name.endswith(".clj") else f"{name}.clj"
        for path in (self.topology_specs / file_name, self.directory / file_name):
            if name and os.path.isfile(path):  # which a name of any length can be asked
                return path
        in_python = self.topology_specs / f"{Path(name).stem}.py"
        if os.path.isfile(in_python):
            raise ProjectError([_in_python(in_python)])
        near = did_you_mean(Path(file_name).stem, found)
        there = f"there are {listed(found)}" if found else "there is none at all"
        raise ProjectError([f"{self.topology_specs}: no topology {as_json(name)}; {near or there}"])

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
        return there[name] if name is not None else next(iter(there.values()))

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


def _no_topology(directory: Path) -> str:
    written = [each for each in sorted(directory.glob("*.py")) if each.name != "__init__.py"]
    if written:
        return _in_python(written[0])
    return f"{directory}: no topology here; expected a file NAME.clj"


def _in_python(path: Path) -> str:
    return (
        f"{path}: topologies in Python, as in streamparse 3, are not read; expected {path.stem}.clj "
        "(see docs/topologies.md)"
    )


def _topology_files(directory: Path) -> dict[str, Path]:
    try:
        paths = sorted(directory.iterdir())
    except NotADirectoryError:
        raise ProjectError([f"{directory}: not a directory; topology_specs names one"]) from None
    except OSError as error:
        raise ProjectError(
            [f"{directory}: cannot be read: {error.strerror}; topologies/ is the usual place"]
        ) from None
    # Editors leave .#wordcount.clj beside an open file.
    return {
        path.stem: path
        for path in paths
        if path.suffix == ".clj" and not path.name.startswith(".") and path.is_file()
    }

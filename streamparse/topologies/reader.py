"""The two readers behind one door: a topology is a file in Clojure, a file in Python, or a Python class."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.model import Topology as ReadTopology
    from streamparse.dsl import TopologyType
    from streamparse.project import Project
    from streamparse.topologies.draft import Draft

__all__ = ["read_topology", "topology_of_class"]


def read_topology(
    path: str | Path,
    options: Mapping[str, object],
    *,
    storm_version: str | None = None,
    project: Project | None = None,
    environment: str | None = None,
) -> ReadTopology:
    """Read the file of a topology, in either form. The topology has the name of the file.

    A file in Clojure is not run. A file in Python is run, in a process of its own, within 60 seconds.

    Args:
        path: the file, ``NAME.clj`` or ``NAME.py``.
        options: the configuration that it is submitted with, but for what it brings itself.
        storm_version: the version of Storm that will run it, such as "2.8.3"; None when it is not known.
        project: has the environments, the sources, and other names of packages; None: what is near the file.
        environment: where it runs, for a class whose ``par`` depends on that; None: the only environment there is.

    Raises:
        TopologyError: with everything that is wrong with the file.
    """
    path = Path(path)
    if path.suffix != ".py":
        from simulator import clj

        return clj.read_topology(path, options, storm_version=storm_version)
    from streamparse.topologies.child import load  # for this form only, as all below

    directory = _directory(path) if project is None else project.directory
    draft = load(
        path,
        project=directory,
        sources=directory / "src",
        aliases={} if project is None else project.aliases,
    )
    return _finished(draft, options, storm_version, project, environment)


def topology_of_class(
    cls: TopologyType,
    options: Mapping[str, object],
    *,
    storm_version: str | None = None,
    project: Project | None = None,
    environment: str | None = None,
) -> ReadTopology:
    """Return the topology that a class is; the arguments are those of ``read_topology``.

    Args:
        cls: a class that derives from ``Topology``. The topology has the name of its file.
    """
    import inspect

    from streamparse.topologies.draft import draft_of

    try:
        file = inspect.getsourcefile(cls) or ""
    except TypeError:  # a class that was typed into Python
        file = ""
    name = Path(file).stem or cls.__name__
    draft = draft_of(cls, name=name, file=file, path=file, python="python")
    return _finished(draft, options, storm_version, project, environment)


def _finished(
    draft: Draft,
    options: Mapping[str, object],
    storm_version: str | None,
    project: Project | None,
    environment: str | None,
) -> ReadTopology:
    from simulator.model import settings
    from streamparse.topologies.draft import finished

    return finished(
        draft,
        options,
        environment=environment,
        environments=() if project is None else tuple(project.environments),
        storm_version=storm_version,
        python=str(options.get(settings.PYTHON_PATH, "python")),
    )


def _directory(path: Path) -> Path:
    """The project of a file: the nearest directory above with a ``config.json``, else the one that holds its own."""
    above = path.absolute().parents
    found = (each for each in above if (each / "config.json").is_file())
    return next(found, above[min(1, len(above) - 1)])

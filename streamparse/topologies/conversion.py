"""Converts a topology from one form into the other, and looks whether what is written says the same."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.model import (
    NEWEST,
    Component,
    Place,
    Problem,
    Topology,
    TopologyError,
    profile,
    settings,
)
from streamparse.topologies.reader import read_topology
from streamparse.topologies.to_clojure import to_clojure
from streamparse.topologies.to_python import to_python
from streamparse.topologies.written import Unwritable

if TYPE_CHECKING:
    from streamparse.project import Project

__all__ = ["Conversion", "convert"]

#: What is always different in the other form, by its suffix.
_OTHERWISE = {
    ".py": (
        "components behave as in streamparse 3 to 5: values are named tuples, and emit returns ids of tasks only with "
        "need_task_ids=True",
        "the defaults are those of streamparse 3 to 5: one worker and one acker, pending tuples without a bound, a "
        "message timeout of 30 s; -o sets them",
    ),
    ".clj": (
        "components behave as in streamparse 2.1.3: values are lists without names, and emit waits for ids of tasks; "
        "-o streamparse.topology.class=true keeps it as it was",
        "the defaults are those of streamparse 2.1.3: two workers and ackers, 5000 pending tuples, a message timeout "
        "of 60 s; -o sets them",
    ),
}


@dataclass(frozen=True)
class Conversion:
    """A topology in its other form.

    Attributes:
        suffix: of the new file, ``.py`` or ``.clj``.
        text: of the new file.
        lost: what the new file does not hold, or says otherwise; a line each.
    """

    suffix: str
    text: str
    lost: tuple[str, ...]


def convert(
    path: Path,
    options: Mapping[str, object],
    *,
    project: Project,
    storm_version: str | None = None,
    environment: str | None = None,
) -> Conversion:
    """Return a topology in its other form. What is written is read once more, and compared.

    Args:
        path: the file of the topology.
        options: its settings, on which the code of a Clojure file may depend.
        project: of the file.
        storm_version: the version of Storm that will run it, or None.
        environment: the one whose ``par`` is written, for a class that has several.

    Raises:
        TopologyError: the file has mistakes, or the other form has no words for a part of it.
    """

    def read(file: Path) -> Topology:
        return read_topology(
            file, options, storm_version=storm_version, project=project, environment=environment
        )

    topology = read(path)
    suffix, write = (".clj", to_clojure) if path.suffix == ".py" else (".py", to_python)
    try:
        written = write(
            topology,
            package=profile(storm_version or NEWEST).package,
            python=str(options.get(settings.PYTHON_PATH, "python")),
        )
    except Unwritable as error:
        found = (
            Problem(Place(str(path)), None, each, "it cannot be converted")
            for each in error.reasons
        )
        raise TopologyError(found) from None
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / f"{path.stem}{suffix}"
        file.write_text(written.text, encoding="utf-8")
        other = _read_back(read, file, path)
    differences = _differences(topology, other, written.lost)
    return Conversion(suffix, written.text, (*written.lost, *differences, *_OTHERWISE[suffix]))


def _read_back(read: object, file: Path, path: Path) -> Topology:
    assert callable(read)
    try:
        topology = read(file)
    except TopologyError as error:
        raise TopologyError(
            Problem(
                Place(str(path)),
                each.component,
                f"{path.stem}{file.suffix}, as it was written, cannot be read: {each.finding}",
                each.remedy,
            )
            for each in error.problems
        ) from None
    assert isinstance(topology, Topology)
    return topology


def _differences(one: Topology, other: Topology, lost: tuple[str, ...]) -> Iterator[str]:
    """Yield what two topologies have different, but for what is told already."""
    names = [each.name for each in fields(Component) if each.compare and each.name != "outputs"]
    for name, component in one.components.items():
        there = other.components.get(name)
        if any(f"of {name}" in line for line in lost):
            continue
        for part in names:
            if there is None or getattr(component, part) != getattr(there, part):
                yield f"{part} of {name}: the new file says {getattr(there, part, 'nothing')}"

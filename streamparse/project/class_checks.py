"""One look at the Python classes of a topology: their mistakes, those that are not found, and spouts that want acks."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from streamparse.project.class_texts import Kind
from streamparse.project.component_checks import check_components, check_names
from streamparse.project.finding import Finding
from streamparse.project.sources import NotPythonError, SourceError, find_class

if TYPE_CHECKING:
    from simulator.model import Component, Problem, Topology


class ClassChecks(NamedTuple):
    """What the sources tell of the Python classes of a topology.

    Attributes:
        findings: of the text of their modules.
        unknown: the components whose class cannot be found, each with the reason.
        expecting: the ids of the spouts whose class has an ack or a fail of its own.
    """

    findings: list[Finding]
    unknown: list[tuple[Component, str]]
    expecting: frozenset[str]


def look_at_classes(
    topology: Topology,
    source_dir: Path,
    *,
    without: Collection[str] = (),
    in_process: bool = False,
) -> ClassChecks:
    """Read the Python classes of a topology.

    Args:
        topology: has the components.
        source_dir: of the project.
        without: the ids of components that are replaced.
        in_process: components run in this process.
    """
    classes = python_classes(
        each for each in topology.components.values() if each.id not in without
    )
    findings = check_names(source_dir, in_process=in_process) if classes else []
    findings += check_components(
        classes, source_dir, values_are_named=have_named_values(topology.components.values())
    )
    unknown: list[tuple[Component, str]] = []
    expecting = set()
    for name, (python_class, _) in classes.items():
        component = topology.components[name]
        try:
            found = find_class(python_class, source_dir)
        except NotPythonError as error:
            if source_dir not in error.path.parents:  # else it is among the findings
                unknown.append((component, str(error)))
        except SourceError as error:
            unknown.append((component, str(error)))
        else:
            if component.kind == "spout" and found.methods and found.methods & {"ack", "fail"}:
                expecting.add(component.id)
    return ClassChecks(findings, unknown, frozenset(expecting))


def have_named_values(components: Iterable[Component]) -> bool:
    """Return whether the values of tuples have names: in a topology that is a Python class."""
    from simulator.model import PYTHON

    return any(each.notation == PYTHON for each in components)


def python_classes(components: Iterable[Component]) -> dict[str, tuple[str, Kind]]:
    """Return the dotted name and the kind of each component that is a Python class, by its id."""
    return {
        each.id: (each.python_class, each.kind)
        for each in components
        if each.python_class is not None
    }


def problems_of(findings: Iterable[Finding]) -> list[Problem]:
    """Return the errors among findings as problems of a topology."""
    from simulator.model import Place, Problem  # which are slow to load, for an error

    return [
        Problem(Place(each.path, each.line), each.component, each.about)
        for each in findings
        if each.severity == "error"
    ]

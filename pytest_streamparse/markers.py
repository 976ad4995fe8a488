"""The marker ``@pytest.mark.storm(...)``: checked when tests are collected, read by the fixture."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from pytest_streamparse.sources import check_project
from pytest_streamparse.values import (
    check_directory,
    check_mode,
    check_seed,
    check_truth,
    check_version,
)

DESCRIPTION = (
    "storm(mode=..., seed=..., storm_version=..., strict=..., virtual_time=..., cwd=...): how the storm fixture of "
    "this test runs, as which Storm version, how strictly, whether your own code sees its clock, and the working "
    "directory of components"
)
ARGUMENTS = "mode=, seed=, storm_version=, strict=, virtual_time= and cwd="
OLD_NAMES = {"storm": "storm_version"}
CHECKS: Mapping[str, Callable[[str, object], object]] = {
    "mode": check_mode,
    "seed": check_seed,
    "storm_version": check_version,
    "strict": check_truth,
    "virtual_time": check_truth,
    "cwd": check_directory,
}


def marker_arguments(item: pytest.Item) -> Mapping[str, Any]:
    """Return the arguments of the storm markers of a test, its class and its module; the nearest marker wins."""
    found: dict[str, Any] = {}
    for marker in item.iter_markers("storm"):  # the nearest comes first
        renamed = {OLD_NAMES.get(name, name): value for name, value in marker.kwargs.items()}
        found = {**renamed, **found}
    return found


def pytest_collection_modifyitems(config: pytest.Config, items: Sequence[pytest.Item]) -> None:
    """Check the markers, and the projects under test: a mistake here is one line and no traceback."""
    if hasattr(config, "workerinput"):
        return  # a worker of xdist cannot end the run; there the fixture checks
    for item in items:
        check_markers(item)
    for directory in dict.fromkeys(
        item.path.parent for item in items if "storm" in getattr(item, "fixturenames", ())
    ):
        check_project(directory, warn=True)


def check_markers(item: pytest.Item) -> None:
    """Refuse arguments of a test's storm markers that do not fit.

    Raises:
        UsageError: it names the test and the argument.
    """
    for marker in item.iter_markers("storm"):
        _check_marker(f"{item.nodeid}: the marker storm", marker)


def _check_marker(where: str, marker: pytest.Mark) -> None:
    if marker.args:
        raise pytest.UsageError(f"{where} takes {ARGUMENTS}, by name")
    for name, value in marker.kwargs.items():
        check = CHECKS.get(OLD_NAMES.get(name, name))
        if check is None:
            raise pytest.UsageError(f"{where} has no {name}=; expected {ARGUMENTS}")
        check(f"{where}: {name}", value)
    for old, name in OLD_NAMES.items():
        if old in marker.kwargs and name in marker.kwargs:
            raise pytest.UsageError(f"{where}: {old}= is the old name of {name}=; give one of them")

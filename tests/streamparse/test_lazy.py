"""Packages whose names are loaded when they are used."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest

from tests.support.paths import ROOT

DOORS = (
    "simulator",
    "streamparse.cli",
    "streamparse.cluster",
    "streamparse.jvm",
    "streamparse.storm",
)


@pytest.mark.parametrize("package", DOORS)
def test_every_name_at_a_door_is_there(package: str) -> None:
    door = import_module(package)
    assert [name for name in door.__all__ if not hasattr(door, name)] == []


@pytest.mark.parametrize("package", DOORS)
def test_a_name_that_is_not_at_a_door_is_an_attribute_error_with_the_package(package: str) -> None:
    with pytest.raises(AttributeError, match=f"module '{package}' has no attribute 'nothing'"):
        _ = import_module(package).nothing


def test_a_door_loads_none_of_its_modules() -> None:
    program = (
        "import sys, streamparse.cli, streamparse.cluster, streamparse.jvm; print(*sys.modules)"
    )
    argv = [sys.executable, "-c", program]
    loaded = subprocess.run(
        argv, cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    inside = tuple(f"streamparse.{name}." for name in ("cli", "cluster", "jvm"))
    assert [name for name in loaded if name.startswith(inside)] == []

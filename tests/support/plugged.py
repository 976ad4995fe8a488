"""pytest as it is where streamparse is installed: the plugin is found by its entry point."""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import entry_points

from tests.support.paths import ROOT

REPOSITORY = ROOT


@functools.cache
def python_path() -> str:
    """A PYTHONPATH with this repository's packages and their entry points."""
    parts = [str(REPOSITORY)]
    if not any(each.name == "streamparse" for each in entry_points(group="pytest11")):
        made = tempfile.mkdtemp(prefix="streamparse-entry-points-")
        atexit.register(shutil.rmtree, made)
        # What an installer would write, from setup.py itself.
        subprocess.run(
            [sys.executable, "setup.py", "-q", "egg_info", "--egg-base", made],
            cwd=REPOSITORY,
            check=True,
            capture_output=True,
        )
        parts.append(made)
    return os.pathsep.join(parts)


def environment() -> dict[str, str]:
    """For a pytest in a process of its own; in the order in which the tests stand."""
    return {
        **os.environ,
        "PYTHONPATH": python_path(),
        "PYTEST_ADDOPTS": "-p no:randomly -p no:cacheprovider",
        "PYTHONDONTWRITEBYTECODE": "1",
        "COLUMNS": "120",
    }

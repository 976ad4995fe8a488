"""The tests of the examples pass, in both modes; what the examples print is compared in test_simulate."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from simulator import RUN_CONF
from streamparse.project import Project
from streamparse.topologies import read_topology
from tests.support import plugged
from tests.support.paths import EXAMPLES

NEEDS = {"polyglot": [pytest.mark.needs_node]}


@pytest.mark.slow
@pytest.mark.parametrize(
    "example",
    [
        pytest.param(path.name, marks=NEEDS.get(path.name, []))
        for path in sorted(EXAMPLES.iterdir())
    ],
)
def test_an_examples_tests_pass_in_both_modes(example: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--storm-mode=both", "--rootdir=."],
        cwd=EXAMPLES / example,
        env=plugged.environment(),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("example", sorted(path.name for path in EXAMPLES.iterdir()))
def test_an_example_is_the_same_topology_in_both_forms(example: str) -> None:
    project = Project(EXAMPLES / example)
    (path,) = project.topology_files
    conf = {**RUN_CONF, "topology.python.path": "python"}
    both = [
        read_topology(file, conf, project=project)
        for file in (path, project.directory / f"python/{path.stem}.py")
    ]
    one, other = (replace(each, path="") for each in both)
    assert (one, [*one.components]) == (other, [*other.components])

"""The tests of the examples pass, in both modes; what the examples print is compared in test_simulate."""

from __future__ import annotations

import subprocess
import sys

import pytest

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

"""Comparisons, each made once in a run of the tests, however many processes share it."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.parity.load.comparison import Comparison, compare
from tests.parity.load.curves import recorded
from tests.parity.load.scenarios import scenario

Compared = Callable[[str, str], Comparison]


@pytest.fixture(scope="session")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Compared:
    """The comparison of a scenario with its recording on a Storm."""
    directory = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        directory = directory.parent  # that of all workers

    def found(name: str, version: str) -> Comparison:
        kept = directory / f"compared-{name}-{version}"
        if kept.is_file():
            known: Comparison = pickle.loads(kept.read_bytes())
            return known
        made = compare(scenario(name), recorded(name, version))
        _write(kept, pickle.dumps(made))
        return made

    return found


def _write(path: Path, content: bytes) -> None:
    """Write a file that others see whole or not at all."""
    part = path.with_name(f"{path.name}-{os.getpid()}")
    part.write_bytes(content)
    part.replace(path)

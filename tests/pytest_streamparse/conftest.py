"""A fresh project to run pytest in, for the tests of the plugin."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest

from streamparse.quickstart import write_project
from tests.support import plugged

Run = Callable[..., pytest.RunResult]

COUNT = """
    def test_counts(storm):
        topology = storm.topology("wordcount", spouts={"word-spout": [["dog"], ["cat"], ["dog"]]})
        topology.complete()
        assert topology["count-bolt"].emitted.last_by("word") == {"dog": 2, "cat": 1}
"""


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """pytest in a new wordcount project, in a process of its own."""
    for name, value in plugged.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("PYTHONBREAKPOINT", raising=False)
    write_project("demo", pytester.path)
    shutil.rmtree(pytester.path / "demo/tests")
    for path in (pytester.path / "demo").iterdir():
        path.rename(pytester.path / path.name)
    return pytester.runpytest_subprocess

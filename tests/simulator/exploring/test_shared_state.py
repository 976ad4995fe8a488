"""What runs in one process leave for each other is told by name, once."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from simulator.exploring.explored_run import Run
from streamparse.testing import Storm

CLJ = """
(ns remembers (:use [streamparse.specs]))
(defn remembers [options]
  [{"rows" (python-spout-spec options "remembers.Rows" ["n"])}
   {"bolt" (python-bolt-spec options {"rows" :shuffle} "remembers.Remembers" ["n"])}])
"""
MODULE = """
from streamparse import Bolt

SEEN = set()
CONSTANT = {"a": 1}

class Remembers(Bolt):
    started = 0
    filled = {}

    def initialize(self, conf, context):
        Remembers.started += 1
        self.filled["always"] = "the same"

    def process(self, tup):
        SEEN.add(len(SEEN))
        self.emit(tup.values)
"""


@pytest.fixture
def remembering(tmp_path: Path) -> Iterator[Storm]:
    (tmp_path / "remembers.clj").write_text(CLJ)
    (tmp_path / "remembers.py").write_text(MODULE)
    with Storm(tmp_path) as made:
        sys.path.insert(0, str(tmp_path))
        yield made
        sys.path.remove(str(tmp_path))
    sys.modules.pop("remembers", None)


def run_of(run: Run) -> Any:
    with run.topology("remembers.clj", spouts={"rows": [[1], [2]]}) as topology:
        topology.complete()


def test_attributes_that_outlive_a_run_are_named_once(remembering: Storm) -> None:
    for run in remembering.explore(5, faults=[]):
        run_of(run)
    assert [line.partition(" ")[0] for line in remembering.warnings] == [
        "remembers.SEEN",
        "Remembers.started",
    ]
    assert remembering.warnings[0].endswith(
        "has outlived a run of explore: runs in one process share modules and classes; make that new at the "
        "start of the loop's body, or storm.explore(fork=True)"
    )


def test_what_the_test_resets_is_not_told(remembering: Storm) -> None:
    for run in remembering.explore(5, faults=[]):
        if module := sys.modules.get("remembers"):
            module.SEEN.clear()
            module.Remembers.started = 0
        run_of(run)
    assert remembering.warnings == []


@pytest.mark.usefixtures("may_fork")
def test_runs_in_processes_of_their_own_leave_nothing(remembering: Storm) -> None:
    for run in remembering.explore(5, faults=[], fork=True):
        run_of(run)
    assert remembering.warnings == []

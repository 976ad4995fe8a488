"""Arcs: told of the user's code alone, the same in every run that does the same; with a stand-in before Python 3.12."""

from __future__ import annotations

import os
import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from types import CodeType, SimpleNamespace
from typing import Any

import pytest

from simulator.exploring.arcs import MOST_OF_A_PLACE, Arcs
from streamparse.testing import Storm

needs_monitoring = pytest.mark.skipif(
    sys.version_info < (3, 12), reason="sys.monitoring is there from Python 3.12 on; tox runs it"
)
needs_names = pytest.mark.skipif(
    sys.version_info < (3, 11), reason="codes have qualified names from Python 3.11 on"
)


def users(number: int) -> str:
    """A function of the user's, for this file is none of the project's packages."""
    return "odd" if number % 2 else "even"


CODE, OURS, THEIRS = users.__code__, Arcs.begin.__code__, os.path.join.__code__


class Monitoring:
    """Stands in for ``sys.monitoring``: tools, callbacks, and which codes have events of their own."""

    DISABLE = object()
    events = SimpleNamespace(PY_START=1, LINE=2, BRANCH=4)

    def __init__(self, *taken: int) -> None:
        self.tools: dict[int, str] = dict.fromkeys(taken, "another")
        self.callbacks: dict[int, Callable[..., object] | None] = {}
        self.events_of: defaultdict[object, int] = defaultdict(int)
        self.restarts = 0

    def get_tool(self, tool: int) -> str | None:
        return self.tools.get(tool)

    def use_tool_id(self, tool: int, name: str) -> None:
        self.tools[tool] = name

    def free_tool_id(self, tool: int) -> None:
        del self.tools[tool]

    def register_callback(self, tool: int, event: int, call: Callable[..., object] | None) -> None:
        self.callbacks[event] = call

    def set_events(self, tool: int, events: int) -> None:
        self.events_of["all"] = events

    def set_local_events(self, tool: int, code: CodeType, events: int) -> None:
        self.events_of[code] = events

    def restart_events(self) -> None:
        self.restarts += 1

    def happens(self, event: int, *what: Any) -> object:
        call = self.callbacks[event]
        assert call is not None
        return call(*what)


@needs_names
def test_only_the_users_functions_are_watched() -> None:
    monitoring = Monitoring()
    arcs = Arcs(monitoring)
    arcs.begin()
    answers = [monitoring.happens(1, code, 0) for code in (OURS, THEIRS, CODE)]
    assert answers == [monitoring.DISABLE, monitoring.DISABLE, None]
    assert dict(monitoring.events_of) == {"all": 1, CODE: 7}
    assert len(arcs.taken) == 1


@needs_names
def test_the_arcs_are_those_of_the_run_at_hand_and_the_same_in_the_next_one() -> None:
    monitoring, found = Monitoring(), []
    arcs = Arcs(monitoring)
    for destination in (8, 8, 12):
        arcs.begin()
        monitoring.happens(1, CODE, 0)
        monitoring.happens(2, CODE, 30)
        monitoring.happens(4, CODE, 6, destination)
        found.append(arcs.taken)
    assert found[0] == found[1]
    assert (len(found[0]), len(found[0] & found[2])) == (3, 2)


@needs_names
def test_a_place_that_is_reached_without_an_end_is_left_alone_until_the_next_run() -> None:
    monitoring = Monitoring()
    arcs = Arcs(monitoring)
    arcs.begin()
    answers = [monitoring.happens(4, CODE, 6, 8) for _ in range(MOST_OF_A_PLACE)]
    assert [each is monitoring.DISABLE for each in answers] == [False] * (MOST_OF_A_PLACE - 1) + [
        True
    ]
    assert monitoring.restarts == 0
    for _ in range(2):
        arcs.begin()
    assert (monitoring.restarts, monitoring.happens(4, CODE, 6, 8)) == (1, None)


@needs_names
def test_at_its_end_nothing_is_watched() -> None:
    monitoring = Monitoring(4)
    arcs = Arcs(monitoring)
    arcs.begin()
    monitoring.happens(1, CODE, 0)
    assert (arcs.is_on, monitoring.tools) == (True, {4: "another", 3: "streamparse"})
    arcs.close()
    arcs.close()
    assert (arcs.is_on, monitoring.tools) == (False, {4: "another"})
    assert dict(monitoring.events_of) == {"all": 0, CODE: 0}
    assert set(monitoring.callbacks.values()) == {None}


@pytest.mark.parametrize("monitoring", [None, Monitoring(3, 4)], ids=["before 3.12", "taken"])
def test_where_it_cannot_be_there_are_no_arcs(monitoring: Monitoring | None) -> None:
    arcs = Arcs(monitoring)
    arcs.begin()
    users(1)
    arcs.close()
    assert (arcs.is_on, arcs.taken) == (False, frozenset())


@needs_monitoring
def test_a_branch_that_is_taken_the_other_way_is_a_new_arc() -> None:
    arcs, found = Arcs(), []
    try:
        for number in (1, 3, 2):
            arcs.begin()
            users(number)
            found.append(arcs.taken)
    finally:
        arcs.close()
    assert found[0] == found[1]
    assert found[2] - found[0]
    assert sys.monitoring.get_tool(4) is None  # type: ignore[attr-defined]  # from 3.12 on


COMPONENTS = """
from streamparse import Bolt, Spout

class Rows(Spout):
    pass

class Weighs(Bolt):
    def initialize(self, storm_conf, context):
        self.seen = set()

    def process(self, tup):
        if tup.values[0] in self.seen:
            self.weigh_again(tup)
        self.seen.add(tup.values[0])

    def weigh_again(self, tup):
        self.last = tup.values[0]
"""
TOPOLOGY = """
(ns weighed (:use [streamparse.specs]))
(defn weighed [options]
  [{"rows" (python-spout-spec options "arcs_weighed.Rows" ["n"])}
   {"weighs" (python-bolt-spec options {"rows" :shuffle} "arcs_weighed.Weighs" [])}])
"""


def arcs_of_runs(directory: Path, **options: Any) -> list[int]:
    """How many arcs the exploration has seen by the end of each run that has shown a new one."""
    with Storm(directory, seed=0) as storm:
        runs = storm.explore(12, faults=["replay"], vary=[], **options)
        for run in runs:
            rows = storm.feed([[1], [2]], retries=2)
            with run.topology("weighed.clj", spouts={"rows": rows}) as topology:
                topology.complete()
        return [runs.coverage.arcs, runs.coverage.lives]


@needs_monitoring
@pytest.mark.parametrize("options", [{"fork": False}, {"fork": True}, {"jobs": 2}], ids=str)
def test_an_exploration_has_the_same_arcs_however_its_runs_are_carried_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]
) -> None:
    (tmp_path / "arcs_weighed.py").write_text(COMPONENTS)
    (tmp_path / "weighed.clj").write_text(TOPOLOGY)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "arcs_weighed", raising=False)
    here = arcs_of_runs(tmp_path, fork=False)
    assert here[0] > 0
    monkeypatch.delitem(sys.modules, "arcs_weighed", raising=False)
    assert arcs_of_runs(tmp_path, **options) == here

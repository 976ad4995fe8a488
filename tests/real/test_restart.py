"""Crash and restart on a real cluster, as it is now: beside the simulation, and beside what was recorded."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.parity.cluster import VERSION, run_cluster, scenario
from tests.parity.record import compare, described
from tests.support.storm_lines import require

pytestmark = [
    pytest.mark.real_storm,
    pytest.mark.real_parity,
]

NAMES = ("bolt-killed", "spout-exits")  # one of each: the others take as long again, and more


def test_on_a_cluster_workers_die_and_begin_anew_as_in_a_simulation(tmp_path: Path) -> None:
    require("java", "javac", "lein")
    runs = run_cluster([scenario(name) for name in NAMES])
    found = [compare(VERSION, scenario(name), run) for name, run in runs.items()]
    assert {each.scenario.name for each in found if each.before is None} == set()
    assert described(found, tmp_path) == []

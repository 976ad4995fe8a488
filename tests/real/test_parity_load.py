"""Topologies under load on the newest real Storm: what they do there is what was recorded, and what is simulated.

A few stand for all; ``make parity-load`` runs all on all lines. What is compared does not depend on how fast the
machine is: the verdict, the shares of the tasks, and the counts of a simulation in which bolts are as fast in each
second as they were.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.parity.load.comparison import compare
from tests.parity.load.curves import recorded
from tests.parity.load.record import described, drift, run_live
from tests.parity.load.scenarios import scenario
from tests.support.storm_lines import require

pytestmark = [pytest.mark.real_storm, pytest.mark.real_parity]

STORM = "2.8.3"
WITHIN = 0.1  # the mean error of a count on a machine that does other things, too


@pytest.mark.parametrize(("name", "seconds"), [("a-1000", 45), ("c-p2w2", 25), ("f-ticks", 25)])
def test_a_real_storm_has_the_curve_that_is_recorded_and_simulated(name: str, seconds: int) -> None:
    require("lein", "java")
    each = replace(scenario(name), seconds=seconds)
    curve = run_live(STORM, each)
    found = compare(each, curve)
    assert drift(each, recorded(name, STORM), curve) == []
    assert found.verdicts[0] == found.verdicts[1]
    assert max(found.by_second.values()) < WITHIN, described(found)

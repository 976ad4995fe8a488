"""The scenarios of ``parity`` on the newest and on the oldest real Storm: what they do there is what is recorded, and
what the simulator does. A handful stands for those that end their worker; ``make parity`` runs all on all lines.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.parity.live import run_live
from tests.parity.record import compare, described, of_line
from tests.support.storm_lines import LINES, require

pytestmark = [pytest.mark.real_storm, pytest.mark.real_parity]

DEATHS = (
    "says-ack-unknown",
    "says-not-json",
    "says-too-narrow",
    "spout-bogus",
    "spout-exit",
    "a-bolt-raises",
)


OLDEST, *_, NEWEST = LINES


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
@pytest.mark.parametrize("deaths", [False, True], ids=["all goes on", "workers die"])
def test_a_real_storm_does_what_is_recorded_and_what_the_simulator_does(
    version: str, tmp_path: Path, *, deaths: bool
) -> None:
    require("lein", "java", "node")
    scenarios = of_line(version, DEATHS) if deaths else of_line(version, deaths=False)
    runs = run_live(version, scenarios)
    found = [compare(version, each, runs[each.name]) for each in scenarios]
    assert {each.scenario.name for each in found if each.before is None} == set()
    assert described(found, tmp_path) == []

"""The simulator under load against curves of real Storms, scenario by scenario and line by line."""

from __future__ import annotations

import pytest

from tests.parity.load import report
from tests.parity.load.conftest import Compared
from tests.parity.load.curves import RECORDED, dump, load, pace, path_of
from tests.parity.load.scenarios import SCENARIOS

EVERY = [(version, each.name) for each in SCENARIOS for version in each.lines]


@pytest.mark.parametrize(("version", "name"), EVERY)
def test_the_simulator_is_as_fast_and_as_late_as_storm_was(
    version: str, name: str, compared: Compared
) -> None:
    found = compared(name, version)
    assert (found.unexplained, found.stale) == ([], [])


def test_what_is_recorded_is_what_scenarios_ask_for() -> None:
    files = set(RECORDED.rglob("*.json"))
    assert files == {path_of(name, version) for version, name in EVERY}


@pytest.mark.parametrize(("version", "name"), EVERY)
def test_a_curve_is_written_as_it_was_read(version: str, name: str) -> None:
    text = path_of(name, version).read_text(encoding="utf-8")
    assert dump(load(text)) == text


def test_a_task_that_always_had_to_do_began_when_its_busy_time_says() -> None:
    executed, busy = [8, 18, 28, 38], [0.8, 1.8, 2.8, 3.8]
    assert (pace(executed, busy, 0.0).first, pace(executed, busy, 0.0).per_tuple) == (0.15, 0.1)


def test_a_task_with_rest_began_when_its_process_was_ready() -> None:
    assert pace([1, 2, 3], [0.1, 0.2, 0.3], 0.4) == pace([], [], 0.4)


def test_a_task_of_a_cold_jvm_is_judged_by_the_time_after_it() -> None:
    executed = [1, 1, 1, 1, 1, *range(11, 211, 10)]
    busy = [0.1] * 5 + [each / 10 for each in executed[5:]]
    found = pace(executed, busy, 0.0)
    assert (found.cold, found.first, found.per_tuple) == (True, 4.9, 0.1)


@pytest.mark.slow
def test_the_page_about_load_is_what_the_scenarios_and_recordings_say(compared: Compared) -> None:
    found = {(name, version): compared(name, version) for version, name in EVERY}
    assert report.PAGE.read_text(encoding="utf-8") == report.page(found)

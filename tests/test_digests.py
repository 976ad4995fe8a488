"""What happens in examples, scenarios and explorations is what it was: line by line, by the digests of their traces."""

from __future__ import annotations

import pytest

from tests.support.digests import (
    EXPLORE_SEEDS,
    example_digests,
    examples,
    explore_digest,
    recorded,
    scenario_digests,
)
from tests.support.storm_lines import LINES

NEEDS = {"polyglot": [pytest.mark.needs_node]}
RECORDED = recorded()


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=NEEDS.get(name, [])) for name in examples()]
)
def test_an_example_does_what_it_did(name: str) -> None:
    mine = {key: value for key, value in RECORDED["examples"].items() if key.startswith(f"{name} ")}
    assert example_digests(name) == mine


def test_an_example_does_the_same_in_both_modes() -> None:
    table = RECORDED["examples"]
    inside = {key: value for key, value in table.items() if " inprocess " in key}
    assert inside == {key: table[key.replace(" inprocess ", " process ")] for key in inside}
    assert len(inside) * 2 == len(table)


@pytest.mark.parametrize("version", LINES)
def test_a_scenario_does_what_it_did(version: str) -> None:
    mine = {
        key: value for key, value in RECORDED["scenarios"].items() if key.startswith(f"{version} ")
    }
    assert scenario_digests(version) == mine


@pytest.mark.parametrize("seed", EXPLORE_SEEDS)
def test_an_exploration_does_what_it_did(seed: int) -> None:
    assert explore_digest(seed) == RECORDED["explore"][f"seed {seed}"]

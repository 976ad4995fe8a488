"""The table of the settings that a simulation reads names them all, and nothing else."""

from __future__ import annotations

import ast

from simulator.model import NEWEST, SETTINGS_READ, STORM_KEYS, handshake, profile
from tests.support.paths import ROOT


def _named() -> set[str]:
    """Every setting of Storm that a module of the simulator names."""
    trees = (ast.parse(path.read_bytes()) for path in (ROOT / "simulator").rglob("*.py"))
    constants = {
        node.value
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return constants & STORM_KEYS


def test_the_table_has_every_setting_that_a_module_names_and_does_not_only_show_to_components() -> (
    None
):
    only_shown = {*handshake.default_conf(profile(NEWEST)), *handshake.OWN_KEYS, "storm.id"}
    only_shown |= {"topology.sleep.spout.wait.strategy.time.ms"}  # a default up to 1.x
    named = _named()
    assert SETTINGS_READ.keys() - named == set()
    assert named - SETTINGS_READ.keys() - only_shown == set()


def test_every_effect_is_told_in_sentences() -> None:
    assert [key for key, effect in SETTINGS_READ.items() if not effect.endswith(".")] == []

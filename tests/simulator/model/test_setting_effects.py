"""The table of the settings that a simulation reads names them all, and nothing else."""

from __future__ import annotations

import ast
from pathlib import Path

from simulator.model import NEWEST, SETTING_EFFECTS, STORM_KEYS, handshake, profile, setting_effects
from tests.support.paths import ROOT


def _named() -> set[str]:
    """Return every setting of Storm that another module of the simulator names."""
    paths = set((ROOT / "simulator").rglob("*.py")) - {Path(str(setting_effects.__file__))}
    trees = (ast.parse(path.read_bytes()) for path in paths)
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
    # A default up to 1.x, and what a component may set up to 0.10.
    only_shown |= {"topology.sleep.spout.wait.strategy.time.ms", handshake.WATERMARK_INTERVAL_MS}
    named = _named()
    assert SETTING_EFFECTS.keys() - named == set()
    assert named - SETTING_EFFECTS.keys() - only_shown == set()


def test_every_effect_is_told_in_sentences() -> None:
    assert [key for key, effect in SETTING_EFFECTS.items() if not effect.endswith(".")] == []

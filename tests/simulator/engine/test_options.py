"""The options of a run, as one value."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields

import pytest

from simulator.engine.options import RUN_CONF, RunOptions
from simulator.model import NEWEST


def test_without_options_a_run_is_that_of_sparse_run() -> None:
    options = RunOptions()
    assert (options.conf, options.mode, options.storm_version) == (RUN_CONF, "process", NEWEST)
    assert (options.seconds, options.strict, options.on_crash) == (10.0, True, "stop")


def test_but_changes_some_options_and_leaves_the_value_it_is_called_on_alone() -> None:
    before = RunOptions(seed=3)
    after = before.but(turns=1, strict=False)
    assert (before.turns, before.strict) == (100, True)
    changed = [
        each.name
        for each in fields(RunOptions)
        if getattr(before, each.name) != getattr(after, each.name)
    ]
    assert (changed, after.seed) == (["strict", "turns"], 3)


def test_but_without_changes_is_an_equal_value() -> None:
    assert RunOptions(seed=3).but() == RunOptions(seed=3)


def test_storm_is_an_older_name_of_storm_version() -> None:
    assert RunOptions().but(storm="1.2.4") == RunOptions(storm_version="1.2.4")


def test_an_unknown_option_is_refused_by_its_name() -> None:
    with pytest.raises(TypeError, match="no_such_option"):
        RunOptions().but(no_such_option=1)


def test_options_do_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        RunOptions().seed = 4  # type: ignore[misc]  # that is what is tested


def test_each_value_of_options_has_mappings_of_its_own() -> None:
    assert RunOptions().feeds is not RunOptions().feeds

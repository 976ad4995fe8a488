"""Accounts of runs: each copy of a tuple with where it comes from, its roots and its task."""

from __future__ import annotations

import pickle

import pytest

from streamparse.testing import Storm
from tests.support.chain_project import chain, storm

__all__ = ["storm"]


@pytest.mark.parametrize("storm", ["both"], indirect=True)
def test_a_copy_knows_its_source_its_roots_and_its_task(storm: Storm) -> None:
    run = chain(storm, [[0, "dog"], [1, "x" * 80]], mode="inprocess")
    run["count"].duplicate()
    account = run.complete().account()
    first = next(each for each in account.sent.values() if each.source == "pass")
    assert (account.words(first), first.roots) == ('[0, "dog"]', frozenset({("rows", "0")}))
    assert account.name(first.task) == "count"
    assert account.place(first.task) == list(run["count"].tasks).index(first.task)
    assert [each.text for each in account.sent.values()].count('[0, "dog"]') == 3  # one comes twice
    long = next(each for each in account.sent.values() if len(each.values_json) > 80)
    assert long.text == '[1, "' + "x" * 55 + "..."
    assert len(list(account.taken())) == len(account.handed) == 5


@pytest.mark.parametrize("storm", ["both"], indirect=True)
def test_an_account_can_be_kept_without_its_run(storm: Storm) -> None:
    account = chain(storm, mode="inprocess").complete().account()
    kept = pickle.loads(pickle.dumps(account))
    assert (kept.handed, kept.logged) == (account.handed, account.logged)

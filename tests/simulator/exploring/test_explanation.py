"""The explanation of a failing run: compared with one that passed."""

from __future__ import annotations

import pytest

from simulator.exploring.explanation import explained
from streamparse.testing import Storm
from tests.support.chain_project import chain, storm

__all__ = ["storm"]


@pytest.mark.parametrize("storm", ["both"], indirect=True)
def test_a_run_is_explained_by_what_the_other_has_not(storm: Storm) -> None:
    passed = chain(storm, [[0, "dog"]], mode="inprocess").complete()
    failed = chain(storm, [[0, "dog"]], mode="inprocess")
    failed["count"].duplicate()
    failed.complete()
    task = failed["count"].received[0].to
    lines = explained([failed], [passed.account()])
    assert lines[:3] == [
        "what happened in chain, and not in the fault-free run:",
        f'  at 1 ms [0, "dog"] to count[{task}] comes twice',
        "what became of the tuples of chain:",
    ]
    assert explained([failed], [])[0] == "what happened in chain:"


@pytest.mark.parametrize("storm", ["both"], indirect=True)
def test_where_every_event_is_the_same_the_difference_is_elsewhere(storm: Storm) -> None:
    runs = [chain(storm, mode="inprocess").complete() for _ in range(2)]
    assert explained(runs[:1], [runs[1].account()]) == [
        "every event of chain is as in the fault-free run, which passed: what differs is in memory that outlives a run "
        "(a table in a module or a class), or outside of it"
    ]


@pytest.mark.parametrize("storm", ["both"], indirect=True)
def test_without_a_cause_there_are_the_trees(storm: Storm) -> None:
    run = chain(storm, [[0, "dog"]], mode="inprocess").complete()
    assert explained([run], []) == [
        "what became of the tuples of chain:",
        '  rows [0, "dog"] id 0: acked',
        '    pass [0, "dog"]: acked',
        '      count [0, "dog"]: acked',
        '        -> ["dog", 1]',
    ]

"""Tuple trees as lines of a report."""

from __future__ import annotations

import pytest

from simulator.testing import tree_lines
from streamparse.testing import Storm
from tests.support.chain_project import chain, storm

__all__ = ["storm"]


@pytest.mark.parametrize("storm", ["both"], indirect=True)
def test_attempts_that_end_alike_are_counted(storm: Storm) -> None:
    run = chain(storm, storm.feed([[0, "dog"], [1, "cat"]], retries=4), mode="inprocess")
    run["pass"].hang(tuples=2)
    run["count"].lose_ack()
    run.complete()
    assert tree_lines(run.trace.trees()) == [
        'rows [0, "dog"] id 0: timeout',
        '  pass [0, "dog"]: held',
        'rows [0, "dog"] id 0, attempt 2: timeout',
        '  pass [0, "dog"]: acked',
        '    count [0, "dog"]: acked (its ack was lost)',
        '      -> ["dog", 1]',
        'rows [0, "dog"] id 0, attempt 3: acked',
        '  pass [0, "dog"]: acked',
        '    count [0, "dog"]: acked',
        '      -> ["dog", 2]',
        'rows [1, "cat"] id 1: timeout',
        '  pass [1, "cat"]: held',
        'rows [1, "cat"] id 1, attempt 2: acked',
        '  pass [1, "cat"]: acked',
        '    count [1, "cat"]: acked',
        '      -> ["cat", 1]',
    ]
    never = chain(
        storm, storm.feed([[0, "dog"]], retries=4), bolts={"pass": "made.Fails"}, mode="inprocess"
    )
    assert tree_lines(never.complete().trace.trees()) == [
        'rows [0, "dog"] id 0: failed',
        '  pass [0, "dog"]: failed',
        "  attempts 2 to 5: the same",
    ]

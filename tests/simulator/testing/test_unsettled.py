"""What a run leaves: rows that timed out, pending roots, tuples that nobody looked at."""

from __future__ import annotations

import pytest

from streamparse.testing import (
    PendingError,
    Storm,
)
from tests.support.chain_project import chain


def test_complete_raises_when_a_rows_last_word_was_a_timeout(storm: Storm) -> None:
    run = chain(storm)
    run["count"].hang(tuples=1)
    with pytest.raises(PendingError) as caught:
        run.complete()
    held = run["count"].pending
    assert len(held) == 1
    assert run["rows"].failed == [held[0]["n"]]
    row = held[0].values
    (emitted,) = (each for each in run["pass"].emitted if each == row)
    text = f'[{row[0]},"{row[1]}"]'
    task = run["count"].task_for(word=row[1])
    assert str(caught.value).splitlines() == [
        "not complete:",
        f"rows: row {row[0]} {text.replace(',', ', ')} timed out",
        f"count[{task}] holds {text}, emitted at {emitted.time_ms} ms, and has neither acked nor failed it",
    ]


def test_the_attempts_of_a_row_are_one_line(storm: Storm) -> None:
    rows = storm.feed([[0, "dog"], [1, "dog"]], retries=2)
    run = chain(
        storm, rows, bolts={"count": "made.Forgets"}, conf={"topology.message.timeout.secs": 5}
    )
    with pytest.raises(PendingError) as caught:
        run.complete()
    (bolt,) = {each.to for each in run["count"].pending}
    times_ms = [[each.time_ms for each in run["pass"].emitted if each["n"] == n] for n in (0, 1)]
    assert [len(each) for each in times_ms] == [3, 3]
    assert str(caught.value).splitlines() == [
        "not complete:",
        *(f'rows: row {n} [{n}, "dog"] timed out (3 attempts)' for n in (0, 1)),
        *(
            f'count[{bolt}] holds [{n},"dog"], emitted at {", ".join(map(str, times_ms[n]))} ms (3 attempts), '
            "and has neither acked nor failed it"
            for n in (0, 1)
        ),
    ]


def test_complete_raises_with_the_pending_trees_when_nothing_can_settle_them(storm: Storm) -> None:
    run = chain(
        storm,
        [[0, "dog"]],
        bolts={"pass": "made.Forgets"},
        conf={"topology.enable.message.timeouts": False},
    )
    with pytest.raises(PendingError) as caught:
        run.complete()
    spout, bolt = run["rows"].tasks[0], run["pass"].tasks[0]
    assert str(caught.value).splitlines()[:2] == [
        "not complete:",
        f'rows[{spout}]: 0 is pending since 0 ms, held by pass[{bolt}] ([0,"dog"])',
    ]


def test_a_lost_tuple_is_held_by_nobody(storm: Storm) -> None:
    run = chain(storm, [[0, "dog"]], conf={"topology.enable.message.timeouts": False})
    run["count"].drop()
    with pytest.raises(
        PendingError, match="0 is pending since 0 ms, held by nobody: a tuple was lost"
    ):
        run.complete()


def test_what_nobody_looked_at_is_a_line_each(storm: Storm) -> None:
    chain(storm)
    chain(storm, bolts={"pass": "made.Fails"}).complete()
    chain(storm).complete()
    seen = chain(storm, bolts={"pass": "made.Fails"}).complete()
    assert seen["rows"].failed == [0, 1, 2, 3]
    caught = chain(storm, bolts={"pass": "made.Forgets"})
    with pytest.raises(PendingError):
        caught.complete()
    assert [line.partition(";")[0] for line in storm.unchecked()] == [
        "topology 'chain' was made and never run",
        "topology 'chain': tuples [0, 1, 2, 3] of 'rows' have failed, and nobody looked: "
        "assert what topology['rows'].failed is",
    ]


def test_of_many_pending_roots_some_are_shown(storm: Storm) -> None:
    run = chain(storm, [[number, "dog"] for number in range(103)], bolts={"pass": "made.Forgets"})
    run.advance(1)
    assert len(run["rows"].pending) == 103
    assert len(run.left().pending) == 101
    assert run.left().pending[-1] == "and 3 more roots are pending"

"""The history of a run: what each component did, in order, while the run goes on."""

from __future__ import annotations

from streamparse.testing import (
    Storm,
)
from tests.support.chain_project import ROWS, chain


def test_acked_and_failed_are_in_the_order_of_first_emission(storm: Storm) -> None:
    rows = [[0, "a"], [1, "a"], [2, "b"], [3, "a"]]
    run = chain(storm, storm.feed(rows, retries=1), bolts={"pass": "made.FailsOnce"}).complete()
    # 0 and 2 fail first and are acked after 3.
    assert (run["rows"].acked, run["rows"].failed) == ([0, 1, 2, 3], [0, 2])


def test_a_history_follows_a_run_that_goes_on(storm: Storm) -> None:
    run = chain(storm, [])
    emitted = []
    for row in ROWS[:2]:
        run["rows"].feed([row])
        run.complete()
        emitted.append((len(run["rows"].emitted), len(run["pass"].acked), run["rows"].acked))
    assert emitted == [(1, 1, [0]), (2, 2, [0, 1])]


def test_what_a_bolt_emits_is_anchored_to_the_record_that_it_took(storm: Storm) -> None:
    run = chain(storm, [[0, "dog"]]).complete()
    (emitted,) = run["pass"].emitted
    assert [(each.component, each.values, each.id) for each in emitted.anchors] == [
        ("rows", [0, "dog"], 0)
    ]
    assert run["count"].received[0].to == run["count"].task_for(word="dog")


def test_the_last_outcome_of_an_id_counts(storm: Storm) -> None:
    run = chain(storm, storm.feed([[0, "dog"]], retries=1), bolts={"pass": "made.FailsOnce"})
    run.complete()
    assert run._history.outcomes("rows") == {0: "acked"}
    assert (run["rows"].failed, run["rows"].acked) == ([0], [0])

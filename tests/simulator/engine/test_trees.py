"""Tuple trees: what became of each root, by cause and effect; their text, and the summary of a failure."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from simulator.engine import faults
from simulator.engine.chance import Drawn
from simulator.engine.events import Acked, Emit, Restart
from simulator.engine.trees import Copy, Emission, Tree, Trees, build, story
from streamparse.testing import RunningTopology, Storm
from tests.support.paths import TESTS
from tests.support.table_top import topology_text

HERE = TESTS / "support/components"
CHAIN = topology_text(
    '"rows" (python-spout-spec options "parts.Rows" ["do" "x"])',
    '"mid" (python-bolt-spec options {"rows" :shuffle} "parts.Obeys"'
    ' {"default" ["x"] "two" ["x"]} :p 2)'
    '"end" (python-bolt-spec options {"mid" :all ["mid" "two"] :shuffle} "parts.Obeys" [] :p 2)',
)
T3 = {"topology.message.timeout.secs": 3}


@pytest.fixture
def storm(tmp_path: Path) -> Iterator[Storm]:
    (tmp_path / "t.clj").write_text(CHAIN)
    with Storm(tmp_path, mode="inprocess") as made:
        yield made


def run(storm: Storm, *rows: list[Any], retries: int = 0, **options: Any) -> RunningTopology:
    """Run the chain for ten virtual seconds; rows go to a bolt that does what their first value says."""
    feed = storm.feed([row if len(row) == 2 else [*row, "x"] for row in rows], retries=retries)
    topology = storm.topology("t.clj", spouts={"rows": feed}, **{"conf": T3, **options})
    return topology.advance(10)


def lines_of(topology: RunningTopology) -> list[str]:
    return str(topology.trace.trees()).splitlines()


# -- what a tree shows


def test_a_tree_has_a_root_and_everything_that_came_of_it(storm: Storm) -> None:
    topology = run(storm, ["pass-on", "ack-it"])
    end = Copy("end", ["ack-it"], "default", "acked", "", ())
    mid = Copy(
        "mid", ["pass-on", "ack-it"], "default", "acked", "",
        (Emission(["ack-it"], "default", (end, end), 1),),
    )  # fmt: skip
    assert topology.trace.trees() == [
        Tree("rows", ["pass-on", "ack-it"], "default", 0, 1, "acked", (mid,))
    ]


def test_the_text_of_a_tree_is_indented_by_cause(storm: Storm) -> None:
    assert lines_of(run(storm, ["pass-on", "ack-it"])) == [
        'rows ["pass-on", "ack-it"] id 0: acked',
        '  mid ["pass-on", "ack-it"]: acked',
        '    end ["ack-it"]: acked',
        '    end ["ack-it"]: acked',
    ]


WHAT_BECOMES: list[tuple[str, str, list[str]]] = [
    ("ack-it", "-", ["rows: acked", "  mid: acked"]),
    ("fail-it", "-", ["rows: failed", "  mid: failed"]),
    ("drop", "-", ["rows: timeout", "  mid: held"]),
    ("pass-to-two", "fail-it", ["rows: failed", "  mid: acked", "    end on two: failed"]),
    ("pass-to-two", "drop", ["rows: timeout", "  mid: acked", "    end on two: held"]),
]


@pytest.mark.parametrize(("mid", "end", "lines"), WHAT_BECOMES)
def test_a_tree_shows_what_became_of_the_root_and_of_each_copy(
    storm: Storm, mid: str, end: str, lines: list[str]
) -> None:
    text = str(run(storm, [mid, end]).trace.trees())
    for values in (f' ["{mid}", "{end}"] id 0', f' ["{mid}", "{end}"]', f' ["{end}"]'):
        text = text.replace(values, "")
    assert text.splitlines() == lines


def test_a_root_that_is_not_settled_yet_is_pending(storm: Storm) -> None:
    feed = storm.feed([["drop", "x"]])
    topology = storm.topology("t.clj", spouts={"rows": feed}).advance(1)
    assert lines_of(topology) == ['rows ["drop", "x"] id 0: pending', '  mid ["drop", "x"]: held']


def test_the_attempts_at_a_row_are_together(storm: Storm) -> None:
    assert lines_of(run(storm, ["fail-it"], ["ack-it"], retries=2)) == [
        'rows ["fail-it", "x"] id 0: failed',
        '  mid ["fail-it", "x"]: failed',
        'rows ["fail-it", "x"] id 0, attempt 2: failed',
        '  mid ["fail-it", "x"]: failed',
        'rows ["fail-it", "x"] id 0, attempt 3: failed',
        '  mid ["fail-it", "x"]: failed',
        'rows ["ack-it", "x"] id 1: acked',
        '  mid ["ack-it", "x"]: acked',
    ]


def test_what_a_bolt_emits_without_an_anchor_is_a_root_of_its_own(storm: Storm) -> None:
    assert lines_of(run(storm, ["pass-unanchored", "fail-it"])) == [
        'rows ["pass-unanchored", "fail-it"] id 0: acked',
        '  mid ["pass-unanchored", "fail-it"]: acked',
        'mid ["fail-it"]: untracked',
        '  end ["fail-it"]: failed',
        '  end ["fail-it"]: failed',
    ]


def test_what_is_anchored_to_two_tuples_is_below_both(storm: Storm) -> None:
    topology = run(storm, ["keep"], ["join", "ack-it"], parallelism={"mid": 1, "end": 1})
    assert lines_of(topology) == [
        'rows ["keep", "x"] id 0: acked',
        '  mid ["keep", "x"]: acked',
        '    -> ["ack-it"] (anchored to 2 tuples)',
        '      end ["ack-it"]: acked',
        'rows ["join", "ack-it"] id 1: acked',
        '  mid ["join", "ack-it"]: acked',
        '    -> ["ack-it"] (anchored to 2 tuples)',
        '      end ["ack-it"]: acked',
    ]


def test_a_tuple_without_subscribers_has_a_line_of_its_own(tmp_path: Path) -> None:
    spout, _, bolts = CHAIN.partition('"end"')
    (tmp_path / "t.clj").write_text(spout + "}])")
    assert bolts
    with Storm(tmp_path, mode="inprocess") as storm:
        assert lines_of(run(storm, ["pass-on", "é"])) == [
            'rows ["pass-on", "é"] id 0: acked',
            '  mid ["pass-on", "é"]: acked',
            '    -> ["é"]',
        ]


# -- faults

FAULTS: list[tuple[faults.Verdict, str, list[str]]] = [
    (faults.Drop(), "timeout", ["lost (dropped)"]),
    (faults.Fail(), "failed", ["failed (failed on its way)"]),
    (faults.Delay(500), "acked", ["acked (delayed)"]),
    (faults.Delay(9000), "timeout", ["acked (delayed)"]),
    (faults.Reorder(500), "acked", ["acked (reordered)"]),
    (faults.Duplicate(), "acked", ["acked", "acked (duplicate)"]),
    (faults.Replay(), "failed", ["acked (its root failed)"]),
    (faults.LostAck(), "timeout", ["acked (its ack was lost)"]),
]


@pytest.mark.parametrize(("verdict", "outcome", "copies"), FAULTS)
def test_a_tree_shows_the_faults_that_were_injected(
    storm: Storm, verdict: faults.Verdict, outcome: str, copies: list[str]
) -> None:
    topology = run(storm, ["ack-it"], rules=[faults.Nth(verdict, "mid")])
    assert lines_of(topology) == [
        f'rows ["ack-it", "x"] id 0: {outcome}',
        *(f'  mid ["ack-it", "x"]: {copy}' for copy in copies),
    ]


def test_what_a_dead_worker_had_in_hand_is_lost(storm: Storm) -> None:
    order = faults.CrashOrder("mid", before="ack")
    assert lines_of(run(storm, ["ack-it"], retries=1, orders=[order])) == [
        'rows ["ack-it", "x"] id 0: timeout',
        '  mid ["ack-it", "x"]: lost',
        'rows ["ack-it", "x"] id 0, attempt 2: acked',
        '  mid ["ack-it", "x"]: acked',
    ]


def test_what_was_on_its_way_to_a_dead_worker_arrives_at_the_next(storm: Storm) -> None:
    topology = run(
        storm,
        ["ack-it", "late"],
        ["ack-it"],
        rules=[faults.Nth(faults.Reorder(500), "mid")],
        orders=[faults.CrashOrder("mid")],
        parallelism={"mid": 1},
    )
    assert lines_of(topology) == [
        'rows ["ack-it", "late"] id 0: acked',
        '  mid ["ack-it", "late"]: acked (reordered)',
        'rows ["ack-it", "x"] id 1: timeout',
        '  mid ["ack-it", "x"]: lost',
    ]


def test_what_is_still_on_its_way_to_a_dead_worker_is_not_lost(storm: Storm) -> None:
    topology = run(
        storm,
        ["ack-it"],
        ["ack-it"],
        rules=[faults.Nth(faults.Reorder(60_000), "mid")],
        orders=[faults.CrashOrder("mid")],
        parallelism={"mid": 1},
    )
    assert lines_of(topology)[1::2] == [
        '  mid ["ack-it", "x"]: held (reordered)',
        '  mid ["ack-it", "x"]: lost',
    ]


# -- what does not matter to the tuples does not change their trees

ROWS = [["pass-on", "ack-it"], ["ack-it"], ["pass-to-two", "fail-it"], ["pass-on", "drop"]] * 3


def test_the_schedule_does_not_change_the_trees(storm: Storm) -> None:
    runs = [run(storm, *ROWS, choices=Drawn(seed, wild=0.5)) for seed in range(20)]
    assert len({topology.trace.sha256 for topology in runs}) == 20
    assert len({str(topology.trace.trees()) for topology in runs}) == 1


def test_task_ids_do_not_change_the_trees(storm: Storm) -> None:
    plain = run(storm, *ROWS)
    shifted = run(storm, *ROWS, conf={**T3, "topology.acker.executors": 7})
    assert plain["mid"].tasks != shifted["mid"].tasks
    assert lines_of(plain) == lines_of(shifted)


def test_processes_make_the_same_trees(storm: Storm) -> None:
    inside, outside = (run(storm, *ROWS, mode=mode) for mode in ("inprocess", "process"))
    assert inside.trace.trees() == outside.trace.trees()


# -- trees that are deep, or wide


def events_of(*emits: tuple[str, Sequence[str], Sequence[str]]) -> list[Emit]:
    """A spout's tuple "0", then what bolts emit as (value, anchors, tuple ids)."""
    root = Emit(0, "s", 9, "default", "[0]", "0", None, ((1, "0"),))
    rest = (
        Emit(
            0,
            "b",
            1,
            "default",
            json.dumps([value]),
            None,
            (*anchors,),
            tuple((1, each) for each in ids),
        )
        for value, anchors, ids in emits
    )
    return [root, *rest]


def test_a_tree_may_be_deeper_than_the_recursion_limit() -> None:
    deep = 2 * sys.getrecursionlimit()
    trees = build(
        events_of(*((str(n), [str(n)], [str(n + 1)]) for n in range(deep))), {1: "b", 9: "s"}
    )
    lines = str(trees).splitlines()
    assert (len(lines), lines[-1].strip()) == (deep + 2, f'b ["{deep - 1}"]: held')


def test_joins_upon_joins_are_shown_once_each() -> None:
    # Each step emits two tuples, and both are anchored to both of the step before: 2**60 ways lead to the last.
    steps, ids = [], ["0"]
    for n in range(60):
        steps += [(f"{n}{side}", ids, [f"{n}{side}"]) for side in "ab"]
        ids = [f"{n}a", f"{n}b"]
    (tree,) = build(events_of(*steps), {1: "b", 9: "s"})
    assert len(str(tree).splitlines()) < 500


def test_a_tree_whose_values_are_half_a_character_can_be_written(tmp_path: Path) -> None:
    trees = build(events_of(("\ud83d", ["0"], ["1"])), {1: "b", 9: "s"})
    (tmp_path / "trees.txt").write_text(str(trees), encoding="utf-8")
    assert str(trees).splitlines()[-1] == '    b ["\\ud83d"]: held'


# -- the summary


def test_a_summary_leaves_out_what_is_not_unusual(storm: Storm) -> None:
    topology = run(storm, ["ack-it"], ["fail-it"], ["ack-it"], retries=1)
    assert topology.trace.story() == str(topology.trace.trees().of([1]))
    assert len(topology.trace.trees().of([1])) == 2


def test_a_summary_of_ids_is_of_these(storm: Storm) -> None:
    topology = run(storm, ["ack-it"], ["fail-it"], ["ack-it"])
    assert topology.trace.story([0, 2]) == str(topology.trace.trees().of([0, 2]))


def test_where_nothing_is_unusual_the_summary_is_of_all(storm: Storm) -> None:
    topology = run(storm, ["ack-it"], ["ack-it"])
    assert topology.trace.story() == str(topology.trace.trees())


def test_an_unusual_tuple_without_an_anchor_is_shown_with_what_it_may_have_come_from(
    storm: Storm,
) -> None:
    topology = run(storm, ["pass-unanchored", "fail-it"])
    unanchored, row = topology.trace.story().splitlines()[0], topology.trace.story().splitlines()[3]
    assert [unanchored, row] == [
        'mid ["fail-it"]: untracked',
        'rows ["pass-unanchored", "fail-it"] id 0: acked',
    ]


def test_a_summary_shows_ten_trees_at_most() -> None:
    trees = Trees(Tree("s", [n], "default", n, 1, "failed", ()) for n in range(25))
    assert story(trees).splitlines() == [
        *(f"s [{n}] id {n}: failed" for n in range(10)),
        "and 15 more trees",
    ]


def test_a_spout_that_is_started_again_is_not_notified_of_what_was_pending() -> None:
    def emit(at: int, tuple_id: str) -> Emit:
        return Emit(at, "s", 1, "default", "[0]", "7", None, ((2, tuple_id),))

    trees = build([emit(0, "1"), Restart(1, "s", 1), emit(2, "2"), Acked(3, "s", 1, "7")], {2: "b"})
    assert [(tree.attempt, tree.outcome) for tree in trees] == [(1, "pending"), (2, "acked")]

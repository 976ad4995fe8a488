"""Open trees: what a spout is notified of, when, and how many tuples it may have pending."""

from __future__ import annotations

from typing import Literal

import pytest

from simulator.engine.acker import Ledger
from simulator.engine.effects import Settlement
from simulator.engine.tracker import Pending, Rotation, SpoutExecutor
from tests.support.engine import Engine, copy, engine_of
from tests.support.table_top import bolt, run_both, spout, topology_text

T3 = {"topology.message.timeout.secs": 3}


# -- trees (scenarios S5 and S6 of docs/storm.md)


TREES = [  # (what the middle bolt does, what the sink does, what the spout is notified of)
    ("ack-it", "ack-it", ["acked 0"]),
    ("fail-it", "ack-it", ["failed 0"]),
    ("drop", "ack-it", ["failed 0"]),
    ("pass-on", "ack-it", ["acked 0"]),
    ("pass-on", "fail-it", ["failed 0"]),
    ("pass-on", "drop", ["failed 0"]),
    ("pass-unanchored", "drop", ["acked 0"]),
    ("pass-unanchored", "fail-it", ["acked 0"]),
    ("pass-to-two", "ack-it", ["acked 0"]),
    ("pass-to-two", "fail-it", ["failed 0"]),
]


@pytest.mark.parametrize(("middle", "sink", "heard"), TREES)
def test_a_spout_hears_what_became_of_the_whole_tree(
    middle: str, sink: str, heard: list[str]
) -> None:
    text = topology_text(
        spout(f'[["{middle}" "{sink}"]]', outputs='["a" "b"]'),
        bolt("mid", "Obeys", outputs='{"default" ["a"] "two" ["a"]}')
        + bolt("sink", "Obeys", '{"mid" :shuffle ["mid" "two"] :all}', rest=":p 2"),
    )
    done = run_both(text, conf=T3)
    assert done.said("s")[1:] == heard


def test_two_copies_fail_their_root_once() -> None:
    text = topology_text(
        spout('[["fail-it"]]'), bolt("b", "Obeys", inputs='{"s" :all}', rest=":p 2")
    )
    done = run_both(text)
    assert done.said("s") == ["sent ['fail-it'] to [3, 4]", "failed 0"]


@pytest.mark.parametrize(
    ("sink", "heard"), [("fail-it", ["failed 0", "failed 1"]), ("ack-it", ["acked 0", "acked 1"])]
)
def test_a_tuple_with_two_anchors_decides_both_roots(sink: str, heard: list[str]) -> None:
    text = topology_text(
        spout(f'[["keep" "x"] ["join" "{sink}"]]', outputs='["a" "b"]'),
        bolt("mid", "Obeys", outputs='["a"]') + bolt("sink", "Obeys", '{"mid" :shuffle}'),
    )
    assert sorted(run_both(text).said("s")[2:]) == heard


# -- timeouts (S8)


def test_before_2_0_two_tasks_in_one_executor_rotate_twice() -> None:
    text = topology_text(
        '"s" (python-spout-spec options "parts.Rows" ["a"] :p 1 :conf {"topology.tasks" 2 "rows" [["drop"]]})',
        bolt("b", "Obeys"),
    )
    at = [
        {event["at"] for event in run_both(text, conf=T3, storm=version).events("failed", "s")}
        for version in ("1.2.4", "2.8.3")
    ]
    assert at == [{3000}, {6000}]


# -- topology.max.spout.pending (S9)


def test_max_spout_pending_holds_an_executor_back_until_its_tuples_expire() -> None:
    rows = "[" + '["drop"] ' * 4 + "]"
    text = topology_text(
        f'"s" (python-spout-spec options "parts.Rows" ["a"] :p 1 :conf {{"topology.tasks" 2 "rows" {rows}}})',
        bolt("b", "Obeys"),
    )
    done = run_both(text, conf={**T3, "topology.max.spout.pending": 2}, seconds=7)
    at = [(event["task"], event["at"] // 1000) for event in done.events("emit", "s")]
    assert at == [(4, 0), (5, 0), (4, 0), (5, 0), (4, 6), (5, 6), (4, 6), (5, 6)]
    assert [event["at"] for event in done.events("failed", "s")] == [6000] * 4


@pytest.mark.parametrize("turns", [1, 100])
def test_max_spout_pending_holds_for_all_tasks_of_an_executor_together(turns: int) -> None:
    rows = "[" + '["drop"] ' * 100 + "]"
    text = topology_text(
        f'"s" (python-spout-spec options "parts.Rows" ["a"] :p 1 :conf {{"topology.tasks" 2 "rows" {rows}}})',
        bolt("b", "Obeys"),
    )
    done = run_both(text, conf={"topology.max.spout.pending": 4}, seconds=1, turns=turns)
    assert done.report.components["s"].pending == 8


# -- the tracker alone

ONE_BOLT = topology_text(spout("[]"), bolt("b", "Tells"))  # ackers 1 and 2, bolt 3, spout 4
TWO_SPOUTS = topology_text(
    '"s" (python-spout-spec options "parts.Rows" ["a"] :p 1 :conf {"topology.tasks" 2})',
    bolt("b", "Tells"),
)  # the spout's tasks are 4 and 5, in one executor


def pending(root: int, task: int = 4, emitted_ms: int = 0) -> Pending:
    """A tuple whose message id is "id" and its root."""
    return Pending(task, root, f"id{root}", emitted_ms)


def notified(engine: Engine, task: int = 4) -> list[str]:
    """What a spout's task is to be notified of, as "verb id reason"."""
    return [
        f"{each.verb} {each.message_id} {each.reason}".strip()
        for each in engine.notices(task)
        if isinstance(each, Settlement)
    ]


def test_a_tree_is_acked_when_its_last_copy_is() -> None:
    engine = engine_of(ONE_BOLT)
    engine.tracker.open(pending(7), 5 ^ 9)
    engine.tracker.ack(copy("1", 3, roots={7: 5}))
    assert (notified(engine), engine.tracker.pending) == ([], [pending(7)])
    engine.tracker.ack(copy("2", 3, roots={7: 9}))
    assert (notified(engine), engine.tracker.pending) == (["ack id7"], [])


def test_the_ack_of_a_copy_brings_in_the_edges_of_what_was_anchored_to_it() -> None:
    engine = engine_of(ONE_BOLT)
    engine.tracker.open(pending(7), 5)
    parent = copy("1", 3, roots={7: 5})
    parent.ackval = 9  # of a copy that the bolt has emitted
    engine.tracker.ack(parent)
    assert notified(engine) == []
    engine.tracker.ack(copy("2", 3, roots={7: 9}))
    assert notified(engine) == ["ack id7"]


def test_a_tree_without_copies_is_acked_at_once() -> None:
    engine = engine_of(ONE_BOLT)
    engine.tracker.open(pending(7), 0)
    assert (notified(engine), engine.tracker.has_pending) == (["ack id7"], False)


def test_the_first_failure_of_a_tree_ends_it_and_what_comes_later_is_ignored() -> None:
    engine = engine_of(ONE_BOLT)
    engine.tracker.open(pending(7), 5 ^ 9)
    failed = copy("1", 3, roots={7: 5})
    engine.tracker.fail(failed)
    engine.tracker.fail(copy("2", 3, roots={7: 9}))
    engine.tracker.ack(failed)
    assert notified(engine) == ["fail id7"]


def test_a_copy_that_is_in_no_tree_concerns_no_spout() -> None:
    engine = engine_of(ONE_BOLT)
    engine.tracker.open(pending(7), 5)
    engine.tracker.ack(copy("1", 3))
    engine.tracker.fail(copy("2", 3))
    assert (notified(engine), engine.tracker.has_pending) == ([], True)


def test_an_added_edge_has_to_be_acked_too() -> None:
    engine = engine_of(ONE_BOLT)
    engine.tracker.open(pending(7), 5)
    engine.tracker.add_edge([7, 8], 9)  # of root 8 nothing is known
    engine.tracker.ack(copy("1", 3, roots={7: 5}))
    assert notified(engine) == []
    engine.tracker.ack(copy("2", 3, roots={7: 9}))
    assert notified(engine) == ["ack id7"]


@pytest.mark.parametrize("verb", ["ack", "fail"])
def test_a_test_may_decide_in_place_of_the_bolts(verb: Literal["ack", "fail"]) -> None:
    engine = engine_of(ONE_BOLT)
    engine.tracker.open(pending(7), 5)
    engine.tracker.decide(pending(7), verb)
    engine.tracker.fail(copy("1", 3, roots={7: 5}))
    assert notified(engine) == [f"{verb} id7"]


def test_what_is_pending_expires_at_the_second_rotation_oldest_first() -> None:
    engine = engine_of(ONE_BOLT)
    (executor,) = engine.tracker.executors
    engine.tracker.open(pending(7), 5)
    engine.tracker.open(pending(8), 5)
    executor.inbox.append(Rotation())
    assert notified(engine) == []
    engine.tracker.open(pending(9), 5)
    executor.inbox.append(Rotation())
    assert notified(engine) == ["fail id7 timeout", "fail id8 timeout"]
    engine.tracker.ack(copy("1", 3, roots={7: 5}))  # too late
    assert (notified(engine)[2:], engine.tracker.pending) == ([], [pending(9)])


@pytest.mark.parametrize(("storm", "expired"), [("2.8.0", []), ("2.7.1", ["fail id7 timeout"])])
def test_before_2_8_an_executor_rotates_once_for_each_of_its_tasks(
    storm: str, expired: list[str]
) -> None:
    engine = engine_of(TWO_SPOUTS, storm=storm)
    engine.tracker.open(pending(7), 5)
    engine.tracker.executor_of[4].inbox.append(Rotation())
    assert notified(engine) == expired


def test_an_ack_behind_a_rotation_in_the_inbox_comes_too_late() -> None:
    engine = engine_of(ONE_BOLT)
    (executor,) = engine.tracker.executors
    for root in (7, 8):
        engine.tracker.open(pending(root), 5)
    executor.inbox.append(Rotation())
    engine.tracker.ack(copy("1", 3, roots={7: 5}))
    executor.inbox.append(Rotation())
    engine.tracker.ack(copy("2", 3, roots={8: 5}))
    assert notified(engine) == ["ack id7", "fail id8 timeout"]


def test_what_a_dead_spout_task_waits_for_is_forgotten_and_its_neighbours_is_not() -> None:
    engine = engine_of(TWO_SPOUTS)
    engine.tracker.open(pending(7, task=4), 5)
    engine.tracker.open(pending(8, task=5), 5)
    engine.tracker.forget_task(4)
    engine.tracker.forget_task(3)  # a bolt waits for nothing
    for root in (7, 8):
        engine.tracker.ack(copy("1", 3, roots={root: 5}))
    assert (notified(engine, 4), notified(engine, 5)) == ([], ["ack id8"])


def test_the_trees_of_a_dead_acker_can_only_time_out() -> None:
    engine = engine_of(ONE_BOLT)  # acker 1 is in worker 0, acker 2 in worker 1
    roots = range(20)
    kept = [root for root in roots if Ledger(2).acker_of(root) == 1]
    for root in roots:
        engine.tracker.open(pending(root), 5)
    engine.tracker.lose_ackers({0}, 0)
    for root in roots:
        engine.tracker.ack(copy("1", 3, roots={root: 5}))
    assert notified(engine) == [f"ack id{root}" for root in kept]
    for _ in range(2):
        engine.tracker.executor_of[4].inbox.append(Rotation())
    lost = [root for root in roots if root not in kept]
    assert notified(engine)[len(kept) :] == [f"fail id{root} timeout" for root in lost]


def test_what_is_pending_is_listed_by_the_time_of_its_emit() -> None:
    engine = engine_of(TWO_SPOUTS)
    entries = [pending(1, 5, 20), pending(2, 4, 20), pending(3, 5, 10)]
    for entry in entries:
        engine.tracker.open(entry, 5)
    assert [entry.root for entry in engine.tracker.pending] == [3, 2, 1]


@pytest.mark.parametrize(
    ("limit", "tasks", "waiting", "room"),
    [
        (None, 1, 100, None),
        (10, 1, 0, 10),
        (10, 1, 9, 1),
        (10, 1, 10, 0),
        (10, 3, 0, 3),
        (10, 3, 8, 1),  # all tasks are asked, even when the first one fills the room
        (10, 3, 12, 0),
    ],
)
def test_the_tasks_of_an_executor_share_its_room(
    limit: int | None, tasks: int, waiting: int, room: int | None
) -> None:
    executor = SpoutExecutor(tuple(range(tasks)), limit)
    for root in range(waiting):
        executor.pending.put(root, pending(root))
    assert executor.room == room

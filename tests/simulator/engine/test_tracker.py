"""Open trees: what a spout is notified of, when, and how many tuples it may have pending."""

from __future__ import annotations

import pytest

from tests.support.table_top import bolt, run_both, spout, topology_text

T3 = {"topology.message.timeout.secs": 3}


# -- trees (scenarios S5 and S6 of docs/storm.md)


TREES = [  # (value for the middle bolt, what the sink does, what the spout hears, when)
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

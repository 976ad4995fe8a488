"""Copies of tuples as their tasks read them, and values as Storm prints them."""

from __future__ import annotations

from tests.support.table_top import bolt, run_both, spout, topology_text


def test_a_lone_surrogate_is_a_question_mark_to_the_next_bolt() -> None:
    text = topology_text(
        spout('[["surrogate"]]'),
        bolt("b", "Obeys", outputs='["a"]') + bolt("c", "Tells", '{"b" :shuffle}'),
    )
    assert run_both(text).said("c") == ["b[3] default ['?x']"]


def test_a_tuple_is_each_tasks_own() -> None:
    text = topology_text(
        spout('[["change-what-was-taken" "as it was"]]', outputs='["a" "b"]'),
        bolt("b", "Obeys", '{"s" :all}', rest=":p 3"),
    )
    assert run_both(text).said("b") == ["['change-what-was-taken', 'changed']"] * 3
    assert run_both(text).values("s") == [["change-what-was-taken", "as it was"]]

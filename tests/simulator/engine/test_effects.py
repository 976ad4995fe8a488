"""Copies of tuples as their tasks read them, and values as Storm prints them."""

from __future__ import annotations

import json

import pytest

from simulator.engine.effects import (
    LONG_TEXT,
    MOST_ERROR_CHARS,
    SYSTEM,
    Delivery,
    Origin,
    bounded,
    order_as_java,
    print_values,
    system_tuple,
)
from simulator.wire import Emit, LongFloat, storm_json
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


# -- copies


def test_a_message_is_written_with_the_keys_in_storms_order() -> None:
    delivery = Delivery("7", 3, Origin('a "b"', 4), "a/b", ["x"], '["x"]', None)
    assert delivery.message() == (
        '{"comp":"a \\"b\\"","tuple":["x"],"task":4,"stream":"a\\/b","id":"7"}'
    )


def test_a_component_of_this_process_reads_plain_values_as_they_are() -> None:
    values: list[object] = ["x", 1, True, None]
    delivery = Delivery("7", 3, Origin("s", 4), "default", values, '["x",1,true,null]', None, True)
    read = delivery.unprinted()
    assert read == json.loads(delivery.message())
    assert isinstance(read, dict)
    assert read["tuple"] is not values


def test_a_component_of_this_process_reads_the_json_of_other_values() -> None:
    delivery = Delivery("7", 3, Origin("s", 4), "default", ["\ud800"], '["\ud800"]', None)
    assert delivery.unprinted() == (
        '{"comp":"s","tuple":["?"],"task":4,"stream":"default","id":"7"}'
    )


@pytest.mark.parametrize(("number", "text"), [(2, "[2]"), (1.5, "[1.5]"), (60_000, "[60000]")])
def test_a_system_tuple_comes_from_task_minus_1_and_is_in_no_tree(number: float, text: str) -> None:
    tick = system_tuple("9", 3, "__tick", number)
    assert (tick.source, tick.values, tick.text, tick.roots) == (SYSTEM, [number], text, None)
    assert (SYSTEM.component, SYSTEM.task) == ("__system", -1)


# -- values

PRINTED: list[tuple[list[object], str, bool]] = [  # (values, as Storm prints them, are they plain)
    ([], "[]", True),
    (["dog", 1, -(2**63), True, None], '["dog",1,-9223372036854775808,true,null]', True),
    (["a/b"], '["a\\/b"]', False),
    (["é"], '["é"]', False),
    ([1.0], "[1.0]", False),
    ([LongFloat("0.30000000000000004")], "[0.30000000000000004]", False),
    ([[1, ["x"]]], '[[1,["x"]]]', False),
    ([{}], "[{}]", False),
    ([{"n": 1, "a": 2}], '[{"a":2,"n":1}]', False),  # by the buckets of a HashMap
    ([{"banana": 1, "apple": 2}], '[{"banana":1,"apple":2}]', False),
    ([[{"n": {"n": 1, "a": 2}, "a": 2}]], '[[{"a":2,"n":{"a":2,"n":1}}]]', False),
]  # fmt: skip


@pytest.mark.parametrize(("values", "text", "is_plain"), PRINTED)
def test_values_are_printed_with_their_objects_in_javas_order(
    values: list[object], text: str, is_plain: bool
) -> None:
    emit = Emit(values)
    assert print_values(emit) == (text, is_plain)
    assert storm_json(emit.values) == text  # the values themselves are in that order, too


def test_an_object_as_a_message_id_comes_back_in_javas_order() -> None:
    emit = Emit(["x"], id={"n": [{"n": 1, "a": 2}], "a": 2})
    assert print_values(emit) == ('["x"]', False)
    assert storm_json(emit.id) == '{"a":2,"n":[{"a":2,"n":1}]}'


def test_ordering_leaves_the_callers_objects_alone() -> None:
    value = {"n": 1, "a": 2}
    order_as_java(Emit([value], id=value))
    assert list(value) == ["n", "a"]


def test_a_long_tuple_is_one_part_that_all_its_copies_share() -> None:
    text = '["' + "é" * LONG_TEXT + '"]'
    copies = [Delivery(each, 3, Origin("s", 4), "default", [], text, None) for each in ("1", "2")]
    first, second = (copy.parts() for copy in copies)
    assert first[1] is second[1]
    assert b"".join(first) == f"{copies[0].message()}\nend\n".encode()


def test_a_short_tuple_is_one_part() -> None:
    copy = Delivery("1", 3, Origin("s", 4), "default", [1], "[1]", None)
    assert copy.parts() == [f"{copy.message()}\nend\n".encode()]


def test_of_a_very_long_error_the_middle_is_left_out() -> None:
    text = "begin" + "x" * 30_000_000 + "end"
    shown = bounded(text)
    assert (shown[:5], shown[-3:], len(shown) < MOST_ERROR_CHARS + 100) == ("begin", "end", True)
    assert "(29980008 characters left out)" in shown
    assert bounded("short") == "short"

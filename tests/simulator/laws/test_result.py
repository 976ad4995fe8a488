"""The result of a run without a function that says what it is: what the last bolts did."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from simulator.engine import events
from simulator.laws.result import compared, last_bolts, results_of, what_is_not_compared
from simulator.model import Component, Grouping, Stream, Topology
from tests.support.evidence import PLAIN, TOPOLOGY, ack, acked, counted, row, run

TWO = [*PLAIN, row(1, "dog", "t1"), counted("dog", 2, "t1"), ack("t1"), acked(1)]


def test_a_last_bolt_is_one_whose_tuples_nobody_takes() -> None:
    assert last_bolts(TOPOLOGY) == ["count"]
    taken = Component("log", "bolt", ("log",), inputs={("count", "default"): Grouping("shuffle")})
    longer = Topology("words", {**TOPOLOGY.components, "log": taken})
    assert last_bolts(longer) == ["log"]


def test_a_bolt_that_is_grouped_by_what_it_emits_has_a_last_tuple_for_each_key() -> None:
    found = results_of(TOPOLOGY, run(TWO))["count"]
    assert found.acked == [["dog"], ["dog"]]
    assert found.emitted == [["dog", 1], ["dog", 2]]
    assert found.last == {'["dog"]': '["dog", 2]'}
    assert not found.in_batches


def test_a_duplicate_that_is_acked_is_a_tuple_that_was_acked() -> None:
    copy = events.Fault(0, "count", 2, "duplicate", "t0", None, "t9")
    found = results_of(TOPOLOGY, run([row(0, "dog", "t0"), copy, ack("t9")]))["count"]
    assert found.acked == [["dog"]]


def test_a_tuple_for_each_task_is_acked_once_when_all_tasks_have_acked_it() -> None:
    count = replace(TOPOLOGY.components["count"], inputs={("rows", "default"): Grouping("all")})
    topology = Topology("words", {**TOPOLOGY.components, "count": count})
    both = msgspec.structs.replace(row(0, "dog", "t0"), to=((2, "t0"), (3, "t1")))
    first, second = ack("t0"), events.Ack(1, "count", 3, "t1")
    assert results_of(topology, run([both, first]))["count"].acked == []
    assert results_of(topology, run([both, first, second]))["count"].acked == [["dog"]]
    one = [row(0, "dog", "t0"), first]
    assert compared(topology, run([both, first, second]), run(one), "same") == []


def test_runs_agree_when_they_agree_in_one_form() -> None:
    other_way = [*TWO[:1], counted("dog", 7, "t0"), *TWO[2:]]  # another total in between
    assert compared(TOPOLOGY, run(TWO), run(other_way), "same") == []
    wrong = [*TWO[:5], counted("dog", 1, "t1"), *TWO[6:]]
    assert compared(TOPOLOGY, run(TWO), run(wrong), "same") == [
        'count: ["dog"] is ["dog", 1] instead of ["dog", 2]'
    ]


def test_what_is_emitted_for_a_batch_is_not_compared_but_what_is_acked() -> None:
    batch = [TWO[0], TWO[4], counted("dog", 2, "t0", "t1"), ack("t0"), ack("t1")]
    halves = [
        TWO[0],
        counted("dog", 1, "t0"),
        ack("t0"),
        TWO[4],
        counted("dog", 1, "t1"),
        ack("t1"),
    ]
    assert compared(TOPOLOGY, run(batch), run(halves), "same") == []
    assert compared(TOPOLOGY, run(batch), run(halves[:3]), "same") == ['count: missing: ["dog"]']


def test_tuples_on_another_stream_are_other_tuples() -> None:
    elsewhere = events.Emit(1, "count", 2, "late", '["dog",1]', None, ("t0",), ())
    count = replace(
        TOPOLOGY.components["count"], inputs={}, outputs={"late": Stream(("word", "count"))}
    )
    topology = Topology("words", {"count": count})
    assert results_of(topology, run([elsewhere]))["count"].emitted == [["late", "dog", 1]]


def test_the_users_result_is_compared_where_there_is_one() -> None:
    expected, found = run([], result={"dog": 1}), run([], result={"dog": 2})
    assert compared(TOPOLOGY, expected, found, "same") == ["dog is 2 instead of 1"]
    raised = run([], raised="KeyError: 'dog'")
    assert compared(TOPOLOGY, expected, raised, "same") == ["result raised KeyError: 'dog'"]


def test_after_a_fault_a_total_must_not_change_and_a_tuple_may_be_missing() -> None:
    less = [*PLAIN, row(1, "dog", "t1"), counted("dog", 1, "t1"), ack("t1"), acked(1)]
    assert compared(TOPOLOGY, run(TWO), run(less), "again") == [
        'count: ["dog"] is ["dog", 1] instead of ["dog", 2]'
    ]
    silent = [*PLAIN[:1], *PLAIN[2:]]  # emitted by an attempt that died with it
    assert compared(TOPOLOGY, run(PLAIN), run(silent), "again") == []


def test_of_a_bolt_that_emits_for_batches_a_note_tells_what_would_compare_it() -> None:
    batch = [TWO[0], TWO[4], counted("dog", 2, "t0", "t1"), ack("t0"), ack("t1")]
    assert what_is_not_compared(TOPOLOGY, run(batch)) == [
        "count emits tuples for several at a time, so what it emits may depend on which came together, and only which "
        "tuples it acks is compared; to compare what comes out in the end: "
        'result=lambda topology: topology["count"].emitted.last_by("word")'
    ]
    assert what_is_not_compared(TOPOLOGY, run(TWO)) == []


@pytest.mark.parametrize(
    ("fields", "by", "example"),
    [
        (("word", "count"), ("word", "count"), "{(row[0], row[1]): list(row) for row in EMITTED}"),
        (("word",), ("word",), "set(map(tuple, EMITTED))"),
        (("sum", "of"), ("word",), 'EMITTED.last_by("sum")'),
    ],
)
def test_the_example_in_the_note_fits_the_fields(
    fields: tuple[str, ...], by: tuple[str, ...], example: str
) -> None:
    inputs = {("rows", "default"): Grouping("fields", by)}
    count = replace(
        TOPOLOGY.components["count"], inputs=inputs, outputs={"default": Stream(fields)}
    )
    topology = Topology("words", {"rows": TOPOLOGY.components["rows"], "count": count})
    (note,) = what_is_not_compared(topology, run([counted("dog", 2, "t0", "t1")]))
    expected = example.replace("EMITTED", 'topology["count"].emitted')
    assert note.endswith(f"result=lambda topology: {expected}")

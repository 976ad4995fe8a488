"""Records: tuples that are equal to their values, questions to lists of them, and rows in any order."""

from __future__ import annotations

import pytest

from streamparse.testing import (
    Record,
    Storm,
    any_order,
)
from tests.support.chain_project import Mistake, chain, check_mistake

MISTAKES: dict[str, tuple[Mistake, str]] = {
    "field": (
        lambda storm: chain(storm).complete()["pass"].emitted.last_by("wrod"),
        "stream 'default' of 'pass' has no field 'wrod' (did you mean \"word\"?)",
    ),
    "stream": (
        lambda storm: chain(storm)["pass"].on("defualt"),
        "pass has no stream 'defualt' (did you mean \"default\"?)",
    ),
    "short stream": (
        lambda storm: storm.bolt("made.Two", outputs={"bad": ["a"]}).emitted.on("bda"),
        "Two has no stream 'bda' (did you mean \"bad\"?)",
    ),
    "stream of what was emitted": (
        lambda storm: chain(storm)["pass"].emitted.on("words"),
        "pass has no stream 'words'; its streams are ['default']",
    ),
    "stream of what was received": (
        lambda storm: chain(storm)["count"].received.on("defualt"),
        "the input of count has no stream 'defualt' (did you mean \"default\"?)",
    ),
}


def test_a_record_is_its_values_and_knows_where_it_comes_from(storm: Storm) -> None:
    bolt = storm.bolt("made.Counts", inputs=["word"], outputs=["word", "count"])
    bolt.process(["dog"])
    result = bolt.process({"word": "dog"})
    record = result.emitted[0]
    assert record == ["dog", 2] == record.values
    assert (record["count"], record[1], record.stream, record.component, record.id) == (
        2,
        2,
        "default",
        "Counts",
        None,
    )
    assert (record.anchors, result.acked, result.failed, result.tuple) == (
        [result.tuple],
        [result.tuple],
        [],
        ["dog"],
    )
    assert (bolt.emitted, bolt.acked) == ([["dog", 1], ["dog", 2]], [["dog"], ["dog"]])


def test_last_by_has_a_tuple_where_several_fields_are_left(storm: Storm) -> None:
    storm.bolt("made.Pass", inputs=["a", "b", "c"], outputs=["a", "b", "c"])
    bolt = storm.bolt("made.Pass", inputs=["a", "b", "c"], outputs=["a", "b", "c"])
    bolt.process([1, "x", None])
    bolt.process([2, "x", [3]])
    bolt.process([2, "y", {}])
    assert bolt.emitted.last_by("a") == {1: ("x", None), 2: ("y", {})}
    assert bolt.emitted.last_by("b") == {"x": (2, [3]), "y": (2, {})}


@pytest.mark.parametrize(
    ("rows", "equal"),
    [
        ([[2], [1], [1]], True),
        ([[1], [2]], False),
        ([[1], [1], [2], [3]], False),
        ([[1], [2], [2]], False),
        ([], False),
    ],
)
def test_any_order_compares_as_a_multiset(rows: list[list[int]], equal: bool) -> None:
    records = [
        Record([value], fields=["n"], stream="default", component="c", task=1, time_ms=0)
        for value in (1, 1, 2)
    ]
    assert (records == any_order(rows), any_order(rows) == records) == (equal, equal)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_line_that_says_what_was_expected(mistake: str, storm: Storm) -> None:
    check_mistake(storm, *MISTAKES[mistake])

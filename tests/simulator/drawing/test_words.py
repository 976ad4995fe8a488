"""The words that all drawings share."""

import pytest

from simulator.drawing.words import (
    Edge,
    columns_of,
    edge_words,
    edges_of,
    grouping_words,
    loop_lines,
    printable,
    stream_words,
    tasks_words,
    title_line,
)
from simulator.model import Component, Grouping, Stream, number_tasks
from tests.support.drawn import DIAMOND, LOOP, SHUFFLE, bolt, spout, topology


def test_the_title_counts_spouts_bolts_and_tasks() -> None:
    assert title_line(DIAMOND, number_tasks(DIAMOND, {})) == "diamond: 1 spout, 3 bolts, 5 tasks"


@pytest.mark.parametrize(
    ("ids", "words"),
    [
        ((), ("spout", "no task")),
        ((4,), ("spout", "task 4")),
        ((4, 5, 6), ("spout ×3", "tasks 4-6")),
    ],
)
def test_tasks_are_counted_and_named_by_their_ids(
    ids: tuple[int, ...], words: tuple[str, str]
) -> None:
    assert tasks_words(spout("s", default="x"), {"s": ids}) == words


@pytest.mark.parametrize(
    ("name", "stream", "words"),
    [
        ("default", Stream(("a", "b")), "a, b"),
        ("default", Stream(()), "no fields"),
        ("errors", Stream(("a",), direct=True), "errors: a (direct)"),
    ],
)
def test_a_stream_is_its_fields_and_its_name_unless_it_is_the_default(
    name: str, stream: Stream, words: str
) -> None:
    assert stream_words(name, stream) == words


@pytest.mark.parametrize(
    ("grouping", "words"),
    [
        (SHUFFLE, "shuffle"),
        (Grouping("fields", ("a", "b")), "fields a, b"),
        (Grouping("custom", java_class="com.example.Mine"), "custom Mine"),
        (Grouping("custom"), "custom"),
    ],
)
def test_a_grouping_is_its_kind_and_its_fields(grouping: Grouping, words: str) -> None:
    assert grouping_words(grouping) == words


def test_edges_know_whether_they_lead_back_and_loops_are_named() -> None:
    back = [(each.source, each.target) for each in edges_of(LOOP) if each.leads_back]
    assert (back, loop_lines(LOOP)) == (
        [("parse", "fetch"), ("index", "index")],
        ["loop: fetch -> parse -> fetch", "loop: index -> index"],
    )


def test_the_label_of_an_edge_has_what_is_known_of_its_stream() -> None:
    java = Component("j", "spout", jvm_class="com.example.Spout")
    subject = topology("t", java, bolt("b", {("j", "out"): SHUFFLE, "j": SHUFFLE}, default="x"))
    labels = [
        edge_words(subject, Edge(source, stream, "b", SHUFFLE, leads_back=False))
        for source, stream in [("j", "out"), ("j", "default"), ("b", "default")]
    ]
    assert labels == [["out", "shuffle"], ["shuffle"], ["x", "shuffle"]]


def test_names_are_printed_without_control_characters_and_measured_in_columns() -> None:
    assert printable("a\nb\x1b\x00é") == "a\\nb\\x1b\\x00é"
    assert [columns_of(each) for each in ("ab", "数", "e\u0301")] == [2, 2, 1]

"""The inputs of a bolt in a harness: which one is meant, and values that do not fit."""

from __future__ import annotations

import pytest

from streamparse.testing import (
    Storm,
)
from tests.support.chain_project import Mistake, check_mistake

MISTAKES: dict[str, tuple[Mistake, str]] = {
    "stream that is only in the output": (
        lambda storm: storm.bolt("streams.clj:notes").process([1], stream="note"),
        "notes has no input from stream 'note'; its streams are ['odd']",
    ),
    "one of several streams": (
        lambda storm: storm.bolt("made.Pass", inputs={"a": ["n"], "b": ["n"]}).process([1]),
        "Pass has inputs on the streams ['a', 'b']; name one with stream=",
    ),
    "no inputs": (
        lambda storm: storm.bolt("made.Pass", inputs={}).process([1]),
        "Pass has no inputs; declare them: inputs=[fields]",
    ),
    "values": (
        lambda storm: storm.bolt("made.Pass", inputs=["a", "b"]).process(["dog"]),
        "1 values for 'input', stream 'default'; expected 2: ['a', 'b']",
    ),
    "values that are no list": (
        lambda storm: storm.bolt("made.Pass", inputs=["a"]).process("dog"),
        "'dog': expected a list of values",
    ),
    "values by name": (
        lambda storm: storm.bolt("made.Pass", inputs=["a", "b"]).process({"a": 1, "c": 2}),
        "values for ['a', 'c']; the fields of 'input', stream 'default' are ['a', 'b']",
    ),
    "input": (
        lambda storm: storm.bolt("chain.clj:count").process([0, "dog"], component="psas"),
        "count has no input from 'psas' (did you mean \"pass\"?)",
    ),
}


def test_streams_go_in_and_come_out_by_name(storm: Storm) -> None:
    bolt = storm.bolt(
        "made.Two",
        inputs={"default": ["a"], "other": ["b"]},
        outputs={"default": ["a"], "notes": ["text"]},
    )
    result = bolt.process(["x"], stream="other")
    assert (result.emitted, result.emitted.on("notes")) == (
        [["x"], ["x from input on other"]],
        [["x from input on other"]],
    )


def test_a_bolts_only_input_need_not_be_named(storm: Storm) -> None:
    made = storm.bolt(
        "made.Two", inputs={"other": ["b"]}, outputs={"default": ["a"], "notes": ["t"]}
    )
    whole = storm.bolt("streams.clj:notes")
    assert made.process({"b": "x"}).emitted.on("notes") == [["x from input on other"]]
    assert whole.process(["x"]).emitted[1] == ["x from rows on odd"]


def test_of_several_inputs_the_first_on_the_default_stream_is_meant_or_the_one_that_is_named(
    storm: Storm,
) -> None:
    bolt = storm.bolt("streams.clj:both")
    sources = [
        bolt.process([1]),
        bolt.process([1], stream="notes"),
        bolt.process([1], component="rows"),
        bolt.process([1], component="notes", stream="default"),
    ]
    assert [(each.tuple.component, each.tuple.stream) for each in sources if each.tuple] == [
        ("notes", "default"),
        ("notes", "notes"),
        ("rows", "odd"),
        ("notes", "default"),
    ]


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_line_that_says_what_was_expected(mistake: str, storm: Storm) -> None:
    check_mistake(storm, *MISTAKES[mistake])

"""The values and rows that a test gives: refused where they are no JSON or do not fit."""

from __future__ import annotations

import math

import pytest

from streamparse.testing import (
    Storm,
)
from tests.support.chain_project import Mistake, chain, check_mistake

MISTAKES: dict[str, tuple[Mistake, str]] = {
    "arity of a row": (
        lambda storm: chain(storm, [[0, "dog"], [1]]),
        "row 1 of 'rows' is [1]; expected 2 values: ['n', 'word']",
    ),
    "row that is no JSON": (
        lambda storm: chain(storm, [[0, {1, 2}]]),
        "row 0 of 'rows' is [0, {1, 2}], which is no JSON: Object of type set is not JSON serializable",
    ),
    "number that is no JSON": (
        lambda storm: chain(storm, [[0, math.nan]]),
        "row 0 of 'rows' is [0, nan], which is no JSON: Out of range float values are not JSON compliant*",
    ),
    "rows fed later": (
        lambda storm: chain(storm)["rows"].feed([["dog"]]),
        "row 0 of 'rows' is ['dog']; expected 2 values: ['n', 'word']",
    ),
    "rows of a JVM spout": (
        lambda storm: storm.topology(
            "java.clj", spouts={"kafka": [[1]]}, bolts={"store": "made.Pass"}
        ),
        "spout 'kafka' has no stream 'default'; declare what it emits: outputs={'kafka': [fields]}",
    ),
    "values that are no JSON": (
        lambda storm: storm.bolt("made.Pass", inputs=["a"]).process([{1}]),
        "Pass was given [{1}], which is no JSON: Object of type set is not JSON serializable",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_line_that_says_what_was_expected(mistake: str, storm: Storm) -> None:
    check_mistake(storm, *MISTAKES[mistake])

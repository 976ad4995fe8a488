"""JSON as Storm prints it, byte for byte."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.wire.json_printer import LongFloat, storm_json

STORM_PRINTS = [  # (value, text): storm-semantics of JSONValue.toJSONString, Double.toString
    (["the"], '["the"]'),
    (["a/b"], '["a\\/b"]'),
    (["é"], '["é"]'),
    (["\u2028\x7f"], '["\\u2028\\u007F"]'),
    (["\x1f\\u001f"], '["\\u001F\\\\u001f"]'),
    (['say "hi"\n'], '["say \\"hi\\"\\n"]'),
    ([1, -2, True, None], "[1,-2,true,null]"),
    ([1.0, -0.0, 0.001], "[1.0,-0.0,0.001]"),
    ([1e10, 1e-7, 123456789.5], "[1.0E10,1.0E-7,1.234567895E8]"),
    ([9999999.0, 1e7, 100.5], "[9999999.0,1.0E7,100.5]"),
    ([float("inf")], "[null]"),
    ([LongFloat("0.30000000000000004")], "[0.30000000000000004]"),
    ([12345678901234567890], "[12345678901234567890]"),
    ([{"a": [1, {}]}], '[{"a":[1,{}]}]'),
    ([[], [[]]], "[[],[[]]]"),
    ([], "[]"),
]


@pytest.mark.parametrize(("value", "text"), STORM_PRINTS)
def test_values_are_printed_as_storm_prints_them(value: object, text: str) -> None:
    assert storm_json(value) == text


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_what_storm_prints_reads_back(value: object) -> None:
    text = storm_json([value])
    assert json.loads(text) == [value]
    assert "\n" not in text

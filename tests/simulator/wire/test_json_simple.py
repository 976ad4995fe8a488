"""What json-simple reads although it is no JSON."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.wire.json_simple import read

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
)


@given(VALUES, st.booleans())
def test_what_is_json_is_read_as_such(value: object, ascii_only: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only)
    assert read(text, int) == json.loads(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{,"a":1,,"b":2,}', {"a": 1, "b": 2}),
        ('{"a"::1 "b"2}', {"a": 1, "b": 2}),
        ("[1 2,,3 true]", [1, 2, 3, True]),
        ("[01,-007,1e2,1truefalse]", [1, -7, 100.0, 1, True, False]),
        ('["\\x41\\q"]', ["\\x41\\q"]),
        ('["a\tb\x01"]', ["a\tb\x01"]),
        ('{"a":1} "', {"a": 1}),
        ('{"a":1,"a":2}', {"a": 2}),
        ('["\\ud83d\\ude00"]', ["\U0001f600"]),
    ],
)
def test_what_it_forgives(text: str, value: object) -> None:
    assert read(text, int) == value


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[1", '{"a"}', '{"a":}', '"abc', "]", ":", "{a:1}", "['a']", "{1:2}", "[1.]", "[-]", "[NaN]", "[1] 2",
        '{"a":"b', "[1]]",
    ],
)  # fmt: skip
def test_what_it_refuses(text: str) -> None:
    with pytest.raises(ValueError, match=r"^unexpected "):
        read(text, int)

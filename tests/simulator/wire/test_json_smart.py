"""What json-smart reads although it is no JSON."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.wire.json_smart import read

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
)


@given(st.dictionaries(st.text(), VALUES) | st.lists(VALUES))
def test_what_is_json_is_read_as_such(value: object) -> None:
    def plain(each: object) -> object:
        if isinstance(each, str):
            return each.replace("\x1a", "")
        if isinstance(each, list):
            return [*map(plain, each)]
        if isinstance(each, dict):
            return {plain(key): plain(item) for key, item in each.items()}
        return each

    value = plain(value)  # this character ends a text there
    assert read(json.dumps(value), float) == json.loads(json.dumps(value))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"command":"ack","id":"1",}', {"command": "ack", "id": "1"}),
        ("{'command':'ack'}", {"command": "ack"}),
        ("{command: ack, id: a b }", {"command": "ack", "id": "a b"}),
        ('{"a":01,"b":-007}', {"a": 1, "b": -7}),
        ('{"a":"x\ty","b":"x\ty\\n"}', {"a": "x\ty", "b": "xy\n"}),
        ('{"a":"\\x41\\q"}', {"a": "A"}),
        ("[,1,,2,]", [1, 2]),
        ('{,"a":1,,}', {"a": 1}),
        ('{"a":1} rest', {"a": 1}),
        ('{"a":12x}', {"a": "12x"}),
        ('{"a":1 "b":2}', {"a": '1 "b":2'}),
        ('{"a":1.5e}', {"a": "1.5e"}),
        ('{"a":Infinity}', {"a": "Infinity"}),
        ("hello world", "hello world"),
        ("[1.,2.5E+3]", [1.0, 2500.0]),
    ],
)
def test_what_it_forgives(text: str, value: object) -> None:
    assert read(text, float) == value


def test_nan_is_a_number() -> None:
    found = read("[NaN]", float)
    assert isinstance(found, list)
    assert math.isnan(found[0])


@pytest.mark.parametrize("text", ["{", "[1", '{"a"}', '{"a":}', '"abc', "]", ":", '{"a":"\\u12"}'])
def test_what_it_refuses(text: str) -> None:
    with pytest.raises(ValueError, match=r"^unexpected "):
        read(text, float)

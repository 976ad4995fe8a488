"""JSON of users: read, or refused with its place."""

from __future__ import annotations

import json

import pytest

from simulator.model.json_input import JsonInputError, read_json


@pytest.mark.parametrize(
    "text",
    [
        '{"a": {"b": 1}, "b": [{"b": 2}, {"b": 3}]}',
        '["a", "a"]',
        '{"x": "\\"a\\": {,", "a": "a"}',
        "7",
    ],
)
def test_what_is_json_without_a_second_key_is_read(text: str) -> None:
    assert read_json(text) == json.loads(text)


@pytest.mark.parametrize(
    ("text", "place", "finding"),
    [
        ('{"price":\n 30ms}', ":2:4", "no JSON: expecting ',' delimiter"),
        ("[" * 100_000, "", "nested too deeply"),
        ("9" * 5000, "", "a number is too long"),
        (
            '{"a": 1,\n "a": 2}',
            ":2:2",
            'the key "a" stands twice, and only the last would count; leave one out',
        ),
        (
            '[{"q\\"": [{}, 1, "q"], "b": {"b": ","},\n\n  "\\u0062": 3, "b": 4}]',
            ":3:3",
            'the key "\\u0062" stands twice, and only the last would count; leave one out',
        ),
    ],
)
def test_what_is_no_json_and_a_second_key_are_refused_with_their_place(
    text: str, place: str, finding: str
) -> None:
    with pytest.raises(JsonInputError) as caught:
        read_json(text)
    assert (caught.value.place, str(caught.value)) == (place, finding)

"""The words about values that JSON cannot hold, and about those that it changes."""

from __future__ import annotations

import io
import logging
import uuid
from collections import namedtuple
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from streamparse import Bolt
from streamparse.storm.values import changed

Pair = namedtuple("Pair", ["left", "right"])


@dataclass
class Point:
    x: int


class Int64(int):
    """Stands for numpy's, which is no int."""


def bolt() -> Bolt:
    made = Bolt(input_stream=io.StringIO(), output_stream=io.StringIO())
    made.context = {"stream->outputfields": {"default": ["name", "at"]}}
    return made


LOOP: list[Any] = []
LOOP.append(LOOP)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (datetime(2020, 1, 2), "holds a datetime, which JSON cannot hold; emit value.isoformat()"),
        (date(2020, 1, 2), "holds a date, which JSON cannot hold; emit value.isoformat()"),
        ({1, 2}, "holds a set, which JSON cannot hold; emit sorted(value)"),
        (Point(1), "holds a Point, which JSON cannot hold; emit dataclasses.asdict(value)"),
        (uuid.UUID(int=1), "holds a UUID, which JSON cannot hold; emit str(value)"),
        (
            b"\xff",
            "holds bytes that are no UTF-8, which JSON cannot hold; emit base64.b64encode(value).decode()",
        ),
        (
            {"when": [date(2020, 1, 2)]},
            "holds a date at ['when'][0], which JSON cannot hold; emit value.isoformat()",
        ),
        (
            {(1, 2): 3},
            "holds a map with a tuple as a key, which JSON cannot hold; "
            "emit texts, numbers, booleans, None, lists or maps",
        ),
        (
            object(),
            "holds an object, which JSON cannot hold; emit texts, numbers, booleans, None, lists or maps",
        ),
    ],
)
def test_a_value_that_json_cannot_hold_is_named_with_its_field_and_a_cure(
    value: object, words: str
) -> None:
    with pytest.raises(TypeError) as refused:
        bolt().emit(["dog", value], need_task_ids=False)
    assert str(refused.value) == f"field 'at' of stream 'default' {words}"
    assert refused.value.__suppress_context__


def test_a_value_that_holds_itself_is_told_as_such() -> None:
    with pytest.raises(TypeError, match="nested too deeply, or holds itself"):
        bolt().emit([LOOP], need_task_ids=False)


def test_where_fields_are_not_known_the_place_is_told() -> None:
    with pytest.raises(TypeError, match=r"^value 2 of stream 'notes' holds a set"):
        bolt().emit(["dog", {1}], stream="notes", need_task_ids=False)


@pytest.mark.parametrize(
    ("value", "arrives"),
    [
        (Decimal("0.1"), "a Decimal, which arrives as a float; emit str(value) to keep all digits"),
        (b"dog", "bytes, which arrives as a text; emit value.decode() to say so"),
        (Pair(1, 2), "a Pair, which arrives as a map of its fields; emit list(value) for a list"),
        ({1: 2}, "a dict, which arrives as a map whose keys are texts"),
    ],
)
def test_a_value_that_arrives_as_another_type_is_warned_about_once(
    value: object, arrives: str, caplog: pytest.LogCaptureFixture
) -> None:
    made = bolt()
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            made.emit(["dog", value], need_task_ids=False)
    assert caplog.messages == [f"field 'at' of stream 'default' holds {arrives}"]


def test_lists_and_maps_arrive_as_they_are() -> None:
    assert list(changed({"command": "emit", "tuple": [[1], {"a": (2,)}]}, ["a", "b"])) == []

"""Streams and groupings, and the mistakes that they keep."""

from __future__ import annotations

from typing import Any

import pytest

from streamparse import Grouping, Stream
from streamparse.dsl.stream import java_arguments


@pytest.mark.parametrize(
    ("arguments", "findings"),
    [
        ((), []),
        ((["a"], "name", True), []),
        ((("a",),), []),
        (("a",), ["the fields of a Stream are 'a'"]),
        (([1],), ["a field of a Stream is 1"]),
        ((None, 3, "x"), ["the name of a Stream is 3", "direct of a Stream is 'x'"]),
    ],
)
def test_a_stream_keeps_its_mistakes_with_their_line(arguments: Any, findings: list[str]) -> None:
    stream = Stream(*arguments)
    assert [each.finding for each in stream.mistakes] == findings
    assert {each.line[0] for each in stream.mistakes} <= {__file__}


@pytest.mark.parametrize(
    ("grouping", "names", "findings"),
    [
        (Grouping.fields("a", "b"), ("a", "b"), []),
        (Grouping.fields(["a", "b"]), ("a", "b"), []),
        (Grouping.fields(("a",)), ("a",), []),
        (Grouping.fields(), (), ["Grouping.fields() without a field"]),
        (Grouping.fields([]), (), ["Grouping.fields() without a field"]),
        (Grouping.fields("a", 3), ("a",), ["a field of Grouping.fields() is 3"]),  # type: ignore[arg-type]
    ],
)
def test_fields_are_names_or_one_list_of_them(
    grouping: Grouping, names: tuple[str, ...], findings: list[str]
) -> None:
    found = [each.finding for each in grouping.mistakes]
    assert (grouping.kind, grouping.names, found) == ("fields", names, findings)


def test_a_custom_grouping_is_a_class_or_bytes() -> None:
    made = Grouping.custom_object("my.G", [1, "a"])
    assert (made.kind, made.java_class, made.java_args, made.mistakes) == (
        "custom",
        "my.G",
        (1, "a"),
        [],
    )
    assert Grouping.custom_serialized(b"x").serialized == b"x"
    wrong = [
        *Grouping.custom_object(3).mistakes,
        *Grouping.custom_object("my.G", [object()]).mistakes,
        *Grouping.custom_serialized("x").mistakes,
    ]
    assert [each.finding for each in wrong] == [
        "the class of Grouping.custom_object() is 3",
        "an argument of a Java class is an object",
        "Grouping.custom_serialized() is given 'x'",
    ]


def test_a_grouping_is_printed_as_it_is_written() -> None:
    shown = [repr(each) for each in (Grouping.LOCAL_OR_SHUFFLE, Grouping.fields("a", "b"))]
    assert shown == ["Grouping.LOCAL_OR_SHUFFLE", "Grouping.fields('a', 'b')"]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (None, ((), "")),
        ([True, 1, 1.5, "x", b"x"], ((True, 1, 1.5, "x", b"x"), "")),
        ("x", ((), "the arguments of a Java class are 'x', not a list")),
        ([1 << 63], ((), f"an argument of a Java class is {1 << 63}, which is no long")),
    ],
)
def test_arguments_of_java_are_basic_values(given: object, found: object) -> None:
    assert java_arguments(given) == found

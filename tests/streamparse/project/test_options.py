"""The settings of -o KEY=VALUE."""

from __future__ import annotations

import doctest

import pytest

from streamparse.project import UsageError, options
from streamparse.project.options import parse_options


def test_the_example_of_the_function_holds() -> None:
    assert doctest.testmod(options).failed == 0


@pytest.mark.parametrize(
    ("pair", "option"),
    [
        ("topology.workers=2", ("topology.workers", 2)),
        ("a=-1.5", ("a", -1.5)),
        ("a=true", ("a", True)),
        ("a=null", ("a", None)),
        ('a="2"', ("a", "2")),
        ('a="py3env"', ("a", "py3env")),
        ('a=["x", {"y": "1e5"}]', ("a", ["x", {"y": "1e5"}])),
        ("a=plain words", ("a", "plain words")),
        ("a=5 minutes", ("a", "5 minutes")),
        ("a=", ("a", "")),
        ("worker.childopts=-Xmx1g -XX:A=b", ("worker.childopts", "-Xmx1g -XX:A=b")),
        ("commit=8e10", ("commit", "8e10")),
        ("commit=31e5619d", ("commit", "31e5619d")),
        ("a=1.5e3", ("a", "1.5e3")),
        ("a=NaN", ("a", "NaN")),
        ("a=-Infinity", ("a", "-Infinity")),
        ("a=007", ("a", "007")),
        ("a=[1,", ("a", "[1,")),
        ("a=" + "[" * 100_000, ("a", "[" * 100_000)),
        ("a=" + "9" * 5000, ("a", "9" * 5000)),
    ],
)
def test_an_option_is_json_where_it_can_be_and_a_string_otherwise(
    pair: str, option: tuple[str, object]
) -> None:
    assert [*parse_options([pair]).items()] == [option]


def test_of_the_same_option_the_last_one_holds() -> None:
    assert parse_options(["a=1", "b=2", "a=3"]) == {"a": 3, "b": 2}


@pytest.mark.parametrize(
    ("pair", "finding"),
    [
        ("topology.debug", "no = in it"),
        ("=1", "no key in front of ="),
        (" =1", "no key in front of ="),
    ],
)
def test_an_option_without_key_or_value_is_refused(pair: str, finding: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_options(["a=1", pair])
    assert str(caught.value) == (
        f"-o {pair}: {finding}; expected KEY=VALUE, such as topology.message.timeout.secs=30"
    )


def test_a_key_that_stands_twice_in_a_value_is_refused() -> None:
    with pytest.raises(UsageError) as caught:
        parse_options(['a=[{"x": {"y": 1, "y": 2}}]'])
    assert str(caught.value) == (
        '-o a=[{"x": {"y": 1, "y": 2}}]: the key "y" stands twice, and only the last would count; leave one out'
    )

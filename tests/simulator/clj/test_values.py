"""The values of an evaluation, and the small questions about them."""

import pytest

from simulator.clj.edn import Keyword
from simulator.clj.values import (
    ABSENT,
    Broken,
    Map,
    Vector,
    as_value,
    faults_of,
    get,
    has_broken,
    is_key,
    is_true,
    named,
    nth,
)
from simulator.model.problems import NOWHERE, Problem


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "nil"),
        (True, "true"),
        ("a", '"a"'),
        (Keyword("a"), ":a"),
        (Broken(()), "?"),
        (Map(), "a map"),
        (Vector([1, Broken(())]), "[1 ?]"),
        (Vector([1, 2, 3, 4]), "[1 2 3 ...]"),
    ],
)
def test_a_value_is_named_in_a_few_words(value: object, words: str) -> None:
    assert named(value) == words


def test_options_become_values_that_know_their_place() -> None:
    value = as_value({"a": [1, {"b": 2}], 3: 4}, 7)
    assert isinstance(value, Map)
    assert (value, value.at, value.keys_at, value.values_at, value.is_whole) == (
        {"a": (1, {"b": 2})},
        7,
        {"a": 7},
        {"a": 7},
        True,
    )


def test_get_looks_into_maps_and_vectors_and_nowhere_else() -> None:
    holder, vector = Map({"a": None, 1: 2}), Vector(["x", "y"])
    found = [get(holder, "a", 5), get(holder, 1), get(holder, 1.0, 5), get(holder, "b")]
    assert found == [None, 2, 5, None]
    assert [get(vector, 1), get(vector, 2, 5), get(vector, "1"), get("text", 0, 5)] == [
        "y", 5, None, 5,
    ]  # fmt: skip


def test_the_elements_past_the_end_are_nil_and_those_of_broken_are_broken() -> None:
    assert [nth(Vector([1]), 0), nth(Vector([1]), 1), nth(None, 0)] == [1, None, None]
    broken = Broken(())
    assert nth(broken, 3) is broken


def test_only_nil_and_false_are_not_true() -> None:
    assert [each for each in (None, False, 0, "", ABSENT) if not is_true(each)] == [None, False]


def test_only_what_python_and_clojure_take_for_the_same_key_is_a_key() -> None:
    keys = ["a", 1, None, Keyword("a"), Vector(["a", 1])]
    others = [1.0, True, Map(), Vector([1.5])]
    assert [is_key(each) for each in (*keys, *others)] == [True] * 5 + [False] * 4


def test_a_vector_that_holds_broken_has_it() -> None:
    values = [Broken(()), Vector([1, Vector([Broken(())])]), Vector([1]), None]
    assert [has_broken(each) for each in values] == [True, True, False, False]


def test_the_faults_of_a_value_are_those_of_all_that_it_holds_each_once() -> None:
    one, two = (Problem(NOWHERE, None, finding) for finding in ("one", "two"))
    holder = Map({"a": Vector([Broken([one]), Broken([one, two])]), "b": 1})
    holder.lost = (two,)
    assert sorted(map(str, faults_of(holder))) == ["one", "two"]
    assert faults_of(Vector([1, "a"])) == ()

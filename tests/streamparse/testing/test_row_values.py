"""Rows by the values of their fields: in a list, in place of a spout, drawn by Hypothesis."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from hypothesis import given

from streamparse.testing import HarnessError, Rows, Storm, rows
from tests.support.chain_project import chain

SMALL = rows(word=["dog", "cat"], n=int)


def test_each_value_comes_once_before_any_comes_again() -> None:
    made = rows(word=["dog", "cat", "emu"], n=int)
    assert [each["word"] for each in made[:3]] == ["dog", "cat", "emu"]
    assert [each["n"] for each in made] == [0, 1, 2, 3, 4, 5]
    assert {each["word"] for each in made[3:]} <= {"dog", "cat", "emu"}
    assert [*made] == [*rows(word=["dog", "cat", "emu"], n=int)]


def test_a_type_stands_for_values_that_differ() -> None:
    made = rows(30, n=int, word=str, share=float, is_new=bool)
    assert len({each["word"] for each in made}) == len({each["share"] for each in made}) == 30
    assert [*made[0].values()] == [0, "a", 0.0, True]


def test_rows_stand_in_for_a_spout_in_the_order_of_its_fields(storm: Storm) -> None:
    topology = chain(storm, storm.rows(3, word=["dog", "cat"], n=int))
    topology.complete()
    assert [[*each] for each in topology["rows"].emitted][:2] == [[0, "dog"], [1, "cat"]]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"wrd": ["dog"], "n": int},
            "rows(wrd=...): rows has no field 'wrd' (did you mean \"word\"?)",
        ),
        ({"color": ["red"]}, "rows(color=...): rows has no field 'color'; it emits n, word"),
        ({"n": int}, "rows(...): rows emits n, word; no values for word"),
    ],
)
def test_fields_that_the_spout_does_not_have_are_refused(
    storm: Storm, fields: dict[str, Any], message: str
) -> None:
    with pytest.raises(HarnessError) as raised:
        chain(storm, storm.rows(**fields))
    assert str(raised.value) == message


def test_rows_for_a_spout_that_is_not_there_are_refused(storm: Storm) -> None:
    with pytest.raises(HarnessError, match="has no spout 'rowz'"):
        storm.topology("chain.clj", spouts={"rowz": storm.rows(n=int)})


@pytest.mark.parametrize(
    ("count", "fields", "message"),
    [
        (None, {}, "rows(): expected fields, such as rows(word=['dog', 'cat'], n=int)"),
        (0, {"n": int}, "rows(0): expected a number of rows, at least 1"),
        (None, {"n": []}, "rows(n=[]): expected a list of values, or one of int, str, float and bool"),
        (None, {"n": "dog"}, "rows(n='dog'): expected a list of values, or one of int, str, float and bool"),
        (None, {"n": dict}, "rows(n=<class 'dict'>): expected a list of values, or one of int, str, float and bool"),
    ],
)  # fmt: skip
def test_values_that_are_none_are_refused(count: Any, fields: Any, message: str) -> None:
    with pytest.raises(HarnessError) as raised:
        rows(count, **fields)
    assert str(raised.value) == message


@given(SMALL.strategy(min_size=1, max_size=4))
def test_a_strategy_draws_rows_like_these(drawn: Any) -> None:
    assert isinstance(drawn, Rows)
    assert 1 <= len(drawn) <= 4
    assert all(each["word"] in ("dog", "cat") and isinstance(each["n"], int) for each in drawn)


DRAWN: Any = rows(word=["dog", "cat"], n=int)  # Any: a type checker knows rows only


@given(DRAWN)
def test_rows_are_a_strategy_themselves(drawn: Any) -> None:
    assert isinstance(drawn, Rows)
    assert all(each["word"] in ("dog", "cat") for each in drawn)


def test_rows_that_are_a_strategy_are_rows() -> None:
    assert [bool(SMALL), len(SMALL), next(iter(SMALL))] == [True, 6, SMALL[0]]


def test_without_hypothesis_a_strategy_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    with pytest.raises(HarnessError, match="needs hypothesis, which is not installed: pip install"):
        SMALL.strategy()


def test_rows_show_what_they_are() -> None:
    assert repr(SMALL) == "rows(6, word, n)"
    assert SMALL.with_retries(3).retries == 3

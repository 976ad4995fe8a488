"""Results of two runs: what is missing, what is there again, what has changed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest

from simulator.laws.values import Rule, differences, snapshot
from simulator.testing.errors import HarnessError


@dataclass
class Order:
    number: int
    words: list[str]


def test_a_snapshot_is_a_copy_that_later_changes_leave_alone() -> None:
    store: dict[str, Any] = {
        "dog": [1, 2],
        "cat": {3},
        "order": Order(1, ["a"]),
        "count": Counter("aab"),
    }
    taken = snapshot(store)
    store["dog"].append(4)
    store["cat"].add(5)
    assert taken == {
        "dog": [1, 2],
        "cat": frozenset({3}),
        "order": {"number": 1, "words": ["a"]},
        "count": {"a": 2, "b": 1},
    }


@pytest.mark.parametrize("value", [object(), lambda: 1, {"a": [object()]}])
def test_what_equals_only_itself_is_no_result(value: object) -> None:
    with pytest.raises(HarnessError, match=r"^result.* is <.*expected values that can be compared"):
        snapshot(value)


CASES: list[tuple[Any, Any, Rule, list[str]]] = [
    ([1, 2], [2, 1], "same", []),
    ([1, 2], [2], "same", ["missing: 1"]),
    ([1], [1, 1], "same", ["too many: 1"]),
    ([1], [1, 1], "again", []),
    ([1], [1, 2], "again", ["too many: 2"]),
    ([1], [1, 2], "all", []),
    ([["dog", 1]], [[1, "dog"]], "same", ['missing: ["dog", 1]', 'too many: [1, "dog"]']),
    ([1, 1], [1], "all", ["missing: 1"]),
    ({"dog": 2}, {"dog": 3}, "all", []),
    ({"dog": 2}, {"dog": 3}, "again", ["dog is 3 instead of 2"]),
    ({"dog": 2}, {"cat": 2}, "same", ['missing: "dog": 2', 'too many: "cat": 2']),
    ({"dog": [1]}, {"dog": [1, 1]}, "again", []),
    ({"dog": [1, 2]}, {"dog": [1]}, "all", ["missing in dog: 2"]),
    ({"a": {"b": 1}}, {"a": {"b": 2}}, "same", ["a[b] is 2 instead of 1"]),
    (frozenset({1}), frozenset({1, 2}), "all", []),
    ([1, 2], [2, 2, 3], "new", ["too many: 3"]),
    ({"a": 1, "b": 1}, {"a": 2}, "new", ["a is 2 instead of 1"]),
    (frozenset({1, 2}), frozenset({2, 3}), "new", ["too many: 3"]),
    (frozenset({1, 2}), frozenset({2, 3}), "same", ["missing: 1", "too many: 3"]),
    (3, 4, "same", ["the result is 4 instead of 3"]),
    (3, 4, "all", []),
    (3, None, "all", ["the result is None instead of 3"]),
    (list(range(9)), [], "all", ["missing: 0, 1, 2 and 6 more"]),
]  # fmt: skip


@pytest.mark.parametrize(("expected", "found", "rule", "lines"), CASES)
def test_a_rule_says_what_may_differ(
    expected: Any, found: Any, rule: Rule, lines: list[str]
) -> None:
    assert differences(expected, found, rule) == lines


def test_a_long_value_is_cut() -> None:
    (line,) = differences(["x" * 200], [], "all")
    assert line == f'missing: "{"x" * 59}...'

"""One method by its text. Whole classes are in ``test_component_checks.py``."""

from __future__ import annotations

import ast

from streamparse.project.method_checks import check_method, suspends


def found(text: str) -> list[str]:
    function = ast.parse(text).body[0]
    assert isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef))
    return [str(each) for each in check_method("m.py", "B", function)]


def test_a_generator_and_returned_rows_are_found_in_a_method_that_emits() -> None:
    assert [
        *found("def process(self, tup):\n    yield [1]"),
        *found("def next_tuple(self):\n    return [[1]]"),
        *found("def ack(self, tup_id):\n    return [[1]]"),
    ] == [
        "m.py:1: B.process is a generator (it has a yield), so a call runs nothing of it, and emits nothing; "
        "expected a plain method with self.emit(row) for each row",
        "m.py:2: B.next_tuple returns rows, which go nowhere; expected self.emit(row) for each row",
    ]


def test_a_yield_of_a_function_inside_does_not_suspend_the_method() -> None:
    text = "def process(self, tup):\n    def rows():\n        yield 1\n    list(rows())"
    function = ast.parse(text).body[0]
    assert isinstance(function, ast.FunctionDef)
    assert suspends(function) == ""

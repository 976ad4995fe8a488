"""A mistake tells its line and its component."""

from __future__ import annotations

import pytest

from streamparse.dsl.mistakes import ClassMistakes, Mistake, kind_of


def test_a_mistake_is_one_line() -> None:
    mistake = Mistake("par is 0", "expected 1", line=("t.py", 3), component="words")
    assert str(mistake) == 't.py:3: component "words": par is 0; expected 1'
    assert str(Mistake("no spout", "expected one")) == "no spout; expected one"
    assert str(ClassMistakes(int, [mistake, mistake])).splitlines() == [str(mistake)] * 2


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "None"),
        ("x" * 100, f"'{'x' * 56}..."),
        (int, "the class int"),
        ([], "a list"),
        (object(), "an object"),
    ],
)
def test_a_value_is_named_in_a_few_words(value: object, words: str) -> None:
    assert kind_of(value) == words

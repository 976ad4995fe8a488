"""The words behind a command of ``--step``."""

from __future__ import annotations

import pytest

from streamparse.cli.step_words import MistypedError, check_no_more, number_of

Capture = pytest.CaptureFixture[str]


def test_a_number_is_typed_or_usual() -> None:
    assert [number_of(["7"], None, "goto wave N"), number_of([], 1, "next N")] == [7, 1]
    assert number_of(["0"], None, "goto wave N", least=0) == 0


@pytest.mark.parametrize("words", [["0"], ["x"], ["1", "2"], ["99999999"], ["\u0663"], ["-1"]])
def test_what_is_no_number_is_refused_with_the_numbers_that_are(words: list[str]) -> None:
    with pytest.raises(MistypedError) as caught:
        number_of(words, 1, "next N")
    assert str(caught.value) == "next N: expected a number from 1 to 10000000"


def test_a_command_that_takes_no_words_says_so() -> None:
    check_no_more([], "tasks")
    with pytest.raises(MistypedError, match=r"^tasks of b: tasks takes no more words$"):
        check_no_more(["of", "b"], "tasks")

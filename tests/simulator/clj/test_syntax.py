"""The words of Clojure that EDN does not have."""

import pytest

from simulator.clj.syntax import Keyword, Name, Unsupported, is_character, is_number, read_word


@pytest.mark.parametrize(
    ("word", "value"),
    [
        *(
            (name, Name(name))
            for name in ("x'", "a#", "%1", "->>", ".-field", "*x*", "a.b/c", "/", "é|b", "&env")
        ),
        *((f":{name}", Keyword(name)) for name in ("a'", "1", "a/b", "é")),
        ("017", 15),
        ("2r-1", None),
        ("1/0", None),
        ("a:", None),
        (":", None),
        ("a/", None),
        ("\x00", None),
    ],
)
def test_a_word_is_what_clojure_reads_it_as(word: str, value: object) -> None:
    assert read_word(word) == value


@pytest.mark.parametrize("word", ["1/2", "-4/2", "::a", "::a/b"])
def test_a_word_that_clojure_reads_and_that_has_no_value_here_is_unsupported(word: str) -> None:
    assert isinstance(read_word(word), Unsupported)


def test_a_character_is_one_letter_a_name_or_a_code() -> None:
    right = [r"\a", r"\(", r"\newline", r"\u00e9", r"\o101", r"\o7"]
    wrong = [r"\apple", r"\ud800", r"\o400", r"\u12"]
    assert [is_character(each) for each in (*right, *wrong)] == [True] * 6 + [False] * 4


def test_a_word_with_a_digit_in_front_is_a_number_right_or_wrong() -> None:
    assert [is_number(word) for word in ("1", "-1x", "+2", "a1", "-", ".5")] == [
        True, True, True, False, False, False,
    ]  # fmt: skip

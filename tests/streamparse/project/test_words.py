"""Parts of messages."""

import doctest

import pytest

from streamparse.project import as_json, instead_of, words


def test_the_examples_of_the_module_hold() -> None:
    assert doctest.testmod(words).failed == 0


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        ("wörter", '"wörter"'),
        ("two\nlines", '"two\\nlines"'),
        ("\u200b", '"\\u200b"'),
        ("x" * 100, '"' + "x" * 56 + "..."),
    ],
)
def test_a_value_is_json_on_one_line_that_can_be_read(value: object, text: str) -> None:
    assert as_json(value) == text


@pytest.mark.parametrize(
    ("names", "remedy"),
    [
        (["wordcount", "clicks"], 'did you mean "wordcount"?'),
        (["abuse", "clicks"], "there are abuse, clicks"),
        ([*"abcdefghij"], "there are a, b, c, d, e, f, g, h and 2 more"),
        ([], "there is none"),
    ],
)
def test_instead_of_an_unknown_name_the_nearest_or_all_are_offered(
    names: list[str], remedy: str
) -> None:
    assert instead_of("wordcout", names) == remedy

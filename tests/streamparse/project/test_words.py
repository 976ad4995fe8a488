"""Parts of messages."""

import doctest

import pytest

from streamparse.project import as_json, instead_of, visible, words


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


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("caf\xe9 \u65e5\u672c\ta\xa0b", "caf\xe9 \u65e5\u672c\ta\xa0b"),
        ("\x1b[2Jgone", "\\x1b[2Jgone"),
        ("\x9b2J \r\n\x07", "\\x9b2J \\r\\n\\x07"),
        ("a\u202eb\u2028", "a\\u202eb\\u2028"),
        ("\udcff", "\\udcff"),
    ],
)
def test_what_a_terminal_obeys_is_shown(text: str, shown: str) -> None:
    assert visible(text) == shown

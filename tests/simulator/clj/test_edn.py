"""Texts are parsed as Clojure reads them, or refused at the place of the mistake."""

import pytest

from tests.support.clojure import SPOUT, problems, text_of, value_of


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (r'"a\tb\\\"\u00e9\101\ud83d\ude00é"', 'a\tb\\"éA😀é'),
        ("[0x1F 12N 1.5M +3 -0.5e1]", [31, 12, 1.5, 3, -5.0]),
        ("[1 #_ 2 #_(foo bar) 3]", [1, 3]),
    ],
)
def test_a_literal_has_the_value_clojure_reads(expression: str, value: object) -> None:
    assert value_of(expression, par=4, deep={"er": 9}) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "(defn t [options]\n  [{} {}]",
            "t.clj:1:1: this ( is never closed (Storm: EOF while reading); expected )",
        ),
        (
            "(defn t [options]\n  [{} {})",
            "t.clj:2:9: found ), but the [ of line 2, column 3 is open; expected ] first",
        ),
        ("(def t [{} {}]))", "t.clj:1:16: ) closes nothing; remove it, or open it before"),
        ('(def t\n "abc', 't.clj:2:2: a string that is never closed; close it with "'),
        (
            '(def t [{"a"} {}])',
            "t.clj:1:10: the map of line 1 has a key without a value "
            "(Storm: Map literal must contain an even number of forms); expected {key value ...}",
        ),
        (
            "(def t ')",
            "t.clj:1:9: found ), but the ' of line 1, column 8 is open; expected a form first",
        ),
        ("(def t [{} {}])'", "t.clj:1:16: nothing follows this '; remove it"),
        ("(def t 012)", "t.clj:1:8: 012 is neither a number nor a name"),
        ("(def t 12abc)", "t.clj:1:8: 12abc is neither a number nor a name"),
        ("(def t 1/0)", 't.clj:1:8: "1/0" cannot be read; is it a string without quotes?'),
        ("(def t 1/2)", "t.clj:1:8: a ratio 1/2 is not supported; expected a decimal"),
        (r"(def t \a)", "t.clj:1:8: a character \\a is not supported; expected a string"),
        ('(def t #inst "2020")', "t.clj:1:8: a tag #inst is not supported; expected a string"),
        (
            "(def t #(+ 1 %))",
            "t.clj:1:8: a function literal #(...) is not supported; write the values out",
        ),
        ('(def t #"a+")', "t.clj:1:8: a regular expression is not supported; expected a string"),
        ("(def t @a)", "t.clj:1:8: a dereference @ is not supported; write the value out"),
        ("(def t `a)", "t.clj:1:8: a syntax quote ` is not supported; write the value out"),
        ("(def\xa0t 1)", "t.clj:1:5: a no-break space is not supported; expected a plain space"),
        (
            "(def t {“a” 1})",
            't.clj:1:9: a typographic quote “ is not supported; expected straight quotes: "word"',
        ),
        (
            "\ufeff(def t 1)",
            "t.clj:1:1: a byte order mark is not supported; save the file as UTF-8 without it: Clojure cannot read it",
        ),
        (
            r'(def t "\d")',
            't.clj:1:9: "\\\\d" is not an escape sequence of Clojure (Storm: Unsupported escape character: \\d); '
            "write a backslash as \\\\",
        ),
        (
            r'(def t "\ud83d")',
            "t.clj:1:8: a string with half a surrogate pair; write the character itself",
        ),
        (
            '(def a {"a" 1\n "a" 2}) (def t [{} {}])',
            't.clj:2:2: "a" is the key of a map twice (Storm: Duplicate key: "a"); keep one of the two',
        ),
    ],
)
def test_a_text_that_cannot_be_parsed_is_refused_at_its_place(text: str, message: str) -> None:
    assert problems(text) == [message]


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (
            '{["s" "default"] :all ["s" "default"] :shuffle}',
            't.clj:3:56: ["s" "default"] is the key of a map twice '
            '(Storm: Duplicate key: ["s" "default"]); keep one of the two',
        ),
    ],
)
def test_keys_that_are_written_alike_are_refused(inputs: str, message: str) -> None:
    assert problems(text_of(SPOUT, f'"b" (python-bolt-spec options {inputs} "b.B" [])')) == [
        message
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[" * 100_000, "t.clj:1:81: more than 80 levels of nesting; flatten it"),
        ("'" * 100_000, "t.clj:1:81: more than 80 levels of nesting; flatten it"),
        ("(def t 1e99999999999999999999M)", "cannot be read; is it a string without quotes?"),
        (f"(def t {'9' * 5000})", "cannot be read; is it a string without quotes?"),
    ],
)
def test_a_text_without_end_is_refused(text: str, message: str) -> None:
    (line,) = problems(text)
    assert line.endswith(message)

"""Texts are parsed as Clojure reads them, or refused at the place of the mistake."""

import pytest

from tests.support.clojure import SPOUT, problems, text_of, value_of


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (r'"a\tb\\\"\u00e9\101\ud83d\ude00é"', 'a\tb\\"éA😀é'),
        ("[0x1F 12N 1.5M +3 -0.5e1]", [31, 12, 1.5, 3, -5.0]),
        ("[1 #_ 2 #_(foo bar) 3]", [1, 3]),
        ("[012 -017 0X1f 2r101 36rZz 1. -1.e3 +5N]", [10, -15, 31, 5, 1295, 1.0, -1000.0, 5]),
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
        *(
            (
                f"(def t {word})",
                f"t.clj:1:8: {word} is neither a number nor a name (Storm: Invalid number: {word})",
            )
            for word in ("12abc", "1/0", "08", "37rA", "2r12", "+1a", "1e99999999999999999999M")
        ),
        *(
            (
                f"(def t {word})",
                f't.clj:1:8: "{word}" cannot be read; is it a string without quotes?',
            )
            for word in ("a:", "a::b", "a/1", ":", ":a/", "a:/b")
        ),
        (
            "# words (def t 1)",
            't.clj:1:1: "# " begins nothing (Storm: No dispatch macro for:  ); a comment begins with ;',
        ),
        (
            "#words (def t 1)",
            "t.clj:1:1: #words is not a tag (Storm: No reader function for tag words); a comment begins with ;",
        ),
        (
            "(def t #?(:clj 1))",
            "t.clj:1:8: a reader conditional is not supported; keep the branch for :clj",
        ),
        (
            "(def t #(f #(g %)))",
            "t.clj:1:12: a #(...) in another (Storm: Nested #()s are not allowed); use (fn [x] ...)",
        ),
        ('(def t #"a', 't.clj:1:8: a regular expression that is never closed; close it with "'),
        (
            r"(def t \apple)".replace("\\\\", "\\"),
            r't.clj:1:8: "\\apple" is not a character (Storm: Unsupported character: \apple); expected a string',
        ),
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
        (f"(def t {'9' * 5000})", f"Invalid number: {'9' * 60})"),
    ],
)
def test_a_text_without_end_is_refused(text: str, message: str) -> None:
    (line,) = problems(text)
    assert line.endswith(message)

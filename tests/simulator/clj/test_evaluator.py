"""Calls, names, maps, and the limits of an evaluation."""

import pytest

from tests.support.clojure import SPOUT, problems, text_of, value_of


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ('(options "par")', 4),
        ('(options "none" 5)', 5),
        ("(:a {:a 1})", 1),
        ("(clojure.core/str 1)", "1"),
    ],
)
def test_maps_and_keywords_are_called_like_functions(expression: str, value: object) -> None:
    assert value_of(expression, par=4, deep={"er": 9}) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("(def t #{1})", "t.clj:1:8: a set #{...} is not supported; expected a vector [...]"),
    ],
)
def test_a_set_is_not_supported(text: str, message: str) -> None:
    assert problems(text) == [message]


@pytest.mark.parametrize(
    ("form", "message"),
    [
        (
            '(pyton-spout-spec options "s.S" ["w"])',
            't.clj:2:9: component "s": pyton-spout-spec is not defined (did you mean python-spout-spec?); '
            "a topology file is read, not run: write the value out, or take it from the options with get",
        ),
        (
            '(python-spout-spec options (.getName x) ["w"])',
            't.clj:2:36: component "s": the Java method .getName cannot be called without a JVM; write the value out',
        ),
    ],
)
def test_an_unknown_name_is_refused(form: str, message: str) -> None:
    assert problems(text_of(f'"s" {form}', "")) == [message]


def test_keys_that_come_out_equal_are_refused_like_keys_that_are_written_alike() -> None:
    twin = SPOUT.replace('"s"', '(str "s")')
    assert problems(text_of(f"{SPOUT} {twin}")) == [
        't.clj:2:56: "s" is the key of a map twice (Storm: Duplicate key: "s"); keep one of the two'
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "(defn f [x] (f x)) (def t (f 1))",
            "t.clj:1:13: more than 80 calls within each other; a topology file needs far less",
        ),
        (
            "".join(f"(defn f{i + 1} [x] [(f{i} x) (f{i} x)])" for i in range(40)).replace(
                "(f0 x)", "x"
            )
            + "(def t (f40 1))",
            "a value of more than 200000 parts; a topology file needs far less",
        ),
        (
            "(defn f0 [x] nil)"
            + "".join(f"(defn f{i + 1} [x] (or (f{i} x) (f{i} x)))" for i in range(30))
            + "(def t (f30 1))",
            "not evaluated after 1000000 steps; a topology file needs far less",
        ),
        (
            "(def a0 [1 1])"
            + "".join(f"(def a{i + 1} [a{i} a{i}])" for i in range(60))
            + "(def t a60)",
            "a value of more than 200000 parts; a topology file needs far less",
        ),
    ],
)
def test_an_evaluation_without_end_is_stopped(text: str, message: str) -> None:
    (line,) = problems(text)
    assert line.endswith(message)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("(1 2)", "1 is called and is not a function; write a list of values as a vector: [...]"),
        ("{1.5 2}", "1.5 as the key of a map is not supported; expected a string"),
        ("(vec 1)", "1 has no elements; expected a vector or a map"),
    ],
)
def test_a_value_that_cannot_be_used_so_is_refused(expression: str, message: str) -> None:
    (line,) = problems(f"(def t {expression})")
    assert line.partition(": ")[2] == message

"""The forms that do not evaluate all their parts."""

import pytest

from tests.support.clojure import problems, value_of


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ('\'(1 "a" :b)'.replace(":b", "nil"), [1, "a", None]),
        ("(for [a [1 2] :when (> a 1) b [3 4] :let [c (* a b)]] c)", [6, 8]),
        ("(if (= 1 1) 1 (foo))", 1),
        ("(if nil 1)", None),
        ("(if-not false 1 2)", 1),
        ("(when true 1 2)", 2),
        ("(when-not true 1)", None),
        ("(cond (< 2 1) 1 (nil? nil) 2 :else 3)", 2),
        ("(cond false 1)", None),
        ("[(or nil false 3) (or) (and 1 2) (and 1 nil 2) (and)]", [3, None, 2, None, True]),
        ("(do 1 2)", 2),
        ("(do (foo) 2)", 2),
        ("(let [x (foo)] 2)", 2),
        ('(new Integer "3")', 3),
    ],
)
def test_a_form_has_the_value_clojure_gives_it(expression: str, value: object) -> None:
    assert value_of(expression, par=4, deep={"er": 9}) == value


def test_an_unknown_function_in_a_branch_not_taken_does_no_harm() -> None:
    assert value_of('(if (get options "x") (System/exit 1) 1)') == 1


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("(let [a] 1)", "let without pairs of a name and a value; expected (let [name value] ...)"),
        ("(if)", "if takes a condition and one or two forms; expected (if condition this that)"),
        ("(when)", "when without a condition; expected (when condition this)"),
        (
            "(cond true)",
            "cond without pairs of a condition and a form; expected (cond this that :else other)",
        ),
        (
            "(for [a])",
            "for takes pairs of a name and a sequence, and one form; expected (for [i (range 3)] ...)",
        ),
        (
            "(for [:while true] 1)",
            "for: :while is not supported; expected a name, :when or :let [...]",
        ),
        ("(new)", "new without a class; expected (new my.Class)"),
        ("'word'", "a string in single quotes: 'word'; expected double quotes"),
        ("'(a b)", "a quoted form is not supported; expected a vector [...]"),
    ],
)
def test_a_form_without_its_parts_is_refused(expression: str, message: str) -> None:
    (line,) = problems(f"(def t {expression})")
    assert line.partition(": ")[2] == message

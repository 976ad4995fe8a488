"""Names are bound, and values taken apart, as in Clojure."""

import pytest

from tests.support.clojure import NS, components, problems, value_of


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("(let [a 1 [b & c] [2 3 4] d (+ a b)] [a b c d])", [1, 2, [3, 4], 3]),
        (
            '(let [{:strs [x y] :or {y 2} z "z" :as all} {"x" 1 "z" 3}] [x y z (count all)])',
            [1, 2, 3, 2],
        ),
        ("(let [{:keys [x]} {:x 1}] x)", 1),
    ],
)
def test_names_are_bound_as_clojure_binds_them(expression: str, value: object) -> None:
    assert value_of(expression, par=4, deep={"er": 9}) == value


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("(let [1 2] 3)", "1 is not a name; expected a symbol, [a b] or {:strs [a b]}"),
        ("(let [[a] 1] a)", "1 cannot be destructured as a vector; expected a vector"),
        ("(let [{a 1} [2]] a)", "[2] cannot be destructured as a map; expected a map"),
        ("(let [[a &] [1]] a)", 'nothing follows "&"; expected a name'),
        (
            "(let [{:syms [a]} {}] a)",
            ":syms is not supported; expected {:strs [a b] :or {a 1} :as options}",
        ),
    ],
)
def test_a_value_that_does_not_fit_its_names_is_refused(expression: str, message: str) -> None:
    (line,) = problems(f"(def t {expression})")
    assert line.partition(": ")[2] == message


def test_a_function_takes_the_body_for_its_number_of_arguments() -> None:
    several = "(defn f ([] 0) ([a] a) ([a b & c] [a b c]))"
    spout = '(python-spout-spec options "s.S" [] :conf {"x" [(f) (f 1) (f 1 2 3 4)]})'
    (made,) = components(f'{NS} {several} (defn t [options] [{{"s" {spout}}} {{}}])')
    assert made.conf == {"x": [0, 1, [1, 2, [3, 4]]]}


def test_a_function_is_refused_with_a_number_of_arguments_that_no_body_takes() -> None:
    assert problems("(defn f ([a] a) ([a [b]] b)) (def t (f))") == [
        "t.clj:1:37: f is given 0 arguments (Storm: Wrong number of args (0) passed to: f); expected [a] or [a _]"
    ]

"""The functions of clojure.core return what Clojure returns, and refuse what it or JSON cannot hold."""

import pytest

from tests.support.clojure import problems, value_of


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ('(get options "par" 2)', 4),
        ('(get options "none" 2)', 2),
        ('(get options "none")', None),
        ('(get-in options ["deep" "er"])', 9),
        ('(get-in options ["deep" "none"] 8)', 8),
        ('(get ["a" "b"] 1)', "b"),
        ("(get {1 2} 1.0 3)", 3),
        ('(str "a" 1 nil :k true 1.0 1e10)', "a1:ktrue1.01.0E10"),
        ('(merge {"a" 1 "b" 1} nil {"b" 2})', {"a": 1, "b": 2}),
        ('(assoc {"a" 1} "b" 2 "a" 3)', {"a": 3, "b": 2}),
        ('(dissoc {"a" 1 "b" 2} "a")', {"b": 2}),
        ("(conj [1] 2 3)", [1, 2, 3]),
        ('(conj {"a" 1} ["b" 2])', {"a": 1, "b": 2}),
        ('(into {} [["a" 1] ["b" 2]])', {"a": 1, "b": 2}),
        ("(into [1] [2])", [1, 2]),
        ('(hash-map "a" 1)', {"a": 1}),
        ("(vec (concat [1] (list 2) (vector 3)))", [1, 2, 3]),
        ("(range 1 7 2)", [1, 3, 5]),
        ("[(first [1 2]) (second [1 2]) (last [1 2 3]) (first [])]", [1, 2, 3, None]),
        (
            "[(not nil) (not 0) (some? 1) (empty? []) (contains? {1 nil} 1)]",
            [True, False, True, True, True],
        ),
        ("[(= 1 1.0) (= [1 2] '(1 2)) (= true 1) (not= 1 2)]", [False, True, False, True]),
        ("[(< 1 2 3) (>= 3 3 2) (<= 2 1) (> 1)]", [True, True, False, True]),
        ("[(+) (+ 1 2 3) (- 5) (- 5 2 1) (* 2 3) (*)]", [0, 6, -5, 2, 6, 1]),
        ("[(/ 6 3) (/ 1.0 4) (quot -7 2) (rem -7 2) (mod -7 2)]", [2, 0.25, -3, -1, 1]),
        ("[(max 1 3 2) (min 1 3) (inc 1) (dec 1) (int 2.9) (long -2.9)]", [3, 1, 2, 0, 2, -2]),
        (
            '[(Integer. "3") (Long. 4) (java.lang.Integer/valueOf "5") (Double. "1") (Boolean. "True")]',
            [3, 4, 5, 1.0, True],
        ),
        ('[(Integer/parseInt "12") (Long/parseLong "-9223372036854775808")]', [12, -(2**63)]),
    ],
)
def test_a_function_returns_what_clojure_returns(expression: str, value: object) -> None:
    assert value_of(expression, par=4, deep={"er": 9}) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "(def t (range 1000000000))",
            "t.clj:1:15: range: more than 200000 numbers; a topology needs far less",
        ),
        (
            "(def t (* 4611686018427387904 2))",
            "t.clj:1:11: *: the result does not fit 64 bits (Storm: ArithmeticException: integer overflow)",
        ),
        (
            "(def t (/ 1 0))",
            "t.clj:1:11: /: a division by zero (Storm: ArithmeticException: Divide by zero)",
        ),
    ],
)
def test_a_result_without_measure_is_refused(text: str, message: str) -> None:
    (line,) = problems(text)
    assert line.endswith(message)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ('(+ 1 "2")', '+: "2" is not a number'),
        ("(str [1])", "str: [1] is not supported; expected strings, numbers and keywords"),
        ("(merge [1])", "merge: [1] is not a map; expected {key value}"),
        (
            '(assoc {} "a" 1 "b")',
            'assoc: "b" has no value (Storm: No value supplied for key: "b"); expected pairs of a key and a value',
        ),
        ("(conj 1 2)", "conj: nothing can be added to 1; expected a vector or a map"),
        ("(into {} [1])", "into: 1 is not an entry of a map; expected [key value]"),
        (
            "(range 0 1 0)",
            "range: the arguments are not whole numbers, or the step is 0; expected whole numbers, as in (range 3)",
        ),
        (
            "(/ 1 3)",
            '/: the result is the ratio "1/3"; use quot for a whole number, (/ 1.0 3) for a decimal',
        ),
        ("(int ##Inf)", "int: the result is not a finite number; expected finite numbers"),
        (
            '(Integer/parseInt "2147483648")',
            'Integer/parseInt: "2147483648" is not a whole number of 32 bits '
            '(Storm: NumberFormatException: For input string: "2147483648"); expected a string such as "2"',
        ),
        (
            "(get {})",
            "get is given 1 argument (Storm: Wrong number of args (1) passed to: get); expected 2 to 3",
        ),
    ],
)
def test_an_argument_of_the_wrong_type_is_refused(expression: str, message: str) -> None:
    (line,) = problems(f"(def t {expression})")
    assert line.partition(": ")[2] == message

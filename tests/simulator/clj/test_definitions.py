"""The forms of the top level."""

from typing import Any

import pytest

from simulator.clj import parse_topology
from tests.support.clojure import WORDCOUNT, WORDCOUNT_COMPONENTS, problems


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("(def)", "t.clj:1:1: def without a name; expected (def name ...)"),
        (
            "(def t 1 2)",
            "t.clj:1:1: def t with 2 values (Storm: Too many arguments to def); expected (def t value)",
        ),
        (
            "(defn t)",
            "t.clj:1:1: defn t has no [arguments] (Storm: Parameter declaration should be a vector); "
            "expected (defn t [options] ...)",
        ),
        (
            "(ns t (:uses [x])) (def t [{} {}])",
            "t.clj:1:7: ns: :uses is not supported (did you mean :use?); expected (:use [streamparse.specs])",
        ),
    ],
)
def test_a_wrong_definition_is_refused(text: str, message: str) -> None:
    assert problems(text) == [message]


def test_defonce_keeps_the_first_value_and_do_defines_at_the_top() -> None:
    text = WORDCOUNT.replace("(defn word", "(do (defonce n 2) (def m 5)) (defonce n 3)\n(defn word")
    assert parse_topology(text.replace(":p 2", ":p n"), path="wordcount.clj").components == (
        WORDCOUNT_COMPONENTS
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("(:gen-class)", "(:import [a.b C]) (:gen-class :main true)"),
        lambda text: text.replace("[options]", '"counts words" {:added "1"} [options]'),
        lambda text: (
            text.replace("defn wordcount [options]", "defn ^:export wordcount ([options]") + ")"
        ),
        lambda text: text.replace("wordcount [options]", "bananas [options]").replace(
            "defn bananas", "defn wordcount"
        ),
        lambda text: text.replace("(defn wordcount [options]", "(def options {}) (def wordcount"),
    ],
)
def test_a_topology_can_be_defined_in_many_ways(change: Any) -> None:
    text = change(WORDCOUNT)
    assert parse_topology(text, path="wordcount.clj").components == WORDCOUNT_COMPONENTS

"""Libraries are brought in as in Clojure, and a name whose library is missing is warned of."""

from typing import Any

import pytest

from simulator.clj import parse_topology
from tests.support.clojure import (
    BOLT,
    SPOUT,
    WORDCOUNT,
    WORDCOUNT_COMPONENTS,
    text_of,
    warnings,
)

USE = "(:use     [streamparse.specs])"


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("[streamparse.specs]", "[backtype.storm.clojure]"),
        lambda text: text.replace(
            "[streamparse.specs]", "streamparse.specs [backtype.storm clojure]"
        ),
        lambda text: text.replace(USE, "(use [streamparse.specs :only (python-spout-spec)])"),
        lambda text: text.replace(USE, "").replace("(defn", "(use 'streamparse.specs) (defn"),
        lambda text: text.replace(USE, "(:require [streamparse.specs :as s])").replace(
            "(py", "(s/py"
        ),
        lambda text: text.replace(USE, "(:require [streamparse.specs :refer :all])"),
    ],
)
def test_a_library_can_be_brought_in_in_many_ways(change: Any) -> None:
    text = change(WORDCOUNT)
    assert parse_topology(text, path="wordcount.clj").components == WORDCOUNT_COMPONENTS


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            text_of().replace("streamparse.specs", "streamparse.specs :only [python-bolt-spec]"),
            't.clj:2:9: component "s": python-spout-spec is used, but no ns form brings it in '
            "(Storm: Unable to resolve symbol: python-spout-spec in this context); "
            "add (:use [streamparse.specs]) to the ns form",
        ),
    ],
)
def test_a_name_whose_library_is_not_brought_in_is_warned_of(text: str, message: str) -> None:
    assert warnings(text) == [message]


@pytest.mark.parametrize(
    ("storm", "library"),
    [
        (None, "org.apache.storm.clojure"),
        ("0.10.2", "backtype.storm.clojure"),
        ("1.0.0", "org.apache.storm.clojure"),
        ("2.8.3", "org.apache.storm.clojure"),
    ],
)
def test_the_library_that_is_missing_is_that_of_the_storm_that_will_run_it(
    storm: str | None, library: str
) -> None:
    use = "(ns t (:use [streamparse.specs]))"
    text = f"{use}\n(defn t [options] (topology {{{SPOUT}}} {{{BOLT}}}))"
    assert [str(each) for each in parse_topology(text, path="t.clj", storm=storm).warnings] == [
        "t.clj:2:20: topology is used, but no ns form brings it in "
        f"(Storm: Unable to resolve symbol: topology in this context); add (:use [{library}]) to the ns form"
    ]

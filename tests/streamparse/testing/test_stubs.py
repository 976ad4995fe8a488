"""What stands in for spouts and bolts: rows, classes, functions."""

from __future__ import annotations

from typing import Any

import pytest

from streamparse.storm import Bolt, Tuple
from streamparse.testing import (
    HarnessError,
    Storm,
)
from tests.support.chain_project import ROWS, Mistake, chain, check_mistake

MISTAKES: dict[str, tuple[Mistake, str]] = {
    "spout": (
        lambda storm: storm.topology("chain.clj", spouts={"rosw": []}),
        "topology 'chain' has no spout 'rosw' (did you mean \"rows\"?)",
    ),
    "stub that names no class": (
        lambda storm: chain(storm, bolts={"pass": "Pass"}),
        "bolts={'pass': 'Pass'}: expected a class, or its name as package.module.Class",
    ),
    "function that returns a value": (
        lambda storm: chain(storm, bolts={"count": lambda tup: tup.values[1]}).complete(),
        "the function in place of 'count' returned 'dog'; expected a list of rows, such as [['dog', 1]], or None",
    ),
    "function that returns a row": (
        lambda storm: chain(storm, bolts={"count": lambda tup: ["dog", 1]}).complete(),
        "the function in place of 'count' returned ['dog', 1], in which 'dog' is not a row; expected a list of rows, "
        "such as [['dog', 1]], or None",
    ),
    "rows that are no lists": (
        lambda storm: chain(storm, ["dog"]),
        "rows ['dog']: expected a list of lists of values, such as [['dog'], ['cat']]",
    ),
    "retries": (lambda storm: storm.feed([], retries=-1), "retries=-1: expected at least 0"),
    "parallelism": (
        lambda storm: chain(storm, parallelism={"cuont": 2}),
        'topology "chain" has no component "cuont" (did you mean "count"?)',
    ),
    "stub": (
        lambda storm: chain(storm, bolts={"cuont": "made.Pass"}),
        "topology 'chain' has no bolt 'cuont' (did you mean \"count\"?)",
    ),
    "stub of the other kind": (
        lambda storm: chain(storm, bolts={"rows": "made.Pass"}),
        "topology 'chain' has no bolt 'rows'; its bolts are ['pass', 'count']",
    ),
    "JVM bolt": (
        lambda storm: storm.topology("java.clj", spouts={"kafka": [[1]]}, outputs={"kafka": ["n"]}),
        "store (org.example.Store) needs a JVM, and cannot run here; give a class or a function in its place: "
        "bolts={'store': ...}, and declare what that emits: outputs={'store': [fields]}",
    ),
    "stub that is nothing": (
        lambda storm: chain(storm, bolts={"count": 7}),
        "the stub for 'count' is 7; expected a class, its dotted name or a function",
    ),
}


def test_a_function_stands_in_for_a_bolt_in_the_tests_own_process(storm: Storm) -> None:
    seen = []

    def double(tup: Tuple) -> list[list[Any]]:
        seen.append(tup.values[1])
        return [tup.values, tup.values]

    run = chain(storm, ROWS[:2], bolts={"pass": double}).complete()
    assert (seen, run["count"].emitted.last_by("word")) == (["dog", "cat"], {"dog": 2, "cat": 2})


def test_a_class_made_inside_a_test_runs_in_its_process_but_not_as_a_process_of_its_own(
    storm: Storm,
) -> None:
    seen = []

    class Sees(Bolt):
        def process(self, tup: Tuple) -> None:
            seen.append(tup.values[1])

    chain(storm, ROWS[:2], bolts={"pass": Sees}).complete()
    storm.bolt(Sees, inputs=["n", "word"], mode="inprocess").process([2, "emu"])
    with pytest.raises(HarnessError, match="is defined where no other process can import it"):
        storm.bolt(Sees, inputs=["n", "word"], mode="process")
    assert seen == ["dog", "cat", "emu"]


def test_what_needs_a_jvm_runs_when_it_is_stubbed(storm: Storm) -> None:
    stored = []
    run = storm.topology(
        "java.clj",
        spouts={"kafka": [[1], [2]]},
        bolts={"store": lambda tup: stored.append(tup.values)},
        outputs={"kafka": ["n"]},
    ).complete()
    assert (stored, run["kafka"].acked) == ([[1], [2]], [0, 1])


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_line_that_says_what_was_expected(mistake: str, storm: Storm) -> None:
    check_mistake(storm, *MISTAKES[mistake])

"""Changes: what is varied, in words and by name."""

from __future__ import annotations

import pytest

from simulator.exploring.changes import VARIABLES, Change, check_variables
from simulator.testing.errors import HarnessError


def test_changes_are_told_in_words() -> None:
    changes = [
        Change("parallelism", 1, "count-bolt"),
        Change("parallelism", 3, "count-bolt"),
        Change("workers", 1),
        Change("workers", 3, topology=1),
        Change("hash seed", 2),
        Change("storm version", "1.2.4"),
    ]
    assert [str(change) for change in changes] == [
        "count-bolt has 1 task",
        "count-bolt has 3 tasks",
        "there is 1 worker",
        "there are 3 workers (topology 2 of the test)",
        "the hash seed of components is 2",
        "Storm is 1.2.4",
    ]


def test_known_names_pass() -> None:
    assert check_variables(list(VARIABLES)) == VARIABLES


@pytest.mark.parametrize(
    ("names", "finding"),
    [
        (
            ["wrkers"],
            "vary=['wrkers']: nothing is called 'wrkers' (did you mean \"workers\"?); expected ",
        ),
        ("workers", "vary='workers': expected a list of names, such as ['parallelism', "),
    ],
)
def test_unknown_names_are_refused(names: object, finding: str) -> None:
    with pytest.raises(HarnessError) as raised:
        check_variables(names)
    assert str(raised.value).startswith(finding)

"""The state of a cluster during a submission."""

from __future__ import annotations

import pytest

from streamparse.cluster.cluster_state import ClusterState, State


def state_after(*steps: State) -> ClusterState:
    state = ClusterState()
    for step in steps:
        state.enter(step)
    return state


KILLED: tuple[State, ...] = ("killing", "killed", "submitting")


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (("submitting",), "untouched"),
        (("killing",), "untouched"),
        (KILLED, "killed"),
    ],
)
def test_what_nimbus_refuses_changes_nothing(steps: tuple[State, ...], expected: State) -> None:
    state = state_after(*steps)
    state.refuse()
    assert state.now == expected


@pytest.mark.parametrize(
    ("steps", "found", "expected"),
    [
        (("killing",), None, "killed"),
        (("killing",), "KILLED", "killed"),
        (("killing",), "ACTIVE", "untouched"),
        (("submitting",), None, "untouched"),
        (("submitting",), "ACTIVE", "submitted"),
        (KILLED, None, "killed"),
        (("killing", "killed"), None, "killed"),
        ((), "ACTIVE", "untouched"),
    ],
)
def test_a_change_without_an_answer_is_found_out_by_what_runs(
    steps: tuple[State, ...], found: str | None, expected: State
) -> None:
    state = state_after(*steps)
    state.settle(found)
    assert state.now == expected


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ((), "no topology was touched; `sparse submit -f` begins again"),
        (
            ("killing",),
            "the old words may or may not have been killed; `sparse list -e prod` shows it if it was not",
        ),
        (
            ("killing", "killed"),
            "the old words is killed and the new one is not submitted; `sparse submit -f` finishes it",
        ),
        (
            ("submitting",),
            "words may or may not have been submitted; `sparse list -e prod` shows it if it was",
        ),
        (("submitting", "submitted"), "words is submitted; `sparse list -e prod` shows it"),
    ],
)
def test_each_state_has_its_words_and_the_command_that_finishes_the_work(
    steps: tuple[State, ...], words: str
) -> None:
    assert state_after(*steps).outcome("words", "prod", "sparse submit", force=True) == words

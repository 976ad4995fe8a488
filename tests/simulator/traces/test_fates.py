"""Why a root was not acked: who had a copy of it, and what happened."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from simulator.engine import events
from simulator.traces import TreeBuilder, fate, outcome_words, reasons, subtree, task_name
from tests.support.recorded import CRASH, NAMES, PLAIN, counted, rooted

DOG = rooted(0, "dog", 0, (4, "1"))
TIMEOUT = events.Failed(120_000, "words", 5, "0", "timeout")


def told(*happened: events.Event) -> tuple[str, list[str], Sequence[str]]:
    """The outcome of the first root, the fate of each copy, and the reasons."""
    builder = TreeBuilder(NAMES)
    for event in happened:
        builder.read(event)
    root = builder.roots[0]
    return outcome_words(root), [fate(each) for each in subtree(root)], reasons(root)


def test_a_death_with_its_tuple() -> None:
    assert told(*CRASH) == (
        "failed by timeout at 120 s",
        ["lost: its task died at 2 ms, and was started again"],
        ['count[4] died at 2 ms and had ["dog"]'],
    )


def test_what_was_acked_has_no_reason() -> None:
    assert told(*PLAIN) == ("acked at 4 ms", ["acked at 2 ms", "acked at 3 ms"], [])


@pytest.mark.parametrize(
    ("happened", "fates", "why"),
    [
        (
            [TIMEOUT],
            ["held: neither acked nor failed"],
            ['count[4] neither acked nor failed ["dog"], sent to it at 0 ms'],
        ),
        (
            [events.Fault(1, "count", 4, "drop", "1"), TIMEOUT],
            ["dropped on its way at 1 ms"],
            ['["dog"] was dropped on its way to count[4]'],
        ),
        (
            [events.Fault(1, "count", 4, "fail", "1")],
            ["failed on its way at 1 ms"],
            ['["dog"] was failed on its way to count[4]'],
        ),
        (
            [events.Fail(1, "count", 4, "1")],
            ["failed at 1 ms"],
            ['count[4] failed ["dog"] at 1 ms'],
        ),
        (
            [events.Restart(1, "count", 4)],
            ["lost: its worker was started again at 1 ms"],
            ['count[4] had ["dog"] when its worker was started again at 1 ms'],
        ),
        (
            [events.Died(1, "count", 4, "x")],
            ["lost: its task died at 1 ms"],
            ['count[4] died at 1 ms and had ["dog"]'],
        ),
        (
            [TIMEOUT, events.Ack(130_000, "count", 4, "1")],
            ["acked at 130 s"],
            ['count[4] acked ["dog"] at 130 s, too late'],
        ),
        (
            [events.Ack(1, "count", 4, "1"), events.Fault(1, "count", 4, "lost-ack", "1"), TIMEOUT],
            ["its ack was lost at 1 ms, acked at 1 ms"],
            ['the ack of ["dog"] by count[4] was lost at 1 ms'],
        ),
        (
            [events.Fail(1, "count", 4, "1"), events.Fault(1, "count", 4, "lost-fail", "1")],
            ["its fail was lost at 1 ms, failed at 1 ms"],
            ['the fail of ["dog"] by count[4] was lost at 1 ms', 'count[4] failed ["dog"] at 1 ms'],
        ),
        (
            [events.Fault(1, "count", 4, "delay", "1", due_ms=70_000), TIMEOUT],
            ["delayed until 70 s, held: neither acked nor failed"],
            ['count[4] neither acked nor failed ["dog"], sent to it at 70 s'],
        ),
        ([events.Ack(1, "count", 4, "1"), TIMEOUT], ["acked at 1 ms"], ["every copy was acked"]),
    ],
)
def test_each_way_in_which_a_tuple_is_not_acked(
    happened: list[events.Event], fates: list[str], why: list[str]
) -> None:
    _, found, because = told(DOG, *happened)
    assert (found, list(because)) == (fates, why)


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        ("reorder", "reordered at 1 ms"),
        ("replay", "its root was failed by a fault at 1 ms"),
        ("duplicate", "doubled at 1 ms"),
    ],
)
def test_other_faults_are_named(verdict: events.VerdictName, words: str) -> None:
    _, (first, *_), _ = told(DOG, events.Fault(1, "count", 4, verdict, "1"))
    assert first == f"{words}, held: neither acked nor failed"


def test_a_schedule_makes_a_copy_late() -> None:
    _, found, _ = told(DOG, events.Late(1, "count", 4, "1", 3))
    assert found == ["late until 3 ms, held: neither acked nor failed"]


def test_a_root_that_nobody_was_sent_is_told() -> None:
    assert told(rooted(0, "dog", 0)) == ("still pending", [], ["no bolt was sent a copy"])


def test_a_root_of_a_spout_that_was_started_again_is_forgotten() -> None:
    outcome, _, _ = told(DOG, events.Restart(9, "words", 5))
    assert outcome == "forgotten: its spout was started again at 9 ms"


def test_a_copy_deep_in_the_tree_is_the_reason() -> None:
    _, _, why = told(
        DOG, counted(1, 4, "dog", 1, "1", (6, "2")), events.Ack(1, "count", 4, "1"), TIMEOUT
    )
    assert why == ['store[6] neither acked nor failed ["dog", 1], sent to it at 1 ms']


def test_a_task_of_an_unknown_component_has_its_number() -> None:
    assert [task_name("a", 1), task_name(None, 2)] == ["a[1]", "task 2"]

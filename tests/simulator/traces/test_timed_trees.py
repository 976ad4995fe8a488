"""Trees with tasks and times: what became of each copy."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from simulator.engine import events
from simulator.traces import Sent, Taken, TreeBuilder, subtree
from tests.support.recorded import CRASH, NAMES, PLAIN, counted, rooted


def built(happened: Sequence[events.Event], **options: object) -> list[Sent]:
    builder = TreeBuilder(NAMES, **options)  # type: ignore[arg-type]  # of this test's own
    for event in happened:
        builder.read(event)
    return builder.roots


def state(taken: Taken) -> str:
    if taken.settled is not None:
        return taken.settled.event
    if taken.died is not None or taken.lost is not None:
        return f"died {taken.died is not None} lost {taken.lost is not None}"
    return "held" if taken.is_held else "gone"


def lives(root: Sent) -> list[tuple[str | None, int, str]]:
    return [(each.component, each.task, state(each)) for each in subtree(root)]


def test_every_copy_has_its_task_and_its_end() -> None:
    assert [(root.emit.id, root.attempt, root.outcome_name, lives(root)) for root in built(CRASH)] == [
        (0, 1, "timeout", [("count", 4, "died True lost True")]),
        (1, 1, "acked", [("count", 3, "ack"), ("store", 6, "ack")]),
        (0, 2, "acked", [("count", 4, "ack"), ("store", 6, "ack")]),
    ]  # fmt: skip


def test_only_the_roots_that_are_wanted_are_kept() -> None:
    roots = built(CRASH, wanted=lambda emit: emit.id_json == "0")
    assert [(root.number, root.attempt, lives(root)) for root in roots] == [
        (0, 1, [("count", 4, "died True lost True")]),
        (9, 2, [("count", 4, "ack"), ("store", 6, "ack")]),
    ]


def test_a_task_without_a_name_is_known_by_its_first_ack() -> None:
    builder = TreeBuilder({})
    for event in PLAIN[:6]:
        builder.read(event)
    (_, cat) = builder.roots
    assert lives(cat) == [("count", 3, "ack"), (None, 6, "held")]


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        (events.Fault(1, "count", 4, "drop", "1"), [("count", 4, "gone")]),
        (events.Fault(1, "count", 4, "fail", "1"), [("count", 4, "gone")]),
        (events.Fault(1, "count", 4, "delay", "1", due_ms=9), [("count", 4, "held")]),
        (events.Late(1, "count", 4, "1", 9), [("count", 4, "held")]),
        (
            events.Fault(1, "count", 4, "duplicate", "1", copy_id="9"),
            [("count", 4, "held"), ("count", 4, "held")],
        ),
        (events.Fault(1, "count", 4, "drop", "no such tuple"), [("count", 4, "held")]),
    ],
)
def test_what_a_fault_does_to_a_copy(
    fault: events.Event, found: list[tuple[str, int, str]]
) -> None:
    (root,) = built([PLAIN[0], fault])
    assert lives(root) == found


def test_a_copy_that_is_late_is_not_lost_with_a_task_that_dies_before_it_comes() -> None:
    delay = events.Fault(1, "count", 4, "delay", "1", due_ms=9)
    (root,) = built(
        [PLAIN[0], delay, events.Died(5, "count", 4, ""), events.Restart(5, "count", 4)]
    )
    assert lives(root) == [("count", 4, "held")]


def test_a_spout_that_is_started_again_forgets_its_tuples() -> None:
    again = rooted(6, "dog", 0, (4, "7"))
    first, second = built(
        [PLAIN[0], events.Restart(5, "words", 5), again, events.Acked(8, "words", 5, "0")]
    )
    assert [(each.attempt, each.outcome_name) for each in (first, second)] == [
        (1, "forgotten"), (2, "acked"),
    ]  # fmt: skip


def test_a_tuple_with_two_parents_is_walked_once() -> None:
    happened = [
        rooted(0, "dog", 0, (4, "1"), (3, "2")),
        events.Emit(1, "count", 4, "default", "[1]", None, ("1", "2"), ((6, "3"),)),
    ]
    builder = TreeBuilder(NAMES)
    for event in happened:
        builder.read(event)
    assert [sent.emit for sent in builder.walk()] == happened
    assert [len(sent.parents) for sent in builder.walk()] == [0, 2]


def test_a_tuple_without_a_message_id_or_of_a_bolt_without_an_anchor_is_a_root() -> None:
    plain = events.Emit(0, "words", 5, "default", "[1]", None, None, ((4, "1"),))
    free = events.Emit(1, "count", 4, "default", "[2]", None, (), ())
    assert [root.outcome_name for root in built([plain, free])] == ["untracked", "untracked"]


def test_a_loop_of_many_tuples_is_walked_without_recursion() -> None:
    count = 5000
    chain = [rooted(0, "a", 0, (4, "0"))]
    chain += [counted(1, 4, "a", n, str(n), (4, str(n + 1))) for n in range(count)]
    (root,) = built(chain)
    assert len(list(subtree(root))) == count + 1

"""The way of a copy to its task: at once, or through fault rules and a schedule."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.engine import faults
from simulator.engine.chance import Choice, Replayed
from simulator.engine.effects import Delivery, Origin, Settlement, Switch
from simulator.engine.timers import Arrival
from simulator.engine.tracker import Pending
from tests.support.engine import Engine, copy, engine_of
from tests.support.table_top import bolt, spout, topology_text

TEXT = topology_text(
    spout("[]"), bolt("b", "Tells", rest=":p 2")
)  # ackers 1 and 2; b is 3 and 4, s is 5
SOURCE, OTHER = Origin("s", 5), Origin("b", 4)
HEAD = '"component":"b","task":3'


def sent(tuple_id: str, target: int, source: Origin = SOURCE, **fields: Any) -> Delivery:
    """A copy of a tuple from a task that there is."""
    return copy(tuple_id, target, source=source, **fields)


def under_way(engine: Engine) -> list[tuple[int, str]]:
    """The copies on the agenda: when each arrives, and its id."""
    found = []
    while (next_ms := engine.agenda.next_ms) is not None:
        for due in engine.agenda.pop_due(next_ms):
            assert isinstance(due, Arrival)
            found.append((next_ms, due.delivery.id))
    return found


def notified(engine: Engine) -> list[Settlement | Switch]:
    """What the spout is to be notified of."""
    return engine.notices(5)


# -- no rules, no schedule


def test_copies_are_in_the_inboxes_of_their_tasks_at_once_and_in_order() -> None:
    engine = engine_of(TEXT)
    engine.network.send([sent("1", 3), sent("2", 4), sent("3", 3)])
    assert (engine.inbox(3), engine.inbox(4)) == (["1", "3"], ["2"])
    assert (engine.trace.lines, engine.agenda.next_ms) == ([], None)


# -- rules


def test_a_dropped_copy_arrives_nowhere() -> None:
    engine = engine_of(TEXT, rules=[faults.Nth(faults.Drop(), "b")])
    engine.network.send([sent("1", 3), sent("2", 3)])
    assert (engine.inbox(3), under_way(engine)) == (["2"], [])
    assert engine.trace.lines == [f'{{"at":0,"event":"fault",{HEAD},"verdict":"drop","tuple":"1"}}']


def test_a_delayed_copy_arrives_so_many_milliseconds_after_the_end_of_the_wave() -> None:
    engine = engine_of(TEXT, rules=[faults.Nth(faults.Delay(250), "b")])
    engine.agenda.now_ms = 1000
    engine.network.send([sent("1", 3)])
    assert (engine.inbox(3), under_way(engine)) == ([], [(1251, "1")])
    assert engine.trace.lines == [
        f'{{"at":1000,"event":"fault",{HEAD},"verdict":"delay","tuple":"1","due":1251}}'
    ]


def test_a_duplicate_has_an_id_and_an_edge_of_its_own() -> None:
    engine = engine_of(TEXT, rules=[faults.Nth(faults.Duplicate(), "b")])
    engine.tracker.open(Pending(5, 7, "id", 0), 9)
    first = sent("a", 3, roots={7: 9})
    engine.network.send([first])
    taken, second = engine.tasks.bolt(3).inbox
    assert (taken, second.id, second.values, second.text) == (first, "1", first.values, first.text)
    assert engine.trace.lines == [
        f'{{"at":0,"event":"fault",{HEAD},"verdict":"duplicate","tuple":"a","copy":"1"}}'
    ]
    engine.tracker.ack(first)
    assert notified(engine) == []
    engine.tracker.ack(second)
    assert notified(engine) == [Settlement("ack", "id", 0)]


def test_the_duplicate_of_a_copy_that_is_in_no_tree_is_in_none() -> None:
    engine = engine_of(TEXT, rules=[faults.Nth(faults.Duplicate(), "b")])
    engine.network.send([sent("a", 3)])
    assert [each.roots for each in engine.tasks.bolt(3).inbox] == [None, None]


def test_a_failed_copy_fails_its_roots_and_arrives_nowhere() -> None:
    engine = engine_of(TEXT, rules=[faults.Nth(faults.Fail(), "b")])
    engine.tracker.open(Pending(5, 7, "id", 0), 9)
    engine.network.send([sent("1", 3, roots={7: 9})])
    assert (engine.inbox(3), notified(engine)) == ([], [Settlement("fail", "id", 0)])
    assert engine.trace.lines == [f'{{"at":0,"event":"fault",{HEAD},"verdict":"fail","tuple":"1"}}']


def test_a_lost_ack_is_recorded_once_and_when_it_happens() -> None:
    engine = engine_of(TEXT, rules=[faults.Nth(faults.LostAck(), "b")])
    first, second = sent("1", 3), sent("2", 3)
    engine.network.send([first, second])
    assert (engine.inbox(3), engine.trace.lines) == (["1", "2"], [])
    engine.agenda.now_ms = 40
    assert [engine.network.loses("ack", each) for each in (second, first, first)] == [
        False,
        True,
        False,
    ]
    assert engine.trace.lines == [
        f'{{"at":40,"event":"fault",{HEAD},"verdict":"lost-ack","tuple":"1"}}'
    ]


def test_a_rule_that_is_added_judges_what_comes_after_it() -> None:
    engine = engine_of(TEXT)
    engine.network.send([sent("1", 3)])
    engine.network.rules.append(faults.Nth(faults.Drop(), "b"))
    engine.network.send([sent("2", 3), sent("3", 3)])
    assert engine.inbox(3) == ["1", "3"]


# -- a schedule


def late(*values: int, task: str = "b/0") -> Replayed:
    """The milliseconds that copies to a task are late, one after the other."""
    return Replayed([Choice(f"{task}/late", 4, value) for value in values])


def test_a_copy_may_be_late() -> None:
    engine = engine_of(TEXT, choices=late(2))
    engine.network.send([sent("1", 3), sent("2", 4)])
    assert (engine.inbox(3), engine.inbox(4), under_way(engine)) == ([], ["2"], [(3, "1")])
    assert engine.trace.lines == [f'{{"at":0,"event":"late",{HEAD},"tuple":"1","due":3}}']


def test_no_copy_overtakes_another_on_its_way_from_one_task_to_another() -> None:
    engine = engine_of(TEXT, choices=late(3, 0, 1))
    engine.network.send([sent("1", 3), sent("2", 3), sent("3", 3)])
    assert (engine.inbox(3), under_way(engine)) == ([], [(4, "1"), (4, "2"), (4, "3")])


def test_a_copy_from_another_task_may_overtake() -> None:
    engine = engine_of(TEXT, choices=late(3, 0))
    engine.network.send([sent("1", 3), sent("2", 3, source=OTHER)])
    assert (engine.inbox(3), under_way(engine)) == (["2"], [(4, "1")])


def test_once_the_late_copy_has_arrived_the_way_is_free() -> None:
    engine = engine_of(TEXT, choices=late(3, 0))
    engine.network.send([sent("1", 3)])
    engine.agenda.now_ms = 4
    engine.network.send([sent("2", 3)])
    assert engine.inbox(3) == ["2"]


@pytest.mark.parametrize("verdict", [faults.Drop(), faults.Fail(), faults.Delay(9)])
def test_a_copy_that_a_rule_has_taken_is_not_scheduled(verdict: faults.Verdict) -> None:
    choices = late(3)
    engine = engine_of(TEXT, rules=[faults.Nth(verdict, "b")], choices=choices)
    asked_before = choices.recorded
    engine.network.send([sent("1", 3)])
    assert choices.recorded == asked_before


def test_a_copy_that_was_late_is_put_into_the_inbox_when_it_arrives() -> None:
    engine = engine_of(TEXT)
    engine.network.arrive(sent("1", 3))
    assert engine.inbox(3) == ["1"]

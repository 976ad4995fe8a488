"""The agenda of virtual time: what is due comes by the millisecond, then in the order of adding."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from simulator.engine.clock import Agenda


def test_entries_come_when_they_are_due_and_not_before() -> None:
    agenda = Agenda[str]()
    for at_ms, entry in [(30, "late"), (10, "early"), (20, "between")]:
        agenda.add(at_ms, entry)
    taken = [(agenda.next_ms, agenda.pop_due(now_ms)) for now_ms in (9, 10, 25, 99)]
    assert taken == [(10, []), (10, ["early"]), (20, ["between"]), (30, ["late"])]
    assert agenda.next_ms is None


def test_entries_of_one_millisecond_come_in_the_order_in_which_they_were_added() -> None:
    agenda = Agenda[object]()
    entries = [{"no": "order"}, "b", None, 3, "a", {"no": "order either"}]
    for entry in entries:
        agenda.add(5, entry)
    assert agenda.pop_due(5) == entries


def test_entries_of_one_millisecond_come_by_rank_first() -> None:
    agenda = Agenda[str]()
    for at_ms, entry, rank in [(5, "done", 1), (5, "tick", 0), (4, "early", 1), (5, "done too", 1)]:
        agenda.add(at_ms, entry, rank)
    assert agenda.pop_due(5) == ["early", "tick", "done", "done too"]


def test_what_is_due_twice_comes_twice() -> None:
    agenda = Agenda[str]()
    agenda.add(1, "tick")
    agenda.add(1, "tick")
    assert agenda.pop_due(1) == ["tick", "tick"]


def test_what_is_added_for_the_past_is_due_at_once_and_first() -> None:
    agenda = Agenda[str]()
    agenda.add(7, "now")
    agenda.add(3, "overdue")
    assert [agenda.next_ms, agenda.pop_due(7)] == [3, ["overdue", "now"]]


def test_looking_at_the_entries_takes_none() -> None:
    agenda = Agenda[str]()
    for at_ms, entry in [(2, "b"), (1, "a"), (3, "c")]:
        agenda.add(at_ms, entry)
    assert sorted(agenda.entries()) == ["a", "b", "c"]
    assert agenda.pop_due(3) == ["a", "b", "c"]
    assert agenda.entries() == []


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 20))))
def test_the_agenda_is_a_stably_sorted_list(steps: list[tuple[bool, int]]) -> None:
    agenda, model = Agenda[int](), list[tuple[int, int]]()
    for number, (adds, ms) in enumerate(steps):
        if adds:
            agenda.add(ms, number)
            model.append((ms, number))
        else:
            due = sorted((entry for entry in model if entry[0] <= ms), key=lambda entry: entry[0])
            model = [entry for entry in model if entry[0] > ms]
            assert agenda.pop_due(ms) == [number for _, number in due]
        assert agenda.next_ms == min((at for at, _ in model), default=None)


def test_entries_are_listed_with_their_times_in_the_order_in_which_they_will_come() -> None:
    agenda = Agenda[str]()
    for at_ms, entry, rank in [(2, "d", 0), (1, "b", 1), (1, "a", 0), (1, "c", 1)]:
        agenda.add(at_ms, entry, rank)
    assert agenda.timed_entries() == [(1, "a"), (1, "b"), (1, "c"), (2, "d")]

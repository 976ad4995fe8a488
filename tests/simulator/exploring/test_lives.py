"""Lives: what they tell apart, and what they do not."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.engine import events
from simulator.exploring.lives import Lives, lives_of

COMPONENTS = {1: "rows", 2: "bolt", 3: "bolt"}
E = events


def emitted(row: int, task: int, tuple_id: str, at_ms: int = 0) -> events.Event:
    return E.Emit(at_ms, "rows", 1, "default", f"[{row}]", str(row), None, ((task, tuple_id),))


def acked(row: int, task: int, tuple_id: str) -> list[events.Event]:
    return [E.Ack(5, "bolt", task, tuple_id), E.Acked(6, "rows", 1, str(row))]


def lives(trace: Sequence[events.Event]) -> Lives:
    return lives_of(trace, COMPONENTS)


def test_task_ids_tuple_ids_values_and_times_make_no_difference() -> None:
    one = lives([emitted(0, 2, "1"), *acked(0, 2, "1")])
    other = lives([emitted(7, 3, "9", at_ms=80), *acked(7, 3, "9")])
    assert one == other
    assert len(one.seen) == 1


def test_roots_that_go_the_same_way_have_one_life() -> None:
    both = [emitted(0, 2, "1"), *acked(0, 2, "1"), emitted(1, 3, "2"), *acked(1, 3, "2")]
    assert len(lives(both).seen) == 1


def test_the_attempts_at_an_id_are_one_life() -> None:
    trace = [emitted(0, 2, "1"), E.Failed(30, "rows", 1, "0", "timeout"), emitted(0, 2, "2")]
    found = lives([*trace, *acked(0, 2, "2")])
    first, again = found.places["bolt", "tuple"]
    assert len(found.seen) == 1
    assert first.whole == again.whole
    assert first.so_far.size < again.so_far.size


def test_a_tuple_of_a_later_life_of_its_task_is_told_apart() -> None:
    restart = E.Restart(1, "bolt", 2)
    plain = [emitted(0, 2, "1"), *acked(0, 2, "1")]
    assert lives([restart, *plain]).seen != lives(plain).seen


def test_what_a_restart_takes_is_a_part_of_the_lives_that_it_takes_from() -> None:
    trace = [emitted(0, 2, "1"), emitted(1, 3, "2"), E.Restart(1, "bolt", 2)]
    first, second = lives(trace).places["bolt", "tuple"]
    assert first.so_far == second.so_far
    assert first.whole != second.whole


def test_a_root_that_overtakes_another_is_told_apart() -> None:
    sent = [emitted(0, 2, "1"), emitted(1, 2, "2")]
    in_order = [*sent, *acked(0, 2, "1"), *acked(1, 2, "2")]
    overtaken = [*sent, *acked(1, 2, "2"), *acked(0, 2, "1")]
    assert (len(lives(in_order).seen), len(lives(overtaken).seen)) == (1, 2)


def struck_at(trace: Sequence[events.Event], *points: tuple[str, str]) -> list[tuple[bool, bool]]:
    """Of each place of these points, whether its root is struck, and whether another one is."""
    places = lives(trace).places
    return [(each.is_struck, each.is_meanwhile) for point in points for each in places[point]]


def test_a_root_that_a_fault_has_struck_is_struck_until_its_spout_hears_of_it() -> None:
    trace = [
        emitted(0, 2, "1"),
        emitted(1, 3, "2"),
        E.Fault(0, "bolt", 2, "delay", "1", 20),
        *acked(1, 3, "2"),
        *acked(0, 2, "1"),
        emitted(2, 2, "3"),
        *acked(2, 2, "3"),
    ]
    expected = [(False, True), (True, False), (False, False)]  # of rows 1, 0 and 2
    assert struck_at(trace, ("bolt", "ack"), ("rows", "ack")) == expected * 2


def test_a_restart_strikes_the_roots_whose_tuples_it_takes_until_they_fail() -> None:
    trace = [
        emitted(0, 2, "1"),
        E.Restart(1, "bolt", 2),
        emitted(1, 3, "2"),
        *acked(1, 3, "2"),
        E.Failed(30, "rows", 1, "0", "timeout"),
        emitted(2, 3, "3"),
        *acked(2, 3, "3"),
    ]
    assert struck_at(trace, ("rows", "ack")) == [(False, True), (False, False)]
    assert struck_at(trace, ("rows", "fail")) == [(True, False)]


def test_a_root_that_is_emitted_again_is_struck_no_more() -> None:
    trace = [emitted(0, 2, "1"), E.Restart(1, "bolt", 2), E.Restart(1, "rows", 1)]
    trace += [emitted(0, 2, "2"), *acked(0, 2, "2")]
    assert struck_at(trace, ("bolt", "ack"), ("rows", "ack")) == [(False, False)] * 2


def test_places_are_counted_by_component_and_point() -> None:
    trace = [
        emitted(0, 2, "1"),
        E.Emit(2, "bolt", 2, "default", "[0]", None, ("1",), ()),
        *acked(0, 2, "1"),
    ]
    found = lives(trace)
    assert {key: len(places) for key, places in found.places.items()} == {
        ("rows", "emit"): 1, ("rows", "ack"): 1, ("bolt", "tuple"): 1, ("bolt", "emit"): 1, ("bolt", "ack"): 1,
        ("", "tuple"): 1,
    }  # fmt: skip
    sizes = [found.places["bolt", point][0].so_far.size for point in ("tuple", "emit", "ack")]
    assert sizes == [1, 1, 2]

"""How waves are formed, and when nothing is left to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from simulator.engine.chance import Choice, Replayed
from simulator.engine.effects import Death, Delivery, Settlement, system_tuple
from simulator.engine.faults import CrashOrder
from simulator.engine.feeds import Feed
from simulator.engine.tracker import Pending
from tests.support.engine import Engine, copy, engine_of
from tests.support.table_top import bolt, one_bolt, run_both, spout, topology_text


def test_the_run_is_not_idle_before_a_ticking_bolt_has_been_ticked_on_its_last_tuple() -> None:
    text = topology_text(
        spout("[[1] [2]]"), bolt("b", "Tells", rest=':conf {"topology.tick.tuple.freq.secs" 2}')
    )
    done = run_both(text)
    assert (done.said("b")[2:], done.report.stopped) == (["__system[-1] __tick [2]"], "idle")


def test_a_silent_spout_is_asked_again_and_the_run_ends_when_nothing_is_left() -> None:
    done = run_both(topology_text(spout("[]", cls="Lively"), bolt("b", "Tells")))
    assert (done.said("s"), done.report.stopped) == (["activate", "next", "next", "next"], "idle")


# -- waves alone: bolt b is task 3, or 3 and 4; spout s is the last task, and its rows are fed


def fed(rows: int = 1000, *, tasks: int = 1, **options: Any) -> Engine:
    """An engine whose spout has these many rows, so that it says itself how many turns it took."""
    text = topology_text(spout("[]"), bolt("b", "Tells", rest=f":p {tasks}"))
    feeds = {"s": Feed([[n] for n in range(rows)])}
    return engine_of(text, feeds=feeds, **options)


def formed(engine: Engine, until_ms: int = 1000) -> list[int]:
    """The tasks of the wave of this instant."""
    return [task.id for task in engine.waves.form(until_ms)]


def turns(engine: Engine, until_ms: int = 1000) -> int:
    """How many turns the spout takes in the wave of this instant."""
    engine.waves.form(until_ms)
    return engine.tasks.spouts[0].turns_taken


@pytest.mark.parametrize(
    ("options", "until_ms", "expected"),
    [
        ({}, 1000, 100),  # what RunOptions says
        ({"turns": 7}, 1000, 7),
        ({}, 30, 30),  # no turn is taken at the end of the run
        ({}, 0, 0),
    ],
)
def test_a_spout_takes_as_many_turns_as_the_options_and_the_end_allow(
    options: dict[str, Any], until_ms: int, expected: int
) -> None:
    assert turns(fed(**options), until_ms) == expected


def test_a_spout_takes_no_turn_at_which_something_else_is_due() -> None:
    engine = fed()
    engine.agenda.now_ms = 100
    engine.timers.lives[3] = 1
    engine.timers.set_timer(3, 12)
    assert turns(engine) == 12


def test_a_spout_is_asked_for_as_much_as_its_executor_has_room_for() -> None:
    engine = fed(conf={"topology.max.spout.pending": 5})
    assert turns(engine) == 5
    for root in range(5):
        engine.tracker.open(Pending(4, root, root, 0), 9)
    assert formed(engine) == []


def test_a_spout_without_room_is_still_notified() -> None:
    engine = fed(conf={"topology.max.spout.pending": 1})
    assert turns(engine) == 1
    engine.tasks.spout(4).inbox.append(Settlement("ack", 0, 0))
    engine.tracker.open(Pending(4, 7, 1, 0), 9)
    assert formed(engine) == [4]
    assert (list(engine.tasks.spout(4).inbox), engine.tasks.spout(4).turns_taken) == ([], 0)


@pytest.mark.parametrize("silent", [0, 2, 3])
def test_a_spout_that_was_silent_three_times_is_not_asked(silent: int) -> None:
    engine = fed()
    engine.tasks.spout(4).silent_turns = silent
    assert formed(engine) == ([] if silent == 3 else [4])


def test_while_a_bolt_has_work_silent_spouts_are_asked_all_the_same() -> None:
    engine = fed()
    engine.tasks.spout(4).silent_turns = 3
    engine.network.send([copy("1", 3)])
    assert formed(engine) == [3, 4]


@pytest.mark.parametrize(("asks_spouts", "is_active"), [(False, True), (True, False)])
def test_spouts_that_are_not_to_be_asked_are_notified_all_the_same(
    asks_spouts: bool, is_active: bool
) -> None:
    engine = fed(asks_spouts=asks_spouts)
    assert engine.tasks.spout(4).turns_taken == 0
    engine.tasks.is_active = is_active
    assert formed(engine) == []
    engine.tasks.spout(4).work(turns=1, room=None)  # row 0, which is acked then
    engine.tasks.spout(4).inbox.append(Settlement("ack", 0, 0))
    assert formed(engine) == [4]
    assert engine.tasks.spout(4).turns_taken == 0


def test_a_bolt_is_handed_all_that_waits_for_it() -> None:
    engine = fed(rows=0, asks_spouts=False, tasks=2)
    engine.network.send([copy("1", 4), copy("2", 4)])
    assert formed(engine) == [4]
    assert ([each.id for each in engine.tasks.bolt(4).batch], engine.inbox(4)) == (["1", "2"], [])


def test_a_schedule_may_hand_a_bolt_less_and_at_least_one() -> None:
    choices = Replayed([Choice("b/0/batch", 3, 1), Choice("b/0/batch", 1, 0)])
    engine = fed(asks_spouts=False, choices=choices)
    for number in "123":
        engine.network.arrive(copy(number, 3))
    batches = []
    while formed(engine):
        batches.append([each.id for each in engine.tasks.bolt(3).batch])
    assert batches == [["1", "2"], ["3"]]
    assert choices.recorded == [Choice("b/0/batch", 3, 1), Choice("b/0/batch", 1, 0)]


def test_a_bolt_with_an_order_takes_one_tuple_a_wave_in_the_order_of_delivery_over_its_tasks() -> (
    None
):
    engine = fed(asks_spouts=False, tasks=2, orders=[CrashOrder("b", nth=3)])
    engine.network.send([copy("1", 4), copy("2", 3), copy("10", 3), copy("9", 4)])
    waves = []
    while wave := formed(engine):
        waves.append((wave, [each.id for each in engine.tasks.bolt(wave[0]).batch]))
    # The third tuple strikes, and then the order is spent.
    assert waves == [([4], ["1"]), ([3], ["2"]), ([4], ["9"]), ([3], ["10"])]
    assert engine.killed == [4]
    outcome = engine.tasks.bolt(4).outcome
    assert outcome == Death("crashed as ordered, before tuple 3", ordered=True)


def test_a_tick_is_no_tuple_to_an_order_nor_to_the_counts() -> None:
    engine = fed(asks_spouts=False, orders=[CrashOrder("b", nth=1)])
    engine.timers.tick(3, 1)
    assert formed(engine) == [3]
    assert (engine.killed, engine.router.counts["b"].executed) == ([], 0)
    engine.network.send([copy("1", 3)])
    assert formed(engine) == [3]
    assert (engine.killed, engine.router.counts["b"].executed) == ([3], 1)


def test_what_a_bolt_is_handed_is_reported_with_the_time() -> None:
    engine = fed(asks_spouts=False)
    engine.agenda.now_ms = 40
    engine.timers.tick(3, 1)
    engine.network.send([copy("a", 3)])
    formed(engine)
    assert engine.handed == [("1", 40), ("a", 40)]


def test_effects_are_routed_in_the_order_of_the_tasks_or_in_that_of_the_schedule() -> None:
    wave = [*fed(tasks=3).tasks]
    benign = fed().waves.order(wave)
    chosen = fed(choices=Replayed([Choice("order", 4, 2), Choice("order", 3, 2)])).waves.order(wave)
    assert [[task.id for task in order] for order in (benign, chosen)] == [
        [3, 4, 5, 6],
        [5, 6, 3, 4],
    ]


def test_nothing_is_left_to_do_when_all_is_settled_and_every_spout_silent() -> None:
    def quiet(change: Callable[[Engine], object]) -> bool:
        engine = fed()
        engine.tasks.spout(4).silent_turns = 3
        change(engine)
        return engine.waves.is_quiet

    def held(delivery: Delivery) -> Callable[[Engine], object]:
        return lambda engine: engine.tasks.bolt(3).held.setdefault(delivery.id, delivery)

    assert quiet(lambda engine: None)
    assert quiet(held(system_tuple("1", 3, "__tick", 2)))  # ticks are not counted
    assert not quiet(held(copy("1", 3)))
    assert not quiet(lambda engine: engine.network.arrive(copy("1", 3)))
    assert not quiet(lambda engine: engine.tracker.open(Pending(4, 7, "id", 0), 9))
    assert not quiet(lambda engine: engine.tasks.spout(4).inbox.append(Settlement("ack", 0, 0)))
    assert not quiet(lambda engine: setattr(engine.tasks.spout(4), "silent_turns", 2))
    assert not quiet(lambda engine: setattr(engine.tasks.bolt(3), "awaits_tick", True))


def test_the_spouts_of_an_inactive_topology_have_nothing_to_say() -> None:
    engine = fed()
    engine.tasks.is_active = False
    assert engine.waves.is_quiet


def test_a_bolt_that_is_ticked_awaits_a_tick_after_each_tuple() -> None:
    text = one_bolt("[]", rest=':conf {"topology.tick.tuple.freq.secs" 2}')
    engine = engine_of(text, asks_spouts=False)
    engine.timers.arm({})
    engine.timers.tick(3, 2)
    formed(engine)
    assert engine.tasks.bolt(3).awaits_tick is False
    engine.network.send([copy("1", 3)])
    formed(engine)
    assert engine.tasks.bolt(3).awaits_tick is True

"""A run that is driven by hand."""

from __future__ import annotations

from simulator.engine.effects import Origin
from tests.simulator.engine.conftest import Make
from tests.support.table_top import (
    bolt,
    spout,
    topology_text,
)

FAR_MS = 1 << 40


def test_a_test_may_ask_give_tick_and_decide(make: Make) -> None:
    simulation = make(
        topology_text(spout('[["drop"] ["drop"]]'), bolt("b", "Obeys") + bolt("c", "Tells")),
        asks_spouts=False,
    )
    assert simulation.step(FAR_MS) is False
    simulation.by_hand.ask(5)
    (entry,) = simulation.pending
    simulation.by_hand.decide(entry, "fail")
    given = simulation.by_hand.give(4, Origin("made up", 77), "default", ["hi"])
    simulation.by_hand.tick(4)
    while simulation.step(FAR_MS):
        pass
    assert (given.id, given.roots, given.text) == ("3", None, '["hi"]')
    assert [line.partition('"event":')[2] for line in simulation.trace.lines[1:]] == [
        '"tick","component":"c","task":4,"tuple":"4"}',
        '"ack","component":"c","task":4,"tuple":"2"}',
        '"ack","component":"c","task":4,"tuple":"3"}',
        '"failed","component":"s","task":5,"id":0,"reason":""}',
    ]

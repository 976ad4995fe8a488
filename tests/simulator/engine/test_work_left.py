"""What a run still has to do."""

from __future__ import annotations

from tests.simulator.engine.conftest import Make
from tests.support.table_top import (
    bolt,
    one_bolt,
    spout,
    topology_text,
)

T3 = {"topology.message.timeout.secs": 3}
ONE_WORKER = {"topology.workers": 1}


def test_a_run_is_not_idle_stuck_or_settled_while_something_is_in_service(make: Make) -> None:
    simulation = make(one_bolt('[["drop"]]'), work={"b": "1s"})
    simulation.run(500)
    assert [(task, effects) for task, effects in simulation.in_service] == [(3, [])]
    assert (simulation.left.is_idle, simulation.left.is_stuck, simulation.left.in_flight) == (
        False,
        False,
        True,
    )
    simulation.settle()  # what is under way stays under way
    assert simulation.left.in_flight
    simulation.run(1500)
    assert (simulation.in_service, simulation.left.in_flight) == ([], False)


def test_a_bolt_that_holds_its_only_tuple_is_stuck_when_the_service_has_ended(make: Make) -> None:
    text = topology_text(spout('[["drop"]]', '"ids" [nil]'), bolt("b", "Obeys"))
    simulation = make(text, work={"b": "1s"})
    assert simulation.run(None) == "idle"
    assert (simulation.left.is_stuck, simulation.left.is_idle) == (True, False)
    assert simulation.now_ms >= 1001

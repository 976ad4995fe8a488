"""Faults that are injected into a run."""

from __future__ import annotations

import pytest

from simulator import faults
from simulator.engine.simulation import Simulation
from tests.simulator.engine.conftest import Make
from tests.support.table_top import (
    one_bolt,
)


def lines_of(simulation: Simulation, event: str) -> list[str]:
    """The lines of one event."""
    return [line for line in simulation.trace.lines if f'"event":"{event}"' in line]


def test_rules_and_orders_may_be_added_during_a_run(make: Make) -> None:
    simulation = make(one_bolt("[" + '["ack-it"] ' * 5 + "]"), on_crash="ordered")
    simulation.injection.add_rule(faults.Nth(faults.Drop(), "b"))
    simulation.injection.order(faults.CrashOrder("b", nth=2))
    simulation.run(10)
    assert len(lines_of(simulation, "fault")) == len(lines_of(simulation, "died")) == 1
    assert [each.orders for each in simulation.tasks.bolts] == [simulation.tasks.bolt(3).orders]
    assert [order.is_spent for order in simulation.tasks.bolt(3).orders] == [True]


def test_what_cannot_strike_is_refused_before_and_during_a_run(make: Make) -> None:
    rule = faults.Nth(faults.Drop(), "nobody")
    injection = make(one_bolt('[["ack-it"]]')).injection
    for add in (
        lambda: injection.order(faults.CrashOrder("nobody", nth=1)),
        lambda: injection.add_rule(rule),
        lambda: make(one_bolt('[["ack-it"]]'), rules=[rule]),
    ):
        with pytest.raises(faults.FaultError, match="nobody"):
            add()
    assert injection.unstruck == []


def test_what_has_not_struck_is_told_with_how_often_its_point_was_reached(make: Make) -> None:
    simulation = make(one_bolt('[["ack-it"]]'), on_crash="ordered")
    simulation.injection.order(faults.CrashOrder("b", nth=2))
    simulation.run(10)
    assert simulation.injection.unstruck == [
        "crash before tuple 2 of b never struck: 1 tuple was seen"
    ]

"""Meanwhile: a crash while the root of another fault is open."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from simulator.exploring.cases import Case, Fault, Kind
from simulator.exploring.explored_run import RunOutcome
from simulator.exploring.fault_points import FaultPoints
from simulator.exploring.lives import Life, Lives, Place
from simulator.exploring.meanwhile import Meanwhile

PLAIN = Place(Life(1, 1), Life(1, 4))
STRUCK = PLAIN._replace(is_struck=True)
BESIDE = PLAIN._replace(is_meanwhile=True)
POINTS = FaultPoints({"rows": {"ack": 5}, "store-bolt": {"tuple": 5, "ack": 5}}, 30_000)
LATE = Fault("delay", "store-bolt", 3, ms=20)
LOST = Fault("crash", "store-bolt", 3)


def outcome(fault: Fault | None, of_bolt: Sequence[Place], of_spout: Sequence[Place]) -> RunOutcome:
    """A run with the places of the acks of a bolt and a spout. The first three tuples go to one task."""
    lives = Lives(
        places={
            ("store-bolt", "tuple"): (PLAIN,) * 5,
            ("store-bolt", "ack"): tuple(of_bolt),
            ("rows", "ack"): tuple(of_spout),
        },
        tasks={"store-bolt": (4, 4, 4, 5, 5)},
    )
    case = Case(0, () if fault is None else (fault,))
    return RunOutcome(case, None, "", "store", ((),), (POINTS,), (lives,))


FAULT_FREE = outcome(None, [PLAIN] * 5, [PLAIN] * 5)


def drawn(meanwhile: Meanwhile) -> list[Fault]:
    """The second faults of all cases."""
    found = []
    while (case := meanwhile.draw()) is not None:
        found.append(case.faults[-1])
    return found


def after_ack(component: str, nth: int) -> Fault:
    return Fault("crash", component, nth, after="ack")


def test_a_crash_takes_a_late_tuple_and_others_come_behind_the_acks_meanwhile() -> None:
    meanwhile = Meanwhile(FAULT_FREE, ["crash", "delay"], 2)
    meanwhile.learn(outcome(LATE, [PLAIN, BESIDE, STRUCK], [BESIDE, BESIDE, STRUCK]))
    assert drawn(meanwhile) == [
        Fault("crash", "store-bolt", 3),
        after_ack("rows", 2),
        after_ack("store-bolt", 2),
        after_ack("rows", 1),
    ]


def test_what_a_crash_has_lost_is_no_late_tuple() -> None:
    meanwhile = Meanwhile(FAULT_FREE, ["crash", "delay"], 2)
    meanwhile.learn(outcome(LOST, [PLAIN, STRUCK], [PLAIN, BESIDE]))
    assert drawn(meanwhile) == [after_ack("rows", 2)]


def test_the_first_crash_before_a_tuple_of_each_task_makes_cases() -> None:
    meanwhile = Meanwhile(FAULT_FREE, ["crash"], 2)
    for nth in (1, 2, 4, 5):
        meanwhile.learn(outcome(Fault("crash", "store-bolt", nth), [], [PLAIN] * nth + [BESIDE]))
    assert drawn(meanwhile) == [after_ack("rows", 2), after_ack("rows", 5)]


@pytest.mark.parametrize(("kinds", "most_faults"), [(["delay"], 2), (["crash", "delay"], 1)])
def test_there_is_none_without_crashes_or_where_a_run_has_one_fault(
    kinds: Sequence[Kind], most_faults: int
) -> None:
    meanwhile = Meanwhile(FAULT_FREE, kinds, most_faults)
    meanwhile.learn(outcome(LATE, [BESIDE], [BESIDE]))
    assert drawn(meanwhile) == []


def test_a_fault_in_a_topology_that_was_not_made_makes_none() -> None:
    meanwhile = Meanwhile(FAULT_FREE, ["crash", "delay"], 2)
    meanwhile.learn(outcome(Fault("delay", "store-bolt", 3, ms=20, topology=1), [BESIDE], []))
    assert drawn(meanwhile) == []

"""Fault points: every single fault, in order, faults that are drawn, and what each kind does in both modes."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator

import pytest

from simulator.engine import Mode
from simulator.exploring.cases import ALL_KINDS, Fault
from simulator.exploring.fault_points import FaultPoints, draw_fault, points_of, single_faults
from streamparse.testing import Storm
from tests.support.chain_project import chain, storm

__all__ = ["storm"]

POINTS = FaultPoints({"store-bolt": {"tuple": 2, "emit": 1, "ack": 0}}, timeout_ms=60_000)


def test_every_single_fault_comes_kind_by_kind_and_the_earlier_first() -> None:
    assert list(single_faults([POINTS], ["drop", "crash", "delay"])) == [
        Fault("drop", "store-bolt", 1),
        Fault("drop", "store-bolt", 2),
        Fault("crash", "store-bolt", 1, "tuple"),
        Fault("crash", "store-bolt", 1, after="emit"),
        Fault("crash", "store-bolt", 1, "emit"),
        Fault("crash", "store-bolt", 1, after="tuple"),
        Fault("crash", "store-bolt", 2, "tuple"),
        Fault("crash", "store-bolt", 2, after="tuple"),
        Fault("delay", "store-bolt", 1, ms=20),
        Fault("delay", "store-bolt", 1, ms=2000),
        Fault("delay", "store-bolt", 1, ms=121_000),
        Fault("delay", "store-bolt", 2, ms=20),
        Fault("delay", "store-bolt", 2, ms=2000),
        Fault("delay", "store-bolt", 2, ms=121_000),
    ]


def test_a_crash_strikes_at_each_step_of_the_first_initialize_and_of_restarts() -> None:
    where = FaultPoints(
        {"b": {"initialize": 3}}, 60_000, tasks={"b": 2}, steps={"b": ["b.py:7", "b.py:9"]}
    )
    assert [str(fault) for fault in single_faults([where], ["crash"]) if fault.step] == [
        f"b crashes inside its {start} initialize, before step {step}, and its worker with it"
        for start in ("1st", "3rd")
        for step in ("1 (b.py:7)", "2 (b.py:9)")
    ]


def test_the_faults_of_a_later_topology_say_so() -> None:
    assert list(single_faults([FaultPoints({}, 1), POINTS], ["fail"])) == [
        Fault("fail", "store-bolt", 1, topology=1),
        Fault("fail", "store-bolt", 2, topology=1),
    ]


def test_workers_ackers_and_the_topology_are_struck_before_each_tuple() -> None:
    where = FaultPoints(POINTS.counts, 60_000, workers=2, ackers=1)
    assert list(single_faults([where], ["worker", "acker", "rebalance", "deactivate"])) == [
        *(Fault("worker", "", nth, number=number) for nth in (1, 2) for number in (0, 1)),
        *(Fault("acker", "", nth) for nth in (1, 2)),
        *(Fault("rebalance", "", nth, ms=1000, number=to) for nth in (1, 2) for to in (0, 3)),
        *(Fault("deactivate", "", nth, ms=1000) for nth in (1, 2)),
    ]


def test_a_drawn_fault_is_of_a_kind_that_has_a_place() -> None:
    rng = random.Random(0)
    drawn = [draw_fault([POINTS], ["crash", "acker", "drop"], rng) for _ in range(60)]
    kinds = Counter(fault.kind for fault in drawn if fault)
    assert (sorted(kinds), sum(kinds.values())) == (["crash", "drop"], 60)
    assert draw_fault([POINTS], ["acker"], rng) is None


def test_the_points_of_a_run_are_those_of_spouts_too_and_not_of_rows(storm: Storm) -> None:
    topology = storm.topology("numbers.clj").run_until_idle()
    found = points_of(topology)
    assert found.counts == {
        "numbers": {"emit": 3, "ack": 3, "fail": 0, "initialize": 1},
        "last": {"emit": 3, "ack": 3, "fail": 0, "initialize": 1, "tuple": 3, "tick": 0},
    }
    assert (found.workers, found.ackers, found.tuples) == (2, 2, 3)
    fed = points_of(chain(storm).complete())
    assert sorted(fed.counts) == ["count", "pass"]


# -- every kind, in both modes


def every_kind() -> Iterator[Fault]:
    """The first fault of each kind at each point."""
    points = FaultPoints(
        {
            "numbers": {"emit": 1, "ack": 1, "initialize": 1},
            "last": {"tuple": 1, "emit": 1, "ack": 1, "initialize": 1},
        },
        60_000,
        workers=2,
        ackers=2,
    )
    yield from single_faults([points], ALL_KINDS)


@pytest.mark.parametrize("storm", ["both"], indirect=True)
@pytest.mark.parametrize("fault", list(every_kind()), ids=str)
def test_a_fault_strikes_and_both_modes_agree(storm: Storm, fault: Fault) -> None:
    traces: list[list[str]] = []
    modes: tuple[Mode, ...] = ("inprocess", "process")
    for mode in modes:
        topology = storm.topology("numbers.clj", mode=mode, seed=3)
        fault.add_to(topology.simulation)
        topology.run_until_idle()
        topology.check_faults()
        assert set(topology["numbers"].acked) >= {f"id-{n}" for n in range(3)}
        traces.append(topology.trace.lines)
    assert traces[0] == traces[1]

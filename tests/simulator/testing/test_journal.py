"""The journal of a run, by which another simulation does the same."""

from __future__ import annotations

import pytest

from simulator.testing.journal import RecordedSimulation
from simulator.transports import InProcess
from streamparse.testing import RunningTopology, Storm
from tests.support.chain_project import ROWS, chain, storm

__all__ = ["storm"]

pytestmark = pytest.mark.parametrize("storm", ["both"], indirect=True)


def replayed(run: RunningTopology, place: int | None = None) -> list[str]:
    simulation, transport = run.simulation, run._transport
    assert isinstance(transport, InProcess)
    again = simulation.replay(
        len(simulation.calls) if place is None else place, transport.anew(), None
    )
    return again.trace.lines


def test_whatever_the_test_does_is_done_again(storm: Storm) -> None:
    run = chain(storm, storm.feed(ROWS, retries=9), mode="inprocess")
    run["pass"].crash(before="emit", nth=2)
    run["count"].lose_ack()
    run["pass"].hang()
    run.complete()
    run["rows"].feed([[9, "emu"], [10, "yak"]])
    run["pass"].takes("30ms")
    run.advance(1).deactivate().advance(2.5)
    run.activate().rebalance(workers=3, wait=1)
    run["pass"].outage(2)
    run["rows"].feed([[11, "gnu"]])
    run.advance(80)
    run.worker(0).crash(restart=1)
    run.acker().crash()
    run.complete().advance(100)
    assert replayed(run) == run.trace.lines
    for place in range(0, len(run.simulation.calls), 7):
        lines = replayed(run, place)
        assert lines == run.trace.lines[: len(lines)]


def test_an_explored_run_is_replayed_with_its_schedule_and_its_faults(storm: Storm) -> None:
    found = 0
    for run in storm.explore(30, faults="all"):
        with run.topology("chain.clj", spouts={"rows": storm.feed(ROWS, retries=9)}) as topology:
            topology.complete()
            assert replayed(topology) == topology.trace.lines
            found += 1
    assert found >= 30


def test_a_place_is_behind_all_that_happened_at_its_time(storm: Storm) -> None:
    run = chain(storm, mode="inprocess").complete()
    ended = len(run.simulation.calls)
    simulation = run.advance(30).simulation
    assert isinstance(simulation, RecordedSimulation)
    assert simulation.place(until_ms=run.now_ms - 1) == ended + 1  # a step that found nothing to do
    assert simulation.place(until_ms=run.now_ms) == len(simulation.calls)
    assert [simulation.place(wave=wave) for wave in (0, 1, simulation.waves)] == [
        1,
        next(at for at, call in enumerate(simulation.calls, 1) if call.is_wave),
        max(at for at, call in enumerate(simulation.calls, 1) if call.is_wave),
    ]

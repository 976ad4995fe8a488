"""Operations: workers and ackers that die, rebalances, and topologies that are deactivated, at once or at a tuple."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.engine import faults
from streamparse.testing import Storm
from tests.support.chain_project import ROWS, chain, storm

__all__ = ["storm"]


def kinds_of(lines: list[dict[str, Any]], *names: str) -> list[tuple[str, str, int]]:
    return [
        (line["event"], line["component"], line["at"]) for line in lines if line["event"] in names
    ]


def test_a_worker_takes_all_its_tasks_with_it_and_what_they_hold(storm: Storm) -> None:
    topology = chain(storm, storm.feed(ROWS, retries=1))
    topology["pass"].hang(tuples=1)
    topology.advance(1)
    worker = next(each for each in (topology.worker(0), topology.worker(1)) if "pass" in each.tasks)
    before = topology["pass"].restarts
    worker.crash(restart=5)
    topology.complete()
    assert (before, topology["pass"].restarts, topology["rows"].acked) == (0, 1, [0, 1, 2, 3])
    (restarted,) = topology.restarts
    assert restarted.because.endswith("crashed as ordered")
    died, up = (
        {at for name, _, at in kinds_of(list(topology.trace.events()), kind)}
        for kind in ("died", "restart")
    )
    assert (len(died), up) == (1, {at + 5000 for at in died})


def test_workers_that_crash_at_one_instant_are_both_gone(storm: Storm) -> None:
    topology = chain(storm, storm.feed(ROWS, retries=1)).advance(1)
    topology.worker(0).crash()
    topology.worker(1).crash()
    assert (topology["pass"].restarts, topology["count"].restarts) == (1, 2)


def test_an_acker_that_has_died_lets_its_trees_time_out(storm: Storm) -> None:
    topology = chain(storm, storm.feed(ROWS, retries=1), conf={"topology.acker.executors": 1})
    topology["pass"].hang(tuples=1)
    topology.advance(1)
    topology["pass"].delay(2, nth=1)
    topology["rows"].feed([[9, "fox"]])
    topology.advance(1)
    topology.acker().crash()
    topology.complete()
    reasons = [line["reason"] for line in topology.trace.events() if line["event"] == "failed"]
    assert reasons == ["timeout", "timeout"]


def test_a_rebalance_waits_and_places_all_workers_anew(storm: Storm) -> None:
    topology = storm.topology("numbers.clj", conf={"topology.workers": 1})
    workers = [{task.worker for task in topology.simulation.tasks}]
    topology.rebalance(workers=2, wait=3)
    topology.run_until_idle()
    workers.append({task.worker for task in topology.simulation.tasks})
    lines = list(topology.trace.events())
    assert workers == [{0}, {0, 1}]
    assert [at for _, _, at in kinds_of(lines, "died", "restart")] == [3000] * 4
    assert next(line["at"] for line in lines if line["event"] == "emit") >= 3000
    assert len(topology["numbers"].acked) == 3


def test_a_rebalance_waits_for_the_message_timeout_where_nothing_is_said(storm: Storm) -> None:
    topology = storm.topology("numbers.clj")
    topology.rebalance().advance(61)
    assert {at for _, _, at in kinds_of(list(topology.trace.events()), "restart")} == {60_000}


def test_an_inactive_topology_is_inactive_behind_a_rebalance(storm: Storm) -> None:
    topology = storm.topology("numbers.clj")
    topology.deactivate().rebalance(wait=1).advance(5)
    assert topology["numbers"].emitted == []
    topology.activate().run_until_idle()
    assert len(topology["numbers"].acked) == 3


def test_a_worker_that_dies_while_it_is_down_comes_up_once(storm: Storm) -> None:
    topology = chain(storm, storm.feed(ROWS, retries=1)).advance(1)
    topology.worker(0).crash(restart=5)
    topology.advance(2)
    topology.worker(0).crash(restart=5)
    topology.advance(10)
    ups = {at for _, _, at in kinds_of(list(topology.trace.events()), "restart")}
    assert len(ups) == 1


@pytest.mark.parametrize("number", [2, 7])
def test_an_event_of_a_worker_that_there_is_not_is_refused(storm: Storm, number: int) -> None:
    topology = chain(storm)
    with pytest.raises(faults.FaultError):
        topology.simulation.operations.add(faults.TopologyEvent("worker", 1, number))


def test_an_event_that_never_came_is_told(storm: Storm) -> None:
    topology = chain(storm)
    topology.simulation.operations.add(faults.TopologyEvent("worker", 99, 1))
    topology.complete()
    assert topology.simulation.injection.unstruck == [
        "worker 1 before tuple 99 of the topology never struck: there were fewer"
    ]
    topology.simulation.operations.events.clear()

"""Running topologies: driven until they are complete or idle, or for some time, in each mode."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from streamparse.storm import Bolt, Spout, Tuple
from streamparse.testing import (
    HarnessError,
    RunningTopology,
    Storm,
    any_order,
)
from tests.support.chain_project import ROWS, Mistake, chain, check_mistake

MISTAKES: dict[str, tuple[Mistake, str]] = {
    "component": (
        lambda storm: chain(storm)["cuont"],
        "topology 'chain' has no component 'cuont' (did you mean \"count\"?)",
    ),
    "time": (
        lambda storm: chain(storm).advance(-1),
        "advance(-1): expected at least 0; time does not go back",
    ),
    "no time": (
        lambda storm: chain(storm).advance("10"),  # type: ignore[arg-type]
        "advance('10'): expected a number of seconds, at least 0",
    ),
    "infinite time": (
        lambda storm: chain(storm).advance(float("nan")),
        "advance(nan): expected a number of seconds, at least 0",
    ),
}


def test_rows_are_acked_by_their_index(storm: Storm) -> None:
    run = chain(storm).complete()
    assert (run["rows"].acked, run["rows"].failed, run["rows"].pending) == ([0, 1, 2, 3], [], [])
    assert run["count"].emitted.last_by("word") == {"dog": 2, "cat": 1, "zebra": 1}
    assert run["pass"].emitted.last_by("word") == {"dog": 2, "cat": 1, "zebra": 3}
    assert run["count"].received == any_order(ROWS)
    assert run["count"].acked == any_order(ROWS)
    assert run["pass"].emitted == ROWS
    assert run["count"].received[0].anchors == []


def test_a_failed_row_comes_again_under_its_id_as_often_as_it_may(storm: Storm) -> None:
    run = chain(storm, storm.feed([[0, "dog"]], retries=2), bolts={"pass": "made.Fails"}).complete()
    assert run["rows"].emitted == [[0, "dog"]] * 3
    assert ([each.id for each in run["rows"].emitted], run["rows"].failed) == ([0, 0, 0], [0])
    once = chain(storm, bolts={"pass": "made.Fails"}).complete()
    assert (once["rows"].emitted, once["rows"].failed) == (ROWS, [0, 1, 2, 3])
    assert once["pass"].failed == ROWS


def test_a_deactivated_topology_asks_its_spouts_for_nothing_and_goes_on_with_the_rest(
    storm: Storm,
) -> None:
    class Switched(Spout):
        count = 0

        def next_tuple(self) -> None:
            self.count += 1
            self.emit([self.count], tup_id=self.count)

        def fail(self, tup_id: Any) -> None:
            self.log(f"{tup_id} failed")

        def activate(self) -> None:
            self.log("activate")

        def deactivate(self) -> None:
            self.log("deactivate")

    topology = storm.topology("numbers.clj", spouts={"numbers": Switched})
    topology["last"].hang(tuples=1)
    spout = topology["numbers"]
    topology.advance(0.1).deactivate().advance(0.1)
    emitted, acked = len(spout.emitted), len(spout.acked)
    topology.advance(200)
    assert (len(spout.emitted), len(spout.acked)) == (emitted, acked) == (emitted, emitted - 1)
    topology.activate().advance(0.1)
    assert len(spout.emitted) > emitted
    assert [logged.message for logged in spout.log] == ["activate", "deactivate", "1 failed", "activate"]  # fmt: skip


def test_time_passes_up_to_and_including_its_end(storm: Storm) -> None:
    run = chain(storm, [[0, "dog"]], conf={"topology.message.timeout.secs": 30})
    run["count"].hang()
    failed = [run.advance(seconds)["rows"].failed for seconds in (29, 30.999, 0.001)]
    assert (failed, run["rows"].pending) == ([[], [], [0]], [])


def test_both_modes_and_the_same_seed_give_one_trace(tmp_path: Path, storm: Storm) -> None:
    def digest(mode: Any, seed: int) -> str:
        run = chain(
            storm,
            storm.feed(ROWS, retries=2),
            mode=mode,
            seed=seed,
            parallelism={"pass": 2},
            conf={"topology.workers": 1},
        )
        run["count"].crash(before="ack", nth=2)
        return run.complete().trace.sha256

    assert digest("process", 1) == digest("inprocess", 1) != digest("inprocess", 2)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_line_that_says_what_was_expected(mistake: str, storm: Storm) -> None:
    check_mistake(storm, *MISTAKES[mistake])


def test_a_fault_that_never_strikes_fails_the_test_unless_it_is_allowed_to(storm: Storm) -> None:
    def run(**options: Any) -> RunningTopology:
        with chain(storm, **options) as topology:
            topology["pass"].crash(nth=50)
            topology["count"].drop(nth=50, stream="default")
            topology.complete()
        return topology

    lines = [
        "crash before tuple 50 of pass never struck: 4 tuples were seen",
        'drop of tuple 50 to count on stream "default" never struck: 4 tuples were sent there',
    ]
    with pytest.raises(HarnessError) as caught:
        run()
    assert str(caught.value).splitlines()[:2] == [f"topology 'chain': {line}" for line in lines]
    assert run(allow_unstruck=True).unchecked()[:2] == lines


def test_a_fault_that_strikes_is_no_error(storm: Storm) -> None:
    with chain(storm) as topology:
        topology["pass"].crash(nth=2)
        topology["count"].hang(tuples=1)
        topology.advance(1)
    storm.check_faults()


def test_a_worker_takes_its_time_to_come_up_again(storm: Storm) -> None:
    run = chain(storm, storm.feed(ROWS, retries=1), restart=5)
    run["pass"].crash(nth=2)
    run.complete()
    at = {
        kind: {event["at"] for event in run.trace.events() if event["event"] == kind}
        for kind in ("died", "restart")
    }
    assert (run["rows"].acked, at["restart"]) == ([0, 1, 2, 3], {ms + 5000 for ms in at["died"]})


def test_a_time_to_come_up_again_that_is_none_is_refused(storm: Storm) -> None:
    with pytest.raises(HarnessError) as caught:
        chain(storm, restart=-1)
    assert str(caught.value) == "restart(-1): expected at least 0; time does not go back"


class EmitsWhereItHandles(Bolt):
    """Emits while it handles an exception."""

    def process(self, tup: Tuple) -> None:
        try:
            raise KeyError("handled")
        except KeyError:
            self.emit(tup.values)


def test_an_exception_that_was_being_handled_at_a_crash_is_not_handled_for_ever(
    storm: Storm,
) -> None:
    rows, bolts = storm.feed(ROWS, retries=1), {"pass": EmitsWhereItHandles}
    run = chain(storm, rows, bolts=bolts, mode="inprocess")
    run["pass"].crash(after="emit", nth=1)
    run.complete()
    assert run["pass"].restarts == 1
    assert sys.exc_info() == (None, None, None)

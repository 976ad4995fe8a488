"""The simulation as a whole: one trace for one seed. Every scenario runs over both transports, which must agree."""

from __future__ import annotations

import pytest

from simulator.engine.effects import Switch
from simulator.engine.simulation import Simulation
from simulator.transports import InProcess
from tests.simulator.engine.conftest import Make
from tests.support.table_top import (
    HERE,
    WIDE,
    bolt,
    one_bolt,
    run,
    run_both,
    spout,
    topology_text,
)


def test_the_same_seed_gives_the_same_trace_and_another_seed_another() -> None:
    digests = [run_both(WIDE, seed=seed).report.trace_sha256 for seed in (1, 1, 2)]
    assert digests[0] == digests[1] != digests[2]


def test_adding_a_bolt_leaves_the_random_numbers_of_the_others_alone() -> None:
    more = WIDE.replace(
        '"sink"', '"aaa" (python-bolt-spec options {"mid" :all} "parts.Tells" []) "sink"'
    )
    assert run(more).values("mid") == run(WIDE).values("mid")


@pytest.mark.parametrize("turns", [1, 7, 100])
def test_a_spout_may_take_several_turns_a_wave(turns: int) -> None:
    done = run_both(WIDE, turns=turns)
    assert done.report.components["s"].acked == 60
    assert [event["at"] for event in done.events("emit", "s")] == list(range(60))


# -- driven by hand: ackers 1 and 2, bolt b 3, spout s 4


FAR_MS = 1 << 40


def lines_of(simulation: Simulation, event: str) -> list[str]:
    """The lines of one event."""
    return [line for line in simulation.trace.lines if f'"event":"{event}"' in line]


def test_an_instant_is_handled_at_a_time_and_a_wave_takes_a_millisecond(make: Make) -> None:
    simulation = make(one_bolt('[["ack-it"]]'))
    seen = []
    for _ in range(4):
        seen.append((simulation.step(FAR_MS), simulation.now_ms, simulation.left.in_flight))
    # The emit; the ack; the spout is notified; then it is asked in vain.
    assert seen == [(True, 1, True), (True, 2, True), (True, 3, False), (True, 4, False)]
    assert [line.partition('"component"')[0] for line in simulation.trace.lines] == [
        '{"at":0,"event":"emit",', '{"at":1,"event":"ack",', '{"at":2,"event":"acked",',
    ]  # fmt: skip


def test_a_silent_simulation_leaps_to_what_is_due_next_and_asks_its_spouts_again(
    make: Make,
) -> None:
    simulation = make(one_bolt("[]"))
    while simulation.step(FAR_MS):
        pass
    assert (simulation.now_ms, simulation.left.is_idle, simulation.next_ms) == (3, True, 60_000)
    simulation.leap(FAR_MS)
    assert (simulation.now_ms, simulation.left.is_idle) == (60_000, False)
    while simulation.step(FAR_MS):
        pass
    simulation.leap(70_000)
    assert simulation.now_ms == 70_000


def test_in_real_time_a_leap_is_short(make: Make) -> None:
    with InProcess() as transport:
        simulation = Simulation(
            make(one_bolt("[]")).topology, transport=transport, idle_leap_ms=10, cwd=HERE
        )
        simulation.leap(FAR_MS)
        assert simulation.now_ms == 10


def test_a_run_ends_at_its_time_when_idle_or_with_a_failure(make: Make) -> None:
    endless = topology_text(spout("[]", cls="Endless"), bolt("b", "Tells"))
    assert make(endless).run(50) == "time"
    assert make(one_bolt('[["ack-it"]]')).run(None) == "idle"
    assert make(one_bolt('[["ack-it"]]')).run(50, stop_when_idle=False) == "time"
    failing = make(one_bolt('[["die"]]'))
    assert (failing.run(50), failing.is_final, len(failing.failures)) == ("error", True, 1)


def test_settling_asks_no_spout_and_takes_what_is_on_its_way_to_its_end(make: Make) -> None:
    simulation = make(topology_text(spout("[]", cls="Endless"), bolt("b", "Tells")))
    simulation.run(10)
    counts = simulation.counts["s"]
    assert (simulation.left.in_flight, counts.emitted, counts.acked) == (True, {"default": 10}, 9)
    simulation.settle()
    assert (simulation.left.in_flight, counts.emitted, counts.acked) == (False, {"default": 10}, 10)


def test_the_topology_of_a_loop_is_not_settled_for_ever(make: Make) -> None:
    simulation = make(
        topology_text(spout('[["x"]]'), bolt("b", "Pass", '{"s" :all "b" :all}', '["a"]'))
    )
    simulation.run(10)
    simulation.settle()
    assert simulation.left.in_flight


def test_a_silent_spout_is_asked_again_once_it_is_woken(make: Make) -> None:
    simulation = make(topology_text(spout("[]", cls="Lively"), bolt("b", "Tells")))
    simulation.run(None)
    assert simulation.step(FAR_MS) is False
    simulation.wake("s")
    assert simulation.step(FAR_MS) is True


def test_a_topology_is_deactivated_once_and_activated_once(make: Make) -> None:
    simulation = make(topology_text(spout("[]", cls="Endless"), bolt("b", "Tells")))
    simulation.operations.activate()  # it is active
    simulation.run(3)
    simulation.operations.deactivate()
    simulation.operations.deactivate()
    assert [
        each.command for each in simulation.tasks.spout(4).inbox if isinstance(each, Switch)
    ] == ["deactivate"]
    assert simulation.run(None) == "idle"
    assert simulation.counts["s"].emitted == {"default": 3}
    simulation.operations.activate()
    simulation.run(simulation.now_ms + 2)
    assert simulation.counts["s"].emitted["default"] > 3
    assert [len(lines_of(simulation, name)) for name in ("deactivated", "activated")] == [1, 1]


@pytest.mark.parametrize("storm", ["1.0.6", "2.8.3"])
def test_spouts_are_sent_deactivate_from_1_1_on(make: Make, storm: str) -> None:
    simulation = make(one_bolt("[]"), storm=storm)
    simulation.operations.deactivate()
    assert bool(simulation.tasks.spout(4).inbox) == (storm == "2.8.3")


def test_what_is_handed_to_bolts_and_the_pace_are_observed(make: Make) -> None:
    handed: list[tuple[str, int]] = []
    paced: list[int] = []

    def pace(now_ms: int) -> int:
        paced.append(now_ms)
        return 0

    with InProcess() as transport:
        simulation = Simulation(
            make(one_bolt('[["ack-it"]]')).topology,
            transport=transport,
            pace=pace,
            on_delivery=lambda delivery, now_ms: handed.append((delivery.text, now_ms)),
            cwd=HERE,
            turns=1,
        )
        simulation.open()
        simulation.run(None)
    assert handed == [('["ack-it"]', 1)]
    assert paced == list(range(simulation.now_ms))


def test_an_ack_waits_for_the_next_tuple_before_it_and_not_for_that_behind_it() -> None:
    done = run(
        one_bolt("[" + '["ack-it"] ' * 4 + "]"), work={"s.next": "500ms", "b": "10ms"}, seconds=3
    )
    emits, acks = (
        [each["at"] for each in done.named(name) if each["component"] == "s"]
        for name in ("emit", "acked")
    )
    assert (emits, acks) == ([500, 1000, 1500, 2000], [1001, 1501, 2001, 2501])

"""A run wave by wave, forwards and backwards: it is the same run however it is driven."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from simulator import RUN_CONF, ReadyRun, RunOptions, Trace, parse_topology, ready, simulate
from simulator.engine import Delivery, events, faults
from simulator.stepping import (
    Breakpoint,
    EventBreakpoint,
    MakeRun,
    ReplayError,
    Stepper,
    TimeBreakpoint,
    parse_breakpoint,
)
from tests.support.stepped import TEXT, making
from tests.support.table_top import HERE, bolt, spout, topology_text


def digest(**options: Any) -> str:
    """The digest of the run that nobody drives."""
    topology = parse_topology(TEXT, options=RUN_CONF)
    report = simulate(topology, cwd=HERE, mode="inprocess", turns=1, **options)
    return report.trace_sha256


@pytest.mark.parametrize("seconds", [None, 0.003, 100.0])
def test_the_run_that_is_driven_to_its_end_is_the_one_that_nobody_drives(
    seconds: float | None,
) -> None:
    with Stepper(making(seconds=seconds)) as stepper:
        assert stepper.run([]) == []
        assert stepper.trace.sha256 == digest(seconds=seconds)


def test_a_run_that_is_looked_at_goes_on_as_if_nobody_had_looked() -> None:
    with Stepper(making(seconds=None)) as stepper:
        while stepper.next():
            stepper.look()
        assert (stepper.stopped, stepper.trace.sha256) == ("idle", digest(seconds=None))


def test_each_wave_has_its_events() -> None:
    with Stepper(making()) as stepper:
        found = []
        for _ in range(3):
            stepper.next()
            found.append((stepper.wave, stepper.began_ms, [each.event for each in stepper.events]))
    assert found == [(1, 0, ["emit"]), (2, 1, ["emit", "ack", "emit"]), (3, 2, ["ack"])]


def test_going_back_gives_the_same_moment_again() -> None:
    with Stepper(making()) as stepper:
        moments = [stepper.look()]
        while stepper.next():
            moments.append(stepper.look())
        for wave in (3, 1, 4, 0, len(moments) - 1, 2):
            stepper.go_to_wave(wave)
            assert (stepper.wave, stepper.look()) == (wave, moments[wave])


class Waves:
    """A listener that notes at the end of each wave whether it is run once more."""

    def __init__(self) -> None:
        self.seen: list[bool] = []
        self.stepper: Stepper | None = None

    def log(self, component: str, task: int, level: int, message: str) -> None:
        return None

    def progress(self, now_ms: int) -> None:
        assert self.stepper is not None
        self.seen.append(self.stepper.is_replaying)


def test_what_was_run_before_is_marked_while_it_is_run_again() -> None:
    waves = Waves()
    with Stepper(making(listener=waves)) as waves.stepper:
        for wave in (3, 1, 5):
            waves.stepper.go_to_wave(wave)
    assert waves.seen == [False, False, False, True, True, True, False, False]


@pytest.mark.parametrize(("at_ms", "wave"), [(0, 1), (1, 2), (3, 4), (50_000, 5), (60_000, 6)])
def test_an_instant_is_the_end_of_the_last_wave_that_begins_before_it_or_at_it(
    at_ms: int, wave: int
) -> None:
    with Stepper(making(seconds=None)) as stepper:
        stepper.go_to_ms(at_ms)  # forwards
        forwards = (stepper.wave, stepper.look())
        stepper.go_to_wave(12)
        stepper.go_to_ms(at_ms)  # backwards
        assert (stepper.wave, stepper.look()) == forwards
        assert (stepper.wave, stepper.began_ms <= at_ms) == (wave, True)


def test_an_instant_behind_the_end_is_the_end() -> None:
    with Stepper(making(seconds=None)) as stepper:
        found = []
        for at_ms in (10**9, 0):
            stepper.go_to_ms(at_ms)
            found.append(stepper.stopped)
        assert (found, stepper.wave) == (["idle", None], 1)


def test_a_breakpoint_stops_behind_the_wave_that_it_lies_in() -> None:
    with Stepper(making(seconds=None)) as stepper:
        found = []
        for text in ("b:tuple@2", "s:acked", "s:failed", "30s"):
            point: Breakpoint = parse_breakpoint(text, stepper.simulation.topology)
            assert not stepper.has_passed(point)
            assert stepper.run([point]) == [point]
            found.append((text, stepper.wave, stepper.began_ms))
            stepper.go_to_wave(0)
    assert found == [
        ("b:tuple@2", 3, 2),
        ("s:acked", 4, 3),
        ("s:failed", 9, 120_000),
        ("30s", 6, 60_000),
    ]


def test_the_first_breakpoint_of_several_stops_the_run_and_the_next_follows() -> None:
    points: list[Breakpoint] = [
        TimeBreakpoint(3),
        EventBreakpoint("b", "tuple", 1),
        EventBreakpoint("b", "tuple", 1),
    ]
    with Stepper(making()) as stepper:
        assert (stepper.run(points), stepper.wave) == (points[1:], 2)
        assert (stepper.run(points), stepper.wave) == (points[:1], 4)
        assert [stepper.has_passed(each) for each in points] == [True, True, True]
        assert stepper.run(points) == []


def test_ticks_are_no_tuples() -> None:
    text = topology_text(
        spout('[["x"]]'), bolt("b", "Tells", rest=':conf {"topology.tick.tuple.freq.secs" 1}')
    )
    with Stepper(making(text, seconds=5.0)) as stepper:
        assert stepper.run([EventBreakpoint("b", "tuple", 2)]) == []
        stepper.go_to_wave(0)
        assert len(stepper.run([EventBreakpoint("b", "tick", 1)])) == 1
        assert stepper.began_ms == 1000


def test_injected_faults_strike_again_when_a_run_begins_again() -> None:
    order = faults.CrashOrder("b", before="tuple", nth=2)
    with Stepper(making(orders=[order], on_crash="restart", seconds=None)) as stepper:
        stepper.run([])
        trace = stepper.trace.sha256
        stepper.go_to_wave(1)
        stepper.run([])
        assert stepper.trace.sha256 == trace
        assert any(isinstance(each, events.Died) for each in stepper.trace.events_from(0))


def test_a_component_that_cannot_start_ends_the_run_before_its_first_wave() -> None:
    text = topology_text(spout("[]"), bolt("b", "Unready"))
    with Stepper(making(text)) as stepper:
        assert (stepper.stopped, stepper.wave, stepper.next()) == ("error", 0, False)
        assert len(stepper.simulation.failures) == 1


def changing() -> MakeRun:
    """A run that has another seed each time it is made, as one that depends on the real clock does something else."""
    seeds = iter(range(10))
    text = topology_text(
        spout('[["draw" "x"] ["draw" "y"]]', outputs='["do" "word"]'),
        bolt("b", "Obeys", outputs='["n"]'),
    )

    @contextmanager
    def make(trace: Trace, on_delivery: Callable[[Delivery, int], object]) -> Iterator[ReadyRun]:
        options = RunOptions(cwd=HERE, mode="inprocess", turns=1, seed=next(seeds))
        topology = parse_topology(text, options=RUN_CONF)
        with ready(topology, options, trace=trace, on_delivery=on_delivery) as run:
            yield run

    return make


def test_a_run_that_does_something_else_the_second_time_is_told_once() -> None:
    with Stepper(changing()) as stepper:
        stepper.go_to_wave(3)
        with pytest.raises(ReplayError, match="wave 2 did something else than the first time"):
            stepper.go_to_wave(2)
        assert stepper.wave == 2
        stepper.go_to_wave(3)  # from here on it is a run of its own
        assert stepper.wave == 3

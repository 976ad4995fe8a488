"""The simulator's side of a scenario under load: one number for each bolt, and when its processes were ready.

Given from the recording: the mean time of each bolt for a tuple, when each task began, and from when Storm counts ticks
and message timeouts. Virtual time 0 is the moment from which it counts the message timeouts of the first spout. Given
for all scenarios: what one command to a spout takes.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from statistics import fmean

from simulator.clj import parse_topology
from simulator.engine import Delivery, Report, RunOptions, Simulation, report_on
from simulator.engine.work import Duration
from simulator.load import Verdict, judge
from simulator.model import Topology, profile
from simulator.transports import InProcess
from tests.parity.load.curves import AT_WORK, SETTLED_S, Curve, component_of
from tests.parity.load.scenarios import Rows, Scenario, Sleepy
from tests.parity.project.src.scripted import examples, load

COMMAND = "60us"  # what one next, ack or fail of a spout takes, on a real Storm: 17,000 in a second
ASKED_EACH_MS = 20  # a spout with a rate, while it has nothing to emit
WITHIN_S = 0.1  # a mark is a moment before or behind the recorded one
DEATH_WITHIN_S = 1.5  # Storm looks each second
TURN_WITHIN_S = 0.35  # where a turn of the map of pending tuples falls on the mark


@dataclass
class Counted:
    """The counts at a moment: what each spout has emitted, acked and failed, and each task of a bolt has executed."""

    spouts: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    executed: dict[str, int] = field(default_factory=dict)


@dataclass
class Simulated:
    """What a simulation did.

    Attributes:
        marks: by second of the recording, the counts a moment before and a moment behind it.
        ticks: when each bolt's task got its ticks.
        batches: when each bolt's task began with its batches, and how many tuples were in them.
        died: when a component was taken for dead; None: none was.
        report: of the run.
        verdict: on it.
    """

    marks: dict[int, tuple[Counted, Counted]]
    ticks: dict[str, list[float]]
    batches: dict[str, list[tuple[float, int]]]
    died: float | None
    report: Report
    verdict: Verdict


def simulate(
    scenario: Scenario, curve: Curve, marks: Sequence[int], *, by_second: bool = False
) -> Simulated:
    """Simulate a scenario as it was recorded, and count at these seconds of the recording.

    Args:
        scenario: the scenario.
        curve: its recording.
        marks: seconds of the recording.
        by_second: whether a bolt that always had to do is as fast in each second as the recorded one. What is left of
            the difference is not the speed of the machine.
    """
    return _Run(scenario, curve, by_second=by_second).at(marks)


def seconds_per_tuple(bolt: Sleepy, curve: Curve, name: str) -> float:
    """The one number of a bolt: the mean seconds from one tuple to the next, or, where it had rest, for a tuple."""
    tasks = [curve.bolts[task] for task in curve.tasks_of(name)]
    rates = [each.per_tuple for each in tasks if each.per_tuple is not None]
    if rates:
        return sum(rates) / len(rates)
    done = sum(each.executed[-1] for each in tasks)
    stalled = sum(each.executed[-1] >= bolt.stall_at for each in tasks) * bolt.stall
    return (sum(each.busy for each in tasks) - stalled) / done if done else bolt.sleep


def seconds_per_ack(spout: Rows, curve: Curve, name: str) -> float:
    """The one number of a spout that takes its time for acks and fails: the mean seconds for one."""
    known = [each for task in curve.tasks_of(name) if (each := curve.spouts[task].per_ack)]
    return fmean(known) if known else spout.tell


class _Run:
    def __init__(self, scenario: Scenario, curve: Curve, *, by_second: bool) -> None:
        self._by_second = by_second
        self._scenario = scenario
        self._curve = curve
        # Virtual 0. Up to 0.9 all clocks count from there, since then from the end of open and prepare of each task.
        self._follows_prepare = profile(curve.storm).timers_follow_prepare
        (first, *_) = curve.spouts
        clocks = curve.clocks
        self._origin = min(clocks.values()) if self._follows_prepare else clocks[first]
        conf = scenario.whole_conf()
        work: dict[str, object] = {
            name: {"next": COMMAND, "ack": COMMAND, "fail": COMMAND} for name in scenario.spouts
        }
        for name, spout in scenario.spouts.items():
            if spout.pause:
                work[f"{name}.next"] = f"{spout.pause}s"
            if spout.tell:
                us = seconds_per_ack(spout, curve, name) * 1e6
                work[f"{name}.ack"] = work[f"{name}.fail"] = f"{us:.1f}us"
        for name, bolt in scenario.bolts.items():
            us = seconds_per_tuple(bolt, curve, name) * 1e6
            work[name] = {"tuple": f"{us:.1f}us", "parallel": bolt.parallel}
        options = RunOptions(
            conf=conf,
            mode="inprocess",
            storm_version=curve.storm,
            work=work,
            seconds=None,
        )
        topology = parse_topology(
            scenario.text(), path=f"{scenario.name}.clj", options=conf, storm_version=curve.storm
        )
        self._done: Counter[int] = Counter()
        self._ticks: dict[int, list[float]] = {}
        self._batches: dict[int, list[tuple[float, int]]] = {}
        self._simulation = Simulation(
            topology,
            options,
            transport=InProcess(classes=self._classes(topology)),
            idle_leap_ms=ASKED_EACH_MS,
            on_delivery=self._note,
        )
        for name in (*scenario.spouts, *scenario.bolts):
            for index, task in enumerate(self._simulation.wiring.task_ids[name]):
                self._set_work(name, index, task)

    def _classes(self, topology: Topology) -> Mapping[str, Callable[[], object]]:
        def nothing(seconds: float) -> None:
            return None

        def now() -> float:
            return self._simulation.now_ms / 1000

        if self._scenario.example:
            return {
                each.id: partial(
                    getattr(examples, str(each.python_class).rpartition(".")[2]),
                    clock=now,
                    sleep=nothing,
                )
                for each in topology.components.values()
            }
        spouts = {
            name: partial(load.Rows, clock=now, sleep=nothing) for name in self._scenario.spouts
        }
        kinds = {"Sleeper": load.Sleeper, "Batcher": load.Batcher, "Pool": load.Sleeper}
        bolts = {
            name: partial(kinds[bolt.kind], sleep=nothing)
            for name, bolt in self._scenario.bolts.items()
        }
        return {**spouts, **bolts}

    def _set_work(self, name: str, index: int, task: int) -> None:
        """Give a task what the options of a run cannot say: when it was ready, a stall, and the time of a batch."""
        server = self._simulation.servers[task]
        known = self._curve.tasks_of(name)
        work = server.work
        if index < len(known):
            key = known[index]
            first = (self._curve.spouts.get(key) or self._curve.bolts[key]).first
            clock = self._curve.clocks[key]
            server.free_us = [self._virtual_us(first)] * work.parallel
            server.ready_us = server.said_us = self._virtual_us(
                clock if self._follows_prepare else first
            )
        bolt = self._scenario.bolts.get(name)
        if self._by_second and bolt is not None and index < len(known):
            recorded = self._curve.bolts[known[index]]
            if recorded.per_tuple is not None:
                each_us = recorded.per_tuple * 1e6
                fast = self._as_recorded(recorded.executed, each_us, recorded.first, bolt.parallel)
                work = replace(work, tuple=fast)
        if self._by_second and name in self._scenario.spouts and index < len(known):
            spout = self._curve.spouts[known[index]]
            told = [sum(each) for each in zip(spout.acked, spout.failed, strict=True)]
            if (spout.per_ack or 0) * told[-1] >= AT_WORK * len(told):
                fast = self._as_recorded(told, (spout.per_ack or 0) * 1e6, spout.first, 1)
                work = replace(work, ack=fast, fail=fast)
        if bolt is not None and bolt.stall:
            assert work.tuple is not None
            work = replace(work, tuple=_stalling(work.tuple.mean_us, bolt))
        if bolt is not None and bolt.kind == "Batcher":
            assert work.tuple is not None
            batches = self._batches.setdefault(task, [])
            each = _Batches(work.tuple.mean_us, lambda: self._virtual_s, batches)
            work = replace(work, tuple=each.of_tuple, tick=each.of_tick)
        server.work = work

    def _virtual_us(self, second: float) -> int:
        return max(0, round((second - self._origin) * 1e6))

    def _as_recorded(
        self, counts: Sequence[int], us: float, first: float, parallel: int
    ) -> Duration:
        """As fast as a recorded task was in each second.

        Args:
            counts: what it had done by each second.
            us: the mean time for one.
            first: when it began.
            parallel: the number of tuples that it works on at the same time.
        """
        done = [0, *counts]

        def draw(rng: random.Random) -> float:
            second = min(max(int(self._virtual_s), 0), len(counts) - 1)
            if self._curve.cold and second < SETTLED_S:
                return us
            seconds = min(1.0, max(0.01, second + 1 - first)) * parallel
            return 1e6 * seconds / max(1, done[second + 1] - done[second])

        return Duration("as recorded", us, draw)

    @property
    def _virtual_s(self) -> float:
        return self._simulation.now_ms / 1000 + self._origin

    def _note(self, delivery: Delivery, now_ms: int) -> None:
        if delivery.source.task >= 0:
            self._done[delivery.target] += 1
        else:
            self._ticks.setdefault(delivery.target, []).append(now_ms / 1000 + self._origin)

    def at(self, marks: Sequence[int]) -> Simulated:
        found: dict[int, tuple[Counted, Counted]] = {}
        simulation = self._simulation
        simulation.open()
        for mark in marks:
            before, behind = (self._counted(mark + side * self._within(mark)) for side in (-1, 1))
            found[mark] = before, behind
        report = report_on(simulation, "error" if simulation.is_final else "time")
        if self._curve.died is not None:
            self._counted(self._curve.died + DEATH_WITHIN_S)
        names = self._names()
        return Simulated(
            found,
            {names[task]: each for task, each in self._ticks.items()},
            {names[task]: each for task, each in self._batches.items()},
            self._virtual_s if simulation.is_final else None,
            report,
            judge(report, simulation.topology, simulation.options),
        )

    def _within(self, mark: int) -> float:
        timeout = self._scenario.timeout
        to_turn = (mark - self._origin + timeout / 2) % timeout - timeout / 2
        return TURN_WITHIN_S if abs(to_turn) <= TURN_WITHIN_S else WITHIN_S

    def _counted(self, second: float) -> Counted:
        simulation = self._simulation
        if not simulation.is_final:
            simulation.run(max(0, round((second - self._origin) * 1000)), stop_when_idle=False)
        names = self._names()
        under_way = Counter(
            task
            for task, _ in simulation.in_service
            if component_of(names[task]) in self._scenario.bolts
        )
        counted = Counted()
        for spout in self._scenario.spouts:
            counts = simulation.counts[spout]
            counted.spouts[spout] = sum(counts.emitted.values()), counts.acked, counts.failed
        for task, name in names.items():
            if component_of(name) in self._scenario.bolts:
                counted.executed[name] = self._done[task] - under_way[task]
        return counted

    def _names(self) -> dict[int, str]:
        task_ids = self._simulation.wiring.task_ids
        return {
            task: f"{name}.{task}"
            for name in (*self._scenario.spouts, *self._scenario.bolts)
            for task in task_ids[name]
        }


def _stalling(us: float, bolt: Sleepy) -> Duration:
    count = 0

    def draw(rng: random.Random) -> float:
        nonlocal count
        count += 1
        return us + (bolt.stall * 1e6 if count == bolt.stall_at else 0)

    return Duration("with a stall", us, draw)


class _Batches:
    """The work of a batching bolt: it takes tuples in no time, and works on all of them at a tick (BatchingBolt)."""

    def __init__(
        self, us: float, now: Callable[[], float], batches: list[tuple[float, int]]
    ) -> None:
        self._us = us
        self._now = now
        self._batches = batches
        self._held = 0
        self._ticks = 0
        self.of_tuple = Duration("taken in", 0.0, self._draw_tuple)
        self.of_tick = Duration("a batch", 0.0, self._draw_tick)

    def _draw_tuple(self, rng: random.Random) -> float:
        self._held += 1
        return 0.0

    def _draw_tick(self, rng: random.Random) -> float:
        self._ticks += 1
        if self._ticks <= load.Batcher.ticks_between_batches or not self._held:
            return 0.0
        held, self._held, self._ticks = self._held, 0, 0
        self._batches.append((self._now(), held))
        return held * self._us

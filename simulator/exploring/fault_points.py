"""The points of a run where faults can strike, every single fault at them, and one that is drawn."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from simulator.engine import below
from simulator.exploring.cases import ON_TOPOLOGY, ON_TUPLES, Fault, Kind, Point
from simulator.testing import RunningTopology

# Overtaken by a few tuples, and by most; a third possibility is to come when its root has timed out.
LATE_MS = (20, 2000)
DOWN_MS = (0, 0, 5000)  # of a worker, drawn; the real ones take 3 to 10 s from Storm 0.10 on
MOST_STEPS = 32  # of an ``initialize`` at which a crash is tried
PAUSE_MS = 1000  # of a rebalance, and of a topology that is deactivated
#: The points of a crash in the order in which they are tried: those at which something is half done come first.
CRASHES: tuple[tuple[str, Point], ...] = (
    ("before", "ack"),
    ("before", "tuple"),
    ("after", "ack"),
    ("after", "emit"),
    ("before", "emit"),
    ("after", "tuple"),
    ("before", "tick"),
    ("after", "tick"),
    ("before", "fail"),
    ("after", "fail"),
    ("after", "initialize"),
)


@dataclass(frozen=True)
class FaultPoints:
    """The points of a topology where faults can strike: what its components did in a run.

    Attributes:
        counts: by component with a process, how often it reached each point; one that is never reached is left out or
            0. Only bolts take tuples.
        timeout_ms: the message timeout.
        workers: the number of workers.
        ackers: the number of ackers.
        tasks: by component, how many of its starts were not those of a restart.
        steps: by component, the steps of its ``initialize``, each a file and a line.
    """

    counts: Mapping[str, Mapping[Point, int]]
    timeout_ms: int
    workers: int = 1
    ackers: int = 0
    tasks: Mapping[str, int] = field(default_factory=dict)
    steps: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def count(self, component: str, point: Point) -> int:
        """Return how often a component reached a point."""
        return self.counts[component].get(point, 0)

    @property
    def tuples(self) -> int:
        """How many tuples all bolts took."""
        return sum(counts.get("tuple", 0) for counts in self.counts.values())


def points_of(topology: RunningTopology) -> FaultPoints:
    """Return the points of a topology that has been run."""
    simulation = topology.simulation
    wiring, feeds = simulation.wiring, simulation.options.feeds
    found: dict[str, Mapping[Point, int]] = {}
    for component in topology.topology.components.values():
        counts = simulation.counts[component.id]
        if component.id in feeds:
            continue
        reached: dict[Point, int] = {
            "emit": counts.emits,
            "ack": counts.acked,
            "fail": counts.failed,
            "initialize": sum(
                simulation.starts.get(task, 0) for task in wiring.task_ids[component.id]
            ),
        }
        if component.kind == "bolt":
            reached |= {"tuple": counts.executed, "tick": counts.ticks}
        found[component.id] = reached
    return FaultPoints(
        found,
        wiring.message_timeout_ms,
        wiring.worker_count,
        len(wiring.ackers),
        {component: len(wiring.task_ids[component]) for component in found},
        dict(simulation.steps),
    )


def with_steps_of(
    first: Sequence[FaultPoints], points: Sequence[FaultPoints]
) -> tuple[FaultPoints, ...]:
    """Return the points of a run with the steps that the fault-free run has told."""
    return tuple(
        replace(each, steps=first[nth].steps) if nth < len(first) else each
        for nth, each in enumerate(points)
    )


def bolts_of(points: Sequence[FaultPoints]) -> set[str]:
    """Return the components of these topologies that take tuples."""
    return {
        component
        for each in points
        for component, counts in each.counts.items()
        if "tuple" in counts
    }


def single_faults(points: Sequence[FaultPoints], kinds: Sequence[Kind]) -> Iterator[Fault]:
    """Return every single fault of these kinds at every point: kind by kind, and the earlier points first.

    Args:
        points: of each topology of the run.
        kinds: the faults, in the order in which they are wanted.
    """
    for kind in kinds:
        for topology, where in enumerate(points):
            made = [
                (nth, place(nth))
                for place, many in _places(kind, where)
                for nth in range(1, many + 1)
            ]
            made.sort(key=lambda each: each[0])  # it is stable: the places stay in order
            for _, fault in made:
                if kind in ("delay", "reorder"):
                    for ms in late_ms(where):
                        yield replace(fault, ms=ms, topology=topology)
                else:  # there are many, and a copy takes as long as what is done with it
                    yield replace(fault, topology=topology) if topology else fault


Place = Callable[[int], Fault]


def _places(kind: Kind, where: FaultPoints) -> Iterator[tuple[Place, int]]:
    """Yield the faults of a kind without their ``nth``, and how many there are of each."""
    if kind in ON_TOPOLOGY:
        ms = PAUSE_MS if kind in ("rebalance", "deactivate") else 0
        for number in _numbers(kind, where):
            yield partial(_at_topology, kind, number, ms), where.tuples
        return
    for component, counts in where.counts.items():
        if kind == "crash":
            for side, point in CRASHES:
                yield partial(_crash, component, side, point), counts.get(point, 0)
            tasks = where.tasks.get(component, 1)
            starts = 1 + max(counts.get("initialize", 0) - tasks, 0)  # tasks start alike
            for step, at in enumerate(where.steps.get(component, ())[:MOST_STEPS], 1):
                yield partial(_crash_at_step, component, step, at, tasks), starts
        elif kind == "outage":
            for ms in outage_ms(where):
                yield partial(_at_component, kind, component, ms), min(1, counts.get("tuple", 0))
        elif kind == "lost-fail":
            many = counts.get("fail", 0) if "tuple" in counts else 0
            yield partial(_at_component, kind, component, 0), many
        elif kind in ON_TUPLES:
            yield partial(_at_component, kind, component, 0), counts.get("tuple", 0)


def _crash(component: str, side: str, point: Point, nth: int) -> Fault:
    if side == "after":
        return Fault("crash", component, nth, after=point)
    return Fault("crash", component, nth, point)


def _crash_at_step(component: str, step: int, place: str, tasks: int, nth: int) -> Fault:
    start = 1 if nth == 1 else tasks + nth - 1  # the first task's, or a restart
    return Fault("crash", component, start, "initialize", step=step, place=place)


def _at_component(kind: Kind, component: str, ms: int, nth: int) -> Fault:
    return Fault(kind, component, nth, ms=ms)


def _at_topology(kind: Kind, number: int, ms: int, nth: int) -> Fault:
    return Fault(kind, "", nth, ms=ms, number=number)


def _numbers(kind: Kind, where: FaultPoints) -> Sequence[int]:
    """The workers or ackers that a fault can strike; of a rebalance, the numbers of workers that there are then."""
    if kind == "worker":
        return range(where.workers)
    if kind == "acker":
        return range(where.ackers)
    return [0, where.workers + 1] if kind == "rebalance" else [0]


def late_ms(where: FaultPoints) -> tuple[int, ...]:
    """Return how late a delayed tuple may come: the last one when its root has timed out."""
    return (*LATE_MS, 2 * where.timeout_ms + 1000)


def outage_ms(where: FaultPoints) -> tuple[int, int]:
    """Return how long an outage takes: a part of the timeout, or so long that two or three attempts at a root fail."""
    return where.timeout_ms // 4, where.timeout_ms * 5 // 2


def draw_fault(
    points: Sequence[FaultPoints], kinds: Sequence[Kind], rng: random.Random
) -> Fault | None:
    """Draw a fault at a place where something happens; None where there is none.

    Args:
        points: of each topology of the run.
        kinds: the faults to draw from.
        rng: the random numbers.
    """
    places = {
        kind: [
            (topology, place, many)
            for topology, where in enumerate(points)
            for place, many in _places(kind, where)
            if many
        ]
        for kind in kinds
    }
    possible = [kind for kind in kinds if places[kind]]
    if not possible:
        return None
    kind = possible[below(rng, len(possible))]
    topology, place, many = places[kind][below(rng, len(places[kind]))]
    # Half as many again: tuples that a fault brings back come after all those of the fault-free run.
    fault = replace(place(1 + below(rng, max(many * 3 // 2, 1))), topology=topology)
    if kind in ("delay", "reorder"):
        return replace(fault, ms=late_ms(points[topology])[below(rng, 3)])
    if kind in ("crash", "worker"):
        return replace(fault, ms=DOWN_MS[below(rng, len(DOWN_MS))])
    return fault

"""The plan of an exploration: what it was asked for, and the case of each of its runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from simulator.engine import below, stream_of
from simulator.model import did_you_mean
from simulator.testing.cases import POINTS, Case, Fault, Kind, Point
from simulator.testing.errors import HarnessError, is_test_error

__tracebackhide__ = is_test_error  # pytest then shows the test's line
Strategy = Literal["random", "sweep"]
STRATEGIES: tuple[Strategy, ...] = ("random", "sweep")

USUAL_RUNS = 200  # a second or so for a small topology
MOST_FAULTS = 3  # of a run: more hide each other, and every bug we know of needs two at most
# Most bugs need one; some runs are about the schedule alone.
FAULTS_OF_A_RUN = (0, 1, 1, 1, 1, 2, 2, 3)
WILD = (0.0, 0.1, 0.3, 0.6)  # how much of a run's schedule is not first come, first served
# Overtaken by a few tuples, and by most; a third possibility is to come when its root has timed out.
LATE_MS = (20, 2000)


@dataclass(frozen=True)
class Plan:
    """The arguments of ``explore``.

    Attributes:
        runs: how many, with the fault-free run; None: 200, or as many as a sweep takes.
        kinds: the faults to draw from.
        seed: of the fault-free run, and of smallest cases; the seeds of the other runs are made of it.
        strategy: how the cases of the runs are chosen.
        cases: files to run first.
        most_faults: in one run.
        directory: where found cases are written.
        replay: the one case file to run, and nothing else.
        rerun_command: the command that runs this test; None when it is not known.
    """

    runs: int | None
    kinds: tuple[Kind, ...]
    seed: int | str
    strategy: Strategy
    cases: tuple[Path, ...]
    most_faults: int
    directory: Path
    replay: Path | None = None
    rerun_command: str | None = None


def check_plan(plan: Plan) -> None:
    """Refuse what cannot be done.

    Raises:
        HarnessError: a strategy or a number does not fit.
    """
    if plan.strategy not in STRATEGIES:
        raise HarnessError(
            f"strategy={plan.strategy!r}: expected {' or '.join(STRATEGIES)}"
            f"{did_you_mean(str(plan.strategy), STRATEGIES)}"
        )
    if plan.runs is not None and plan.runs < 1:
        raise HarnessError(f"explore({plan.runs}): expected at least 1 run")
    if plan.most_faults < 0:
        raise HarnessError(f"most_faults={plan.most_faults}: expected at least 0")


# -- where faults can strike ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FaultPoints:
    """The points of a topology where faults can strike: what its bolts did in the fault-free run.

    Attributes:
        counts: by bolt, how many tuples it took, and how many emits and acks it sent.
        timeout_ms: the message timeout.
    """

    counts: Mapping[str, Mapping[Point, int]]
    timeout_ms: int


def crash_points(points: Sequence[FaultPoints]) -> Iterator[Fault]:
    """Return a crash before every tuple, emit and ack of the fault-free run.

    Args:
        points: of each topology of the run.
    """
    for topology, where in enumerate(points):
        for bolt, counts in where.counts.items():
            for before in POINTS:
                for nth in range(1, counts[before] + 1):
                    yield Fault("crash", bolt, nth, before, topology=topology)


def draw_faults(
    points: Sequence[FaultPoints], kinds: Sequence[Kind], most: int, seed: object
) -> tuple[Fault, ...]:
    """Draw the faults of a run, at places where something happens.

    Args:
        points: of each topology of the run.
        kinds: the faults to draw from.
        most: how many at most.
        seed: of the run.
    """
    rng = stream_of(seed, "faults")
    wanted = min(FAULTS_OF_A_RUN[below(rng, len(FAULTS_OF_A_RUN))], most)
    places = [
        (topology, bolt)
        for topology, where in enumerate(points)
        for bolt, counts in where.counts.items()
        if counts["tuple"]
    ]
    if not places or not kinds:
        return ()
    drawn = []
    for _ in range(wanted):
        kind = kinds[below(rng, len(kinds))]
        topology, bolt = places[below(rng, len(places))]
        where = points[topology]
        befores = [point for point in POINTS if kind == "crash" and where.counts[bolt][point]]
        before = befores[below(rng, len(befores))] if befores else "tuple"
        # Half as many again: tuples that a fault brings back come after all those of the fault-free run.
        nth = 1 + below(rng, where.counts[bolt][before] * 3 // 2)
        late = (*LATE_MS, 2 * where.timeout_ms + 1000)[below(rng, len(LATE_MS) + 1)]
        ms = late if kind == "delay" else 0
        drawn.append(Fault(kind, bolt, nth, before, ms, topology))
    return tuple(drawn)


# -- the cases --------------------------------------------------------------------------------------------------


class PlannedRun(NamedTuple):
    """A run to be made.

    Attributes:
        number: which run of the exploration it is.
        case: its seed and its faults.
        wild: the fraction of its choices that are not benign; None: those of the case.
        must_strike: a fault that never strikes fails the test; drawn faults may miss.
        source: where its case comes from, for the error about it.
    """

    number: int
    case: Case
    wild: float | None = None
    must_strike: bool = False
    source: str = ""


def planned_runs(plan: Plan, points: Sequence[FaultPoints]) -> Iterator[PlannedRun]:
    """Return the runs after the fault-free one.

    Args:
        plan: what was asked for.
        points: of each topology of the fault-free run.

    Raises:
        HarnessError: there are more points to crash at than runs.
    """
    if plan.strategy == "sweep":
        yield from _sweep(plan, list(crash_points(points)))
        return
    for number in range(1, USUAL_RUNS if plan.runs is None else plan.runs):
        seed = f"{plan.seed}/{number}"
        drawn = draw_faults(points, plan.kinds, plan.most_faults, seed)
        wild = WILD[below(stream_of(seed, "wild"), len(WILD))]
        yield PlannedRun(number, Case(seed, drawn), wild)


def _sweep(plan: Plan, crashes: Sequence[Fault]) -> Iterator[PlannedRun]:
    needed = len(crashes) + 1
    if plan.runs is not None and plan.runs < needed:
        raise HarnessError(
            f"explore({plan.runs}): too few for a sweep, which has {len(crashes)} points to crash at; "
            f"expected at least {needed}, or no number"
        )
    for number, crash in enumerate(crashes, 1):
        yield PlannedRun(number, Case(plan.seed, (crash,)))

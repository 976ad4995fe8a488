"""The plan of an exploration: what it was asked for, and the case of each of its runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from simulator.engine import below, stream_of
from simulator.exploring.cases import Case, Fault, Kind
from simulator.exploring.changes import Variable
from simulator.exploring.fault_points import FaultPoints, draw_fault
from simulator.exploring.inevitable import FreshAfter
from simulator.exploring.schedules import Schedule
from simulator.model import did_you_mean
from simulator.testing import HarnessError, is_test_error

__tracebackhide__ = is_test_error  # pytest then shows the test's line
Strategy = Literal["mixed", "sweep", "random"]
STRATEGIES: tuple[Strategy, ...] = ("mixed", "sweep", "random")

USUAL_RUNS = 200  # a second or so for a small topology
MOST_FAULTS = 4  # of a run: more hide each other
# Most bugs need one; some runs are about the schedule alone.
FAULTS_OF_A_RUN = (0, 1, 1, 1, 1, 2, 2, 3)


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
        vary: what runs have different from the test.
        directory: where found cases are written.
        replay: the one case file to run, and nothing else.
        rerun_command: the command that runs this test; None when it is not known.
        looks_into: whether a failure is looked into, for a page: its run is made once more beside the fault-free run,
            and many runs tell when it became inevitable.
        shrinks: whether a failure is made smaller and its case written; False: it is enough to know that there is one.
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
    vary: tuple[Variable, ...] = ()
    looks_into: bool = False
    shrinks: bool = True


def check_plan(plan: Plan) -> None:
    """Refuse what cannot be done.

    Raises:
        HarnessError: a strategy or a number does not fit.
    """
    if plan.strategy not in STRATEGIES:
        raise HarnessError(
            f"strategy={plan.strategy!r}: expected {', '.join(STRATEGIES[:-1])} or {STRATEGIES[-1]}"
            f"{did_you_mean(str(plan.strategy), STRATEGIES)}"
        )
    if plan.runs is not None:
        _check_number(plan.runs, f"{plan.runs!r} runs", 1)
    _check_number(plan.most_faults, f"most_faults={plan.most_faults!r}", 0)


def _check_number(given: object, what: str, least: int) -> None:
    if not isinstance(given, int) or isinstance(given, bool) or given < least:
        raise HarnessError(f"{what}: expected a whole number, at least {least}")


# -- drawn faults -----------------------------------------------------------------------------------------------


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
    drawn = (draw_fault(points, kinds, rng) for _ in range(wanted))
    return tuple(fault for fault in drawn if fault is not None)


# -- a run ------------------------------------------------------------------------------------------------------


class PlannedRun(NamedTuple):
    """A run to be made.

    Attributes:
        number: which run of the exploration it is.
        case: its seed and its faults.
        schedule: how its choices are made; None: they are those of the case.
        must_strike: a fault that never strikes fails the test; drawn faults may miss.
        source: where its case comes from, for the error about it.
        asks_for_steps: its components tell the steps of their ``initialize``, at which a crash can strike.
    """

    number: int
    case: Case
    schedule: Schedule | FreshAfter | None = None
    must_strike: bool = False
    source: str = ""
    asks_for_steps: bool = False

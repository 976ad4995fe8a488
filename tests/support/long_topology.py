"""A topology whose run is long enough for snapshots, and what became of the runs of an exploration of it."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from simulator.exploring.cases import Case, Fault
from simulator.exploring.explored_run import Run, RunOutcome
from simulator.exploring.plan import PlannedRun
from simulator.exploring.runner import HowToRun, Runner
from streamparse import Bolt, Tuple
from streamparse.testing import Storm

CLJ = """
(ns long (:use [streamparse.specs]))
(defn long [options]
  [{"words" (python-spout-spec options "long.Words" ["word"])}
   {"pass-bolt" (python-bolt-spec options {"words" :shuffle} "long.Pass" ["word"] :p 2)
    "count-bolt" (python-bolt-spec options {"pass-bolt" ["word"]} "long.Count" ["word" "count"] :p 2)}])
"""
ROWS = [[f"word {number % 7}"] for number in range(150)]
SEED = 5


class Pass(Bolt):
    def process(self, tup: Tuple) -> None:
        self.emit(tup.values)


class Count(Bolt):
    def initialize(self, storm_conf: Any, context: Any) -> None:
        self.counts: dict[str, int] = {}

    def process(self, tup: Tuple) -> None:
        (word,) = tup.values
        self.counts[word] = self.counts.get(word, 0) + 1
        self.emit([word, self.counts[word]])


BOLTS = {"pass-bolt": Pass, "count-bolt": Count}


class Seen(NamedTuple):
    """What a run did."""

    case: Case
    failure: object
    trace: str
    lives: object


def seen(outcome: RunOutcome) -> Seen:
    lines = "\n".join(map(str, outcome.traces))
    return Seen(
        outcome.case, outcome.failure, hashlib.sha256(lines.encode()).hexdigest(), outcome.lives
    )


class Explored(NamedTuple):
    """The outcomes of the runs that were planned, and how many of them were made in processes of their own."""

    runs: list[Seen]
    forked: int
    warnings: list[str]


def whole(run: Run, **options: Any) -> Any:
    """The topology of a run, without its end."""
    feed = Storm.feed(ROWS, retries=5)
    return run.topology("long.clj", spouts={"words": feed}, bolts=BOLTS, **options)


def complete(run: Run) -> None:
    with whole(run) as topology:
        topology.complete()


def explored(
    storm: Storm,
    cases: Sequence[PlannedRun],
    how: HowToRun,
    body: Callable[[Run], object] = complete,
) -> Explored:
    """Carry out a fault-free run and then these, as an exploration does."""
    (Path(storm.directory) / "long.clj").write_text(CLJ)
    warnings: list[str] = []
    runner = Runner(storm._maker(), how, None, None, warnings.append)
    outcomes: list[RunOutcome] = []
    forked = 0

    def runs() -> Any:
        nonlocal forked
        yield from runner.begin(sys._getframe(1))
        outcomes.append((yield from runner.run_fault_free(PlannedRun(0, Case(SEED)))))
        yield from runner.run_bases(cases)
        results = runner.forked(cases)
        for planned in cases:
            outcome = next(results)
            forked += outcome is not None
            outcomes.append(outcome or (yield from runner.run(planned)))

    try:
        for run in runs():
            body(run)
    finally:
        runner.close()
    return Explored(list(map(seen, outcomes)), forked, warnings)


def case(*faults: Fault, number: int = 1) -> PlannedRun:
    return PlannedRun(number, Case(SEED, faults))

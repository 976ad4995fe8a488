"""Exploration: many runs of one test, each with another seed, schedule and faults, and the smallest case that fails.

The test is a loop, and its body is what is run::

    for run in storm.explore(200, faults=["crash", "duplicate"]):
        with run.topology("store", spouts={"rows": storm.feed(ROWS, retries=5)}) as topology:
            topology.complete()
            assert topology["store-bolt"].emitted.last_by("n") == dict(ROWS)

The first run is fault-free, and first come, first served. It shows how many tuples, emits and acks each bolt has, so
that the faults of the other runs strike where something happens. When a run fails, its ``with`` keeps the exception
back, and the iterator hands further runs to the same loop: the same case once more (a component that then does
something else is not deterministic, and the test fails with that), then smaller cases, and at last the smallest one,
whose failure is the test's.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Generator
from itertools import zip_longest
from pathlib import Path

from simulator.testing.cases import Case, read_case, to_text
from simulator.testing.errors import NotDeterministicError, is_test_error
from simulator.testing.explored_run import Maker, Note, Run, RunOutcome
from simulator.testing.plan import Plan, PlannedRun, planned_runs
from simulator.testing.shrinking import Shrinking, shrink

__tracebackhide__ = is_test_error  # pytest then shows the test's line
MOST_RERUNS = 200  # of one failure: what has not become smaller by then is left as it is


class Explorer:
    """Makes the runs: ``iter(explorer)`` hands them out until all have passed, or the smallest failure is known.

    Args:
        make: makes a topology.
        plan: what to run.
        before_run: called before each run with the number of runs before it, repeated and smaller ones too.

    Attributes:
        has_shown_rerun_command: a failure has a note that says how to run its case again.
    """

    def __init__(
        self, make: Maker, plan: Plan, before_run: Callable[[int], object] | None = None
    ) -> None:
        self._make = make
        self._plan = plan
        self._before_run = before_run
        self._runs = 0  # so far
        self._current: Run | None = None
        self.has_shown_rerun_command = False

    def __iter__(self) -> Generator[Run, None, None]:
        try:
            yield from self._replay(self._plan.replay) if self._plan.replay else self._explore()
        finally:
            self.close()

    def close(self) -> None:
        """End the components of the current run, which a loop that was left in the middle may not have done."""
        if self._current is not None:
            self._current.close()

    def _replay(self, path: Path) -> Generator[Run, None, None]:
        yield from self._run(_kept(path), self._note_for(0, 0, path))

    def _explore(self) -> Generator[Run, None, None]:
        plan = self._plan
        for path in plan.cases:
            yield from self._judge(0, (yield from self._run(_kept(path))))
        fault_free = yield from self._run(PlannedRun(0, Case(plan.seed), must_strike=True))
        yield from self._judge(0, fault_free)
        for planned in planned_runs(plan, fault_free.points):
            yield from self._judge(planned.number, (yield from self._run(planned)))

    def _run(
        self, planned: PlannedRun, note: Note | None = None
    ) -> Generator[Run, None, RunOutcome]:
        """One run of the loop's body."""
        if self._before_run is not None:
            self._before_run(self._runs)
        self._runs += 1
        self._current = run = Run(planned, self._make, note)
        yield run
        outcome = run.finish()
        self._current = None
        return outcome

    # -- a failure

    def _judge(self, number: int, outcome: RunOutcome) -> Generator[Run, None, None]:
        """Return at once where a run has passed; else shrink its case, and let the smallest one fail the test."""
        if outcome.failure is None:
            return
        second = yield from self._run(PlannedRun(number, outcome.case))
        check_deterministic(number, outcome, second)
        smallest, reruns = yield from self._shrink(number, second)
        note = self._note_for(number, reruns, self._write(smallest))
        last = yield from self._run(PlannedRun(number, smallest.case), note)
        check_deterministic(number, smallest, last)  # it has passed, and had failed before

    def _shrink(
        self, number: int, best: RunOutcome
    ) -> Generator[Run, None, tuple[RunOutcome, int]]:
        """The smallest run with the same failure, and how many runs it took."""
        shrinking: Shrinking = shrink(best.case, self._plan.seed)
        tried = {best.case}
        reruns = 0
        answer: Case | None = None
        try:
            case = next(shrinking)
            while reruns < MOST_RERUNS:
                answer = None
                if case not in tried:
                    tried.add(case)
                    reruns += 1
                    outcome = yield from self._run(PlannedRun(number, case))
                    if outcome.failure == best.failure:
                        best, answer = outcome, outcome.case
                        tried.add(best.case)
                case = shrinking.send(answer)
        except StopIteration:
            pass  # nothing smaller fails
        return best, reruns

    # -- the report

    def _write(self, smallest: RunOutcome) -> Path | None:
        """Write the case to a file of its own; None when that is not possible."""
        digest = zlib.crc32(to_text(smallest.case).encode())
        path = self._plan.directory / f"{smallest.name}-{digest:08x}.json"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(to_text(smallest.case, smallest.words), encoding="utf-8")
        except OSError:
            return None  # a read-only checkout: the note says all that the file would
        return path

    def _note_for(self, number: int, reruns: int, path: Path | None) -> Note:
        def note(run: Run) -> str:
            which = "the case" if self._plan.replay else f"run {number} failed; the smallest case"
            tries = f", after {reruns} reruns" if reruns else ""
            lines = [f"explore: {which} (seed {run.case.seed}{tries}):"]
            lines += [f"  {line}" for line in run.case.in_words()]
            for topology in run.topologies:
                lines.append(f"what became of the tuples of {topology.topology.name}:")
                lines += [f"  {line}" for line in topology.trace.story().splitlines()]
            if path is None:
                lines.append(f"no case file: {self._plan.directory} cannot be written to")
            else:
                lines += self._how_to_rerun(path)
            return "\n".join(lines)

        return note

    def _how_to_rerun(self, path: Path) -> list[str]:
        self.has_shown_rerun_command = True
        shown, command = _relative(path), self._plan.rerun_command
        rerun = f"{command} --storm-replay={shown}" if command else f'Storm(..., replay="{shown}")'
        if self._plan.replay:
            return [f"rerun: {rerun}"]
        beside = f"{self._plan.directory.name}/{path.name}"  # as explore looks for it
        return [
            f"rerun: {rerun}",
            f'to keep it as a test: storm.explore(..., cases=["{beside}"])',
        ]


def _kept(path: Path) -> PlannedRun:
    """The run of a case file, all of whose faults must strike: else the file has gone stale."""
    return PlannedRun(0, read_case(path), must_strike=True, source=f"{_relative(path)}: ")


def _relative(path: Path) -> str:
    """The path as it would be typed in the current directory."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


# -- runs of the same case that differ --------------------------------------------------------------------------


def check_deterministic(number: int, first: RunOutcome, second: RunOutcome) -> None:
    """Refuse two runs of the same case that differ.

    Raises:
        NotDeterministicError: with the first event that differs.
    """
    if first.failure == second.failure and first.traces == second.traces:
        return
    raise NotDeterministicError(
        f"run {number} of explore failed ({first.words}), and when the same case was run again it "
        + ("passed" if second.failure is None else f"failed with {second.words}")
        + f".\n{_first_difference(first, second)}"
    )


def _first_difference(first: RunOutcome, second: RunOutcome) -> str:
    for lines, others in zip_longest(first.traces, second.traces, fillvalue=()):
        for at, (line, other) in enumerate(zip_longest(lines, others)):
            if line != other:
                whose = json.loads(line or other or "{}").get("component", "a component")
                return f"{whose} is not deterministic: event {at} was\n  {line}\nand then\n  {other}\n{_CAUSES}"
    return _NO_DIFFERENCE


_CAUSES = (
    "It depends on more than its tuples: the clock, os.urandom, uuid4, a thread, the order of a set, what an earlier "
    "run left in a module or a file. (random is seeded, and is deterministic.)"
)
_NO_DIFFERENCE = (
    "All components did the same both times, so the test itself is not deterministic: it may look at something that "
    "an earlier run has left behind. Make it new in each run."
)

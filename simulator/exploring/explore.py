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

import sys
import zlib
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import NamedTuple

from simulator.exploring.cases import Case, read_case, to_text
from simulator.exploring.coverage import Coverage
from simulator.exploring.determinism import (
    first_difference,
    is_same,
    not_deterministic,
    place_of_difference,
)
from simulator.exploring.explanation import explained
from simulator.exploring.explored_run import Maker, Note, Run, RunOutcome, held_in
from simulator.exploring.fault_points import bolts_of
from simulator.exploring.inevitable import Chances, Continuations, chances_of
from simulator.exploring.plan import Plan, PlannedRun
from simulator.exploring.runner import HowToRun, Judge, Runner
from simulator.exploring.search import searched
from simulator.exploring.shrinking import Shrinking, rest_of, shrink
from simulator.model import of_condition
from simulator.testing import Account, NotDeterministicError, is_test_error, shortened, shown_path
from simulator.transports import is_traced
from streamparse.multilang import name_in_file

__tracebackhide__ = is_test_error  # pytest then shows the test's line
TWICE_EACH = 25  # of so many runs that pass one is made twice, to see whether it is deterministic
_NO_FAILURE = ("none",)  # what is looked for where a run is not to be judged
MOST_RERUNS = 200  # of one failure: what has not become smaller by then is left as it is


class Look(NamedTuple):
    """A failure, looked into.

    Attributes:
        words: how it fails, in one line.
        case: what it takes, in words.
        accounts: what has happened in the topologies of its run.
        passed: what has happened in those of the fault-free run; empty where that has failed, too.
        chances: how likely it was along the choices of its run; None where that was not looked for.
    """

    words: str
    case: Sequence[str]
    accounts: Sequence[Account]
    passed: Sequence[Account]
    chances: Chances | None


class Found(NamedTuple):
    """A failure, made as small as it could be.

    Attributes:
        number: of the run that failed first.
        outcome: of the smallest case.
        reruns: how many runs it took to find it.
        path: the file of the case; None when none can be written.
        look: at the run of the case; None unless the plan asks for it.
    """

    number: int
    outcome: RunOutcome
    reruns: int
    path: Path | None
    look: Look | None = None

    @property
    def is_smallest(self) -> bool:
        """False when there may be a smaller case, for the reruns of a failure are limited."""
        return self.reruns < MOST_RERUNS


class Explorer:
    """Makes the runs: ``iter(explorer)`` hands them out until all have passed, or the smallest failure is known.

    Args:
        make: makes a topology.
        plan: what to run.
        before_run: called before each run with the number of runs before it, repeated and smaller ones too.
        judge: looks at the outcome of each run; None: a run fails by an exception only.
        is_wrong: whether a run without faults fails by itself, so that it is no fault that makes it fail; None: what
            fails with its faults is told with them.
        on_found: called with the smallest case of a failure, and the exploration goes on; None: it fails the test.
        how: how the runs are carried out.
        on_warning: called with what is suspicious, a line each.
        passed: what has happened in the topologies of a fault-free run that was made before.

    Attributes:
        look: at the failure of the test, where the plan asks for it and there is one.
        has_shown_rerun_command: a failure has a note that says how to run its case again.
        coverage: what was covered so far.
        has_ended: no run is left, or no time; False where one has failed the test.
        runs: how many runs were made so far, repeated and smaller ones too.
    """

    def __init__(
        self,
        make: Maker,
        plan: Plan,
        before_run: Callable[[int], object] | None = None,
        *,
        judge: Judge | None = None,
        is_wrong: Callable[[RunOutcome], bool] | None = None,
        on_found: Callable[[Found], object] | None = None,
        how: HowToRun | None = None,
        on_warning: Callable[[str], object] | None = None,
        passed: Sequence[Account] = (),
    ) -> None:
        self._make = make
        self._plan = plan
        self._before_run = before_run
        self._judge_outcome = judge
        self._is_wrong = is_wrong
        self._on_found = on_found
        self._how = how or HowToRun()
        if judge is not None:  # it compares with the fault-free run, and so may the body
            self._how = replace(self._how, after_first=True)
        self._on_warning = on_warning or _ignore
        self._runner: Runner | None = None
        self._passed: set[Case] = set()
        self._fault_free: RunOutcome | None = None
        self._sometimes: dict[str, bool] = {}
        self._undecided = 0
        self._passed_before = passed
        self.look: Look | None = None
        self.has_shown_rerun_command = False
        self.coverage = Coverage()
        self.has_ended = False

    def __iter__(self) -> Generator[Run, None, None]:
        runner = self._runner = Runner(
            self._make, self._how, self._before_run, self._judge_outcome, self._on_warning
        )
        try:
            if self._plan.replay:
                yield from self._replay(runner, self._plan.replay)
            else:
                yield from self._explore(runner)
                self.has_ended = True
                self._tell_undecided(runner)
                self._check_sometimes(runner)
                self._check_other_processes(runner)
        finally:
            runner.close()

    def _check_other_processes(self, runner: Runner) -> None:
        """Refuse components that do something else in another process, where the hash seed is to be varied."""
        plan = self._plan
        if "hash seed" in plan.vary and plan.strategy == "mixed" and plan.runs != 1:
            self.coverage.unvaried += runner.check_other_processes()

    def _tell_undecided(self, runner: Runner) -> None:
        if self._undecided:
            self._on_warning(
                f"explore: {self._undecided} of {runner.runs} runs were given up while a root failed again and again "
                "and another one was still to be settled; a spout that waits before it emits a row again would show "
                "how they end"
            )

    def _check_sometimes(self, runner: Runner) -> None:
        """Refuse conditions that have held in no run.

        Raises:
            AssertionError: with a line for each.
        """
        never = [name for name, has_held in self._sometimes.items() if not has_held]
        if never:
            lines = [f"in none of {runner.runs} runs: {name}" for name in never]
            raise of_condition(AssertionError("\n".join(lines)))

    def without_forks(self) -> Iterator[Run]:
        """Hand out the runs, all of them in this process."""
        self._how = replace(self._how, fork=False, jobs=1)
        return iter(self)

    @property
    def runs(self) -> int:
        return 0 if self._runner is None else self._runner.runs

    @property
    def passed(self) -> Sequence[Account]:
        """What has happened in the topologies of the fault-free run; empty where it has failed or was not made."""
        return () if self._runner is None else self._runner.passed

    def close(self) -> None:
        """End what a loop that was left in the middle may not have ended."""
        if self._runner is not None:
            self._runner.close()

    def _replay(self, runner: Runner, path: Path) -> Generator[Run, None, None]:
        kept = _kept(path)
        if self._on_found is not None:
            outcome = yield from runner.run(kept)
            if outcome.failure is not None:
                look = yield from self._look_into(runner, 0, outcome)
                self._on_found(Found(0, outcome, 0, path, look))
            return
        if self._plan.looks_into:
            yield from self._look_at_case(runner, kept)
        yield from runner.run(kept, self._note_for(0, 0, path))

    def _look_at_case(self, runner: Runner, kept: PlannedRun) -> Generator[Run, None, None]:
        """Look into the failure of a case file, if it fails, beside a fault-free run."""
        yield from runner.run_fault_free(PlannedRun(0, Case(kept.case.seed)))
        outcome = yield from runner.run(kept)
        if outcome.failure is not None:
            self.look = yield from self._look_into(runner, 0, outcome)

    def _explore(self, runner: Runner) -> Generator[Run, None, None]:
        plan = self._plan
        yield from runner.begin(_loop_of(sys._getframe()))
        if self._judge_outcome is None:
            yield from self._run_kept(runner)
        has_crashes = "crash" in plan.kinds and plan.most_faults > 0 and plan.runs != 1
        planned = PlannedRun(0, Case(plan.seed), must_strike=True, asks_for_steps=has_crashes)
        fault_free = yield from runner.run_fault_free(planned)
        self._fault_free = fault_free
        yield from self._judge(runner, 0, fault_free)
        if self._judge_outcome is not None:  # it compares with the fault-free run
            yield from self._run_kept(runner)
        yield from runner.begin_others()
        search = searched(plan, fault_free, self.coverage)
        generation = next(search, ())
        while generation:
            yield from runner.run_bases(generation)
            forked = runner.forked(generation)
            outcomes: list[RunOutcome] = []
            for planned in generation:
                if runner.is_time_up:
                    with suppress(StopIteration):
                        search.send(outcomes)  # for what was covered
                    return
                outcome = next(forked) or (yield from runner.run(planned))
                outcomes.append(outcome)
                yield from self._judge(runner, planned.number, outcome)
                if planned.number % TWICE_EACH == 0 and outcome.failure is None:
                    again = yield from runner.again(PlannedRun(planned.number, outcome.case), None)
                    yield from self._check_same(runner, planned.number, outcome, again)
            try:
                generation = search.send(outcomes)
            except StopIteration:
                return

    def _run_kept(self, runner: Runner) -> Generator[Run, None, None]:
        """Run the cases that are kept as tests."""
        for path in self._plan.cases:
            yield from self._judge(runner, 0, (yield from runner.run(_kept(path))))

    # -- a failure

    def _judge(
        self, runner: Runner, number: int, outcome: RunOutcome
    ) -> Generator[Run, None, None]:
        """Return at once where a run has passed; else shrink its case, and let the smallest one fail the test."""
        self._sometimes = held_in([self._sometimes, outcome.sometimes])
        if outcome.failure is None:
            self._undecided += outcome.is_undecided
            self._passed.add(outcome.case)
            return
        if self._on_found is not None:
            yield from self._check_nothing_is_left_behind(runner, number, outcome)
        if self._is_wrong is not None and (plain := _without_faults(outcome.case)):
            unharmed = yield from runner.again(PlannedRun(number, plain), None)
            if unharmed.failure is not None:
                yield from self._judge(runner, number, unharmed)
            if unharmed.failure is not None or self._is_wrong(unharmed):
                return  # its faults are not the cause
        second = yield from runner.again(PlannedRun(number, outcome.case), outcome.failure)
        yield from self._check_same(runner, number, outcome, second)
        smallest, reruns = yield from self._shrink(runner, number, second)
        path = self._write(smallest)
        look = yield from self._look_into(runner, number, smallest)
        if self._on_found is not None:
            self._on_found(Found(number, smallest, reruns, path, look))
            return
        self.look = look
        other = yield from self._second_cause(runner, number, outcome, smallest)
        if not runner.has_run_fault_free:  # a kept case has failed: to compare it with
            yield from runner.run_fault_free(PlannedRun(0, Case(self._plan.seed)))
        note = self._note_for(number, reruns, path, other)
        last = yield from runner.run(PlannedRun(number, smallest.case), note)
        # It has passed, and had failed before.
        yield from self._check_same(runner, number, smallest, last)

    def _look_into(
        self, runner: Runner, number: int, smallest: RunOutcome
    ) -> Generator[Run, None, Look | None]:
        """Make the run of the smallest case once more, for who wants to see it; None unless the plan asks for it."""
        if not self._plan.looks_into:
            return None
        run, watch = yield from runner.watched(PlannedRun(number, smallest.case))
        accounts = [each.account() for each in run.topologies]
        passed = runner.passed or self._passed_before
        chances = None
        if len(accounts) == 1 and smallest.failure is not None:
            recorded = run.choices[0].recorded
            tries = chances_of(smallest.case, watch, recorded, self._plan.seed)
            chances = yield from _tried(runner, number, tries, smallest.failure)
        return Look(smallest.words, smallest.case.in_words(), accounts, passed, chances)

    def _check_same(
        self, runner: Runner, number: int, first: RunOutcome, second: RunOutcome
    ) -> Generator[Run, None, None]:
        """Refuse two runs of the same case that differ.

        Raises:
            NotDeterministicError: with the first event that differs, and the line that it comes from.
        """
        if is_same(first, second):
            return
        place = None
        difference = first_difference(first, second)
        if difference is not None and not is_traced():
            planned = PlannedRun(number, first.case)
            was = yield from runner.record(planned, difference)
            then = yield from runner.record(planned, difference)
            place = place_of_difference(was, then)
        raise not_deterministic(number, first, second, runner.shared.changed, place)

    def _check_nothing_is_left_behind(
        self, runner: Runner, number: int, failed: RunOutcome
    ) -> Generator[Run, None, None]:
        """Refuse a failure after which the fault-free run goes another way than at first: no case is the cause.

        Where a test asserts, its smallest case tells that. Laws compare with the fault-free run, so they would blame a
        fault.

        Raises:
            NotDeterministicError: with what has changed over the runs.
        """
        first = self._fault_free
        if first is None or first.case == failed.case:
            return
        again = yield from runner.again(PlannedRun(0, first.case), _NO_FAILURE)
        if again.traces == first.traces and again.kept == first.kept:
            return
        lines = [
            f"run {number} of explore failed ({failed.words}), and by then the fault-free run did something else too."
        ]
        lines += self._why_it_fails_of_earlier_runs("so it fails")
        raise NotDeterministicError("\n".join(lines))

    def _second_cause(
        self, runner: Runner, number: int, first: RunOutcome, smallest: RunOutcome
    ) -> Generator[Run, None, Found | None]:
        """What else the case holds that makes it fail, without anything of the smallest one; None when nothing does."""
        case = rest_of(first.case, smallest.case)
        if case is None:
            return None
        outcome = yield from runner.again(PlannedRun(number, case), None)
        if outcome.failure is None:
            return None
        other, reruns = yield from self._shrink(runner, number, outcome)
        return Found(number, other, reruns, self._write(other))

    def _shrink(
        self, runner: Runner, number: int, best: RunOutcome
    ) -> Generator[Run, None, tuple[RunOutcome, int]]:
        """The smallest run with the same failure, and how many runs it took."""
        shrinking: Shrinking = shrink(
            best.case, self._plan.seed, self._plan.kinds, bolts_of(best.points)
        )
        tried = {best.case}
        reruns = 0
        answer: Case | None = None
        try:
            case = next(shrinking)
            while reruns < (MOST_RERUNS if self._plan.shrinks else 0):
                answer = None
                if case not in tried:
                    tried.add(case)
                    reruns += 1
                    outcome = yield from runner.again(PlannedRun(number, case), best.failure)
                    if outcome.failure == best.failure:
                        best, answer = outcome, outcome.case
                        tried.add(best.case)
                case = shrinking.send(answer)
        except StopIteration:
            pass  # nothing smaller fails
        return best, reruns

    # -- the report

    def _write(self, smallest: RunOutcome) -> Path | None:
        """Write the case to a file of its own; None when that is not possible, or not wanted."""
        if not self._plan.shrinks:
            return None
        digest = zlib.crc32(to_text(smallest.case).encode())
        path = self._plan.directory / f"{name_in_file(smallest.name)}-{digest:08x}.json"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(to_text(smallest.case, smallest.words, smallest.name), encoding="utf-8")
        except OSError:
            return None  # a read-only checkout: the note says all that the file would
        return path

    def _note_for(
        self, number: int, reruns: int, path: Path | None, other: Found | None = None
    ) -> Note:
        def note(run: Run) -> str:
            which = "the case" if self._plan.replay else f"run {number} failed; the smallest case"
            tries = f", after {reruns} reruns" if reruns else ""
            if reruns >= MOST_RERUNS:
                tries += ", the most there are; there may be a smaller one"
            lines = [f"explore: {which} (seed {run.case.seed}{tries}):"]
            lines += [f"  {line}" for line in run.case.in_words()]
            if run.case in self._passed:
                lines += self._why_it_passed_before()
            if other is not None:
                lines.append(f"another cause makes it fail too ({other.outcome.words}):")
                lines += [f"  {line}" for line in other.outcome.case.in_words()]
                lines += [] if other.path is None else [f"  its case: {shown_path(other.path)}"]
            if self.look is not None and self.look.chances is not None:
                lines.append(str(self.look.chances))
            lines = shortened(
                [*lines, *explained(run.topologies, self._runner.passed if self._runner else ())]
            )
            if path is None:
                lines.append(f"no case file: {self._plan.directory} cannot be written to")
            else:
                lines += self._how_to_rerun(path)
            return "\n".join(lines)

        return note

    def _why_it_passed_before(self) -> list[str]:
        """What it means that a run of the smallest case has passed: the case is not why it fails."""
        return self._why_it_fails_of_earlier_runs(
            "a run of this very case has passed before, so it fails"
        )

    def _why_it_fails_of_earlier_runs(self, begin: str) -> list[str]:
        changed = self._runner.shared.changed if self._runner is not None else []
        seen = f", perhaps {', '.join(changed)}" if changed else ""
        outside = None if self._runner is None else self._runner.outside
        caller = self._how.caller
        if outside:
            return [
                f"{begin} of what earlier runs have left behind{seen}; {outside}: {caller.remedy_outside}"
            ]
        return [f"{begin} of what earlier runs have left behind{seen}: {caller.remedy}"]

    def _how_to_rerun(self, path: Path) -> list[str]:
        self.has_shown_rerun_command = True
        shown, command = shown_path(path), self._plan.rerun_command
        rerun = f"{command} --storm-replay={shown}" if command else f'Storm(..., replay="{shown}")'
        if self._plan.replay:
            return [f"rerun: {rerun}"]
        beside = f"{self._plan.directory.name}/{path.name}"  # as explore looks for it
        return [
            f"rerun: {rerun}",
            f'to keep it as a test: storm.explore(..., cases=["{beside}"])',
        ]


def _tried(
    runner: Runner, number: int, tries: Continuations, failure: tuple[object, ...]
) -> Generator[Run, None, Chances]:
    """Make the continuations of a failing run, as long as there is time, and return what they have shown."""
    try:
        generation = next(tries)
        while True:
            failed = None
            if not runner.is_time_up:
                planned = [PlannedRun(number, each.case, each.schedule) for each in generation]
                failed = yield from runner.count_failures(planned, failure)
            generation = tries.send(failed)
    except StopIteration as end:
        found: Chances = end.value
        return found


def _kept(path: Path) -> PlannedRun:
    """The run of a case file, all of whose faults must strike: else the file has gone stale."""
    return PlannedRun(0, read_case(path), must_strike=True, source=f"{shown_path(path)}: ")


def _without_faults(case: Case) -> Case | None:
    """The case without its faults; None when nothing but faults makes it another one than the fault-free case."""
    is_changed = case.faults and (case.changes or case.schedule)
    return replace(case, faults=()) if is_changed else None


class Runs(Iterator[Run]):
    """The runs of an exploration. A loop over them has an iterator of its own, which ends when the loop is left.

    Args:
        explorer: makes them.
    """

    def __init__(self, explorer: Explorer) -> None:
        self._explorer = explorer
        #: What was covered so far.
        self.coverage = explorer.coverage
        self._by_hand: Iterator[Run] | None = None

    def __iter__(self) -> Iterator[Run]:
        return self._by_hand or iter(self._explorer)

    def __next__(self) -> Run:
        if self._by_hand is None:  # nobody could tell when it is left in a child
            self._by_hand = self._explorer.without_forks()
        return next(self._by_hand)


def _loop_of(frame: FrameType | None) -> FrameType | None:
    """The frame that asks for runs: the first that is no generator of this module."""
    while frame is not None and frame.f_globals.get("__name__") == __name__:
        frame = frame.f_back
    return frame


def _ignore(line: str) -> None:
    return None

"""How the runs of an exploration are carried out: in this process, or in forked ones that go on from a snapshot."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from types import FrameType
from typing import Any

from simulator.engine import WorkError, parse_duration
from simulator.exploring.arcs import Arcs
from simulator.exploring.cases import Case
from simulator.exploring.determinism import Difference, Record, Recorder
from simulator.exploring.explored_run import Maker, Note, Run, RunOutcome
from simulator.exploring.forking import BaseRun, Continued, Order, orders_of
from simulator.exploring.gathering import gathers
from simulator.exploring.inevitable import Watch
from simulator.exploring.other_processes import check_other_processes, suspects_of
from simulator.exploring.plan import PlannedRun
from simulator.exploring.shared_state import SharedState
from simulator.testing import Account, HarnessError, RunningTopology, is_test_error
from simulator.transports import (
    Finished,
    Job,
    Snapshot,
    Snapshots,
    end_child,
    is_child,
    why_not_fork,
)

__tracebackhide__ = is_test_error  # pytest then shows the test's line
UNLIMITED_RUNS = 1_000_000  # where the time is the limit
MOST_BASES = 8  # base runs, each with its snapshots
START = -1  # the position of the snapshot before the first run


@dataclass(frozen=True)
class Caller:
    """The words for who explores: advice and warnings name what can be given there.

    Attributes:
        remedy: how runs are kept from finding what earlier runs have left behind.
        remedy_outside: the same, where it may be in a file or a database: another process finds it there as well.
        function: of a test; "": a command line, whose options are arguments of the same names.
    """

    remedy: str
    remedy_outside: str
    function: str = ""

    def option(self, name: str, value: object) -> str:
        """Return an option as it is written there."""
        return f"{name}={value!r}" if self.function else f"--{name} {value}"

    def call(self, name: str, value: object) -> str:
        """Return the call with an option."""
        option = self.option(name, value)
        return f"{self.function}({option})" if self.function else option


EXPLORE = Caller(
    "make that new at the start of the loop's body, or storm.explore(fork=True)",
    "make that new at the start of the loop's body",
    "explore",
)
# Forks start behind the fault-free run, which laws compare with: they find what it has left.
CHECK = Caller(
    'make that new at the start of each run (reset=), or storm.check(mode="process")',
    "make that new at the start of each run (reset=)",
    "check",
)
COMMAND = Caller(
    "make that new in initialize, or run components as processes: sparse explore --processes",
    "storm.check(reset=...) in a test makes that new before each run; sparse explore cannot",
)


@dataclass(frozen=True)
class HowToRun:
    """How the runs of an exploration are carried out. What they find does not depend on it.

    Attributes:
        fork: True: each run in a process of its own; False: all in this one; None: those that begin as the fault-free
            run does, where that is long.
        jobs: how many runs at the same time; more than one means ``fork=True``.
        within_seconds: begin no run after so many seconds; None: without a limit.
        clock: tells the seconds.
        after_first: the body looks at what the fault-free run has left in its variables, so the others start behind it.
        caller: who asks for it.
    """

    fork: bool | None = None
    jobs: int = 1
    within_seconds: float | None = None
    clock: Callable[[], float] = lambda: 0.0
    after_first: bool = False
    caller: Caller = EXPLORE

    @property
    def forks_all(self) -> bool:
        return self.fork is True or self.jobs > 1


def check_how(
    fork: bool | None, jobs: int, within: str | None, caller: Caller = EXPLORE
) -> float | None:
    """Refuse what cannot be done; return the seconds of ``within``.

    Raises:
        HarnessError: an argument does not fit.
    """
    if fork not in (None, True, False):
        raise HarnessError(f"fork={fork!r}: expected True, False or None")
    if not isinstance(jobs, int) or isinstance(jobs, bool) or jobs < 1:
        raise HarnessError(f"jobs={jobs!r}: expected a whole number, at least 1")
    if jobs > 1 and fork is False:
        raise HarnessError(f"jobs={jobs} with fork=False: runs at the same time are processes")
    if within is None:
        return None
    given = caller.option("within", within)
    expected = f'{given}: expected a time above 0 with its unit, such as "30s" or "5m"'
    if not isinstance(within, str) or any(each in within for each in ("..", "(", "[")):
        raise HarnessError(expected)
    try:
        read = parse_duration(within, "within")
    except WorkError:
        raise HarnessError(expected) from None
    if read.text != within.strip() or not read.mean_us:
        raise HarnessError(expected)
    return read.mean_us / 1_000_000


Failure = tuple[object, ...]
#: Returns the outcome with its failure, if it has one. The second argument is a failure that is looked for: where an
#: outcome has several, that one is meant.
Judge = Callable[[RunOutcome, "Failure | None"], RunOutcome]


class Runner:
    """Carries out runs. Each of its generators hands out runs of the loop's body, and returns outcomes.

    Args:
        make: makes a topology.
        how: how they are carried out.
        before_run: called before each run with the number of runs before it.
        judge: looks at the outcome of each run; None: a run fails by an exception only.
        on_warning: called with what is suspicious, a line each.

    Attributes:
        runs: how many so far.
        passed: what has happened in the topologies of the fault-free run; empty where it has failed or was not made.
        shared: what runs in this process have left for each other.
    """

    def __init__(
        self,
        make: Maker,
        how: HowToRun,
        before_run: Callable[[int], object] | None = None,
        judge: Judge | None = None,
        on_warning: Callable[[str], object] = lambda line: None,
    ) -> None:
        self.runs = 0
        self.passed: Sequence[Account] = ()
        self.shared = SharedState(how.caller.remedy, on_warning)
        self._make = make
        self._how = how
        self._before_run = before_run
        self._judge = judge
        self._on_warning = on_warning
        self._current: Run | None = None
        self._arcs = Arcs()
        self._has_processes = False  # components have run as processes
        self._loop: FrameType | None = None
        self._snapshots: Snapshots | None = None
        self._start: Snapshot | None = None
        self._can_fork = False
        self._fault_free: BaseRun | None = None
        self._bases: list[BaseRun] = []  # the latest first
        self._until = None if how.within_seconds is None else how.clock() + how.within_seconds

    @property
    def has_run_fault_free(self) -> bool:
        """True when the fault-free run was made."""
        return self._fault_free is not None

    @property
    def is_time_up(self) -> bool:
        """True when no further run is to begin."""
        return self._until is not None and self._how.clock() >= self._until

    def close(self) -> None:
        """End the components of the current run, and all processes."""
        self._arcs.close()
        if self._current is not None:
            self._current.close()
        if self._snapshots is not None:
            self._snapshots.close()
            self._snapshots, self._start = None, None
            self._bases.clear()

    # -- in this process

    def run(
        self, planned: PlannedRun, note: Note | None = None, wanted: Failure | None = None
    ) -> Generator[Run, None, RunOutcome]:
        """Make one run in this process.

        Args:
            planned: its case.
            note: of the run whose failure fails the test.
            wanted: the failure that is looked for.
        """
        run = self._begin(planned, note)
        if not planned.case.changes:  # with another parallelism other tasks have begun
            run.on_made = self.shared.watch
        return self._judged((yield from self._finish(run)), wanted)

    def record(
        self, planned: PlannedRun, difference: Difference
    ) -> Generator[Run, None, Sequence[Record]]:
        """Make one run in this process, and return what the component that differed did, line by line.

        Components that were processes are objects here, whose modules are loaded anew: so two such runs differ in
        nothing but what two processes differ in.
        """
        recorder = Recorder()
        run = self._begin(planned, None)
        with ExitStack() as scope:
            if self._has_processes:
                run.make = self._make_here

            def watch(made: RunningTopology) -> None:
                if self._has_processes:
                    scope.enter_context(made.fresh_modules())
                if len(run.topologies) == difference.topology + 1:
                    made.watch_turns(difference.component, recorder.turn)

            run.on_made = watch
            yield from self._finish(run)
        return recorder.records

    def watched(self, planned: PlannedRun) -> Generator[Run, None, tuple[Run, Watch]]:
        """Make one run in this process, and return it with what was noted of its first topology, step by step."""
        run = self._begin(planned, None)
        watch = Watch(run.added)

        def look(made: RunningTopology) -> None:
            if len(run.topologies) > 1:
                return
            simulation = made.simulation
            simulation.before_step = lambda: watch.step(run.choices[0].asked, simulation.now_ms)

        run.on_made = look
        yield from self._finish(run)
        if run.topologies:
            watch.look(run.choices[0].asked)
        return run, watch

    def count_failures(
        self, generation: Sequence[PlannedRun], wanted: Failure
    ) -> Generator[Run, None, int]:
        """Make runs, wherever that is cheapest, and return how many of them have this failure."""
        failed = 0
        forked = self.forked(generation, wanted)
        for planned in generation:
            outcome = next(forked) or (yield from self.run(planned, wanted=wanted))
            failed += outcome.failure == wanted
        return failed

    def _make_here(self, *args: Any, **options: Any) -> RunningTopology:
        return self._make(*args, **{**options, "mode": "inprocess"})

    def _begin(self, planned: PlannedRun, note: Note | None) -> Run:
        if not is_child():
            self._count()
        self._arcs.begin()
        self._current = run = Run(planned, self._make, note)
        return run

    def _count(self) -> None:
        if self._before_run is not None:
            self._before_run(self.runs)
        self.runs += 1

    def _finish(self, run: Run) -> Generator[Run, None, RunOutcome]:
        """Have the loop's body run; a child of a snapshot ends here, whichever run it has become."""
        try:
            yield run
            outcome = replace(run.finish(), arcs=self._arcs.taken)
        except BaseException:  # the test leaves its loop: it has to do so in its own process
            if is_child():
                end_child()
            raise
        if is_child():
            end_child(Continued(outcome, run.shared_lines, run.mark, run.rest))
        self._has_processes |= any(each.has_processes for each in run.topologies)
        self._current = None
        return outcome

    @property
    def outside(self) -> str | None:
        """What the fault-free run has done outside this process; None where it has done nothing there."""
        return None if self._fault_free is None else self._fault_free.outside

    def _judged(self, outcome: RunOutcome, wanted: Failure | None) -> RunOutcome:
        return outcome if self._judge is None else self._judge(outcome, wanted)

    # -- in processes of their own

    def begin(self, loop: FrameType | None) -> Generator[Run, None, None]:
        """Take the snapshot from which runs start, where all are forked; a child of it makes one run.

        Args:
            loop: the frame of the test's loop, while it waits for a run.
        """
        if self._how.fork is False:
            return
        if reason := why_not_fork():
            self._tell_no_forks(reason)
            return
        if not self._how.forks_all:
            if loop is None or gathers(loop):
                return
            self._loop = loop
        if self._how.after_first and not self._how.forks_all:
            return
        self._snapshots = Snapshots(self._how.jobs)
        self._can_fork = True
        if self._how.forks_all and not self._how.after_first:
            yield from self._take_start()

    def begin_others(self) -> Generator[Run, None, None]:
        """Do what ``begin`` does, where that has to be behind the fault-free run."""
        if self._how.after_first and self._can_fork:
            yield from self._take_start()

    def _take_start(self) -> Generator[Run, None, None]:
        assert self._snapshots is not None
        taken = self._snapshots.take(START)
        if isinstance(taken, Job):
            yield from self.run(taken.task)
        elif taken is None:
            self._tell_no_forks("the system has no room for one more process")
        else:
            self._start = taken

    def _tell_no_forks(self, reason: str) -> None:
        if self._how.forks_all:
            asked = ("jobs", self._how.jobs) if self._how.jobs > 1 else ("fork", True)
            self._on_warning(
                f"{self._how.caller.call(*asked)}: all runs were made in one process, one after the other: {reason}"
            )

    def run_fault_free(self, planned: PlannedRun) -> Generator[Run, None, RunOutcome]:
        """Make the fault-free run in this process."""
        base = yield from self._run_base(planned, [])
        self._look_at_forks(base)
        self._fault_free = base
        if base.outcome is not None and base.outcome.failure is None:
            self.passed = base.accounts
        assert base.outcome is not None
        return self._judged(base.outcome, None)

    def check_other_processes(self) -> Sequence[str]:
        """Refuse components that do something else in another process, where that can be told of the fault-free run.

        Returns:
            A line for each component that could not be compared.

        Raises:
            NotDeterministicError: one does.
        """
        base = self._fault_free
        if base is None or base.has_processes or base.outside is not None:
            return ()
        left: list[str] = []
        for made, asked in zip(base.run.topologies, base.run.asked, strict=True):
            suspects, elsewhere = suspects_of(made)
            left += elsewhere
            if suspects:
                check_other_processes(self._make, asked, suspects)
        return left

    def _run_base(
        self, planned: PlannedRun, orders: Sequence[Order]
    ) -> Generator[Run, None, BaseRun]:
        """Make a run in this process from which others may go on."""
        run = self._begin(planned, None)
        base = BaseRun(
            run,
            planned,
            None if self._how.after_first else self._snapshots,
            orders,
            self._how.clock,
            self._loop,
            self.shared.compare,
            is_start=self._start is not None and not orders,
        )
        with base:
            base.outcome = yield from self._finish(run)
        self._bases.insert(0, base)
        return base

    def _look_at_forks(self, base: BaseRun) -> None:
        """Give up forks where the fault-free run has shown that they cannot work."""
        if self._snapshots is None:
            return
        if base.has_processes:
            self._tell_no_forks("components run as processes")
            self._start, self._can_fork = None, False
            return
        if base.start is not None:
            self._start = base.start
        if base.outside and self._how.jobs > 1:
            self._snapshots.jobs = 1
            asked = self._how.caller.call("jobs", self._how.jobs)
            self._on_warning(
                f"{asked}: runs were made one after the other, for they would share what is "
                f"outside of a process: {base.outside}"
            )

    def run_bases(self, generation: Sequence[PlannedRun]) -> Generator[Run, None, None]:
        """Make the base runs that runs with orders need, where the fault-free run is long enough for one."""
        fault_free = self._fault_free
        if fault_free is None or not fault_free.has_snapshots:
            return
        wanted: dict[frozenset[str], list[Order]] = {}
        for planned in generation:
            orders = orders_of(planned)
            if self._base_of(planned) is None:
                known = wanted.setdefault(frozenset(each.component for each in orders), [])
                known += [each for each in orders if each not in known]
        for orders in wanted.values():
            if len(self._bases) < MOST_BASES:
                yield from self._run_base(PlannedRun(0, Case(fault_free.seed)), orders)

    def _base_of(self, planned: PlannedRun) -> BaseRun | None:
        orders = orders_of(planned)
        return next((base for base in self._bases if base.knows(orders)), None)

    def forked(
        self, generation: Collection[PlannedRun], wanted: Failure | None = None
    ) -> Iterator[RunOutcome | None]:
        """Carry out those runs of a generation that can be forked; None for each that has to be made here."""
        places = [(planned, *self._place_of(planned)) for planned in generation]
        tasks = [
            (snapshot, planned if base is None else base.continuation(planned, snapshot))
            for planned, snapshot, base in places
            if snapshot is not None
        ]
        ends = self._snapshots.carry_out(tasks) if self._snapshots is not None else iter(())
        for _, snapshot, base in places:
            yield None if snapshot is None else self._outcome_of(next(ends), base, wanted)

    def _place_of(self, planned: PlannedRun) -> tuple[Snapshot | None, BaseRun | None]:
        base = self._base_of(planned)
        snapshot = None if base is None else base.snapshot_for(planned)
        return (self._start, None) if snapshot is None else (snapshot, base)

    def _outcome_of(
        self, end: Finished, base: BaseRun | None, wanted: Failure | None
    ) -> RunOutcome | None:
        """The outcome of a child; None where it gave up or died, so that the run has to be made here."""
        if end.result is None:
            return None
        self._count()
        for stream, text in zip((sys.stdout, sys.stderr), end.output, strict=True):
            stream.write(text)
        continued: Continued = end.result
        outcome = continued.outcome if base is None else base.whole(continued)
        return self._judged(outcome, wanted)

    def again(
        self, planned: PlannedRun, wanted: Failure | None
    ) -> Generator[Run, None, RunOutcome]:
        """Make one run, wherever that is cheapest."""
        forked = next(self.forked([planned], wanted))
        return forked or (yield from self.run(planned, wanted=wanted))

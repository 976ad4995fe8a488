"""The check of a topology: an exploration whose runs are judged by laws, and the report of it."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from simulator.exploring import (
    Explorer,
    HowToRun,
    Maker,
    Plan,
    Run,
)
from simulator.laws.evidence import NO_RESULT, End, Reference
from simulator.laws.judge import Judge
from simulator.laws.report import Guarantees, LawReport, report_of
from simulator.laws.result import what_is_not_compared
from simulator.laws.table import Law
from simulator.laws.values import snapshot
from simulator.testing import (
    Account,
    ComponentError,
    HarnessError,
    NotDeterministicError,
    RunningTopology,
    place_in,
)

MOST_WAITS = (
    60  # timeouts, or ticks, in which a run has to come to its end: each attempt takes two at most
)
MOST_EMITS = 2000  # of a run without rows
EMITS_OF_A_ROW = 20  # at each component, through all its attempts


@dataclass(frozen=True)
class Subject:
    """What is checked.

    Attributes:
        name: the topology.
        options: the arguments of ``run.topology``.
        result: returns the result of a run, given its topology; None: what the last bolts did.
        reset: called before each run.
        drive: called with the topology first; what is left is then run to its end.
        first: how many tuples each real spout emits at most, for the notes.
    """

    name: Any  # a name, or the path of a file
    options: Mapping[str, Any] = field(default_factory=dict)
    result: Callable[[RunningTopology], object] | None = None
    reset: Callable[[], object] | None = None
    drive: Callable[[RunningTopology], object] | None = None
    first: Mapping[str, int] = field(default_factory=dict)


class Check:
    """Explores a topology and judges its runs.

    Args:
        subject: what is checked.
        laws: by which.
        make: makes a topology.
        plan: what to run. With a case to replay, the fault-free run comes first, to compare with.
        how: how the runs are carried out.
        before_run: called before each run with the number of runs before it.
        on_warning: called with what is suspicious, a line each.

    Attributes:
        judge: has the verdicts.
        runs: how many there were so far.
    """

    def __init__(
        self,
        subject: Subject,
        laws: Sequence[Law],
        make: Maker,
        plan: Plan,
        how: HowToRun,
        before_run: Callable[[int], object] | None = None,
        on_warning: Callable[[str], object] | None = None,
    ) -> None:
        self._subject = subject
        self._laws = laws
        self._make = make
        self._plan = plan
        self._how = how
        self._before_run = before_run
        self._on_warning = on_warning
        self.judge = Judge(laws)
        self.runs = 0
        self._coverage = ""
        self._passed: Sequence[Account] = ()

    def report(self) -> Guarantees:
        """Make all runs and return what they have shown.

        Raises:
            HarnessError: an argument does not fit, or there is no fault-free run to compare with.
        """
        broken: list[LawReport] = []
        try:
            if self._plan.replay is not None:
                self._explore(replace(self._plan, replay=None, runs=1, cases=()))
            self._explore(self._plan)
        except NotDeterministicError as error:
            broken.append(_not_deterministic(error))
        return report_of(
            self.judge.topology.name,
            self.runs,
            self._laws,
            self.judge,
            more=broken,
            notes=self._notes(),
            coverage=self._coverage,
            is_replay=self._plan.replay is not None,
            passed=self._passed if self._plan.looks_into else (),
        )

    def _explore(self, plan: Plan) -> None:
        explorer = Explorer(
            self._make,
            plan,
            self._before_run,
            judge=self.judge.judge,
            is_wrong=self.judge.is_wrong,
            on_found=self.judge.take,
            how=self._how,
            on_warning=self._on_warning,
            passed=self._passed,
        )
        try:
            for run in explorer:
                if self._has_failed_at_once():
                    self.judge.judge_reference()
                    break
                self._make_run(run)
        finally:
            self.runs += explorer.runs
            self._passed = explorer.passed or self._passed
        if plan.replay is None:
            self._coverage = str(explorer.coverage)

    def _has_failed_at_once(self) -> bool:
        """True when the fault-free run has no end, and that is told: there is nothing to compare others with.

        Raises:
            HarnessError: it has no end, and no law tells why; or it has no result.
        """
        if self.judge.reference is None:
            return False
        end = self.judge.reference.run.end
        if end.raised and not self.judge.broken:
            raise HarnessError(
                f"result raised {end.raised} in the fault-free run; expected a function of the topology that returns "
                "what is to be compared"
            )
        if end.is_over or self.judge.broken:
            return not end.is_over
        if self.judge.has_failed:
            return False  # its case is run again
        raise HarnessError(
            f"topology {self.judge.topology.name!r} is not idle after {end.at_ms / 1000:g} virtual seconds without any "
            "fault, so it has no result to compare with: give rows in place of its spouts"
        )

    def _make_run(self, run: Run) -> None:
        if self._subject.reset is not None:
            _called("reset", self._subject.reset)
        with run.topology(self._subject.name, **self._subject.options) as topology:
            self.judge.topology = topology.topology
            run.keep(self._end_of(topology))

    def _end_of(self, topology: RunningTopology) -> End:
        died = violated = ""
        stopped = "limit"
        try:
            if self._subject.drive is not None:
                _called("drive", partial(self._subject.drive, topology))
            stopped = topology.run_at_most(_most_seconds(topology), self._most_emits(topology))
        except ComponentError as error:
            died = "\n".join(error.in_brief())
        except AssertionError as error:
            violated = f"{error}".strip().partition("\n")[0] or "an assertion does not hold"
        left = topology.left()
        result, raised = (NO_RESULT, "") if died or violated else self._result_of(topology)
        return End(
            result=result,
            raised=raised,
            pending=left.pending,
            held=left.held,
            timed_out=left.timed_out,
            is_over=stopped in ("over", "ran out"),
            waits=stopped in ("waits", "ran out"),
            at_ms=topology.now_ms,
            died=died,
            violated=violated,
            invariants=len(topology.invariants),
            components=dict(topology.trace.components),
        )

    def _most_emits(self, topology: RunningTopology) -> int:
        """How many tuples a run may emit, the fault-free run too: others go on from snapshots of it."""
        rows = sum(len(feed.rows) for feed in topology.simulation.options.feeds.values())
        rows += sum(most * len(topology[name].tasks) for name, most in self._subject.first.items())
        return MOST_EMITS + EMITS_OF_A_ROW * rows * len(topology.topology.components)

    def _result_of(self, topology: RunningTopology) -> tuple[Any, str]:
        """A snapshot of the user's result, or what his function has raised."""
        if self._subject.result is None:
            return NO_RESULT, ""
        try:
            return snapshot(self._subject.result(topology)), ""
        except HarnessError:
            raise
        except Exception as error:
            return NO_RESULT, f"{type(error).__name__}: {error}".splitlines()[0]

    def _notes(self) -> list[str]:
        if self.judge.reference is None:
            return []
        reference = self.judge.reference
        return [
            *self._first_only(reference),
            *self._waiting(),
            *what_is_not_compared(reference.topology, reference.run),
        ]

    def _waiting(self) -> Iterator[str]:
        if number := self.judge.waiting:
            yield (
                f"{number} run{'s were' if number > 1 else ' was'} given up while a root failed again and again and "
                "another one was still to be settled; a spout that waits before it emits a row again would show how "
                f"{'they end' if number > 1 else 'it ends'}"
            )

    def _first_only(self, reference: Reference) -> list[str]:
        ids = [spout for spout, _ in reference.run.roots]
        return [
            f"{spout} is asked for its first {most} tuples only, in each of its lives"
            for spout, most in self._subject.first.items()
            if ids.count(spout) >= most
        ]


def _called(name: str, function: Callable[[], object]) -> None:
    """Call a function of the user's; an assertion of it, or a component that dies, is what a run may show.

    Raises:
        HarnessError: it has raised anything else.
    """
    try:
        function()
    except (AssertionError, HarnessError):
        raise
    except Exception as error:
        text = "".join(traceback.format_exception(error))
        raise HarnessError(
            f"{name} raised {type(error).__name__}: {error}, at {place_in(text)}"
        ) from error


def _most_seconds(topology: RunningTopology) -> float:
    """How many virtual seconds a run may take: as long as many timeouts, or ticks."""
    wiring = topology.simulation.wiring
    ticks = [wiring.tick_seconds(bolt) or 0 for bolt in topology.topology.bolts]
    return MOST_WAITS * max([wiring.message_timeout_ms / 1000, *ticks])


def _not_deterministic(error: NotDeterministicError) -> LawReport:
    lines = str(error).splitlines()
    return LawReport(
        "deterministic",
        "the same case gives the same run",
        "BROKEN",
        lines[0],
        tuple(lines[:10]),
    )

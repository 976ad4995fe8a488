"""The explorations of a test: what ``storm.explore`` and ``storm.check`` ask for, and what has come of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from simulator.exploring import (
    UNLIMITED_RUNS,
    Caller,
    Explorer,
    HowToRun,
    Look,
    Plan,
    Strategy,
    check_how,
    check_kinds,
    check_plan,
    check_variables,
)
from simulator.laws import Guarantees
from simulator.testing import is_test_error
from streamparse.testing.checks import checked_cases, checked_seed

__tracebackhide__ = is_test_error  # pytest then shows the test's line
CASES = ".storm-cases"  # the directory of the cases of a test


@dataclass(frozen=True)
class ExploreOptions:
    """The arguments that ``storm.explore`` and ``storm.check`` have in common; see there."""

    runs: int | None
    faults: Sequence[str]
    seed: int | str | None
    strategy: Strategy
    cases: Sequence[str | Path]
    most_faults: int
    fork: bool | None
    jobs: int
    within: str | None
    vary: Sequence[str]

    def how(self, caller: Caller) -> HowToRun:
        """Return how the runs are carried out.

        Args:
            caller: who asks: advice names what it has.

        Raises:
            HarnessError: an argument does not fit.
        """
        seconds = check_how(self.fork, self.jobs, self.within, caller)
        return HowToRun(self.fork, self.jobs, seconds, time.monotonic, caller=caller)

    def plan(
        self,
        directory: Path,
        seed: int | str,
        *,
        replay: Path | None,
        rerun_command: str | None,
        shrinks: bool,
        looks_into: bool,
    ) -> Plan:
        """Return what to run.

        Args:
            directory, seed: of the test.
            replay, rerun_command, shrinks, looks_into: as for ``Plan``.

        Raises:
            HarnessError: an argument does not fit.
        """
        plan = Plan(
            runs=self._most_runs,
            kinds=check_kinds(self.faults),
            seed=seed if self.seed is None else checked_seed(self.seed),
            strategy=self.strategy,
            cases=tuple(directory / case for case in checked_cases(self.cases)),
            most_faults=self.most_faults,
            vary=check_variables(self.vary),
            directory=directory / CASES,
            shrinks=shrinks,
            looks_into=looks_into,
            replay=replay,
            rerun_command=rerun_command,
        )
        check_plan(plan)
        return plan

    @property
    def _most_runs(self) -> int | None:
        """Where only a time limits the runs, as many as it has time for."""
        is_limited_by_time = (
            self.runs is None and self.within is not None and self.strategy != "sweep"
        )
        return UNLIMITED_RUNS if is_limited_by_time else self.runs


class Explored:
    """What a test has explored.

    Attributes:
        explorers: of the calls of ``explore``.
        report: of the last ``check`` that has ended.
        has_checked: whether ``check`` was called.
    """

    def __init__(self) -> None:
        self.explorers: list[Explorer] = []
        self.report: Guarantees | None = None
        self.has_checked = False
        self._told: list[Explorer | Guarantees] = []  # in the order of the calls
        self._has_shown_cases = False  # of a check

    def begin(self, explorer: Explorer) -> None:
        """Add an exploration."""
        self.explorers.append(explorer)
        self._told.append(explorer)

    def end_check(self, report: Guarantees) -> None:
        """Add the report of a check."""
        self.report = report
        self._told.append(report)

    def show_cases(self) -> None:
        """Note that the failure of a check shows how to run its cases again."""
        self._has_shown_cases = True

    def renew(self) -> None:
        """Forget the explorations; the last report is kept, for the page of the test."""
        self.explorers, self._told = [], []

    @property
    def is_any(self) -> bool:
        """True when ``explore`` or ``check`` was called."""
        return self.has_checked or bool(self.explorers)

    @property
    def coverage(self) -> list[str]:
        """What each exploration that has ended has covered, a line each."""
        return [line for each in self._told if (line := _coverage(each))]

    @property
    def look(self) -> Look | None:
        """The look at the last failure of an ``explore``."""
        return next((each.look for each in reversed(self.explorers) if each.look is not None), None)

    @property
    def has_shown_rerun_command(self) -> bool:
        """True when a failure has shown the command that runs its case again."""
        return self._has_shown_cases or any(each.has_shown_rerun_command for each in self.explorers)


def _coverage(each: Explorer | Guarantees) -> str:
    if isinstance(each, Guarantees):
        return f"{each.topology}: {each.coverage}"
    return str(each.coverage) if each.has_ended else ""

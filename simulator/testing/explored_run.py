"""One run of an exploration: its topologies, its case, and how it ended."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, NoReturn, Protocol

from simulator.engine import Choice, Choices, Drawn, Replayed, choices_of, steps_of
from simulator.model import did_you_mean
from simulator.testing.cases import Case, Fault
from simulator.testing.errors import (
    ComponentError,
    HarnessError,
    UnstruckFaultError,
    is_test_error,
)
from simulator.testing.plan import FaultPoints, PlannedRun
from simulator.testing.topology_run import RunningTopology

__tracebackhide__ = is_test_error  # pytest then shows the test's line


class Maker(Protocol):
    """Makes a topology as ``storm.topology`` does; the run closes it."""

    def __call__(self, *args: Any, **options: Any) -> RunningTopology: ...


@dataclass(frozen=True)
class RunOutcome:
    """The end of a run.

    Attributes:
        case: of the run, with the choices that were made.
        failure: None when it passed; equal failures have equal values here.
        words: the failure in one line.
        name: of its first topology.
        traces: the lines of each topology's trace.
        points: of each topology.
    """

    case: Case
    failure: tuple[object, ...] | None
    words: str
    name: str
    traces: tuple[tuple[str, ...], ...]
    points: tuple[FaultPoints, ...]


Note = Callable[["Run"], str]


class Run:
    """One run of the test: ``with run.topology(...) as topology:``. Its arguments are those of ``storm.topology``.

    Args:
        planned: its number, its case, and where its choices come from.
        make: makes a topology.
        note: of the run whose failure fails the test: the text that is added to the exception.

    Attributes:
        number: which run it is, from 0; a repeated or smaller one has the number of the one it comes from.
        case: the seed and the faults of the run.
        topologies: those that were made so far.
    """

    def __init__(self, planned: PlannedRun, make: Maker, note: Note | None) -> None:
        self.number = planned.number
        self.case = planned.case
        self.topologies: list[RunningTopology] = []
        self._wild = planned.wild
        self._must_strike = planned.must_strike
        self._source = planned.source
        self._make = make
        self._note = note
        self._choices: list[Choices] = []
        self._was_entered = False
        self._failure: tuple[object, ...] | None = None
        self._words = ""

    def __repr__(self) -> str:
        return f"<run {self.number}: {'; '.join(self.case.in_words())}>"

    def topology(self, *args: Any, **options: Any) -> UnenteredTopology:
        """Return a topology with the seed, the schedule and the faults of this run, to be entered by ``with``.

        Python components run in this process, unless ``mode`` is given.
        """
        __tracebackhide__ = True
        nth = len(self.topologies)
        choices = self._choices_for(nth)
        mine = [fault for fault in self.case.faults if fault.topology == nth]
        made = self._make(*args, **{"seed": self.case.seed, **options, "choices": choices})
        self.topologies.append(made)
        self._choices.append(choices)
        self._check_choices(nth, made)
        for fault in mine:
            self._add(fault, made)
        return UnenteredTopology(self, made)

    def _add(self, fault: Fault, made: RunningTopology) -> None:
        """Add a fault of the case to a topology.

        Raises:
            HarnessError: the topology has no such bolt.
        """
        if fault.component not in made.topology.bolts:
            near = did_you_mean(fault.component, made.topology.bolts)
            raise HarnessError(
                f"{self._source}the case has a fault at {fault.component!r}, and topology "
                f"{made.topology.name!r} has no such bolt{near}"
            )
        if order := fault.order():
            made.simulation.order(order)
        if rule := fault.rule():
            made.simulation.add_rule(rule)

    def _check_choices(self, nth: int, made: RunningTopology) -> None:
        """Refuse choices of the case that no topology like this one can be asked for.

        Raises:
            HarnessError: a choice is of a component or a task that does not exist.
        """
        tasks, prefix = made.simulation.wiring.task_ids, _prefix(nth)
        for step in self.case.schedule:
            name = step.stream.removeprefix(prefix)
            if _topology_of(step.stream) != nth or name == "order":
                continue
            component, _, rest = name.rpartition("/")[0].rpartition("/")
            where = f"{self._source}the choice {step.stream!r}"
            if name.rpartition("/")[2] not in ("late", "batch", "loaded") or component not in tasks:
                raise HarnessError(
                    f"{where} is none of topology {made.topology.name!r}{did_you_mean(component, tasks)}"
                )
            if not rest.isdecimal() or int(rest) >= len(tasks[component]):
                raise HarnessError(
                    f"{where}: {component} has {len(tasks[component])} tasks, from 0"
                )

    def _choices_for(self, nth: int) -> Choices:
        """The schedule of the nth topology of the run."""
        if self._wild is not None:
            return Drawn(f"{self.case.seed}/{nth}", wild=self._wild)
        prefix = _prefix(nth)
        mine = [step for step in self.case.schedule if _topology_of(step.stream) == nth]
        return Replayed(
            choices_of(step._replace(stream=step.stream.removeprefix(prefix)) for step in mine)
        )

    # -- its end

    def _enter(self) -> None:
        self._was_entered = True

    def _exit(self, error: BaseException | None, tb: TracebackType | None) -> bool:
        """Handle the end of a ``with``; true when its exception is kept back, for the run to be looked into."""
        if error is None or not _is_failure(error):
            return False
        if self._note is not None:
            _add_note(error, self._note(self))
            return False
        if self._failure is None:
            where = error.failure.component if isinstance(error, ComponentError) else ""
            self._failure = (type(error).__name__, where, tb.tb_lineno if tb else 0)
            self._words = _first_line(error)
        return True

    def finish(self) -> RunOutcome:
        """End all components and return how the run ended; called when the loop asks for the next run.

        Raises:
            HarnessError: the body of the loop has run nothing.
        """
        if not self._was_entered:
            raise HarnessError(
                "the body of the loop never entered `with run.topology(...) as topology:`; "
                "a run of storm.explore is one topology, or several"
            )
        recorded: list[Choice] = []
        for nth, choices in enumerate(self._choices):
            recorded += [
                choice._replace(stream=_prefix(nth) + choice.stream) for choice in choices.recorded
            ]
        self.close()
        self._check_topologies()
        return RunOutcome(
            replace(self.case, schedule=tuple(steps_of(recorded))),
            self._failure,
            self._words,
            self.topologies[0].topology.name,
            tuple(tuple(each.trace.lines) for each in self.topologies),
            tuple(map(_points_of, self.topologies)),
        )

    def check_faults(self, topology: RunningTopology) -> None:
        """Refuse faults of a case, or of the test, that never struck; drawn faults may miss.

        Raises:
            UnstruckFaultError: with a line for each.
        """
        if self._must_strike and self._failure is None:
            topology.check_faults(self._source)

    def _check_topologies(self) -> None:
        """Refuse faults of a case in a topology that this run has not made."""
        made = len(self.topologies)
        for fault in self.case.faults:
            if self._must_strike and fault.topology >= made and self._failure is None:
                count = f"{made} topology" if made == 1 else f"{made} topologies"
                raise UnstruckFaultError(
                    [f"{fault}: never struck, for the run made {count}"], self._source
                )

    def close(self) -> None:
        """End all components."""
        for each in self.topologies:
            each.close()


class UnenteredTopology:
    """A topology of a run, before it is entered by ``with``."""

    def __init__(self, run: Run, topology: RunningTopology) -> None:
        self._run = run
        self._topology = topology

    def __enter__(self) -> RunningTopology:
        self._run._enter()
        return self._topology

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> bool:
        self._topology.close()
        if error is None:
            self._run.check_faults(self._topology)
        return self._run._exit(error, tb)

    def __getattr__(self, name: str) -> NoReturn:
        raise HarnessError(
            "run.topology(...) has to be entered, since its failures are looked into when it is left: "
            "with run.topology(...) as topology:"
        )

    def __getitem__(self, component: str) -> NoReturn:
        self.__getattr__(component)


def _points_of(topology: RunningTopology) -> FaultPoints:
    counts = topology.simulation.counts
    return FaultPoints(
        {
            bolt: {
                "tuple": counts[bolt].executed,
                "emit": sum(counts[bolt].emitted.values()),
                "ack": counts[bolt].acked,
            }
            for bolt in topology.topology.bolts
        },
        topology.simulation.wiring.message_timeout_ms,
    )


# -- the schedule of each topology ------------------------------------------------------------------------------


def _prefix(nth: int) -> str:
    """The prefix of the names of the choices, from the second topology of a run on."""
    return f"{nth + 1}:" if nth else ""


def _topology_of(stream: str) -> int:
    """Which topology of a run a choice belongs to, from 0."""
    head, colon, _ = stream.partition(":")
    return int(head) - 1 if colon and head.isdecimal() else 0


# -- exceptions -------------------------------------------------------------------------------------------------


def _is_failure(error: BaseException) -> bool:
    """True when an exception may depend on the run. A mistake in the test does not, and fails the test at once."""
    if isinstance(error, Exception):
        return not isinstance(error, HarnessError)
    outcomes = sys.modules.get("_pytest.outcomes")  # pytest.fail() raises no Exception
    return outcomes is not None and isinstance(error, outcomes.Failed)


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


def _add_note(error: BaseException, note: str) -> None:
    if sys.version_info >= (3, 11):
        error.add_note(note)
    else:  # Python 3.10 has no notes
        first = f"{error.args[0]}\n" if error.args else ""
        error.args = (first + note, *error.args[1:])

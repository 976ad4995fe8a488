"""One run of an exploration: its topologies, its case, and how it ended."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, NoReturn, Protocol

from simulator.engine import Choice, Choices, Drawn, Replayed, choices_of, steps_of
from simulator.model import did_you_mean
from simulator.testing.cases import Case
from simulator.testing.errors import ComponentError, HarnessError, is_test_error
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
        orders = [order for fault in mine if (order := fault.order())]
        rules = [rule for fault in mine if (rule := fault.rule())]
        options = {
            "seed": self.case.seed,
            **options,
            "choices": choices,
            "orders": [*options.get("orders", ()), *orders],
            "rules": [*options.get("rules", ()), *rules],
        }
        made = self._make(*args, **options)
        self.topologies.append(made)
        self._choices.append(choices)
        for fault in mine:
            if fault.component not in made.topology.bolts:
                near = did_you_mean(fault.component, made.topology.bolts)
                raise HarnessError(
                    f"the case has a fault at {fault.component!r}, and topology {made.topology.name!r} has no such "
                    f"bolt{near}"
                )
        return UnenteredTopology(self, made)

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
        return RunOutcome(
            replace(self.case, schedule=tuple(steps_of(recorded))),
            self._failure,
            self._words,
            self.topologies[0].topology.name,
            tuple(tuple(each.trace.lines) for each in self.topologies),
            tuple(map(_points_of, self.topologies)),
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

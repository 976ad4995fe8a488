"""One run of an exploration: its topologies, its case, and how it ended."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any, NamedTuple, NoReturn, Protocol

from simulator.engine import Choice, Choices, Replayed, StepNotes, choices_of, faults
from simulator.exploring.cases import Added, Case, Fault
from simulator.exploring.fault_points import FaultPoints, points_of
from simulator.exploring.lives import Lives, LivesMark, LivesReader, LivesRest, lives_of
from simulator.exploring.plan import PlannedRun
from simulator.exploring.varying import Variety, applied, variety_of
from simulator.model import did_you_mean, hinted
from simulator.testing import (
    ComponentError,
    HarnessError,
    RunningTopology,
    UndecidedError,
    UnstruckFaultError,
    is_test_error,
)

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
        lives: of each topology.
        kept: what the loop's body has handed to ``Run.keep``; it can be pickled.
        varieties: what can be varied of each topology.
        sometimes: the conditions that should hold in some run, by name, and whether they have held in this one.
        is_undecided: it was given up while a root failed again and again and another one was still to be settled.
        arcs: what it has done in the user's code; see ``simulator.exploring.arcs``.
    """

    case: Case
    failure: tuple[object, ...] | None
    words: str
    name: str
    traces: tuple[tuple[str, ...], ...]
    points: tuple[FaultPoints, ...]
    lives: tuple[Lives, ...] = ()
    kept: object = None
    varieties: tuple[Variety, ...] = ()
    sometimes: Mapping[str, bool] = field(default_factory=dict)
    is_undecided: bool = False
    arcs: frozenset[int] = frozenset()


class Arguments(NamedTuple):
    """The arguments of a ``run.topology``. Any: as ``storm.topology`` takes them."""

    args: tuple[Any, ...]
    options: Mapping[str, Any]


Note = Callable[["Run"], str]


class Asked(Choices):
    """Choices that note which were not benign, and whose rest can be exchanged.

    Args:
        inner: makes them.

    Attributes:
        inner: makes them.
        asked: how many so far.
        steps: those that were not benign.
    """

    active = True

    def __init__(self, inner: Choices) -> None:
        self.inner = inner
        self.asked = 0
        self._notes = StepNotes()
        self.steps = self._notes.steps

    def choose(self, stream: str, limit: int) -> int:
        return self._note(stream, limit, self.inner.choose(stream, limit))

    def choose_whether(self, stream: str) -> bool:
        return bool(self._note(stream, 2, int(self.inner.choose_whether(stream))))

    def choose_phase(self, stream: str, limit: int) -> int:
        return self._note(stream, limit, self.inner.choose_phase(stream, limit))

    def choose_next(self, stream: str, tasks: Sequence[str]) -> int:
        return self._note(stream, len(tasks), self.inner.choose_next(stream, tasks))

    def choose_late_ms(self, stream: str, link: tuple[str, str], most: int) -> int:
        return self._note(stream, most + 1, self.inner.choose_late_ms(stream, link, most))

    def _note(self, stream: str, limit: int, value: int) -> int:
        self.asked += 1
        self._notes.note(stream, limit, value)
        return value

    def go_on_with(self, other: Choices) -> None:
        """Have other choices make the rest; asked for all so far, they would have made the same."""
        for stream, limit, _ in self.inner.recorded:
            other.choose(stream, limit)
        self.inner = other

    @property
    def recorded(self) -> list[Choice]:
        return self.inner.recorded


@hinted
class Run:
    """One run of the test: ``with run.topology(...) as topology:``. Its arguments are those of ``storm.topology``.

    Args:
        planned: its number, its case, and where its choices come from.
        make: makes a topology.
        note: of the run whose failure fails the test: the text that is added to the exception.

    Attributes:
        topologies: those that were made so far.
        make: makes a topology.
        asked: the arguments of each.
        choices: the schedules of the topologies.
        on_made: called with each topology, before it is opened; may return what the run is to be instead, from here on.
        was_asked: whether the test has looked at the number or the case.
        shared_lines: how many lines of the first topology's trace are those of the run that this one goes on from.
        mark: where this one goes on from another one; None where it does not.
        rest: at its end, the lives that are not those of that run.
        added: the faults that were added to its topologies, and what strikes for each.
    """

    def __init__(self, planned: PlannedRun, make: Maker, note: Note | None) -> None:
        self._planned = planned
        self.topologies: list[RunningTopology] = []
        self.make = make
        self.asked: list[Arguments] = []
        self.choices: list[Asked] = []
        self.on_made: Callable[[RunningTopology], PlannedRun | None] | None = None
        self.was_asked = False
        self.added: list[tuple[Fault, Added]] = []
        self.shared_lines = 0
        self.mark: LivesMark | None = None
        self.rest: LivesRest | None = None
        self._log_before = 0
        self._reader: LivesReader | None = None
        self._note = note
        self._varieties: list[Variety] = []
        self._was_entered = False
        self._failure: tuple[object, ...] | None = None
        self._words = ""
        self._kept: object = None
        self._is_undecided = False

    @property
    def number(self) -> int:
        """Which run it is, from 0; a repeated or smaller one has the number of the one it comes from."""
        self.was_asked = True
        return self._planned.number

    @property
    def case(self) -> Case:
        """The seed and the faults of the run."""
        self.was_asked = True
        return self._planned.case

    def _start_as(
        self, planned: PlannedRun, args: tuple[Any, ...], options: dict[str, Any]
    ) -> UnenteredTopology:
        """Make the first topology anew, as that of another run."""
        self.close()
        self._planned, self.on_made = planned, None
        self.topologies, self.asked, self.choices = [], [], []
        return self.topology(*args, **options)

    def become(self, planned: PlannedRun, later: Collection[int] = ()) -> None:
        """Go on as another run, which is the same so far.

        Args:
            planned: the other run.
            later: the numbers of the roots to which this one does something later on.
        """
        self._planned = planned
        reader = self.read_lives()
        self.mark, self._log_before = reader.mark(later), len(reader.log)
        if planned.schedule is not None or planned.case.schedule:
            self.choices[0].go_on_with(self.choices_for(0))
        self.shared_lines = self.topologies[0].trace.size

    def __repr__(self) -> str:
        return f"<run {self.number}: {'; '.join(self.case.in_words())}>"

    def topology(self, *args: Any, **options: Any) -> UnenteredTopology:
        """Return a topology with the seed, the schedule and the faults of this run, to be entered by ``with``.

        Python components run in this process, unless ``mode`` is given.
        """
        __tracebackhide__ = True
        nth = len(self.topologies)
        case = self._planned.case
        choices = Asked(self.choices_for(nth))
        mine = [fault for fault in case.faults if fault.topology == nth]
        changed = applied([change for change in case.changes if change.topology == nth], options)
        made = self.make(*args, **{"seed": case.seed, **changed, "choices": choices})
        made.driver.gives_up = True
        self.topologies.append(made)
        self.asked.append(Arguments(args, options))
        self.choices.append(choices)
        if self.on_made is not None and (other := self.on_made(made)) is not None:
            return self._start_as(other, args, options)
        if nth == 0:
            self._check_topology(made)
        self._varieties.append(variety_of(made, nth, options))
        self._check_choices(nth, made)
        if self._planned.asks_for_steps:
            made.simulation.ask_for_steps()
        for fault in mine:
            self._add(fault, made)
        return UnenteredTopology(self, made)

    def _add(self, fault: Fault, made: RunningTopology) -> None:
        """Add a fault of the case to a topology.

        Raises:
            HarnessError: the topology has no such place.
        """
        places = made.topology.components if fault.order() else made.topology.bolts
        if fault.component and fault.component not in places:
            near = did_you_mean(fault.component, places)
            what = "component" if fault.order() else "bolt"
            raise HarnessError(
                f"{self._planned.source}the case has a fault at {fault.component!r}, and topology "
                f"{made.topology.name!r} has no such {what}{near}"
            )
        try:
            self.added.append((fault, fault.add_to(made.simulation)))
        except faults.FaultError as error:
            raise HarnessError(f"{self._planned.source}{fault}: {error}") from None

    def _check_topology(self, made: RunningTopology) -> None:
        """Refuse the case of another topology.

        Raises:
            HarnessError: with both names.
        """
        meant = self._planned.case.topology
        if self._planned.must_strike and meant and meant != made.topology.name:
            raise HarnessError(
                f"{self._planned.source}the case is of topology {meant!r}, and this run makes {made.topology.name!r}"
            )

    def _check_choices(self, nth: int, made: RunningTopology) -> None:
        """Refuse choices of the case that no topology like this one can be asked for.

        Raises:
            HarnessError: a choice is of a component or a task that does not exist.
        """
        tasks, prefix = made.simulation.wiring.task_ids, _prefix(nth)
        for step in self._planned.case.schedule:
            name = step.stream.removeprefix(prefix)
            if not self._planned.must_strike or _topology_of(step.stream) != nth or name == "order":
                continue
            component, _, rest = name.rpartition("/")[0].rpartition("/")
            where = f"{self._planned.source}the choice {step.stream!r}"
            if (
                name.rpartition("/")[2] not in ("late", "batch", "loaded", "phase", "drift")
                or component not in tasks
            ):
                raise HarnessError(
                    f"{where} is none of topology {made.topology.name!r}{did_you_mean(component, tasks)}"
                )
            if not rest.isdecimal() or int(rest) >= len(tasks[component]):
                raise HarnessError(
                    f"{where}: {component} has {len(tasks[component])} tasks, from 0"
                )

    def choices_for(self, nth: int) -> Choices:
        """The schedule of the nth topology of the run."""
        prefix = _prefix(nth)
        steps = [step for step in self._planned.case.schedule if _topology_of(step.stream) == nth]
        mine = choices_of(step._replace(stream=step.stream.removeprefix(prefix)) for step in steps)
        if self._planned.schedule is not None:
            return self._planned.schedule.choices(
                f"{self._planned.case.seed}/{nth}/{self._planned.number}", mine
            )
        return Replayed(mine)

    # -- its end

    def keep(self, value: object) -> None:
        """Keep a value of the loop's body for the outcome of the run: ``RunOutcome.kept``."""
        self._kept = value

    def _enter(self) -> None:
        self._was_entered = True

    def _exit(self, error: BaseException | None, tb: TracebackType | None) -> bool:
        """Handle the end of a ``with``; true when its exception is kept back, for the run to be looked into."""
        if error is None or not _is_failure(error):
            return False
        if isinstance(error, UndecidedError):
            self._is_undecided = True
            return True
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
        steps = [
            step._replace(stream=_prefix(nth) + step.stream)
            for nth, choices in enumerate(self.choices)
            for step in choices.steps
        ]
        self.close()
        self._check_topologies()
        return RunOutcome(
            replace(self._planned.case, schedule=tuple(steps)),
            self._failure,
            self._words,
            self.topologies[0].topology.name,
            self._traces(),
            tuple(map(points_of, self.topologies)),
            self._lives(),
            self._kept,
            tuple(self._varieties),
            held_in([each.sometimes for each in self.topologies]),
            self._is_undecided,
        )

    def _traces(self) -> tuple[tuple[str, ...], ...]:
        """The lines of the traces; of the first one without those that are shared."""
        shared = [self.shared_lines, *([0] * len(self.topologies))]
        return tuple(
            tuple(each.trace.lines_from(start))
            for each, start in zip(self.topologies, shared, strict=False)
        )

    def read_lives(self) -> LivesReader:
        """Return the reader of the lives of the first topology, which has read all events so far."""
        trace = self.topologies[0].trace
        if self._reader is None:
            self._reader = LivesReader(trace.components)
        for event in trace.events_from(self._reader.events):
            self._reader.read(event)
        return self._reader

    def _lives(self) -> tuple[Lives, ...]:
        """The lives of the topologies; of the first one without those that are shared, which ``rest`` completes."""
        if self.mark is None:
            first = self.read_lives().lives()
        else:
            first = Lives()
            self.rest = self.read_lives().rest(self.mark, self._log_before)
        others = (
            lives_of(each.trace.events_from(0), each.trace.components)
            for each in self.topologies[1:]
        )
        return (first, *others)

    def check_faults(self, topology: RunningTopology) -> None:
        """Refuse faults of a case, or of the test, that never struck; drawn faults may miss.

        Raises:
            UnstruckFaultError: with a line for each.
        """
        if self._planned.must_strike and self._failure is None:
            topology.check_faults(self._planned.source)

    def _check_topologies(self) -> None:
        """Refuse faults of a case in a topology that this run has not made."""
        made = len(self.topologies)
        for fault in self._planned.case.faults:
            if self._planned.must_strike and fault.topology >= made and self._failure is None:
                count = f"{made} topology" if made == 1 else f"{made} topologies"
                raise UnstruckFaultError(
                    [f"{fault}: never struck, for the run made {count}"], self._planned.source
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


# -- the schedule of each topology ------------------------------------------------------------------------------


def _prefix(nth: int) -> str:
    """The prefix of the names of the choices, from the second topology of a run on."""
    return f"{nth + 1}:" if nth else ""


def _topology_of(stream: str) -> int:
    """Which topology of a run a choice belongs to, from 0."""
    head, colon, _ = stream.partition(":")
    return int(head) - 1 if colon and head.isdecimal() else 0


# -- conditions that hold in some run --------------------------------------------------------------------------


def held_in(found: Sequence[Mapping[str, bool]]) -> dict[str, bool]:
    """Return for each name whether it has held in one of several runs or topologies."""
    held: dict[str, bool] = {}
    for each in found:
        for name, has_held in each.items():
            held[name] = held.get(name, False) or has_held
    return held


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

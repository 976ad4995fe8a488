"""Many runs of one test, each with other luck, and of the run that fails the smallest case that still does.

The test is a loop, and its body is what is run::

    for run in storm.explore(200, faults=["crash", "duplicate"]):
        with run.topology("store", spouts={"rows": storm.feed(ROWS, retries=5)}) as topology:
            topology.complete()
            assert topology["store-bolt"].emitted.last_by("n") == dict(ROWS)

The first run is a good day: no fault, first come first served. It shows how many tuples, emits and acks each bolt
has, so that the faults of the others strike where something happens. When a run fails, its ``with`` keeps that to
itself, and the iterator hands further runs to the same loop: the same case once more (a component that then does
something else is not deterministic, and that is what the test hears), then smaller ones, and in the end the
smallest, whose failure is the test's.
"""

from __future__ import annotations

import json
import sys
import zlib
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, NamedTuple, NoReturn, Protocol

from simulator.engine import (
    Choice,
    Choices,
    Drawn,
    Replayed,
    below,
    choices_of,
    steps_of,
    stream_of,
)
from simulator.model import did_you_mean
from simulator.testing.cases import POINTS, Case, Fault, Kind, Point, read_case, to_text
from simulator.testing.records import ComponentError, HarnessError, is_for_the_test
from simulator.testing.shrinking import Shrinking, shrink
from simulator.testing.topology_run import RunningTopology

Strategy = Literal["random", "sweep"]
STRATEGIES: tuple[Strategy, ...] = ("random", "sweep")

USUAL_RUNS = 200  # a second or so for a small topology
MOST_FAULTS = 3  # of a run: more hide each other, and every bug we know of needs two at most
MOST_RERUNS = 200  # of one failure: what has not become smaller by then is left as it is
# Most bugs need one; some runs are about the schedule alone.
FAULTS_OF_A_RUN = (0, 1, 1, 1, 1, 2, 2, 3)
WILD = (0.0, 0.1, 0.3, 0.6)  # how much of a run's schedule is not first come, first served
# Overtaken by a few tuples, and by most; a third possibility is to come when its root has timed out.
LATE_MS = (20, 2000)


class NotDeterministicError(AssertionError):
    """The same case went another way: a component, or the test, depends on more than it was given."""


def _tells_of_the_test(excinfo: Any) -> bool:
    return is_for_the_test(excinfo) or (
        excinfo is not None and isinstance(excinfo.value, NotDeterministicError)
    )


__tracebackhide__ = _tells_of_the_test  # pytest then shows the test's line


class Maker(Protocol):
    """Makes a topology as ``storm.topology`` does; whose it is then is the caller's business."""

    def __call__(self, *args: Any, **options: Any) -> RunningTopology: ...


@dataclass(frozen=True)
class Plan:
    """What ``explore`` was asked for.

    Attributes:
        runs: how many, with the good day; None: 200, or as many as a sweep takes.
        seed: the plainest; each run has another made of it.
        cases: files to run first; replay: the one file to run, and nothing else.
        directory: where found cases are written.
        again: the command that runs this test, if somebody knows.
    """

    runs: int | None
    kinds: tuple[Kind, ...]
    seed: int | str
    strategy: Strategy
    cases: tuple[Path, ...]
    most_faults: int
    directory: Path
    replay: Path | None = None
    again: str | None = None


def check_plan(plan: Plan) -> None:
    """Refuse what cannot be done.

    Raises:
        HarnessError: a strategy or a number does not fit.
    """
    if plan.strategy not in STRATEGIES:
        raise HarnessError(
            f"strategy={plan.strategy!r}{did_you_mean(str(plan.strategy), STRATEGIES)}; "
            f"{' or '.join(STRATEGIES)} would do"
        )
    if plan.runs is not None and plan.runs < 1:
        raise HarnessError(f"explore({plan.runs}): from 1 run on would do")
    if plan.most_faults < 0:
        raise HarnessError(f"most_faults={plan.most_faults}; from 0 would do")


class Points(NamedTuple):
    """Where faults can strike in a topology: what its bolts did on a good day."""

    counts: Mapping[str, Mapping[Point, int]]
    timeout_ms: int


@dataclass(frozen=True)
class Ended:
    """What became of a run: its case as recorded, and if it failed, how (the same ``kind`` is the same failure)."""

    case: Case
    kind: tuple[object, ...] | None
    words: str
    name: str  # of its first topology
    lines: tuple[tuple[str, ...], ...]  # the traces
    points: tuple[Points, ...]


LastWords = Callable[["Run"], str]


# -- one run ----------------------------------------------------------------------------------------------------


class Run:
    """One run of the test: ``with run.topology(...) as topology:``. Its arguments are those of ``storm.topology``.

    Attributes:
        number: which run it is, from 0; a repeated or smaller one has the number of the one it comes from.
        case: the seed and the faults of the run.
    """

    def __init__(
        self,
        number: int,
        case: Case,
        make: Maker,
        choices_for: Callable[[int], Choices],
        last_words: LastWords | None,
    ) -> None:
        self.number = number
        self.case = case
        self._make = make
        self._choices_for = choices_for  # by topology of the run
        self._last_words = last_words  # of the run whose failure is the test's
        self._topologies: list[RunningTopology] = []
        self._choices: list[Choices] = []
        self._was_entered = False
        self._kind: tuple[object, ...] | None = None
        self._words = ""

    def __repr__(self) -> str:
        return f"<run {self.number}: {'; '.join(self.case.told())}>"

    def topology(self, *args: Any, **options: Any) -> Watched:
        """A topology with the luck and the faults of this run. Python components run in this process unless told."""
        __tracebackhide__ = True
        nth = len(self._topologies)
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
        self._topologies.append(made)
        self._choices.append(choices)
        for fault in mine:
            if fault.component not in made.topology.bolts:
                near = did_you_mean(fault.component, made.topology.bolts)
                raise HarnessError(
                    f"the case has a fault at {fault.component!r}, and topology {made.topology.name!r} has no such "
                    f"bolt{near}"
                )
        return Watched(self, made)

    def _left(self, error: BaseException | None, tb: TracebackType | None) -> bool:
        """A ``with`` has been left; true when its failure stays between us."""
        if error is None or not _is_failure(error):
            return False
        if self._last_words is not None:
            _add_note(error, self._last_words(self))
            return False
        if self._kind is None:
            where = error.failure.component if isinstance(error, ComponentError) else ""
            self._kind = (type(error).__name__, where, tb.tb_lineno if tb else 0)
            self._words = _first_line(error)
        return True

    def _end(self) -> Ended:
        """Called when the loop asks for the next run."""
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
        return Ended(
            replace(self.case, schedule=tuple(steps_of(recorded))),
            self._kind,
            self._words,
            self._topologies[0].topology.name,
            tuple(tuple(each.trace.lines) for each in self._topologies),
            tuple(map(_points_of, self._topologies)),
        )

    def close(self) -> None:
        """End all components."""
        for each in self._topologies:
            each.close()


class Watched:
    """A topology of a run, before it is entered."""

    def __init__(self, run: Run, topology: RunningTopology) -> None:
        self._run = run
        self._topology = topology

    def __enter__(self) -> RunningTopology:
        self._run._was_entered = True
        return self._topology

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> bool:
        self._topology.close()
        return self._run._left(error, tb)

    def __getattr__(self, name: str) -> NoReturn:
        raise HarnessError(
            "run.topology(...) is to be entered, for its failures are looked at when it is left: "
            "with run.topology(...) as topology:"
        )

    def __getitem__(self, component: str) -> NoReturn:
        self.__getattr__(component)


def _is_failure(error: BaseException) -> bool:
    """A mistake in the test is told at once; whatever else it raises may depend on the run."""
    if isinstance(error, Exception):
        return not isinstance(error, HarnessError)
    outcomes = sys.modules.get("_pytest.outcomes")  # pytest.fail() raises no Exception
    return outcomes is not None and isinstance(error, outcomes.Failed)


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


def _add_note(error: BaseException, note: str) -> None:
    add_note = getattr(error, "add_note", None)
    if add_note is not None:
        add_note(note)
    else:  # Python 3.10 has no notes
        first = f"{error.args[0]}\n" if error.args else ""
        error.args = (first + note, *error.args[1:])


def _prefix(nth: int) -> str:
    """Streams of chance of the second topology of a run are its own, and so on."""
    return f"{nth + 1}:" if nth else ""


# -- where faults can strike ------------------------------------------------------------------------------------


def _points_of(topology: RunningTopology) -> Points:
    counts = topology.simulation.counts
    timeout = topology.simulation.wiring.conf.get("topology.message.timeout.secs")
    return Points(
        {
            bolt: {
                "tuple": counts[bolt].executed,
                "emit": sum(counts[bolt].emitted.values()),
                "ack": counts[bolt].acked,
            }
            for bolt in topology.topology.bolts
        },
        1000 * (timeout if isinstance(timeout, int) else 30),
    )


def crash_points(points: Sequence[Points]) -> Iterator[Fault]:
    """Every tuple, emit and ack of a good day, as the place of a crash."""
    for topology, where in enumerate(points):
        for bolt, counts in where.counts.items():
            for before in POINTS:
                for nth in range(1, counts[before] + 1):
                    yield Fault("crash", bolt, nth, before, topology=topology)


def draw_faults(
    points: Sequence[Points], kinds: Sequence[Kind], most: int, seed: object
) -> tuple[Fault, ...]:
    """Some faults, where something happens."""
    rng = stream_of(seed, "faults")
    wanted = min(FAULTS_OF_A_RUN[below(rng, len(FAULTS_OF_A_RUN))], most)
    places = [
        (topology, bolt)
        for topology, where in enumerate(points)
        for bolt, counts in where.counts.items()
        if counts["tuple"]
    ]
    if not places or not kinds:
        return ()
    drawn = []
    for _ in range(wanted):
        kind = kinds[below(rng, len(kinds))]
        topology, bolt = places[below(rng, len(places))]
        where = points[topology]
        befores = [point for point in POINTS if kind == "crash" and where.counts[bolt][point]]
        before = befores[below(rng, len(befores))] if befores else "tuple"
        # Half as many again: what a fault brings back comes after all that a good day has.
        nth = 1 + below(rng, where.counts[bolt][before] * 3 // 2)
        late = (*LATE_MS, 2 * where.timeout_ms + 1000)[below(rng, len(LATE_MS) + 1)]
        ms = late if kind == "delay" else 0
        drawn.append(Fault(kind, bolt, nth, before, ms, topology))
    return tuple(drawn)


# -- all of them ------------------------------------------------------------------------------------------------

Runs = Generator[Run, None, Ended]


class Explorer:
    """The iterator's making: ``iter(explorer)`` hands out runs until all have passed, or one has failed for good.

    Attributes:
        has_said_again: whether a failure went out with a note that says how to run its case again.
    """

    def __init__(
        self, make: Maker, plan: Plan, before_run: Callable[[int], object] | None = None
    ) -> None:
        self._make = make
        self._plan = plan
        self._before_run = before_run  # told how many there were before
        self._runs = 0  # so far, repeated and smaller ones too
        self._open: Run | None = None
        self.has_said_again = False

    def __iter__(self) -> Generator[Run, None, None]:
        try:
            yield from self._replay() if self._plan.replay else self._explore()
        finally:
            self.close()

    def close(self) -> None:
        """End the components of the run that is on; a loop that was left in the middle may not have."""
        if self._open is not None:
            self._open.close()

    def _replay(self) -> Generator[Run, None, None]:
        assert self._plan.replay is not None
        case = read_case(self._plan.replay)
        yield from self._try(0, case, last_words=self._words_of(0, 0, self._plan.replay))

    def _explore(self) -> Generator[Run, None, None]:
        plan = self._plan
        for path in plan.cases:
            yield from self._judge(0, (yield from self._try(0, read_case(path))))
        good_day = yield from self._try(0, Case(plan.seed))
        yield from self._judge(0, good_day)
        for number, case, wild in self._planned(good_day.points):
            yield from self._judge(number, (yield from self._try(number, case, wild=wild)))

    def _planned(self, points: Sequence[Points]) -> Iterator[tuple[int, Case, float | None]]:
        """The cases after the good day; how wild their schedule is, or None when it is not."""
        plan = self._plan
        if plan.strategy == "sweep":
            crashes = list(crash_points(points))
            if plan.runs is not None and plan.runs < len(crashes) + 1:
                raise HarnessError(
                    f"{plan.runs} runs are too few for a sweep: there are {len(crashes)} points to crash at, "
                    f"so n={len(crashes) + 1} would do, or no n"
                )
            for number, crash in enumerate(crashes, 1):
                yield number, Case(plan.seed, (crash,)), None
            return
        for number in range(1, USUAL_RUNS if plan.runs is None else plan.runs):
            seed = f"{plan.seed}/{number}"
            drawn = draw_faults(points, plan.kinds, plan.most_faults, seed)
            wild = WILD[below(stream_of(seed, "wild"), len(WILD))]
            yield number, Case(seed, drawn), wild

    def _try(
        self,
        number: int,
        case: Case,
        *,
        wild: float | None = None,
        last_words: LastWords | None = None,
    ) -> Runs:
        """One run of the loop's body."""

        def choices_for(nth: int) -> Choices:
            if wild is not None:
                return Drawn(f"{case.seed}/{nth}", wild=wild)
            mine = [step for step in case.schedule if _is_of(step.stream, nth)]
            prefix = _prefix(nth)
            return Replayed(
                choices_of(step._replace(stream=step.stream.removeprefix(prefix)) for step in mine)
            )

        if self._before_run is not None:
            self._before_run(self._runs)
        self._runs += 1
        self._open = run = Run(number, case, self._make, choices_for, last_words)
        yield run
        ended = run._end()
        self._open = None
        return ended

    def _judge(self, number: int, ended: Ended) -> Generator[Run, None, None]:
        """Nothing for a run that passed; of one that failed the smallest, which does not come back."""
        if ended.kind is None:
            return
        again = yield from self._try(number, ended.case)
        _compare(number, ended, again)
        smallest, reruns = yield from self._shrunk(number, again)
        path = self._write(smallest)
        words = self._words_of(number, reruns, path)
        last = yield from self._try(number, smallest.case, last_words=words)
        _compare(number, smallest, last)  # it passed, and had failed before

    def _shrunk(self, number: int, best: Ended) -> Generator[Run, None, tuple[Ended, int]]:
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
                    ended = yield from self._try(number, case)
                    if ended.kind == best.kind:
                        best, answer = ended, ended.case
                        tried.add(best.case)
                case = shrinking.send(answer)
        except StopIteration:
            pass  # nothing smaller fails
        return best, reruns

    # -- what the test is told

    def _write(self, smallest: Ended) -> Path | None:
        """Keep the case in a file of its own; None when there can be no file."""
        digest = zlib.crc32(to_text(smallest.case).encode())
        path = self._plan.directory / f"{smallest.name}-{digest:08x}.json"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(to_text(smallest.case, smallest.words), encoding="utf-8")
        except OSError:
            return None  # a read-only checkout: the words say all that the file would
        return path

    def _words_of(self, number: int, reruns: int, path: Path | None) -> LastWords:
        def words(run: Run) -> str:
            which = "the case" if self._plan.replay else f"run {number} failed; the smallest case"
            tries = f", after {reruns} reruns" if reruns else ""
            lines = [f"explore: {which} (seed {run.case.seed}{tries}):"]
            lines += [f"  {line}" for line in run.case.told()]
            for topology in run._topologies:
                lines.append(f"what became of the tuples of {topology.topology.name}:")
                lines += [f"  {line}" for line in topology.trace.story().splitlines()]
            if path is None:
                lines.append(f"no case file: {self._plan.directory} cannot be written to")
                return "\n".join(lines)
            self.has_said_again = True
            shown = _nearby(path)
            again = self._plan.again
            lines.append(
                f"again: {again} --storm-replay={shown}"
                if again
                else f'again: Storm(..., replay="{shown}")'
            )
            if not self._plan.replay:
                beside = f"{self._plan.directory.name}/{path.name}"  # as explore looks for it
                lines.append(f'to keep it as a test: storm.explore(..., cases=["{beside}"])')
            return "\n".join(lines)

        return words


def _is_of(stream: str, nth: int) -> bool:
    head, colon, _ = stream.partition(":")
    return (int(head) - 1 if colon and head.isdecimal() else 0) == nth


def _nearby(path: Path) -> str:
    """The path as somebody here would type it."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def _compare(number: int, once: Ended, again: Ended) -> None:
    """Refuse a case that went one way and then another.

    Raises:
        NotDeterministicError: with the first event that differs.
    """
    if once.kind == again.kind and once.lines == again.lines:
        return
    raise NotDeterministicError(
        f"run {number} of explore failed ({once.words}), and when the same case was run again it "
        + ("passed" if again.kind is None else f"failed with {again.words}")
        + f".\n{_first_difference(once, again)}"
    )


def _first_difference(once: Ended, again: Ended) -> str:
    for first, second in zip_longest(once.lines, again.lines, fillvalue=()):
        for at, (line, other) in enumerate(zip_longest(first, second)):
            if line != other:
                whose = json.loads(line or other or "{}").get("component", "a component")
                return f"{whose} is not deterministic: event {at} was\n  {line}\nand then\n  {other}\n{_CAUSES}"
    return _NOT_TOLD


_CAUSES = (
    "It depends on more than its tuples: the clock, os.urandom, uuid4, a thread, the order of a set, what an earlier "
    "run left in a module or a file. (random is seeded, and is all right.)"
)
_NOT_TOLD = (
    "All components did the same both times, so the test itself is not deterministic: it may look at something that "
    "an earlier run has left behind. Make it new in each run."
)

"""The search: which runs an exploration makes after the fault-free one, given what became of those before.

It begins with single faults, at one point of each class of points, since most bugs need one fault and most points are
alike. Then it mixes: the single faults that are left, pairs of faults that matter, children of cases that have shown
something new, and runs that are drawn blindly, for what nobody has thought of.
"""

from __future__ import annotations

import random
from collections import Counter, deque
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, cycle, zip_longest

from simulator.engine import below, stream_of
from simulator.exploring.cases import Case, Fault, Point
from simulator.exploring.chains import Chains, strikes_tuple
from simulator.exploring.changes import Change
from simulator.exploring.classes import FaultClass, class_of, in_turn
from simulator.exploring.corpus import Corpus
from simulator.exploring.coverage import Coverage, Part
from simulator.exploring.explored_run import RunOutcome
from simulator.exploring.fault_points import DOWN_MS, single_faults, with_steps_of
from simulator.exploring.meanwhile import Meanwhile
from simulator.exploring.pairs import Pairs
from simulator.exploring.plan import USUAL_RUNS, Plan, PlannedRun, Strategy, draw_faults
from simulator.exploring.schedules import UNUSUAL, Schedule, drawn_schedule
from simulator.exploring.siblings import between_siblings
from simulator.exploring.varying import apart, changes_alone, draw_changes
from simulator.testing import HarnessError, is_test_error

__tracebackhide__ = is_test_error  # pytest then shows the test's line
Search = Generator[Sequence[PlannedRun], Sequence[RunOutcome], None]
#: Runs that are planned together, whoever carries them out: so the runs follow from the seed and their number alone.
GENERATION = 16

BLIND = 0.15  # of the runs
ALONE_EACH = (
    10  # so many runs, one differs from the test in one thing alone, as long as there are more
)
VARIED = 0.1  # of the others: something is different from the test
STRUCK = 0.4  # of these: there is a fault too
VARIED_TOO = 0.2  # of the children of the corpus
FIRST_PART = 0.5  # of the runs, at most: single faults, a few of each class
TRIES = 4  # to plan a run that there has not been yet
OF_A_CLASS = 3  # the first and the second are run first; the others as far as there are runs
SCHEDULES = 0.15  # of the runs in the first part: without a fault
# Of the runs after the first part; the rest are children of the corpus.
CHAINS, SINGLES, PAIRS = 0.3, 0.15, 0.15
EARLY_CHAINS = 0.15  # of the runs in the first part
SIBLINGS_EACH = 10  # so many runs, one has a crash between two tuples of one root
MEANWHILE_EACH = 10  # so many runs, one has a crash while the root of another fault is open
CROSSED_EACH = 10  # so many runs, one has a fault and a change that are each alone in others
APART_EACH = 10  # so many runs, one has a crash that leaves all other components alive
#: The points of these crashes, those first at which another component has got what the one that dies has sent.
APART: Sequence[tuple[str, Point]] = (
    ("after", "emit"), ("before", "ack"), ("before", "tuple"), ("after", "ack"),
)  # fmt: skip


def searched(plan: Plan, fault_free: RunOutcome, coverage: Coverage | None = None) -> Search:
    """Yield generations of runs; each is to be sent back as outcomes in the same order, fewer where time is up.

    Args:
        plan: what was asked for.
        fault_free: the outcome of the fault-free run, number 0.
        coverage: is kept current with what was covered.

    Raises:
        HarnessError: the plan asks for fewer runs than its strategy needs.
    """
    search = _SEARCHES[plan.strategy](plan, fault_free, coverage or Coverage())
    number, last = 1, search.last
    while number < last:
        numbers = range(number, min(number + GENERATION, last))
        generation = [search.plan_run(each) for each in numbers]
        outcomes = yield generation
        number += len(outcomes)
        for planned, outcome in zip(generation, outcomes, strict=False):
            points = with_steps_of(fault_free.points, outcome.points)
            search.learn(planned, replace(outcome, points=points))
        search.count(number)


class _Search:
    """What all strategies share: what was learned, and runs that are drawn."""

    def __init__(self, plan: Plan, fault_free: RunOutcome, coverage: Coverage) -> None:
        self._plan = plan
        self._fault_free = fault_free
        self._coverage = coverage
        coverage.unvaried = [
            line
            for each in fault_free.varieties
            for line in each.fixed
            if line.partition(":")[0] in plan.vary
        ]
        kinds = plan.kinds if plan.most_faults else ()
        self._singles = in_turn(single_faults(fault_free.points, kinds), fault_free.lives)
        self._classes = dict.fromkeys(map(self._class_of, self._singles), False)
        self._tried: set[Fault] = set()
        self._pairs = Pairs(fault_free, kinds if plan.most_faults > 1 else ())
        self._chains = Chains(fault_free, kinds, plan.most_faults)
        self._meanwhile = Meanwhile(fault_free, kinds, plan.most_faults)
        self._corpus = Corpus(fault_free, kinds, plan.most_faults)
        self.count(1)

    @property
    def last(self) -> int:
        """The number of runs, with the fault-free one."""
        return USUAL_RUNS if self._plan.runs is None else self._plan.runs

    def plan_run(self, number: int) -> PlannedRun:
        """Return the run of this number."""
        raise NotImplementedError

    def learn(self, planned: PlannedRun, outcome: RunOutcome) -> None:
        """Learn from a run."""
        self._corpus.learn(outcome)
        case = planned.case
        if not case.faults or planned.schedule or case.schedule or case.changes:
            return
        if case.seed == self._plan.seed:
            self._chains.learn(outcome)
        if len(case.faults) != 1:
            return
        (fault,) = case.faults
        if case.seed == self._plan.seed:
            self._meanwhile.learn(outcome)
        if case.seed == self._plan.seed and (kind := self._class_of(fault)) in self._classes:
            self._classes[kind] = True
            self._tried.add(fault)
            self._pairs.learn(outcome)

    def count(self, runs: int) -> None:
        """Write down what was covered in so many runs."""
        coverage = self._coverage
        coverage.runs = runs
        coverage.faults = Part(len(self._tried), len(self._singles))
        coverage.classes = Part(sum(self._classes.values()), len(self._classes))
        coverage.pairs = self._pairs.part
        coverage.lives = len(self._corpus.seen)
        coverage.arcs = len(self._corpus.arcs)

    def _class_of(self, fault: Fault) -> FaultClass:
        return class_of(fault, self._fault_free.lives)

    def _random(self, number: int) -> random.Random:
        return stream_of(f"{self._plan.seed}/{number}", "search")

    def _single(self, number: int, fault: Fault) -> PlannedRun:
        return PlannedRun(number, Case(self._plan.seed, (fault,)))

    def _changes(self, rng: random.Random) -> tuple[Change, ...]:
        return draw_changes(self._fault_free.varieties, self._plan.vary, rng)

    def _varied(self, number: int, rng: random.Random) -> PlannedRun | None:
        """A run of which something is different from the test; None where nothing can be."""
        seed, vary = self._plan.seed, self._plan.vary
        faults = self._drawn_single(rng) if rng.random() < STRUCK else ()
        if vary and vary[below(rng, len(vary))] == "tick phase":
            return PlannedRun(number, Case(seed, faults), Schedule("tick phases"))
        changes = self._changes(rng)
        return PlannedRun(number, Case(seed, faults, changes=changes)) if changes else None

    def _drawn_single(self, rng: random.Random) -> tuple[Fault, ...]:
        faults = self._singles
        return (faults[below(rng, len(faults))],) if faults else ()

    def _blind(self, number: int, rng: random.Random) -> PlannedRun:
        seed, plan = f"{self._plan.seed}/{number}", self._plan
        drawn = draw_faults(self._fault_free.points, plan.kinds, plan.most_faults, seed)
        changes = self._changes(rng) if rng.random() < VARIED_TOO else ()
        return PlannedRun(number, Case(seed, drawn, changes=changes), drawn_schedule(rng))


class _Random(_Search):
    """Runs whose faults and schedules are drawn, whatever the others have shown."""

    def plan_run(self, number: int) -> PlannedRun:
        return self._blind(number, self._random(number))


class _Sweep(_Search):
    """Every single fault at every point of the fault-free run, and nothing else."""

    @property
    def last(self) -> int:
        needed, runs = len(self._singles) + 1, self._plan.runs
        if runs is not None and runs < needed:
            raise HarnessError(
                f"explore({runs}): too few for a sweep, which has {needed - 1} single faults; "
                f"expected at least {needed}, or no number"
            )
        return needed

    def plan_run(self, number: int) -> PlannedRun:
        return self._single(number, self._singles[number - 1])


class _Mixed(_Search):
    """Single faults first, then whatever promises most."""

    def __init__(self, plan: Plan, fault_free: RunOutcome, coverage: Coverage) -> None:
        super().__init__(plan, fault_free, coverage)
        of_class: Counter[FaultClass] = Counter()
        turns: list[list[Fault]] = [[] for _ in range(OF_A_CLASS)]
        for fault in self._singles:
            turn = of_class[self._class_of(fault)]
            of_class[self._class_of(fault)] += 1
            turns[min(turn, OF_A_CLASS - 1)].append(fault)
        once, again = turns[0], [(fault, True) for fault in turns[0]]
        second = [(fault, False) for fault in turns[1]]
        mixed = chain.from_iterable(zip_longest(again, second))
        #: Single faults, and whether something else is unusual too.
        self._first = deque([*((fault, False) for fault in once), *filter(None, mixed)])
        self._rest = deque(fault for turn in turns[2:] for fault in turn)
        self._planned = {fault_free.case}
        alone = changes_alone(fault_free.varieties, plan.vary)
        self._alone = deque(Case(plan.seed, changes=(change,)) for change in alone)
        self._crossed = deque(self._crossings(alone))
        self._apart = deque(self._crashes_apart(once))
        kinds = plan.kinds if plan.most_faults > 1 else ()
        self._siblings = deque(
            Case(plan.seed, faults) for faults in between_siblings(fault_free, kinds)
        )

    def _crossings(self, changes: Sequence[Change]) -> Iterator[Case]:
        """The first crash before a tuple of each bolt, with each change that is about it.

        What is lost is lost alone, or with what else there is in its task and its worker.
        """
        for change in changes:
            for fault in self._singles:
                is_first = fault.nth == 1 and strikes_tuple(fault)
                is_about = change.component in ("", fault.component)
                if is_first and is_about and change.topology == fault.topology:
                    yield Case(self._plan.seed, (fault,), changes=(change,))

    def _crashes_apart(self, faults: Sequence[Fault]) -> Iterator[Case]:
        """The crashes among these faults, where each executor has a worker of its own.

        Whoever shares its worker with the next component takes along what it has just sent there. Every second time the
        worker is up again late only: the others go on meanwhile, and it finds what they have left.
        """
        crashes = [fault for fault in faults if fault.kind == "crash"]
        late = cycle((False, True))
        for point in APART:
            for change in apart(self._fault_free.varieties, self._plan.vary):
                for fault in crashes:
                    strikes = ("after", fault.after) if fault.after else ("before", fault.before)
                    if strikes == point and fault.topology == change.topology:
                        down = replace(fault, ms=max(DOWN_MS)) if next(late) else fault
                        yield Case(self._plan.seed, (down,), changes=(change,))

    def plan_run(self, number: int) -> PlannedRun:
        rng = self._random(number)
        for _ in range(TRIES):
            planned = self._draw_run(number, rng)
            if planned.schedule is not None or planned.case not in self._planned:
                break
        self._planned.add(planned.case)
        return planned

    def _draw_run(self, number: int, rng: random.Random) -> PlannedRun:
        if (in_turn := self._in_turn(number)) is not None:
            return PlannedRun(number, in_turn)
        if rng.random() < BLIND:
            return self._blind(number, rng)
        if rng.random() < VARIED and (varied := self._varied(number, rng)) is not None:
            return varied
        if self._first and number <= FIRST_PART * self.last:
            if rng.random() < EARLY_CHAINS and (chain := self._chains.draw()) is not None:
                return PlannedRun(number, chain)
            if rng.random() < SCHEDULES:
                seed = f"{self._plan.seed}/{number}"
                return PlannedRun(number, Case(seed), drawn_schedule(rng, UNUSUAL))
            return self._next_single(number, rng)
        if rng.random() < CHAINS and (chain := self._chains.draw()) is not None:
            return PlannedRun(number, chain)
        share = rng.random()
        if share < SINGLES and self._first:
            return self._next_single(number, rng)
        if share < SINGLES and self._rest:
            return self._single(number, self._rest.popleft())
        if share < SINGLES + PAIRS and (case := self._pairs.draw(rng)) is not None:
            return PlannedRun(number, case)
        child = self._corpus.child(number, rng)
        if rng.random() < VARIED_TOO and not child.case.changes:
            return child._replace(case=replace(child.case, changes=self._changes(rng)))
        return child

    def _in_turn(self, number: int) -> Case | None:
        """The case of this run, where its number is of those that are set aside for cases of one sort."""
        for left, each, at in (
            (self._alone, ALONE_EACH, -1),
            (self._crossed, CROSSED_EACH, -2),
            (self._apart, APART_EACH, -4),
            (self._siblings, SIBLINGS_EACH, -5),
        ):
            if left and number % each == each + at:
                return left.popleft()
        if number % MEANWHILE_EACH == MEANWHILE_EACH - 7:
            return self._meanwhile.draw()
        return None

    def _next_single(self, number: int, rng: random.Random) -> PlannedRun:
        fault, is_unusual = self._first.popleft()
        planned = self._single(number, fault)
        if not is_unusual:
            return planned
        if rng.random() < 0.5 and (changes := self._changes(rng)):
            return planned._replace(case=replace(planned.case, changes=changes))
        return planned._replace(schedule=drawn_schedule(rng, UNUSUAL))


_SEARCHES: Mapping[Strategy, type[_Search]] = {
    "mixed": _Mixed,
    "sweep": _Sweep,
    "random": _Random,
}

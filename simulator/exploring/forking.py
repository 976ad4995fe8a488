"""Runs that go on from a snapshot of another one, instead of starting again.

A *base run* is carried out in the test's own process. It counts the points at which faults can strike, and the choices
that are asked for, so that it is known at which step another run begins to differ. Where it is long, it leaves
snapshots on its way. A run with the same seed goes on from the last snapshot before its first difference: a child of
that snapshot adds the faults, exchanges the rest of the schedule, and continues the body of the test's loop.

A bolt with an order to crash takes one tuple a wave from the beginning on. So runs with orders have a base run of their
own, in which the orders are there and never strike.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import takewhile
from types import FrameType
from typing import Any, NamedTuple

from simulator.engine import faults
from simulator.exploring.cases import Fault
from simulator.exploring.explored_run import Run, RunOutcome
from simulator.exploring.gathering import body_gathers
from simulator.exploring.lives import LivesMark, LivesRest
from simulator.exploring.plan import PlannedRun
from simulator.testing import Account, RunningTopology
from simulator.transports import Job, Outside, Snapshot, Snapshots, why_not_fork

FIRST_STEP = 64  # of a base run that leaves a snapshot: to repeat less costs no more than a fork
STEPS_BETWEEN = 32
RUN_FOR_A_SNAPSHOT = 2  # times what the last one took; where it is matters to the speed alone
MOST_SNAPSHOTS = 64  # of a base run; one more, and every second one ends
NEVER = 1 << 60

#: An order that a run can be given on its way.
Order = faults.CrashOrder | faults.OutageOrder


class Counter:
    """A rule without a verdict, which counts the deliveries to each component."""

    def __init__(self) -> None:
        self.seen: dict[str, int] = {}

    def judge(self, component: str, delivery: faults.Delivered) -> None:
        self.seen[component] = self.seen.get(component, 0) + 1


def orders_of(planned: PlannedRun) -> list[Order]:
    """Return the orders of a run to its first topology, which never strike."""
    orders = [fault.order() for fault in planned.case.faults if not fault.topology]
    return [_never(order) for order in orders if isinstance(order, Order)]


def _never(order: Order) -> Order:
    return replace(order, nth=NEVER)


def _can_be_added(fault: Fault) -> bool:
    """Return whether a fault can be added in the middle of a run, as if it had been there from the beginning."""
    return isinstance(fault.order(), Order) or type(fault.rule()) is faults.Nth


class Continuation(NamedTuple):
    """What a child of a snapshot is to do.

    Attributes:
        planned: the run that it becomes.
        later: the numbers of the roots to which the base run does something behind the snapshot.
    """

    planned: PlannedRun
    later: frozenset[int]


class Continued(NamedTuple):
    """What has become of a run in a child.

    Attributes:
        outcome: without what is shared with its base run.
        shared_lines: how many lines of the first trace are.
        mark: where it went on from there; None where it has started again.
        rest: the lives that are not shared.
    """

    outcome: RunOutcome
    shared_lines: int
    mark: LivesMark | None
    rest: LivesRest | None


class BaseRun:
    """A run from which others go on.

    Args:
        run: it.
        planned: what it was planned to be.
        snapshots: takes the snapshots; None: it leaves none.
        orders: never strike.
        clock: tells the seconds, for the time that snapshots may take.
        loop: the frame of the test's loop; None: runs may leave it alone, whatever it gathers.
        at_first_step: called with the topology at its first step.
        is_start: whether to leave a snapshot for runs that have nothing in common with it but that they make the same
            topology.

    Attributes:
        reason: why it has no snapshots, in words; None where it has, or is too short.
        outcome: once it has ended.
        has_processes: whether components run as processes.
        start: the snapshot where its topology was made; None without one.
    """

    def __init__(
        self,
        run: Run,
        planned: PlannedRun,
        snapshots: Snapshots | None,
        orders: Sequence[Order] = (),
        clock: Callable[[], float] = lambda: 0.0,
        loop: FrameType | None = None,
        at_first_step: Callable[[RunningTopology], object] | None = None,
        is_start: bool = False,
    ) -> None:
        self.reason: str | None = None
        self.outcome: RunOutcome | None = None
        self._run = run
        self._planned = planned
        self._snapshots = snapshots
        self._orders = orders
        self._loop = loop
        self._clock = clock
        self._due = float("-inf")  # when a further snapshot is worth its time
        self._at_first_step = at_first_step
        self._is_start = is_start
        self.start: Snapshot | None = None
        self.has_processes = False
        self._outside = Outside()
        self._taken: list[Snapshot] = []
        self._logged: dict[int, int] = {}  # the size of the log of lives, at the steps of snapshots
        self._between = STEPS_BETWEEN
        self._next = FIRST_STEP
        self._asked: list[int] = []  # how many choices, at the beginning of each step
        self._counter = Counter()
        self._seen: dict[str, list[int]] = {}  # the counter, at the beginning of each step
        self._seen_by: list[list[int]] = [[] for _ in orders]  # each order
        self._topology: RunningTopology | None = None
        run.on_made = self._watch

    def __enter__(self) -> BaseRun:
        self._outside.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._outside.__exit__(*error)
        if self._outside.reason:
            self._give_up(self._outside.reason)

    @property
    def seed(self) -> int | str:
        return self._planned.case.seed

    @property
    def accounts(self) -> list[Account]:
        """What has happened in its topologies."""
        return [each.account() for each in self._run.topologies]

    @property
    def run(self) -> Run:
        """The run itself."""
        return self._run

    @property
    def has_snapshots(self) -> bool:
        return bool(self._taken)

    @property
    def outside(self) -> str | None:
        """What it has done outside this process; None where it has done nothing there."""
        return self._outside.reason

    def _step(self) -> int:
        return len(self._asked) - 1

    def _give_up(self, reason: str) -> None:
        self.reason = self.reason or reason
        if self._snapshots is not None:
            self._snapshots.drop([*self._taken, *([self.start] if self.start else [])])
        self._taken, self.start = [], None

    def close(self) -> None:
        """End the snapshots."""
        self._give_up("it is closed")

    # -- in its course

    def _watch(self, made: RunningTopology) -> PlannedRun | None:
        """Take a topology that the run has made, before it is opened; return what a child of ``start`` is to be."""
        self.has_processes |= made.has_processes
        if made.has_processes:
            self._give_up("components run as processes")
            return None
        if self._topology is not None:
            self._give_up("a run makes several topologies")
            return None
        if self._is_start and self._snapshots is not None and self._why_not() is None:
            made.preload()
            taken = self._snapshots.take(0)
            if isinstance(taken, Job):
                planned: PlannedRun = taken.task
                return planned
            self.start = taken
        self._topology = made
        made.simulation.injection.add_rule(self._counter)
        for order in self._orders:
            made.simulation.injection.order(order)
        self._seen = {component: [] for component in made.topology.components}
        made.simulation.before_step = self._before_step
        return None

    def _before_step(self) -> None:
        if not self._asked and self._at_first_step is not None and self._topology is not None:
            self._at_first_step(self._topology)
        self._note_counts()
        if self._snapshots is not None and self._step() == self._next and self.reason is None:
            self._take(self._snapshots)

    def _note_counts(self) -> None:
        self._asked.append(self._run.choices[0].asked)
        for component, seen in self._seen.items():
            seen.append(self._counter.seen.get(component, 0))
        for order, seen in zip(self._orders, self._seen_by, strict=True):
            seen.append(order.seen)

    def _take(self, snapshots: Snapshots) -> None:
        self._next += self._between
        began = self._clock()
        if began < self._due:
            return
        if reason := self._why_not():
            self._give_up(reason)
            return
        self._logged[self._step()] = len(self._run.read_lives().log)
        taken = snapshots.take(self._step())
        if taken is None:
            self._give_up("the system has no room for one more process")
        elif isinstance(taken, Snapshot):
            self._taken.append(taken)
            now = self._clock()
            self._due = now + RUN_FOR_A_SNAPSHOT * (now - began)
            if len(self._taken) > MOST_SNAPSHOTS:
                self._between *= 2
                snapshots.drop(self._taken[1::2])
                self._taken = self._taken[::2]
        else:
            self._go_on(taken.task)

    def _why_not(self) -> str | None:
        if self._run.was_asked:
            return "the test looks at run.number or run.case"
        if self._loop is not None and body_gathers(self._loop):
            return "the test's loop gathers something over its runs"
        return why_not_fork() or self._outside.look()

    # -- what goes on from it

    def knows(self, orders: Sequence[Order]) -> bool:
        """Return whether runs with these orders can go on from it."""
        mine = {each.component for each in self._orders}
        return mine == {each.component for each in orders} and all(
            _never(order) in map(_never, self._orders) for order in orders
        )

    def snapshot_for(self, planned: PlannedRun) -> Snapshot | None:
        """Return where a run can go on from; None where it has to start again."""
        if not self._taken or not self._is_like(planned):
            return None
        step = self._first_difference(planned)
        before = [each for each in self._taken if each.position <= step]
        return before[-1] if before else None

    def _is_like(self, planned: PlannedRun) -> bool:
        """Return whether a run differs in its faults and its schedule alone; a drawn one differs from the start."""
        mine = self._planned
        return (
            replace(planned.case, faults=(), schedule=())
            == replace(mine.case, faults=(), schedule=())
            and (planned.schedule is None or planned.schedule.is_plain)
            and self.knows(orders_of(planned))
            and all(_can_be_added(fault) for fault in planned.case.faults if not fault.topology)
        )

    def _first_difference(self, planned: PlannedRun) -> int:
        """The step in which a run begins to differ; negative where that is before the first one."""
        steps = [self._step()]
        for fault in planned.case.faults:
            if (seen := self._seen_of(fault)) and fault.nth <= seen[-1]:
                steps.append(bisect_left(seen, fault.nth) - 1)
        if planned.schedule is not None or planned.case.schedule:
            other = Run(planned, self._run.make, None).choices_for(0)
            mine = self._run.choices[0].inner.recorded
            same = takewhile(lambda each: other.choose(each.stream, each.limit) == each.value, mine)
            at = sum(1 for _ in same)
            if at < len(mine):
                steps.append(bisect_right(self._asked, at) - 1)
        return min(steps)

    def _seen_of(self, fault: Fault) -> Sequence[int]:
        """How often the point of a fault was reached, at the beginning of each step."""
        if fault.topology:
            return ()
        if isinstance(order := fault.order(), Order):
            return self._seen_by[self._place_of(order)]
        return self._seen[fault.component]

    def _place_of(self, order: Order) -> int:
        return [_never(each) for each in self._orders].index(_never(order))

    def continuation(self, planned: PlannedRun, snapshot: Snapshot) -> Continuation:
        """Return what a child of a snapshot of this run is to do."""
        log = self._run.read_lives().log
        return Continuation(planned, frozenset(log[self._logged[snapshot.position] :]))

    def whole(self, continued: Continued) -> RunOutcome:
        """Return the outcome of a child with the lines and lives that it shares with this run."""
        mine, outcome = self.outcome, continued.outcome
        assert mine is not None
        assert continued.mark is not None
        assert continued.rest is not None
        first, *traces = outcome.traces
        reader = self._run.read_lives()
        return replace(
            outcome,
            traces=(mine.traces[0][: continued.shared_lines] + first, *traces),
            lives=(
                reader.whole(mine.lives[0], continued.mark, continued.rest),
                *outcome.lives[1:],
            ),
        )

    def _go_on(self, continuation: Continuation) -> None:
        """Become another run, in a child of a snapshot."""
        planned = continuation.planned
        assert self._topology is not None
        simulation = self._topology.simulation
        simulation.before_step = None
        self._run.become(planned, continuation.later)
        left = list(self._orders)
        for fault in planned.case.faults:
            if fault.topology:
                continue
            if isinstance(order := fault.order(), Order):
                mine = self._orders[self._place_of(order)]
                if mine in left:
                    left.remove(mine)
                    mine.nth = order.nth
                else:  # the second of its kind
                    order.skip(mine.seen)
                    simulation.injection.order(order)
            if rule := fault.rule():
                assert isinstance(rule, faults.Nth)
                rule.skip(self._counter.seen.get(rule.component, 0))
                simulation.injection.add_rule(rule)
        for spare in left:
            spare.end()

"""Fault injection: rules that judge deliveries, and orders to crash or to hang.

A rule is asked about each delivery, which is a copy of a tuple on its way to one task. It returns a verdict, or None to
let the copy pass; the first verdict counts. An order belongs to a component: a crash strikes at its n-th tuple, emit,
ack and so on, an outage at each of its tuples for some time, and a hang takes its next tuples. An event belongs to the
topology: a worker or an acker dies, or an operator acts. Rules, orders and events only answer; the engine acts.

A fault that cannot strike is refused: a component, stream, task or point that does not exist. A fault that could strike
and did not is told by ``unstruck``, for a test of it has tested nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal, NamedTuple, Protocol, get_args

from simulator.engine.effects import Death
from simulator.engine.events import VerdictName
from simulator.model import Topology, did_you_mean

Point = Literal["tuple", "next", "emit", "ack", "fail", "tick", "initialize"]
Scope = Literal["worker", "task"]
POINTS: Final[tuple[Point, ...]] = get_args(Point)
#: Those that each kind of component reaches. A spout's acks and fails are those that it is notified of.
POINTS_OF: Final[Mapping[str, tuple[Point, ...]]] = {
    "bolt": ("tuple", "emit", "ack", "fail", "tick", "initialize"),
    "spout": ("next", "emit", "ack", "fail", "initialize"),
}
SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)


class FaultError(ValueError):
    """A fault that cannot strike; one line with what was found and what was expected."""


@dataclass(frozen=True)
class Drop:
    """The copy is lost on its way, so its roots can only time out."""


@dataclass(frozen=True)
class Delay:
    """The copy arrives late, and what follows it from the same task to the same task does not overtake it.

    Attributes:
        ms: how late, in virtual milliseconds.
    """

    ms: int

    def __post_init__(self) -> None:
        _check_number(type(self).__name__, "ms", self.ms, 0)


@dataclass(frozen=True)
class Reorder(Delay):
    """The copy arrives late, and others of its link overtake it: that is outside what Storm guarantees."""


@dataclass(frozen=True)
class Replay:
    """The copy arrives, and its roots fail at once: their spouts emit them again, as attempts of their own."""


@dataclass(frozen=True)
class Duplicate:
    """The copy arrives twice; the second one has an id and an edge of its own, as if it had been emitted twice.

    No Storm does that to a component that emits once.
    """


@dataclass(frozen=True)
class Fail:
    """The copy is failed instead of delivered, so its roots fail at once."""


@dataclass(frozen=True)
class LostAck:
    """The copy arrives, and its ack never reaches the acker, so its roots can only time out."""


Verdict = Drop | Delay | Reorder | Replay | Duplicate | Fail | LostAck

#: The name of each verdict in a trace.
NAMES: Mapping[type[Verdict], VerdictName] = {
    Drop: "drop",
    Delay: "delay",
    Reorder: "reorder",
    Replay: "replay",
    Duplicate: "duplicate",
    Fail: "fail",
    LostAck: "lost-ack",
}


class Delivered(Protocol):
    """The part of a delivery that a rule sees: target task, stream and values."""

    @property
    def target(self) -> int: ...
    @property
    def stream(self) -> str: ...
    @property
    def values(self) -> list[object]: ...


class Rule(Protocol):
    """Judges deliveries. Any object with this method is a rule."""

    def judge(self, component: str, delivery: Delivered) -> Verdict | None:
        """Judge one delivery to a task of ``component``: a verdict, or None to let it pass."""


@dataclass
class Nth:
    """A rule that gives its verdict to the n-th delivery that matches.

    Attributes:
        verdict: the verdict.
        component: the bolt that the delivery goes to.
        nth: which of the matching deliveries, counted from 1; None: every one.
        stream: only deliveries on this stream match; None: on any stream.
        task: only deliveries to this task match; None: to any task of the bolt.
        struck: how often the fault has happened: a lost ack at the moment of the ack.
    """

    verdict: Verdict
    component: str
    nth: int | None = 1
    stream: str | None = None
    task: int | None = None
    struck: int = field(default=0, init=False)
    _seen: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        if not isinstance(self.verdict, get_args(Verdict)):
            names = ", ".join(f"{each.__name__}()" for each in NAMES)
            raise FaultError(f"Nth(verdict={self.verdict!r}): expected one of {names}")
        if self.nth is not None:
            _check_number("Nth", "nth", self.nth, 1)

    def judge(self, component: str, delivery: Delivered) -> Verdict | None:
        if component != self.component or self.stream not in (None, delivery.stream):
            return None
        if self.task not in (None, delivery.target):
            return None
        self._seen += 1
        return self.verdict if self.nth in (None, self._seen) else None

    def skip(self, seen: int) -> None:
        """Count so many matching deliveries as seen, which came before the rule was added."""
        self._seen = seen

    def __str__(self) -> str:
        which = "every tuple" if self.nth is None else f"tuple {self.nth}"
        on = "" if self.stream is None else f' on stream "{self.stream}"'
        return f"{NAMES[type(self.verdict)]} of {which} to {_at(self)}{on}"

    def unstruck(self) -> str | None:
        """The line about a fault that has never happened; None when it has."""
        if self.struck:
            return None
        found = _counted(self._seen, "tuple was", "tuples were")
        if isinstance(self.verdict, LostAck) and self.nth is not None and self._seen >= self.nth:
            return f"{self} never struck: that tuple was never acked ({found} sent there)"
        if isinstance(self.verdict, Replay) and self.nth is not None and self._seen >= self.nth:
            return f"{self} never struck: that tuple is in no tree ({found} sent there)"
        if self.nth is not None and self._seen >= self.nth:
            return f"{self} never struck: another fault came first there ({found} sent there)"
        return f"{self} never struck: {found} sent there"


@dataclass
class LostFail:
    """A rule that has the n-th fail of a bolt never reach the acker, so that the roots can only time out.

    Attributes:
        component: the bolt.
        nth: which of its fails, counted from 1.
        task: count only those of this task; None: of all.
    """

    component: str
    nth: int = 1
    task: int | None = None
    _seen: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        _check_number("LostFail", "nth", self.nth, 1)

    def judge(self, component: str, delivery: Delivered) -> Verdict | None:
        return None

    def loses(self, component: str, task: int) -> bool:
        """Count one fail; return whether it is lost."""
        if component != self.component or self.task not in (None, task):
            return False
        self._seen += 1
        return self._seen == self.nth

    def unstruck(self) -> str | None:
        """The line about a fault that has never happened; None when it has."""
        if self._seen >= self.nth:
            return None
        found = _counted(self._seen, "tuple was", "tuples were")
        return f"lost fail {self.nth} of {_at(self)} never struck: {found} failed there"


class Judgement(NamedTuple):
    """A verdict, and the rule that gave it."""

    rule: Rule
    verdict: Verdict


def judge(rules: Iterable[Rule], component: str, delivery: Delivered) -> Judgement | None:
    """The first verdict of the rules, or None. Every rule is asked, so every rule counts the delivery."""
    verdicts = [(rule, rule.judge(component, delivery)) for rule in rules]
    given = (Judgement(rule, verdict) for rule, verdict in verdicts if verdict is not None)
    return next(given, None)


@dataclass
class CrashOrder:
    """Kill the process of a component at its n-th tuple, emit, ack and so on.

    Attributes:
        component: the component; a spout that rows stand in for has no process.
        before: the point. "tuple", "tick" and "next" strike when the work has been handed over, before anything that
            is done with it counts; so do a spout's "ack" and "fail". "emit", and a bolt's "ack" and "fail", strike when
            that message arrives; the message is lost. "initialize" strikes before ``initialize``.
        nth: which of them, counted from 1 over the tasks of the component; of "initialize" the n-th start of a task.
        task: count only those of this task; None: of all.
        scope: "worker": the whole worker dies, as on Storm; "task": the task alone.
        after: strike behind this point instead: the message counts, and the turn is over, so that the component is idle
            behind its tuple.
        restart_ms: how long the worker takes to come up again, in virtual milliseconds; None: as long as any other.
        step: of "initialize": strike inside of it, before its n-th step, from 1; 0: before or after the whole. A step
            begins at a line before which, since the last step, something may have been done outside of the component.
        place: the file and the line of the step where it has struck.
    """

    component: str
    before: Point = "tuple"
    nth: int = 1
    task: int | None = None
    scope: Scope = "worker"
    after: Point | None = None
    restart_ms: int | None = None
    step: int = 0
    place: str = field(default="", init=False)
    _seen: int = field(default=0, init=False)
    _steps_seen: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        _check_number("CrashOrder", "step", self.step, 0)
        if self.step and (self.before != "initialize" or self.after is not None):
            raise FaultError(
                f'CrashOrder(step={self.step}): only initialize has steps; expected before="initialize" with it'
            )
        _check_name("CrashOrder", "before", self.before, POINTS)
        if self.after is not None:
            _check_name("CrashOrder", "after", self.after, POINTS)
        _check_name("CrashOrder", "scope", self.scope, SCOPES)
        _check_number("CrashOrder", "nth", self.nth, 1)
        if self.restart_ms is not None:
            _check_number("CrashOrder", "restart_ms", self.restart_ms, 0)

    @property
    def point(self) -> Point:
        """The point, before or after which it strikes."""
        return self.before if self.after is None else self.after

    def strikes(self, task: int, point: str, *, after: bool = False) -> bool:
        """Count that ``task`` has come to one of its points; return whether it strikes there."""
        if (
            point != self.point
            or after != (self.after is not None)
            or self.task not in (None, task)
        ):
            return False
        self._seen += 1
        return self._seen == self.nth

    def strikes_in(self, task: int) -> int | None:
        """How many more of its points there are to come until it strikes; None for none of this task."""
        return None if self.is_spent or self.task not in (None, task) else self.nth - self._seen

    @property
    def seen(self) -> int:
        """The number of tuples, emits or acks that it has counted."""
        return self._seen

    def skip(self, seen: int) -> None:
        """Count so many tuples, emits or acks as seen, which came before the order was added."""
        self._seen = seen

    def end(self) -> None:
        """Be as an order that has struck."""
        self._seen = max(self._seen, self.nth)

    @property
    def is_spent(self) -> bool:
        """True when the order has struck as often as it is to."""
        return self._seen >= self.nth

    def strikes_at_step(self, places: Sequence[str], *, crashes: bool) -> bool:
        """Note the steps of its start so far, by file and line; return whether it strikes at the last of them."""
        self._steps_seen = len(places)
        if crashes and places:
            self.place = places[-1]
        return crashes

    @property
    def _where(self) -> str:
        point = f"{self.point} {self.nth}"
        if self.step:
            at = f" ({self.place})" if self.place else ""
            return f"before step {self.step} of {point}{at}"
        return f"{'before' if self.after is None else 'after'} {point}"

    def __str__(self) -> str:
        return f"crashed as ordered, {self._where}"

    def unstruck(self) -> str | None:
        """The line about an order that has never struck; None when it has."""
        if self.is_spent and self.step and not self.place:
            steps = _counted(self._steps_seen, "step", "steps")
            return f"crash {self._where} of {_at(self)} never struck: it took {steps}"
        if self.is_spent:
            return None
        found = _counted(
            self._seen, f"{self.point} was", f"{_MANY.get(self.point, self.point + 's')} were"
        )
        return f"crash {self._where} of {_at(self)} never struck: {found} seen"


_MANY: Mapping[str, str] = {"next": "calls of next", "initialize": "calls of initialize"}


class Crash(BaseException):
    """Raised where an order kills the process of a task. It is no ``Exception``, so no component catches it."""

    def __init__(self, order: CrashOrder | OutageOrder) -> None:
        super().__init__(str(order))
        self.order = order


@dataclass
class OutageOrder:
    """Kill the process of a component at its n-th tuple, and at each one behind it, for some time; of a spout, at each
    call of ``next``.

    Attributes:
        component: the component.
        ms: how long, in virtual milliseconds.
        nth: with which tuple it begins, counted from 1 over the tasks of the component.
        task: count and kill only this task; None: any.
        scope: as of ``CrashOrder``.
        restart_ms: as of ``CrashOrder``.
    """

    component: str
    ms: int
    nth: int = 1
    task: int | None = None
    scope: Scope = "worker"
    restart_ms: int | None = None
    _seen: int = field(default=0, init=False)
    _until_ms: int | None = field(default=None, init=False)
    is_spent: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        _check_number("OutageOrder", "ms", self.ms, 1)
        _check_number("OutageOrder", "nth", self.nth, 1)
        _check_name("OutageOrder", "scope", self.scope, SCOPES)

    def strikes(self, task: int, now_ms: int) -> bool:
        """Count one tuple of ``task``; return whether it is killed at it."""
        if self.is_spent or self.task not in (None, task):
            return False
        self._seen += 1
        if self._seen == self.nth:
            self._until_ms = now_ms + self.ms
        if self._until_ms is None:
            return False
        self.is_spent = now_ms >= self._until_ms
        return not self.is_spent

    @property
    def seen(self) -> int:
        """The number of tuples that it has counted."""
        return self._seen

    def skip(self, seen: int) -> None:
        """Count so many tuples as seen, which came before the order was added."""
        self._seen = seen

    def end(self) -> None:
        """Be as an order that has struck."""
        self.is_spent = True

    def __str__(self) -> str:
        return f"crashed as ordered, in an outage of {self.ms / 1000:g} s from tuple {self.nth} on"

    def unstruck(self) -> str | None:
        """The line about an outage that has never begun; None when it has."""
        if self._until_ms is not None:
            return None
        found = _counted(self._seen, "tuple was", "tuples were")
        return f"outage from tuple {self.nth} of {_at(self)} on never struck: {found} seen"


def death_by(order: CrashOrder | OutageOrder) -> Death:
    """The outcome of a task that this order has killed."""
    return Death(str(order), ordered=True, scope=order.scope, restart_ms=order.restart_ms)


@dataclass
class HangOrder:
    """Take the next tuples of a bolt and never settle them. Heartbeats are still answered.

    Attributes:
        component: the bolt.
        tuples: how many tuples, over the tasks of the bolt.
        task: take only those of this task; None: of any.
    """

    component: str
    tuples: int = 1
    task: int | None = None
    _seen: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        _check_number("HangOrder", "tuples", self.tuples, 1)

    def takes(self, task: int) -> bool:
        """Count one tuple of ``task``; return whether it is taken."""
        if self.task not in (None, task) or self.is_spent:
            return False
        self._seen += 1
        return True

    @property
    def is_spent(self) -> bool:
        """True when the order has struck as often as it is to."""
        return self._seen >= self.tuples

    def unstruck(self) -> str | None:
        """The line about an order that has not struck as often as it was to; None when it has."""
        if self.is_spent:
            return None
        wanted = _counted(self.tuples, "tuple", "tuples")
        found = _counted(self._seen, "tuple was", "tuples were")
        return f"hang at {wanted} of {_at(self)} never struck in full: {found} seen"


Order = CrashOrder | HangOrder | OutageOrder

Action = Literal["worker", "acker", "rebalance", "deactivate"]
ACTIONS: Final[tuple[Action, ...]] = get_args(Action)


@dataclass
class TopologyEvent:
    """Have something happen to the topology before bolts take their n-th tuple.

    Attributes:
        action: "worker": a worker dies with all its tasks; "acker": an acker loses what it knows, as one that is alone
            in its worker; "rebalance": all workers are placed anew; "deactivate": an operator deactivates the topology,
            and activates it again.
        nth: before which tuple, counted from 1 over all bolts.
        number: which worker or acker, from 0; of a rebalance, how many workers there are then (0: as many as before).
        ms: how long a worker takes to come up again, a rebalance waits, and a topology is not active, in virtual
            milliseconds.
    """

    action: Action
    nth: int = 1
    number: int = 0
    ms: int = 0
    has_struck: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        _check_name("TopologyEvent", "action", self.action, ACTIONS)
        for name, least in (("nth", 1), ("number", 0), ("ms", 0)):
            _check_number("TopologyEvent", name, getattr(self, name), least)

    def unstruck(self) -> str | None:
        """The line about an event that has never happened; None when it has."""
        if self.has_struck:
            return None
        which = f" {self.number}" if self.action in ("worker", "acker") else ""
        return f"{self.action}{which} before tuple {self.nth} of the topology never struck: there were fewer"


# -- faults that test nothing ---------------------------------------------------------------------------------------


def fresh_order(order: Order) -> Order:
    """A copy of an order that has counted nothing yet, so that options can be used for several runs."""
    return replace(order)


def fresh_rule(rule: Rule) -> Rule:
    """A copy of a rule that has counted nothing yet; a rule of the caller's own class is used as it is."""
    return replace(rule) if isinstance(rule, (Nth, LostFail)) else rule


def fresh_event(event: TopologyEvent) -> TopologyEvent:
    """A copy of an event that has not struck yet."""
    return replace(event)


def unstruck(faults: Iterable[Order | Rule | TopologyEvent]) -> list[str]:
    """A line for each fault that never struck, with how often its point was reached.

    Rules of other classes decide for themselves when they strike, and are not judged.
    """
    known = (fault for fault in faults if isinstance(fault, _KNOWN))
    return [line for fault in known if (line := fault.unstruck()) is not None]


_KNOWN = (CrashOrder, HangOrder, OutageOrder, Nth, LostFail, TopologyEvent)


def check_fault(
    fault: Order | Rule,
    topology: Topology,
    task_ids: Mapping[str, Sequence[int]],
    local: Collection[str] = (),
) -> None:
    """Refuse a fault that cannot strike in this topology.

    Args:
        fault: an order or a rule.
        topology: the topology of the run.
        task_ids: the tasks of each component.
        local: components without a process.

    Raises:
        FaultError: its component, stream or task does not exist, or it is no fault at all.
    """
    if not isinstance(fault, (CrashOrder, HangOrder, OutageOrder, Nth, LostFail)):
        if not callable(getattr(fault, "judge", None)):
            raise FaultError(
                f"{fault!r} is no fault: expected CrashOrder, HangOrder, OutageOrder, Nth, or an object with "
                "judge(component, delivery)"
            )
        return
    kind, name = type(fault).__name__, fault.component
    where = f"{kind}(component={name!r})"
    if isinstance(fault, (CrashOrder, OutageOrder)):
        _check_process(fault, where, topology, local)
    elif name in topology.spouts:
        raise FaultError(
            f"{where}: that is a spout; expected a bolt: {', '.join(topology.bolts) or 'there is none'}"
        )
    elif name not in topology.bolts:
        raise FaultError(
            f"{where}: topology {topology.name!r} has no such bolt{did_you_mean(str(name), topology.bolts)}"
        )
    tasks = task_ids[name]
    if fault.task is not None and fault.task not in tasks:
        raise FaultError(f"{kind}(task={fault.task!r}): the tasks of {name} are {list(tasks)}")
    if isinstance(fault, Nth) and fault.stream is not None:
        streams = list(dict.fromkeys(stream for _, stream in topology.bolts[name].inputs))
        if fault.stream not in streams:
            raise FaultError(
                f"Nth(stream={fault.stream!r}): {name} gets no such stream"
                + (did_you_mean(str(fault.stream), streams) or f"; it gets {', '.join(streams)}")
            )


def _check_process(
    fault: CrashOrder | OutageOrder, where: str, topology: Topology, local: Collection[str]
) -> None:
    """Refuse to kill what has no process, or to do so at a point that it never reaches."""
    component = topology.components.get(fault.component)
    if component is None:
        near = did_you_mean(str(fault.component), topology.components)
        raise FaultError(f"{where}: topology {topology.name!r} has no such component{near}")
    if component.id in local:
        raise FaultError(f"{where}: it has no process that could die, its rows come from a stub")
    points = POINTS_OF[component.kind]
    if isinstance(fault, CrashOrder) and fault.step and component.python_class is None:
        raise FaultError(
            f"CrashOrder(step={fault.step}): {component.id} is no component of streamparse, whose steps can be told"
        )
    if isinstance(fault, CrashOrder) and fault.point not in points:
        side = "before" if fault.after is None else "after"
        raise FaultError(
            f"CrashOrder({side}={fault.point!r}): {component.id} is a {component.kind}; expected {', '.join(points)}"
        )


def _check_number(kind: str, name: str, number: object, least: int) -> None:
    where = f"{kind}({name}={number!r})"
    if not isinstance(number, int) or isinstance(number, bool):
        raise FaultError(f"{where}: expected a whole number")
    if number < least:
        raise FaultError(f"{where}: expected at least {least}")


def _check_name(kind: str, name: str, value: object, names: Sequence[str]) -> None:
    if value not in names:
        expected = f"{', '.join(names[:-1])} or {names[-1]}"
        raise FaultError(
            f"{kind}({name}={value!r}): expected {expected}{did_you_mean(str(value), names)}"
        )


def _at(fault: Order | Nth | LostFail) -> str:
    """The component of a fault, and its task where it names one."""
    return fault.component if fault.task is None else f"{fault.component}[{fault.task}]"


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"

"""Fault injection: rules that judge deliveries, and orders to crash or to hang.

A rule is asked about each delivery, which is a copy of a tuple on its way to one task. It returns a verdict, or None to
let the copy pass; the first verdict counts. An order belongs to a bolt. A crash strikes at the n-th tuple, emit or ack
of the bolt, and a hang takes its next tuples. Rules and orders only answer; the engine acts on their answers.

A fault that cannot strike is refused: a component, stream, task or point that does not exist. A fault that could strike
and did not is told by ``unstruck``, for a test of it has tested nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal, NamedTuple, Protocol, get_args

from simulator.engine.events import VerdictName
from simulator.model import Topology, did_you_mean

Point = Literal["tuple", "emit", "ack"]
Scope = Literal["worker", "task"]
POINTS: Final[tuple[Point, ...]] = get_args(Point)
SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)


class FaultError(ValueError):
    """A fault that cannot strike; one line with what was found and what was expected."""


@dataclass(frozen=True)
class Drop:
    """The copy is lost on its way, so its roots can only time out."""


@dataclass(frozen=True)
class Delay:
    """The copy arrives late.

    Attributes:
        ms: how late, in virtual milliseconds.
    """

    ms: int

    def __post_init__(self) -> None:
        _check_number("Delay", "ms", self.ms, 0)


@dataclass(frozen=True)
class Duplicate:
    """The copy arrives twice; the second one has an id and an edge of its own."""


@dataclass(frozen=True)
class Fail:
    """The copy is failed instead of delivered, so its roots fail at once."""


@dataclass(frozen=True)
class LostAck:
    """The copy arrives, and its ack never reaches the acker, so its roots can only time out."""


Verdict = Drop | Delay | Duplicate | Fail | LostAck

#: The name of each verdict in a trace.
NAMES: Mapping[type[Verdict], VerdictName] = {
    Drop: "drop",
    Delay: "delay",
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
        if self.nth is not None and self._seen >= self.nth:
            return f"{self} never struck: another fault came first there ({found} sent there)"
        return f"{self} never struck: {found} sent there"


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
    """Kill the process of a bolt at its n-th tuple, emit or ack.

    Attributes:
        component: the bolt.
        before: "tuple" strikes when the tuple has been handed over, before anything that the bolt does with it counts.
            "emit" and "ack" strike when that message arrives; the message is lost.
        nth: which tuple, emit or ack, counted from 1 over the tasks of the bolt.
        task: count only those of this task; None: of all.
        scope: "worker": the whole worker dies, as on Storm; "task": the task alone.
    """

    component: str
    before: Point = "tuple"
    nth: int = 1
    task: int | None = None
    scope: Scope = "worker"
    _seen: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        _check_name("CrashOrder", "before", self.before, POINTS)
        _check_name("CrashOrder", "scope", self.scope, SCOPES)
        _check_number("CrashOrder", "nth", self.nth, 1)

    def strikes(self, task: int, point: str) -> bool:
        """Count one tuple, emit or ack of ``task``; return whether it is the n-th."""
        if point != self.before or self.task not in (None, task):
            return False
        self._seen += 1
        return self._seen == self.nth

    @property
    def is_spent(self) -> bool:
        """True when the order has struck as often as it is to."""
        return self._seen >= self.nth

    def __str__(self) -> str:
        return f"crashed as ordered, before {self.before} {self.nth}"

    def unstruck(self) -> str | None:
        """The line about an order that has never struck; None when it has."""
        if self.is_spent:
            return None
        found = _counted(self._seen, f"{self.before} was", f"{self.before}s were")
        return f"crash before {self.before} {self.nth} of {_at(self)} never struck: {found} seen"


class Crash(BaseException):
    """Raised where an order kills the process of a task. It is no ``Exception``, so no component catches it."""

    def __init__(self, order: CrashOrder) -> None:
        super().__init__(str(order))
        self.order = order


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


Order = CrashOrder | HangOrder


# -- faults that test nothing ---------------------------------------------------------------------------------------


def fresh_order(order: Order) -> Order:
    """A copy of an order that has counted nothing yet, so that options can be used for several runs."""
    return replace(order)


def fresh_rule(rule: Rule) -> Rule:
    """A copy of a rule that has counted nothing yet; a rule of the caller's own class is used as it is."""
    return replace(rule) if isinstance(rule, Nth) else rule


def unstruck(faults: Iterable[Order | Rule]) -> list[str]:
    """A line for each fault that never struck, with how often its point was reached.

    Rules of classes other than ``Nth`` decide for themselves when they strike, and are not judged.
    """
    known = (fault for fault in faults if isinstance(fault, (CrashOrder, HangOrder, Nth)))
    return [line for fault in known if (line := fault.unstruck()) is not None]


def check_fault(
    fault: Order | Rule, topology: Topology, task_ids: Mapping[str, Sequence[int]]
) -> None:
    """Refuse a fault that cannot strike in this topology.

    Args:
        fault: an order or a rule.
        topology: the topology of the run.
        task_ids: the tasks of each component.

    Raises:
        FaultError: its component, stream or task does not exist, or it is no fault at all.
    """
    if not isinstance(fault, (CrashOrder, HangOrder, Nth)):
        if not callable(getattr(fault, "judge", None)):
            raise FaultError(
                f"{fault!r} is no fault: expected CrashOrder, HangOrder, Nth, or an object with "
                "judge(component, delivery)"
            )
        return
    kind, name = type(fault).__name__, fault.component
    where = f"{kind}(component={name!r})"
    if name in topology.spouts:
        raise FaultError(
            f"{where}: that is a spout; expected a bolt: {', '.join(topology.bolts) or 'there is none'}"
        )
    if name not in topology.bolts:
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


def _at(fault: Order | Nth) -> str:
    """The bolt of a fault, and its task where it names one."""
    return fault.component if fault.task is None else f"{fault.component}[{fault.task}]"


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"

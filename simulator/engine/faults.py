"""Fault injection: rules that judge deliveries, and orders to crash or to hang.

A rule is asked about each delivery, which is a copy of a tuple on its way to one task. It returns a verdict, or None to
let the copy pass; the first verdict counts. An order belongs to a bolt. A crash strikes at the n-th tuple, emit or ack
of the bolt, and a hang takes its next tuples. Rules and orders only answer; the engine acts on their answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from simulator.engine.events import VerdictName


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
    """

    verdict: Verdict
    component: str
    nth: int | None = 1
    stream: str | None = None
    task: int | None = None
    _seen: int = field(default=0, init=False)

    def judge(self, component: str, delivery: Delivered) -> Verdict | None:
        if component != self.component or self.stream not in (None, delivery.stream):
            return None
        if self.task not in (None, delivery.target):
            return None
        self._seen += 1
        return self.verdict if self.nth in (None, self._seen) else None


def judge(rules: Iterable[Rule], component: str, delivery: Delivered) -> Verdict | None:
    """The first verdict of the rules, or None. Every rule is asked, so every rule counts the delivery."""
    verdicts = [rule.judge(component, delivery) for rule in rules]
    return next((verdict for verdict in verdicts if verdict is not None), None)


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
    before: Literal["tuple", "emit", "ack"] = "tuple"
    nth: int = 1
    task: int | None = None
    scope: Literal["worker", "task"] = "worker"
    _seen: int = field(default=0, init=False)

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


Order = CrashOrder | HangOrder

"""Fault injection: verdicts on deliveries, and orders to a task.

A rule looks at one delivery (a copy of a tuple on its way to one task) and returns a verdict or None; the first
verdict holds. An order sits on a bolt and strikes at its n-th tuple, emit or ack. Neither knows the engine: it
asks, they answer, it acts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from simulator.engine.events import VerdictName


@dataclass(frozen=True)
class Drop:
    """The copy is lost on the way: its root can only time out."""


@dataclass(frozen=True)
class Delay:
    """The copy arrives so many virtual milliseconds late."""

    ms: int


@dataclass(frozen=True)
class Duplicate:
    """The copy arrives twice; the second has an id and an edge of its own."""


@dataclass(frozen=True)
class Fail:
    """The copy is failed instead of delivered: its roots fail at once."""


@dataclass(frozen=True)
class LostAck:
    """The copy arrives, and when it is acked the ack never reaches the acker: its root can only time out."""


Verdict = Drop | Delay | Duplicate | Fail | LostAck

#: How the trace names them.
NAMES: Mapping[type[Verdict], VerdictName] = {
    Drop: "drop",
    Delay: "delay",
    Duplicate: "duplicate",
    Fail: "fail",
    LostAck: "lost-ack",
}


class Delivered(Protocol):
    """The part of a delivery that a rule may look at."""

    @property
    def target(self) -> int: ...
    @property
    def stream(self) -> str: ...
    @property
    def values(self) -> list[object]: ...


class Rule(Protocol):
    """Judges one delivery to ``component``: a verdict, or None to let it pass."""

    def judge(self, component: str, delivery: Delivered) -> Verdict | None: ...


@dataclass
class Nth:
    """Gives its verdict to the n-th delivery (from 1) that matches; to every one when ``nth`` is None."""

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
    """The first verdict of all the rules; every rule gets to see (and count) the delivery."""
    verdicts = [rule.judge(component, delivery) for rule in rules]
    return next((verdict for verdict in verdicts if verdict is not None), None)


@dataclass
class CrashOrder:
    """Kill the process of ``component`` at its n-th tuple, emit or ack (counted over its tasks, from 1).

    ``before="tuple"`` strikes when the tuple has been handed over and before anything the component does with it
    counts; ``"emit"`` and ``"ack"`` strike when that message arrives, which is lost. As on Storm the whole worker
    goes with it, unless ``scope`` is "task".
    """

    component: str
    before: Literal["tuple", "emit", "ack"] = "tuple"
    nth: int = 1
    task: int | None = None
    scope: Literal["worker", "task"] = "worker"
    _seen: int = field(default=0, init=False)

    def strikes(self, task: int, point: str) -> bool:
        """Count one tuple, emit or ack of ``task``; true when it is the one."""
        if point != self.before or self.task not in (None, task):
            return False
        self._seen += 1
        return self._seen == self.nth

    @property
    def is_spent(self) -> bool:
        """True when it has nothing more to do."""
        return self._seen >= self.nth

    def __str__(self) -> str:
        return f"crashed as ordered, before {self.before} {self.nth}"


class Crash(BaseException):
    """The order that a task's process be killed now. No component may catch it, so it is no Exception."""

    def __init__(self, order: CrashOrder) -> None:
        super().__init__(str(order))
        self.order = order


@dataclass
class HangOrder:
    """Take the next ``tuples`` tuples of ``component`` and never settle them; heartbeats are still answered."""

    component: str
    tuples: int = 1
    task: int | None = None
    _seen: int = field(default=0, init=False)

    def takes(self, task: int) -> bool:
        if self.task not in (None, task) or self.is_spent:
            return False
        self._seen += 1
        return True

    @property
    def is_spent(self) -> bool:
        """True when it has nothing more to do."""
        return self._seen >= self.tuples


Order = CrashOrder | HangOrder

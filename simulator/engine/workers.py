"""Deaths as pure functions: who dies with whom, what ends a run, and how a death is described.

Source: ``Worker``, ``Supervisor`` (0.9.5 to 2.8.3): a worker dies as a whole, and is started again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from simulator.engine.bolt_task import BoltTask
from simulator.engine.effects import Death, Delivery
from simulator.engine.options import OnCrash
from simulator.engine.task import Task
from streamparse import multilang
from streamparse.multilang import ProtocolError


@dataclass(frozen=True)
class Failure:
    """A component that died or broke the protocol, and what it was at.

    Attributes:
        component: its id.
        task: its task.
        finding: what happened, in one line.
        storm: what a Storm makes of it.
        held: the tuples it had in hand.
        error: its last ``error`` message, with the traceback.
        stderr: the end of what it wrote on stderr.
        stack: where its threads were, when it hung.
        cause: in process, the exception itself.
        kind: of a broken protocol, which mistake it is (``ProtocolError.kind``).
    """

    component: str
    task: int
    finding: str
    storm: str = ""
    held: str = ""
    error: str = ""
    stderr: str = ""
    stack: str = ""
    cause: BaseException | None = None
    kind: str = ""

    def __str__(self) -> str:
        parts = [f"{self.component}[{self.task}]: {self.finding}"]
        if self.held:
            parts.append(f"it held {self.held}")
        if self.storm:
            parts.append(f"Storm: {self.storm}")
        return "; ".join(parts)


def ends_run(task: Task, on_crash: OnCrash, *, strict: bool) -> bool:
    """Tell whether a run ends at the death of a task; else its worker is started again, as on a cluster."""
    if isinstance(task.outcome, ProtocolError) and strict:
        return True  # a mistake in the component, which is to be shown; a crash is something that happens
    if on_crash == "ordered":
        return not (isinstance(task.outcome, Death) and task.outcome.ordered)
    return on_crash == "stop"


@dataclass(frozen=True)
class Loss:
    """The loss at some deaths: whole workers, and tasks (those of the workers among them)."""

    workers: frozenset[int]
    tasks: Sequence[int]


def loss(failed: Sequence[Task], everybody: Iterable[Task]) -> Loss:
    """The workers and the tasks that die with these tasks."""
    alone = {task.id for task in failed if _dies_alone(task)}
    workers = frozenset(task.worker for task in failed if task.id not in alone)
    lost = [
        task.id
        for task in everybody
        if (task.worker in workers or task.id in alone) and not task.is_local
    ]
    return Loss(workers, lost)


def _dies_alone(task: Task) -> bool:
    return isinstance(task.outcome, Death) and task.outcome.scope == "task"


def reason_of(task: Task) -> str:
    """Why a task died, in words that are the same on every run, machine and transport."""
    if isinstance(task.outcome, ProtocolError):
        return task.outcome.finding
    last = task.last_error.strip().splitlines()
    return last[-1] if last else ""


def describe(task: Task) -> Failure:
    """All that is known of the death of a task."""
    outcome = task.outcome
    held = _listed(task.in_hand) if isinstance(task, BoltTask) else ""
    if isinstance(outcome, ProtocolError):
        finding = outcome.finding + (f": {outcome.excerpt}" if outcome.excerpt else "")
        return Failure(
            task.component,
            task.id,
            finding,
            outcome.storm,
            held,
            task.last_error,
            kind=outcome.kind,
        )
    assert isinstance(outcome, Death)
    return Failure(
        task.component,
        task.id,
        outcome.reason,
        "",
        held,
        task.last_error,
        outcome.stderr,
        outcome.stack,
        outcome.cause,
    )


def _listed(tuples: Sequence[Delivery], most: int = 3) -> str:
    """The tuples that a bolt had in hand, in one line."""
    shown = [
        f"tuple {delivery.id} {multilang.excerpt(delivery.text)} from {delivery.source.component}"
        f"[{delivery.source.task}]"
        for delivery in tuples[:most]
    ]
    more = f" and {len(tuples) - most} more" if len(tuples) > most else ""
    return ", ".join(shown) + more

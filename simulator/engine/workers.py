"""Pure functions about death: which tasks die together, what ends a run, and the description of a failure.

Source: ``Worker``, ``Supervisor`` (0.9.5 to 2.8.3): a worker dies as a whole, and is started again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from simulator.engine.bolt_task import BoltTask
from simulator.engine.effects import Death, Delivery, last_line
from simulator.engine.options import OnCrash
from simulator.engine.task import Task
from simulator.model import hinted
from streamparse import multilang
from streamparse.multilang import ProtocolError


@dataclass(frozen=True)
class Failure:
    """A component that died or broke the protocol.

    Attributes:
        component: its id.
        task: its task.
        finding: what happened, in one line.
        storm: what Storm does in this case.
        held: the tuples that it was probably at work on.
        error: its last ``error`` message, with the traceback.
        stderr: the end of what it wrote on stderr.
        stack: the stacks of its threads, when it hung.
        cause: in process, the exception itself.
        kind: of a broken protocol, which mistake it is (``ProtocolError.kind``).
        place: of a broken protocol, the file and the line of user code that broke it.
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
    place: str = ""

    def __str__(self) -> str:
        parts = [f"{self.component}[{self.task}]: {self.finding}"]
        if self.held:
            parts.append(f"it held {self.held}")
        if self.storm:
            parts.append(f"Storm: {self.storm}")
        return "; ".join(parts)


@hinted
@dataclass(frozen=True)
class Restarted:
    """Tasks that were started again after a death.

    Attributes:
        time_ms: when, in virtual milliseconds.
        because: who died, and of what.
        tasks: all tasks that were started again: those of whole workers.
    """

    time_ms: int
    because: str
    tasks: Mapping[str, Sequence[int]]

    def __str__(self) -> str:
        who = ", ".join(
            f"{component}[{', '.join(map(str, tasks))}]" for component, tasks in self.tasks.items()
        )
        return f"at {self.time_ms} ms {who} restarted, because {self.because}"

    def as_dict(self) -> dict[str, object]:
        """The restart as ``sparse simulate --json`` prints it."""
        tasks = {component: list(each) for component, each in self.tasks.items()}
        return {"at": self.time_ms, "because": self.because, "tasks": tasks}


def ends_run(task: Task, on_crash: OnCrash, *, strict: bool) -> bool:
    """Return whether the death of a task ends the run; else its worker is started again, as on a cluster.

    Args:
        task: a task with an outcome.
        on_crash: see ``RunOptions``.
        strict: whether a broken protocol ends the run in any case.
    """
    if isinstance(task.outcome, ProtocolError) and strict:
        return True  # a mistake in the component, which has to be shown; crashes happen to correct components, too
    if on_crash == "ordered":
        return not (isinstance(task.outcome, Death) and task.outcome.ordered)
    return on_crash == "stop"


@dataclass(frozen=True)
class Loss:
    """Whole workers that die, and all tasks that do: those of the workers and those that die alone."""

    workers: frozenset[int]
    tasks: Sequence[int]


def loss(failed: Sequence[Task], everybody: Iterable[Task]) -> Loss:
    """The workers and tasks that die with these tasks; tasks without a process survive."""
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
    """The reason of a death for the trace, in words that are the same on every run, machine and transport."""
    if isinstance(task.outcome, ProtocolError):
        return task.outcome.finding
    return last_line(task.last_error)


def describe(task: Task) -> Failure:
    """The failure of a task that died or broke the protocol, with all that is known of it."""
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
            place=outcome.place,
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


def _values(delivery: Delivery) -> str:
    """The values of a tuple, as the user writes them."""
    return multilang.cut(json.dumps(delivery.values, ensure_ascii=False), 80)


def _listed(tuples: Sequence[Delivery], most: int = 3) -> str:
    """The tuples that a bolt had in hand, in one line."""
    shown = [
        f"tuple {delivery.id} {_values(delivery)} from {delivery.source.component}"
        f"[{delivery.source.task}]"
        for delivery in tuples[:most]
    ]
    more = f" and {len(tuples) - most} more" if len(tuples) > most else ""
    return ", ".join(shown) + more

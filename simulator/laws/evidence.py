"""The evidence of one run: its events, and what was left at its end. Laws are judged by it alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from simulator.engine import events, trees
from simulator.exploring import (
    ON_TOPOLOGY,
    Case,
    RunOutcome,
)
from simulator.model import Topology


class _NoResult:
    """No result was asked for: what the last bolts did is the result."""

    def __repr__(self) -> str:
        return "NO_RESULT"

    def __reduce__(self) -> str:
        return "NO_RESULT"  # the same object in another process


NO_RESULT: Final = _NoResult()


@dataclass(frozen=True)
class End:
    """The end of a run, as the loop's body has seen it; it can be pickled.

    Attributes:
        result: a snapshot of what the user's function has returned, or NO_RESULT.
        raised: what the user's function has raised, in one line.
        pending: a line for each root that a spout still waits for.
        held: a line for each tuple that a bolt still holds.
        timed_out: a line for each row whose last attempt timed out.
        is_over: nothing was left to do; False: the run was stopped.
        waits: a root failed again and again while another one was still to be settled: the run was stopped there, or is
            over since the root has run out of its retries.
        at_ms: when it ended, in virtual milliseconds.
        died: why a component failed, in a line or two; "" when none did.
        violated: which invariant did not hold, in one line; "" when all did.
        invariants: how many there are.
        components: the component of each task.
    """

    result: Any = NO_RESULT
    raised: str = ""
    pending: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    timed_out: tuple[str, ...] = ()
    is_over: bool = True
    waits: bool = False
    at_ms: int = 0
    died: str = ""
    violated: str = ""
    invariants: int = 0
    components: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Evidence:
    """What a run has shown.

    Attributes:
        case: its seed, faults and schedule.
        events: all that happened.
        end: what was left.
    """

    case: Case
    events: Sequence[events.Event]
    end: End

    @cached_property
    def trees(self) -> trees.Trees:
        """Its tuple trees."""
        return trees.build(self.events, self.end.components)

    @cached_property
    def roots(self) -> Mapping[tuple[str, str], Sequence[str]]:
        """What became of each attempt at a root, by spout and message id as JSON; "pending" while it is waited for."""
        found: dict[tuple[str, str], list[str]] = {}
        waiting: dict[tuple[int, str], list[tuple[list[str], int]]] = {}
        for event in self.events:
            if isinstance(event, events.Emit) and event.id_json is not None:
                attempts = found.setdefault((event.component, event.id_json), [])
                attempts.append("pending")
                waiting.setdefault((event.task, event.id_json), []).append(
                    (attempts, len(attempts) - 1)
                )
            elif isinstance(event, (events.Acked, events.Failed)) and (
                left := waiting.get((event.task, event.id_json))
            ):
                attempts, at = left.pop(0)
                attempts[at] = (
                    "acked" if isinstance(event, events.Acked) else event.reason or "failed"
                )
        return found

    @cached_property
    def verdicts(self) -> frozenset[str]:
        """The kinds of faults that have struck: "crash" for a restart, the verdicts of its fault events, operations."""
        operations = frozenset(
            str(each.kind) for each in self.case.faults if each.kind in ON_TOPOLOGY
        )
        return operations | frozenset(
            "crash" if isinstance(each, (events.Restart, events.Died)) else each.verdict
            for each in self.events
            if isinstance(each, (events.Fault, events.Restart, events.Died))
        )

    @cached_property
    def is_replayed(self) -> bool:
        """True when a fault had a tuple come twice: a copy, or a further attempt at a root."""
        return "duplicate" in self.verdicts or any(len(each) > 1 for each in self.roots.values())

    @cached_property
    def emits(self) -> int:
        """How many tuples were emitted."""
        return sum(isinstance(each, events.Emit) for each in self.events)

    @cached_property
    def most_pending(self) -> int:
        """The most roots that were waited for at one time."""
        now = most = 0
        for event in self.events:
            if isinstance(event, events.Emit) and event.id_json is not None:
                now += 1
                most = max(most, now)
            elif isinstance(event, (events.Acked, events.Failed)):
                now -= 1
        return most


def evidence_of(outcome: RunOutcome) -> Evidence:
    """Return the evidence of a run whose body has kept an ``End``."""
    end = outcome.kept if isinstance(outcome.kept, End) else End(is_over=False, died=outcome.words)
    lines = outcome.traces[0] if outcome.traces else ()
    return Evidence(outcome.case, events.from_lines(lines), end)


@dataclass(frozen=True)
class Reference:
    """What runs are compared with.

    Attributes:
        topology: what is run.
        run: the fault-free run.
    """

    topology: Topology
    run: Evidence

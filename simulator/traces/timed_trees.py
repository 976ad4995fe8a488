"""Tuple trees with tasks and times: what became of each copy of a root, when and where.

The trees of ``simulator.engine.trees`` leave times and tasks out, so that two runs can be compared. These have the
events themselves: they answer which task held a tuple, since when, and what ended it. They can be built for chosen
roots alone while events stream by; then they take memory for these roots only.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from simulator.engine import events

__all__ = ["Sent", "Taken", "TreeBuilder"]


@dataclass(eq=False, slots=True)
class Sent:
    """A tuple that was emitted.

    Attributes:
        emit: its event.
        number: how many events came before it in the trace.
        parents: the copies that it is anchored to.
        copies: its copies at the bolts.
        attempt: of a spout's tuple with a message id: 1 for the first emit of its id, then 2, 3, ...
        outcome: what the spout was notified of; None: of nothing.
        forgotten: the restart of its spout, which made it forget a tuple that was pending.
    """

    emit: events.Emit
    number: int
    parents: list[Taken] = field(default_factory=list)
    copies: list[Taken] = field(default_factory=list)
    attempt: int = 1
    outcome: events.Acked | events.Failed | None = None
    forgotten: events.Restart | None = None

    @property
    def outcome_name(self) -> str:
        """ "acked", "failed", "timeout", "forgotten", "pending"; "untracked" without a message id."""
        if self.emit.id_json is None:
            return "untracked"
        if isinstance(self.outcome, events.Failed):
            return "timeout" if self.outcome.reason == "timeout" else "failed"
        if self.outcome is not None:
            return "acked"
        return "pending" if self.forgotten is None else "forgotten"


@dataclass(eq=False, slots=True)
class Taken:
    """A copy of a tuple, on its way to a task of a bolt or there.

    Attributes:
        tuple_id: Storm's id of the copy.
        task: the task.
        component: its component; None where the trace does not tell.
        sent: the tuple that it is a copy of.
        settled: its ack or its fail; None: the bolt has done neither.
        faults: what has struck it on its way, and what made it late.
        died: the death of its task while it was there.
        lost: the restart that followed.
        emitted: the tuples that are anchored to it.
    """

    tuple_id: str
    task: int
    component: str | None
    sent: Sent
    settled: events.Ack | events.Fail | None = None
    faults: list[events.Fault | events.Late] = field(default_factory=list)
    died: events.Died | None = None
    lost: events.Restart | None = None
    emitted: list[Sent] = field(default_factory=list)

    @property
    def is_dropped(self) -> bool:
        """True when a fault has taken it away."""
        return any(
            isinstance(each, events.Fault) and each.verdict == "drop" for each in self.faults
        )

    @property
    def is_failed_by_fault(self) -> bool:
        """True when a fault has failed it on its way."""
        return any(
            isinstance(each, events.Fault) and each.verdict == "fail" for each in self.faults
        )

    @property
    def is_held(self) -> bool:
        """True when it is neither settled nor lost: a bolt holds it, or it is on its way."""
        return (
            self.settled is None
            and self.lost is None
            and not (self.is_dropped or self.is_failed_by_fault)
        )

    def due_ms(self) -> int:
        """When it arrives, as far as that is known: at its emit, or when a fault or a schedule lets it."""
        dues = [each.due_ms for each in self.faults if each.due_ms is not None]
        return dues[-1] if dues else self.sent.emit.at_ms


class TreeBuilder:
    """Builds trees while events are read, one after another in the order of the trace.

    Args:
        name_of: the component of each task, as far as it is known; it is asked when a copy is sent.
        wanted: which roots are kept; every emit without a known anchor is one. None: all.

    Attributes:
        roots: the roots that are kept, in the order of the trace.
    """

    def __init__(
        self,
        name_of: Mapping[int, str],
        wanted: Callable[[events.Emit], bool] | None = None,
    ) -> None:
        self.roots: list[Sent] = []
        self._name_of = name_of
        self._wanted = wanted
        self._count = 0
        self._taken: dict[str, Taken] = {}  # by Storm's tuple id
        self._there: dict[int, dict[str, Taken]] = {}  # by task, what is not settled
        self._waiting: dict[int, dict[str, deque[Sent]]] = {}  # by task and message id
        self._attempts: dict[tuple[int, str], int] = {}  # by spout task and message id

    def read(self, event: events.Event) -> None:
        """Take the next event."""
        handle = _HANDLERS.get(type(event))
        if handle is not None:
            handle(self, event)
        self._count += 1

    def _emit(self, event: events.Emit) -> None:
        parents = [self._taken[each] for each in event.anchors or () if each in self._taken]
        if not parents and self._wanted is not None and not self._wanted(event):
            return
        sent = Sent(event, self._count, parents)
        for parent in parents:
            parent.emitted.append(sent)
        if not parents:
            self.roots.append(sent)
        if event.id_json is not None:
            key = (event.task, event.id_json)
            sent.attempt = self._attempts[key] = self._attempts.get(key, 0) + 1
            waiting = self._waiting.setdefault(event.task, {})
            waiting.setdefault(event.id_json, deque()).append(sent)
        for task, tuple_id in event.to:
            self._add(Taken(tuple_id, task, self._name_of.get(task), sent))

    def _add(self, taken: Taken) -> None:
        taken.sent.copies.append(taken)
        self._taken[taken.tuple_id] = taken
        self._there.setdefault(taken.task, {})[taken.tuple_id] = taken

    def _settle(self, event: events.Ack | events.Fail) -> None:
        taken = self._taken.get(event.tuple_id)
        if taken is not None:
            taken.settled = event
            taken.component = event.component
            self._there[taken.task].pop(event.tuple_id, None)

    def _notify(self, event: events.Acked | events.Failed) -> None:
        waiting = self._waiting.get(event.task, {}).get(event.id_json)
        if waiting:
            waiting.popleft().outcome = event

    def _fault(self, event: events.Fault) -> None:
        taken = self._taken.get(event.tuple_id)
        if taken is None:
            return
        taken.faults.append(event)
        if event.copy_id is not None:
            self._add(Taken(event.copy_id, taken.task, taken.component, taken.sent))
        elif event.verdict in ("drop", "fail"):
            self._there[taken.task].pop(event.tuple_id, None)

    def _late(self, event: events.Late) -> None:
        taken = self._taken.get(event.tuple_id)
        if taken is not None:
            taken.faults.append(event)

    def _died(self, event: events.Died) -> None:
        for taken in self._there.get(event.task, {}).values():
            if taken.due_ms() <= event.at_ms:
                taken.died = taken.died or event

    def _restart(self, event: events.Restart) -> None:
        """Lose what the task held, and what had arrived at it; a spout's task forgets what is pending."""
        there = self._there.get(event.task, {})
        for tuple_id, taken in list(there.items()):
            if taken.due_ms() <= event.at_ms:
                taken.lost = event
                del there[tuple_id]
        for waiting in self._waiting.pop(event.task, {}).values():
            for sent in waiting:
                sent.forgotten = event

    def walk(self) -> Iterator[Sent]:
        """Yield every tuple of the trees, each once, parents first."""
        seen: set[int] = set()
        left = list(reversed(self.roots))
        while left:
            sent = left.pop()
            if id(sent) in seen:
                continue
            seen.add(id(sent))
            yield sent
            left += [each for copy in reversed(sent.copies) for each in reversed(copy.emitted)]


_HANDLERS: Mapping[type[events.Event], Callable[..., None]] = {
    events.Emit: TreeBuilder._emit,
    events.Ack: TreeBuilder._settle,
    events.Fail: TreeBuilder._settle,
    events.Acked: TreeBuilder._notify,
    events.Failed: TreeBuilder._notify,
    events.Fault: TreeBuilder._fault,
    events.Late: TreeBuilder._late,
    events.Died: TreeBuilder._died,
    events.Restart: TreeBuilder._restart,
}

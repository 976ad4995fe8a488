"""The tracker of open tuple trees: notifies a spout when a tree is complete, fails or times out.

It has the ledger of the ackers and the pending tuples of the spouts' executors, as Storm keeps them.

Source: ``SpoutExecutor``, ``SpoutOutputCollectorImpl``, ``Acker`` (0.9.5 to 2.8.3).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import msgspec

from simulator.engine.acker import Ledger, RotatingLedger, RotatingMap
from simulator.engine.clock import Agenda
from simulator.engine.effects import Delivery, Settlement
from simulator.engine.tasks import Tasks
from simulator.engine.wiring import Wiring


class Pending(msgspec.Struct, gc=False):
    """A reliable tuple of a spout that is neither acked nor failed.

    Attributes:
        task: the task that emitted it.
        root: the number of its tree.
        message_id: the spout's id.
        emitted_ms: when it was emitted, in virtual milliseconds.
    """

    task: int
    root: int
    message_id: object
    emitted_ms: int


class Closed(NamedTuple):
    """The news of an acker for a spout's executor: a tree is complete, or has failed."""

    root: int
    verb: Literal["ack", "fail"]


class Rotation(NamedTuple):
    """The news of a timer for a spout's executor: one message timeout has passed."""


@dataclass
class SpoutExecutor:
    """An executor of a spout, which is a thread of Storm that runs some of its tasks.

    Attributes:
        tasks: its tasks.
        limit: how many tuples may be pending: ``topology.max.spout.pending`` times tasks; None: any number.
        pending: the tuples that are pending, by root.
        inbox: what it has to take notice of before it asks its tasks again, in the order in which it came.
    """

    tasks: tuple[int, ...]
    limit: int | None
    pending: RotatingMap[int, Pending] = field(default_factory=RotatingMap)
    inbox: deque[Closed | Rotation] = field(default_factory=deque)

    @property
    def room(self) -> int | None:
        """The number of reliable tuples that each task may emit in a wave; None: any number.

        With any room it is at least one, since Storm asks all tasks before it looks at the limit again.
        """
        if self.limit is None:
            return None
        room = self.limit - len(self.pending)
        return max(1, room // len(self.tasks)) if room > 0 else 0


class Tracker:
    """The open trees of a run, and the pending tuples that they belong to.

    Attributes:
        executors: the executors of spouts.
        executor_of: the executor of each spout task.
    """

    def __init__(self, wiring: Wiring, tasks: Tasks, agenda: Agenda[Any]) -> None:
        self._wiring = wiring
        self._tasks = tasks
        ackers = len(wiring.ackers)
        self._ledger = (
            RotatingLedger(ackers, wiring.message_timeout_ms, lambda: agenda.now_ms)
            if wiring.profile.ackers_forget
            else Ledger(ackers)
        )
        self._owners: dict[int, SpoutExecutor] = {}  # by root
        spouts = wiring.topology.spouts
        self.executors = [
            SpoutExecutor(tasks_of, wiring.pending_limit(tasks_of))
            for tasks_of in wiring.executors
            if wiring.component_of[tasks_of[0]] in spouts
        ]
        self.executor_of = {
            task: executor for executor in self.executors for task in executor.tasks
        }

    def open(self, entry: Pending, edges: int) -> None:
        """Begin the tree of a pending tuple with the XOR of its first edges; without edges it is complete."""
        executor = self.executor_of[entry.task]
        executor.pending.put(entry.root, entry)
        self._owners[entry.root] = executor
        if self._ledger.open(entry.root, edges):
            self._close(entry.root, "ack")

    def ack(self, delivery: Delivery) -> None:
        """Take the ack of a copy, with the edges of the copies that were anchored to it."""
        if delivery.roots:
            for root, edge in delivery.roots.items():
                if self._ledger.xor(root, edge ^ delivery.ackval):
                    self._close(root, "ack")

    def fail(self, delivery: Delivery) -> None:
        """Take the fail of a copy: its trees fail at once."""
        for root in delivery.roots or ():
            if self._ledger.fail(root):
                self._close(root, "fail")

    def add_edge(self, roots: Collection[int], edge: int) -> None:
        """Add the edge of a duplicate, which no component has emitted, to open trees."""
        for root in roots:
            self._ledger.xor(root, edge)

    def decide(self, entry: Pending, verb: Literal["ack", "fail"]) -> None:
        """Notify a spout of a tuple, in place of the bolts that would settle it."""
        self._ledger.forget(entry.root)
        self._close(entry.root, verb)

    def drain(self, executor: SpoutExecutor) -> None:
        """Have an executor take notice of everything in its inbox, in order; its tasks are notified.

        A tuple that a rotation has failed is not pending any more, so an ack behind the rotation does nothing.
        """
        inbox = executor.inbox
        while inbox:
            news = inbox.popleft()
            if isinstance(news, Closed):
                entry = executor.pending.pop(news.root)
                if entry is not None:
                    self._notify(entry, news.verb)
            else:
                self._rotate(executor)

    def _rotate(self, executor: SpoutExecutor) -> None:
        """Let one message timeout pass for an executor: what has expired fails, oldest first."""
        times = len(executor.tasks) if self._wiring.profile.rotations_per_task else 1
        for _ in range(times):
            for entry in executor.pending.rotate():
                self._ledger.forget(entry.root)
                self._owners.pop(entry.root, None)
                self._notify(entry, "fail", "timeout")

    def _close(self, root: int, verb: Literal["ack", "fail"]) -> None:
        executor = self._owners.pop(root, None)
        if executor is not None:
            executor.inbox.append(Closed(root, verb))

    def _notify(
        self, entry: Pending, verb: Literal["ack", "fail"], reason: Literal["", "timeout"] = ""
    ) -> None:
        settlement = Settlement(verb, entry.message_id, entry.emitted_ms, reason)
        self._tasks.spout(entry.task).inbox.append(settlement)

    # -- what is lost with a worker

    def forget_task(self, task: int) -> None:
        """Forget the pending tuples of a dead spout task: it is never notified of them."""
        executor = self.executor_of.get(task)
        if executor is None:
            return
        for entry in executor.pending.values():
            if entry.task == task:
                executor.pending.pop(entry.root)
                self._owners.pop(entry.root, None)
                self._ledger.forget(entry.root)

    def lose_ackers(self, workers: Collection[int], up_ms: int) -> None:
        """Forget the trees of the ackers in these workers, which are up again at ``up_ms``: they can only time out."""
        ackers = self._wiring.ackers
        if ackers:
            self._ledger.lose(lambda index: self._wiring.workers[ackers[index]] in workers, up_ms)

    def lose_acker(self, index: int, up_ms: int) -> None:
        """Forget the trees of one acker, which is up again at ``up_ms``: they can only time out."""
        self._ledger.lose(lambda each: each == index, up_ms)

    # -- questions

    @property
    def pending(self) -> list[Pending]:
        """The pending tuples of all spouts, oldest first."""
        return sorted(
            (entry for executor in self.executors for entry in executor.pending.values()),
            key=lambda entry: (entry.emitted_ms, entry.task),
        )

    @property
    def has_pending(self) -> bool:
        """True when any tuple is pending."""
        return any(len(executor.pending) for executor in self.executors)

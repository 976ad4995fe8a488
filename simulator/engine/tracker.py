"""Which tuple trees are open, who waits for them, and who is notified when one is complete, fails or times out.

The ledger of the ackers and the pending tuples of the spouts' executors, as Storm keeps them.

Source: ``SpoutExecutor``, ``SpoutOutputCollectorImpl``, ``Acker`` (0.9.5 to 2.8.3).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from simulator.engine.acker import Ledger, RotatingMap
from simulator.engine.effects import Delivery, Settlement
from simulator.engine.tasks import Tasks
from simulator.engine.wiring import Wiring


class Pending(msgspec.Struct, gc=False):
    """A reliable tuple of a spout that is neither acked nor failed."""

    task: int
    root: int
    message_id: object
    emitted_ms: int


@dataclass
class SpoutExecutor:
    """A thread of Storm's that runs a spout's tasks: what it waits for, and how much that may be."""

    tasks: tuple[int, ...]
    limit: int | None  # topology.max.spout.pending x tasks
    pending: RotatingMap[int, Pending] = field(default_factory=RotatingMap)

    @property
    def room(self) -> int | None:
        """The tuples that each of its tasks may emit in a wave; at least one, as Storm asks all. None: any number."""
        if self.limit is None:
            return None
        room = self.limit - len(self.pending)
        return max(1, room // len(self.tasks)) if room > 0 else 0


class Tracker:
    """The open trees of a run.

    Attributes:
        executors: those of spouts.
    """

    def __init__(self, wiring: Wiring, tasks: Tasks) -> None:
        self._wiring = wiring
        self._tasks = tasks
        self._ledger = Ledger(len(wiring.ackers))
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
        """Begin the tree of a pending tuple with the XOR of its first edges; with none it is complete."""
        executor = self.executor_of[entry.task]
        executor.pending.put(entry.root, entry)
        self._owners[entry.root] = executor
        if self._ledger.open(entry.root, edges):
            self._close(entry.root, "ack")

    def ack(self, delivery: Delivery) -> None:
        """Take the ack of a copy: its edges, and those of what was anchored to it."""
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
        """Add an edge to open trees: of a copy that nobody has emitted."""
        for root in roots:
            self._ledger.xor(root, edge)

    def decide(self, entry: Pending, verb: Literal["ack", "fail"]) -> None:
        """Notify a spout of a tuple, in place of the bolts that would settle it."""
        self._ledger.forget(entry.root)
        self._close(entry.root, verb)

    def rotate(self, executor: SpoutExecutor) -> None:
        """Let one message timeout pass for an executor: what has expired fails."""
        times = len(executor.tasks) if self._wiring.profile.rotations_per_task else 1
        for _ in range(times):
            for entry in executor.pending.rotate():
                self._ledger.forget(entry.root)
                del self._owners[entry.root]
                self._notify(entry, "fail", "timeout")

    def _close(self, root: int, verb: Literal["ack", "fail"]) -> None:
        executor = self._owners.pop(root, None)
        entry = executor.pending.pop(root) if executor else None
        if entry is not None:
            self._notify(entry, verb)

    def _notify(
        self, entry: Pending, verb: Literal["ack", "fail"], reason: Literal["", "timeout"] = ""
    ) -> None:
        settlement = Settlement(verb, entry.message_id, entry.emitted_ms, reason)
        self._tasks.spout(entry.task).inbox.append(settlement)

    # -- what is lost with a worker

    def forget_task(self, task: int) -> None:
        """Forget what a dead spout task waits for: neither ack nor fail ever comes."""
        executor = self.executor_of.get(task)
        if executor is None:
            return
        for entry in executor.pending.values():
            if entry.task == task:
                executor.pending.pop(entry.root)
                self._owners.pop(entry.root, None)
                self._ledger.forget(entry.root)

    def lose_ackers(self, workers: Collection[int]) -> None:
        """Forget the trees that the ackers of these workers kept: they can only time out."""
        ackers = self._wiring.ackers
        if ackers:
            self._ledger.lose(lambda index: self._wiring.workers[ackers[index]] in workers)

    # -- questions

    @property
    def pending(self) -> list[Pending]:
        """The pending tuples of the spouts, oldest first."""
        return sorted(
            (entry for executor in self.executors for entry in executor.pending.values()),
            key=lambda entry: (entry.emitted_ms, entry.task),
        )

    @property
    def has_pending(self) -> bool:
        """True when any spout waits for anything."""
        return any(len(executor.pending) for executor in self.executors)

"""Full queues: how much waits in front of a bolt's task on Storm, and who waits when that is full.

In front of a bolt's child are the receive queue of its executor, ShellBolt's own queue, the pipe, and what the child
has read ahead. From 2.0 on whoever emits to a full task keeps the tuple, and all that it says after it, in order; it
takes nothing more until all of that is gone. A spout is told acks and fails meanwhile. In 1.x nobody waits, unless
``topology.backpressure.enable`` stops all spouts. Up to 0.10 ShellBolt's queue has no limit.

Source: ``JCQueue``, ``ExecutorTransfer``, ``ShellBolt`` (2.0.0 to 2.8.3), ``DisruptorQueue``, ``worker.clj`` (1.x).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from simulator.engine.effects import Delivery, Emitted
from simulator.model import Profile, settings

RECEIVE_SIZE = (
    32_768  # of an executor's receive queue in 2.x: topology.executor.receive.buffer.size
)
SLOTS = 1024  # of the same in 1.x
PIPE_BYTES = 65_536  # of a Linux pipe, and of what a child reads at once
ID_BYTES = 19  # of a tuple's id on Storm, a random number of 64 bits
HIGH, LOW = 0.9, 0.4  # backpressure.disruptor.high.watermark and low.watermark


@dataclass(frozen=True)
class Limits:
    """The limits of the queues in front of a bolt's task.

    Attributes:
        receive: the tuples that the receive queue holds; None: any number.
        pending: those that ShellBolt's own queue holds; 0: any number.
        slots: in 1.x with back-pressure, the slots of which the watermarks are shares; None: no back-pressure.
    """

    receive: int | None
    pending: int
    slots: int | None

    @property
    def may_fill(self) -> bool:
        """True when somebody waits for a full queue."""
        return self.receive is not None or self.slots is not None


def limits_of(conf: Mapping[str, object], profile: Profile) -> Limits:
    """The limits by a topology's configuration and a Storm version."""
    pending = _number(conf, settings.SHELLBOLT_MAX_PENDING, profile.shellbolt_max_pending or 0)
    if profile.full_queue == "sender":
        size = _number(conf, settings.EXECUTOR_RECEIVE_BUFFER_SIZE, RECEIVE_SIZE)
        return Limits(1 << (size - 1).bit_length(), pending, None)
    enabled = conf.get(settings.BACKPRESSURE_ENABLE, profile.backpressure)
    slots = _number(conf, settings.EXECUTOR_RECEIVE_BUFFER_SIZE, SLOTS)
    return Limits(
        None, pending, slots if enabled is True and profile.full_queue == "spouts" else None
    )


def _number(conf: Mapping[str, object], key: str, default: int) -> int:
    found = conf.get(key)
    is_number = isinstance(found, int) and not isinstance(found, bool) and found > 0
    return found if is_number else default  # type: ignore[return-value]  # is_number says so


@dataclass
class Ahead:
    """What a child has read of the inputs in front of it, and what the pipe holds.

    Attributes:
        limits: of the queues.
        read: the inputs that the child has read and not begun.
        in_pipe: how many the pipe holds, or the child reads at once.
    """

    limits: Limits
    read: int = 0
    in_pipe: int = 0

    def measure(self, delivery: Delivery) -> None:
        """Take the size of an input for that of all."""
        if not self.in_pipe:
            without_id = len(delivery.message().encode("utf-8", "replace")) - len(delivery.id)
            length = without_id + ID_BYTES + len("\nend\n")
            self.in_pipe = max(1, PIPE_BYTES // length)

    def taken(self, waiting: int) -> None:
        """Note that the child begins an input, behind which so many wait; it reads when it has nothing left."""
        if self.read:
            self.read -= 1
        else:
            self.read = min(waiting, self.in_pipe)

    def draw(self, waiting: int) -> None:
        """Note that the child waits for task ids: it reads, and keeps, what the pipe holds until they come."""
        self.read = min(waiting, self.read + self.in_pipe)

    def is_full(self, waiting: int) -> bool:
        """Return whether the receive queue is full when so many inputs wait."""
        if self.limits.receive is None:
            return False
        return waiting >= self.limits.receive + self.limits.pending + self.in_pipe + self.read

    def in_receive_queue(self, waiting: int) -> int:
        """The inputs in the receive queue when so many wait."""
        if not self.limits.pending:
            return 0
        return max(0, waiting - self.limits.pending - self.in_pipe - self.read)


def waits_for_ids(effect: object) -> bool:
    """Return whether a bolt's effect is an emit that waits for task ids."""
    return isinstance(effect, Emitted) and effect.emit.need_task_ids and effect.emit.task is None

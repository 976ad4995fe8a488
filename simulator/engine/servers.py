"""Servers: tasks that are busy with what they are handed for some virtual time, with a queue in front of each.

A bolt's task takes one input after the other, in the order in which they came: tuples, ticks and timers alike. What it
says takes effect at the end of its service. So do the commands of a spout's executor, which is one thread of Storm. The
time is kept in microseconds, so that 30.67 ms are 30, 31 and 31 whole milliseconds.

Source: ``BoltExecutor``, ``SpoutExecutor``, ``ShellBolt``, ``ShellSpout`` (0.9.5 to 2.8.3).
"""

from __future__ import annotations

import heapq
import math
import random
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from simulator.engine.chance import stream_of
from simulator.engine.clock import Agenda
from simulator.engine.effects import SYSTEM, Delivery
from simulator.engine.full_queues import Ahead, Limits
from simulator.engine.work import Duration, Work

US = 1000  # in a millisecond
SECOND_US = 1_000_000
FOR_EVER_US = 1 << 62
NO_LIMITS = Limits(None, 0, None)


@dataclass
class Load:
    """How busy a task was, all its lives together. Times are in microseconds of virtual time.

    Attributes:
        busy_us: the time in service; of several servers, the sum.
        waited_us: the time that inputs waited for their service.
        taken: the number of inputs that were taken.
        longest_queue: the most inputs that waited at an instant.
        waiting: those that wait now.
        acked: the inputs that were acked.
        process_ms: the time from where Storm's executor handed these to ShellBolt up to their acks, in milliseconds.
    """

    busy_us: int = 0
    waited_us: int = 0
    taken: int = 0
    longest_queue: int = 0
    waiting: int = 0
    acked: int = 0
    process_ms: int = 0


class Queue(deque[Delivery]):
    """The inbox of a task that is a server: it knows since when each input has been waiting.

    Its first inputs are in ShellBolt's queue, in the pipe or with the child; the others are in the executor's queue.
    """

    def __init__(self, agenda: Agenda[Any], load: Load, limits: Limits = NO_LIMITS) -> None:
        super().__init__()
        self.ahead = Ahead(limits)
        self._agenda = agenda
        self._load = load
        load.waiting = 0  # what waited in an earlier life is lost
        self._since_ms: deque[int] = deque()
        self._executed = 0  # the inputs that the executor has handed to ShellBolt

    def append(self, delivery: Delivery, /) -> None:
        super().append(delivery)
        self.ahead.measure(delivery)
        self._since_ms.append(self._agenda.arrival_ms)
        self._load.waiting = len(self)
        self._load.longest_queue = max(self._load.longest_queue, len(self))
        self._execute(self._agenda.arrival_ms)

    def popleft(self) -> Delivery:
        self._since_ms.popleft()
        self._load.waiting = len(self) - 1
        self.ahead.taken(len(self) - 1)
        delivery = super().popleft()
        self._executed -= 1
        self._execute(self._agenda.now_ms)
        return delivery

    def _execute(self, now_ms: int) -> None:
        """Note which inputs ShellBolt has taken by now, as far as it has room."""
        taken = len(self) - self.ahead.in_receive_queue(len(self))
        while self._executed < taken:
            self[self._executed].executed_ms = now_ms
            self._executed += 1

    @property
    def is_full(self) -> bool:
        """True when who emits to it waits."""
        return self.ahead.is_full(len(self))

    @property
    def since_ms(self) -> int:
        """Since when its first input has been waiting, in virtual milliseconds."""
        return self._since_ms[0]


@dataclass
class Server:
    """What takes the time of one task of a bolt, or of one executor of a spout.

    Attributes:
        work: what takes how long.
        rng: the random numbers of its work.
        load: how busy it was.
        limits: of the queues in front of it.
        free_us: when each of its servers is free, the first first.
        ready_us: when ``initialize`` has ended, and its life has begun.
        said_us: when it said something last, but for the answers to heartbeats.
        left: the inputs that it still takes, of one that takes nothing more then; None: any number.
        stopped_us: when its last services end, of one that takes nothing more.
    """

    work: Work
    rng: random.Random
    load: Load = field(default_factory=Load)
    limits: Limits = NO_LIMITS
    free_us: list[int] = field(default_factory=lambda: [0])
    ready_us: int = 0
    said_us: int = 0
    left: int | None = None
    stopped_us: list[int] = field(default_factory=list)

    def restart(self, now_ms: int) -> None:
        """Begin a life: it is busy with ``initialize``, and then free."""
        self.load.busy_us -= self.unfinished_us(now_ms)  # what an earlier life had begun is cut off
        self.ready_us = now_ms * US + round(self.draw_us(self.work.initialize))
        self.free_us = [self.ready_us] * self.work.parallel
        self.stopped_us, self.left = [], None
        self.said_us = self.ready_us

    def begin_at(self, us: int) -> None:
        """Begin its life no sooner than at this microsecond."""
        self.ready_us = self.said_us = max(self.ready_us, us)
        self.free_us = [self.ready_us] * self.work.parallel

    def change(self, work: Work) -> None:
        """Have work take other times from now on."""
        self.work = work
        free = sorted(self.free_us)
        more = work.parallel - len(free)
        self.free_us = free[-work.parallel :] if more < 0 else [0] * more + free

    def unfinished_us(self, now_ms: int) -> int:
        """The time that is left of what is in service at an instant."""
        from_us = max(now_ms * US, self.ready_us)
        return sum(max(0, free_us - from_us) for free_us in self.stopped_us or self.free_us)

    def is_free(self, now_ms: int) -> bool:
        """Whether it can begin something in this millisecond."""
        return self.free_us[0] < (now_ms + 1) * US

    @property
    def next_free_ms(self) -> int:
        """The virtual millisecond in which it can begin something."""
        return self.free_us[0] // US

    def turns(self, now_ms: int) -> int:
        """The number of turns of a spout that begin in this millisecond, by the mean of its work."""
        if self.work.next is None:
            return 1
        left_us = (now_ms + 1) * US - max(self.free_us[0], now_ms * US)
        return max(1, math.ceil(left_us / max(1.0, self.work.next.mean_us)))

    def draw_us(self, duration: Duration | None) -> float:
        """Draw the time of one service."""
        return 0.0 if duration is None else duration.draw(self.rng)

    def serve(self, since_ms: int, now_ms: int, us: float) -> int:
        """Begin a service at the first free server; return the millisecond in which it ends.

        Args:
            since_ms: since when its input has been waiting.
            now_ms: this millisecond, in which the server is free.
            us: how long it takes, in microseconds.
        """
        # A server that was busy goes on at the very microsecond; one that was idle begins with this millisecond.
        begin_us = max(self.free_us[0], now_ms * US)
        end_us = begin_us + round(us)
        heapq.heapreplace(self.free_us, end_us)
        self.load.busy_us += round(us)
        self.load.waited_us += max(0, begin_us - since_ms * US)
        self.load.taken += 1
        self.said_us = end_us
        if self.left is not None:
            self.left -= 1
            self._count_down()
        return end_us // US

    def silent_ms(self, us: float, limit_ms: int, now_ms: int) -> int | None:
        """When Storm would give a service up that begins in this millisecond; None where it ends in time.

        Storm looks once a second, counted from the end of ``prepare``, whether the last message is too old. A task that
        has nothing to do answers a heartbeat each second.

        Args:
            us: how long the service takes, in microseconds.
            limit_ms: how long a component may be silent, in milliseconds.
            now_ms: this millisecond, in which the server is free.
        """
        begin_us = max(self.free_us[0], now_ms * US)
        idle_us = begin_us - (begin_us - self.ready_us) % SECOND_US
        heard_us = max(self.said_us, idle_us) if begin_us > self.said_us else begin_us
        if (
            self.left is not None
            or self.work.parallel > 1
            or begin_us + us - heard_us <= limit_ms * US
        ):
            return None
        looks = (heard_us + limit_ms * US - self.ready_us) // SECOND_US + 1
        look_us = self.ready_us + looks * SECOND_US
        return look_us // US if look_us < begin_us + us else None

    def lengthen(self, until_us: int) -> None:
        """Have the service that began last end no sooner than then."""
        if until_us > (last := max(self.free_us)):
            self.load.busy_us += until_us - last
            self.free_us[self.free_us.index(last)] = until_us
            heapq.heapify(self.free_us)
            self.said_us = max(self.said_us, until_us)

    def stop(self, left: int) -> None:
        """Take so many inputs more, which have been written to the component, and then none.

        What is in service goes on to its end.
        """
        self.left = left
        self._count_down()

    def _count_down(self) -> None:
        if self.left == 0:
            self.stopped_us = self.free_us
            self.free_us = [FOR_EVER_US]

    def time_of(self, delivery: Delivery) -> float:
        """Draw the time of an input of a bolt, in microseconds."""
        is_data = delivery.source is not SYSTEM
        return self.draw_us(self.work.tuple if is_data else self.work.tick)


def make_servers(
    works: Mapping[str, Work],
    component_of: Mapping[int, str],
    task_ids: Mapping[str, Sequence[int]],
    executors: Iterable[Sequence[int]],
    seed: object,
    limits: Limits = NO_LIMITS,
) -> dict[int, Server]:
    """The server of each task whose component has work; the tasks of a spout's executor share one.

    Args:
        works: the work of each component that has some.
        component_of: the component of each task.
        task_ids: the tasks of each component.
        executors: the executors of spouts; every other task is by itself.
        seed: the seed of the run.
        limits: of the queues in front of bolts.
    """
    shared = {task: executor[0] for executor in executors for task in executor}
    servers: dict[int, Server] = {}
    for name, work in works.items():
        for index, task in enumerate(task_ids[name]):
            first = shared.get(task, task)
            if first != task:
                servers[task] = servers[first]
            else:
                servers[task] = Server(work, stream_of(seed, f"{name}/{index}/work"), limits=limits)
    return servers

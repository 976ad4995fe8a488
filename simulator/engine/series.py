"""The series of a run whose work takes time: the counts of each component at every second, and how busy it was."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from simulator.engine.routing import Counts
from simulator.engine.servers import US, Server
from simulator.engine.task import Task

SECOND_MS = 1000


class Sample(NamedTuple):
    """The counts of one component at a second.

    Attributes:
        emitted: calls of ``emit`` so far, on all streams.
        executed: the tuples that a bolt was handed so far.
        acked, failed: so far, as in ``ComponentReport``.
        queue: the inputs that wait in front of its tasks.
    """

    emitted: int
    executed: int
    acked: int
    failed: int
    queue: int


@dataclass(frozen=True)
class LoadReport:
    """How busy a component with work was.

    Attributes:
        busy: the share of the time in which its tasks were in service, from 0 to 1.
        busiest: that of its busiest task.
        queue: the most inputs that waited in front of one of its tasks.
        waited_ms: the mean time that an input waited for its service, in virtual milliseconds.
        service_ms: the mean time of a service, in virtual milliseconds.
        shares: the share of its inputs that came to each task, in the order of the tasks.
        parallel: the number of inputs that a task works on at the same time.
        waiting: the inputs that wait at the end.
        process_ms: of a bolt, what Storm's UI calls process latency: the mean time from where its executor hands a
            tuple to ShellBolt up to its ack, in virtual milliseconds. It holds the wait behind the tuples before it.
    """

    busy: float
    busiest: float
    queue: int
    waited_ms: float
    service_ms: float
    shares: Sequence[float]
    parallel: int = 1
    waiting: int = 0
    process_ms: float = 0.0

    def as_dict(self) -> dict[str, object]:
        """The load as ``sparse simulate --json`` prints it."""
        return {
            "busy": self.busy,
            "busiest": self.busiest,
            "queue": self.queue,
            "waited_ms": self.waited_ms,
            "service_ms": self.service_ms,
            "process_ms": self.process_ms,
            "shares": list(self.shares),
        }


def load_of(tasks: Sequence[int], servers: Mapping[int, Server], now_ms: int) -> LoadReport | None:
    """How busy the tasks of a component were; None where its work takes no time.

    Args:
        tasks: its tasks.
        servers: the server of each task that has one.
        now_ms: the virtual time, in milliseconds: what goes on behind it does not count.
    """
    own = [servers[task] for task in tasks if task in servers]
    if not own:
        return None
    unique = {id(server): server for server in own}.values()  # the tasks of an executor share one
    begun = sum(server.load.busy_us for server in unique)
    busy = [_busy(server, now_ms) for server in unique]
    taken = sum(server.load.taken for server in unique)
    came = [server.load.taken + server.load.waiting for server in own]
    come = sum(came)
    return LoadReport(
        busy=round(sum(busy) / len(busy), 4),
        busiest=round(max(busy), 4),
        queue=max(server.load.longest_queue for server in unique),
        waited_ms=_mean_ms(sum(server.load.waited_us for server in unique), taken),
        service_ms=_mean_ms(begun, taken),
        shares=[round(each / come, 4) if come else 0.0 for each in came],
        parallel=own[0].work.parallel,
        waiting=sum(server.load.waiting for server in unique),
        process_ms=_mean_ms(
            US * sum(server.load.process_ms for server in unique),
            sum(server.load.acked for server in unique),
        ),
    )


def _busy(server: Server, now_ms: int) -> float:
    """The share of the time up to now in which a server was busy, from 0 to 1; ``initialize`` does not count."""
    lasted = now_ms * US * len(server.free_us)
    return (server.load.busy_us - server.unfinished_us(now_ms)) / lasted if lasted else 0.0


def _mean_ms(us: int, count: int) -> float:
    return round(us / count / US, 3) if count else 0.0


class Series:
    """Takes a sample of every component at each second that has passed.

    Args:
        counts: the counts of each component, which go on.
        tasks: gives the tasks of the run.
        servers: the server of each task that has one.

    Attributes:
        samples: by component, a sample for each second from 1 on.
    """

    def __init__(
        self,
        counts: Mapping[str, Counts],
        tasks: Callable[[], Iterable[Task]],
        servers: Mapping[int, Server],
    ) -> None:
        self.samples: dict[str, list[Sample]] = {name: [] for name in counts}
        self._counts = counts
        self._tasks = tasks
        self._servers = servers
        self._next_ms = SECOND_MS

    def catch_up(self, now_ms: int) -> None:
        """Take the samples that are due before anything happens at this instant."""
        while self._next_ms <= now_ms:
            waiting: dict[str, int] = {}
            for task in self._tasks():
                if task.id in self._servers:
                    load = self._servers[task.id].load
                    waiting[task.component] = waiting.get(task.component, 0) + load.waiting
            for name, counts in self._counts.items():
                emitted = counts.emits
                self.samples[name].append(
                    Sample(
                        emitted,
                        counts.executed,
                        counts.acked,
                        counts.failed,
                        waiting.get(name, 0),
                    )
                )
            self._next_ms += SECOND_MS


def as_columns(samples: Mapping[str, Sequence[Sample]]) -> dict[str, dict[str, list[int]]]:
    """Samples as ``sparse simulate --json`` prints them: a list for each count of each component."""
    return {
        name: {field: [sample[at] for sample in each] for at, field in enumerate(Sample._fields)}
        for name, each in samples.items()
    }

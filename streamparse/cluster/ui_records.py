"""The records that Storm's UI gives of a cluster; what a line of Storm does not say is None."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "ClusterSummary",
    "Component",
    "ComponentError",
    "ComponentSummary",
    "Executor",
    "Stats",
    "Stream",
    "Supervisor",
    "Topology",
    "TopologySummary",
    "Window",
    "Worker",
]


@dataclass(frozen=True)
class ClusterSummary:
    """A cluster as a whole."""

    storm_version: str | None
    nimbus_uptime_secs: int | None
    supervisors: int | None
    slots_used: int | None
    slots_free: int | None
    slots_total: int | None
    executors: int | None
    tasks: int | None


@dataclass(frozen=True)
class Supervisor:
    """A machine of the cluster, with slots for workers."""

    id: str | None
    host: str | None
    uptime_secs: int | None
    slots_used: int | None
    slots_total: int | None


@dataclass(frozen=True)
class TopologySummary:
    """A running topology as a whole."""

    id: str
    name: str
    status: str | None
    uptime_secs: int | None
    workers: int | None
    executors: int | None
    tasks: int | None


@dataclass(frozen=True)
class Stats:
    """Counts and mean times. Storm counts one tuple in twenty, unless ``topology.stats.sample.rate`` is 1.

    Attributes:
        complete_ms: the time until a spout's tuples were acked.
        process_ms: the time until a bolt acked them.
        execute_ms: the time of Storm's own thread, which hands tuples on to a Python component without waiting for it.
        capacity: the share of that time in the last ten minutes.
    """

    emitted: int | None
    transferred: int | None
    executed: int | None
    acked: int | None
    failed: int | None
    complete_ms: float | None
    process_ms: float | None
    execute_ms: float | None
    capacity: float | None


@dataclass(frozen=True)
class Window:
    """The statistics of the last ``secs`` seconds; None is since the start."""

    secs: int | None
    stats: Stats


@dataclass(frozen=True)
class ComponentError:
    """An error that a component has reported, or died of."""

    secs_ago: int | None
    host: str | None
    port: int | None
    message: str


@dataclass(frozen=True)
class ComponentSummary:
    """A spout or a bolt, with its statistics since the start."""

    id: str
    executors: int | None
    tasks: int | None
    stats: Stats
    last_error: ComponentError | None


@dataclass(frozen=True)
class Topology:
    """A running topology with its components."""

    summary: TopologySummary
    windows: tuple[Window, ...]
    spouts: tuple[ComponentSummary, ...]
    bolts: tuple[ComponentSummary, ...]

    @property
    def components(self) -> tuple[ComponentSummary, ...]:
        return self.spouts + self.bolts


@dataclass(frozen=True)
class Stream:
    """A stream that ``component`` emits, with the statistics of its emitter or of one subscriber."""

    component: str | None
    stream: str | None
    stats: Stats


@dataclass(frozen=True)
class Executor:
    """A thread of a worker; ``[3-4]`` has the tasks 3 and 4."""

    id: str | None
    host: str | None
    port: int | None
    uptime_secs: int | None
    stats: Stats
    log_url: str | None


@dataclass(frozen=True)
class Component:
    """A spout or a bolt, with everything that the UI knows of it."""

    id: str
    type: str | None
    executors: int | None
    tasks: int | None
    windows: tuple[Window, ...]
    inputs: tuple[Stream, ...]
    outputs: tuple[Stream, ...]
    threads: tuple[Executor, ...]
    errors: tuple[ComponentError, ...]


@dataclass(frozen=True)
class Worker:
    """A worker process, with the components of the topology in it."""

    topology: str
    host: str
    port: int
    uptime_secs: int | None
    components: tuple[str, ...]
    log_url: str | None

"""Numbers the tasks of a topology, and distributes them over executors and workers.

Sources: ``storm-task-info`` of ``daemon/common.clj`` (``StormCommon.java`` in 2.x), ``component-parallelism`` of
``nimbus.clj``, ``EvenScheduler``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from simulator.model.problems import Problem, TopologyError, shown
from simulator.model.settings import (
    ACKER_EXECUTORS,
    EVENTLOGGER_EXECUTORS,
    MAX_TASK_PARALLELISM,
    TASKS,
    WORKERS,
)
from simulator.model.topology import Component, Topology

# Each task is a process, and no machine has room for so many; a mistyped number must not use up the memory.
MOST_TASKS = 10_000


def number_tasks(topology: Topology, conf: Mapping[str, object]) -> dict[str, tuple[int, ...]]:
    """Return the task ids of every component, with Storm's own components, in the order of the task ids.

    A component whose ``topology.tasks`` is 0 has no task.

    Args:
        topology: the topology.
        conf: its configuration.

    Raises:
        TopologyError: a setting should be a number and is not, or there are more than ``MOST_TASKS`` tasks.
    """
    try:
        counts = _counts(topology, conf)
    except ValueError as error:
        raise TopologyError([Problem(topology.place, None, str(error))]) from None
    if sum(counts.values()) > MOST_TASKS:
        raise TopologyError([_too_many(topology, counts)])
    numbered: dict[str, tuple[int, ...]] = {}
    following = 1
    # storm-task-info sorts by String.compareTo, which compares UTF-16 code units: "Alert" < "__acker" < "count".
    for name in sorted(counts, key=lambda name: name.encode("utf-16-be", "surrogatepass")):
        numbered[name] = tuple(range(following, following + counts[name]))
        following += counts[name]
    return numbered


def _counts(topology: Topology, conf: Mapping[str, object]) -> dict[str, int]:
    """Return the number of tasks of each component, Storm's own included.

    Raises:
        ValueError: a setting should be a number and is not.
    """
    counts = {name: _tasks_of(component, conf) for name, component in topology.components.items()}
    own = _system_components(conf).items()
    return counts | {name: count for name, count in own if name not in counts}


def _too_many(topology: Topology, counts: Mapping[str, int]) -> Problem:
    largest = max(counts, key=counts.__getitem__)
    component = topology.components.get(largest)
    return Problem(
        topology.place if component is None else component.place_of("p"),
        None,
        f"{sum(counts.values())} tasks, {counts[largest]} of them of {shown(largest)}",
        f"expected at most {MOST_TASKS} in a simulation, as each is a process",
    )


def executors(topology: Topology, numbered: Mapping[str, tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Return the tasks of each executor, ascending, with the executors of Storm's own components.

    A component has as many executors as ``:p`` says, but none without a task. Each has an equal share of the tasks or
    one more, the bigger shares first (``partition-fixed``).

    Args:
        topology: the topology.
        numbered: its tasks, as ``number_tasks`` returns them.
    """
    found: list[tuple[int, ...]] = []
    for name, tasks in numbered.items():
        component = topology.components.get(name)
        hint = 1 if component is None else component.parallelism or 1
        found += _partition(tasks, len(tasks) if component is None else hint)
    return found


def assign_workers(dealt: Sequence[tuple[int, ...]], conf: Mapping[str, object]) -> dict[int, int]:
    """Return the worker of each task, counted from 0.

    ``EvenScheduler.scheduleTopology`` (all versions) assigns the executors, ordered by their first task, in turn to
    ``topology.workers`` slots. A cluster with fewer free slots uses those it has.

    Args:
        dealt: the tasks of each executor, as ``executors`` returns them.
        conf: the topology's configuration.
    """
    workers = max(1, _number(conf, WORKERS, 1))
    return {task: place % workers for place, tasks in enumerate(dealt) for task in tasks}


def _tasks_of(component: Component, conf: Mapping[str, object]) -> int:
    merged = {**conf, **component.conf}  # as Nimbus merges them
    tasks = _number(merged, TASKS, component.parallelism or 1)
    most = _number(merged, MAX_TASK_PARALLELISM, tasks)
    return max(0, min(tasks, most))


def _system_components(conf: Mapping[str, object]) -> dict[str, int]:
    """Return the numbers of tasks of Storm's own components. ``__system`` has none: it acts as task -1."""
    workers = _number(conf, WORKERS, 1)
    counts = {"__acker": _number(conf, ACKER_EXECUTORS, workers)}
    if EVENTLOGGER_EXECUTORS in conf:  # since 1.0: 0 by default, and null means as many as workers
        counts["__eventlogger"] = _number(conf, EVENTLOGGER_EXECUTORS, workers)
    counts |= _metrics_consumers(conf)
    return {name: count for name, count in counts.items() if count > 0}


def _metrics_consumers(conf: Mapping[str, object]) -> dict[str, int]:
    registered = conf.get("topology.metrics.consumer.register")
    counts: dict[str, int] = {}
    seen: dict[object, int] = {}
    for entry in registered if isinstance(registered, (list, tuple)) else ():
        if not isinstance(entry, Mapping) or "class" not in entry:
            raise ValueError(
                f'topology.metrics.consumer.register holds {shown(entry)}; expected a map with a "class"'
            )
        name = entry["class"]
        seen[name] = seen.get(name, 0) + 1
        suffix = "" if seen[name] == 1 else f"#{seen[name]}"
        counts[f"__metrics_{name}{suffix}"] = _number(entry, "parallelism.hint", 1)
    return counts


def _number(conf: Mapping[str, object], key: str, default: int) -> int:
    value = conf.get(key)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value // 1:
        raise ValueError(f"{key} is {shown(value)}; expected a whole number")
    return int(value)


def _partition(tasks: tuple[int, ...], parts: int) -> list[tuple[int, ...]]:
    parts = min(parts, len(tasks))
    if not parts:
        return []
    share, more = divmod(len(tasks), parts)
    starts = [place * share + min(place, more) for place in range(parts + 1)]
    return [tasks[start:end] for start, end in pairwise(starts)]

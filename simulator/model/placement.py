"""Task ids, executors and workers: where Storm puts the tasks of a topology.

Sources: ``storm-task-info`` of ``daemon/common.clj`` (``StormCommon.java`` in 2.x), ``component-parallelism`` of
``nimbus.clj``, ``EvenScheduler``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from simulator.model.problems import shown
from simulator.model.topology import Component, Topology

# A process per task: no machine has room for so many, and a mistyped number must not eat the memory.
MOST_TASKS = 100_000


def number_tasks(topology: Topology, conf: Mapping[str, object]) -> dict[str, tuple[int, ...]]:
    """The task ids of every component, those of Storm's own components included, in the order of the ids.

    ``conf`` is the topology's configuration. A component whose ``topology.tasks`` is 0 has no task.

    Raises:
        ValueError: a number of the configuration is none, or there are more tasks than any machine runs.
    """
    counts = {name: _tasks_of(component, conf) for name, component in topology.components.items()}
    counts |= {
        name: count for name, count in _system_components(conf).items() if name not in counts
    }
    if sum(counts.values()) > MOST_TASKS:
        greediest = max(counts, key=counts.__getitem__)
        raise ValueError(
            f"topology {shown(topology.name)} has {sum(counts.values())} tasks, {counts[greediest]} of them "
            f"{shown(greediest)}'s; each is a process, and {MOST_TASKS} are the most that are numbered"
        )
    numbered: dict[str, tuple[int, ...]] = {}
    following = 1
    # storm-task-info sorts by String.compareTo, which compares UTF-16 code units: "Alert" < "__acker" < "count".
    for name in sorted(counts, key=lambda name: name.encode("utf-16-be", "surrogatepass")):
        numbered[name] = tuple(range(following, following + counts[name]))
        following += counts[name]
    return numbered


def executors(topology: Topology, numbered: Mapping[str, tuple[int, ...]]) -> list[tuple[int, ...]]:
    """The tasks of each executor, ascending, those of Storm's own components included; ``number_tasks`` has numbered.

    As many as ``:p`` says, each with an equal share of the tasks or one more, bigger shares first
    (``partition-fixed``); an executor without tasks does not exist.
    """
    found: list[tuple[int, ...]] = []
    for name, tasks in numbered.items():
        component = topology.components.get(name)
        hint = 1 if component is None else component.parallelism or 1
        found += _partition(tasks, len(tasks) if component is None else hint)
    return found


def assign_workers(dealt: Sequence[tuple[int, ...]], conf: Mapping[str, object]) -> dict[int, int]:
    """The worker of each task, counted from 0, of these executors.

    EvenScheduler.scheduleTopology (all versions): the executors by their first task, dealt in turn to
    ``topology.workers`` slots. A cluster with fewer free slots than that would use those it has.
    """
    workers = max(1, _number(conf, "topology.workers", 1))
    return {task: place % workers for place, tasks in enumerate(dealt) for task in tasks}


def _tasks_of(component: Component, conf: Mapping[str, object]) -> int:
    merged = {**conf, **component.conf}  # Nimbus merges the two before it asks either
    tasks = _number(merged, "topology.tasks", component.parallelism or 1)
    most = _number(merged, "topology.max.task.parallelism", tasks)
    return max(0, min(tasks, most))


def _system_components(conf: Mapping[str, object]) -> dict[str, int]:
    """How many tasks Storm's own components have. ``__system`` has none: it acts as task -1."""
    workers = _number(conf, "topology.workers", 1)
    counts = {"__acker": _number(conf, "topology.acker.executors", workers)}
    loggers = "topology.eventlogger.executors"  # 1.0 and later, where the default is 0 and null means workers
    if loggers in conf:
        counts["__eventlogger"] = _number(conf, loggers, workers)
    counts |= _metrics_consumers(conf)
    return {name: count for name, count in counts.items() if count > 0}


def _metrics_consumers(conf: Mapping[str, object]) -> dict[str, int]:
    registered = conf.get("topology.metrics.consumer.register")
    counts: dict[str, int] = {}
    seen: dict[object, int] = {}
    for entry in registered if isinstance(registered, (list, tuple)) else ():
        if not isinstance(entry, Mapping) or "class" not in entry:
            raise ValueError(
                f'topology.metrics.consumer.register holds {shown(entry)}; a map with a "class" would do'
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
        raise ValueError(f"{key} is {shown(value)}; a whole number would do")
    return int(value)


def _partition(tasks: tuple[int, ...], parts: int) -> list[tuple[int, ...]]:
    parts = min(parts, len(tasks))
    if not parts:
        return []
    share, more = divmod(len(tasks), parts)
    starts = [place * share + min(place, more) for place in range(parts + 1)]
    return [tasks[start:end] for start, end in pairwise(starts)]

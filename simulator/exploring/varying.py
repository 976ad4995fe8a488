"""Varying: what can be different from the test in a run of it, and how that is carried out."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from simulator.engine import below
from simulator.exploring.changes import Change, Variable
from simulator.model import NEWEST, OLDEST, settings
from simulator.testing import RunningTopology

NUMBERS = (1, 2, 3)  # of tasks of a bolt, and of workers; there may be a worker for each task, too
HASH_SEEDS = (1, 2)  # the test's is 0; each has a fork server of its own, so they are few
VERSIONS = (OLDEST, "0.10.2", "1.2.4", "2.0.0", NEWEST)
IN_PROCESS = (
    "hash seed: components run in this process, whose hash seed is fixed; fault-free runs in two other processes are "
    'compared at the end, and mode="process" varies it in each run'
)


def applied(changes: Iterable[Change], options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of ``storm.topology`` with these changes.

    Args:
        changes: of this topology.
        options: the arguments of the test. Any: as ``storm.topology`` takes them.
    """
    made = dict(options)
    for change in changes:
        match change.name:
            case "parallelism":
                given = made.get("parallelism") or {}
                made["parallelism"] = {**given, change.component: change.value}
            case "workers":
                made["conf"] = {**(made.get("conf") or {}), settings.WORKERS: change.value}
            case "hash seed":
                made["hash_seed"] = change.value
            case "storm version":
                made["storm_version"] = change.value
    return made


@dataclass(frozen=True)
class Variety:
    """What can be varied of a topology.

    Attributes:
        changes: each of them alone.
        fixed: a line for each thing that cannot be varied, with the reason.
    """

    changes: tuple[Change, ...] = ()
    fixed: tuple[str, ...] = ()


def variety_of(made: RunningTopology, nth: int, options: Mapping[str, Any]) -> Variety:
    """Return what can be varied of a topology: nothing that the test has set itself.

    Args:
        made: the topology.
        nth: which it is of the run, from 0.
        options: the arguments of the test. Any: as ``storm.topology`` takes them.
    """
    given, conf = options.get("parallelism") or {}, options.get("conf") or {}
    changes = [
        Change("parallelism", number, bolt, nth)
        for bolt, component in made.topology.bolts.items()
        if bolt not in given and settings.TASKS not in component.conf
        for number in NUMBERS
        if number != len(made.simulation.wiring.task_ids[bolt])
    ]
    if settings.WORKERS not in conf:
        now = made.simulation.options.conf.get(settings.WORKERS)
        numbers = sorted({*NUMBERS, _most_workers(made)})
        changes += [Change("workers", number, "", nth) for number in numbers if number != now]
    if made.has_processes:
        changes += [Change("hash seed", seed, "", nth) for seed in HASH_SEEDS]
    version = made.simulation.options.storm_version
    changes += [Change("storm version", each, "", nth) for each in VERSIONS if each != version]
    return Variety(tuple(changes), () if made.has_processes else (IN_PROCESS,))


def _most_workers(made: RunningTopology) -> int:
    """So many workers that each executor has one of its own, and a crash leaves the other components alive.

    Storm assigns executors to workers in turn, its own too; there are as many ackers as workers, or a fixed number.
    """
    wiring = made.simulation.wiring
    return len(wiring.executors) + len(wiring.ackers)


def apart(varieties: Sequence[Variety], names: Sequence[Variable]) -> list[Change]:
    """Return the change of each topology by which every executor has a worker of its own."""
    most: dict[int, Change] = {}
    for change in (change for each in varieties for change in each.changes):
        if change.name == "workers" and change.name in names:
            most[change.topology] = change
    return list(most.values())


def changes_alone(varieties: Sequence[Variety], names: Sequence[Variable]) -> list[Change]:
    """Return each change that a run can have by itself, those of different things in turn: of each thing one first."""
    of_thing: dict[tuple[str, str, int], list[Change]] = {}
    for change in (change for each in varieties for change in each.changes):
        if change.name in names:
            of_thing.setdefault((change.name, change.component, change.topology), []).append(change)
    by_name = sorted(of_thing.values(), key=lambda changes: changes[0].name != "workers")
    turns = zip_longest(*by_name)
    return [change for turn in turns for change in turn if change is not None]


def draw_changes(
    varieties: Sequence[Variety], names: Sequence[Variable], rng: random.Random
) -> tuple[Change, ...]:
    """Draw a change or two, of different things; none where nothing can be varied."""
    left = [change for each in varieties for change in each.changes if change.name in names]
    drawn: list[Change] = []
    for _ in range(1 + below(rng, 2)):
        left = [change for change in left if not any(_is_same(change, each) for each in drawn)]
        if left:
            name = sorted({change.name for change in left})
            wanted = name[below(rng, len(name))]  # a topology has many bolts and few workers
            of_name = [change for change in left if change.name == wanted]
            drawn.append(of_name[below(rng, len(of_name))])
    return tuple(drawn)


def _is_same(one: Change, other: Change) -> bool:
    """True when two changes are of the same thing."""
    return (one.name, one.component, one.topology) == (other.name, other.component, other.topology)

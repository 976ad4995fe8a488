"""Finds what Storm accepts in a topology although it is probably a mistake."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Final

from simulator.model.conf_checks import is_whole
from simulator.model.groupings import shuffle_scope
from simulator.model.handshake import OWN_KEYS
from simulator.model.placement import assign_workers, executors, number_tasks
from simulator.model.problems import Problem, did_you_mean, shown
from simulator.model.profiles import Profile, version_note
from simulator.model.settings import (
    DISABLE_LOADAWARE_MESSAGING,
    PYTHON_PATH,
    STORM_KEYS,
    TASKS,
    TICK_TUPLE_FREQ_SECS,
)
from simulator.model.topology import Component, Grouping, Topology

__all__ = ["find_overridden", "find_warnings"]

_NOT_A_SETTING: Final = "is not a setting of Storm"


def find_warnings(
    topology: Topology,
    conf: Mapping[str, object] | None = None,
    *,
    profile: Profile | None = None,
) -> list[Problem]:
    """Return what Storm accepts although it is probably a mistake, in no order.

    Args:
        topology: the topology.
        conf: its configuration.
        profile: the version of Storm that will run it; ``find_problems`` then checks the ticks.
    """
    found = [
        Problem(topology.place, None, f"option {shown(key)} {_NOT_A_SETTING}{near}")
        for key in conf or {}
        if (near := _near_setting(key))
    ]
    if profile is not None:
        found += _idle_tasks(topology, conf or {}, profile)
        if note := version_note(profile.version):
            found.append(Problem(topology.place, None, note))
    for component in topology.components.values():
        found += _conf_warnings(component, profile)
        for (source, stream), grouping in component.inputs.items():
            emitter = topology.components.get(source)
            if emitter is not None and stream in emitter.outputs:
                found += _direct_warnings(component, emitter, stream, grouping)
    return found


def find_overridden(
    topology: Topology, given: Mapping[str, object], remedy: str | None = None
) -> list[Problem]:
    """Return the settings of a topology that have no effect in a component, because its own settings win.

    Args:
        topology: the topology.
        given: the settings that the user has given for the whole topology, without any defaults.
        remedy: how to set them for the component; by default, to take them from the options.
    """
    return [
        Problem(
            component.place_of("conf", key),
            component.id,
            f"{component.notation.conf} {shown(key)} is {shown(own)}, which wins over the option {shown(key)}, "
            f"{shown(given[key])}",
            remedy or component.notation.take_option.format(shown(key)),
            "a component's own setting wins",
        )
        for component in topology.components.values()
        for key, own in component.conf.items()
        if key in given and given[key] != own and not _is_ignored(key, OWN_KEYS)
    ]


def _direct_warnings(
    bolt: Component, emitter: Component, stream: str, grouping: Grouping
) -> Iterator[Problem]:
    direct = emitter.outputs[stream].direct
    place = bolt.place_of("inputs", emitter.id, stream)
    whose = f"stream {shown(stream)} of {shown(emitter.id)}"
    if direct and grouping.kind != "direct":
        yield Problem(
            place,
            bolt.id,
            f"takes {whose} by {grouping}, but it is declared direct",
            f"subscribe it {bolt.notation.direct}, or declare its fields {bolt.notation.no_direct}",
            "accepts it, and kills the worker that emits to a task of this bolt",
        )
    elif grouping.kind == "direct" and not direct:
        yield Problem(
            place,
            bolt.id,
            f"takes {whose} by {bolt.notation.direct}, but it is not declared direct",
            f"declare it: {emitter.notation.declare_direct.format(shown(stream))}",
            "accepts it, and kills the worker at an emit that names no task",
        )


def _idle_tasks(
    topology: Topology, conf: Mapping[str, object], profile: Profile
) -> Iterator[Problem]:
    """Find the tasks to which a plain shuffle of Storm 2.x sends nothing while queues are short."""
    if profile.shuffle != "ring" or conf.get(DISABLE_LOADAWARE_MESSAGING) is True:
        return
    try:
        numbered = number_tasks(topology, conf)
    except ValueError:  # the run refuses it
        return
    dealt = executors(topology, numbered)
    workers, heads = assign_workers(dealt, conf), frozenset(tasks[0] for tasks in dealt)
    for bolt in topology.components.values():
        kinds = {grouping.kind for grouping in bolt.inputs.values()}
        sources = [numbered.get(source) for source, _ in bolt.inputs]
        if "shuffle" not in kinds or kinds - {"shuffle", "local-or-shuffle"} or not all(sources):
            continue
        targets = numbered[bolt.id]
        reached: set[int] = set()
        for task in chain.from_iterable(filter(None, sources)):
            local = [each for each in targets if workers[each] == workers[task]]
            reached.update(shuffle_scope(targets, local, heads))
        idle = [task for task in targets if task not in reached]
        behind = [task for task in idle if task not in heads]
        far = [task for task in idle if task in heads]
        place = bolt.place_of("inputs", *next(iter(bolt.inputs)))
        if far:
            yield Problem(
                place,
                bolt.id,
                f"{_some(far, targets)}: Storm {profile.version} keeps a shuffle in the worker of the emitting task "
                "while the queues there are short",
                f"to use every task, set topology.workers to 1, or {DISABLE_LOADAWARE_MESSAGING} to true",
            )
        if behind:
            yield Problem(
                place,
                bolt.id,
                f"{_some(behind, targets)}: Storm {profile.version} shuffles to the first task of an executor only, "
                "seconds after the start",
                "to use every task, give each an executor: "
                f"{bolt.notation.parallelism_value.format(len(targets))}",
            )


def _some(idle: Sequence[int], tasks: Sequence[int]) -> str:
    first = ", ".join(map(str, idle[:5])) + (", ..." if len(idle) > 5 else "")
    ids, verb = ("task", "gets") if len(idle) == 1 else ("tasks", "get")
    return f"{len(idle)} of {len(tasks)} tasks ({ids} {first}) {verb} no tuples"


def _conf_warnings(component: Component, profile: Profile | None) -> Iterator[Problem]:
    for key, value in component.conf.items():
        place = component.place_of("conf", key)
        if key == TASKS and isinstance(value, (int, float)) and value < 1:
            yield Problem(
                place,
                component.id,
                f"has no task, because topology.tasks is {shown(value)}",
                "remove it, or set it to at least 1",
                "accepts it; 2.x dies at an emit to it",
            )
        elif (
            key == TICK_TUPLE_FREQ_SECS
            and profile is None
            and value is not None
            and not is_whole(value, 0)
        ):
            yield Problem(
                place,
                component.id,
                f"{component.notation.conf} {shown(key)} is {shown(value)}",
                "expected a whole number of seconds",
                "accepts it, and the worker dies, except of fractions before 2.0 and of strings since 2.0",
            )
        elif near := _near_setting(key):
            yield Problem(
                place,
                component.id,
                f"{component.notation.conf} {shown(key)} {_NOT_A_SETTING}{near}",
            )
        elif _is_ignored(key, OWN_KEYS):
            yield Problem(
                place,
                component.id,
                f"{component.notation.conf} {shown(key)} has no effect in a component",
                "set it for the whole topology, with -o",
                "drops it without a message",
            )


def _is_ignored(key: str, own: Collection[str]) -> bool:
    # Nimbus reads topology.tasks and, with the resource-aware scheduler, what resources a component needs.
    is_read = key in own or key == TASKS or key.startswith("topology.component.")
    return key in STORM_KEYS and not is_read


def _near_setting(key: object) -> str:
    """Return a hint when a key is similar to one of Storm's and is none; a key of the user's own gets no hint."""
    known = key in STORM_KEYS or key == PYTHON_PATH
    return "" if known or not isinstance(key, str) or len(key) > 100 else _nearest_setting(key)


@lru_cache(maxsize=256)  # a test suite reads its topologies many times, with the same settings
def _nearest_setting(key: str) -> str:
    heads = sorted({each.partition(".")[0] for each in STORM_KEYS})
    if not did_you_mean(key.partition(".")[0], heads, cutoff=0.8):
        return ""
    return did_you_mean(key, sorted(STORM_KEYS), cutoff=0.8)

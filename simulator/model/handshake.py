"""The two parts of a handshake that depend on the topology: a component's effective configuration and its context.

Both are equal to Storm's, key by key: which settings of a component count and which are dropped, and the context object
with its groupings, in the order in which Java's maps print them.

Sources: ``executor.clj``, ``common.clj`` and ``TopologyContext.java``, and recorded handshakes of four versions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Final, TypeVar

from simulator.model import java
from simulator.model.java import map_order, received, target_order
from simulator.model.profiles import Profile
from simulator.model.settings import (
    ACKER_EXECUTORS,
    DEBUG,
    ENABLE_MESSAGE_TIMEOUTS,
    MAX_SPOUT_PENDING,
    MAX_TASK_PARALLELISM,
    MESSAGE_TIMEOUT_SECS,
    SHELLBOLT_MAX_PENDING,
    SLEEP_SPOUT_WAIT_STRATEGY_TIME_MS,
    STORM_KEYS,
    SUPERVISOR_WORKER_TIMEOUT_SECS,
    TASKS,
    TICK_TUPLE_FREQ_SECS,
    WORKERS,
)
from simulator.model.topology import Component, Grouping, Topology
from streamparse.multilang import SYSTEM_COMPONENT

__all__ = [
    "DEFAULT_CONF",
    "OWN_KEYS",
    "all_components",
    "component_conf",
    "context",
    "default_conf",
    "tick_seconds",
]

#: The defaults that components can ask for and that are the same in all versions (defaults.yaml).
DEFAULT_CONF: Mapping[str, object] = {
    "storm.cluster.mode": "local",
    SUPERVISOR_WORKER_TIMEOUT_SECS: 30,
    ACKER_EXECUTORS: None,
    DEBUG: False,
    ENABLE_MESSAGE_TIMEOUTS: True,
    MAX_SPOUT_PENDING: None,
    MAX_TASK_PARALLELISM: None,
    MESSAGE_TIMEOUT_SECS: 30,
    "topology.stats.sample.rate": 0.05,
    TASKS: None,
    TICK_TUPLE_FREQ_SECS: None,
    WORKERS: 1,
}

#: Known from 1.0 on, and of no component's own: the one key of windows that is dropped. Before 1.0 it passes.
WATERMARK_INTERVAL_MS: Final = "topology.bolts.watermark.event.interval.ms"

#: The keys of Storm that a component can set for itself (executor.clj, normalized-component-conf). The keys of windows
#: and states came with 1.0; older versions do not know them and so pass them on.
OWN_KEYS: Final = frozenset(
    {
        "topology.bolts.late.tuple.stream",
        "topology.bolts.message.id.field.name",
        "topology.bolts.tuple.timestamp.field.name",
        "topology.bolts.tuple.timestamp.max.lag.ms",
        "topology.bolts.window.length.count",
        "topology.bolts.window.length.duration.ms",
        "topology.bolts.window.sliding.interval.count",
        "topology.bolts.window.sliding.interval.duration.ms",
        DEBUG,
        MAX_SPOUT_PENDING,
        MAX_TASK_PARALLELISM,
        SLEEP_SPOUT_WAIT_STRATEGY_TIME_MS,
        "topology.spout.wait.strategy",
        "topology.state.provider",
        "topology.state.provider.config",
        TICK_TUPLE_FREQ_SECS,
        "topology.transactional.id",
    }
)

_GROUPING_TYPES = {
    "shuffle": "SHUFFLE",
    "local-or-shuffle": "LOCAL_OR_SHUFFLE",
    "fields": "FIELDS",
    "global": "FIELDS",  # a fields grouping on no fields
    "all": "ALL",
    "none": "NONE",
    "direct": "DIRECT",
    "partial-key": "CUSTOM_SERIALIZED",  # PartialKeyGrouping travels as a serialized object
    "custom": "CUSTOM_OBJECT",
}

_V = TypeVar("_V")


def default_conf(profile: Profile) -> dict[str, object]:
    """Return the defaults of this version that components can ask for."""
    conf = dict(DEFAULT_CONF)
    conf["topology.fall.back.on.java.serialization"] = profile.java_serialization
    conf["topology.multilang.serializer"] = f"{profile.package}.multilang.JsonSerializer"
    if profile.shellbolt_max_pending is not None:
        conf[SHELLBOLT_MAX_PENDING] = profile.shellbolt_max_pending
    if profile.spout_sleep_ms is not None:
        conf[SLEEP_SPOUT_WAIT_STRATEGY_TIME_MS] = profile.spout_sleep_ms
    return conf


def component_conf(
    topology: Topology, component_id: str, conf: Mapping[str, object], profile: Profile
) -> dict[str, object]:
    """Return the effective configuration of a component, which is in its handshake and which its executor follows.

    A component's own settings override the topology's, except for the keys of Storm that it cannot set for itself
    (``topology.message.timeout.secs``, ``topology.tasks`` and others), which are dropped.

    Args:
        topology: has the component.
        component_id: its id.
        conf: the topology's configuration.
        profile: the version of Storm.

    Raises:
        ValueError: JSON cannot hold a setting.
    """
    component = topology.components[component_id]
    effective = default_conf(profile) | _as_json(conf, f"topology {topology.name!r}")
    effective["topology.name"] = topology.name
    # The name, a counter, and the time of the submission in seconds: the simulation starts at 0.
    effective["storm.id"] = f"{topology.name}-1-0"
    own = _as_json(component.conf, f"component {component_id!r}")
    is_known = profile.package == "org.apache.storm"  # from 1.0 on
    passed = OWN_KEYS if is_known else {*OWN_KEYS, WATERMARK_INTERVAL_MS}
    effective |= {key: own[key] for key in own if key not in STORM_KEYS or key in passed}
    if component.kind == "spout":
        # add-acker! of common.clj: the ticks of a spout's executor expire its pending tuples and never reach the spout.
        effective[TICK_TUPLE_FREQ_SECS] = effective[MESSAGE_TIMEOUT_SECS]
    return effective


def tick_seconds(value: object, profile: Profile) -> float | None:
    """Return the seconds between ticks by a value of ``topology.tick.tuple.freq.secs``; None when there are no ticks.

    Nimbus does not check the configuration of a component, so any value reaches the executor.

    Args:
        value: the setting.
        profile: the version of Storm.

    Raises:
        ValueError: the executor dies of the value; the text is its message.
    """
    shown = json.dumps(value, default=str)
    if profile.tick_is_int:
        if value is None:
            return None
        if isinstance(value, str):
            if not re.fullmatch(r"[+-]?\d{1,10}", value, re.ASCII) or not _is_int(int(value)):
                raise ValueError(f"For input string: {shown}")
            return int(value)
        if type(value) is not int or not _is_int(value):
            raise ValueError(f"Don't know how to convert {shown} to int")
        return value
    if value is None or value is False:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"{shown} cannot be cast to java.lang.Number")
    return value


def _is_int(number: int) -> bool:
    """Return whether a number fits Java's int."""
    return -(1 << 31) <= number < 1 << 31


def all_components(
    topology: Topology, tasks: Mapping[str, tuple[int, ...]], profile: Profile
) -> list[str]:
    """Return all component ids in the order in which Storm iterates over them, with Storm's own components.

    Args:
        topology: has the components.
        tasks: the ids of all numbered tasks, by component.
        profile: the version of Storm.
    """
    bolts = [each.id for each in topology.components.values() if each.kind == "bolt"]
    return java.all_components(bolts, [*tasks, SYSTEM_COMPONENT], profile)


def context(
    topology: Topology,
    task_id: int,
    tasks: Mapping[str, tuple[int, ...]],
    everybody: Sequence[str],
    profile: Profile,
) -> dict[str, object]:
    """Return the context of one task, as ``TopologyContext.toJSONString`` prints it.

    Args:
        topology: has the task's component.
        task_id: the task.
        tasks: the ids of all numbered tasks, by component, with those of Storm's own components.
        everybody: ``all_components()`` of these.
        profile: the version of Storm.
    """
    names = {str(task): name for name, ids in tasks.items() for task in ids}
    component = topology.components[names[str(task_id)]]
    # The keys are consecutive Integers, which a HashMap iterates over in ascending order.
    shown = {
        task: names[task] for task in sorted(names, key=int) if names[task] != SYSTEM_COMPONENT
    }
    if not profile.full_context:
        return {"task->component": shown, "taskid": task_id}
    return {
        "componentid": component.id,
        "streams": map_order(component.outputs, received),
        "stream->target->grouping": _targets(topology, component, everybody),
        "stream->outputfields": _stream_fields(component),
        "source->stream->grouping": _sources(component),
        "task->component": shown,
        "source->stream->fields": _java(
            {source: _stream_fields(topology.components[source]) for source, _ in component.inputs}
        ),
        "taskid": task_id,
    }


def _targets(
    topology: Topology, component: Component, everybody: Sequence[str]
) -> dict[str, dict[str, object]]:
    by_stream: dict[str, dict[str, object]] = {}
    for stream in component.outputs:
        groupings = dict(topology.subscribers(component.id, stream))
        targets = target_order(groupings, everybody)
        by_stream[stream] = {name: _described(groupings[name]) for name in targets}
    return _java({stream: targets for stream, targets in by_stream.items() if targets})


def _sources(component: Component) -> dict[str, dict[str, object]]:
    by_source: dict[str, dict[str, object]] = {}
    for (source, stream), grouping in component.inputs.items():
        by_source.setdefault(source, {})[stream] = _described(grouping)
    return _java({source: _java(streams) for source, streams in by_source.items()})


def _stream_fields(component: Component) -> dict[str, list[str]]:
    """Return the fields of all declared streams, with or without subscribers."""
    return _java({name: list(stream.fields) for name, stream in component.outputs.items()})


def _described(grouping: Grouping) -> dict[str, object]:
    described: dict[str, object] = {"type": _GROUPING_TYPES[grouping.kind]}
    if described["type"] == "FIELDS":
        described["fields"] = list(grouping.fields)
    return described


def _java(entries: Mapping[str, _V]) -> dict[str, _V]:
    """Return the entries in the order in which a HashMap prints them."""
    return {key: entries[key] for key in map_order(entries)}


def _as_json(conf: Mapping[str, object], whose: str) -> dict[str, object]:
    try:
        # Written as JSON and read again, as on the way to Nimbus: keys become strings, tuples lists.
        read: dict[str, object] = json.loads(json.dumps(dict(conf), allow_nan=False))
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"conf of {whose}: {error}; expected JSON: numbers, strings, true, false, null, lists and maps"
        ) from None
    return read

"""What a component is told first: its effective configuration and its place in the topology.

Both are Storm's to the key: which settings of a component count, which are dropped without a word,
and the context object with its groupings, in the order in which Java's maps print them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, TypeVar

from simulator.model import java
from simulator.model.java import map_order, received, target_order
from simulator.model.profiles import Profile
from simulator.model.settings import STORM_KEYS
from streamparse.multilang import SYSTEM_COMPONENT

if TYPE_CHECKING:  # topology loads networkx, which a handshake does not need
    from simulator.model.topology import Component, Grouping, Topology

__all__ = [
    "DEFAULT_CONF",
    "OWN_KEYS",
    "all_components",
    "component_conf",
    "context",
    "default_conf",
    "tick_seconds",
]

TICK: Final = "topology.tick.tuple.freq.secs"
TIMEOUT: Final = "topology.message.timeout.secs"

#: Storm's defaults that a component may ask for and that all versions share (defaults.yaml).
DEFAULT_CONF: Mapping[str, object] = {
    "storm.cluster.mode": "local",
    "supervisor.worker.timeout.secs": 30,
    "topology.acker.executors": None,
    "topology.debug": False,
    "topology.enable.message.timeouts": True,
    "topology.max.spout.pending": None,
    "topology.max.task.parallelism": None,
    TIMEOUT: 30,
    "topology.stats.sample.rate": 0.05,
    "topology.tasks": None,
    TICK: None,
    "topology.workers": 1,
}

#: Keys that Storm knows and a component may set for itself (executor.clj normalized-component-conf;
#: the window and state keys came with 1.0: before, Storm did not know them and passed them too).
OWN_KEYS: Final = frozenset(
    {
        "topology.bolts.late.tuple.stream",
        "topology.bolts.message.id.field.name",
        "topology.bolts.tuple.timestamp.field.name",
        "topology.bolts.tuple.timestamp.max.lag.ms",
        "topology.bolts.watermark.event.interval.ms",
        "topology.bolts.window.length.count",
        "topology.bolts.window.length.duration.ms",
        "topology.bolts.window.sliding.interval.count",
        "topology.bolts.window.sliding.interval.duration.ms",
        "topology.debug",
        "topology.max.spout.pending",
        "topology.max.task.parallelism",
        "topology.sleep.spout.wait.strategy.time.ms",
        "topology.spout.wait.strategy",
        "topology.state.provider",
        "topology.state.provider.config",
        TICK,
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
    """Storm's defaults in this version."""
    conf = dict(DEFAULT_CONF)
    conf["topology.fall.back.on.java.serialization"] = profile.java_serialization
    conf["topology.multilang.serializer"] = f"{profile.package}.multilang.JsonSerializer"
    if profile.shellbolt_max_pending is not None:
        conf["topology.shellbolt.max.pending"] = profile.shellbolt_max_pending
    if profile.spout_sleep_ms is not None:
        conf["topology.sleep.spout.wait.strategy.time.ms"] = profile.spout_sleep_ms
    return conf


def component_conf(
    topology: Topology, component_id: str, conf: Mapping[str, object], profile: Profile
) -> dict[str, object]:
    """The effective conf of a component: its handshake shows it, and its executor works by it.

    ``conf`` is the topology's. A component's own settings win over it, but those that Storm knows
    and does not let a component set (``topology.message.timeout.secs``, ``topology.tasks`` ...) are
    dropped.

    Raises:
        ValueError: a setting that JSON cannot hold.
    """
    component = topology.components[component_id]
    effective = default_conf(profile) | _as_json(conf, f"topology {topology.name!r}")
    effective["topology.name"] = topology.name
    effective["storm.id"] = (
        f"{topology.name}-1-0"  # name, count, start in seconds: our clock starts at 0
    )
    own = _as_json(component.conf, f"component {component_id!r}")
    effective |= {key: own[key] for key in own if key not in STORM_KEYS or key in OWN_KEYS}
    if component.kind == "spout":
        # common.clj add-acker!: a spout's ticks expire its pending tuples and never reach it.
        effective[TICK] = effective[TIMEOUT]
    return effective


def tick_seconds(value: object, profile: Profile) -> float | None:
    """How many seconds lie between ticks by a value of ``topology.tick.tuple.freq.secs``; None: there are none.

    Nimbus does not look at the conf of a component, so whatever stands there comes as far as the executor.

    Raises:
        ValueError: there it dies of it; in its words.
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
    """Whether Java's int has room for it."""
    return -(1 << 31) <= number < 1 << 31


def all_components(
    topology: Topology, tasks: Mapping[str, tuple[int, ...]], profile: Profile
) -> list[str]:
    """All component ids in the order in which Storm walks them, those of its own components included."""
    bolts = [each.id for each in topology.components.values() if each.kind == "bolt"]
    return java.all_components(bolts, [*tasks, SYSTEM_COMPONENT], profile)


def context(
    topology: Topology,
    task_id: int,
    tasks: Mapping[str, tuple[int, ...]],
    everybody: Sequence[str],
    profile: Profile,
) -> dict[str, object]:
    """The context of one task, as TopologyContext.toJSONString prints it.

    ``tasks`` are all numbered tasks, those of system components too; ``everybody`` is ``all_components()`` of them.
    """
    names = {str(task): name for name, ids in tasks.items() for task in ids}
    component = topology.components[names[str(task_id)]]
    # Its keys are Integers, which are in their own order in a HashMap of consecutive ones.
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
    """All declared streams, those that nobody subscribes to as well."""
    return _java({name: list(stream.fields) for name, stream in component.outputs.items()})


def _described(grouping: Grouping) -> dict[str, object]:
    described: dict[str, object] = {"type": _GROUPING_TYPES[grouping.kind]}
    if described["type"] == "FIELDS":
        described["fields"] = list(grouping.fields)
    return described


def _java(entries: Mapping[str, _V]) -> dict[str, _V]:
    """The entries in the order in which a HashMap would print them."""
    return {key: entries[key] for key in map_order(entries)}


def _as_json(conf: Mapping[str, object], whose: str) -> dict[str, object]:
    try:
        # Once through JSON, as on the way to Nimbus: keys become strings, tuples lists.
        read: dict[str, object] = json.loads(json.dumps(dict(conf), allow_nan=False))
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"conf of {whose}: {error}; Storm takes only what JSON can hold "
            "(numbers, strings, true, false, null, lists and maps)"
        ) from None
    return read

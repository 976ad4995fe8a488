"""Finds what Storm refuses in the configuration of a topology and of its components, or dies of.

Sources: the annotations of ``Config.java``, ``ConfigValidation.java``, ``component-parallelism`` of ``nimbus.clj``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Final

from simulator.model.handshake import tick_seconds
from simulator.model.problems import Problem, shown
from simulator.model.profiles import Profile
from simulator.model.settings import (
    ACKER_EXECUTORS,
    DEBUG,
    ENABLE_MESSAGE_TIMEOUTS,
    ENVIRONMENT,
    EVENTLOGGER_EXECUTORS,
    MAX_SPOUT_PENDING,
    MAX_TASK_PARALLELISM,
    MESSAGE_TIMEOUT_SECS,
    SHELLBOLT_MAX_PENDING,
    SUPERVISOR_WORKER_TIMEOUT_SECS,
    TASKS,
    TICK_TUPLE_FREQ_SECS,
    WORKERS,
)
from simulator.model.topology import Component, Topology
from simulator.wire import storm_json

__all__ = [
    "component_conf_problems",
    "executor_problems",
    "is_whole",
    "tick_problems",
    "topology_conf_problems",
]

#: The least value of each number in a topology's configuration, by the annotations of Config.java (since 1.0; before,
#: only the type was checked). The configuration of a component is not checked at submit.
_LEAST: Final[Mapping[str, int | None]] = {
    SUPERVISOR_WORKER_TIMEOUT_SECS: 1,
    ACKER_EXECUTORS: 0,
    EVENTLOGGER_EXECUTORS: 0,
    MAX_SPOUT_PENDING: 1,
    MAX_TASK_PARALLELISM: 1,
    MESSAGE_TIMEOUT_SECS: 1,
    SHELLBOLT_MAX_PENDING: 1,
    "topology.subprocess.timeout.secs": 1,
    TASKS: 0,
    TICK_TUPLE_FREQ_SECS: None,
    WORKERS: 1,
}


_BOOLEANS: Final = (DEBUG, ENABLE_MESSAGE_TIMEOUTS)
#: What Nimbus reads of a component's own configuration to count its tasks.
_TASK_COUNTS: Final = (TASKS, MAX_TASK_PARALLELISM)
_READ_OF_COMPONENTS: Final = (*_TASK_COUNTS, MAX_SPOUT_PENDING)


def topology_conf_problems(topology: Topology, conf: Mapping[str, object]) -> Iterator[Problem]:
    """Return what Storm refuses in a topology's configuration."""
    for key, value in conf.items():
        finding = _unlike_json(value) if isinstance(key, str) else f"the key {shown(key)}"
        if finding:
            yield Problem(
                topology.place,
                None,
                f"option {shown(key)}: {finding} is not JSON",
                "expected numbers, strings, true, false, null, lists and maps",
                "Topology conf is not json-serializable",
            )
        elif key in _LEAST and value is not None and not is_whole(value, _LEAST[key]):
            least = _LEAST[key]
            range_ = "" if least is None else f" of at least {least}"
            if _is_too_large(value):
                range_ = f" below {2**31}" if least is None else f" from {least} to {2**31 - 1}"
            yield Problem(
                topology.place,
                None,
                f"option {shown(key)} is {shown(value)}",
                f"expected a whole number{range_}",
                f"Field {_constant(key)} must be "
                f"{'an Integer within range' if least is None or not is_whole(value, None) else 'a Positive Number'}",
            )
        elif key in _BOOLEANS and value is not None and not isinstance(value, bool):
            yield Problem(
                topology.place,
                None,
                f"option {shown(key)} is {shown(value)}",
                "expected true or false",
                f"Field {_constant(key)} must be a Boolean",
            )
        elif key == ENVIRONMENT and (refusal := _unlike_environment(value)):
            finding, storm_says = refusal
            yield Problem(
                topology.place,
                None,
                f"option {shown(key)}{finding}",
                'expected a map of strings to strings, such as {"LANG": "C.UTF-8"}',
                storm_says,
            )


def component_conf_problems(component: Component) -> Iterator[Problem]:
    """Return what cannot be in a component's own configuration."""
    for key, value in component.conf.items():
        place = component.place_of("conf", str(key))
        finding = _unlike_json(value) if isinstance(key, str) else f"the key {shown(key)}"
        if finding:
            yield Problem(
                place,
                component.id,
                f"{component.notation.conf} {shown(key)}: {finding} is not JSON",
                "expected numbers, strings, true, false, nil, vectors and maps",
                "sends it as text that is not JSON",
            )
        elif key == "topology.kryo.register":
            yield Problem(
                place,
                component.id,
                f"{component.notation.conf} {shown(key)}: only the topology's configuration can have it",
                "set it with -o, or remove it",
                "Cannot set serializations for a component using fluent API",
            )
        elif key in _TASK_COUNTS and value is not None and not is_whole(value, None):
            yield Problem(
                place,
                component.id,
                f"{component.notation.conf} {shown(key)} is {shown(value)}",
                "expected a whole number",
                "Nimbus cannot count the tasks and refuses the topology",
            )


def executor_problems(
    topology: Topology, conf: Mapping[str, object], profile: Profile
) -> Iterator[Problem]:
    """Return the settings that Nimbus or the executors of this Storm cannot read, although they are numbers.

    Args:
        topology: its components' own settings override the topology's.
        conf: the topology's configuration.
        profile: the version of Storm.
    """
    yield from tick_problems(topology, conf, profile)
    if not profile.settings_are_int:
        return
    own = [
        (
            component.place_of("conf", key),
            component.id,
            f"{component.notation.conf} {shown(key)}",
            value,
        )
        for component in topology.components.values()
        for key, value in component.conf.items()
        if key in _READ_OF_COMPONENTS
    ]
    whole = [
        (topology.place, None, f"option {shown(key)}", value)
        for key, value in conf.items()
        if key in _LEAST and key != TICK_TUPLE_FREQ_SECS
    ]
    for place, component_id, what, value in (*own, *whole):
        if isinstance(value, float) and is_whole(value, None):
            yield Problem(
                place,
                component_id,
                f"{what} is {shown(value)}",
                f"expected {int(value)}, without a point",
                f"Don't know how to convert {storm_json(value)} to int",
            )


def tick_problems(
    topology: Topology, conf: Mapping[str, object], profile: Profile
) -> Iterator[Problem]:
    """Return the settings of ticks that kill the executors of bolts.

    Args:
        topology: has the bolts, whose own settings override the topology's.
        conf: the topology's configuration.
        profile: the version of Storm.
    """
    for bolt in topology.bolts.values():
        is_own = TICK_TUPLE_FREQ_SECS in bolt.conf
        value = bolt.conf[TICK_TUPLE_FREQ_SECS] if is_own else conf.get(TICK_TUPLE_FREQ_SECS)
        try:
            tick_seconds(value, profile)
        except ValueError as error:
            yield Problem(
                bolt.place_of("conf", TICK_TUPLE_FREQ_SECS) if is_own else topology.place,
                bolt.id if is_own else None,
                f"{bolt.notation.conf if is_own else 'option'} {shown(TICK_TUPLE_FREQ_SECS)} is {shown(value)}",
                "expected a whole number of seconds",
                f"{profile.version} accepts it, and the worker dies: {error}",
            )


def is_whole(value: object, least: int | None) -> bool:
    """Return whether Storm takes a value for an integer that is not below ``least``."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    if isinstance(value, float) and not math.isfinite(value):
        return False
    # IntegerValidator takes 1.0 for an integer, and not 2**31.
    return value == int(value) and -(2**31) <= value < 2**31 and (least is None or value >= least)


def _unlike_environment(value: object) -> tuple[str, str] | None:
    """Return what is wrong with the variables for workers, and what Storm says of it; "" where it says nothing.

    Source: ``MapEntryTypeValidator``; for names and values, ``ProcessBuilder.environment`` of a JDK 17, which starts a
    process with an empty name, though Python can set none.
    """
    if value is None:
        return None
    if not isinstance(value, Mapping):
        return f" is {shown(value)}", f"Field {_constant(ENVIRONMENT)} must be a Map"
    for name, text in value.items():
        if not name or "=" in name or "\0" in name:
            says = "Invalid environment variable name" if name else ""
            return f": {shown(name)} is no name of a variable", says
        if isinstance(text, str) and "\0" in text:
            return f": {shown(name)} is {shown(text)}", "Invalid environment variable value"
        if text is not None and not isinstance(text, str):
            says = f"Each value in the map {_constant(ENVIRONMENT)} must be a java.lang.String"
            return f": {shown(name)} is {shown(text)}", says
    return None


def _is_too_large(value: object) -> bool:
    return isinstance(value, (int, float)) and not -(2**31) <= value < 2**31


def _constant(key: str) -> str:
    return key.upper().replace(".", "_")


def _unlike_json(value: object) -> str:
    """Return the part of a value that JSON cannot hold, or an empty string."""
    if value is None or isinstance(value, (bool, int, str)):
        return ""
    if isinstance(value, float):
        return "" if math.isfinite(value) else shown(value)
    if isinstance(value, Mapping):
        keys = (f"the key {shown(key)}" for key in value if not isinstance(key, str))
        return next(keys, "") or next(filter(None, map(_unlike_json, value.values())), "")
    if isinstance(value, (list, tuple)):
        return next(filter(None, map(_unlike_json, value)), "")
    return shown(value)

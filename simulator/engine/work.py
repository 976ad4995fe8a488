"""Work: how long a component is busy with what it is handed, in virtual time, as a user declares it.

A duration is written with its unit: ``30ms``, ``0.03s``, ``250us``. A range ``20ms..40ms`` is drawn from evenly,
``exp(30ms)`` by an exponential distribution with that mean, and a list of durations by chance. Each task draws from its
own stream of random numbers, so work is a function of the seed.
"""

from __future__ import annotations

import json
import math
import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from simulator.model import Component, JsonInputError, Topology, did_you_mean, read_json

#: Draws a duration in microseconds.
Draw = Callable[[random.Random], float]

MOST_US: Final = 1e6 * 86_400 * 365  # a year: more can only be a mistake
MOST_PARALLEL: Final = 10_000
MOST_CHARS: Final = 1 << 28  # of a work file

_UNITS: Final = {"us": 1.0, "ms": 1e3, "s": 1e6, "m": 6e7, "min": 6e7, "h": 3.6e9}
_DURATION: Final = re.compile(r"\s*([0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s*([A-Za-z]+)?\s*", re.ASCII)
_EXPECTED: Final = "expected 30ms, 0.03s, 20ms..40ms or exp(30ms)"
_KINDS: Final[Mapping[str, Sequence[str]]] = {
    "bolt": ("tuple", "tick", "initialize", "parallel"),
    "spout": ("next", "ack", "fail", "initialize"),
}
_USUAL: Final = {"bolt": "tuple", "spout": "next"}


class WorkError(ValueError):
    """Work that is none, or that the topology has no place for; the message says where, what, and what is expected."""


@dataclass(frozen=True)
class Duration:
    """A duration, or a distribution of durations.

    Attributes:
        text: as it was written.
        mean_us: the mean, in microseconds.
        draw: draws one, in microseconds.
    """

    text: str
    mean_us: float
    draw: Draw


@dataclass(frozen=True)
class Work:
    """The work of one component; None: it takes no time.

    Attributes:
        tuple: of a bolt, with one tuple.
        tick: of a bolt, with one tick; a timer of a ``TicklessBatchingBolt`` takes as long.
        next: of a spout, with one ``next_tuple``; None: a millisecond, as without work.
        ack, fail: of a spout, with one ack or fail.
        initialize: with the start of the process.
        parallel: the number of tuples that a task of a bolt works on at the same time: 1, unless it has threads.
    """

    tuple: Duration | None = None
    tick: Duration | None = None
    next: Duration | None = None
    ack: Duration | None = None
    fail: Duration | None = None
    initialize: Duration | None = None
    parallel: int = 1

    def shown(self, component: str, kind: str) -> list[str]:
        """The work as ``--work`` takes it, an option each."""
        options = []
        for key in _KINDS[kind]:
            value = getattr(self, key)
            if isinstance(value, Duration):
                name = component if key == _USUAL[kind] else f"{component}.{key}"
                options.append(f"{name}={value.text}")
            elif key == "parallel" and value > 1:
                options.append(f"{component}.parallel={value}")
        return options


def parse_duration(value: object, where: str) -> Duration:
    """Read a duration, a range, a distribution, or a list of durations.

    Args:
        value: a text, or a list of texts; a list may also be the text of one, as JSON.
        where: what is read, for the error: ``--work price``.

    Raises:
        WorkError: it is none.
    """
    if isinstance(value, (list, tuple)):
        return _samples(value, where)
    if not isinstance(value, str):
        raise WorkError(f"{where}: {_shown(value)} {_not_text(value)}; {_EXPECTED}")
    text = value.strip()
    if text.startswith("["):
        return _samples(_list_of(text, where), where)
    if text.startswith("exp(") and text.endswith(")"):
        mean = _microseconds(text[4:-1], where)
        return Duration(text, mean, lambda rng: -mean * math.log(1.0 - rng.random()))
    low_text, dots, high_text = text.partition("..")
    low = _microseconds(low_text, where)
    if not dots:
        return Duration(text, low, lambda rng: low)
    high = _microseconds(high_text, where)
    if low > high:
        raise WorkError(f"{where}: the range {text} ends before it begins; {_EXPECTED}")
    return Duration(text, (low + high) / 2, lambda rng: low + (high - low) * rng.random())


def _list_of(text: str, where: str) -> list[object]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list):
        raise WorkError(
            f'{where}: {_shown(text)} is no list; expected durations, such as ["30ms", "31ms"]'
        )
    return found


def _samples(values: Sequence[object], where: str) -> Duration:
    if not values:
        raise WorkError(f'{where}: an empty list; expected durations, such as ["30ms", "31ms"]')
    found = []
    for number, value in enumerate(values, 1):
        if not isinstance(value, str):
            raise WorkError(
                f"{where}: sample {number}, {_shown(value)}, {_not_text(value)}; expected 30ms or 0.03s"
            )
        found.append(_microseconds(value, f"{where}: sample {number}"))
    many = len(found)
    text = json.dumps(list(values))
    return Duration(text, sum(found) / many, lambda rng: found[int(rng.random() * many)])


def _not_text(value: object) -> str:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return "has no unit" if is_number else "is no duration"


def _microseconds(text: str, where: str) -> float:
    found = _DURATION.fullmatch(text)
    if found is None:
        raise WorkError(f"{where}: {_shown(text)} is no duration; {_EXPECTED}")
    number, unit = found.groups()
    if unit is None:
        raise WorkError(
            f"{where}: {_shown(text)} has no unit; expected {number}ms or {float(number) / 1000:g}s"
        )
    if unit not in _UNITS:
        raise WorkError(
            f"{where}: {_shown(text)} has the unit {_shown(unit)}; expected us, ms, s, m or h"
        )
    microseconds = float(number) * _UNITS[unit]
    if not microseconds <= MOST_US:
        raise WorkError(f"{where}: {_shown(text)} is more than a year; {_EXPECTED}")
    return microseconds


def _shown(value: object) -> str:
    text = json.dumps(value, default=repr)
    return text if len(text) <= 60 else f"{text[:60]}..."


def parse_work(
    work: Mapping[str, object],
    topology: Topology,
    feeds: Iterable[str] = (),
    option: str = "work",
    *,
    before: Mapping[str, Work] | None = None,
) -> dict[str, Work]:
    """Read the work of a topology's components.

    Args:
        work: durations by ``component`` (a bolt's tuple, a spout's ``next``) or ``component.part``; or by component a
            mapping of parts. The parts of a bolt are ``tuple``, ``tick``, ``initialize`` and ``parallel``, those of a
            spout ``next``, ``ack``, ``fail`` and ``initialize``.
        topology: the topology.
        feeds: spouts whose rows come from a file or a test, so that they have no process.
        option: what holds the work, for errors.
        before: the work so far; parts that are not given stay as they are.

    Returns:
        The work of each component that is given some.

    Raises:
        WorkError: a component is unknown, has no process or no such part, or a duration is none.
    """
    found: dict[str, Work] = {}
    for component, part, value, where in _entries(work, topology, option):
        if component.id in feeds:
            raise WorkError(
                f"{where}: {component.id} has no process that could work, its rows come from a stub"
            )
        old = found.get(component.id) or (before or {}).get(component.id, Work())
        found[component.id] = _with_part(old, component, part, value, where)
    return found


def flat_work(
    work: Mapping[str, object], topology: Topology, option: str = "work"
) -> dict[str, object]:
    """The same work with one entry for each part: by ``component`` for the usual part, else by ``component.part``.

    So what is read later replaces what was read before, however it is written.

    Raises:
        WorkError: a component is unknown.
    """
    return {
        component.id if part == _USUAL[component.kind] else f"{component.id}.{part}": value
        for component, part, value, _ in _entries(work, topology, option)
    }


def _entries(
    work: Mapping[str, object], topology: Topology, option: str
) -> Iterator[tuple[Component, str, object, str]]:
    """Each part that the work names: its component, the part, its value, and its place for errors."""
    if not isinstance(work, Mapping):
        raise WorkError(f'{option} is {_shown(work)}: expected a map, such as {{"price": "30ms"}}')
    for key, value in work.items():
        if not isinstance(key, str):
            raise WorkError(f"{option}: the key {_shown(key)} is no component; expected its id")
        component, part = _component_of(key, topology, option)
        usual = _USUAL[component.kind]
        if not isinstance(value, Mapping):
            yield component, usual if part is None else part, value, f"{option} {key}"
        elif part is not None:
            raise WorkError(f"{option} {key}: expected a duration for a part; {_EXPECTED}")
        else:
            for name, each in value.items():
                yield component, name, each, f"{option} {key}.{name}"


def _component_of(key: str, topology: Topology, option: str) -> tuple[Component, str | None]:
    """The component that a key names, and the part of its work; None where it names none."""
    components = topology.components
    if key in components:
        return components[key], None
    name, dot, part = key.rpartition(".")
    if dot and name in components:
        return components[name], part
    near = did_you_mean(name if dot else key, components)
    raise WorkError(f"{option} {key}: there is no component {(name if dot else key)!r}{near}")


def _with_part(work: Work, component: Component, part: str, value: object, where: str) -> Work:
    kind = component.kind
    if part not in _KINDS[kind]:
        near = did_you_mean(part, _KINDS[kind]) or f"; expected one of {', '.join(_KINDS[kind])}"
        raise WorkError(f"{where}: the {kind} {component.id} has no work {part!r}{near}")
    if part != "parallel":
        changes: dict[str, Any] = {part: parse_duration(value, where)}
        return replace(work, **changes)
    text = str(value).strip()
    if (
        isinstance(value, bool)
        or not re.fullmatch(r"[1-9][0-9]{0,8}", text, re.ASCII)
        or int(text) > MOST_PARALLEL
    ):
        raise WorkError(
            f"{where}: {_shown(value)}; expected how many tuples at a time, from 1 to {MOST_PARALLEL}"
        )
    return replace(work, parallel=int(text))


def read_work(path: Path, topology: Topology) -> dict[str, object]:
    """Read a work file: a JSON object as for ``parse_work``, or ``{"topology": NAME, "work": {...}}``.

    Raises:
        WorkError: there is no such file, it has no such object, or it is of another topology.
    """
    try:
        with path.open(encoding="utf-8-sig") as file:
            text = file.read(MOST_CHARS + 1)
    except (OSError, ValueError) as error:
        raise WorkError(f"{path}: {getattr(error, 'strerror', None) or error}") from None
    if len(text) > MOST_CHARS:
        raise WorkError(
            f"{path}: more than {MOST_CHARS} characters; expected a JSON object of work"
        )
    try:
        found = read_json(text)
    except JsonInputError as error:
        remedy = "" if error.line else f"; {_EXPECTED}"
        raise WorkError(f"{path}{error.place}: {error}{remedy}") from None
    if (
        isinstance(found, dict)
        and isinstance(found.get("work"), dict)
        and set(found) <= {"topology", "work"}
    ):
        of, found = found.get("topology", topology.name), found["work"]
        if of != topology.name:
            raise WorkError(
                f"{path}: it is the work of topology {_shown(of)}, and this is {topology.name!r}"
            )
    if not isinstance(found, dict):
        raise WorkError(f'{path}: expected a JSON object, such as {{"price": "30ms"}}')
    return found

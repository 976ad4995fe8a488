"""Which tasks receive these values: Storm's groupings, one *chooser* for each.

A chooser belongs to one source executor, one stream and one subscribing component, and may
remember what it chose before (shuffles, partial keys). Its target tasks are ascending, as Storm
sorts them, and chance comes in as a ``random.Random``. A direct grouping has no chooser: there the
component names the task.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulator.model.java import (
    bytes_hash,
    fields_hash,
    java_hash,
    java_random,
    java_string_hash,
    murmur3_128,
)
from simulator.model.profiles import Profile
from simulator.wire import storm_json

if TYPE_CHECKING:  # topology loads networkx, which placing a tuple does not need
    from simulator.model.topology import Grouping

__all__ = [
    "Chooser",
    "CustomChooser",
    "fields_hash",
    "fields_index",
    "java_hash",
    "java_string_hash",
    "make_chooser",
]

Chooser = Callable[[Sequence[object]], Sequence[int]]
#: A custom grouping in Python: given the values and the target tasks, the tasks that receive them.
CustomChooser = Callable[[Sequence[object], Sequence[int]], Sequence[int]]

_KEYS = 4096  # keys remembered by one fields chooser; a hash costs ten times what a look costs


def fields_index(values: Sequence[object], n: int, profile: Profile) -> int:
    """Which of ``n`` ascending tasks, counted from 0, a fields grouping sends these values to."""
    return fields_hash(values, profile) % n  # floor modulo, like Clojure's mod and Math.floorMod


def make_chooser(
    grouping: Grouping,
    *,
    stream_fields: tuple[str, ...],
    targets: Sequence[int],
    local: Sequence[int],
    rng: random.Random,
    profile: Profile,
    custom: Mapping[str, CustomChooser] = {},
) -> Chooser:
    """A chooser for one grouping; calling it with a tuple's values returns the chosen tasks.

    The chooser raises ValueError, with Storm's own words, where Storm's grouping would throw.

    Args:
        stream_fields: the declared fields of the stream.
        targets: the subscribing component's tasks, ascending.
        local: those of them in the emitting task's worker.
        custom: Python functions that stand in for custom groupings, by the name of the Java class.

    Raises:
        ValueError: nothing stands in for a custom grouping, or the grouping is direct, or there
            are no tasks and this Storm minds.
    """
    make = _MAKERS.get(grouping.kind)
    if make is None:
        raise ValueError(
            f"a {grouping.kind} grouping has no chooser: the emitting component names the task"
        )
    wanted = _Wanted(grouping, stream_fields, tuple(targets), tuple(local), rng, profile, custom)
    return make(wanted) if targets else _nobody(wanted)


@dataclass(frozen=True)
class _Wanted:
    """The arguments of make_chooser, for the maker of each kind."""

    grouping: Grouping
    stream_fields: tuple[str, ...]
    targets: tuple[int, ...]
    local: tuple[int, ...]
    rng: random.Random
    profile: Profile
    custom: Mapping[str, CustomChooser]

    @property
    def places(self) -> tuple[int, ...]:
        """Where the grouping's fields are among the stream's, in the grouping's own order."""
        return tuple(map(self.stream_fields.index, self.grouping.fields))


# -- one maker for each kind -----------------------------------------------------------------------


def _all(wanted: _Wanted) -> Chooser:
    targets = wanted.targets
    return lambda values: targets


def _global(wanted: _Wanted) -> Chooser:
    lowest = wanted.targets[:1]
    return lambda values: lowest


def _none(wanted: _Wanted) -> Chooser:
    tasks, n, draw = _singles(wanted.targets), len(wanted.targets), wanted.rng.random
    return lambda values: tasks[int(draw() * n)]


def _shuffle(wanted: _Wanted) -> Chooser:
    return _rounds(wanted.targets, wanted.rng)


def _local_or_shuffle(wanted: _Wanted) -> Chooser:
    return _rounds(wanted.local or wanted.targets, wanted.rng)


def _rounds(targets: tuple[int, ...], rng: random.Random) -> Chooser:
    """Every task once a round, each round in a new order: rotating-random-range of 0.9 and 0.10.

    From 1.0 on Storm weighs tasks by load and promises no fairness; rounds are one legal outcome.
    """
    tasks = _singles(targets)
    if len(tasks) == 1:
        return lambda values: tasks[0]
    order: list[tuple[int]] = []

    def choose(values: Sequence[object]) -> Sequence[int]:
        if not order:
            order.extend(reversed(_shuffled(tasks, rng)))
        return order.pop()

    return choose


def _fields(wanted: _Wanted) -> Chooser:
    places = wanted.places
    if not places:
        return _global(
            wanted
        )  # GrouperFactory: a fields grouping on no fields is the global grouping
    if len(places) == 1:
        return _one_field(wanted, places[0])
    tasks, n, profile = _singles(wanted.targets), len(wanted.targets), wanted.profile

    def choose(values: Sequence[object]) -> Sequence[int]:
        return tasks[fields_hash(_selected(values, places), profile) % n]

    return choose


def _one_field(wanted: _Wanted, place: int) -> Chooser:
    tasks, n, profile = _singles(wanted.targets), len(wanted.targets), wanted.profile
    # Short strings only: 1, 1.0 and True are one key in Python but not in Java, and long strings
    # would leave the memory without a bound.
    known: dict[str, tuple[int]] = {}

    def choose(values: Sequence[object]) -> Sequence[int]:
        key = values[place] if place < len(values) else _selected(values, (place,))
        if type(key) is not str or len(key) > 64:
            return tasks[fields_hash((key,), profile) % n]
        chosen = known.get(key)
        if chosen is None:
            if len(known) >= _KEYS:
                known.clear()
            chosen = known[key] = tasks[fields_hash((key,), profile) % n]
        return chosen

    return choose


def _partial_key(wanted: _Wanted) -> Chooser:
    tasks, sent = _singles(wanted.targets), [0] * len(wanted.targets)
    candidates = _drawn if wanted.profile.partial_key == "random" else _murmured
    key_of = _key_maker(wanted)

    def choose(values: Sequence[object]) -> Sequence[int]:
        if not values:
            return ()
        first, second = candidates(key_of(values), len(sent))
        chosen = second if sent[first] > sent[second] else first
        sent[chosen] += 1
        return tasks[chosen]

    return choose


def _custom(wanted: _Wanted) -> Chooser:
    name = str(wanted.grouping.java_class)
    choice, targets = wanted.custom.get(name), wanted.targets
    if choice is None:
        raise ValueError(
            f"custom grouping {name}: a Java class cannot run here; "
            f"give a function of (values, tasks) for it: custom={{{name!r}: choose}}"
        )

    def choose(values: Sequence[object]) -> Sequence[int]:
        chosen = choice([*values], targets)  # what it does to them is not the tuple's
        strangers = [task for task in chosen if task not in targets]
        if strangers:
            raise ValueError(
                f"custom grouping {name}: chose {strangers}; the tasks are {list(targets)}"
            )
        return chosen

    return choose


_MAKERS: Mapping[str, Callable[[_Wanted], Chooser]] = {
    "all": _all,
    "global": _global,
    "none": _none,
    "shuffle": _shuffle,
    "local-or-shuffle": _local_or_shuffle,
    "fields": _fields,
    "partial-key": _partial_key,
    "custom": _custom,
}


def _nobody(wanted: _Wanted) -> Chooser:
    """The chooser for a component without tasks: Storm accepts ``topology.tasks`` 0 at submit."""
    kind = wanted.grouping.kind
    if not wanted.profile.empty_component_is_error or kind == "all":
        return lambda values: ()
    if kind in ("shuffle", "local-or-shuffle"):
        raise ValueError(
            "The current scope EVERYTHING has no target tasks."
        )  # LoadAwareShuffleGrouping

    def choose(values: Sequence[object]) -> Sequence[int]:
        raise ValueError("java.lang.ArithmeticException: / by zero")

    return choose


# -- parts -----------------------------------------------------------------------------------------


def _singles(targets: tuple[int, ...]) -> list[tuple[int]]:
    """Each task as the answer that names it alone, made once and not at every choice."""
    return [(task,) for task in targets]


def _shuffled(tasks: list[tuple[int]], rng: random.Random) -> list[tuple[int]]:
    # Not rng.shuffle: Python promises the same random() in every version, and no more. A draw of 0
    # leaves a task where it is.
    order = list(tasks)
    for last in range(len(order) - 1, 0, -1):
        other = last - int(rng.random() * (last + 1))
        order[last], order[other] = order[other], order[last]
    return order


def _selected(values: Sequence[object], places: tuple[int, ...]) -> list[object]:
    missing = [place for place in places if place >= len(values)]
    if missing:
        raise ValueError(
            "java.lang.IndexOutOfBoundsException: "
            f"Index {missing[0]} out of bounds for length {len(values)}"
        )
    return [values[place] for place in places]


def _key_maker(wanted: _Wanted) -> Callable[[Sequence[object]], bytes]:
    """PartialKeyGrouping's key: four bytes of hash a field, or the text of the first value."""
    places, profile = wanted.places, wanted.profile
    if not places:
        return _text_key

    def key(values: Sequence[object]) -> bytes:
        hashes = (java_hash(value, profile) for value in _selected(values, places))
        return b"".join(hashed.to_bytes(4, "big", signed=True) for hashed in hashes)

    return key


def _text_key(values: Sequence[object]) -> bytes:
    value = values[0]
    if value is None:
        raise ValueError(
            "java.lang.NullPointerException: a partial key grouping on a first value of null"
        )
    text = value if isinstance(value, str) else storm_json(value)
    return text.encode("utf-8", "replace")


def _murmured(key: bytes, n: int) -> tuple[int, int]:
    return abs(murmur3_128(key, 13)) % n, abs(murmur3_128(key, 17)) % n


def _drawn(key: bytes, n: int) -> tuple[int, int]:
    next_int = java_random(bytes_hash(key))
    first, second = next_int(n), next_int(n)
    return first, (second + 1) % n if second == first else second

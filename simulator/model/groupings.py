"""Storm's groupings: which tasks receive a tuple. Each grouping has a *chooser*.

A chooser belongs to one source executor, one stream and one subscribing component. Shuffles and partial keys remember
what they chose before. The target tasks are ascending, as in Storm, and the random state is an argument. A direct
grouping has no chooser: the component names the task.

Sources: ``executor.clj`` (0.9), ``GrouperFactory.java`` (1.x and 2.x), ``PartialKeyGrouping.java``,
``LoadAwareShuffleGrouping.java``.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from simulator.model.java import (
    bytes_hash,
    fields_hash,
    java_hash,
    java_random,
    murmur3_128,
)
from simulator.model.profiles import Profile
from simulator.model.topology import Grouping
from simulator.wire import storm_json

__all__ = ["Chooser", "CustomChooser", "fields_index", "make_chooser", "shuffle_scope"]

#: Returns the tasks that receive a tuple with these values.
Chooser = Callable[[Sequence[object]], Sequence[int]]
#: A custom grouping in Python: takes the values and the target tasks, and returns the tasks that receive the tuple.
CustomChooser = Callable[[Sequence[object], Sequence[int]], Sequence[int]]

_KEYS = 4096  # keys remembered by one fields chooser: a hash takes ten times as long as a lookup


def fields_index(values: Sequence[object], n: int, profile: Profile) -> int:
    """Return which of ``n`` ascending tasks, counted from 0, receives a tuple by a fields grouping.

    Args:
        values: the values of the grouping's fields.
        n: the number of tasks.
        profile: the version of Storm.

    Raises:
        ValueError: Java cannot hash a value.
    """
    return fields_hash(values, profile) % n  # floor modulo, like Clojure's mod and Math.floorMod


def make_chooser(
    grouping: Grouping,
    *,
    stream_fields: tuple[str, ...],
    targets: Sequence[int],
    local: Sequence[int],
    heads: Sequence[int] | None = None,
    load_aware: bool = True,
    rng: random.Random,
    profile: Profile,
    custom: Mapping[str, CustomChooser] = {},
) -> Chooser:
    """Return the chooser of a grouping.

    The chooser raises ValueError, with Storm's own message, where Storm's grouping throws an exception.

    Args:
        grouping: the grouping.
        stream_fields: the declared fields of the stream.
        targets: the subscribing component's tasks, ascending.
        local: those of them in the emitting task's worker.
        heads: the first task of each executor; None where every task has an executor of its own.
        load_aware: False where ``topology.disable.loadaware.messaging`` is true, which 0.9 and 0.10 do not know.
        rng: the random state.
        profile: the version of Storm.
        custom: Python functions that replace custom groupings, by the name of the Java class.

    Raises:
        ValueError: nothing replaces a custom grouping, or the grouping is direct, or there are no tasks and this
            version of Storm refuses that.
    """
    make = _MAKERS.get(grouping.kind)
    if make is None:
        raise ValueError(
            f"a {grouping.kind} grouping has no chooser: the emitting component names the task"
        )
    wanted = _Wanted(
        grouping,
        stream_fields,
        tuple(targets),
        tuple(local),
        frozenset(targets if heads is None else heads),
        load_aware,
        rng,
        profile,
        custom,
    )
    return make(wanted) if targets else _no_targets(wanted)


@dataclass(frozen=True)
class _Wanted:
    """The arguments of ``make_chooser``, for the function that makes each kind of chooser."""

    grouping: Grouping
    stream_fields: tuple[str, ...]
    targets: tuple[int, ...]
    local: tuple[int, ...]
    heads: frozenset[int]
    load_aware: bool
    rng: random.Random
    profile: Profile
    custom: Mapping[str, CustomChooser]

    @property
    def places(self) -> tuple[int, ...]:
        """The indexes of the grouping's fields in the stream, in the order of the grouping."""
        return tuple(map(self.stream_fields.index, self.grouping.fields))


# -- one function for each kind ----------------------------------------------------------------------


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
    return _shuffled_over(wanted.targets, wanted)


def _local_or_shuffle(wanted: _Wanted) -> Chooser:
    return _shuffled_over(wanted.local or wanted.targets, wanted)


def _shuffled_over(targets: tuple[int, ...], wanted: _Wanted) -> Chooser:
    """Return the chooser of a shuffle, of idle queues.

    Since 1.0 ``LoadAwareShuffleGrouping`` weighs tasks by load. An executor reports the load of its first task only;
    the others count as full (``LoadMapping``, ``Worker.refreshLoad``): 1.x gives them 1 tuple for 101 of a first task,
    and 2.x, ten refreshes after the start, none.
    """
    if wanted.profile.shuffle == "rounds" or not wanted.load_aware:
        return _rounds(targets, wanted.rng)
    if wanted.profile.shuffle == "random":
        if wanted.heads.issuperset(targets):
            return _rounds(targets, wanted.rng)  # a legal outcome of draws with equal weights
        return _weighted(targets, [101 if task in wanted.heads else 1 for task in targets], wanted)
    return _rounds(shuffle_scope(targets, wanted.local, wanted.heads), wanted.rng)


def shuffle_scope(
    targets: Sequence[int], local: Sequence[int], heads: Collection[int]
) -> tuple[int, ...]:
    """Return the tasks that a shuffle of Storm 2.x sends to while their queues are short.

    These are the targets in the emitting task's worker. Where there are none, or where their mean load is over
    ``topology.localityaware.higher.bound`` (0.8) because of the tasks that count as full, they are all targets. Of
    these it is the first task of each executor. Source: ``LoadAwareShuffleGrouping`` (2.0.0 to 2.8.3).

    Args:
        targets: the subscribing component's tasks, ascending.
        local: those of them in the emitting task's worker.
        heads: the first task of each executor.
    """
    scope = local or targets
    if sum(task not in heads for task in scope) > 0.8 * len(scope):
        scope = targets
    return tuple(task for task in scope if task in heads)


def _weighted(targets: tuple[int, ...], weights: Sequence[int], wanted: _Wanted) -> Chooser:
    tasks, bounds, draw = _singles(targets), [*accumulate(weights)], wanted.rng.random
    return lambda values: tasks[bisect_right(bounds, draw() * bounds[-1])]


def _rounds(targets: tuple[int, ...], rng: random.Random) -> Chooser:
    """Return a chooser that takes every task once a round, each round in a new order.

    This is ``rotating-random-range`` of 0.9 and 0.10. The independent draws of 1.x and the ring of 2.x promise no
    rounds; rounds are one legal outcome of both.
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
    # Short strings only: 1, 1.0 and True are one key in Python but not in Java, and the memory for long strings has no
    # limit.
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
            f"custom grouping {name}: a Java class cannot run without a JVM; "
            f"replace it by a function of (values, tasks): custom={{{name!r}: choose}}"
        )

    def choose(values: Sequence[object]) -> Sequence[int]:
        chosen = choice([*values], targets)  # a copy, which it can change
        unknown = [task for task in chosen if task not in targets]
        if unknown:
            raise ValueError(
                f"custom grouping {name}: chose {unknown}; expected tasks of {list(targets)}"
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


def _no_targets(wanted: _Wanted) -> Chooser:
    """Return the chooser for a component without tasks: Storm accepts ``topology.tasks`` 0 at submit."""
    kind = wanted.grouping.kind
    if not wanted.profile.empty_component_is_error or kind == "all":
        return lambda values: ()
    if kind in ("shuffle", "local-or-shuffle"):
        # LoadAwareShuffleGrouping
        raise ValueError("The current scope EVERYTHING has no target tasks.")

    def choose(values: Sequence[object]) -> Sequence[int]:
        raise ValueError("java.lang.ArithmeticException: / by zero")

    return choose


# -- parts -----------------------------------------------------------------------------------------


def _singles(targets: tuple[int, ...]) -> list[tuple[int]]:
    """Return each task as a tuple of its own, so that a choice makes no new one."""
    return [(task,) for task in targets]


def _shuffled(tasks: list[tuple[int]], rng: random.Random) -> list[tuple[int]]:
    # Not rng.shuffle: only random() is the same in every version of Python. A draw of 0 leaves a task where it is.
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
    """Return a function to ``PartialKeyGrouping``'s key: four bytes of hash a field, or the first value as text."""
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

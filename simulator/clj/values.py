"""The values of an evaluation: Clojure's vectors and maps with their places, Java objects, and what has no value.

Numbers, strings, booleans and ``nil`` are Python's; a keyword is ``edn.Keyword``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from simulator.clj.edn import Keyword, Node
from simulator.model import Problem, shown

__all__ = [
    "ABSENT",
    "Broken",
    "Faulty",
    "JavaObject",
    "Map",
    "Vector",
    "as_value",
    "faults_of",
    "get",
    "has_broken",
    "is_key",
    "is_true",
    "named",
    "nth",
]

ABSENT: Final = object()  # no value at all; nil is a value
MOST_PROBLEMS: Final = 1000  # of one value


class Faulty(ABC):
    """A value with mistakes, which are reported when a component needs the value."""

    @property
    @abstractmethod
    def faults(self) -> tuple[Problem, ...]:
        """The mistakes."""


class Broken(Faulty):
    """The value of a form that could not be evaluated, and of what is computed from it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self._faults = tuple(dict.fromkeys(problems))[:MOST_PROBLEMS]

    @property
    def faults(self) -> tuple[Problem, ...]:
        return self._faults


class Vector(tuple[object, ...]):
    """A vector or a list.

    Attributes:
        at: its offset in the text.
        places: the offset of each element.
        weight: how many values it holds, those inside its elements included.
    """

    at: int
    places: Sequence[int]
    weight: int


class Map(dict[object, object]):
    """A map, in the order in which its keys were added.

    Attributes:
        at: its offset in the text.
        keys_at: the offset of each key.
        values_at: the offset of each value, by key.
        weight: how many values it holds, those inside its values included.
        lost: the mistakes in keys, whose entries are missing.
    """

    at: int
    keys_at: dict[object, int]
    values_at: dict[object, int]
    weight: int
    lost: tuple[Problem, ...]

    @property
    def is_whole(self) -> bool:
        """False when an entry is missing."""
        return not self.lost

    def look_up(self, key: object, default: object) -> object:
        """Return the value of ``key``, or ``default``; a value that cannot be a key has none."""
        return self.get(key, default) if is_key(key) else default


@dataclass(frozen=True)
class JavaObject:
    """An object of a Java class, which only a JVM can make; ``arguments`` are not evaluated."""

    class_name: str
    arguments: tuple[Node, ...] = ()

    def __str__(self) -> str:
        return f"a {self.class_name}"


def named(value: object) -> str:
    """Describe a value in a few words, for messages."""
    if isinstance(value, Map):
        return "a map"
    if isinstance(value, Vector):
        return f"[{' '.join(map(named, value[:3]))}{' ...' if len(value) > 3 else ''}]"
    return "?" if isinstance(value, Broken) else shown(value)


def get(holder: object, key: object, default: object = None) -> object:
    """Return what a map holds under a key or a vector at an index, as Clojure's ``get``; ``default`` when nothing."""
    if isinstance(holder, Map):
        return holder.look_up(key, default)
    if isinstance(holder, Vector) and isinstance(key, int):
        return holder[key] if 0 <= key < len(holder) else default
    return default


def nth(value: object, index: int) -> object:
    """Return an element of a vector, ``nil`` past its end; ``nil`` and ``Broken`` have themselves as elements."""
    if not isinstance(value, Vector):
        return value
    return value[index] if index < len(value) else None


def as_value(value: object, at: int) -> object:
    """Convert an option to a value. All its parts get the offset ``at``, and no weight: the caller chose its size."""
    if isinstance(value, Mapping):
        made = Map({key: as_value(each, at) for key, each in value.items() if isinstance(key, str)})
        made.at, made.weight, made.lost = at, 1, ()
        made.keys_at, made.values_at = dict.fromkeys(made, at), dict.fromkeys(made, at)
        return made
    if isinstance(value, (list, tuple)):
        several = Vector(as_value(each, at) for each in value)
        several.at, several.places, several.weight = at, [at] * len(value), 1
        return several
    return value


def is_true(value: object) -> bool:
    """Return Clojure's truth of a value: all but ``nil`` and ``false``."""
    return value is not None and value is not False


def is_key(value: object) -> bool:
    """Return whether a value may be a key of a ``Map``.

    Python takes 1, True and 1.0 for the same key and Clojure does not, so of these only integers are keys.
    """
    if isinstance(value, Vector):
        return all(map(is_key, value))
    is_int = isinstance(value, int) and not isinstance(value, bool)
    return value is None or is_int or isinstance(value, (str, Keyword))


def has_broken(value: object) -> bool:
    """Return whether a value is ``Broken``, or a vector that holds it."""
    return isinstance(value, Broken) or (isinstance(value, Vector) and any(map(has_broken, value)))


def faults_of(value: object) -> tuple[Problem, ...]:
    """Return the mistakes of a value and of all that it holds, each once."""
    found: dict[Problem, None] = {}
    seen: set[int] = set()
    values = [value]
    while values:
        each = values.pop()
        if isinstance(each, (Vector, Map)):
            if id(each) in seen:
                continue
            seen.add(id(each))
            values += each.values() if isinstance(each, Map) else each
        if isinstance(each, Map):
            found |= dict.fromkeys(each.lost)
        elif isinstance(each, Faulty):
            found |= dict.fromkeys(each.faults)
    return tuple(found)

"""What tells the state of an attribute from a later state of it, as a text: two looks, and a change is seen.

A container and a value that cannot change are told by their ``repr``. Of others it has an address only, so what is in
them is looked at: the attributes of an object, the position and the variables of a generator, the position of an
iterator, the variables that a function keeps between its calls. Of what C code keeps for itself nothing is told.
"""

from __future__ import annotations

import itertools
import re
import warnings
from collections import deque
from collections.abc import (
    Callable,
    Iterator,
    Mapping,
    MutableMapping,
    MutableSequence,
    MutableSet,
)
from contextlib import suppress
from types import CellType, FunctionType, GeneratorType, MethodType, ModuleType

MOST_SHOWN = 200  # entries of a container that are compared; of a larger one, their number
MOST_DEPTH = 4
_BUILT_IN = (list, dict, set, deque, bytearray)
CONTAINERS = (*_BUILT_IN, MutableMapping, MutableSequence, MutableSet)
PLAIN = (str, bytes, int, float, complex, type(None), tuple, frozenset, itertools.count)
#: Whose ``repr`` says all there is, and who cannot change.
UNCHANGING = frozenset((str, bytes, int, float, complex, bool, type(None)))
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+>")
#: Modules in C whose objects tell their state to ``pickle``.
_TELLING = frozenset(("builtins", "collections", "itertools", "random", "_random", "array"))


def state_text(value: object, is_state: Callable[[object], bool]) -> str | None:
    """Return what tells a state from a later one; None for what cannot be looked at, and for a function without one.

    Args:
        value: the state.
        is_state: whether the attributes of an object of a class are part of the state.
    """
    if isinstance(value, FunctionType):
        return _of_function(value, _Looker(is_state), 0)
    with suppress(Exception):  # of somebody's __repr__
        if (
            isinstance(value, CONTAINERS)
            and _is_container(value, is_state)
            and len(value) > MOST_SHOWN
        ):
            return f"{type(value).__name__} of {len(value)}"
        return _Looker(is_state).text(value)
    return None


def _is_container(value: object, is_state: Callable[[object], bool]) -> bool:
    """Return whether the items of a value are its state; of an object of the user's it is the attributes."""
    return isinstance(value, _BUILT_IN) or (isinstance(value, CONTAINERS) and not is_state(value))


class _Looker:
    """Looks into a value; into one that holds itself, once."""

    def __init__(self, is_state: Callable[[object], bool]) -> None:
        self._is_state = is_state
        self._seen: dict[int, object] = {}

    def text(self, value: object, depth: int = 0) -> str:
        kind = type(value)
        name = f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")
        if isinstance(value, PLAIN) or _is_container(value, self._is_state):
            text = f"{name} {value!r}"
            if _ADDRESS.search(text) is None:
                return text
        if id(value) in self._seen or depth > MOST_DEPTH:
            return name
        self._seen[id(value)] = value
        return f"{name}({', '.join(self._parts(value, depth + 1))})"

    def _parts(self, value: object, depth: int) -> Iterator[str]:
        if isinstance(value, (type, ModuleType)):
            yield value.__name__
        elif isinstance(value, FunctionType):
            yield _of_function(value, self, depth) or value.__qualname__
        elif isinstance(value, MethodType):
            yield self.text(value.__self__, depth)
        elif isinstance(value, CellType):
            with suppress(ValueError):  # it is empty
                yield self.text(value.cell_contents, depth)
        elif isinstance(value, GeneratorType):
            yield from self._of_generator(value, depth)
        elif isinstance(value, Mapping) and _is_container(value, self._is_state):
            for key in [*value][:MOST_SHOWN]:
                yield f"{self.text(key, depth)}: {self.text(value[key], depth)}"
        elif isinstance(value, (tuple, frozenset)) or (
            isinstance(value, CONTAINERS) and _is_container(value, self._is_state)
        ):
            found = [self.text(each, depth) for each in [*value][:MOST_SHOWN]]
            yield from sorted(found) if isinstance(value, (set, frozenset)) else found
        else:
            yield from self._of_object(value, depth)

    def _of_generator(
        self, value: GeneratorType[object, object, object], depth: int
    ) -> Iterator[str]:
        if value.gi_frame is None:
            yield "ended"
        else:
            yield str(value.gi_frame.f_lasti)
            yield self.text(value.gi_frame.f_locals, depth)

    def _of_object(self, value: object, depth: int) -> Iterator[str]:
        if self._is_state(value) and isinstance(
            attributes := getattr(value, "__dict__", None), dict
        ):
            yield self.text(attributes, depth)
        elif type(value).__module__ in _TELLING:
            with suppress(Exception), warnings.catch_warnings():  # Python 3.14 has no more of this
                warnings.simplefilter("ignore", DeprecationWarning)
                yield self.text(value.__reduce__(), depth)


def _of_function(value: FunctionType, looker: _Looker, depth: int) -> str | None:
    """What a function keeps between its calls; None where that is nothing.

    The variables that a class inside a function takes from it are not its own: a test looks at them.
    """
    _, is_inside, name = value.__qualname__.rpartition("<locals>.")
    closure = None if is_inside and "." in name else value.__closure__
    kept = [closure, value.__defaults__, value.__kwdefaults__, value.__dict__]
    if not any(kept):
        return None
    return looker.text(kept, depth)


def is_iterator(value: object) -> bool:
    """Return whether a value is a generator, or an iterator of Python's own."""
    if isinstance(value, GeneratorType):
        return True
    return isinstance(value, Iterator) and type(value).__module__ in ("builtins", "itertools")


def is_of_c(value: object) -> bool:
    """Return whether a value has a class in C that tells its state: a random generator, an array."""
    return type(value).__module__ in ("random", "_random", "array")

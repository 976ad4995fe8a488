"""The state of the ``random`` module, taken and given back around every turn of a component in this process.

``random.getstate`` makes 625 numbers of it, and takes longer than many a turn. The same state is one piece of memory
behind the header of the generator, so it is copied as bytes. That is a matter of the interpreter's memory layout, and
is tried once before it is relied on; where it does not work, ``getstate`` and ``setstate`` do it.
"""

from __future__ import annotations

import ctypes
import random
import struct
import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

MOST_SEEDS = 256  # whose states are remembered: the lives of components begin with the same ones in hundreds of runs
_NUMBERS = 624
_SIZE = 4 * (_NUMBERS + 1)  # bytes: an index, and so many numbers of 32 bits


class State(NamedTuple):
    """A state.

    Attributes:
        memory: of the generator; or what ``getstate`` returned, where memory cannot be copied. Any: as random has it.
        gauss_next: the second number of a pair that ``gauss`` has made.
    """

    memory: Any
    gauss_next: float | None


def _view(generator: random.Random) -> Any:
    """The memory of a generator's state as an array of bytes that reads and writes it; None where it is elsewhere."""
    if sys.implementation.name != "cpython" or random.Random.__basicsize__ < _SIZE:
        return None
    view = (ctypes.c_char * _SIZE).from_address(id(generator) + object.__basicsize__)
    index, *numbers = struct.unpack(f"i{_NUMBERS}I", view.raw)
    return view if (*numbers, index) == generator.getstate()[1] else None


#: The generator behind the functions of the module. Its address does not change.
_SHARED: random.Random = random.random.__self__  # type: ignore[attr-defined]  # they are its methods


def _functions(generator: Any) -> tuple[Callable[[], State], Callable[[State], object]]:
    """Return what takes the state of a generator, and what gives it one back. Any: typeshed has no ``gauss_next``."""
    view, made = _view(generator), tuple.__new__

    def take_memory() -> State:
        return made(State, (view.raw, generator.gauss_next))

    def give_memory(state: State) -> None:
        view.raw, generator.gauss_next = state

    def give_numbers(state: State) -> None:
        generator.setstate(state.memory)

    if view is None:
        return lambda: State(generator.getstate(), None), give_numbers
    return take_memory, give_memory


#: Return the state now; have a state that was taken go on.
take, give = _functions(_SHARED)


@lru_cache(maxsize=MOST_SEEDS)
def seeded(seed: str) -> State:
    """Return the state that ``random.seed(seed)`` leads to."""
    before = take()
    random.seed(seed)
    found = take()
    give(before)
    return found

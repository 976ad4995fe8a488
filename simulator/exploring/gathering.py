"""Whether the loop of a test gathers something over its runs, such as ``seen.add(...)``, and looks at it behind.

A run in a process of its own leaves nothing in the test's variables. So where a loop gathers, runs stay in the test's
own process. It is read from the code of the loop: a variable of the test that the body uses and the code behind the
loop uses too, and that the body can change.
"""

from __future__ import annotations

import dis
import sys
from collections.abc import Iterator, Sequence
from types import BuiltinFunctionType, FrameType, FunctionType, ModuleType
from typing import Any

#: Of LOAD_FAST, STORE_DEREF, LOAD_FAST_LOAD_FAST, ...
_VARIABLES = ("FAST", "DEREF", "NAME", "GLOBAL")
_ADDS = ("LIST_APPEND", "SET_ADD", "MAP_ADD", "YIELD_VALUE")  # of a comprehension, of a generator
_CANNOT_CHANGE = (
    str, bytes, int, float, complex, tuple, frozenset, type, FunctionType, BuiltinFunctionType, ModuleType,
)  # fmt: skip
_OURS = ("streamparse", "simulator")


def gathers(loop: FrameType) -> bool:
    """Return whether a loop over runs gathers something.

    Args:
        loop: the frame that asks for the next run, while it waits for it.
    """
    instructions = list(dis.get_instructions(loop.f_code))
    # From Python 3.12 on it can stand in the cache behind the instruction.
    at = sum(each.offset <= loop.f_lasti for each in instructions) - 1
    if instructions[at].opname != "FOR_ITER":
        return True  # list(storm.explore(...)): there is no body to be run elsewhere
    end = instructions[at].argval
    body = [each for each in instructions[at + 1 :] if each.offset < end]
    behind = [each for each in instructions if each.offset >= end]
    if _adds(body):
        return True
    used, stored = set(_names(body)), set(_names(body, "STORE"))
    shared = used & set(_names(behind, "LOAD"))
    values = {**loop.f_globals, **loop.f_locals}
    return any(name in stored or _can_change(values.get(name)) for name in shared)


def body_gathers(loop: FrameType) -> bool:
    """Return whether a function that the body of the loop has called, and that runs now, stores outside of itself."""
    frame = sys._getframe(1)
    while frame is not loop and frame.f_back is not None:
        if _stores_outside(frame):
            return True
        frame = frame.f_back
    return False


def _names(code: Sequence[dis.Instruction], verb: str = "") -> Iterator[str]:
    """The variables of the frame that are loaded or stored; but those that pytest has put in."""
    for each in code:
        if verb in each.opname and any(kind in each.opname for kind in _VARIABLES):
            names = each.argval if isinstance(each.argval, tuple) else (each.argval,)
            yield from (name for name in names if isinstance(name, str) and name[:1] != "@")


def _adds(body: Sequence[dis.Instruction]) -> bool:
    """Return whether the loop is a comprehension, or of a generator; comprehensions within its body are none."""
    within = 0  # where the last loop within the body ends
    for each in body:
        if each.offset < within:
            continue
        if each.opname == "FOR_ITER":
            within = each.argval
        elif each.opname in _ADDS:
            return True
    return False


def _stores_outside(frame: FrameType) -> bool:
    """Return whether a function stores in a variable of a function around it (``nonlocal``)."""
    free = set(frame.f_code.co_freevars)
    return bool(free) and any(
        each.opname == "STORE_DEREF" and each.argval in free
        for each in dis.get_instructions(frame.f_code)
    )


def _can_change(value: Any) -> bool:  # Any: of the test
    if value is None or isinstance(value, _CANNOT_CHANGE):
        return False
    return type(value).__module__.partition(".")[0] not in _OURS

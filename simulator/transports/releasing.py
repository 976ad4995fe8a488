"""Releases what the system releases when a process is killed: transactions of SQLite, and locks of files.

A component that a crash has struck in this process is only left alone: its connection would keep an open transaction,
and its file a lock, so that the next life of the task could not go on. What is looked for is what the component and the
functions that were on its stack hold, in attributes, variables and containers.
"""

from __future__ import annotations

import contextlib
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from io import IOBase
from itertools import islice
from types import FrameType, FunctionType, GeneratorType, MethodType, ModuleType
from typing import Any

MOST_OBJECTS = 10_000  # that are looked at
MOST_DEPTH = 5
_LEAVES = (str, bytes, int, float, type, ModuleType, FunctionType)
_CONTAINERS = (list, tuple, set, frozenset, deque)


def release(roots: Iterable[object]) -> None:
    """Roll back the transactions, and free the locks, of what can be reached from here."""
    for each in _reachable(roots):
        if isinstance(each, IOBase):
            with contextlib.suppress(OSError, ValueError):  # it is no file, or closed
                _unlock(each.fileno())
        elif isinstance(each, _Descriptor):
            _unlock(each.number)
        elif _is_connection(each):
            _roll_back(each)


class _Descriptor:
    """A number that is called a file descriptor, as ``filelock`` keeps one."""

    def __init__(self, number: int) -> None:
        self.number = number


def _is_connection(found: object) -> bool:
    sqlite3 = sys.modules.get("sqlite3")
    return sqlite3 is not None and isinstance(found, sqlite3.Connection)


def _roll_back(connection: Any) -> None:  # Any: sqlite3 may not be loaded
    with contextlib.suppress(Exception):  # it is closed, or of another thread
        if connection.in_transaction:
            connection.rollback()


def _unlock(descriptor: int) -> None:
    """Free the lock of a file. Those of ``fcntl.lockf`` belong to the process, so tasks do not see each other's."""
    with contextlib.suppress(ImportError, OSError):  # it has none, or is no file
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_UN)


def _reachable(roots: Iterable[object]) -> Iterator[object]:
    left = deque((root, 0) for root in roots)
    seen: dict[int, object] = {}
    while left and len(seen) < MOST_OBJECTS:
        found, depth = left.popleft()
        if id(found) in seen or isinstance(found, _LEAVES):
            continue
        seen[id(found)] = found
        yield found
        if depth < MOST_DEPTH:
            left.extend((each, depth + 1) for each in _held_by(found))


def _held_by(found: object) -> Iterator[object]:
    if isinstance(found, Mapping):
        yield from list(islice(found.values(), MOST_OBJECTS)) if isinstance(found, dict) else ()
    elif isinstance(found, _CONTAINERS):
        yield from list(islice(found, MOST_OBJECTS))
    elif isinstance(found, FrameType):
        yield from _named(found.f_locals)
    elif isinstance(found, GeneratorType):
        yield from () if found.gi_frame is None else _named(found.gi_frame.f_locals)
    elif isinstance(found, MethodType):
        yield found.__self__
    elif isinstance(attributes := getattr(found, "__dict__", None), dict):
        yield from _named(attributes)


def _named(values: Mapping[str, object]) -> Iterator[object]:
    for name, value in list(values.items()):
        is_descriptor = type(value) is int and name.endswith("fd") and value > 2
        yield _Descriptor(value) if is_descriptor else value  # type: ignore[arg-type]  # an int, then

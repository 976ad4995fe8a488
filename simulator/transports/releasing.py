"""Releases what the system releases when a process is killed: transactions of SQLite, locks of files, connections.

A component that a crash has struck in this process is only left alone: its connection would keep an open transaction,
its file a lock, and its socket a port and a peer that waits, so that the next life of the task could not go on. What is
looked for is what the component and the functions that were on its stack hold, in attributes, variables and containers.
What others hold too, such as the pool of a module, stays as it is: in this process it is theirs as well.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from io import IOBase
from itertools import islice
from types import CellType, FrameType, FunctionType, GeneratorType, MethodType, ModuleType
from typing import Any

from streamparse.multilang import is_users

MOST_OBJECTS = 10_000  # that are looked at
MOST_DEPTH = 5
_LEAVES = (str, bytes, int, float, type, ModuleType)
_CONTAINERS = (list, tuple, set, frozenset, deque)
_OURS = ("simulator", "streamparse")
_CLOSED = ("_io", "socket", "ssl", "multiprocessing.connection")  # no code of users runs there


def release(roots: Iterable[object], shared: Callable[[], Iterable[object]] = lambda: ()) -> None:
    """Roll back the transactions, free the locks and end the connections of what can be reached from here.

    A connection is a socket or a pipe. Its descriptor is exchanged for one that leads nowhere: the peer sees what it
    sees when a process dies, nothing that is still gathered is sent, and no later file gets the same number meanwhile.

    Args:
        roots: what a dead component has held.
        shared: returns what others hold; asked where there is a connection. Those that can be reached from it stay.
    """
    roots = list(roots)
    connected: list[tuple[int, Any]] = []
    for each in _reachable(roots):
        if isinstance(each, _Descriptor):
            _unlock(each.number)
        elif _is_of_sqlite(each):
            _roll_back(each)
        elif (descriptor := _descriptor_of(each)) is not None:
            _unlock(descriptor)
            if _is_connection(descriptor):
                connected.append((descriptor, each))
    _end(connected, roots, shared)


def end_connections(roots: Iterable[object], shared: Callable[[], Iterable[object]]) -> None:
    """End the connections of what can be reached from here, as the end of a process does that was not killed.

    Args:
        roots: components that have ended.
        shared: returns what others hold.
    """
    roots = list(roots)
    connected: list[tuple[int, Any]] = []
    for each in _reachable(roots):
        if (descriptor := _descriptor_of(each)) is not None and _is_connection(descriptor):
            connected.append((descriptor, each))
            if isinstance(each, IOBase):
                with contextlib.suppress(Exception):  # its peer has gone
                    each.flush()
    _end(connected, roots, shared)


def open_descriptors() -> int:
    """Return how many descriptors this process has; 0 where the system does not tell."""
    try:
        return len(os.listdir("/dev/fd"))
    except OSError:
        return 0


class _Descriptor:
    """A number that is called a file descriptor, as ``filelock`` keeps one."""

    def __init__(self, number: int) -> None:
        self.number = number


def _is_of_sqlite(found: object) -> bool:
    sqlite3 = sys.modules.get("sqlite3")
    return sqlite3 is not None and isinstance(found, sqlite3.Connection)


def _roll_back(connection: Any) -> None:  # Any: sqlite3 may not be loaded
    with contextlib.suppress(Exception):  # it is closed, or of another thread
        if connection.in_transaction:
            connection.rollback()


def _descriptor_of(found: Any) -> int | None:  # Any: an object of any class
    """The descriptor of a file, a socket, or what else has one; None where it has none, or is closed."""
    if not isinstance(found, IOBase) and not hasattr(type(found), "fileno"):
        return None
    try:
        number = found.fileno()
    except Exception:  # of somebody's class
        return None
    return number if type(number) is int and number >= 0 else None


def _unlock(descriptor: int) -> None:
    """Free the lock of a file. Those of ``fcntl.lockf`` belong to the process, so tasks do not see each other's."""
    with contextlib.suppress(ImportError, OSError):  # it has none, or is no file
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_UN)


def _is_connection(descriptor: int) -> bool:
    """True for a socket and a pipe, but for those that are the process's own input and output."""
    try:
        mode = os.fstat(descriptor).st_mode
    except OSError:
        return False
    return descriptor > 2 and (stat.S_ISSOCK(mode) or stat.S_ISFIFO(mode))


def _end(
    connected: Collection[tuple[int, Any]],
    roots: Iterable[object],
    shared: Callable[[], Iterable[object]],
) -> None:
    """Have the descriptors that nobody else holds lead nowhere, and close what is Python's own."""
    if not connected:
        return
    others = {*map(_descriptor_of, _reachable(shared(), but=roots))}
    nowhere = os.open(os.devnull, os.O_RDWR)
    mine = [(descriptor, each) for descriptor, each in connected if descriptor not in others]
    for descriptor in {descriptor for descriptor, _ in mine}:
        os.dup2(nowhere, descriptor, inheritable=False)
    os.close(nowhere)
    for _, each in mine:
        if type(each).__module__ in _CLOSED:
            with contextlib.suppress(Exception):
                each.close()


# -- what others hold -----------------------------------------------------------------------------------------------


def held_by_process() -> Iterator[object]:
    """What belongs to no component: streams and loggers of the process, and variables of the test that runs."""
    yield from (sys.stdin, sys.stdout, sys.stderr, sys.__stdin__, sys.__stdout__, sys.__stderr__)
    if (logging := sys.modules.get("logging")) is not None:
        yield logging.root
        yield logging.Logger.manager.loggerDict
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        if is_users(frame.f_code.co_filename):
            yield from frame.f_locals.values()
        frame = frame.f_back


def held_by_classes(classes: Iterable[type]) -> Iterator[object]:
    """What these classes hold, the functions in them, and the modules that they are defined in."""
    for cls in classes:
        yield from [*vars(cls).values()]
        module = sys.modules.get(cls.__module__)
        yield from () if module is None else [*vars(module).values()]


# -- the way there --------------------------------------------------------------------------------------------------


def _reachable(roots: Iterable[object], but: Iterable[object] = ()) -> Iterator[object]:
    left = deque((root, 0) for root in roots)
    seen: dict[int, object] = {id(each): each for each in but}
    most = len(seen) + MOST_OBJECTS
    while left and len(seen) < most:
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
        yield from (found.__self__, found.__func__)
    elif isinstance(found, FunctionType):
        yield from found.__closure__ or ()
    elif isinstance(found, CellType):
        with contextlib.suppress(ValueError):  # it is empty
            yield found.cell_contents
    elif type(found).__module__.partition(".")[0] in _OURS:
        return
    elif isinstance(attributes := getattr(found, "__dict__", None), dict):
        yield from _named(attributes)


def _named(values: Mapping[str, object]) -> Iterator[object]:
    for name, value in list(values.items()):
        is_descriptor = type(value) is int and name.endswith("fd") and value > 2
        yield _Descriptor(value) if is_descriptor else value  # type: ignore[arg-type]  # an int, then

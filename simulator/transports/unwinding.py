"""Leaves user code without running its handlers: nothing behind a crash runs, as in a process that SIGKILL has ended.

An exception unwinds the stack, and on the way ``finally``, ``except`` and the ends of ``with`` blocks run. Python looks
them up in the exception table of each function's code. So the tables of the functions on the stack are taken away
while a crash unwinds it, and given back at its end. That is a matter of the interpreter's memory layout, and is tried
once before it is relied on; where it does not work (Python 3.10, which has no such tables), handlers run.
"""

from __future__ import annotations

import contextlib
import ctypes
import dis
import gc
import os
import sys
import threading
import warnings
import weakref
from collections.abc import Iterable, Iterator
from functools import cache
from io import IOBase
from pathlib import Path
from types import CodeType, FrameType, GeneratorType

from streamparse.multilang import is_users

_NOTHING = b""
#: The instructions that begin a ``with`` block, in any version of Python.
_WITH = {
    dis.opmap[name]
    for name in ("BEFORE_WITH", "BEFORE_ASYNC_WITH", "LOAD_SPECIAL")
    if name in dis.opmap
}
_LOCK, _RLOCK = type(threading.Lock()), type(threading.RLock())
#: The directories of this project: its own handlers give locks and surroundings back, and run.
_OURS = tuple(f"{Path(__file__).parents[2] / name}/" for name in ("simulator", "streamparse"))


class Unwinding:
    """One crash that unwinds the stack.

    What the functions on the stack held is kept until ``forget``, so that no file of theirs is closed and no generator
    ended while the test looks at what the crash has left.

    Args:
        frame: where it strikes.
        until: the code of the function that catches it.

    Attributes:
        held: the functions of the user's that were on the stack, and what may be open in their ``with`` blocks.
    """

    def __init__(self, frame: FrameType | None, until: CodeType) -> None:
        self.held: list[object] = []
        self._kept: list[object] = []
        # By id: a code without its table is equal to others, and not to itself before.
        self._tables: dict[int, tuple[CodeType, bytes]] = {}
        self._namespaces: list[dict[str, object]] = []
        self._files: list[weakref.ref[IOBase]] = []
        while frame is not None and frame.f_code is not until:
            if not frame.f_code.co_filename.startswith(_OURS):
                self._keep(frame)
                self._take_table(frame.f_code)
            frame = frame.f_back
        if any(_has_with(code) for code, _ in self._tables.values()):
            managers = _context_managers()
            self._kept += managers
            self.held += filter(_is_of_the_user, managers)

    def _keep(self, frame: FrameType) -> None:
        self._kept.append(frame)
        self.held.append(frame)
        held, mine = dict(frame.f_locals), frame.f_locals.get("self")
        self._namespaces.append(frame.f_globals)
        if mine is not None:
            held |= getattr(mine, "__dict__", {})
            self._namespaces.append({**vars(type(mine))})
        self._files += [weakref.ref(each) for each in held.values() if isinstance(each, IOBase)]

    def _take_table(self, code: CodeType) -> None:
        offset = table_offset()
        if offset is not None and id(code) not in self._tables:
            self._tables[id(code)] = code, code.co_exceptiontable  # type: ignore[attr-defined]  # from 3.11 on
            _put_table(code, offset, _NOTHING)

    def end(self) -> None:
        """Give the tables back, and free the locks of modules and classes: a new process has new ones."""
        if self._tables:
            for namespace in self._namespaces:
                for value in list(namespace.values()):
                    _free(value)
        self._give_tables()
        self._namespaces = []

    def _give_tables(self) -> None:
        for code, table in self._tables.values():
            offset = table_offset()
            assert offset is not None
            _put_table(code, offset, table)
        self._tables.clear()

    def forget(self) -> None:
        """Let go what was kept: nothing that files have gathered is written, and no generator runs to its end."""
        codes = [each.gi_code for each in self._kept if isinstance(each, GeneratorType)]
        with _unwritten(self._files), warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            try:
                for code in codes:
                    self._take_table(code)
                self._kept.clear()
                self.held.clear()
            finally:
                self._give_tables()


@contextlib.contextmanager
def _unwritten(files: Iterable[weakref.ref[IOBase]]) -> Iterator[None]:
    """Have nothing written to these files meanwhile; those that are still there at its end go on as before."""
    saved = [(ref, fd, os.dup(fd)) for ref in files if (fd := _descriptor(ref())) > 2]
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for _, fd, _ in saved:
        os.dup2(nowhere, fd)
    os.close(nowhere)
    try:
        yield
    finally:
        for ref, fd, copy in saved:
            if ref() is not None:
                os.dup2(copy, fd)
            os.close(copy)


def _descriptor(file: IOBase | None) -> int:
    try:
        return -1 if file is None else file.fileno()
    except (OSError, ValueError):  # it has none, or is closed
        return -1


def _has_with(code: CodeType) -> bool:
    return not _WITH.isdisjoint(code.co_code[::2])


def _context_managers() -> list[object]:
    """Everything that may be open in a ``with`` block: only the stack of its function knows it, which is private."""
    return [
        each
        for each in gc.get_objects()
        if type(each) is GeneratorType or hasattr(type(each), "__exit__")
    ]


def _is_of_the_user(manager: object) -> bool:
    if isinstance(manager, GeneratorType):
        return is_users(manager.gi_code.co_filename)
    file = getattr(sys.modules.get(type(manager).__module__), "__file__", None)
    return isinstance(file, str) and is_users(file)


def _free(lock: object) -> None:
    if isinstance(lock, _LOCK):
        if lock.locked():
            lock.release()
    elif isinstance(lock, _RLOCK):
        with contextlib.suppress(RuntimeError):  # this thread does not hold it
            while True:
                lock.release()


def _put_table(code: CodeType, offset: int, table: bytes) -> None:
    ctypes.c_void_p.from_address(id(code) + offset).value = id(table)


@cache
def table_offset() -> int | None:
    """Where a code object keeps the address of its exception table, in bytes; None where that cannot be told."""
    if sys.implementation.name != "cpython" or not hasattr(
        _with_handler.__code__, "co_exceptiontable"
    ):
        return None
    found = set(_places(_with_handler.__code__)) & set(_places(_places.__code__))
    if len(found) != 1:
        return None
    (offset,) = found
    return offset if _works(offset) else None


def _places(code: CodeType) -> Iterator[int]:
    """Yield the offsets at which a code object has the address of its exception table."""
    table = id(code.co_exceptiontable)  # type: ignore[attr-defined]  # from 3.11 on
    size = ctypes.sizeof(ctypes.c_void_p)
    try:
        for offset in range(0, CodeType.__basicsize__ // size * size, size):
            if ctypes.c_void_p.from_address(id(code) + offset).value == table:
                yield offset
    finally:
        del table  # a handler, so that this function has a table


def _with_handler(ran: list[int]) -> None:
    try:
        raise KeyError
    finally:
        ran.append(1)


def _works(offset: int) -> bool:
    """Return whether a handler is passed over when its table has been taken away, and runs when it is back."""
    code, ran = _with_handler.__code__, list[int]()
    table: bytes = code.co_exceptiontable  # type: ignore[attr-defined]  # from 3.11 on
    for each in (_NOTHING, table):
        _put_table(code, offset, each)
        with contextlib.suppress(KeyError):
            _with_handler(ran)
    return ran == [1]

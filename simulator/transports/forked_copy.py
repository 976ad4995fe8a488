"""Work that is done in a fork of this process, whose result comes back as a copy: what it does to memory stays there.

A replay runs user code once more. In this process it would change what the test looks at: a list that a bolt appends
to, a table in a module. In a fork it changes a copy. What is outside of the process is not copied, so a fork ends
before it writes a file, opens a database or a connection, unless that is allowed.

A result is copied by pickle, as far as it can be. An object that cannot (a lock, a database, the component's pipes) is
an ``Uncopied`` in the copy, at any depth.
"""

from __future__ import annotations

import contextlib
import gc
import io
import marshal
import os
import pickle
import signal
import sys
import types
import warnings
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

from simulator.transports.outside import Outside

_OF_OURS = (
    "simulator.",
    "streamparse.multilang",
    "streamparse.process",
)  # what they hold is the whole engine
_DONE, _TOUCHED, _FAILED = b"d", b"t", b"f"


class OutsideError(RuntimeError):
    """The work would have done something outside of the process; it ended before that. The text says what."""


class ForkError(RuntimeError):
    """The work has no result: it raised, or its process has died. The text says why."""


class Uncopied:
    """Stands in a copy for an object that could not be copied.

    Args:
        kind: the class of the object.
    """

    def __init__(self, kind: str) -> None:
        self._kind = kind

    def __repr__(self) -> str:
        return f"<{self._kind}, which is not copied>"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise AttributeError(f"{name}: this is a copy, and {self._kind} cannot be copied")

    def __call__(self, *args: object, **named: object) -> NoReturn:
        raise TypeError(f"this is a copy, and {self._kind} cannot be copied")


def in_a_fork(work: Callable[[], object], *, may_touch_outside: bool) -> Any:
    """Do some work in a fork of this process, and return a copy of its result. Any: of any type.

    Args:
        work: called in the fork. What it prints is not shown.
        may_touch_outside: whether it may write files, and open databases and connections.

    Raises:
        OutsideError: it would have.
        ForkError: it raised, its process has died, or this system has no forks.
    """
    if not hasattr(os, "fork"):
        raise ForkError(f"{sys.platform} has no forks")
    sys.stdout.flush()
    sys.stderr.flush()
    read, write = os.pipe()
    with warnings.catch_warnings():  # of threads that only wait: those of xdist, of a debugger
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if not pid:
        os.close(read)
        _work(work, write, may_touch_outside=may_touch_outside)
    os.close(write)
    try:
        with os.fdopen(read, "rb") as result:
            kind, data = result.read(1), result.read()
    except BaseException:
        os.kill(pid, signal.SIGKILL)
        raise
    finally:
        os.waitpid(pid, 0)
    if kind == _DONE:
        return _Unpickler(io.BytesIO(data)).load()
    if kind == _TOUCHED:
        raise OutsideError(data.decode())
    raise ForkError(data.decode() or "its process has died")


# -- in the fork ----------------------------------------------------------------------------------------------------


def _work(work: Callable[[], object], write: int, *, may_touch_outside: bool) -> NoReturn:
    """Do the work, write its result and end; nothing of the test runs on here."""

    def answer(kind: bytes, data: bytes) -> None:
        left = memoryview(kind + data)
        while left:
            left = left[os.write(write, left) :]

    def touched(reason: str) -> NoReturn:
        answer(_TOUCHED, reason.encode())
        os._exit(0)

    try:
        sys.settrace(None)
        sys.setprofile(None)
        _silence()
        with contextlib.ExitStack() as stack:
            watch = None if may_touch_outside else stack.enter_context(_Guard(touched))
            result = work()
            if watch is not None and watch.look():
                touched(str(watch.reason))
        copied = io.BytesIO()
        _Pickler(copied, pickle.HIGHEST_PROTOCOL).dump(result)
        answer(_DONE, copied.getvalue())
    except BaseException as error:  # of the user's code, too: it is the answer
        with contextlib.suppress(BaseException):
            answer(_FAILED, f"{type(error).__name__}: {error}".encode("utf-8", "replace"))
    finally:
        os._exit(0)


def _silence() -> None:
    """Have nothing shown of what is printed: the run has shown it already."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(nothing, fd)
    sys.stdout = sys.stderr = io.StringIO()


class _Guard(Outside):
    """Watches what is done outside, and calls a function before the first thing is done."""

    def __init__(self, touched: Callable[[str], NoReturn]) -> None:
        super().__init__()
        self._touched = touched

    def __enter__(self) -> _Guard:
        super().__enter__()
        if self.reason is not None:
            self._touched(self.reason)
        return self

    def note(self, event: str, args: tuple[Any, ...]) -> None:
        super().note(event, args)
        if self.reason is not None:
            self._touched(self.reason)


class _Pickler(pickle.Pickler):
    """Pickles whatever can be, and an ``Uncopied`` in place of the rest.

    Classes and functions that no name leads to were there before the fork, mostly: they are named by their identity.
    """

    def persistent_id(self, obj: object) -> object:
        if isinstance(obj, type) and _named(obj) is not obj:
            return ("class", id(obj), obj.__module__, obj.__qualname__)
        return None

    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, type) or obj is Uncopied:
            return NotImplemented
        kind = f"{type(obj).__module__}.{type(obj).__qualname__}".removeprefix("builtins.")
        if f"{type(obj).__module__}.".startswith(_OF_OURS) and not isinstance(obj, Uncopied):
            return Uncopied, (kind,)
        if isinstance(obj, types.FunctionType):
            return NotImplemented if _named(obj) is obj else (_function, _parts(obj))
        if isinstance(obj, types.MethodType):
            return _method, (obj.__self__, obj.__func__.__name__)
        try:
            reduced = obj.__reduce_ex__(pickle.HIGHEST_PROTOCOL)
        except Exception:  # of somebody's class: it cannot be copied, or does not want to be
            return Uncopied, (kind,)
        return (
            NotImplemented
            if isinstance(reduced, str) or _is_plain(reduced)
            else (Uncopied, (kind,))
        )


def _is_plain(reduced: object) -> bool:
    return isinstance(reduced, tuple) and len(reduced) >= 2 and callable(reduced[0])


def _named(obj: Any) -> object:
    """The object that the name of a class or a function leads to."""
    found: Any = sys.modules.get(obj.__module__ or "")
    for part in obj.__qualname__.split("."):
        found = getattr(found, part, None)
    return found


def _parts(function: types.FunctionType) -> tuple[object, ...]:
    cells = function.__closure__ or ()
    return (
        marshal.dumps(function.__code__),
        function.__module__,
        function.__qualname__,
        function.__defaults__,
        function.__kwdefaults__,
        tuple(cell.cell_contents for cell in cells),
    )


def _function(
    code: bytes,
    module: str,
    qualname: str,
    defaults: tuple[Any, ...] | None,
    named_defaults: dict[str, Any] | None,
    cells: tuple[object, ...],
) -> types.FunctionType:
    """Make a function that no name leads to: a lambda, or one of another function's."""
    values = vars(sys.modules[module]) if module in sys.modules else {}
    made = types.FunctionType(
        marshal.loads(code), values, None, defaults, tuple(map(types.CellType, cells))
    )
    made.__kwdefaults__, made.__qualname__, made.__module__ = named_defaults, qualname, module
    return made


def _method(of: object, name: str) -> object:
    return of if isinstance(of, Uncopied) else getattr(of, name)


# -- in this process ------------------------------------------------------------------------------------------------


class _Unpickler(pickle.Unpickler):
    def persistent_load(self, pid: Any) -> object:
        _, identity, module, qualname = pid
        for each in _classes():
            if id(each) == identity and (each.__module__, each.__qualname__) == (module, qualname):
                return each
        return Uncopied


def _classes() -> Iterator[type]:
    return (each for each in gc.get_objects() if isinstance(each, type))

"""Attributes of modules and classes that outlive a crash in process, where a process would lose them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from importlib import invalidate_caches
from operator import is_
from types import FunctionType, ModuleType

from simulator.transports.state_text import (
    CONTAINERS,
    PLAIN,
    UNCHANGING,
    is_iterator,
    is_of_c,
    state_text,
)
from streamparse.multilang import is_users

MOST_MODULES = 4096  # that are remembered as sources, or not
MOST_NAMESPACES = 64  # of modules and classes that are remembered

#: An attribute: what users call it, and the file of its module.
Attribute = tuple[str, str]

#: A module or a class names here its attributes that outlive a crash on purpose: they stand for a database, say.
ON_PURPOSE = "__outlives_crash__"
#: In this project's own tests these are sources too.
_OURS = ("streamparse", "simulator", "pytest_streamparse")


@contextmanager
def fresh_modules(directory: str) -> Iterator[None]:
    """Have the modules of the sources loaded anew meanwhile, as a process of its own would; then give them back.

    Args:
        directory: of the sources.
    """
    within = os.path.join(os.path.realpath(directory), "")
    before, path = _take_away(within), sys.path
    sys.path = [directory, *path]
    invalidate_caches()
    try:
        yield
    finally:
        sys.path = path
        _take_away(within)
        sys.modules.update(before)


def _take_away(directory: str) -> dict[str, ModuleType]:
    names = [module.__name__ for module, _ in _modules(directory, *_newest_module())]
    return {name: sys.modules.pop(name) for name in names if name in sys.modules}


class KeptState:
    """The state that components share in this process: attributes of their classes, and of the modules of the sources.

    Args:
        directory: of the sources.
    """

    def __init__(self, directory: str) -> None:
        self._directory = os.path.join(os.path.realpath(directory), "")
        self._classes: dict[type, None] = {}
        self._modules_seen = 0  # how many
        self._at_first: dict[Attribute, object] = {}
        self._told: set[Attribute] = set()

    def remember(self, *made_by: Callable[[], object]) -> None:
        """Take the state that there is before components of these classes, or from these functions, are made."""
        known = (len(self._classes), self._modules_seen)
        for found in made_by:
            if isinstance(found, type):
                self._classes.update(dict.fromkeys(found.__mro__))
        self._modules_seen = len(sys.modules)
        if known == (len(self._classes), self._modules_seen):
            return  # nothing is new since the last start
        self._at_first = {**self.state(), **self._at_first}

    def state(self) -> dict[Attribute, object]:
        """Return what tells the value of each attribute from another one."""
        return dict(self._state())

    def values(self) -> Iterator[object]:
        """Return what the modules of the sources, and the classes, hold now."""
        for module, _ in _modules(self._directory, *_newest_module()):
            yield from [*vars(module).values()]
        for cls in self._classes:
            yield from [*vars(cls).values()]

    def changed(self) -> list[str]:
        """Return the name of each attribute that is not what it was at first."""
        return [
            name
            for (name, path), now in self._state()
            if self._at_first.get((name, path), now) != now
        ]

    def kept(self) -> list[str]:
        """Return a line for each attribute that is not what it was at first; none of them twice."""
        changed = [
            attribute
            for attribute, now in self._state()
            if attribute not in self._told
            and attribute in self._at_first
            and self._at_first[attribute] != now
        ]
        self._told.update(changed)
        return [
            f"{name} ({path}) has outlived a crash: in process, tasks share modules and classes; a process of its own "
            "starts with a new one; expected state in initialize, or components that run as processes, or, where it "
            f"stands for a database, {ON_PURPOSE} = ({name.rpartition('.')[2]!r},) beside it"
            for name, path in changed
        ]

    def _state(self) -> Iterator[tuple[Attribute, object]]:
        for module, path in _modules(self._directory, *_newest_module()):
            for name, value in _namespace(module, module.__name__).shown():
                yield (f"{module.__name__}.{name}", path), value
        for cls in self._classes:
            of_class = getattr(sys.modules.get(cls.__module__), "__file__", None)
            if isinstance(of_class, str) and not cls.__module__.startswith("streamparse."):
                for name, value in _namespace(cls, cls.__module__).shown():
                    yield (f"{cls.__qualname__}.{name}", of_class), value


def _newest_module() -> tuple[int, str, ModuleType]:
    """What is another one where a module has been loaded, or loaded again: how many there are, and the last one."""
    name = next(reversed(sys.modules))
    return len(sys.modules), name, sys.modules[name]


@lru_cache(maxsize=1)
def _modules(
    directory: str, many: int, name: str, newest: ModuleType
) -> list[tuple[ModuleType, str]]:
    """The modules of the sources, with their paths; looked up again where others have been loaded since."""
    return [
        (module, path)
        for module in [*sys.modules.values()]
        if isinstance(path := getattr(module, "__file__", None), str)
        and _is_of_sources(module.__name__, path, directory)
    ]


@lru_cache(maxsize=MOST_MODULES)
def _is_of_sources(name: str, path: str, directory: str) -> bool:
    """Return whether a module is one of the sources; remembered, for there are hundreds, and each run looks."""
    is_test = name.rpartition(".")[2].startswith(("test_", "conftest"))
    is_ours = name.partition(".")[0] in _OURS
    real = os.path.realpath(path)
    if is_test or is_ours or not real.startswith(directory):
        return False
    within = real[len(directory) :].split(os.sep)  # an installed package is none of the sources
    return not any(part.startswith(".") or part.endswith("-packages") for part in within)


class _Namespace:
    """The attributes of one module or class.

    Nearly all of them are functions, or values that cannot change, and stay what they are. So what tells their values
    is remembered for as long as they are the same objects.

    Args:
        values: the attributes, as they are at any time.
        module: the name of the module.
    """

    def __init__(self, values: Mapping[str, object], module: str) -> None:
        self._values = values
        self._module = module
        self._names: list[str] = []
        self._seen: list[object] = []
        #: Those that are states; with their texts, where these cannot change.
        self._states: list[tuple[str, object, str | None]] = []

    def shown(self) -> list[tuple[str, object]]:
        """Return for each attribute that is a state what tells its value from another one."""
        names, now = list(self._values), list(self._values.values())
        if names != self._names or not all(map(is_, now, self._seen)):
            self._names, self._seen = names, now
            self._states = list(self._look(now))
        found = (
            (name, text or state_text(value, self._is_of_user))
            for name, value, text in self._states
        )
        return [each for each in found if each[1] is not None]

    def _look(self, now: Sequence[object]) -> Iterator[tuple[str, object, str | None]]:
        on_purpose = self._values.get(ON_PURPOSE, ())
        wanted = on_purpose if isinstance(on_purpose, (tuple, list, set, frozenset)) else ()
        for name, value in zip(self._names, now, strict=True):
            if name.startswith("__") or name in wanted:
                continue
            if type(value) in UNCHANGING:
                yield name, value, state_text(value, self._is_of_user)
            elif _is_state(value, self._module):
                yield name, value, None
            elif (kind := _of_kind(value)) is not None:
                yield name, value, kind

    def _is_of_user(self, value: object) -> bool:
        return _is_of_user(value, self._module)


@lru_cache(maxsize=MOST_NAMESPACES)
def _namespace(owner: ModuleType | type, module: str) -> _Namespace:
    return _Namespace(vars(owner), module)


def _is_state(value: object, module: str) -> bool:
    """Return whether a value can be a state: a container, a number, an iterator, what a function keeps, ..."""
    if isinstance(value, (*CONTAINERS, *PLAIN, FunctionType)):
        return True
    return is_iterator(value) or is_of_c(value) or _is_of_user(value, module)


def _is_of_user(value: object, module: str) -> bool:
    """Return whether a value is an object of a class of this module, or of another one of the user's."""
    kind = type(value)
    if isinstance(value, (type, ModuleType)):
        return False
    if kind.__module__ == module:
        return True
    file = getattr(sys.modules.get(kind.__module__), "__file__", None)
    return isinstance(file, str) and is_users(file)


def _of_kind(value: object) -> str | None:
    """What tells an object whose state cannot be seen, such as a connection, from None before it was made."""
    if isinstance(value, (type, ModuleType, property, staticmethod, classmethod)):
        return None
    return f"a {type(value).__module__}.{type(value).__qualname__}"

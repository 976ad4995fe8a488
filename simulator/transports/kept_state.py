"""Attributes of modules and classes that outlive a crash in process, where a process would lose them."""

from __future__ import annotations

import itertools
import os
import sys
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from types import ModuleType

MOST_SHOWN = 200  # entries of a container that are compared; of a larger one, their number
_CONTAINERS = (list, dict, set, deque, bytearray)
_PLAIN = (str, bytes, int, float, complex, type(None), tuple, frozenset, itertools.count)

#: An attribute: what users call it, and the file of its module.
Attribute = tuple[str, str]

#: A module or a class names here its attributes that outlive a crash on purpose: they stand for a database, say.
ON_PURPOSE = "__outlives_crash__"


class KeptState:
    """The state that components share in this process: attributes of their classes, and of the modules of the sources.

    Args:
        directory: of the sources.
    """

    def __init__(self, directory: str) -> None:
        self._directory = os.path.join(os.path.realpath(directory), "")
        self._classes: dict[type, None] = {}
        self._at_first: dict[Attribute, object] = {}
        self._told: set[Attribute] = set()

    def remember(self, found: Callable[[], object]) -> None:
        """Take the state that there is before a component of this class, or from this function, is made."""
        if isinstance(found, type):
            self._classes.update(dict.fromkeys(found.__mro__))
        self._at_first = {**dict(self._state()), **self._at_first}

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
        for module in list(sys.modules.values()):
            path = getattr(module, "__file__", None)
            if isinstance(path, str) and self._is_of_sources(module, path):
                for name, value in _attributes(vars(module), module.__name__):
                    yield (f"{module.__name__}.{name}", path), value
        for cls in self._classes:
            path = getattr(sys.modules.get(cls.__module__), "__file__", None)
            if path and not cls.__module__.startswith("streamparse."):
                for name, value in _attributes(vars(cls), cls.__module__):
                    yield (f"{cls.__qualname__}.{name}", path), value

    def _is_of_sources(self, module: ModuleType, path: str) -> bool:
        is_test = module.__name__.rpartition(".")[2].startswith(("test_", "conftest"))
        real = os.path.realpath(path)
        if is_test or not real.startswith(self._directory):
            return False
        within = real[len(self._directory) :].split(
            os.sep
        )  # an installed package is none of the sources
        return not any(part.startswith(".") or part.endswith("-packages") for part in within)


def _attributes(values: Mapping[str, object], module: str) -> Iterator[tuple[str, object]]:
    on_purpose = values.get(ON_PURPOSE, ())
    wanted = on_purpose if isinstance(on_purpose, (tuple, list, set, frozenset)) else ()
    for name, value in list(values.items()):
        if (
            not name.startswith("__")
            and name not in wanted
            and (shown := _shown(value, module)) is not None
        ):
            yield name, shown


def _shown(value: object, module: str) -> str | None:
    """Return what tells a value from a later one; None for what is no state, or cannot be looked at."""
    if isinstance(value, _CONTAINERS) and len(value) > MOST_SHOWN:
        return f"{type(value).__name__} of {len(value)}"
    try:
        if isinstance(value, (*_CONTAINERS, *_PLAIN)):
            return f"{type(value).__name__} {value!r}"
        if type(value).__module__ == module and not isinstance(value, type):
            return repr(vars(value))
    except Exception:  # of somebody's __repr__, or there is no __dict__
        return None
    return None

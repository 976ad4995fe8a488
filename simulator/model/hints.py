"""Errors for names that an object does not have: they tell the nearest that it has.

Python's own suggestions are printed by the interpreter, and not by pytest; those for arguments came with Python 3.13.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from simulator.model.problems import did_you_mean

__tracebackhide__ = True  # pytest then shows the caller's line

Cls = TypeVar("Cls", bound=type)
MOST_NAMES = 12  # that are listed when none is near


def hinted(cls: Cls) -> Cls:
    """Have a class answer an unknown attribute, and an unknown argument of a method, with the nearest name.

    A method ``_attribute_hint(name)`` of the class may know better; it returns "" where it does not. Type checkers see
    the class as it is.
    """
    if not hasattr(cls, "__getattr__"):
        cls.__getattr__ = _no_such_attribute  # type: ignore[attr-defined]  # so type checkers still know the names
    for name, function in [*vars(cls).items()]:
        is_checked = not name.startswith("_") or (
            name == "__init__"
            and not issubclass(cls, (list, tuple))  # these are made by the thousand
        )
        if is_checked and inspect.isfunction(function):
            setattr(cls, name, _with_checked_arguments(cls, function))
    return cls


def _no_such_attribute(self: Any, name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(name)
    cls = type(self)
    if hasattr(cls, name):  # a property has raised an AttributeError of its own
        return object.__getattribute__(self, name)
    names = sorted({*_public(dir(cls)), *_public(getattr(self, "__dict__", ()))})
    hint = cls._attribute_hint(self, name) if hasattr(cls, "_attribute_hint") else ""
    hint = hint or did_you_mean(name, names)
    if not hint:
        inherited = {*dir(list), *dir(tuple)} if issubclass(cls, (list, tuple)) else set[str]()
        own = [each for each in names if each not in inherited]
        more = f" and {len(own) - MOST_NAMES} more" if len(own) > MOST_NAMES else ""
        hint = f"; it has {', '.join(own[:MOST_NAMES])}{more}"
    error = AttributeError(f"{cls.__name__} has no {name!r}{hint}")
    error.name = name  # Python then adds no suggestion of its own
    raise error


def _public(names: Iterable[str]) -> list[str]:
    return [name for name in names if not name.startswith("_")]


def _with_checked_arguments(cls: type, function: Callable[..., Any]) -> Callable[..., Any]:
    parameters = inspect.signature(function).parameters.values()
    if any(each.kind is each.VAR_KEYWORD for each in parameters):
        return function
    known = [each.name for each in parameters if each.kind is not each.POSITIONAL_ONLY][1:]
    method = (
        cls.__name__ if function.__name__ == "__init__" else f"{cls.__name__}.{function.__name__}"
    )

    @functools.wraps(function)
    def checked(*args: Any, **named: Any) -> Any:
        for name in named:
            if name not in known:
                hint = did_you_mean(name, known)
                others = f"; it has {', '.join(known)}" if known else "; it has none"
                raise TypeError(f"{method}() has no argument {name!r}{hint or others}")
        return function(*args, **named)

    return checked

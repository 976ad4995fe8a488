"""Components that are adjusted as they are made, in this process: the class is the user's, the object is altered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from streamparse.starting import find

#: Alters a component of the user's that has just been made. Any: it may have any methods.
Adjustment = Callable[[Any], object]


def adjusted_class(
    name: str | None, cls: Callable[[], object] | None, adjust: Adjustment
) -> Callable[[], object]:
    """Return a function that makes a component and adjusts it.

    Args:
        name: ``package.module.Class``, looked up anew for each component.
        cls: the class itself, where a test has given it.
        adjust: what is done to each.
    """

    def make() -> object:
        assert name is not None  # only Python components are adjusted
        made = (cls or find(name))()
        adjust(made)
        return made

    if name is not None:
        make.__module__, _, make.__qualname__ = name.rpartition(".")
    return make

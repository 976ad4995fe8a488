"""Mistakes in the body of a topology's class, and the line of the user's code that made each."""

from __future__ import annotations

import sys
import types

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

__all__ = ["ClassMistakes", "Line", "Mistake", "kind_of", "plain", "users_line"]

_HERE = __file__.rpartition("/")[0] + "/"
_LIBRARY = _HERE.removesuffix("dsl/") + "storm/"

#: A file and the number of a line in it, from 1; ``("", 0)`` where it is not known.
Line = tuple[str, int]


class Mistake:
    """One mistake in an argument, or in the body of a class.

    Attributes:
        part: which part of a spec it is in, as ``("par",)``, ``("inputs", 0)`` or ``("config", "key")``.
        finding: what was found.
        remedy: what was expected.
        line: where it was written, if that is not the line of the spec.
        component: the attribute or the id of the component that it is about; None for the class as a whole.
    """

    __slots__ = ("component", "finding", "line", "part", "remedy")

    def __init__(
        self,
        finding: str,
        remedy: str,
        *,
        part: tuple[str | int, ...] = (),
        line: Line = ("", 0),
        component: str | None = None,
    ) -> None:
        self.finding = finding
        self.remedy = remedy
        self.part = part
        self.line = line
        self.component = component

    def __str__(self) -> str:
        file, number = self.line
        place = f"{file}:{number}: " if file else ""
        whose = f'component "{self.component}": ' if self.component else ""
        return f"{place}{whose}{self.finding}; {self.remedy}"


class ClassMistakes(ValueError, TypeError):
    """Raised by the ``class`` statement of a topology that has mistakes; the text has a line for each.

    Attributes:
        topology: the class, as far as it can be understood.
        mistakes: all of them, in the order of the text.
    """

    def __init__(self, topology: type, mistakes: Iterable[Mistake]) -> None:
        self.topology = topology
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(map(str, self.mistakes)))


def users_line() -> Line:
    """Return the innermost line of code that is not the library's."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith((_HERE, _LIBRARY)):
        frame = frame.f_back
    return frame.f_code.co_filename, frame.f_lineno


def kind_of(value: object) -> str:
    """Return a value as a message names it: short values as they are, others by their type."""
    if value is None or isinstance(value, (bool, int, float, str, bytes)):
        text = repr(value)
        return text if len(text) <= 60 else f"{text[:57]}..."
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if isinstance(value, types.MethodType) and isinstance(value.__self__, type):
        return f"the method {value.__self__.__name__}.{value.__name__}, which is not called"
    name = type(value).__name__
    return f"{'an' if name[:1] in 'aeiouAEIO' else 'a'} {name}"


def plain(value: Any) -> Any:
    """Return the text or the number that a member of an Enum is; any other value as it is."""
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return int.__int__(value)
    return value

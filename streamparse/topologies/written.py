"""A topology that was written in another form, and what that form cannot hold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Unwritable", "Written"]


@dataclass(frozen=True)
class Written:
    """The text of a topology's file.

    Attributes:
        text: the text.
        lost: what it does not hold, a line each, with what to do instead.
    """

    text: str
    lost: tuple[str, ...] = ()


class Unwritable(Exception):
    """Raised for a topology that has parts for which the other form has no words.

    Attributes:
        reasons: a line for each of them.
    """

    def __init__(self, reasons: Iterable[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("\n".join(self.reasons))

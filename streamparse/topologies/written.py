"""A topology that was written in another form, and what that form cannot hold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from simulator.model import Component, Topology, shown

__all__ = ["PLAIN_GROUPINGS", "Unwritable", "Writer", "Written"]

#: The groupings that either form has by their names alone.
PLAIN_GROUPINGS = ("shuffle", "local-or-shuffle", "global", "all", "none", "direct")


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


class Writer:
    """Writes one topology in one form, and gathers what that form cannot hold.

    Args:
        topology: what the file is to define.
        package: of Storm's classes in this version, ``org.apache.storm`` or ``backtype.storm``.
        python: the interpreter of components that the form does not write down.
    """

    def __init__(self, topology: Topology, package: str, python: str) -> None:
        self._topology = topology
        self._package = package
        self._python = python
        self._lost: list[str] = []
        self._refused: list[str] = []

    def _refuse(self, component: Component, why: str) -> None:
        self._refused.append(f"component {shown(component.id)}: {why}")

    def _finished(self, text: str) -> Written:
        """Return what was written.

        Raises:
            Unwritable: a part was refused.
        """
        if self._refused:
            raise Unwritable(self._refused)
        return Written(text, tuple(dict.fromkeys(self._lost)))

"""The breakpoints of ``--step``: made, listed by number, and deleted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from streamparse.cli.step_words import MistypedError, number_of

if TYPE_CHECKING:
    from simulator.model import Topology
    from simulator.stepping import Breakpoint


class Breakpoints:
    """The breakpoints of a session, in the order in which they were made.

    Attributes:
        all: of them.
    """

    def __init__(self) -> None:
        self.all: list[Breakpoint] = []

    def add(self, words: Sequence[str], topology: Topology) -> Breakpoint:
        """Add the breakpoint that these words name, unless it is there; return it.

        Raises:
            MistypedError: they name none.
        """
        from simulator.stepping import BreakpointError, parse_breakpoint

        text = " ".join(words)
        try:
            found = parse_breakpoint(text, topology)
        except BreakpointError as error:
            raise MistypedError(f"break {text}: {error}") from None
        if found not in self.all:
            self.all.append(found)
        return found

    def delete(self, words: Sequence[str]) -> None:
        """Delete the breakpoint with a number, or all.

        Raises:
            MistypedError: there is none of this number.
        """
        if list(words) == ["all"]:
            self.all.clear()
            return
        number = number_of(words, None, "delete N")
        if number > len(self.all):
            raise MistypedError(f"delete {number}: there are {len(self.all)} breakpoints")
        del self.all[number - 1]

    def text(self, one: Breakpoint) -> str:
        """Return a breakpoint, with its number."""
        return f"breakpoint {self.all.index(one) + 1}: {one}"

    def lines(self) -> list[str]:
        """Return a line for each, or one that says how to make one."""
        return [*map(self.text, self.all)] or [
            "no breakpoint; break 30s, or break COMPONENT:EVENT, makes one"
        ]

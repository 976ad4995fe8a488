"""The errors that a user can do something about: on the command line, in a project, on another machine."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["OperationError", "ProjectError", "UsageError"]


class UsageError(Exception):
    """A mistake on the command line, in one line."""


class ProjectError(Exception):
    """A project that cannot be used.

    Args:
        problems: one line for each problem, with its place and its remedy.

    Attributes:
        problems: the same, as a tuple.
    """

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)  # what pickle and copy rebuild it from

    def __str__(self) -> str:
        return "\n".join(self.problems)


class OperationError(Exception):
    """An operation that failed, here or on another machine.

    Args:
        line: the cause and the remedy, in one line.
        output: the output of the program or the machine that failed; empty when the line is enough.
    """

    def __init__(self, line: str, output: str = "") -> None:
        super().__init__(line, output)
        self.line = line
        self.output = output

    def __str__(self) -> str:
        return self.line

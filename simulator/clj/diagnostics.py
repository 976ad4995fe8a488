"""The problems and warnings found in one text, each with its place and its component."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn

from simulator.clj.edn import Refused, Source
from simulator.model import Problem, TopologyError

__all__ = ["Diagnostics"]


class Diagnostics:
    """Collects what is wrong with a text, so that one reading reports all of it.

    Args:
        source: the text.
        problems: what was found before, by the reader.
    """

    def __init__(self, source: Source, problems: Sequence[Problem] = ()) -> None:
        self.source = source
        self.problems = list(problems)
        self.warnings: list[Problem] = []
        self._component: str | None = None

    def note(self, at: int, finding: str, remedy: str = "", storm: str = "") -> None:
        """Add a problem at the offset ``at``, and go on."""
        self.problems.append(self.problem(at, finding, remedy, storm))

    def warn(self, at: int, finding: str, remedy: str = "", storm: str = "") -> None:
        """Add a warning at the offset ``at``."""
        self.warnings.append(self.problem(at, finding, remedy, storm))

    def refusal(self, at: int, finding: str, remedy: str = "", storm: str = "") -> Refused:
        """Return an exception to raise where nothing can be made of a form."""
        return Refused(self.problem(at, finding, remedy, storm))

    def give_up(self, at: int, finding: str) -> NoReturn:
        """Stop the whole evaluation because a limit is reached.

        Raises:
            TopologyError: always, with everything found so far.
        """
        problem = self.problem(at, finding, "a topology file needs far less", "")
        raise TopologyError([*self.problems, problem])

    @contextmanager
    def noting(self) -> Iterator[None]:
        """Note what is refused inside of the block, and go on after it."""
        try:
            yield
        except Refused as refused:
            self.problems += refused.problems

    @contextmanager
    def about(self, component: str) -> Iterator[None]:
        """Name this component in every message of the block."""
        before, self._component = self._component, component
        try:
            yield
        finally:
            self._component = before

    def problem(self, at: int, finding: str, remedy: str = "", storm: str = "") -> Problem:
        """Return a problem at the offset ``at``, of the component that this is about."""
        return self.source.problem(at, finding, remedy, storm, self._component)

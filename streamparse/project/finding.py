"""A mistake in the sources of a project, with its place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Finding:
    """One mistake.

    Attributes:
        severity: "error": the component cannot run; "warning": it runs, and hardly as it was meant.
        path: the file.
        line: from 1; 0 for the file as a whole.
        found, expected, remedy: what is there, what should be, and how to get there; the last two may be empty.
        component: the id of the component that it belongs to; None where it belongs to a file.
        is_about_names: it is a mistake only where the values of a tuple have no names.
    """

    severity: Severity
    path: str
    line: int
    found: str
    expected: str = ""
    remedy: str = ""
    component: str | None = None
    is_about_names: bool = False

    @property
    def about(self) -> str:
        """All but the place."""
        expected = f"; expected {self.expected}" if self.expected else ""
        remedy = f"; {self.remedy}" if self.remedy else ""
        return f"{self.found}{expected}{remedy}"

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.about}"


def shown_path(path: Path) -> str:
    """The path as it is seen from the working directory, if that is above it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)

"""A line of ``sparse doctor``: something that was looked at, and how it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

__all__ = ["Diagnosis", "diagnoses"]

Status = Literal["ok", "warning", "error"]


@dataclass(frozen=True)
class Diagnosis:
    """Something that was looked at, and how it is.

    Attributes:
        status: "ok"; "warning": not everything will work; "error": it will fail.
        subject: what was looked at, such as ``java`` or ``worker storm2``.
        found: what is there.
        remedy: what to do; empty where nothing has to be done.
    """

    status: Status
    subject: str
    found: str
    remedy: str = ""

    def __str__(self) -> str:
        """The line of the terminal, and a second one with the remedy if there is one."""
        remedy = f"\n{'':8} -> {self.remedy}" if self.remedy else ""
        return f"{self.status:8} {self.subject}: {self.found}{remedy}"


_PLACE = re.compile(r"(?P<path>[^:]+)(?::\d+)*(?=: )")


def diagnoses(
    status: Status, subject: str, problems: Iterable[str], remedy: str = ""
) -> Iterator[Diagnosis]:
    """Yield one diagnosis for each problem; the subject of one that begins with a file's place is that place.

    Args:
        status: of all of them.
        subject: of those without a place.
        problems: one line each, such as those of a ``ProjectError``.
        remedy: what to do about those without a place; the others say it themselves.
    """
    for problem in problems:
        found = _PLACE.match(problem)
        if found is not None and Path(found["path"]).exists():
            yield Diagnosis(status, found[0], problem[found.end() + 2 :])
        else:
            yield Diagnosis(status, subject, problem, remedy)

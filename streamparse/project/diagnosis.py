"""A line of ``sparse doctor``: something that was looked at, and how it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Diagnosis"]

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

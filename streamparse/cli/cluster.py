"""What the commands that ask a cluster have in common: which cluster, the way to it, and tables.

A table is plain text, columns apart by two spaces, numbers to the right; what is not known is a dash.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from streamparse.project import Environment, Project

if TYPE_CHECKING:
    from streamparse.cluster.nimbus import Nimbus
    from streamparse.cluster.storm_ui import StormUi

__all__ = ["duration", "environment_of", "nimbus_of", "table", "ui_of"]

Cell = str | int | float | None


def environment_of(args: argparse.Namespace) -> tuple[Project, Environment]:
    """The project here and the cluster that is asked for, whose Nimbus is named."""
    project = Project.find()
    for warning in project.warnings:
        say(f"warning: {warning}")
    environment = project.environment(args.environment)
    environment.require("nimbus")
    return project, environment


@contextmanager
def nimbus_of(project: Project, environment: Environment) -> Iterator[Nimbus]:
    """The cluster's Nimbus, through a tunnel if need be."""
    from streamparse.cluster import nimbus, remote

    with remote.nimbus_tunnel(environment) as address:
        yield nimbus.connect(address, project, say)


@contextmanager
def ui_of(environment: Environment) -> Iterator[StormUi]:
    """The cluster's UI, through a tunnel if need be."""
    from streamparse.cluster import remote
    from streamparse.cluster.storm_ui import StormUi

    with remote.ui_tunnel(environment) as address:
        yield StormUi(address)


def say(line: str) -> None:
    """Tell how it goes, beside what was asked for."""
    print(line, file=sys.stderr, flush=True)


# -- tables ------------------------------------------------------------------------------------------------------


def table(headings: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    """
    >>> print(table(["name", "tasks"], [["word-spout", 1], ["count-bolt", 12]]))
    name        tasks
    word-spout      1
    count-bolt     12
    """
    columns = [_column(heading, [row[at] for row in rows]) for at, heading in enumerate(headings)]
    return "\n".join("  ".join(line).rstrip() for line in zip(*columns, strict=True))


def _column(heading: str, cells: Sequence[Cell]) -> list[str]:
    texts = [printable(heading), *map(_text, cells)]
    width = max(map(len, texts))
    known = [cell for cell in cells if cell is not None]
    is_number = bool(known) and all(isinstance(cell, (int, float)) for cell in known)
    return [text.rjust(width) if is_number else text.ljust(width) for text in texts]


def _text(cell: Cell) -> str:
    if cell is None or cell == "":
        return "-"
    return f"{cell:.3f}" if isinstance(cell, float) else printable(str(cell))


def printable(text: str) -> str:
    """In one line, without what a terminal would take for an order: names and errors come from others."""
    text = text.expandtabs(4)
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)


_UNITS = (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))


def duration(secs: int | None) -> str | None:
    """In the units of Storm's UI, such as ``1d 2h 3m 4s``, and ``3h`` for three hours."""
    if secs is None:
        return None
    parts = []
    rest = secs
    for unit, size in _UNITS:
        number, rest = divmod(rest, size)
        parts += [f"{number}{unit}"] * bool(number)
    return " ".join(parts) or "0s"

"""Files that options write: each over an old one of its own kind, and over nothing else unless that is asked for."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from streamparse.cli.streams import unwritten
from streamparse.project import UsageError

__all__ = [
    "PAGE",
    "PERFETTO",
    "PICTURE",
    "TOPOLOGY",
    "TRACE",
    "WORK",
    "WORKLOAD",
    "Kind",
    "OutputFile",
    "add_force_argument",
    "check_force",
]

_START_BYTES = 2048  # enough to know each kind


@dataclass(frozen=True)
class Kind:
    """What an option writes.

    Attributes:
        name: what it is called.
        is_of: takes the beginning of a file, and returns whether it is one that we have written.
    """

    name: str
    is_of: Callable[[bytes], object]


def _is_page(start: bytes) -> bool:
    from simulator.page import is_page

    return is_page(start.decode("utf-8", "replace"))


PAGE = Kind("page of streamparse", _is_page)
#: A trace begins with its head, or with an event where an older version has written it.
TRACE = Kind("trace", re.compile(rb'\{"(trace|at)":').match)
PERFETTO = Kind("export of a trace", re.compile(rb'\{"displayTimeUnit":"ms","traceEvents":').match)
WORK = Kind("work file", re.compile(rb'\s*\{\s*"topology"\s*:\s*"[^"]*"\s*,\s*"work"\s*:').match)
WORKLOAD = Kind("workload", re.compile(rb'\s*\{\s*"workload"\s*:').match)
PICTURE = Kind(
    "picture of `sparse visualize`",
    re.compile(
        rb'<svg xmlns="http://www\.w3\.org/2000/svg" width="\d+" height="\d+" viewBox="[^"]*" font-family="ui-mono'
        rb'|digraph "[^\n]*" \{\n    graph \[rankdir=(TB|LR), label='
        rb"|%% [^\n]*\nflowchart (TB|LR)\n    c0"
    ).match,
)
#: Topology files are edited by people, so none is written over.
TOPOLOGY = Kind("", lambda start: False)


def add_force_argument(parser: argparse.ArgumentParser) -> None:
    """Add ``--force``."""
    parser.add_argument(
        "--force", action="store_true",
        help="write files over others of any kind; without it, over an older one of the same kind only",
    )  # fmt: skip


def check_force(args: argparse.Namespace, *options: str) -> None:
    """Refuse ``--force`` without any of the options that write a file.

    Raises:
        UsageError: there is none.
    """
    values = (getattr(args, each.removeprefix("--").replace("-", "_")) for each in options)
    if args.force and all(each is None for each in values):
        names = " or ".join(f"{each} FILE" for each in options)
        raise UsageError(f"--force: nothing is written to a file; expected {names} as well")


class OutputFile:
    """A file that an option writes.

    Args:
        option: what the command line calls it.
        path: of the file. A device or a pipe takes what is written.
        kind: what is written.
        force: write over any file.

    Raises:
        UsageError: it exists and is of no such kind, or it cannot be written.
    """

    def __init__(self, option: str, path: str, kind: Kind, *, force: bool) -> None:
        self.path = Path(path)
        self.name = f"{option} {path}"
        try:
            is_special = self.path.exists() and not self.path.is_file() and not self.path.is_dir()
            start = b"" if is_special else self._start()
        except OSError as error:
            raise UsageError(f"{self.name}: {error.strerror}") from None
        if start and not force and not kind.is_of(start):
            finding = f"the file exists and is no {kind.name}" if kind.name else "the file exists"
            raise UsageError(f"{self.name}: {finding}; expected another name, or --force as well")

    def _start(self) -> bytes:
        with self.path.open("a+b") as file:
            file.seek(0)
            return file.read(_START_BYTES)

    def open(self) -> TextIO:
        """Return the open file, empty.

        Raises:
            UsageError: it cannot be opened.
        """
        try:
            return self.path.open("w", encoding="utf-8", errors="replace")
        except OSError as error:
            raise UsageError(f"{self.name}: {error.strerror}") from None

    def write(self, text: str, more: Iterable[str] = ()) -> None:
        """Write the file: a text, and what comes behind it.

        Raises:
            OutputError: it cannot be written, such as to a disk that is full.
        """
        try:
            with self.open() as file:
                file.write(text)
                file.writelines(more)
        except OSError as error:
            raise unwritten(self.name, error) from None

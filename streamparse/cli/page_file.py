"""The file of a page: written anew, over an old page, but over nothing else unless that is asked for."""

from __future__ import annotations

import argparse
from pathlib import Path

from streamparse.cli.streams import unwritten
from streamparse.project import UsageError

__all__ = ["PageFile", "add_force_argument"]


def add_force_argument(parser: argparse.ArgumentParser) -> None:
    """Add ``--force``."""
    parser.add_argument(
        "--force", action="store_true",
        help="write the page over a file that is no page of streamparse",
    )  # fmt: skip


class PageFile:
    """A file that takes a page.

    Args:
        path: of the file.
        option: what the command line calls it.
        force: write over any file.

    Raises:
        UsageError: it exists and is no page of ours, or it cannot be written.
    """

    def __init__(self, path: str, option: str, *, force: bool) -> None:
        from simulator.page import is_page

        self.path = Path(path)
        self._name = f"{option} {path}"
        try:
            with self.path.open("a+", encoding="utf-8", errors="replace") as file:
                file.seek(0)
                start = file.read(2048)
        except OSError as error:
            raise UsageError(f"{self._name}: {error.strerror}") from None
        if start and not is_page(start) and not force:
            raise UsageError(
                f"{self._name}: the file exists and is no page of streamparse; "
                "expected another name, or --force as well"
            )

    def write(self, text: str) -> None:
        """Write the page.

        Raises:
            OutputError: it cannot be written, such as to a disk that is full.
        """
        try:
            self.path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise unwritten(self._name, error) from None

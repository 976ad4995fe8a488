"""Reading the arguments of one command: argparse, which here raises where it would print or exit."""

from __future__ import annotations

import argparse
from typing import NoReturn

from streamparse.project import UsageError

__all__ = ["HelpShown", "Parser"]


class HelpShown(Exception):
    """All that was asked for was help, and it has been given."""


class Parser(argparse.ArgumentParser):
    """Only whole names of options are taken."""

    def __init__(self, *, prog: str, description: str) -> None:
        super().__init__(
            prog=prog,
            description=description,
            allow_abbrev=False,  # --opt would mean something else on the day when --optimize comes
        )

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        raise HelpShown

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; see {self.prog} -h")

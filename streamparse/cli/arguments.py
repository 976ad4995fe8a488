"""The arguments of commands: argparse, which raises here where it prints or exits elsewhere, and the shared flags."""

from __future__ import annotations

import argparse
from typing import NoReturn

from streamparse.project import UsageError

__all__ = [
    "HelpShown",
    "Parser",
    "add_environment_argument",
    "add_local_environment_argument",
    "add_name_argument",
    "add_storm_version_argument",
    "add_talk_arguments",
    "add_topology_arguments",
    "add_unchecked_argument",
    "check_at_least",
]


MOST = 2**31 - 1  # of a number on the command line: Java's largest int


class HelpShown(Exception):
    """Only help was asked for, and it has been printed."""


class Parser(argparse.ArgumentParser):
    """A parser that accepts whole names of options only."""

    def __init__(self, *, prog: str, description: str) -> None:
        super().__init__(
            prog=prog,
            description=description,
            allow_abbrev=False,  # --opt changes its meaning on the day when --optimize is added
        )

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        raise HelpShown

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; see {self.prog} -h")


def check_at_least(
    flag: str, number: float | None, least: int, remark: str = "", *, most: int = MOST
) -> None:
    """Refuse a number that is too small or too large, or is none; None is the default of a flag.

    Args:
        remark: more about the number, for the error: ``0 is for ever``.
        most: the largest number that is accepted.

    Raises:
        UsageError: it is.
    """
    if number is None or least <= number <= most:
        return
    more = f"; {remark}" if remark else ""
    wanted = f"at least {least}" if number < least else f"a number from {least} to {most}"
    found = number if isinstance(number, int) else f"{number:g}"
    raise UsageError(f"{flag} {found}: expected {wanted}{more}")


# -- flags of several commands -----------------------------------------------------------------------------------


def add_talk_arguments(parser: argparse.ArgumentParser) -> None:
    """Add ``--quiet`` and ``--verbose``, which every command has."""
    talk = parser.add_mutually_exclusive_group()
    talk.add_argument(
        "-q", "--quiet", action="store_true",
        help="print the result and errors only: no warnings, no progress, nothing that components say",
    )  # fmt: skip
    talk.add_argument(
        "-v", "--verbose", action="store_true",
        help="tell more: what is used and from where, and what ssh and Leiningen say",
    )  # fmt: skip


def add_name_argument(parser: argparse.ArgumentParser) -> None:
    """Add ``--name``."""
    parser.add_argument(
        "-n", "--name", metavar="NAME", help="the topology; default: the only one of the project"
    )  # fmt: skip


def add_environment_argument(parser: argparse.ArgumentParser) -> None:
    """Add ``--environment``."""
    parser.add_argument(
        "-e", "--environment", metavar="ENV",
        help="the cluster, one of envs in config.json; default: the only one there is",
    )  # fmt: skip


def add_local_environment_argument(parser: argparse.ArgumentParser) -> None:
    """Add ``--environment`` to a command that needs no cluster."""
    parser.add_argument(
        "-e", "--environment", metavar="ENV",
        help="run with the options of this one of envs in config.json, and with the par that a topology in Python has "
        "for it",
    )  # fmt: skip


def add_storm_version_argument(parser: argparse.ArgumentParser) -> None:
    """Add ``--storm-version``, of which ``--storm`` is the older spelling."""
    parser.add_argument(
        "--storm-version", "--storm", metavar="VERSION", dest="storm_version",
        help="behave like this version of Storm; default: the one in project.clj, else the newest (--storm means the "
        "same)",
    )  # fmt: skip


def add_topology_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags of a topology that is about to run, on any Storm."""
    add = parser.add_argument
    add_name_argument(parser)
    add(
        "-o", "--option", action="append", default=[], metavar="KEY=VALUE", dest="options",
        help="a setting of the topology, as in topology.tick.tuple.freq.secs=2; can be repeated",
    )  # fmt: skip
    add("-p", "--par", type=int, metavar="N", help="workers and ackers (default: 2)")
    add("-a", "--ackers", type=int, metavar="N", help="ackers; default: as --par")
    add("-w", "--workers", type=int, metavar="N", help="workers; default: as --par")
    add("-d", "--debug", action="store_true", help="log at debug level, and set topology.debug")
    add(
        "--log-level", action="append", default=[], metavar="[ID=]LEVEL", dest="log_levels",
        help="the least level that components log, or that the component ID does: debug, info, warning, error or "
        "critical; can be repeated",
    )  # fmt: skip


def add_unchecked_argument(parser: argparse.ArgumentParser) -> None:
    """Add ``--unchecked``."""
    parser.add_argument(
        "--unchecked", action="store_true",
        help="do not read the topology first: for Clojure that only Storm itself understands",
    )  # fmt: skip

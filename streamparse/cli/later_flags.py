"""Flags of ``sparse submit`` of streamparse 3 to 5 without a meaning here; each is refused by what to use instead."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from streamparse.project import UsageError

__all__ = ["add_later_flags"]

_LATER: Mapping[tuple[str, ...], str] = {
    ("-t", "--timeout"): "Nimbus has 20 s for an answer, and 60 s for a submit; leave it out",
    ("--pool_size",): "all workers are reached at once; leave it out",
    ("--overwrite_virtualenv",): (
        "a virtualenv is built anew when its requirements change; remove it on the workers to have the same one again"
    ),
    (
        "-u",
        "--uber_jar",
    ): "without --simple_jar, Leiningen builds one; by Thrift no jar needs it; leave it out",
    ("-j", "--local_jar_path"): "every submit builds its jar; leave it out",
    ("-R", "--remote_jar_path"): "every submit builds and uploads its jar; leave it out",
    ("--config",): "config.json is that of the project; -e chooses one of its envs",
    ("--user",): "user in config.json is who logs in",
}


def add_later_flags(parser: argparse.ArgumentParser) -> None:
    """Add them, without a line of help; each ends the command with a UsageError."""
    for names, remedy in _LATER.items():
        parser.add_argument(
            *names, action=_Refused, nargs="?", const=remedy, help=argparse.SUPPRESS
        )


class _Refused(argparse.Action):
    """An option that is refused; its ``const`` says what to use instead."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> NoReturn:
        raise UsageError(f"{option_string} is a flag of streamparse 3 to 5: {self.const}")

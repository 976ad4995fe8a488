"""``sparse remove_logs``: remove a topology's logs on all workers, after a look at which."""

from __future__ import annotations

import argparse
import sys

from streamparse.cli import logs
from streamparse.cli.interruption import terminated_like_ctrl_c
from streamparse.cli.output import is_yes, note
from streamparse.project import UsageError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    logs.add_arguments(parser)
    add(
        "-u", "--user", metavar="USER",
        help="who removes them there, by sudo without a password; default: who logs in",
    )  # fmt: skip
    add("-y", "--yes", action="store_true", help="do not ask")


def run(args: argparse.Namespace) -> int:
    """Show the files, ask, remove."""
    from streamparse.cluster import find_logs, remove_logs

    if not args.yes and not (sys.stdin and sys.stdin.isatty()):
        raise UsageError("no terminal to ask for a confirmation; expected -y")
    selection = logs.selection_of(args)
    with terminated_like_ctrl_c():
        found = find_logs(selection, user=args.user, report=note)
        number = sum(map(len, found.values()))
        if number == 0:
            print(logs.no_logs(selection))
            return 0
        for host, files in found.items():
            print(f"{host}:", *files or ["nothing"], sep="\n    ")
        if not args.yes and not is_yes(f"Remove {number} file{'s' * (number != 1)}? [y/N] "):
            print("nothing is removed")
            return 0
        remove_logs(selection, found, user=args.user, report=print)
    return 0

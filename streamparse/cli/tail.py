"""``sparse tail``: the last lines of a topology's logs on all workers, and those that come."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from streamparse.cli import launch, logs
from streamparse.project import OperationError, UsageError

if TYPE_CHECKING:
    from streamparse.cluster.remote import LogLine


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    logs.add_arguments(parser)
    add("-f", "--follow", action="store_true", help="go on with what is written, until Ctrl-C")
    add(
        "-l", "--num_lines", type=int, default=10, metavar="N",
        help="how many lines of each file (default: 10)",
    )  # fmt: skip
    add("--json", action="store_true", help="an object a line: its host, file and text")


def run(args: argparse.Namespace) -> int:
    """Show them; with several workers the host is in front of each line."""
    from streamparse.cluster import remote

    if args.num_lines < 0:
        raise UsageError(f"--num_lines {args.num_lines}: a whole number from 0 on would do")
    meant = logs.meant(args)
    show = _show_json if args.json else _shower(several=len(meant.environment.workers) > 1)

    def say(line: LogLine | OperationError) -> None:
        if isinstance(line, OperationError):
            print(f"warning: {line}", file=sys.stderr, flush=True)
        else:
            show(line)

    with launch.terminated_like_ctrl_c():
        there = remote.tail(
            meant.environment,
            meant.name,
            others=meant.others,
            lines=args.num_lines,
            follow=args.follow,
            pattern=args.pattern,
            all=args.all,
            say=say,
        )
    if not there:
        raise meant.missing()
    return 0


def _show_json(line: LogLine) -> None:
    print(json.dumps(line._asdict()), flush=True)


def _shower(*, several: bool) -> Callable[[LogLine], None]:
    """Shows the lines as tail does: a heading where another file of a host begins."""
    files: dict[str, str] = {}

    def show(line: LogLine) -> None:
        prefix = f"{line.host}: " if several else ""
        if files.get(line.host) != line.file:
            print(f"{prefix}==> {line.file} <==")
            files[line.host] = line.file
        print(f"{prefix}{line.text}", flush=True)

    return show

"""``sparse tail``: the last lines of a topology's logs on all workers, and those that come."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from streamparse.cli import logs
from streamparse.cli.arguments import check_at_least
from streamparse.cli.interruption import terminated_like_ctrl_c
from streamparse.cli.output import note, warn
from streamparse.project import OperationError, visible

if TYPE_CHECKING:
    from streamparse.cluster import LogLine


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    logs.add_arguments(parser)
    add("-f", "--follow", action="store_true", help="go on with what is written, until Ctrl-C")
    add(
        "-l", "--num_lines", type=int, default=10, metavar="N",
        help="how many lines of each file (default: 10)",
    )  # fmt: skip
    add(
        "--ended",
        action="store_true",
        help="also logs of processes that have ended, and rotated ones",
    )
    add("--raw", action="store_true", help="pass control characters on, which a terminal obeys")
    add("--json", action="store_true", help="an object a line: its host, file and text")


def run(args: argparse.Namespace) -> int:
    """Show them; with several workers the host is in front of each line."""
    from streamparse.cluster import tail

    check_at_least("--num_lines", args.num_lines, 0)
    selection = logs.selection_of(args)
    several = len(selection.environment.workers) > 1
    show = _show_json if args.json else _shower(several=several, raw=args.raw)

    def report(line: LogLine | OperationError | str) -> None:
        if isinstance(line, OperationError):
            warn([str(line)])
        elif isinstance(line, str):
            note(line)
        else:
            show(line)

    with terminated_like_ctrl_c():
        if not tail(selection, lines=args.num_lines, follow=args.follow, report=report):
            raise logs.no_logs(selection)
    return 0


def _show_json(line: LogLine) -> None:
    print(json.dumps(line._asdict()), flush=True)


def _shower(*, several: bool, raw: bool) -> Callable[[LogLine], None]:
    """Return a function that shows lines as tail does, with a heading where another file of a host begins."""
    files: dict[str, str] = {}
    text = str if raw else visible

    def show(line: LogLine) -> None:
        prefix = f"{line.host}: " if several else ""
        if files.get(line.host) != line.file:
            print(f"{prefix}==> {line.file} <==")
            files[line.host] = line.file
        print(f"{prefix}{text(line.text)}", flush=True)

    return show

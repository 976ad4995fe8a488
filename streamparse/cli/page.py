"""``sparse page``: the page of a run from the file of its trace, or of two runs side by side."""

from __future__ import annotations

import argparse
import re
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from streamparse.cli.output import say, visible, warn
from streamparse.cli.output_file import PAGE, OutputFile, add_force_argument
from streamparse.cli.trace_text import reading
from streamparse.project import UsageError

if TYPE_CHECKING:
    from simulator.page import PageSource

MOST_EVENTS = 1_000_000  # that are read; the page shows a sample of so many


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("trace", metavar="TRACE", help="a file that --trace has written; -: stdin")
    add(
        "other", metavar="OTHER", nargs="?",
        help="another one: the page shows both side by side, and where they differ first",
    )  # fmt: skip
    add(
        "-o", "--output", metavar="FILE",
        help="the page; default: the name of the trace with .html at its end, of two traces A-B.html",
    )  # fmt: skip
    add_force_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Write the page of a trace, or of two. They may come from another machine: nothing but the files is read."""
    from simulator.page import Pair, page_of, page_of_runs

    names: list[str] = [args.trace, *([] if args.other is None else [args.other])]
    if names == ["-", "-"]:
        raise UsageError("page - -: stdin is one trace; expected two")
    sources = [page_source(name, has_name=len(names) > 1) for name in names]
    output = args.output or _output(names)
    file = OutputFile("--output", output, PAGE, force=args.force)
    if len(sources) == 1:
        file.write(page_of(sources[0]))
    else:
        file.write(page_of_runs(" and ".join(each.title for each in sources), sources, [Pair()]))
    say(f"{output} is written")
    return 0


def _output(names: list[str]) -> str:
    """The page's path: beside the first trace."""
    stems = dict.fromkeys(
        "stdin" if name == "-" else re.sub(r"(\.jsonl)?(\.gz)?$", "", Path(name).name, count=1)
        for name in names
    )
    return str(Path(names[0]).with_name(f"{'-'.join(stems)}.html"))


def page_source(path: str, *, has_name: bool, most_events: int = MOST_EVENTS) -> PageSource:
    """The source of the page of a trace file; what could not be read, or was not, is told in the terminal as well.

    Args:
        path: of the file.
        has_name: whether it is called by the name of its file, and not by that of its topology.
        most_events: how many events are read. What is behind them is not looked at.

    Raises:
        UsageError: it cannot be opened, or is no trace.
    """
    from simulator.page import source_of_events

    with reading(path) as reader:
        events = iter(reader)
        found = [*islice(events, most_events)]
        is_cut = next(events, None) is not None
        notes = [*reader.problems]
        head = reader.head
    if is_cut:
        notes.append(
            f"{reader.name}: events after the first {most_events:,} are not read, and not counted"
        )
        warn(map(visible, notes[-1:]))
    title = Path(reader.name).name if head is None else head.topology
    return source_of_events(reader.name if has_name else title, found, head=head, notes=notes)

"""``--workload``: rates, rows and times of recordings, for a simulation."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from streamparse.cli.output import note, warn
from streamparse.cli.output_file import WORKLOAD, OutputFile
from streamparse.project import UsageError

if TYPE_CHECKING:
    from simulator.engine import RunOptions
    from simulator.model import Topology

__all__ = ["with_workload"]


def with_workload(args: argparse.Namespace, topology: Topology, options: RunOptions) -> RunOptions:
    """Return the options with the workload of the command line; it is saved if that is asked for.

    What ``--stub`` puts in a spout's place stays there.

    Raises:
        UsageError: there is no such workload, it does not fit the topology, or the file cannot be written.
    """
    if args.workload is None:
        if args.save_workload is not None:
            raise UsageError("--save-workload: there is no workload; expected --workload as well")
        return options
    from streamparse.replaying import WorkloadError, read_workload

    try:
        found = read_workload(Path(args.workload))
        found.check(topology, args.workload)
    except WorkloadError as error:
        place = "" if str(error).startswith(args.workload) else f"{args.workload}: "
        raise UsageError(f"--workload {place}{error}") from None
    warn(found.left_out)
    for name, feed in found.feeds.items():
        rows = f"{len(feed.rows):,} recorded row{'s' * (len(feed.rows) != 1)}"
        note(f"{name} emits {rows}, at the recorded times from each other")
    if args.save_workload is not None:
        file = OutputFile("--save-workload", args.save_workload, WORKLOAD, force=args.force)
        file.write(found.to_text())
    return options.but(feeds={**found.feeds, **options.feeds}, work=found.work)

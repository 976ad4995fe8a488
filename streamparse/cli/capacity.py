"""``sparse capacity``: how many tuples a second a topology holds, and what each task more of its bottleneck brings."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from streamparse.cli.arguments import check_at_least
from streamparse.cli.interruption import INTERRUPTED, Interruption
from streamparse.cli.output import note
from streamparse.cli.output_file import add_force_argument, check_force
from streamparse.cli.record_options import note_unrecorded, unrecorded
from streamparse.cli.simulation_options import (
    add_simulation_arguments,
    pin_hash_seed,
    prepared,
    surroundings,
    virtual_clock,
)
from streamparse.cli.work import add_work_argument, with_work
from streamparse.project import Project, UsageError

if TYPE_CHECKING:
    from simulator.engine import Report, RunOptions
    from simulator.load import Capacity
    from simulator.model import Topology
    from streamparse.virtual_time import SharedClock

MOST_TASKS = 256
BAR = 40  # columns of the longest bar
FULL = 0.9  # of the time in service


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_simulation_arguments(parser)
    add_work_argument(parser)
    add_force_argument(parser)
    parser.add_argument(
        "--tasks", action="append", default=[], type=int, metavar="N",
        help="try this many tasks of the bottleneck; can be repeated (default: 1, 2, 4, 8 and the present number)",
    )  # fmt: skip
    parser.add_argument(
        "--json", action="store_true", help="print one JSON object, and nothing else, on stdout"
    )


def run(args: argparse.Namespace) -> int:
    """Simulate the topology under as much load as it takes, with several numbers of tasks; 130 when interrupted."""
    from simulator.load import capacity

    check_force(args, "--save-work")
    for tasks in args.tasks:
        check_at_least("--tasks", tasks, 1, most=MOST_TASKS)
    if args.in_process:
        pin_hash_seed()
    project = Project.find()
    with Interruption() as interruption:
        topology, options = prepared(args, project)
        options = with_work(args, topology, options, surroundings(args, project, options, topology))
        if not (options.work or args.virtual_time):
            raise UsageError(
                "there is no work; expected --work, such as --work measured, or --virtual-time"
            )

        def run_one(changed: Topology, how: RunOptions) -> Report:
            with virtual_clock(args) as clock:
                return _whole_run(changed, how, clock)

        note_unrecorded(topology, options.conf, "sparse capacity")
        options = unrecorded(topology, options)
        with surroundings(args, project, options, topology):
            bottleneck, found = capacity(topology, options, sorted(set(args.tasks)), run_one)
        interruption.hold()
        if bottleneck is None:
            raise UsageError("no bolt with work was given a tuple, so there is no bottleneck")
        if args.json:
            rates = [each.as_dict() for each in found]
            print(json.dumps({"topology": topology.name, "of": bottleneck, "capacity": rates}))
        else:
            print("\n".join(_lines(topology.name, bottleneck, found)))
    last = found[-1]
    if last.rate and (last.bottleneck in topology.spouts or last.busy < FULL):
        note(
            "the last rate is limited by the spouts: a turn takes 1 ms unless --work SPOUT.next says otherwise"
        )
    return INTERRUPTED if interruption.has_come else 0


def _whole_run(topology: Topology, options: RunOptions, clock: SharedClock | None) -> Report:
    """The report of a simulation that came to its end.

    Raises:
        UsageError: a component failed.
        KeyboardInterrupt: it was interrupted.
    """
    from simulator import simulate

    report = simulate(topology, options, clock=clock)
    if report.stopped == "interrupted":
        raise KeyboardInterrupt
    if report.stopped == "error":
        raise UsageError(f"the simulation failed: {report.failures[0]}")
    return report


def _lines(topology: str, bottleneck: str, found: Sequence[Capacity]) -> Iterator[str]:
    """The table, with a bar for each rate."""
    yield f"{topology}: acked tuples a second, by the tasks of {bottleneck}"
    yield ""
    most = max(each.rate for each in found)
    widths = (
        max(len(str(each.tasks)) for each in found),
        max(len(f"{each.rate:.1f}") for each in found),
    )
    for each in found:
        bar = "#" * max(1, round(BAR * each.rate / most)) if most else ""
        limit = "" if each.busy < FULL else f"  {each.bottleneck} is busy {each.busy:.0%}"
        yield f"{each.tasks:>{widths[0]}}  {each.rate:>{widths[1]}.1f}  {bar:<{BAR}}{limit}".rstrip()

"""``--work``: how long components are busy, from the command line, a file, or a calibration run."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from streamparse.cli.output import note
from streamparse.cli.output_file import WORK, OutputFile
from streamparse.cli.record_options import unrecorded
from streamparse.cli.simulation_options import virtual_clock
from streamparse.project import UsageError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from simulator.engine import RunOptions
    from simulator.load import Variant, Verdict
    from simulator.model import Topology
    from streamparse.virtual_time import SharedClock

__all__ = ["add_work_argument", "load_lines", "variant_lines", "with_work"]

MEASURED = "measured"
RECORDED = "recorded:"  # before a recording, or a directory of them


def add_virtual_time_argument(parser: argparse.ArgumentParser) -> None:
    """Add ``--virtual-time``."""
    parser.add_argument(
        "--virtual-time", action="store_true",
        help="components see virtual time: time, datetime and sleep; a sleep is work, and takes no real time (needs "
        "time-machine)",
    )  # fmt: skip


def add_work_argument(parser: argparse.ArgumentParser) -> None:
    """Add ``--virtual-time``, ``--work`` and ``--save-work``."""
    add_virtual_time_argument(parser)
    parser.add_argument(
        "--work", action="append", default=[], metavar="ID=TIME|FILE|measured|recorded:PATH", dest="work",
        help="how long a bolt is busy with a tuple in virtual time: price=30ms, price=20ms..40ms, 'price=exp(30ms)'; "
        "ID.tick, ID.next, ID.ack, ID.fail, ID.initialize and ID.parallel say more; or a file of them, `measured` "
        "by a calibration run, or as `recorded` in a recording or a directory of them; can be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--save-work", metavar="FILE", dest="save_work",
        help="write the work that was used to a file, for --work FILE",
    )  # fmt: skip


def with_work(
    args: argparse.Namespace,
    topology: Topology,
    options: RunOptions,
    surroundings: AbstractContextManager[object],
) -> RunOptions:
    """The options with the work of the command line, measured if that is asked for; it is saved if that is.

    Args:
        surroundings: what a calibration run needs around it.

    Raises:
        UsageError: there is no such work, or the file cannot be written.
    """
    work, is_measured = _read(args.work, topology, options.feeds)
    file = None
    if args.save_work is not None:
        if not work and not is_measured:
            raise UsageError("--save-work: there is no work; expected --work as well")
        file = OutputFile("--save-work", args.save_work, WORK, force=args.force)
    if is_measured:
        with surroundings, virtual_clock(args) as clock:
            work = _with_measured(work, topology, unrecorded(topology, options), clock)
    if file is not None:
        from simulator.load import as_file

        file.write(as_file(topology.name, work))
    return options.but(work={**options.work, **work})


def _read(
    texts: Iterable[str], topology: Topology, feeds: Iterable[str]
) -> tuple[dict[str, object], bool]:
    """Read the work of the command line; what comes later wins.

    Returns:
        The work, and whether some of it is to be measured.

    Raises:
        UsageError: it is none, or the topology has no place for it.
    """
    from simulator.engine import WorkError, flat_work, parse_work, read_work

    work: dict[str, object] = {}
    is_measured = False
    feeds = list(feeds)
    try:
        for text in texts:
            name, equals, value = topology.split_assignment(text)
            if text == MEASURED:
                is_measured = True
            elif text.startswith(RECORDED):
                work.update(_recorded(text, topology, feeds))
            elif equals:
                one: dict[str, object] = {name: value}
                parse_work(one, topology, feeds, "--work")
                work.update(flat_work(one, topology))
            elif text.endswith(".json") or "/" in text:
                found = read_work(Path(text), topology)
                parse_work(found, topology, feeds, f"--work {text}:")
                work.update(flat_work(found, topology))
            else:
                raise UsageError(
                    f"--work {text}: expected ID=TIME such as price=30ms, a .json file, {MEASURED}, or {RECORDED}PATH"
                )
    except WorkError as error:
        raise UsageError(str(error)) from None
    return work, is_measured


def _recorded(text: str, topology: Topology, feeds: Iterable[str]) -> dict[str, object]:
    """Return the times in recordings; those of spouts whose rows come from a file have no use.

    Raises:
        UsageError: there is no such recording, or it is of another topology.
        WorkError: the topology has no place for it.
    """
    from simulator.engine import flat_work, parse_work
    from streamparse.replaying import WorkloadError, recorded_work

    try:
        found = recorded_work(Path(text.removeprefix(RECORDED)), topology)
    except WorkloadError as error:
        raise UsageError(f"--work {text}: {error}") from None
    used = {key: each for key, each in found.items() if key.partition(".")[0] not in feeds}
    parse_work(used, topology, feeds, f"--work {text}:")
    return flat_work(used, topology)


def _with_measured(
    work: dict[str, object],
    topology: Topology,
    options: RunOptions,
    clock: SharedClock | None,
) -> dict[str, object]:
    """Add what a calibration run measures to the work; what is given already wins. It is shown as options to use.

    Raises:
        UsageError: a component failed in the calibration run.
    """
    from simulator.load import measured_work

    measured, report = measured_work(topology, options, virtual=clock)
    if report.stopped == "error":
        finding = "; ".join(map(str, report.failures[:1]))
        raise UsageError(f"--work {MEASURED}: the calibration run failed: {finding}")
    added = {name: each for name, each in measured.items() if name not in work}
    shown = " ".join(f"--work {name}={each}" for name, each in added.items())
    note(f"measured on this machine; for the same run again: {shown or 'nothing'}")
    return {**added, **work}


def load_lines(verdict: Verdict) -> Iterator[str]:
    """The lines about the verdict on a run."""
    yield f"verdict: {verdict}{' is to be expected' if verdict.is_forecast else ''}"
    yield f"  why: {verdict.why}"


def variant_lines(variants: Iterable[Variant]) -> Iterator[str]:
    """The table of what was advised: a line for each change, and what its simulation has shown."""
    rows = [("change", "verdict", "acked", "failed", "acked/s")]
    rows += [
        (each.change, str(each.verdict), str(each.acked), str(each.failed), f"{each.per_second:g}")
        for each in variants
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [row[0].ljust(widths[0]), row[1].ljust(widths[1])]
        yield "  ".join([*cells, *map(str.rjust, row[2:], widths[2:])]).rstrip()

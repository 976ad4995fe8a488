"""``sparse explore``: run a topology here with hundreds of schedules and faults, and report which laws it keeps."""

from __future__ import annotations

import argparse
import contextlib
import difflib
import io
import json
import logging
import shlex
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamparse.cli import launch
from streamparse.cli.arguments import (
    add_local_environment_argument,
    add_storm_version_argument,
    add_topology_arguments,
    check_at_least,
)
from streamparse.cli.interruption import INTERRUPTED, Interruption
from streamparse.cli.output import note, warn
from streamparse.cli.output_file import PAGE, OutputFile, add_force_argument, check_force
from streamparse.cli.record_options import note_unrecorded
from streamparse.cli.simulation_options import (
    check_virtual_time,
    chosen_storm_version,
    pin_hash_seed,
    with_stubs,
)
from streamparse.cli.work import add_virtual_time_argument
from streamparse.project import Project, UsageError

if TYPE_CHECKING:
    from simulator.model import Topology
    from streamparse.testing import Guarantees

FIRST = 20
BROKEN = 1
MOST_DIFFERENCE = 200  # lines
#: What decides how a case runs, by destination.
SAME = {
    "name": "-n", "options": "-o", "par": "-p", "ackers": "-a", "workers": "-w", "debug": "-d",
    "log_levels": "--log-level", "environment": "-e", "storm_version": "--storm-version", "stubs": "--stub",
    "first": "--first", "processes": "--processes", "virtual_time": "--virtual-time", "seed": "--seed",
    "exactly_once": "--exactly-once",
}  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add_topology_arguments(parser)
    add_local_environment_argument(parser)
    add_storm_version_argument(parser)
    add(
        "--runs", type=int, metavar="N",
        help="how many runs, each with another schedule or other faults (default: 200, or what --within allows)",
    )  # fmt: skip
    add("--within", metavar="TIME", help="begin no run after this time, such as 30s")
    add(
        "--jobs", type=int, default=1, metavar="N",
        help="how many runs at the same time, each in a process of its own (default: %(default)d)",
    )  # fmt: skip
    add(
        "--processes", action="store_true",
        help="run each component as a process of its own, as on Storm; runs then share no modules and classes, and "
        "take several times as long",
    )  # fmt: skip
    add_virtual_time_argument(parser)
    add("--seed", type=int, default=0, metavar="N", help="decides every run (default: 0)")
    add(
        "--stub", action="append", default=[], metavar="ID=FILE|CLASS", dest="stubs",
        help="feed a spout's rows from a file of JSON lines, each up to six times until it is acked, or run another "
        "class in a component's place; CLASS[FIELD,...] says what it emits, for what needs a JVM",
    )  # fmt: skip
    add(
        "--first", type=int, default=FIRST, metavar="N",
        help="how many tuples each spout that runs itself may emit (default: %(default)d)",
    )  # fmt: skip
    add(
        "--faults", metavar="KIND,...",
        help="what may go wrong: crash, lost-ack, replay, delay (the default), and drop, fail, lost-fail, outage, "
        "worker, acker, rebalance, deactivate, duplicate, reorder",
    )  # fmt: skip
    add(
        "--laws", metavar="NAME,...",
        help="judge by these laws, or 'all'; --laws=+NAME adds one to the usual ones, --laws=-NAME leaves one out",
    )  # fmt: skip
    add(
        "--exactly-once", action="store_true",
        help="after any fault the result has to equal that of the fault-free run",
    )  # fmt: skip
    add(
        "--replay", metavar="FILE",
        help="run this case, and show its tuple trees and what differs from the fault-free run",
    )  # fmt: skip
    add(
        "--html", metavar="FILE",
        help="write a page: the laws, and the smallest case of each broken one beside the fault-free run; "
        "some hundred runs more tell when each failure became inevitable",
    )  # fmt: skip
    add_force_argument(parser)
    add("--json", action="store_true", help="print one JSON object, and nothing else, on stdout")


def run(args: argparse.Namespace) -> int:
    """Explore; 0 when no law is broken, 1 when one is, 130 when interrupted."""
    check_at_least("--runs", args.runs, 1)
    check_at_least("--first", args.first, 1)
    check_at_least("--jobs", args.jobs, 1)
    check_force(args, "--html")
    pin_hash_seed()
    project = Project.find()
    file = None
    if args.html is not None:
        file = OutputFile("--html", args.html, PAGE, force=args.force)
    try:
        with Interruption() as interruption, _silent_components():
            report = _report(args, project)
            interruption.hold()
    except KeyboardInterrupt:
        return INTERRUPTED
    if file is not None:
        _write_page(file, report, project)
    if args.json:
        print(json.dumps(report.as_dict()))
    elif report.trees is not None:
        print("\n".join(_replayed(report)))
    else:
        print(report)
        for each in report.broken:
            if each.case is not None:
                note(f"{_rerun(args, str(each.case))} shows the whole run: {each.title}")
    return 0 if report.holds else BROKEN


def _rerun(args: argparse.Namespace, case: str) -> str:
    """The command that runs a case of this command again: with all that decides how a topology runs."""
    words = ["sparse", "explore"]
    for dest, flag in SAME.items():
        value = getattr(args, dest)
        if value in (None, False, []) or (dest, value) in (("first", FIRST), ("seed", 0)):
            continue
        for each in value if isinstance(value, list) else [value]:
            words += [flag] if each is True else [flag, str(each)]
    if args.laws is not None:
        words.append(f"--laws={args.laws}")
    return shlex.join([*words, "--replay", case])


def _write_page(file: OutputFile, report: Guarantees, project: Project) -> None:
    """Write the page of the report.

    Raises:
        OutputError: the file cannot be written.
    """
    from streamparse.testing import page_of_guarantees

    file.write(page_of_guarantees(report.topology, report, str(project.source_dir)))
    note(f"page: {file.path}")


def _report(args: argparse.Namespace, project: Project) -> Guarantees:
    """Explore the topology of the command line.

    Raises:
        UsageError: something does not fit.
    """
    from streamparse.testing import HarnessError, Storm
    from streamparse.topologies import default_conf

    check_virtual_time(args)
    source_dir = project.require_source_dir()
    path = project.topology_path(args.name)
    environment = launch.chosen_environment(args, project)
    settings = launch.settings_of(args, project)
    conf = launch.topology_conf(args, project, settings, environment)
    storm_version = chosen_storm_version(args, project)
    topology = launch.read_topology(args, project, conf, storm_version)
    conf = launch.whole_conf(args, project, topology, conf)
    usual = default_conf(path, environment)["topology.workers"]
    if conf["topology.workers"] == usual and args.workers is None:
        del conf["topology.workers"]  # it is as everywhere, and so may be varied
    stubbed, feeds = with_stubs(args, topology, source_dir)
    note_unrecorded(topology, conf, "sparse explore")
    launch.check_classes(stubbed, project, without=feeds, in_process=not args.processes)
    options = _stubs(args, topology, stubbed, feeds)
    if args.faults is not None:
        options["faults"] = args.faults.split(",")
    try:
        with Storm(
            project.directory,
            seed=args.seed,
            storm_version=storm_version,
            replay=_case(args.replay),
            looks_into=args.html is not None,
            is_command=True,
            mode="process" if args.processes else None,
            virtual_time=args.virtual_time,
        ) as storm:
            return storm.check(
                str(path),
                conf=conf,
                environment=args.environment,
                laws=None if args.laws is None else _laws(args.laws),
                exactly_once=args.exactly_once,
                runs=args.runs,
                within=args.within,
                jobs=args.jobs,
                first=args.first,
                must_hold=False,
                **options,
            )
    except HarnessError as error:
        raise UsageError(" ".join(str(error).splitlines())) from None


def _laws(text: str) -> Any:
    """The argument of ``storm.check``: a list of names, or "all"."""
    return text if text == "all" else text.split(",")


def _case(file: str | None) -> Path | None:
    if file is not None and not Path(file).is_file():
        raise UsageError(f"--replay {file}: no such file; expected a case of .storm-cases/")
    return None if file is None else Path(file).absolute()


def _stubs(
    args: argparse.Namespace, topology: Topology, stubbed: Topology, feeds: dict[str, Any]
) -> dict[str, Any]:
    """What ``--stub`` asks for, as arguments of ``storm.check``."""
    names = [topology.split_assignment(text)[0] for text in args.stubs]
    classes: dict[str, dict[str, Any]] = {"spout": {}, "bolt": {}}
    for name in names:
        if name not in feeds:
            component = stubbed.components[name]
            classes[component.kind][name] = component.python_class
    outputs = {
        name: {stream: each.fields for stream, each in stubbed.components[name].outputs.items()}
        for name in names
        if stubbed.components[name].outputs != topology.components[name].outputs
    }
    rows = {name: feed.rows for name, feed in feeds.items()}
    return {"spouts": {**rows, **classes["spout"]}, "bolts": classes["bolt"], "outputs": outputs}


@contextlib.contextmanager
def _silent_components() -> Iterator[None]:
    """Show nothing of what the components of hundreds of runs print and log, and each warning about them once."""
    silent = logging.NullHandler()
    logging.getLogger().addHandler(silent)
    try:
        with warnings.catch_warnings(record=True) as caught, contextlib.redirect_stdout(_Nowhere()):
            warnings.simplefilter("always")
            yield
    finally:
        logging.getLogger().removeHandler(silent)
    warn(dict.fromkeys(str(each.message) for each in caught))


class _Nowhere(io.TextIOBase):
    """Takes text and forgets it."""

    def write(self, text: str) -> int:
        return len(text)

    def writable(self) -> bool:
        return True


def _replayed(report: Guarantees) -> Iterator[str]:
    """The report of a case: what it breaks, its trees, and how they differ from those of the fault-free run."""
    assert report.trees is not None  # a case was replayed
    fault_free, trees = report.trees
    for each in report.broken:
        yield f"{each.title}: BROKEN"
        yield from (f"  {line}" for line in each.summary)
    if report.holds:
        yield "no law is broken by this case"
    yield from ["", "its tuple trees:", *trees.splitlines()]
    yield from ["", "what differs from the fault-free run (-) in this case (+):"]
    lines = [
        line
        for line in difflib.unified_diff(
            fault_free.splitlines(), trees.splitlines(), n=1, lineterm=""
        )
        if not line.startswith(("---", "+++", "@@"))
    ]
    yield from lines[:MOST_DIFFERENCE] or ["nothing"]
    if (left := len(lines) - MOST_DIFFERENCE) > 0:
        yield f"and {left} more line{'s' * (left > 1)}"

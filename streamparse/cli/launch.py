"""What ``simulate``, ``run`` and ``submit`` have in common: the flags of a topology, its settings, and what is looked
at before anything slow begins."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
from collections.abc import Collection, Iterator, Mapping
from types import FrameType
from typing import TYPE_CHECKING

from streamparse.project import Project, UsageError

if TYPE_CHECKING:
    from simulator.model import Topology


def add_name_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-n", "--name", metavar="NAME", help="the topology; default: the only one of the project"
    )  # fmt: skip


def add_environment_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-e", "--environment", metavar="ENV",
        help="the cluster, one of envs in config.json; default: the only one there is",
    )  # fmt: skip


def add_topology_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of a topology that is about to run, wherever."""
    add = parser.add_argument
    add_name_argument(parser)
    add(
        "-o", "--option", action="append", default=[], metavar="KEY=VALUE", dest="options",
        help="a setting of the topology, as in topology.tick.tuple.freq.secs=2; can be repeated",
    )  # fmt: skip
    add("-p", "--par", type=int, default=2, metavar="N", help="workers and ackers (default: 2)")
    add("-a", "--ackers", type=int, metavar="N", help="ackers; default: as --par")
    add("-w", "--workers", type=int, metavar="N", help="workers; default: as --par")
    add("-d", "--debug", action="store_true", help="log at debug level, and set topology.debug")


def add_unchecked_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--unchecked", action="store_true",
        help="do not read the topology first: for Clojure that only Storm itself understands",
    )  # fmt: skip


def topology_conf(
    args: argparse.Namespace, project: Project, settings: Mapping[str, object]
) -> dict[str, object]:
    """The settings that a topology is given: the defaults, these, and last what ``-o`` says.

    Raises:
        UsageError: a number is too small, or an option is no KEY=VALUE.
    """
    from simulator import RUN_CONF

    numbers = {"--par": args.par, "--ackers": args.ackers, "--workers": args.workers}
    for flag, number in numbers.items():
        least = 0 if flag == "--ackers" else 1
        if number is not None and number < least:
            raise UsageError(f"{flag} {number}: at least {least} would do")
    return {
        **RUN_CONF,
        "topology.workers": args.par if args.workers is None else args.workers,
        "topology.acker.executors": args.par if args.ackers is None else args.ackers,
        "topology.debug": args.debug,
        **settings,
        **project.options(args.options),
    }


def local_settings(args: argparse.Namespace, project: Project) -> dict[str, object]:
    """What a topology that runs on this machine is given: this Python, and the project's logs."""
    return {
        "topology.python.path": sys.executable,
        "streamparse.log.path": str(project.logs_dir),
        "streamparse.log.level": "debug" if args.debug else "info",
    }


def known_storm(version: str, whence: str) -> str:
    """A version of Storm that we know how to behave like; ``whence`` names the place where it stands.

    Raises:
        UsageError: it is none.
    """
    from simulator.model import profile

    try:
        return profile(version).version
    except ValueError as error:
        raise UsageError(f"{whence}: {error}") from None


def read_topology(
    args: argparse.Namespace, project: Project, conf: Mapping[str, object], storm: str
) -> Topology:
    """The topology that ``--name`` says, as this Storm takes it; its warnings and the project's are printed.

    Raises:
        ProjectError: there is no such file.
        TopologyError: it cannot be used.
    """
    from simulator.clj import file as clj

    topology = clj.read_topology(project.topology_path(args.name), conf, storm=storm)
    warn((*project.warnings, *map(str, topology.warnings)))
    return topology


def check(
    args: argparse.Namespace, project: Project, conf: Mapping[str, object], storm: str
) -> None:
    """Read the topology and look for its classes, unless ``--unchecked`` leaves that to Storm.

    Raises:
        ProjectError, TopologyError: as ``read_topology`` and ``check_classes``.
    """
    if args.unchecked:
        warn(project.warnings)
    else:
        check_classes(read_topology(args, project, conf, storm), project)


def warn(warnings: Collection[str]) -> None:
    for warning in warnings:
        print(f"warning: {warning}", file=sys.stderr)


def check_classes(
    topology: Topology, project: Project, *, without: Collection[str] = ()
) -> frozenset[str]:
    """Refuse Python classes that are not there; the spouts whose class has an ack or a fail of its own.

    Args:
        without: components that something else stands in for.

    Raises:
        TopologyError: with all the classes that are not there.
    """
    from simulator.model import Problem, TopologyError
    from streamparse.project import SourceError, find_class

    problems = []
    expecting = set()
    for component in topology.components.values():
        if component.python_class is None or component.id in without:
            continue
        try:
            found = find_class(component.python_class, project.source_dir)
        except SourceError as error:
            problems.append(Problem(component.place, component.id, str(error)))
        else:
            if component.kind == "spout" and found.methods and found.methods & {"ack", "fail"}:
                expecting.add(component.id)
    if problems:
        raise TopologyError(problems)
    return frozenset(expecting)


@contextlib.contextmanager
def terminated_like_ctrl_c() -> Iterator[None]:
    """SIGTERM, and a terminal that goes away, end the command as Ctrl-C does: in order, and with no process left."""

    def interrupt(signum: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {
        signum: signal.signal(signum, interrupt)
        for signum in (signal.SIGTERM, signal.SIGHUP)
        if signal.getsignal(signum) != signal.SIG_IGN  # nohup's way
    }
    try:
        yield
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)

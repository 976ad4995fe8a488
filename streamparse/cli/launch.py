"""The parts of ``simulate``, ``run`` and ``submit``: the settings of a topology, and the checks before slow work."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
from collections.abc import Collection, Iterator, Mapping
from types import FrameType
from typing import TYPE_CHECKING

from streamparse.cli.arguments import check_at_least
from streamparse.cli.output import warn
from streamparse.project import (
    Project,
    SourceError,
    UsageError,
    find_class,
    log_setting_problems,
)

if TYPE_CHECKING:
    from simulator.model import Topology

__all__ = [
    "ANOTHER_STORM",
    "check",
    "check_classes",
    "check_storm_version",
    "local_settings",
    "read_topology",
    "terminated_like_ctrl_c",
    "topology_conf",
]


#: The remedy for a version in project.clj that cannot be simulated.
ANOTHER_STORM = "--storm-version chooses another"


def topology_conf(
    args: argparse.Namespace, project: Project, settings: Mapping[str, object]
) -> dict[str, object]:
    """Return the settings of a topology: the defaults, then ``settings``, and last those of the command line.

    Raises:
        UsageError: a number is too small, an option is no KEY=VALUE, or a setting of the logs has no use.
    """
    from simulator import RUN_CONF

    check_at_least("--par", args.par, 1)
    check_at_least("--ackers", args.ackers, 0)
    check_at_least("--workers", args.workers, 1)
    flags = {
        "topology.workers": args.par if args.workers is None else args.workers,
        "topology.acker.executors": args.par if args.ackers is None else args.ackers,
        "topology.debug": args.debug or None,
    }
    conf = {
        **RUN_CONF,
        **settings,
        **{key: value for key, value in flags.items() if value is not None},
        **project.options(args.options),
    }
    for problem in log_setting_problems(conf):
        raise UsageError(problem)
    return conf


def local_settings(args: argparse.Namespace, project: Project) -> dict[str, object]:
    """Return the settings of a topology that runs on this machine: this Python, and the project's logs."""
    return {
        "topology.python.path": sys.executable,
        "streamparse.log.path": str(project.logs_dir),
        "streamparse.log.level": "debug" if args.debug else "info",
    }


def check_storm_version(version: str, source: str, remedy: str = "") -> str:
    """Return a version of Storm that can be simulated, in its full form.

    Args:
        source: the place of the version, for an error.
        remedy: what else the user can do.

    Raises:
        UsageError: it cannot be simulated.
    """
    from simulator.model import profile

    try:
        return profile(version).version
    except ValueError as error:
        more = f"; {remedy}" if remedy else ""
        raise UsageError(f"{source}: {error}{more}") from None


def read_topology(
    args: argparse.Namespace, project: Project, conf: Mapping[str, object], storm_version: str
) -> Topology:
    """Return the topology of ``--name``, as this Storm reads it; print its warnings and the project's.

    Raises:
        ProjectError: there is no such file.
        TopologyError: it cannot be used.
    """
    from simulator import clj
    from simulator.model import find_overridden

    topology = clj.read_topology(
        project.topology_path(args.name), conf, storm_version=storm_version
    )
    given = {**({"topology.debug": True} if args.debug else {}), **project.options(args.options)}
    overridden = find_overridden(topology, given)
    warn((*project.warnings, *map(str, topology.warnings), *map(str, overridden)))
    return topology


def check(
    args: argparse.Namespace, project: Project, conf: Mapping[str, object], storm_version: str
) -> None:
    """Read the topology and look for its classes, unless ``--unchecked`` leaves that to Storm.

    Raises:
        ProjectError, TopologyError: as ``read_topology`` and ``check_classes``.
    """
    if args.unchecked:
        warn(project.warnings)
    else:
        check_classes(read_topology(args, project, conf, storm_version), project)


def check_classes(
    topology: Topology, project: Project, *, without: Collection[str] = ()
) -> frozenset[str]:
    """Refuse Python classes that do not exist.

    Args:
        without: the ids of components that are replaced.

    Returns:
        The ids of the spouts whose class has an ack or a fail of its own.

    Raises:
        TopologyError: with all the classes that do not exist.
    """
    from simulator.model import Problem, TopologyError

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
    """Let SIGTERM, and a terminal that goes away, end the command as Ctrl-C does: in order, with no process left."""

    def interrupt(signum: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {
        signum: signal.signal(signum, interrupt)
        for signum in (signal.SIGTERM, signal.SIGHUP)
        if signal.getsignal(signum) != signal.SIG_IGN  # as under nohup
    }
    try:
        yield
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)

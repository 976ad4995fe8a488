"""The parts of ``simulate``, ``run`` and ``submit``: the settings of a topology, and the checks before slow work."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from types import FrameType
from typing import TYPE_CHECKING

from streamparse.cli.arguments import check_at_least
from streamparse.cli.output import warn
from streamparse.project import Project, SourceError, UsageError, find_class

if TYPE_CHECKING:
    from simulator.model import Topology

LOG_LEVEL = "streamparse.log.level"
LOG_LEVELS = "streamparse.log.levels"  # by component id

__all__ = [
    "check",
    "check_classes",
    "check_storm_version",
    "local_settings",
    "read_topology",
    "swept_temporary_files",
    "terminated_like_ctrl_c",
    "topology_conf",
]


def topology_conf(
    args: argparse.Namespace, project: Project, settings: Mapping[str, object]
) -> dict[str, object]:
    """Return the settings of a topology: the defaults, then ``settings``, and last those of ``-o``.

    Raises:
        UsageError: a number is too small, an option is no KEY=VALUE, or there is no such level.
    """
    from simulator import RUN_CONF

    check_at_least("--par", args.par, 1)
    check_at_least("--ackers", args.ackers, 0)
    check_at_least("--workers", args.workers, 1)
    return {
        **RUN_CONF,
        "topology.workers": args.par if args.workers is None else args.workers,
        "topology.acker.executors": args.par if args.ackers is None else args.ackers,
        "topology.debug": args.debug,
        **settings,
        **_log_levels(args.log_levels),
        **project.options(args.options),
    }


LEVELS = ("debug", "info", "warning", "error", "critical")


def _log_levels(texts: Sequence[str]) -> dict[str, object]:
    """The settings of ``--log-level [ID=]LEVEL``."""
    found: dict[str, object] = {}
    own = {}
    for text in texts:
        component, _, level = text.rpartition("=")
        if level.lower() not in LEVELS:
            raise UsageError(
                f"--log-level {text}: expected LEVEL or ID=LEVEL with {', '.join(LEVELS)}"
            )
        if component:
            own[component] = level.lower()
        else:
            found[LOG_LEVEL] = level.lower()
    return {**found, LOG_LEVELS: own} if own else found


def local_settings(args: argparse.Namespace, project: Project) -> dict[str, object]:
    """Return the settings of a topology that runs on this machine: this Python, and the project's logs."""
    return {
        "topology.python.path": sys.executable,
        "streamparse.log.path": str(project.logs_dir),
        LOG_LEVEL: "debug" if args.debug else "info",
    }


def check_storm_version(version: str, source: str) -> str:
    """Return a version of Storm that can be simulated, in its full form.

    Args:
        source: the place of the version, for an error.

    Raises:
        UsageError: it cannot be simulated.
    """
    from simulator.model import profile

    try:
        return profile(version).version
    except ValueError as error:
        raise UsageError(f"{source}: {error}") from None


def read_topology(
    args: argparse.Namespace, project: Project, conf: Mapping[str, object], storm_version: str
) -> Topology:
    """Return the topology of ``--name``, as this Storm reads it; print its warnings and the project's.

    Raises:
        ProjectError: there is no such file.
        TopologyError: it cannot be used.
        UsageError: ``--log-level`` names a component that it does not have.
    """
    from simulator import clj

    topology = clj.read_topology(
        project.topology_path(args.name), conf, storm_version=storm_version
    )
    _check_log_levels(args, topology)
    warn((*project.warnings, *map(str, topology.warnings)))
    return topology


def _check_log_levels(args: argparse.Namespace, topology: Topology) -> None:
    from simulator.model import did_you_mean

    for text in args.log_levels:
        component, equals, _ = text.rpartition("=")
        if equals and component not in topology.components:
            near = did_you_mean(component, topology.components)
            raise UsageError(f"--log-level {text}: there is no component {component!r}{near}")


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
def swept_temporary_files() -> Iterator[None]:
    """Make temporary files where the next command removes them, should this one be killed."""
    from simulator.transports import temporary_directory

    before, tempfile.tempdir = tempfile.tempdir, temporary_directory()
    try:
        yield
    finally:
        tempfile.tempdir = before


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

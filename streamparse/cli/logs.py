"""The parts of ``tail`` and ``remove_logs``: which logs of which cluster are selected."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from streamparse.cli.arguments import add_environment_argument
from streamparse.cli.output import warn
from streamparse.project import (
    OperationError,
    Project,
    ProjectError,
    check_topology_name,
    did_you_mean,
)

if TYPE_CHECKING:
    from streamparse.cluster import LogSelection

__all__ = ["add_arguments", "no_logs", "selection_of"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags that select logs."""
    add_environment_argument(parser)
    parser.add_argument(
        "-n", "--name", metavar="NAME",
        help="the topology, also one that has no file here any more; default: the only one of the project",
    )  # fmt: skip
    parser.add_argument(
        "--pattern", metavar="REGEX",
        help="only files with this regular expression in their names, as in count-bolt",
    )  # fmt: skip
    parser.add_argument(
        "--all", action="store_true",
        help="Storm's own logs in the same directory too: worker*, supervisor*, access*, metrics*",
    )  # fmt: skip


def selection_of(args: argparse.Namespace) -> LogSelection:
    """Return the selection that the arguments make.

    Raises:
        ProjectError: there is no such environment, or several topologies and no name.
        UsageError: the name is none for a topology.
    """
    from streamparse.cluster import LogSelection

    project = Project.find()
    warn(project.warnings)
    name = (
        project.topology_path().stem
        if args.name is None
        else args.name.removesuffix(".clj").removesuffix(".py")
    )
    environment = project.environment(args.environment)
    return LogSelection(
        environment,
        check_topology_name(name),
        components=_components(project, name, environment.name),
        others=project.topologies,
        pattern=args.pattern,
        all=args.all,
        ended=getattr(args, "ended", False),
    )


def _components(project: Project, name: str, environment: str) -> tuple[str, ...] | None:
    """The ids in the topology's file; None when there is none here, or only Storm can read it."""
    from simulator.model import TopologyError
    from streamparse.topologies import default_conf, read_topology

    try:
        path = project.topology_path(name)
        topology = read_topology(path, default_conf(path), project=project, environment=environment)
    except (ProjectError, TopologyError):
        return None
    return tuple(topology.components)


def no_logs(selection: LogSelection) -> OperationError:
    """Return the error for a selection without any logs."""
    directory = selection.environment.log.path
    finding = f"no logs of {selection.name} in {directory} on any worker"
    near = ""
    if selection.name not in selection.others:
        near = did_you_mean(selection.name, selection.others)
    return OperationError(f"{finding}; {near or 'has it run there, and is that where it logs?'}")

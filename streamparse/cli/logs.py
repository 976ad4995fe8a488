"""What ``tail`` and ``remove_logs`` have in common: which logs of which cluster are meant."""

from __future__ import annotations

import argparse
import difflib
from dataclasses import dataclass

from streamparse.cli import launch
from streamparse.project import Environment, OperationError, Project, check_topology_name


@dataclass(frozen=True)
class Meant:
    """The topology whose logs are meant; ``others`` are those of the same project."""

    environment: Environment
    name: str
    others: tuple[str, ...]

    def missing(self) -> OperationError:
        """The error when there are no such logs."""
        where = f"no logs of {self.name} in {self.environment.log.path} on any worker"
        near = difflib.get_close_matches(self.name, self.others, 1)
        if self.name not in self.others and near:
            return OperationError(f"{where}; did you mean {near[0]}?")
        return OperationError(f"{where}; has it run there, and is that where it logs?")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    launch.add_environment_argument(parser)
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


def meant(args: argparse.Namespace) -> Meant:
    """What the arguments say.

    Raises:
        ProjectError: there is no such environment, or several topologies and no name.
    """
    project = Project.find()
    launch.warn(project.warnings)
    name = project.topology_path().stem if args.name is None else args.name.removesuffix(".clj")
    environment = project.environment(args.environment)
    return Meant(environment, check_topology_name(name), project.topologies)

"""``sparse kill``: stop a topology on a cluster, any that runs there."""

from __future__ import annotations

import argparse

from streamparse.cli.arguments import add_environment_argument, check_at_least
from streamparse.cli.cluster import environment_of, nimbus_of
from streamparse.project import Project, UsageError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "topology", nargs="?", metavar="NAME",
        help="the topology, any that runs there; default: the only one of the project",
    )  # fmt: skip
    add("-n", "--name", metavar="NAME", help="the same, as other commands have it")
    add_environment_argument(parser)
    add(
        "--wait", type=int, default=5, metavar="SECS",
        help="how long tuples that are under way have until the workers end; spouts are silent at once; default: 5",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Kill it; an error names the nearest topology that runs."""
    from streamparse.cluster import kill_topology

    check_at_least("--wait", args.wait, 0)
    project, environment = environment_of(args)
    name = _name(args, project)
    with nimbus_of(project, environment) as nimbus:
        print(f"killing {name} on {environment.name} ({environment.nimbus})", flush=True)
        kill_topology(nimbus, name, args.wait)
    print(f"{name} is killed; its workers end in {args.wait} s")
    return 0


def _name(args: argparse.Namespace, project: Project) -> str:
    named = {name for name in (args.topology, args.name) if name is not None}
    if len(named) > 1:
        raise UsageError(f"{args.topology} and -n {args.name}: one topology at a time")
    if "" in named:
        raise UsageError("the name of a topology is empty; `sparse list` shows those that run")
    name: str = named.pop() if named else project.topology_path().stem
    return name

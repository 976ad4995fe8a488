"""``sparse update_virtualenv``: build the virtualenv on all workers that the next submit of a topology will use."""

from __future__ import annotations

import argparse

from streamparse.cli.arguments import add_environment_argument, add_name_argument
from streamparse.cli.interruption import terminated_like_ctrl_c
from streamparse.cli.output import say, warn
from streamparse.project import Project, check_topology_name


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_environment_argument(parser)
    add_name_argument(parser)
    parser.add_argument(
        "--dry-run", action="store_true", help="show the steps on each worker, and do nothing"
    )


def run(args: argparse.Namespace) -> int:
    """Build them, with a line for each step on each worker."""
    from streamparse.cluster import check_virtualenvs, update_virtualenvs, virtualenv_steps

    project = Project.find()
    warn(project.warnings)
    name = check_topology_name(project.topology_path(args.name).stem)
    environment = project.environment(args.environment)
    requirements = project.virtualenv_specs / f"{name}.txt"
    check_virtualenvs(environment, name, requirements)
    workers = ", ".join(environment.workers)
    if args.dry_run:
        steps = virtualenv_steps(environment, name, requirements)
        print(f"{workers}, all at once", *steps, sep="\n     ")
        return 0
    say(f"building the virtualenv of {name} on {workers}, unless it is there")
    with terminated_like_ctrl_c():
        update_virtualenvs(environment, name, requirements, report=say)
    return 0

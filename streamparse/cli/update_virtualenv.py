"""``sparse update_virtualenv``: build or update a topology's virtualenv on all workers, as a submit does."""

from __future__ import annotations

import argparse

from streamparse.cli import launch
from streamparse.project import Project, check_topology_name


def add_arguments(parser: argparse.ArgumentParser) -> None:
    launch.add_environment_argument(parser)
    launch.add_name_argument(parser)
    parser.add_argument(
        "--dry-run", action="store_true", help="show what would be done on each worker"
    )


def run(args: argparse.Namespace) -> int:
    """Bring them up to date; one line a worker says how it went."""
    from streamparse.cluster import remote

    project = Project.find()
    launch.warn(project.warnings)
    name = check_topology_name(project.topology_path(args.name).stem)
    environment = project.environment(args.environment)
    requirements = project.virtualenv_specs / f"{name}.txt"
    remote.check_virtualenvs(environment, name, requirements)
    workers = ", ".join(environment.workers)
    if args.dry_run:
        steps = remote.virtualenv_steps(environment, name, requirements)
        print(f"{workers}, all at once", *steps, sep="\n     ")
        return 0
    print(f"the virtualenv of {name} is brought up to date on {workers}", flush=True)
    with launch.terminated_like_ctrl_c():
        remote.update_virtualenvs(environment, name, requirements, say=_say)
    return 0


def _say(line: str) -> None:
    print(line, flush=True)

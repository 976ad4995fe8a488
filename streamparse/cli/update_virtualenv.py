"""``sparse update_virtualenv``: build the virtualenvs, or the blob of packages, that the next submit will use."""

from __future__ import annotations

import argparse
from dataclasses import replace

from streamparse.cli import launch
from streamparse.cli.arguments import add_environment_argument, add_name_argument
from streamparse.cli.interruption import terminated_like_ctrl_c
from streamparse.cli.output import say, warn
from streamparse.project import Project, check_topology_name


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_environment_argument(parser)
    add_name_argument(parser)
    parser.add_argument(
        "--dry-run", action="store_true", help="show the steps and their machines, and do nothing"
    )


def run(args: argparse.Namespace) -> int:
    """Build them, with a line for each step on each worker."""
    from streamparse.cluster import merged_steps, packages_of, update_packages

    project = Project.find()
    warn(project.warnings)
    name = check_topology_name(project.topology_path(args.name).stem)
    # Who asks for them by name gets them, whatever a submit does.
    environment = replace(project.environment(args.environment), use_virtualenv=True)
    packages = packages_of(
        environment,
        name,
        project.virtualenv_specs / f"{name}.txt",
        by_thrift=environment.submit == "thrift",
    )
    environment.require(*packages.needs)
    packages.check()
    if args.dry_run:
        for place, steps in merged_steps([*packages.asking(), *packages.building()]):
            print(place, *steps, sep="\n     ")
        return 0
    say(f"building {packages.summary()}")
    with terminated_like_ctrl_c(), launch.swept_temporary_files():
        update_packages(packages, environment, say)
    return 0

"""``sparse jar``: build the jar that a submit takes to the cluster."""

from __future__ import annotations

import argparse

from streamparse.cli import launch
from streamparse.cli.interruption import terminated_like_ctrl_c
from streamparse.cli.output import note
from streamparse.project import Project


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "-s", "--simple_jar", action="store_true",
        help="a jar of this project alone, without what it depends on",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Build it; stdout has its path and nothing else."""
    from streamparse.jvm import build_jar, project_lock

    project = Project.find()
    with (
        terminated_like_ctrl_c(),
        launch.swept_temporary_files(),
        project_lock(project, note) as lock,
    ):
        jar = build_jar(project, note, simple=args.simple_jar, verbose=args.verbose, lock=lock)
    print(jar)
    return 0

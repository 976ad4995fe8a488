"""``sparse jar``: build the jar that a submit takes to the cluster."""

from __future__ import annotations

import argparse

from streamparse.cli import launch
from streamparse.cli.interruption import terminated_like_ctrl_c
from streamparse.cli.output import note
from streamparse.project import Project, UsageError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "-s", "--simple_jar", action="store_true",
        help="a jar of this project alone, without what it depends on",
    )  # fmt: skip
    add(
        "--thrift", action="store_true",
        help="the jar of a submit by Thrift: the files of src/ alone, without Leiningen; the same sources are the same "
        "bytes",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Build it; stdout has its path and nothing else."""
    from streamparse.jvm import build_jar, build_source_jar, project_lock

    project = Project.find()
    if args.thrift:
        if args.simple_jar:
            raise UsageError(
                "--simple_jar is of Leiningen, and --thrift does without it; leave one out"
            )
        print(build_source_jar(project))
        return 0
    with (
        terminated_like_ctrl_c(),
        launch.swept_temporary_files(),
        project_lock(project, note) as lock,
    ):
        jar = build_jar(project, note, simple=args.simple_jar, verbose=args.verbose, lock=lock)
    print(jar)
    return 0

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
        "bytes. The default where there is no project.clj and every topology is a Python class",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Build it; stdout has its path and nothing else."""
    from streamparse.jvm import build_jar, build_source_jar, project_lock

    project = Project.find()
    if args.thrift or _needs_no_leiningen(project):
        if args.simple_jar and args.thrift:
            raise UsageError(
                "--simple_jar is of Leiningen, and --thrift does without it; leave one out"
            )
        if args.simple_jar:
            raise UsageError(
                "--simple_jar: no project.clj, which Leiningen needs; without the flag the jar is that of --thrift"
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


def _needs_no_leiningen(project: Project) -> bool:
    """True where all that can be submitted goes by Thrift: topologies in Python, and no project.clj."""
    files = project.topology_files
    has_none = not (project.directory / "project.clj").exists()
    return has_none and bool(files) and all(each.suffix == ".py" for each in files)

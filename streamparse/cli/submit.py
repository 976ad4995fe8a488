"""``sparse submit``: take a topology to a cluster."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from streamparse.cli import launch
from streamparse.cli.arguments import (
    add_environment_argument,
    add_topology_arguments,
    add_unchecked_argument,
    check_at_least,
)
from streamparse.cli.interruption import terminated_like_ctrl_c
from streamparse.cli.later_flags import add_later_flags
from streamparse.cli.output import note, say, warn
from streamparse.cli.record_options import add_record_arguments
from streamparse.project import (
    Environment,
    OperationError,
    Project,
    UsageError,
    as_json,
    check_topology_name,
    read_hook_files,
)

if TYPE_CHECKING:
    from simulator.model import Topology
    from streamparse.cluster import TopologyReader


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add_environment_argument(parser)
    add_topology_arguments(parser)
    add_record_arguments(parser)
    add_unchecked_argument(parser)
    add("-f", "--force", action="store_true", help="kill a running topology of this name first")
    add(
        "--wait", type=int, default=5, metavar="SECS",
        help="with --force: how long the old topology finishes what it has begun (default: 5)",
    )  # fmt: skip
    add(
        "-s", "--simple_jar", action="store_true",
        help="a jar of this project alone, without what it depends on",
    )  # fmt: skip
    way = parser.add_mutually_exclusive_group()
    way.add_argument(
        "--thrift", action="store_true",
        help='submit by Thrift, without Leiningen and a JVM; "submit": "thrift" in config.json means the same',
    )  # fmt: skip
    way.add_argument(
        "--lein", action="store_true",
        help="submit with Leiningen, whatever config.json says",
    )  # fmt: skip
    add(
        "-N", "--override_name", metavar="NAME",
        help="the topology's name on the cluster, by Thrift; default: that of its file",
    )  # fmt: skip
    add(
        "-r", "--requirements", action="append", type=Path, metavar="FILE",
        help="its requirements; default: the file of the topology's name in virtualenvs/",
    )  # fmt: skip
    add(
        "-i", "--inactive", action="store_true",
        help="submit it, by Thrift, with spouts that are not called before it is activated",
    )  # fmt: skip
    add_later_flags(parser)
    add("--dry-run", action="store_true", help="show the steps and their machines, and do nothing")


def run(args: argparse.Namespace) -> int:
    """Submit; 130 when interrupted. However it ends, the state of the cluster is printed."""
    from streamparse.cluster import Submission, SubmitRequest, cluster_settings

    check_at_least("--wait", args.wait, 0)
    project = Project.find()
    path = project.topology_path(args.name)
    check_topology_name(path.stem if args.override_name is None else args.override_name)
    environment = project.environment(args.environment)
    topology = _reader(args, project, path) if _is_by_thrift(args, environment, path) else None

    def conf(environment: Environment, python: str | None) -> Mapping[str, object]:
        settings = cluster_settings(environment, python, debug=args.debug)
        return launch.topology_conf(args, project, settings, environment)

    request = SubmitRequest(
        project,
        path,
        _storm_version(project, is_by_thrift=topology is not None),
        force=args.force,
        wait_secs=args.wait,
        simple_jar=args.simple_jar,
        debug=args.debug,
        verbose=args.verbose,
        unchecked=args.unchecked,
        own_name=args.override_name,
        own_requirements=_requirements(args),
        inactive=args.inactive,
    )
    submission = Submission(request, environment, conf, topology)
    submission.check()
    hook_files = read_hook_files(project.directory)
    warn(str(finding) for file in hook_files for finding in file.findings)  # no error is left
    settings = submission.settings()
    launch.check(args, project, settings, request.storm_version, from_jar=True)
    if args.dry_run:
        for number, (where, steps) in enumerate(submission.steps(), 1):
            print(f"{number}. {where}", *steps, sep="\n     ")
        changing = any("pre_submit" in file.hooks for file in hook_files)
        unless = ", if pre_submit changes none" if changing else ""
        print(f"the settings that it is submitted with{unless}:")
        for key, value in settings.items():
            print(f"     {key}={as_json(value)}")
        if submission.asks_for_workers and path.suffix == ".py":
            print(
                "topology.workers and topology.acker.executors are the number of workers then, if nothing sets them"
            )
        if log_path := submission.environment.log.path:
            print(
                f"log.path must be a directory on each worker; submit does not make it: {log_path}"
            )
        return 0
    try:
        with terminated_like_ctrl_c(), launch.swept_temporary_files():
            submission.run(say)
    except (KeyboardInterrupt, BrokenPipeError) as error:
        note(f"interrupted: {submission.outcome()}")
        if isinstance(error, BrokenPipeError):
            raise
        return 130
    except OperationError:
        note(submission.outcome())
        raise
    say(submission.outcome())
    return 0


# -- by Thrift ---------------------------------------------------------------------------------------------------


def _is_by_thrift(args: argparse.Namespace, environment: Environment, path: Path) -> bool:
    """Return whether the topology is submitted by Thrift, as every one in Python is.

    Raises:
        UsageError: it is, and a flag is there that has no meaning then.
    """
    is_class = path.suffix == ".py"
    if args.lein and is_class:
        raise UsageError(
            f"--lein: {path} is a topology in Python, which Leiningen cannot read; leave --lein out, or write "
            f"{path.stem}.clj with `sparse convert`"
        )
    if args.lein or not (args.thrift or is_class or environment.submit == "thrift"):
        for flag in ("override_name", "inactive"):
            if getattr(args, flag):
                raise UsageError(
                    f"--{flag} is of a submit by Thrift; say --thrift, or leave it out"
                )
        return False
    if args.simple_jar:
        raise UsageError(
            "--simple_jar is of Leiningen; by Thrift every jar has the files of src/ alone; leave it out, or say --lein"
        )
    if args.unchecked:
        raise UsageError(
            "--unchecked leaves the topology to Storm's Clojure, which is not there by Thrift; leave it out, or say "
            "--lein"
        )
    return True


def _requirements(args: argparse.Namespace) -> Path | None:
    if args.requirements and len(args.requirements) > 1:
        raise UsageError(
            "--requirements is there twice; expected one file, which may include others with -r FILE"
        )
    return args.requirements[0] if args.requirements else None


def _reader(args: argparse.Namespace, project: Project, path: Path) -> TopologyReader:
    def topology(
        conf: Mapping[str, object], storm_version: str
    ) -> tuple[Topology, Mapping[str, object]]:
        from streamparse.topologies import read_topology

        found = read_topology(
            path,
            conf,
            storm_version=storm_version,
            project=project,
            environment=args.environment,
        )
        return found, launch.whole_conf(args, project, found, conf)

    return topology


def _storm_version(project: Project, *, is_by_thrift: bool) -> str:
    """Return the version of Storm in project.clj; by Thrift that is a guess, until the cluster has been asked."""
    from simulator.model import NEWEST
    from streamparse.jvm import require_storm_version

    if not is_by_thrift:
        return launch.check_storm_version(require_storm_version(project), "project.clj")
    try:
        return launch.check_storm_version(project.storm_version() or NEWEST, "project.clj")
    except UsageError:
        return NEWEST

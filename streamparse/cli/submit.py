"""``sparse submit``: take a topology to a cluster."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping

from streamparse.cli import launch
from streamparse.project import (
    Environment,
    OperationError,
    Project,
    UsageError,
    check_topology_name,
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    launch.add_environment_argument(parser)
    launch.add_topology_arguments(parser)
    launch.add_unchecked_argument(parser)
    add("-f", "--force", action="store_true", help="kill a running topology of this name first")
    add(
        "--wait", type=int, default=5, metavar="SECS",
        help="with --force: how long the old topology finishes what it has begun (default: 5)",
    )  # fmt: skip
    add(
        "-s", "--simple_jar", action="store_true",
        help="a jar of this project alone, without what it depends on",
    )  # fmt: skip
    add("-v", "--verbose", action="store_true", help="show what Leiningen says")
    add("--dry-run", action="store_true", help="show what would be done, and to which machine")


def run(args: argparse.Namespace) -> int:
    """Submit; 130 when interrupted. However it ends, it says what became of the cluster."""
    from streamparse.cluster.submission import Submission, cluster_settings
    from streamparse.jvm import lein

    if args.wait < 0:
        raise UsageError(f"--wait {args.wait}: no time is less than 0")
    project = Project.find()
    path = project.topology_path(args.name)
    name = check_topology_name(path.stem)

    def conf(environment: Environment) -> Mapping[str, object]:
        settings = cluster_settings(environment, name, debug=args.debug)
        return launch.topology_conf(args, project, settings)

    submission = Submission(
        project,
        path,
        project.environment(args.environment),
        conf,
        launch.known_storm(lein.storm_version(project), "project.clj"),
        force=args.force,
        wait_secs=args.wait,
        simple_jar=args.simple_jar,
        debug=args.debug,
        verbose=args.verbose,
    )
    submission.check()
    launch.check(args, project, conf(submission.environment), submission.storm)
    if args.dry_run:
        for number, (where, steps) in enumerate(submission.steps(), 1):
            print(f"{number}. {where}", *steps, sep="\n     ")
        return 0
    try:
        with launch.terminated_like_ctrl_c():
            submission.run(_say)
    except (KeyboardInterrupt, BrokenPipeError) as error:
        print(f"interrupted: {submission.outcome()}", file=sys.stderr)
        if isinstance(error, BrokenPipeError):
            raise
        return 130
    except OperationError:
        print(submission.outcome(), file=sys.stderr)
        raise
    _say(submission.outcome())
    return 0


def _say(line: str) -> None:
    print(line, flush=True)

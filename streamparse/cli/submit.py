"""``sparse submit``: take a topology to a cluster."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from streamparse.cli import launch
from streamparse.cli.arguments import (
    add_environment_argument,
    add_topology_arguments,
    add_unchecked_argument,
    check_at_least,
)
from streamparse.cli.output import note, say, warn
from streamparse.project import (
    Environment,
    OperationError,
    Project,
    as_json,
    check_topology_name,
    read_hook_files,
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add_environment_argument(parser)
    add_topology_arguments(parser)
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
    add("--dry-run", action="store_true", help="show the steps and their machines, and do nothing")


def run(args: argparse.Namespace) -> int:
    """Submit; 130 when interrupted. However it ends, the state of the cluster is printed."""
    from streamparse.cluster import Submission, cluster_settings
    from streamparse.jvm import require_storm_version

    check_at_least("--wait", args.wait, 0)
    project = Project.find()
    path = project.topology_path(args.name)
    name = check_topology_name(path.stem)

    def conf(environment: Environment, python: str | None) -> Mapping[str, object]:
        settings = cluster_settings(environment, name, python, debug=args.debug)
        return launch.topology_conf(args, project, settings)

    submission = Submission(
        project,
        path,
        project.environment(args.environment),
        conf,
        launch.check_storm_version(require_storm_version(project), "project.clj"),
        force=args.force,
        wait_secs=args.wait,
        simple_jar=args.simple_jar,
        debug=args.debug,
        verbose=args.verbose,
        unchecked=args.unchecked,
    )
    submission.check()
    hook_files = read_hook_files(project.directory)
    warn(str(finding) for file in hook_files for finding in file.findings)  # no error is left
    settings = conf(submission.environment, None)
    launch.check(args, project, settings, submission.storm_version, from_jar=True)
    if args.dry_run:
        for number, (where, steps) in enumerate(submission.steps(), 1):
            print(f"{number}. {where}", *steps, sep="\n     ")
        changing = any("pre_submit" in file.hooks for file in hook_files)
        unless = ", if pre_submit changes none" if changing else ""
        print(f"the settings that it is submitted with{unless}:")
        for key, value in settings.items():
            print(f"     {key}={as_json(value)}")
        if log_path := submission.environment.log.path:
            print(
                f"log.path must be a directory on each worker; submit does not make it: {log_path}"
            )
        return 0
    try:
        with launch.terminated_like_ctrl_c(), launch.swept_temporary_files():
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

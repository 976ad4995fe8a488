"""``sparse run``: run a topology here, in a real Storm's LocalCluster."""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

from streamparse.cli import launch
from streamparse.cli.arguments import (
    add_environment_argument,
    add_topology_arguments,
    add_unchecked_argument,
    check_at_least,
)
from streamparse.cli.output import note, say
from streamparse.project import Project, visible

if TYPE_CHECKING:
    from streamparse.jvm import Line


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_topology_arguments(parser)
    add_environment_argument(parser)
    add_unchecked_argument(parser)
    parser.add_argument(
        "-t", "--time", type=int, default=0, metavar="SECS",
        help="stop so many seconds after the topology was submitted, 0: at Ctrl-C (default: 0)",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Run; 0 when the time is up, 130 at Ctrl-C. A component that dies stops the whole topology."""
    from streamparse.jvm import STORM_LOG, find_jvm, require_storm_version, run_topology

    check_at_least("--time", args.time, 0, "0 is until Ctrl-C")
    project = Project.find()
    if args.environment is not None:
        project.environment(args.environment)
    conf = launch.topology_conf(args, project, launch.local_settings(args, project))
    storm_version = launch.check_storm_version(require_storm_version(project), "project.clj")
    launch.check(args, project, conf, storm_version)
    path = project.topology_path(args.name)
    with launch.terminated_like_ctrl_c(), launch.swept_temporary_files():
        jvm = find_jvm(project, say)
        log = project.logs_dir / STORM_LOG
        say(f"starting Storm {storm_version}; its log is {log}, the components' are beside it")
        began = time.monotonic()
        run_topology(
            project,
            jvm,
            path,
            conf,
            storm_version=storm_version,
            seconds=args.time,
            on_line=_Screen(args, path.stem).show,
        )
    say(f"{path.stem} ran for {time.monotonic() - began:.0f} s, Storm's start and end included")
    return 0


class _Screen:
    """The lines of a run: those of components and the steps, and with ``--debug`` all of Storm's, to stderr."""

    def __init__(self, args: argparse.Namespace, name: str) -> None:
        self._everything = args.debug
        until = f"for {args.time} s" if args.time else "until Ctrl-C"
        self._steps = {
            "running": f"{name} is submitted, and runs {until}",
            "stopping": f"stopping {name}",
        }

    def show(self, line: Line) -> None:
        if line.component is not None:
            say(f"{line.component}: {visible(line.text)}")
        elif line.step in self._steps:
            say(self._steps[line.step])
        elif self._everything:
            note(visible(line.text))

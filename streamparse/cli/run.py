"""``sparse run``: run a topology here, in a real Storm's LocalCluster."""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING

from streamparse.cli import launch
from streamparse.project import Project, UsageError

if TYPE_CHECKING:
    from streamparse.jvm.local_cluster import Line


def add_arguments(parser: argparse.ArgumentParser) -> None:
    launch.add_topology_arguments(parser)
    launch.add_environment_argument(parser)
    launch.add_unchecked_argument(parser)
    parser.add_argument(
        "-t", "--time", type=int, default=0, metavar="SECS",
        help="stop so many seconds after the topology was submitted, 0: at Ctrl-C (default: 0)",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Run; 0 when the time is up, 130 at Ctrl-C. A component that dies stops the whole topology."""
    from streamparse.jvm import lein
    from streamparse.jvm.local_cluster import STORM_LOG, run_topology

    if args.time < 0:
        raise UsageError(f"--time {args.time}: no time is less than 0; 0 is until Ctrl-C")
    project = Project.find()
    if args.environment is not None:
        project.environment(args.environment)
    conf = launch.topology_conf(args, project, launch.local_settings(args, project))
    storm = launch.known_storm(lein.storm_version(project), "project.clj")
    launch.check(args, project, conf, storm)
    path = project.topology_path(args.name)
    with launch.terminated_like_ctrl_c():
        jvm = lein.find_jvm(project, _say)
        _say(
            f"starting Storm {storm}; its log is {project.logs_dir / STORM_LOG}, the components' are beside it"
        )
        began = time.monotonic()
        run_topology(
            project,
            jvm,
            path,
            conf,
            storm=storm,
            seconds=args.time,
            on_line=_Screen(args, path.stem).show,
        )
    _say(f"{path.stem} ran for {time.monotonic() - began:.0f} s, Storm's start and end included")
    return 0


def _say(line: str) -> None:
    print(line, flush=True)


class _Screen:
    """What is worth a line: what components say, and how far it is; with --debug all that Storm says."""

    def __init__(self, args: argparse.Namespace, name: str) -> None:
        self._everything = args.debug
        until = f"for {args.time} s" if args.time else "until Ctrl-C"
        self._steps = {
            f"running {name}": f"{name} is submitted, and runs {until}",
            f"stopping {name}": f"stopping {name}",
        }

    def show(self, line: Line) -> None:
        if line.component is not None:
            _say(f"{line.component}: {line.text}")
        elif line.text in self._steps:
            _say(self._steps[line.text])
        elif self._everything:
            print(line.text, file=sys.stderr, flush=True)

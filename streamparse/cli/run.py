"""``sparse run``: run a topology here, in a real Storm's LocalCluster."""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from streamparse.cli import launch
from streamparse.cli.arguments import (
    add_environment_argument,
    add_topology_arguments,
    add_unchecked_argument,
    check_at_least,
)
from streamparse.cli.interruption import terminated_like_ctrl_c
from streamparse.cli.output import note, say
from streamparse.cli.record_options import add_record_arguments
from streamparse.project import Project, UsageError, visible

if TYPE_CHECKING:
    from streamparse.jvm import Line


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_topology_arguments(parser)
    add_record_arguments(parser)
    add_environment_argument(parser)
    add_unchecked_argument(parser)
    parser.add_argument(
        "--thrift", action="store_true",
        help="without Leiningen, for Storm 2: the jars are those of STORM_HOME or the local Maven repository, or Maven "
        "fetches them",
    )  # fmt: skip
    parser.add_argument(
        "-t", "--time", type=int, default=0, metavar="SECS",
        help="stop so many seconds after the topology was submitted, 0: at Ctrl-C (default: 0)",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Run; 0 when the time is up, 130 at Ctrl-C. A component that dies stops the whole topology."""
    from streamparse.jvm import find_jvm, require_storm_version, run_topology

    check_at_least("--time", args.time, 0, "0 is until Ctrl-C")
    project = Project.find()
    if args.environment is not None:
        project.environment(args.environment)
    conf = launch.topology_conf(args, project, launch.local_settings(args, project))
    if args.thrift or project.topology_path(args.name).suffix == ".py":
        return _run_by_thrift(args, project, conf)
    storm_version = launch.check_storm_version(require_storm_version(project), "project.clj")
    launch.check(args, project, conf, storm_version)
    path = project.topology_path(args.name)
    with terminated_like_ctrl_c(), launch.swept_temporary_files():
        jvm = find_jvm(project, say)
        began = _say_start(project, storm_version)
        run_topology(
            project,
            jvm,
            path,
            conf,
            storm_version=storm_version,
            seconds=args.time,
            on_line=_Screen(args, path.stem).show,
        )
    _say_end(path.stem, began)
    return 0


def _run_by_thrift(args: argparse.Namespace, project: Project, conf: Mapping[str, object]) -> int:
    """Run without Leiningen: the topology is made here, and a JVM with Storm's jars alone runs it."""
    from simulator.model import NEWEST, profile
    from streamparse.cluster import check_submit, encoded, require_thriftpy2, to_storm_topology
    from streamparse.jvm import find_storm, run_storm_topology
    from streamparse.topologies import read_topology

    if args.unchecked:
        raise UsageError(
            "--unchecked leaves the topology to Storm's Clojure, which is not there with --thrift; leave one out"
        )
    path = project.topology_path(args.name)
    require_thriftpy2("--thrift" if args.thrift else f"{path.name}, a topology in Python,")
    with terminated_like_ctrl_c(), launch.swept_temporary_files():
        storm = find_storm(project.storm_version(), NEWEST, say)
        storm_version = launch.check_storm_version(storm.version, "Storm")
        launch.check(args, project, conf, storm_version)
        topology = read_topology(
            path, conf, storm_version=storm_version, project=project, environment=args.environment
        )
        conf = launch.whole_conf(args, project, topology, conf)
        check_submit(topology, conf, profile(storm_version))
        made = encoded(to_storm_topology(topology, conf, profile(storm_version)))
        began = _say_start(project, storm_version)
        run_storm_topology(
            project,
            storm,
            path.stem,
            made,
            conf,
            seconds=args.time,
            on_line=_Screen(args, path.stem).show,
        )
    _say_end(path.stem, began)
    return 0


def _say_start(project: Project, storm_version: str) -> float:
    from streamparse.jvm import STORM_LOG

    log = project.logs_dir / STORM_LOG
    say(f"starting Storm {storm_version}; its log is {log}, the components' are beside it")
    return time.monotonic()


def _say_end(name: str, began: float) -> None:
    say(f"{name} ran for {time.monotonic() - began:.0f} s, Storm's start and end included")


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

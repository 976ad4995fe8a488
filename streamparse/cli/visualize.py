"""``sparse visualize``: draw a topology, on the terminal or into a file."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from streamparse.cli.arguments import (
    add_local_environment_argument,
    add_name_argument,
    add_storm_version_argument,
)
from streamparse.cli.launch import check_storm_version, chosen_environment, settings_of
from streamparse.cli.output import warn
from streamparse.cli.output_file import PICTURE, OutputFile, add_force_argument, check_force
from streamparse.project import Project, ProjectError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from simulator.model import Topology

FORMS = (".svg", ".dot", ".mmd")  # of files


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add_name_argument(parser)
    add(
        "-o", "--option", action="append", default=[], metavar="KEY=VALUE", dest="options",
        help="a setting of the topology, as in topology.workers=3; can be repeated",
    )  # fmt: skip
    add(
        "-f", "--flip", action="store_true",
        help="from left to right instead of from top to bottom; only in a file",
    )  # fmt: skip
    add_local_environment_argument(parser)
    add_storm_version_argument(parser)
    add(
        "--output", metavar="FILE",
        help="draw into FILE.svg, a picture, FILE.dot, for Graphviz, or FILE.mmd, for Mermaid; default: text on the "
        "terminal",
    )  # fmt: skip
    add_force_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Draw the topology, with the task ids that ``sparse simulate`` and ``sparse run`` give by default."""
    from streamparse.topologies import default_conf, read_topology, with_conf

    check_force(args, "--output")
    form = None if args.output is None else _form(args.output)
    for option in args.options:
        if "=" not in option and Path(option).suffix.lower() in FORMS:
            raise UsageError(f"-o {option}: -o is for settings; to draw there: --output {option}")
    project = Project.find()
    path, given = project.topology_path(args.name), project.options(args.options)
    environment = chosen_environment(args, project)
    conf = {**default_conf(path, environment), **settings_of(args, project), **given}
    topology = read_topology(
        path,
        conf,
        storm_version=_storm_version(args, project),
        project=project,
        environment=args.environment,
    )
    conf = with_conf(topology, conf, given)
    warn((*project.warnings, *map(str, topology.warnings)))
    picture = _picture(topology, conf, form, flip=args.flip)
    if form is None:
        print(picture, end="")
    else:
        _write(args.output, picture, force=args.force)
    return 0


def _storm_version(args: argparse.Namespace, project: Project) -> str | None:
    """The version of ``--storm-version``; else that of ``project.clj``, if it is known: a picture needs none."""
    if args.storm_version is not None:
        return check_storm_version(args.storm_version, "--storm-version")
    try:
        return check_storm_version(project.storm_version() or "", "project.clj")
    except (UsageError, ProjectError):
        return None


def _form(output: str) -> str:
    suffix = Path(output).suffix.lower()
    if suffix not in FORMS:
        raise UsageError(f"--output {output}: expected FILE.svg, FILE.dot or FILE.mmd")
    return suffix


def _picture(
    topology: Topology, conf: Mapping[str, object], form: str | None, *, flip: bool
) -> str:
    from simulator.drawing import as_ascii, to_dot, to_mermaid, to_svg, to_text

    if form == ".svg":
        return to_svg(topology, conf, flip=flip)
    if form == ".dot":
        return to_dot(topology, conf, flip=flip)
    if form == ".mmd":
        return to_mermaid(topology, conf, flip=flip)
    if flip:
        warn(["--flip changes nothing without --output"])
    picture = to_text(topology, conf, shutil.get_terminal_size().columns)
    return picture if _can_print("│─┌├└▶○●×") else as_ascii(picture)


def _can_print(words: str) -> bool:
    try:
        words.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _write(output: str, picture: str, *, force: bool) -> None:
    OutputFile("--output", output, PICTURE, force=force).write(picture)
    print(f"{output} is drawn")

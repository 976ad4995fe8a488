"""``sparse visualize``: draw a topology, on the terminal or into a file. No class of the user's is imported."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from streamparse.project import Project, ProjectError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from simulator.model import Topology

FORMS = (".svg", ".dot")  # of files


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("-n", "--name", metavar="NAME", help="the topology; default: the only one of the project")
    add(
        "-o", "--option", action="append", default=[], metavar="KEY=VALUE", dest="options",
        help="a setting of the topology, as in topology.workers=3; can be repeated",
    )  # fmt: skip
    add(
        "-f", "--flip", action="store_true",
        help="from left to right instead of from top to bottom; only in a file",
    )  # fmt: skip
    add(
        "--output", metavar="FILE",
        help="draw into FILE.svg, a picture, or FILE.dot, for Graphviz; default: text on the terminal",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Draw the topology, with the task ids that ``sparse simulate`` and ``sparse run`` give by default."""
    from simulator import RUN_CONF
    from simulator.clj import read_topology

    form = None if args.output is None else _form(args.output)
    for option in args.options:
        if "=" not in option and Path(option).suffix.lower() in FORMS:
            raise UsageError(f"-o {option}: -o is for settings; --output {option} would draw there")
    project = Project.find()
    conf = {**RUN_CONF, **project.options(args.options)}
    topology = read_topology(project.topology_path(args.name), conf, storm=_storm(project))
    for warning in (*project.warnings, *topology.warnings):
        print(f"warning: {warning}", file=sys.stderr)
    try:
        picture = _picture(topology, conf, form, flip=args.flip)
    except ValueError as error:  # tasks that cannot be numbered
        raise UsageError(str(error)) from None
    if form is None:
        print(picture, end="")
    else:
        _write(args.output, picture)
    return 0


def _storm(project: Project) -> str | None:
    """The version of Storm in ``project.clj``, if it is one that is known; a picture needs none."""
    from simulator.model import profile

    try:
        return profile(project.storm_version() or "").version
    except (ValueError, ProjectError):
        return None


def _form(output: str) -> str:
    suffix = Path(output).suffix.lower()
    if suffix not in FORMS:
        raise UsageError(f"--output {output}: FILE.svg or FILE.dot would do")
    return suffix


def _picture(
    topology: Topology, conf: Mapping[str, object], form: str | None, *, flip: bool
) -> str:
    from simulator.drawing import as_ascii, to_dot, to_svg, to_text

    if form == ".svg":
        return to_svg(topology, conf, flip=flip)
    if form == ".dot":
        return to_dot(topology, conf, flip=flip)
    if flip:
        print("warning: --flip changes nothing without --output", file=sys.stderr)
    picture = to_text(topology, conf, shutil.get_terminal_size().columns)
    return picture if _can_print("│─┌├└▶○●×") else as_ascii(picture)


def _can_print(words: str) -> bool:
    try:
        words.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _write(output: str, picture: str) -> None:
    try:
        Path(output).write_text(picture, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--output {output}: {error.strerror}") from None
    print(f"{output} is drawn")

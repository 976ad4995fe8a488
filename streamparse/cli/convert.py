"""``sparse convert``: write a topology in its other form, a Clojure file as a Python class or the other way round."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from streamparse.cli.arguments import add_local_environment_argument
from streamparse.cli.launch import chosen_environment, settings_of
from streamparse.cli.output import say, warn
from streamparse.cli.output_file import TOPOLOGY, OutputFile, add_force_argument, check_force
from streamparse.project import Project, ProjectError, UsageError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "name", metavar="NAME", nargs="?",
        help="the topology; default: the only one of the project",
    )  # fmt: skip
    add(
        "-o", "--option", action="append", default=[], metavar="KEY=VALUE", dest="options",
        help="a setting of the topology, where the code of a Clojure file depends on one; can be repeated",
    )  # fmt: skip
    add_local_environment_argument(parser)
    add(
        "--output", metavar="FILE",
        help="write there, and leave everything else as it is; -: on stdout (default: beside the old file, which gets "
        "a name that ends in .old)",
    )  # fmt: skip
    add_force_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Convert; what the other form cannot hold is said on stderr."""
    from streamparse.topologies import convert, default_conf

    check_force(args, "--output")
    project = Project.find()
    path = project.topology_path(args.name)
    environment = chosen_environment(args, project)
    options = {
        **default_conf(path, environment),
        **settings_of(args, project),
        **project.options(args.options),
    }
    made = convert(
        path,
        options,
        project=project,
        storm_version=_storm_version(project),
        environment=args.environment,
    )
    if args.output == "-":
        print(made.text, end="")
    elif args.output is not None:
        OutputFile("--output", args.output, TOPOLOGY, force=args.force).write(made.text)
        say(f"{args.output} is written")
    else:
        _replace(path, made.suffix, made.text)
    warn(made.lost)
    return 0


def _storm_version(project: Project) -> str | None:
    from simulator.model import profile

    try:
        version = project.storm_version()
        return None if version is None else profile(version).version
    except (ProjectError, ValueError):  # which other commands tell
        return None


def _replace(path: Path, suffix: str, text: str) -> None:
    """Put the new file into the place of the old one, which is kept under another name."""
    new, old = path.with_suffix(suffix), path.with_name(f"{path.name}.old")
    for each in (new, old):
        if os.path.lexists(each):
            raise UsageError(
                f"{each}: already exists, and was left alone; --output writes elsewhere"
            )
    begun = new.with_name(f".{new.name}.new")
    _write(begun, text)
    path.rename(old)
    begun.rename(new)
    say(f"{new} is written; {path} is now {old}")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from None

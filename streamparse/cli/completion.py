"""``sparse completion``: print a script with which a shell completes commands, options and names of topologies."""

from __future__ import annotations

import argparse
from importlib import import_module
from typing import Any

from streamparse.cli.arguments import add_talk_arguments
from streamparse.cli.sparse import COMMANDS
from streamparse.project import UsageError

FILES = {"trace", "output"}  # by the names of their arguments
TOPOLOGIES = {
    "bash": """
_sparse_topologies() {
  compgen -W "$(cd topologies 2>/dev/null && { ls *.clj; grep -l Topology *.py; } 2>/dev/null |
    sed 's/\\.[a-z]*$//')" -- "$1"
}
""",
    "zsh": """
_sparse_topologies() {
  compadd -- topologies/*.clj(N:t:r) ${$(grep -l Topology topologies/*.py(N) /dev/null):t:r}
}
""",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=tuple(TOPOLOGIES), metavar="SHELL", help="bash or zsh")


def run(args: argparse.Namespace) -> int:
    """Print the script; it is for this version of the commands."""
    try:
        import shtab
    except ImportError:
        raise UsageError(
            "sparse completion needs shtab, which is not installed: pip install shtab"
        ) from None
    print(
        shtab.complete(_whole_parser(shtab.FILE), shell=args.shell, preamble=TOPOLOGIES[args.shell])
    )
    return 0


def _whole_parser(files: object) -> argparse.ArgumentParser:
    """All commands in one parser, as shtab wants them; ``sparse`` itself loads one at a time."""
    parser = argparse.ArgumentParser(prog="sparse")
    parser.add_argument("--version", action="store_true", help="show the version and exit")
    commands = parser.add_subparsers()
    for each in COMMANDS:
        made = commands.add_parser(each.name, help=each.help)
        import_module(each.module).add_arguments(made)
        add_talk_arguments(made)
        for action in made._actions:
            _say_what_completes(action, files)
    return parser


def _say_what_completes(action: Any, files: object) -> None:
    if action.dest in FILES:
        action.complete = files
    elif "--name" in action.option_strings:
        action.complete = dict.fromkeys(TOPOLOGIES, "_sparse_topologies")

"""``sparse new``: write a bolt or a spout with a test beside it, and say how a topology names it."""

from __future__ import annotations

import argparse

from streamparse.project import Project
from streamparse.quickstart import write_component

_USES = {
    "bolt": '"{id}" (python-bolt-spec options {{"SOURCE" :shuffle}} "{cls}" ["value"])',
    "spout": '"{id}" (python-spout-spec options "{cls}" ["value"])',
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", choices=("bolt", "spout"), metavar="KIND", help="bolt or spout")
    parser.add_argument(
        "name", metavar="NAME", help="the component, as word-filter, word_filter or WordFilter"
    )


def run(args: argparse.Namespace) -> int:
    """Write the component; the lines are those of ``sparse quickstart``."""
    made = write_component(Project.find(), args.kind, args.name)
    for path in made.files:
        print(f"    create    {path}")
    module = made.python_class.split(".")[1]
    use = _USES[args.kind].format(id=module.replace("_", "-"), cls=made.python_class)
    print("\nTest it with:\n")
    print(f"    pytest tests/test_{module}.py")
    print("\nA topology file names it so:\n")
    print(f"    {use}")
    return 0

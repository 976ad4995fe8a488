"""``sparse new``: write a bolt or a spout with a test beside it, and say how a topology names it."""

from __future__ import annotations

import argparse

from streamparse.project import Project
from streamparse.quickstart import write_component

_CLASS_USES = {
    "bolt": '{attribute} = {name}.spec(inputs=[SOURCE], outputs=["value"])',
    "spout": '{attribute} = {name}.spec(outputs=["value"])',
}
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
    project = Project.find()
    made = write_component(project, args.kind, args.name)
    for path in made.files:
        print(f"    create    {path}")
    module = made.python_class.split(".")[1]
    files = project.topology_files
    uses = _CLASS_USES if files and all(each.suffix == ".py" for each in files) else _USES
    use = uses[args.kind].format(
        id=module.replace("_", "-"),
        cls=made.python_class,
        attribute=module,
        name=made.python_class.rpartition(".")[2],
    )
    print("\nTest it with:\n")
    print(f"    pytest tests/test_{module}.py")
    print("\nA topology file names it so:\n")
    print(f"    {use}")
    return 0

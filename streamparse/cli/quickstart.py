"""``sparse quickstart``: make a new project, and say what to type next."""

from __future__ import annotations

import argparse

from streamparse.quickstart import write_project


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the project, and the directory to make")
    parser.add_argument(
        "--python", action="store_true",
        help="write the topology as a Python class, as in streamparse 3 to 5, and not in Clojure",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Make the project; the screen is that of 2.1.3's documents, with one more way to run it."""
    made = write_project(args.name, in_python=args.python)
    print(f"\nCreating your {args.name} streamparse project...")
    for path in made:
        print(f"    create    {path}")
    print("Done.\n")
    print("Try running your topology locally with:\n")
    print(f"    cd {args.name}")
    print("    sparse simulate    # at once, without a JVM")
    needs = "Java, and Maven or STORM_HOME" if args.python else "Java and Leiningen"
    print(f"    sparse run         # in a real Storm: needs {needs}")
    return 0

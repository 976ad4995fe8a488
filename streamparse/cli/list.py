"""``sparse list``: the topologies that run on a cluster, as Nimbus knows them."""

from __future__ import annotations

import argparse
from operator import attrgetter

from streamparse.cli.arguments import add_environment_argument
from streamparse.cli.cluster import environment_of, nimbus_of
from streamparse.cli.output import duration, print_records


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_environment_argument(parser)
    parser.add_argument(
        "--json", action="store_true",
        help="a JSON array of objects with id, name, status, workers, executors, tasks and uptime_secs",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Print a row for each topology."""
    with nimbus_of(*environment_of(args)) as nimbus:
        topologies = nimbus.topologies()
    print_records(
        topologies,
        {
            **{
                name: attrgetter(name)
                for name in ("name", "status", "workers", "executors", "tasks")
            },
            "uptime": lambda each: duration(each.uptime_secs),
        },
        as_json=args.json,
        when_empty="No topologies running.",
    )
    return 0

"""``sparse worker_uptime``: how long the workers of all topologies have been up, as Storm's UI knows them."""

from __future__ import annotations

import argparse
from operator import attrgetter

from streamparse.cli.arguments import add_environment_argument
from streamparse.cli.cluster import environment_of, ui_of
from streamparse.cli.output import duration, print_records


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_environment_argument(parser)
    parser.add_argument(
        "--json", action="store_true",
        help="a JSON array of objects with topology, host, port, uptime_secs, components and log_url",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Print a row for each worker."""
    _, environment = environment_of(args)
    with ui_of(environment) as ui:
        workers = ui.workers()
    print_records(
        workers,
        {
            "host": attrgetter("host"),
            "port": attrgetter("port"),
            "uptime": lambda each: duration(each.uptime_secs),
            "topology": attrgetter("topology"),
            "components": lambda each: " ".join(each.components),
            "log": attrgetter("log_url"),
        },
        as_json=args.json,
        when_empty="No workers running.",
    )
    return 0

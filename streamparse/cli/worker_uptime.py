"""``sparse worker_uptime``: how long the workers of all topologies have been up, as Storm's UI knows them."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from streamparse.cli.cluster import duration, environment_of, table, ui_of
from streamparse.cli.launch import add_environment_argument

if TYPE_CHECKING:
    from streamparse.cluster.storm_ui import Worker


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_environment_argument(parser)
    parser.add_argument(
        "--json", action="store_true",
        help="a JSON array of objects with topology, host, port, uptime_secs, components and log_url",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    _, environment = environment_of(args)
    with ui_of(environment) as ui:
        workers = ui.workers()
    print(json.dumps([asdict(each) for each in workers]) if args.json else shown(workers))
    return 0


def shown(workers: Sequence[Worker]) -> str:
    """A row for each worker."""
    if not workers:
        return "No workers running."
    return table(
        ["host", "port", "uptime", "topology", "components", "log"],
        [
            [
                each.host,
                each.port,
                duration(each.uptime_secs),
                each.topology,
                " ".join(each.components),
                each.log_url,
            ]
            for each in workers
        ],
    )

"""``sparse list``: the topologies that run on a cluster, as Nimbus knows them."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from streamparse.cli.cluster import duration, environment_of, nimbus_of, table
from streamparse.cli.launch import add_environment_argument

if TYPE_CHECKING:
    from streamparse.cluster.nimbus import TopologySummary


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_environment_argument(parser)
    parser.add_argument(
        "--json", action="store_true",
        help="a JSON array of objects with id, name, status, workers, executors, tasks and uptime_secs",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    with nimbus_of(*environment_of(args)) as nimbus:
        found = nimbus.topologies()
    if args.json:
        print(json.dumps([asdict(each) for each in found]))
    else:
        print(shown(found))
    return 0


def shown(found: Sequence[TopologySummary]) -> str:
    """A row for each topology."""
    if not found:
        return "No topologies running."
    return table(
        ["name", "status", "workers", "executors", "tasks", "uptime"],
        [
            [
                each.name,
                each.status,
                each.workers,
                each.executors,
                each.tasks,
                duration(each.uptime_secs),
            ]
            for each in found
        ],
    )

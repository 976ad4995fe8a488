"""A deterministic simulator of Storm: read a topology, run its components, and see all they do.

Names are loaded when they are asked for, since reading a topology takes less than loading the engine.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.clj import parse_topology, read_topology
    from simulator.engine import RUN_CONF, Feed, Mode, Report, RunOptions, Trace, faults
    from simulator.model import (
        NEWEST,
        Component,
        Grouping,
        Problem,
        Stream,
        Topology,
        TopologyError,
        assign_workers,
        executors,
        number_tasks,
        profile,
    )
    from simulator.run import ReadyRun, environment_of, ready, refuse_what_cannot_run, simulate

__all__ = [
    "NEWEST",
    "RUN_CONF",
    "Component",
    "Feed",
    "Grouping",
    "Mode",
    "Problem",
    "ReadyRun",
    "Report",
    "RunOptions",
    "Stream",
    "Topology",
    "TopologyError",
    "Trace",
    "assign_workers",
    "environment_of",
    "executors",
    "faults",
    "number_tasks",
    "parse_topology",
    "profile",
    "read_topology",
    "ready",
    "refuse_what_cannot_run",
    "simulate",
]

_HOMES = {
    "simulator.clj": ("parse_topology", "read_topology"),
    "simulator.engine": ("RUN_CONF", "Feed", "Mode", "Report", "RunOptions", "Trace", "faults"),
    "simulator.model": (
        "NEWEST",
        "Component",
        "Grouping",
        "Problem",
        "Stream",
        "Topology",
        "TopologyError",
        "assign_workers",
        "executors",
        "number_tasks",
        "profile",
    ),
    "simulator.run": ("ReadyRun", "environment_of", "ready", "refuse_what_cannot_run", "simulate"),
}


def __getattr__(name: str) -> object:
    from importlib import import_module

    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(home), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

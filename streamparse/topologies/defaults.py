"""The settings that a topology has when nobody sets them, by its form.

A Clojure file has those of streamparse 2.1.3: two workers and two ackers, 5000 pending tuples, 60 s. A Python class has
those of streamparse 3 to 5, which set nothing but the numbers of workers and ackers: one here, and on a cluster one for
each machine of ``workers``. What it does not set is Storm's: no bound for pending tuples, 30 s.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from streamparse import aliases
from streamparse.multilang import CLASS_TOPOLOGY

if TYPE_CHECKING:
    from simulator.model import Topology
    from streamparse.project import Environment

__all__ = ["default_conf", "is_class_file", "with_aliases", "with_conf"]

WORKERS = "topology.workers"
ACKERS = "topology.acker.executors"


def is_class_file(path: str | Path) -> bool:
    """Return whether a file has a topology as a Python class."""
    return Path(path).suffix == ".py"


def default_conf(
    path: str | Path | None, environment: Environment | None = None
) -> dict[str, object]:
    """Return the settings of a topology before any others.

    Args:
        path: its file; None for a class.
        environment: the cluster that it is for, if any.
    """
    if path is not None and not is_class_file(path):
        from simulator import RUN_CONF

        return dict(RUN_CONF)
    workers = len(environment.workers) if environment is not None and environment.workers else 1
    return {CLASS_TOPOLOGY: True, "topology.debug": False, WORKERS: workers, ACKERS: workers}


def with_conf(
    topology: Topology, conf: Mapping[str, object], given: Mapping[str, object]
) -> dict[str, object]:
    """Return the whole configuration of a topology: its own settings win over all but those that are given last.

    Args:
        topology: it may bring settings.
        conf: the configuration that it was read with.
        given: what the command line sets, or a test.
    """
    own = {key: value for key, value in topology.conf.items() if key not in given}
    if own.get(WORKERS) is not None and ACKERS not in {*own, *given}:
        own[ACKERS] = own[WORKERS]  # as many as workers, where only these are set
    return {**conf, **own}


def with_aliases(conf: Mapping[str, object], names: Mapping[str, str]) -> dict[str, object]:
    """Return settings with other names of packages, which components find in their environment.

    Args:
        conf: the settings.
        names: by name the package that is meant.
    """
    if not names:
        return dict(conf)
    there = conf.get("topology.environment")
    variables = dict(there) if isinstance(there, Mapping) else {}
    variables[aliases.VARIABLE] = aliases.as_text(names)
    return {**conf, "topology.environment": variables}

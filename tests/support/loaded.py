"""Small topologies under load, in this process, for the tests of verdicts and advice."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simulator import RUN_CONF, RunOptions, parse_topology, simulate
from simulator.engine import Report
from simulator.model import Topology
from tests.support.table_top import HERE, bolt, spout, topology_text

#: A spout that emits for ever, and one bolt.
ENDLESS = topology_text(spout("[]", cls="Endless"), bolt("b", "Fussy"))


@dataclass(frozen=True)
class Loaded:
    """A topology, how it runs, and the report of its run."""

    topology: Topology
    options: RunOptions

    @property
    def report(self) -> Report:
        """The report of a run."""
        return simulate(self.topology, self.options)


def loaded(
    text: str, work: Mapping[str, object], *, timeout: int = 10, pending: int | None = 100, seconds: float | None = 30,
    conf: Mapping[str, object] | None = None, **options: Any,
) -> Loaded:  # fmt: skip
    """A topology with work, one worker, a message timeout in seconds, and so many pending tuples."""
    whole = {
        **RUN_CONF,
        "topology.python.path": sys.executable,
        "topology.workers": 1,
        "topology.message.timeout.secs": timeout,
        "topology.max.spout.pending": pending,
        **(conf or {}),
    }
    made = RunOptions(
        conf=whole, cwd=HERE, mode="inprocess", seconds=seconds, work=work, turns=1
    ).but(**options)
    return Loaded(parse_topology(text, options=whole), made)

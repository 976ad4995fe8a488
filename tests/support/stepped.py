"""Runs of small topologies in this process, to be driven by a ``Stepper``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from simulator import RUN_CONF, ReadyRun, RunOptions, Trace, parse_topology, ready
from simulator.engine import Delivery, Listener
from simulator.stepping import MakeRun
from tests.support.table_top import HERE, bolt, spout, topology_text

#: Two rows: one is passed on, one is kept for ever.
TEXT = topology_text(
    spout('[["pass_on" "x"] ["keep" "y"]]', outputs='["do" "word"]'),
    bolt("b", "Obeys", outputs='["word"]') + bolt("sink", "Tells", '{"b" :shuffle}'),
)


def making(text: str = TEXT, listener: Listener | None = None, **options: Any) -> MakeRun:
    """What makes the run of a topology's text, in this process and with one turn of a spout in a wave."""
    conf = {**RUN_CONF, "topology.python.path": sys.executable}
    topology = parse_topology(text, options=conf)
    found = RunOptions(conf=conf, cwd=HERE, mode="inprocess", turns=1).but(**options)

    @contextmanager
    def make(trace: Trace, on_delivery: Callable[[Delivery, int], object]) -> Iterator[ReadyRun]:
        with ready(
            topology,
            found,
            trace=trace,
            listener=listener,
            on_delivery=on_delivery,
            is_watched=True,
        ) as run:
            yield run

    return make

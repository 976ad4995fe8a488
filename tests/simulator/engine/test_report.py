"""The report of a run: its counts add up, whenever the run ends."""

from __future__ import annotations

import sys

import pytest

from simulator import RUN_CONF, parse_topology, simulate
from simulator.engine.events import Event
from simulator.engine.trace import Trace
from tests.support.table_top import HERE, bolt, spout, topology_text


class Interrupted(Trace):
    """Ctrl-C, while the n-th effect is being routed."""

    def __init__(self, nth: int) -> None:
        super().__init__()
        self.left = nth
        self._append, self.add = self.add, self._count

    def _count(self, event: Event) -> None:
        self._append(event)
        self.left -= 1
        if not self.left:
            raise KeyboardInterrupt


@pytest.mark.parametrize("turns", [1, 100])
def test_whenever_a_run_is_interrupted_every_tuple_of_a_spout_is_in_one_column(turns: int) -> None:
    text = topology_text(
        spout("[]", cls="Endless"), bolt("b", "Pass", outputs='["a"]') + bolt("c", "Fussy")
    )
    conf = {**RUN_CONF, "topology.python.path": sys.executable}
    for nth in range(1, 80):
        report = simulate(
            parse_topology(text, options=conf),
            conf=conf,
            cwd=HERE,
            mode="inprocess",
            trace=Interrupted(nth),
            turns=turns,
        )
        row = report.components["s"]
        assert report.stopped == "interrupted"
        assert sum(row.emitted.values()) == row.acked + row.failed + row.pending > 0, nth

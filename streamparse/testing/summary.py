"""The summary of what a test has made, for the report of its failure."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.testing import MOST_LINES, BoltHarness, RunningTopology, SpoutHarness

EVENTS_SHOWN = 10  # the last of each bolt and spout
LEAST_LINES = 6  # about each topology


def summary_of(
    harnesses: Sequence[BoltHarness | SpoutHarness], runs: Sequence[RunningTopology]
) -> str:
    """Return what has happened in harnesses and topologies.

    It has ``MOST_LINES`` at most, unless very much was made.
    """
    parts = [(each.component.id, each.summary(EVENTS_SHOWN)) for each in harnesses]
    room = MOST_LINES - sum(2 + text.count("\n") for _, text in parts if text)
    driven = [run for run in runs if run.trace.size]
    each = max(LEAST_LINES, room // max(1, len(driven)) - 1)
    parts += [(run.topology.name, run.summary(each)) for run in driven]
    return "".join(f"{name}:\n{text}\n" for name, text in parts if text)

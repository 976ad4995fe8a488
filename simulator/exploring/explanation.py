"""The explanation of a failing run: the cause first, then the trees in which something went wrong, in few lines."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.testing import Account, RunningTopology, causes, tree_lines

_SAME = (
    "is as in the fault-free run, which passed: what differs is in memory that outlives a run (a table in a module "
    "or a class), or outside of it"
)


def explained(topologies: Sequence[RunningTopology], passed: Sequence[Account]) -> list[str]:
    """Return the lines that explain a failing run.

    Args:
        topologies: of the run.
        passed: what has happened in the topologies of a run that passed; empty without one.
    """
    lines = []
    for nth, topology in enumerate(topologies):
        name = topology.topology.name
        other = passed[nth] if nth < len(passed) else None
        account = topology.account()
        if other is not None and account.events == other.events:
            lines.append(f"every event of {name} {_SAME}")
            continue
        found = causes(account, other)
        compared = ", and not in the fault-free run" if other is not None else ""
        if found:
            lines.append(f"what happened in {name}{compared}:")
            lines += [f"  {line}" for line in found]
        trees = topology.trace.trees()
        if not found or trees.telling():
            lines.append(f"what became of the tuples of {name}:")
            lines += [f"  {line}" for line in tree_lines(trees)]
    return lines

"""The unfinished part of a run, in lines: rows that timed out, pending roots and who holds them, unchecked tuples."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator

from simulator.engine import FeedTask, Pending, Simulation
from simulator.testing.history import History

MOST_HELD = 10  # lines about held tuples


def feed_tasks(simulation: Simulation) -> Iterator[FeedTask]:
    """Return the tasks that emit rows."""
    return (task for task in simulation.tasks.spouts if isinstance(task, FeedTask))


def timed_out_rows(simulation: Simulation) -> Iterator[str]:
    """Return a line for each row whose last attempt timed out, by spout in the order of the feeds."""
    feeds = simulation.options.feeds
    order = [*feeds]
    found = sorted(
        ((task.component, number) for task in feed_tasks(simulation) for number in task.timed_out),
        key=lambda row: (order.index(row[0]), row[1]),
    )
    for name, number in found:
        yield f"{name}: row {number} {json.dumps(feeds[name].rows[number])} timed out"


def pending_roots(simulation: Simulation) -> list[str]:
    """Return a line for each root that a spout waits for: since when, and who holds tuples of its tree."""
    return [_pending_root(simulation, entry) for entry in simulation.pending]


def _pending_root(simulation: Simulation, entry: Pending) -> str:
    component = simulation.wiring.component_of[entry.task]
    holders = [
        f"{bolt.component}[{bolt.id}] ({delivery.text})"
        for bolt in simulation.tasks.bolts
        for delivery in [*bolt.held.values(), *bolt.inbox]
        if delivery.roots and entry.root in delivery.roots
    ]
    who = f"held by {', '.join(holders)}" if holders else "held by nobody: a tuple was lost"
    return (
        f"{component}[{entry.task}]: {json.dumps(entry.message_id)} is pending since "
        f"{entry.emitted_ms} ms, {who}"
    )


def held_tuples(simulation: Simulation) -> list[str]:
    """Return a line for each tuple that a bolt holds, at most ``MOST_HELD``."""
    held = [
        f"{bolt.component}[{bolt.id}] holds {delivery.text}, and has not settled it"
        for bolt in simulation.tasks.bolts
        for delivery in bolt.held.values()
        if delivery.source.task >= 0
    ]
    more = [f"and {len(held) - MOST_HELD} more"] if len(held) > MOST_HELD else []
    return held[:MOST_HELD] + more


def unchecked_tuples(
    simulation: Simulation, history: History, checked: Collection[str]
) -> list[str]:
    """Return a line for each spout with failed or pending tuples that the test has not looked at.

    Args:
        simulation: the run.
        history: of the run.
        checked: what the test has looked at at any component: "failed", "pending".
    """
    name = f"topology {simulation.topology.name!r}"
    found = []
    for spout in simulation.topology.spouts:
        failed = [row for row, verb in history.outcomes(spout).items() if verb == "failed"]
        if failed and "failed" not in checked:
            found.append(
                f"{name}: tuples {failed} of {spout!r} have failed, and nobody looked: "
                f"assert what topology[{spout!r}].failed is"
            )
        task_ids = simulation.wiring.task_ids[spout]
        pending = [each.message_id for each in simulation.pending if each.task in task_ids]
        # A real spout may always have something under way; rows come to an end.
        if pending and spout in simulation.options.feeds and "pending" not in checked:
            found.append(
                f"{name}: tuples {pending} of {spout!r} are neither acked nor failed, and nobody looked: "
                f"complete() settles them, or assert what topology[{spout!r}].pending is"
            )
    return found

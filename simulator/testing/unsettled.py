"""The unfinished part of a run, in lines: rows that timed out, pending roots and who holds them, unchecked tuples."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence

from simulator.engine import FeedTask, Pending, Simulation, events
from simulator.testing.history import History

MOST_HELD = 10  # lines about held tuples
MOST_TIMES = 6  # of the attempts at one row
MOST_PENDING = 100  # lines about pending roots


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
        attempts = f" ({feeds[name].retries + 1} attempts)" if feeds[name].retries else ""
        yield f"{name}: row {number} {json.dumps(feeds[name].rows[number])} timed out{attempts}"


def pending_roots(simulation: Simulation) -> list[str]:
    """Return a line for each root that a spout waits for: since when, and who holds tuples of its tree.

    They are ``MOST_PENDING`` at most.
    """
    pending = simulation.pending
    lines = [_pending_root(simulation, entry) for entry in pending[:MOST_PENDING]]
    left = len(pending) - MOST_PENDING
    return [*lines, f"and {left} more roots are pending"] if left > 0 else lines


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
    """Return a line for each tuple that a bolt holds, at most ``MOST_HELD``: what it is, and when it was emitted.

    The attempts of one row are one line.
    """
    emits = _emits(simulation)
    attempts: dict[object, tuple[str, list[int]]] = {}
    for bolt in simulation.tasks.bolts:
        for delivery in bolt.held.values():
            if delivery.source.task < 0:
                continue
            ids = _message_ids(emits, delivery.id)
            key = (bolt.id, delivery.text, ids) if ids else delivery.id
            holds = f"{bolt.component}[{bolt.id}] holds {delivery.text}"
            _, times_ms = attempts.setdefault(key, (holds, []))
            times_ms += [emits[delivery.id].at_ms] if delivery.id in emits else []
    held = [_held(holds, times_ms) for holds, times_ms in attempts.values()]
    more = [f"and {len(held) - MOST_HELD} more"] if len(held) > MOST_HELD else []
    return held[:MOST_HELD] + more


def _held(holds: str, times_ms: Sequence[int]) -> str:
    few = [*times_ms] if len(times_ms) <= MOST_TIMES else [*times_ms[:2], "...", times_ms[-1]]
    since = f", emitted at {', '.join(map(str, few))} ms" if times_ms else ""
    attempts = f" ({len(times_ms)} attempts)" if len(times_ms) > 1 else ""
    return f"{holds}{since}{attempts}, and has neither acked nor failed it"


def _emits(simulation: Simulation) -> Mapping[str, events.Emit]:
    """The emit of each copy of a tuple, by its id; copies that a fault has made have none."""
    return {
        tuple_id: event
        for event in simulation.trace.events_from(0)
        if isinstance(event, events.Emit)
        for _, tuple_id in event.to
    }


def _message_ids(emits: Mapping[str, events.Emit], tuple_id: str) -> frozenset[tuple[str, str]]:
    """The spouts and message ids, as JSON, of the trees that a tuple is in."""
    found, seen, waiting = set(), {tuple_id}, [tuple_id]
    for each in waiting:  # a list that grows while it is read
        event = emits.get(each)
        if event is None:
            continue
        if event.id_json is not None:
            found.add((event.component, event.id_json))
        waiting += [anchor for anchor in event.anchors or () if anchor not in seen]
        seen.update(event.anchors or ())
    return frozenset(found)


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

"""The numbers of a whole run: counts, flows and queues, also of what a sample leaves out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import compress
from math import inf
from typing import Any, Final

from simulator.engine import events as trace_events
from simulator.page.graph import Graph
from simulator.page.tables import (
    FORGOTTEN,
    HELD,
    KINDS,
    NOTHING,
    PENDING,
    TIMEOUT,
    TREE_ACKED,
    TREE_FAILED,
    UNTRACKED,
    Tables,
)

__all__ = ["totals_json"]

_COLUMNS: Final[Mapping[str, Sequence[type[trace_events.Event]]]] = {
    "emitted": (trace_events.Emit,),
    "acked": (trace_events.Ack, trace_events.Acked),
    "failed": (trace_events.Fail, trace_events.Failed),
    "died": (trace_events.Died,),
    "restarts": (trace_events.Restart,),
    "errors": (trace_events.Error,),
}


def totals_json(graph: Graph, tables: Tables) -> dict[str, Any]:
    """The numbers of a run, as the page reads them. Any: it is JSON.

    Args:
        graph: its components, in whose order the numbers of components, tasks and streams are.
        tables: the tables of the whole run.
    """
    events, trees = tables.events, tables.trees
    kinds, outcomes, tasks = Counter(events.kind), Counter(trees.outcome), _tasks(graph, tables)
    return {
        "events": len(events.at),
        "kinds": [kinds[each] for each in range(len(KINDS))],
        "outcomes": [outcomes[each] for each in range(FORGOTTEN + 1)],
        "messages": _messages(tables),
        "faults": _faults(tables),
        "components": _components(graph, tables, tasks),
        "tasks": [tasks[task] for node in graph.nodes for task in node.tasks],
        "flows": _flows(graph, tables),
    }


def _messages(tables: Tables) -> dict[str, int]:
    """The number of messages of which an attempt is so."""
    trees = tables.trees
    of = {
        outcome: {*compress(trees.first, (each == outcome for each in trees.outcome))}
        for outcome in range(FORGOTTEN + 1)
    }
    again = {*compress(trees.first, (attempt > 1 for attempt in trees.attempt))}
    every = {*trees.first}
    unusual = again.union(*(of[each] for each in of if each not in (TREE_ACKED, UNTRACKED)))
    return {
        "unusual": len(unusual),
        "timeout": len(of[TIMEOUT]),
        "failed": len(of[TREE_FAILED]),
        "pending": len(of[PENDING]),
        "forgotten": len(of[FORGOTTEN]),
        "again": len(again),
        "againAcked": len(again & of[TREE_ACKED]),
        "all": len(every),
    }


def _faults(tables: Tables) -> dict[str, int]:
    """The number of faults of each verdict."""
    fault, events = KINDS[trace_events.Fault], tables.events
    found = Counter(text for place, text in events.text.items() if events.kind[place] == fault)
    return {tables.texts.rows[text]: count for text, count in found.items()}


def _components(
    graph: Graph, tables: Tables, tasks: Mapping[int, Mapping[str, int]]
) -> list[dict[str, int]]:
    """Of each component: its events, what it took, what is pending or held, and its longest queue."""
    events, emits, trees = tables.events, tables.emits, tables.trees
    said = Counter(zip(events.task, events.kind, strict=True))
    held = Counter(compress(tables.copies.task, (each == HELD for each in tables.copies.state)))
    waiting = compress(trees.emit, (each == PENDING for each in trees.outcome))
    pending = Counter(events.task[emits.event[emit]] for emit in waiting)
    found = []
    for node in graph.nodes:
        numbers = {
            name: sum(said[task, KINDS[kind]] for task in node.tasks for kind in kinds)
            for name, kinds in _COLUMNS.items()
        }
        numbers["pending"] = sum(held[task] + pending[task] for task in node.tasks)
        numbers["taken"] = sum(tasks[task]["taken"] for task in node.tasks)
        # Of equal queues the first task's.
        worst = max(node.tasks, key=lambda task: tasks[task]["queue"], default=NOTHING)
        queue = {"queue": 0, "queueAt": 0} if worst == NOTHING else tasks[worst]
        numbers |= {"queue": queue["queue"], "queueAt": queue["queueAt"], "queueTask": worst}
        found.append(numbers)
    return found


def _tasks(graph: Graph, tables: Tables) -> dict[int, dict[str, int]]:
    """Of each task: how many tuples it was sent, and its longest queue."""
    copies = tables.copies
    stretches: dict[int, list[tuple[int, float]]] = {
        task: [] for node in graph.nodes for task in node.tasks
    }
    taken = Counter(copies.task)
    for task, due, start, end in zip(
        copies.task, copies.due, copies.start, copies.end, strict=True
    ):
        until = start if start != NOTHING else end if end != NOTHING else inf
        if until > due and task in stretches:  # a drop ends before it comes
            stretches[task].append((due, until))
    found = {}
    for task, waits in stretches.items():
        at_ms, size = _deepest(waits)
        found[task] = {"taken": taken[task], "queue": size, "queueAt": at_ms}
    return found


def _deepest(stretches: Sequence[tuple[int, float]]) -> tuple[int, int]:
    """When there are the most stretches of time at once, and how many; one that ends makes room first."""
    ends = sorted(end for _, end in stretches)
    over, best = 0, (0, 0)
    for begun, at_ms in enumerate(sorted(begin for begin, _ in stretches), 1):
        while ends[over] <= at_ms:
            over += 1
        if begun - over > best[1]:
            best = (at_ms, begun - over)
    return best


def _flows(graph: Graph, tables: Tables) -> list[int]:
    """The number of copies that each subscription has carried."""
    events, emits, copies, texts = tables.events, tables.emits, tables.copies, tables.texts.rows
    component_of = {task: node.name for node in graph.nodes for task in node.tasks}
    by_emit = Counter(zip(copies.emit, copies.task, strict=True))
    found: Counter[tuple[str | None, str, str | None]] = Counter()
    for (emit, task), count in by_emit.items():
        source = component_of.get(events.task[emits.event[emit]])
        found[source, texts[emits.stream[emit]], component_of.get(task)] += count
    return [found[link.source, link.stream, link.target] for link in graph.links]

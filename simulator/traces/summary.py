"""The summary of a trace: counts by component, and what was unusual. It is made while events stream by.

It keeps the tuples that are pending at spouts, counts, and the first unusual events; so it takes no more memory for a
trace of any length.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from simulator.engine import events
from simulator.traces.words import MOST_KNOWN, KnownTuples

__all__ = ["ComponentCounts", "RootKey", "Summary", "summarize"]

MOST_UNUSUAL: Final = 20  # events that are kept; all are counted
MOST_ROOTS: Final = 10  # roots that failed, and that are pending, each
UNUSUAL: Final = (
    events.Error,
    events.Fault,
    events.Died,
    events.Restart,
    events.Deactivated,
    events.Activated,
)

#: The spout, the task and the message id, as JSON, of a root.
RootKey = tuple[str, int, str]


@dataclass
class ComponentCounts:
    """What a component did.

    Attributes:
        tasks: its tasks that have events.
        by_event: how many events of each name it has.
        emitted: its emits by stream.
        latency_ms: the sum of the times between the emit and the ack of its acked tuples.
        most_latency_ms: the longest of them.
        pending: its tuples with a message id that were neither acked nor failed.
    """

    tasks: set[int] = field(default_factory=set)
    by_event: Counter[str] = field(default_factory=Counter)
    emitted: Counter[str] = field(default_factory=Counter)
    latency_ms: int = 0
    most_latency_ms: int = 0
    pending: int = 0


@dataclass
class Summary:
    """What a trace holds.

    Attributes:
        count: how many events there are.
        first_ms: the virtual time of the first, in milliseconds.
        last_ms: that of the last.
        components: by id, in the order in which they appear.
        unusual: the first faults, deaths, restarts, errors and pauses, and what each says in words.
        unusual_count: how many of these there are.
        failed: the first roots that have failed.
        pending: the first roots that were pending at the end.
    """

    count: int = 0
    first_ms: int = 0
    last_ms: int = 0
    components: dict[str, ComponentCounts] = field(default_factory=dict)
    unusual: list[tuple[events.Event, str]] = field(default_factory=list)
    unusual_count: int = 0
    failed: list[RootKey] = field(default_factory=list)
    pending: list[RootKey] = field(default_factory=list)


def summarize(happened: Iterable[events.Event], *, most_known: int = MOST_KNOWN) -> Summary:
    """Return the summary of a trace's events.

    Args:
        happened: the events; they are read once, and what is over is forgotten.
        most_known: of how many tuples, the last emitted, the values are kept for the words of what is unusual.
    """
    summary = Summary()
    waiting: dict[RootKey, deque[int]] = {}  # by root, when it was emitted
    known = KnownTuples(most_known)
    for event in happened:
        known.read(event)
        _count(summary, event)
        if isinstance(event, UNUSUAL):
            summary.unusual_count += 1
            if len(summary.unusual) < MOST_UNUSUAL:
                summary.unusual.append((event, known.predicate(event)))
        if isinstance(event, events.Emit):
            if event.id_json is not None:
                key = (event.component, event.task, event.id_json)
                waiting.setdefault(key, deque()).append(event.at_ms)
        elif isinstance(event, (events.Acked, events.Failed)):
            _notify(summary, event, waiting)
        elif isinstance(event, events.Restart):  # of a spout: it forgets what is pending
            for key in [key for key in waiting if key[1] == event.task]:
                del waiting[key]
    for key, times in waiting.items():
        summary.components[key[0]].pending += len(times)
    summary.pending = [*waiting][:MOST_ROOTS]
    return summary


def _count(summary: Summary, event: events.Event) -> None:
    if not summary.count:
        summary.first_ms = event.at_ms
    summary.count += 1
    summary.last_ms = event.at_ms
    counts = summary.components.setdefault(event.component, ComponentCounts())
    counts.tasks.add(event.task)
    counts.by_event[event.event] += 1
    if isinstance(event, events.Emit):
        counts.emitted[event.stream] += 1


def _notify(
    summary: Summary,
    event: events.Acked | events.Failed,
    waiting: dict[RootKey, deque[int]],
) -> None:
    key = (event.component, event.task, event.id_json)
    times = waiting.get(key)
    began_ms = times.popleft() if times else event.at_ms
    if times is not None and not times:
        del waiting[key]
    if isinstance(event, events.Acked):
        counts = summary.components[event.component]
        counts.latency_ms += event.at_ms - began_ms
        counts.most_latency_ms = max(counts.most_latency_ms, event.at_ms - began_ms)
    elif len(summary.failed) < MOST_ROOTS and key not in summary.failed:
        summary.failed.append(key)

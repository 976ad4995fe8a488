"""The account of a run: all that is looked at to tell why it went as it did. It holds no component, and can be kept."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from simulator.engine import Head, ReportedError, events
from simulator.testing.records import Logged

MOST_CHARS = 60  # of a tuple's values


class Sent(NamedTuple):
    """One copy of a tuple.

    Attributes:
        source: the component that emitted it.
        stream: the stream that it was emitted on.
        values_json: its values.
        roots: the spouts and message ids, as JSON, of the trees that it is in.
        task: the task that it was sent to.
    """

    source: str
    stream: str
    values_json: str
    roots: frozenset[tuple[str, str]]
    task: int

    @property
    def text(self) -> str:
        """Its values, for a reader."""
        return shown_values(self.values_json)


class Handed(NamedTuple):
    """A tuple that was handed to a task of a bolt, in virtual milliseconds."""

    tuple_id: str
    task: int
    at_ms: int


@dataclass(frozen=True)
class Account:
    """What has happened in a run.

    Attributes:
        events: all of its events.
        components: the component of each task.
        handed: the tuples that bolts were handed, in order.
        logged: what components logged and printed.
        reported: the errors that components reported, with their tracebacks.
        head: the topology, as the head of a trace file has it; None where the run has not begun.
    """

    events: Sequence[events.Event]
    components: Mapping[int, str]
    handed: Sequence[Handed]
    logged: Sequence[Logged]
    reported: Sequence[ReportedError] = ()
    head: Head | None = None

    @cached_property
    def sent(self) -> Mapping[str, Sent]:
        """Each copy of a tuple, by Storm's id."""
        found: dict[str, Sent] = {}
        for event in self.events:
            if isinstance(event, events.Emit):
                own = {(event.component, event.id_json)} if event.id_json is not None else set()
                anchors = [found[each].roots for each in event.anchors or () if each in found]
                roots = frozenset(own).union(*anchors)
                for task, tuple_id in event.to:
                    found[tuple_id] = Sent(
                        event.component, event.stream, event.values_json, roots, task
                    )
            elif isinstance(event, events.Fault) and event.copy_id and event.tuple_id in found:
                found[event.copy_id] = found[event.tuple_id]
        return found

    @cached_property
    def sources(self) -> Mapping[str, int]:
        """How many components each bolt has got tuples from."""
        found: dict[str, set[str]] = {}
        for each in self.sent.values():
            found.setdefault(self.name(each.task), set()).add(each.source)
        return {bolt: len(sources) for bolt, sources in found.items()}

    def name(self, task: int) -> str:
        """Return the component of a task."""
        return self.components.get(task, f"task {task}")

    def place(self, task: int) -> int:
        """Return which of its component's tasks a task is, from 0."""
        name = self.name(task)
        return [each for each in sorted(self.components) if self.components[each] == name].index(
            task
        )

    def taken(self) -> Iterator[tuple[Handed, Sent]]:
        """Return the tuples that bolts were handed, in order."""
        return (
            (each, self.sent[each.tuple_id]) for each in self.handed if each.tuple_id in self.sent
        )

    def words(self, sent: Sent) -> str:
        """Return a tuple in words; with where it comes from, where its bolt has several inputs."""
        several = self.sources.get(self.name(sent.task), 1) > 1
        return f"{sent.text} of {sent.source}" if several else sent.text


def shown_values(values_json: str) -> str:
    """Return values as JSON, on one line and cut."""
    text = json.dumps(_read(values_json), ensure_ascii=False)
    return text if len(text) <= MOST_CHARS else f"{text[:MOST_CHARS]}..."


def _read(text: str) -> Any:
    return json.loads(text)

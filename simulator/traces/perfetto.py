"""A trace for https://ui.perfetto.dev: a process is a worker, a thread is a task, a slice is an execution.

A trace has no event for the begin of an execution. So a slice is what a trace tells. Where work takes time, it lasts
from the arrival of the tuple, or the end of the slice before it, to the ack, the fail or the emit. Where it takes none,
it is the millisecond of its wave, which the tuples of the wave share. A counter of each task shows the tuples that it
was sent and has not settled. Arrows lead from an emit to the execution of each copy.

Source: "Trace Event Format" (https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU): events
of the kinds M, X, C, i, s and f; times are microseconds.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from simulator.engine import events
from simulator.traces.fates import task_name
from simulator.traces.reading import TraceReader
from simulator.traces.words import KnownTuples, short_json

__all__ = ["perfetto_parts"]

WAVE_US: Final = 1000
#: Events that are instants, with what each is called.
_INSTANTS: Final = {
    events.Tick: "tick",
    events.Timer: "timer",
    events.Died: "died",
    events.Restart: "restart",
    events.Failed: "failed",
    events.Acked: "acked",
    events.Error: "error",
    events.Fault: "fault",
    events.Late: "late",
    events.Deactivated: "deactivated",
    events.Activated: "activated",
}


@dataclass
class _Copy:
    """A copy that a task has and has not settled."""

    task: int
    arrived_us: int
    name: str


@dataclass
class _Turn:
    """What a task did at one instant: the tuples that it worked on, and what it did with each."""

    at_ms: int
    copies: dict[str, dict[str, Any]] = field(default_factory=dict)  # by tuple id: its arguments
    emitted: dict[str, list[str]] = field(default_factory=dict)  # by tuple id: the copies it caused
    names: dict[str, str] = field(default_factory=dict)
    begin_us: int | None = None  # the first arrival of a tuple


def perfetto_parts(reader: TraceReader) -> Iterator[str]:
    """Yield the text of a JSON object in parts, while the events of a trace are read.

    Raises:
        TraceFileError: the file is no trace.
    """
    yield '{"displayTimeUnit":"ms","traceEvents":[\n'
    is_first = True
    for record in _Exporter(reader).records():
        yield ("" if is_first else ",\n") + json.dumps(record, ensure_ascii=True)
        is_first = False
    yield "\n]}\n"


class _Exporter:
    def __init__(self, reader: TraceReader) -> None:
        self._reader = reader
        self._known = KnownTuples()
        self._copies: dict[str, _Copy] = {}
        self._depth: dict[int, int] = {}  # by task: what it was sent and has not settled
        self._turns: dict[int, _Turn] = {}
        self._ends_us: dict[int, int] = {}  # by task: the end of its last slice
        self._named: set[int] = set()
        self._worker_of: dict[int, int] = {}
        self._works: set[str] = set()

    def records(self) -> Iterator[dict[str, Any]]:
        for event in self._reader:
            if not self._worker_of and self._reader.head is not None:
                self._worker_of = dict(self._reader.head.worker_of)
                self._works = {each.id for each in self._reader.head.components if each.has_work}
            self._known.read(event)
            yield from self._name(event.task, event.component)
            turn = self._turns.get(event.task)
            if turn is not None and turn.at_ms != event.at_ms:
                yield from self._end(event.task)
            yield from self._record(event)
        for task in [*self._turns]:
            yield from self._end(task)
        for task in self._depth:  # who was sent tuples and did nothing has no event of its own
            yield from self._name(task, self._reader.component_of.get(task))

    def _place(self, task: int) -> dict[str, Any]:
        return {"pid": self._worker_of.get(task, 0), "tid": task}

    def _name(self, task: int, component: str | None) -> Iterator[dict[str, Any]]:
        """Name the thread of a task, and the process of its worker, once."""
        if task in self._named:
            return
        self._named.add(task)
        place = self._place(task)
        pid = place["pid"]
        worker = f"worker {pid}" if pid else "workers"
        yield {"ph": "M", "name": "process_name", "pid": pid, "tid": 0, "args": {"name": worker}}
        name = task_name(component, task)
        yield {"ph": "M", "name": "thread_name", **place, "args": {"name": name}}

    def _record(self, event: events.Event) -> Iterator[dict[str, Any]]:
        if isinstance(event, events.Emit):
            yield from self._emit(event)
        elif isinstance(event, (events.Ack, events.Fail)):
            yield from self._settle(event)
        elif (name := _INSTANTS.get(type(event))) is not None:
            yield {
                "ph": "i",
                "s": "t",
                "name": name,
                "ts": event.at_ms * 1000,
                **self._place(event.task),
                "args": {"what": self._known.predicate(event)},
            }
            yield from self._change(event)

    def _change(self, event: events.Event) -> Iterator[dict[str, Any]]:
        """Follow what a fault or a restart does to the tuples of a task."""
        if isinstance(event, events.Restart):
            lost = [
                each
                for each, copy in self._copies.items()
                if copy.task == event.task and copy.arrived_us <= event.at_ms * 1000
            ]
            for tuple_id in lost:
                del self._copies[tuple_id]
            if lost:
                yield self._count(event.task, -len(lost), event.at_ms)
        elif isinstance(event, (events.Fault, events.Late)) and event.tuple_id in self._copies:
            copy = self._copies[event.tuple_id]
            if event.due_ms is not None:
                copy.arrived_us = event.due_ms * 1000
            elif isinstance(event, events.Fault) and event.copy_id is not None:
                self._copies[event.copy_id] = _Copy(copy.task, copy.arrived_us, copy.name)
                yield self._count(copy.task, 1, event.at_ms)
            elif isinstance(event, events.Fault) and event.verdict in ("drop", "fail"):
                del self._copies[event.tuple_id]
                yield self._count(copy.task, -1, event.at_ms)

    def _count(self, task: int, change: int, at_ms: int) -> dict[str, Any]:
        depth = self._depth[task] = self._depth.get(task, 0) + change
        name = task_name(self._reader.component_of.get(task), task)
        return {
            "ph": "C",
            "name": f"unsettled at {name}",
            "ts": at_ms * 1000,
            **self._place(task),
            "args": {"tuples": depth},
        }

    def _emit(self, event: events.Emit) -> Iterator[dict[str, Any]]:
        text = short_json(event.values)
        at_us = event.at_ms * 1000
        copies = [tuple_id for _, tuple_id in event.to]
        for task, tuple_id in event.to:
            self._copies[tuple_id] = _Copy(task, at_us, text)
            yield self._count(task, 1, event.at_ms)
        anchors = [each for each in event.anchors or () if each in self._copies]
        if anchors:
            self._work(event, anchors[0])["emits"] = text
            turn = self._turns[event.task]
            turn.emitted.setdefault(anchors[0], []).extend(copies)
            return
        message_id = {} if event.id_json is None else {"id": event.id}
        place = self._place(event.task)
        yield {
            "ph": "X",
            "name": f"emit {text}",
            "ts": at_us,
            "dur": WAVE_US,
            **place,
            "args": {"stream": event.stream, "values": event.values, **message_id},
        }
        for each in copies:
            yield {"ph": "s", "id": each, "name": "tuple", "cat": "tuple", "ts": at_us, **place}

    def _work(self, event: events.Emit | events.Ack | events.Fail, tuple_id: str) -> dict[str, Any]:
        """The arguments of a tuple that a task works on at this instant."""
        turn = self._turns.setdefault(event.task, _Turn(event.at_ms))
        copy = self._copies[tuple_id]
        if turn.begin_us is None or copy.arrived_us < turn.begin_us:
            turn.begin_us = copy.arrived_us
        turn.names[tuple_id] = copy.name
        return turn.copies.setdefault(tuple_id, {"tuple": tuple_id})

    def _settle(self, event: events.Ack | events.Fail) -> Iterator[dict[str, Any]]:
        if event.tuple_id not in self._copies:
            return
        self._work(event, event.tuple_id)["then"] = event.event
        del self._copies[event.tuple_id]
        yield self._count(event.task, -1, event.at_ms)

    def _end(self, task: int) -> Iterator[dict[str, Any]]:
        """Write the slices of what a task did at one instant, one behind the other."""
        turn = self._turns.pop(task)
        end_us = turn.at_ms * 1000
        begin_us = end_us
        if self._reader.component_of.get(task) in self._works:
            begin_us = max(turn.begin_us or 0, self._ends_us.get(task, 0))
        if begin_us >= end_us:
            begin_us, end_us = end_us, end_us + WAVE_US
        self._ends_us[task] = end_us
        each_us = (end_us - begin_us) / len(turn.copies)
        place = self._place(task)
        for number, (tuple_id, args) in enumerate(turn.copies.items()):
            at_us = round(begin_us + number * each_us, 3)
            until_us = round(begin_us + (number + 1) * each_us, 3)  # no later than the next begins
            arrow = {"id": tuple_id, "name": "tuple", "cat": "tuple", "ts": at_us, **place}
            name = turn.names[tuple_id]
            duration = {"ts": at_us, "dur": round(until_us - at_us, 3)}
            yield {"ph": "X", "name": name, **duration, **place, "args": args}
            yield {"ph": "f", "bp": "e", **arrow}
            for caused in turn.emitted.get(tuple_id, ()):
                yield {**arrow, "ph": "s", "id": caused}

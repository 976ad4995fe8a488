"""The history of a run: its trace, read once and sorted by component."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from simulator.engine import Delivery, Trace, events
from simulator.model import Stream, Topology
from simulator.testing.records import Record, Records


class History:
    """The tuples that each component has emitted, received and settled so far. It follows a run that goes on.

    Args:
        topology: what is run.
        trace: the events of the run.

    Attributes:
        deliveries: every tuple that was handed to a bolt, without ticks, with the virtual ms.
    """

    def __init__(self, topology: Topology, trace: Trace) -> None:
        self.deliveries: list[tuple[Delivery, int]] = []
        self._topology = topology
        self._trace = trace
        self._events_seen = 0
        self._deliveries_seen = 0
        self._emitted: dict[str, Records] = {}
        self._received: dict[str, Records] = {}
        self._settled: dict[tuple[str, str], Records] = {}
        self._notified: dict[tuple[str, str], set[str]] = {}  # (spout, verb) -> ids as JSON
        self._first: dict[str, dict[str, Any]] = {}  # spout -> id as JSON -> id, by first emission
        self._outcomes: dict[str, dict[Any, str]] = {}
        self._tuples: dict[str, Record] = {}  # by Storm's tuple id
        self._since_ms: dict[
            tuple[str, int, str], int
        ] = {}  # of what is pending, by spout, task and id as JSON
        self._latencies: dict[str, list[float]] = {}  # of what was acked, by spout

    def take_delivery(self, delivery: Delivery, now_ms: int) -> None:
        """Note a tuple that was handed to a bolt; the simulation calls it."""
        if delivery.source.task >= 0:
            self.deliveries.append((delivery, now_ms))

    # -- questions

    def emitted(self, component: str) -> Records:
        """Return what a component has emitted."""
        self._catch_up()
        return self._emitted.setdefault(component, Records())

    def received(self, component: str) -> Records:
        """Return what a bolt was handed."""
        self._catch_up()
        return self._received.setdefault(component, Records())

    def settled(self, component: str, verb: Literal["ack", "fail"]) -> Records:
        """Return the tuples that a bolt has acked or failed."""
        self._catch_up()
        return self._settled.setdefault((component, verb), Records())

    def notified(self, spout: str, verb: Literal["acked", "failed"]) -> list[Any]:
        """Return the ids that a spout was notified of, in the order in which they were first emitted."""
        self._catch_up()
        notified = self._notified.get((spout, verb), set())
        return [value for key, value in self._first.get(spout, {}).items() if key in notified]

    def outcomes(self, spout: str) -> Mapping[Any, str]:
        """Return the last outcome of each id that a spout was notified of: acked or failed."""
        self._catch_up()
        return self._outcomes.get(spout, {})

    def pending(self, spout: str) -> list[Any]:
        """Return the ids that a spout has emitted and was not notified of, oldest first."""
        self._catch_up()
        return [json.loads(key) for name, _, key in self._since_ms if name == spout]

    def tuple(self, tuple_id: str) -> Record:
        """Return a tuple by Storm's id of one of its copies."""
        self._catch_up()
        return self._tuples[tuple_id]

    def latencies(self, spout: str) -> Sequence[float]:
        """Return the complete latency of each tuple of a spout that was acked, in virtual seconds."""
        self._catch_up()
        return self._latencies.get(spout, ())

    # -- reading

    def _catch_up(self) -> None:
        new = self._trace.events_from(self._events_seen)
        for event in new:
            handle = self._HANDLERS.get(type(event))
            if handle is not None:
                handle(self, event)
        self._events_seen += len(new)
        for delivery, now_ms in self.deliveries[self._deliveries_seen :]:
            self._receive(delivery, now_ms)
        self._deliveries_seen = len(self.deliveries)

    def _fields(self, component: str, stream: str) -> Sequence[str]:
        declared = self._topology.components[component].outputs
        return declared.get(stream, Stream(())).fields

    def _emit(self, event: events.Emit) -> None:
        component = event.component
        record = Record(
            event.values,
            fields=self._fields(component, event.stream),
            stream=event.stream,
            component=component,
            task=event.task,
            time_ms=event.at_ms,
            id=event.id,
            anchors=[self._tuples[each] for each in event.anchors or () if each in self._tuples],
        )
        self._emitted.setdefault(component, Records()).append(record)
        for _, tuple_id in event.to:
            self._tuples[tuple_id] = record
        if record.id is not None:
            key = json.dumps(record.id)
            self._since_ms[component, event.task, key] = event.at_ms
            self._first.setdefault(component, {}).setdefault(key, record.id)

    def _settle(self, event: events.Ack | events.Fail) -> None:
        record = self._tuples.get(event.tuple_id)
        if record is not None:
            key = (event.component, event.event)
            self._settled.setdefault(key, Records()).append(record)

    def _notify(self, event: events.Acked | events.Failed) -> None:
        spout, message_id = event.component, event.id
        key = json.dumps(message_id)
        since_ms = self._since_ms.pop((spout, event.task, key), None)
        if event.event == "acked" and since_ms is not None:
            self._latencies.setdefault(spout, []).append((event.at_ms - since_ms) / 1000)
        self._notified.setdefault((spout, event.event), set()).add(key)
        if isinstance(message_id, (str, int, float, bool)):
            self._outcomes.setdefault(spout, {})[message_id] = event.event

    def _duplicate(self, event: events.Fault) -> None:
        if event.copy_id is not None and event.tuple_id in self._tuples:
            self._tuples[event.copy_id] = self._tuples[event.tuple_id]

    def _restart(self, event: events.Restart) -> None:
        """Forget what a spout's task had pending: it is never notified of it."""
        lost = [key for key in self._since_ms if key[:2] == (event.component, event.task)]
        for key in lost:
            del self._since_ms[key]

    _HANDLERS: Mapping[type[events.Event], Any] = {
        events.Emit: _emit,
        events.Ack: _settle,
        events.Fail: _settle,
        events.Acked: _notify,
        events.Failed: _notify,
        events.Fault: _duplicate,
        events.Restart: _restart,
    }

    def _receive(self, delivery: Delivery, now_ms: int) -> None:
        source, task = delivery.source
        record = Record(
            json.loads(delivery.text),
            fields=self._fields(source, delivery.stream),
            stream=delivery.stream,
            component=source,
            task=task,
            time_ms=now_ms,
            id=delivery.id,
            to=delivery.target,
        )
        self._tuples.setdefault(delivery.id, record)
        bolt = self._trace.components[delivery.target]
        self._received.setdefault(bolt, Records()).append(record)

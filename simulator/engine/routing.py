"""The router: sends copies on their way, hands settlements to the tracker, records events and counts.

Source: ``SpoutOutputCollectorImpl``, ``BoltOutputCollectorImpl``, ``SerializationFactory`` (0.9.5 to 2.8.3).
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from simulator.engine import events
from simulator.engine.clock import Agenda
from simulator.engine.effects import (
    Delivery,
    Effect,
    Emitted,
    Logged,
    Notified,
    Origin,
    Reported,
    ReportedError,
    Settled,
    Slept,
    TimerSet,
    last_line,
)
from simulator.engine.network import Network
from simulator.engine.spout_task import SpoutTask
from simulator.engine.task import Task
from simulator.engine.timers import Due, Timers
from simulator.engine.trace import Trace
from simulator.engine.tracker import Pending, Tracker
from simulator.engine.wiring import Wiring
from simulator.wire import Emit, LongFloat, storm_json
from streamparse import multilang
from streamparse.multilang import ProtocolError

MOST_REPORTED = 1000  # errors that are kept: a component may report one for each tuple
LAST_OUTPUTS = 5  # values that are kept of each stream without subscribers

# SerializationFactory: the types that workers exchange without Java serialization, as Python reads them from JSON.
_KRYO_KNOWS = frozenset({str, int, float, bool, type(None)})
_JSON_PACKAGES = {
    "simple": "org.apache.storm.shade.org.json.simple",
    "smart": "org.apache.storm.shade.net.minidev.json",
}


@dataclass
class Counts:
    """The counts of one component so far.

    Attributes:
        emitted: calls of ``emit``, by stream.
        executed: the tuples that a bolt was handed, without ticks.
        ticks: the ticks that it was handed.
        acked: a bolt's acks; of a spout, the acks that it was notified of.
        failed: a bolt's fails; of a spout, the fails that it was notified of.
        restarts: how often it was started again: after its own deaths, and those of others in its worker.
        errors: the errors that it has reported, those of its deaths included.
        reliable: a spout's emits with a message id.
        timeouts: those of the failed that timed out.
        timed: those of the acked whose complete latency is known.
        latency_ms: the sum of these latencies, in virtual milliseconds.
        slowest_ms: the longest of them.
        seconds: the real time of processes that have ended.
    """

    emitted: dict[str, int] = field(default_factory=dict)
    executed: int = 0
    ticks: int = 0
    acked: int = 0
    failed: int = 0
    restarts: int = 0
    errors: int = 0
    reliable: int = 0
    timeouts: int = 0
    timed: int = 0
    latency_ms: int = 0
    slowest_ms: int = 0
    seconds: float = 0.0

    @property
    def emits(self) -> int:
        """The calls of ``emit`` on all streams."""
        return sum(self.emitted.values())


class Router:
    """Routes the effects of tasks.

    Args:
        ids: gives the ids of tuples.
        edges: gives the edges of trees.

    Attributes:
        counts: the counts of each component so far.
        outputs: the last values, as JSON, on each stream that has no subscribers, by (component, stream).
        reported: the errors that components have reported, at most ``MOST_REPORTED``.
        on_error: called with each of them; None: nobody.
        is_full: tells of a bolt's task whether who emits to it has to wait; None: nobody ever has.
        full_ms: the bolts whose queue was full, and since when, in virtual milliseconds.
    """

    def __init__(
        self,
        wiring: Wiring,
        tracker: Tracker,
        network: Network,
        timers: Timers,
        agenda: Agenda[Due],
        trace: Trace,
        ids: Iterator[int],
        edges: random.Random,
    ) -> None:
        self.is_full: Callable[[int], bool] | None = None
        self.full_ms: dict[str, int] = {}
        self._wiring = wiring
        self._tracker = tracker
        self._network = network
        self._timers = timers
        self._agenda = agenda
        self._trace = trace
        self._ids = ids
        self._getrandbits = edges.getrandbits
        self._of_spouts: Mapping[type[Effect], Callable[[Any, Any], None]] = {
            Emitted: self._spout_emitted,
            Notified: self._notified,
            Reported: self._reported,
            Logged: self._logged,
            Slept: _no_effect,
        }
        self._of_bolts: Mapping[type[Effect], Callable[[Any, Any], None]] = {
            Emitted: self._bolt_emitted,
            Settled: self._settled,
            Reported: self._reported,
            TimerSet: self._timer_set,
            Logged: self._logged,
            Slept: _no_effect,
        }
        self._tracks = bool(wiring.ackers)
        self._checks_kryo = wiring.without_java_serialization
        components = wiring.topology.components
        self.counts = {name: Counts() for name in components}
        self.reported: list[ReportedError] = []
        self.on_error: Callable[[ReportedError], object] | None = None
        self.outputs: Mapping[tuple[str, str], deque[str]] = {
            (component.id, stream): deque(maxlen=LAST_OUTPUTS)
            for component in components.values()
            for stream in component.outputs
            if not wiring.topology.subscribers(component.id, stream)
        }

    def route(self, task: Task) -> None:
        """Take the effects of a task and route each.

        A broken protocol becomes the outcome of the task. After a KeyboardInterrupt the task keeps the effects that
        were not routed.
        """
        handlers = self._of_spouts if isinstance(task, SpoutTask) else self._of_bolts
        effects, task.effects = task.effects, []
        left = iter(effects if self.is_full is None else self._sendable(task, effects))
        try:
            for effect in left:
                handlers[type(effect)](task, effect)
        except ProtocolError as error:
            task.outcome = error  # at an emit to another worker; the effects behind it never happen
        except KeyboardInterrupt:
            task.effects = [*left]  # the report counts them as on their way
            raise

    def _sendable(self, task: Task, effects: Iterable[Effect]) -> Iterator[Effect]:
        """Yield what a task has said up to an emit to a full queue; that, and what is behind it, is kept.

        The acks and fails that a spout was notified of meanwhile wait for nothing.
        """
        assert self.is_full is not None
        for effect in effects:
            if isinstance(effect, Notified):
                yield effect
            else:
                task.kept.append(effect)
        while task.kept:
            effect = task.kept[0]
            if isinstance(effect, Emitted):
                full = next((each for each in effect.targets if self.is_full(each)), None)
                if full is not None:
                    self.full_ms.setdefault(self._wiring.component_of[full], self._agenda.now_ms)
                    return
            yield task.kept.popleft()

    def _spout_emitted(self, task: SpoutTask, effect: Emitted) -> None:
        emit, targets = effect.emit, effect.targets
        at_ms = self._agenda.now_ms + effect.offset_ms
        is_reliable = task.is_reliable(emit)
        self._count(task, effect).reliable += is_reliable
        is_acked_inside = not targets and task.acks_unreceived
        if not (is_reliable and self._tracks) or is_acked_inside:
            copies = [self._copy(task.origin, effect, target, None) for target in targets]
        else:
            copies = self._tracked(task, effect, at_ms)
        id_json = None if emit.id is None else storm_json(emit.id)
        self._emitted(at_ms, task, effect, id_json, None, copies)

    def _tracked(self, task: SpoutTask, effect: Emitted, at_ms: int) -> list[Delivery]:
        """The copies of a tuple whose tree is tracked."""
        getrandbits = self._getrandbits
        root = getrandbits(64)
        edges = 0
        copies = []
        for target in effect.targets:
            edge = getrandbits(64)
            edges ^= edge
            copies.append(self._copy(task.origin, effect, target, {root: edge}))
        self._tracker.open(Pending(task.id, root, effect.emit.id, at_ms), edges)
        return copies

    def _bolt_emitted(self, task: Task, effect: Emitted) -> None:
        self._count(task, effect)
        anchors, getrandbits = effect.anchors, self._getrandbits
        copies = []
        for target in effect.targets:
            roots: dict[int, int] | None = None
            for anchor in anchors:
                if not anchor.roots:
                    continue
                edge = getrandbits(64)
                anchor.ackval ^= edge
                if roots is None:
                    roots = dict.fromkeys(anchor.roots, edge)
                else:
                    for root in anchor.roots:
                        roots[root] = roots.get(root, 0) ^ edge
            copies.append(self._copy(task.origin, effect, target, roots))
        ids = (anchors[0].id,) if len(anchors) == 1 else tuple([each.id for each in anchors])
        self._emitted(self._agenda.now_ms, task, effect, None, ids, copies)

    def _count(self, task: Task, effect: Emitted) -> Counts:
        stream = effect.emit.stream
        counts = self.counts[task.component]
        counts.emitted[stream] = counts.emitted.get(stream, 0) + 1
        return counts

    def _copy(
        self, origin: Origin, effect: Emitted, target: int, roots: dict[int, int] | None
    ) -> Delivery:
        emit = effect.emit
        return Delivery(
            str(next(self._ids)),
            target,
            origin,
            emit.stream,
            emit.values,
            effect.text,
            roots,
            effect.is_plain,
        )

    def _emitted(
        self,
        at_ms: int,
        task: Task,
        effect: Emitted,
        id_json: str | None,
        anchors: tuple[str, ...] | None,
        copies: Sequence[Delivery],
    ) -> None:
        """Record an emit, and send its copies."""
        if len(copies) == 1:
            to: tuple[tuple[int, str], ...] = ((copies[0].target, copies[0].id),)
        else:
            to = tuple([(copy.target, copy.id) for copy in copies])
        stream, text = effect.emit.stream, effect.text
        self._trace.add(
            events.Emit(at_ms, task.component, task.id, stream, text, id_json, anchors, to)
        )
        if self._checks_kryo and not effect.is_plain:
            self._refuse_crossing(task, effect.emit, copies)
        if copies:
            self._network.send(copies)
        elif (output := self.outputs.get((task.component, stream))) is not None:
            output.append(text)

    def _refuse_crossing(self, task: Task, emit: Emit, copies: Sequence[Delivery]) -> None:
        """Refuse values of classes that Kryo does not know, unless all copies stay in the worker.

        Raises:
            ProtocolError: a copy goes to another worker; Storm's worker dies of it.
        """
        unknown = next((value for value in emit.values if type(value) not in _KRYO_KNOWS), None)
        workers = self._wiring.workers
        if unknown is None or all(workers[copy.target] == task.worker for copy in copies):
            return
        package = _JSON_PACKAGES[self._wiring.profile.json]
        if isinstance(unknown, LongFloat):
            kind, java_class = "a float of more than 18 characters", "java.math.BigDecimal"
        elif isinstance(unknown, list):
            kind, java_class = "a list", f"{package}.JSONArray"
        else:
            kind, java_class = "a map", f"{package}.JSONObject"
        raise ProtocolError(
            f'an emit of {kind} on stream "{emit.stream}" to a task in another worker; '
            "topology.fall.back.on.java.serialization=true or topology.workers=1 would do",
            storm=f"the worker dies: Class is not registered: {java_class}",
            excerpt=multilang.excerpt(storm_json(emit.values)),
        )

    def _settled(self, task: Task, effect: Settled) -> None:
        verb, delivery = effect.verb, effect.delivery
        counts = self.counts[task.component]
        event = events.Ack if verb == "ack" else events.Fail
        self._trace.add(event(self._agenda.now_ms, task.component, task.id, delivery.id))
        if verb == "fail":
            counts.failed += 1
        else:
            counts.acked += 1
            if task.server is not None and delivery.executed_ms >= 0 and delivery.source.task >= 0:
                task.server.load.acked += 1
                task.server.load.process_ms += self._agenda.now_ms - delivery.executed_ms
        if self._network.rules and self._network.loses(verb, delivery):
            return
        if verb == "fail":
            self._tracker.fail(delivery)
        else:
            self._tracker.ack(delivery)

    def _notified(self, task: Task, effect: Notified) -> None:
        settlement, now_ms = effect.settlement, self._agenda.now_ms
        counts = self.counts[task.component]
        id_json = storm_json(settlement.message_id)
        if settlement.verb == "ack":
            counts.acked += 1
            if settlement.emitted_ms >= 0:
                latency = now_ms - settlement.emitted_ms
                counts.timed += 1
                counts.latency_ms += latency
                counts.slowest_ms = max(counts.slowest_ms, latency)
            self._trace.add(events.Acked(now_ms, task.component, task.id, id_json))
        else:
            counts.failed += 1
            counts.timeouts += settlement.reason == "timeout"
            reason = settlement.reason
            self._trace.add(events.Failed(now_ms, task.component, task.id, id_json, reason))

    def _reported(self, task: Task, effect: Reported) -> None:
        message, now_ms = last_line(effect.message), self._agenda.now_ms
        self.counts[task.component].errors += 1
        if len(self.reported) < MOST_REPORTED:
            error = ReportedError(task.component, task.id, now_ms, effect.message)
            self.reported.append(error)
            if self.on_error is not None:
                self.on_error(error)
        self._trace.add(events.Error(now_ms, task.component, task.id, message))

    def _logged(self, task: Task, effect: Logged) -> None:
        task.on_log(task.id, effect.message)

    def _timer_set(self, task: Task, effect: TimerSet) -> None:
        self._timers.set_timer(task.id, effect.after_ms)


def _no_effect(task: Task, effect: Slept) -> None:
    """A sleep outside a turn, or before the first: it delays nothing that is routed."""

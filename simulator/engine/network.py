"""The network: brings copies to the inboxes of their tasks, at once or by fault rules and a schedule."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from typing import Literal

from simulator.engine import events, faults
from simulator.engine.chance import Choices
from simulator.engine.clock import Agenda
from simulator.engine.effects import Delivery
from simulator.engine.tasks import Tasks
from simulator.engine.timers import Arrival, Due
from simulator.engine.trace import Trace
from simulator.engine.tracker import Tracker
from simulator.engine.wiring import Wiring

MOST_LATE_MS = 1000  # by a schedule
LATE_PART = (
    20  # of the message timeout: a copy can be late on several links, and its root is still in time
)


class Network:
    """Carries copies of tuples between tasks.

    Args:
        ids: gives the ids of tuples.
        edges: gives the edges of trees.

    Attributes:
        rules: the fault rules; more may be added during a run.
    """

    def __init__(
        self,
        wiring: Wiring,
        tasks: Tasks,
        tracker: Tracker,
        agenda: Agenda[Due],
        trace: Trace,
        choices: Choices,
        ids: Iterator[int],
        edges: random.Random,
    ) -> None:
        self.rules = [faults.fresh_rule(rule) for rule in wiring.options.rules]
        self._component_of = wiring.component_of
        self._tasks = tasks
        self._tracker = tracker
        self._agenda = agenda
        self._trace = trace
        self._choices = choices
        self._ids = ids
        self._edges = edges
        self._most_late_ms = min(MOST_LATE_MS, wiring.message_timeout_ms // LATE_PART)
        self._due_on_link: dict[
            tuple[int, int], int
        ] = {}  # ms of the last late copy, by (source, target)
        self._acks_to_lose: dict[str, faults.Judgement] = {}  # by the ids of their copies

    def send(self, copies: Iterable[Delivery]) -> None:
        """Put copies on their way."""
        if self.rules or self._choices.active:
            for copy in copies:
                self._judge(copy)
        else:
            tasks = self._tasks
            for copy in copies:
                bolt = tasks[copy.target]
                if not bolt.is_down:
                    bolt.inbox.append(copy)  # type: ignore[attr-defined]  # only bolts subscribe

    def arrive(self, delivery: Delivery) -> None:
        """Put a copy into the inbox of its task."""
        bolt = self._tasks.bolt(delivery.target)
        if not bolt.is_down:  # else it is lost, as on a cluster whose worker is not up again
            bolt.inbox.append(delivery)

    def loses(self, verb: Literal["ack", "fail"], delivery: Delivery) -> bool:
        """Return whether a rule has the ack or the fail of this copy lost; if so, record it: now it is lost."""
        if verb == "fail":
            return self._loses_fail(delivery)
        judgement = self._acks_to_lose.pop(delivery.id, None)
        if judgement is None:
            return False
        self._record(judgement, delivery)
        return True

    def _loses_fail(self, delivery: Delivery) -> bool:
        task = delivery.target
        component = self._component_of[task]
        rules = [rule for rule in self.rules if isinstance(rule, faults.LostFail)]
        lost = [rule for rule in rules if rule.loses(component, task)]  # every one counts the fail
        if not lost:
            return False
        now_ms = self._agenda.now_ms
        self._trace.add(events.Fault(now_ms, component, task, "lost-fail", delivery.id))
        return True

    def _judge(self, delivery: Delivery) -> None:
        component = self._component_of[delivery.target]
        judgement = faults.judge(self.rules, component, delivery)
        if judgement is None:
            self._schedule(component, delivery)
            return
        verdict = judgement.verdict
        if isinstance(verdict, faults.Delay):
            self._delay(judgement, verdict, delivery)
        elif isinstance(verdict, faults.Duplicate):
            copy = self._copy(delivery)
            self._record(judgement, delivery, copy_id=copy.id)
            self._schedule(component, delivery)
            self._schedule(component, copy)
        elif isinstance(verdict, faults.Replay):
            self._schedule(component, delivery)
            if delivery.roots:  # else there is nothing that could come again
                self._record(judgement, delivery)
                self._tracker.fail(delivery)
        elif isinstance(verdict, faults.LostAck):
            self._acks_to_lose[delivery.id] = judgement  # recorded when it happens
            self._schedule(component, delivery)
        else:
            self._record(judgement, delivery)
            if isinstance(verdict, faults.Fail):
                self._tracker.fail(delivery)

    def _delay(
        self, judgement: faults.Judgement, verdict: faults.Delay, delivery: Delivery
    ) -> None:
        due_ms = self._agenda.now_ms + 1 + verdict.ms
        if not isinstance(verdict, faults.Reorder):  # what is behind it on its link waits for it
            links, link = self._due_on_link, (delivery.source.task, delivery.target)
            due_ms = links[link] = max(due_ms, links.get(link, 0))
        self._record(judgement, delivery, due_ms=due_ms)
        self._agenda.add(due_ms, Arrival(delivery))

    def _record(
        self,
        judgement: faults.Judgement,
        delivery: Delivery,
        *,
        due_ms: int | None = None,
        copy_id: str | None = None,
    ) -> None:
        target, name = delivery.target, faults.NAMES[type(judgement.verdict)]
        if isinstance(judgement.rule, faults.Nth):
            judgement.rule.struck += 1
        self._trace.add(
            events.Fault(
                self._agenda.now_ms,
                self._component_of[target],
                target,
                name,
                delivery.id,
                due_ms,
                copy_id,
            )
        )

    def _schedule(self, component: str, delivery: Delivery) -> None:
        """Bring a copy to its task, late if the schedule says so; on a link no copy overtakes the one before it."""
        late_ms, now_ms = 0, self._agenda.now_ms
        if self._choices.active:
            source, target = (
                self._tasks[task].name for task in (delivery.source.task, delivery.target)
            )
            late_ms = self._choices.choose_late_ms(
                f"{target}/late", (source, target), self._most_late_ms
            )
        links, link = self._due_on_link, (delivery.source.task, delivery.target)
        before_ms = links.get(link, 0)
        if not late_ms and before_ms <= now_ms:
            self.arrive(delivery)
            return
        due_ms = links[link] = max(now_ms + 1 + late_ms, before_ms)
        self._trace.add(events.Late(now_ms, component, delivery.target, delivery.id, due_ms))
        self._agenda.add(due_ms, Arrival(delivery))

    def _copy(self, delivery: Delivery) -> Delivery:
        roots = None
        if delivery.roots:
            edge = self._edges.getrandbits(64)
            roots = dict.fromkeys(delivery.roots, edge)
            self._tracker.add_edge(roots, edge)
        return Delivery(
            str(next(self._ids)),
            delivery.target,
            delivery.source,
            delivery.stream,
            delivery.values,
            delivery.text,
            roots,
            delivery.is_plain,
        )

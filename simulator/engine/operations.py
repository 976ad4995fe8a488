"""What is done to workers, to ackers and to the whole topology: by a fault at its tuple, or by the caller at once.

Source: ``Nimbus.REBALANCE_TRANSITION``, ``DO_REBALANCE_TRANSITION``, ``WorkerState.refreshStormActive`` (2.8.8).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal

from simulator.engine import events
from simulator.engine.clock import Agenda
from simulator.engine.effects import Switch
from simulator.engine.faults import FaultError, TopologyEvent, fresh_event
from simulator.engine.lifecycle import Lifecycle
from simulator.engine.routing import Counts
from simulator.engine.tasks import Tasks
from simulator.engine.timers import ActivateDue, Due, RebalanceDue
from simulator.engine.trace import Trace
from simulator.engine.tracker import Tracker
from simulator.engine.waves import Waves
from simulator.engine.wiring import Wiring
from simulator.engine.workers import Loss


class Operations:
    """Has workers and ackers die, places workers anew, deactivates and activates.

    Attributes:
        events: what happens before bolts take their n-th tuple.
    """

    def __init__(
        self,
        wiring: Wiring,
        tasks: Tasks,
        tracker: Tracker,
        agenda: Agenda[Due],
        trace: Trace,
        counts: Mapping[str, Counts],
        lifecycle: Lifecycle,
        waves: Waves,
    ) -> None:
        self._wiring = wiring
        self._tasks = tasks
        self._tracker = tracker
        self._agenda = agenda
        self._trace = trace
        self._counts = counts
        self._lifecycle = lifecycle
        self._waves = waves
        self.events: list[TopologyEvent] = []
        for event in wiring.options.topology_events:
            self.add(fresh_event(event))

    def add(self, event: TopologyEvent) -> None:
        """Have something happen before bolts take their n-th tuple, counted from the beginning of the run.

        Raises:
            FaultError: there is no such worker or acker.
        """
        if event.action == "worker":
            self.check_worker(event.number)
        elif event.action == "acker":
            self.check_acker(event.number)
        self.events.append(event)
        self._waves.counts_tuples = True

    def strike(self) -> None:
        """Have happen what is to happen before the tuple that bolts take next."""
        bolt = self._waves.next_bolt
        if bolt is None or bolt.inbox[0].source.task < 0:
            return
        nth = 1 + sum(each.executed for each in self._counts.values())
        for event in self.events:
            if event.nth == nth and not event.has_struck:
                event.has_struck = True
                self._act(event)
        self._waves.counts_tuples = not all(each.has_struck for each in self.events)

    def _act(self, event: TopologyEvent) -> None:
        if event.action == "worker":
            if event.number < self._wiring.worker_count:  # a rebalance may have left fewer
                self.crash_worker(event.number, event.ms)
        elif event.action == "acker":
            self.crash_acker(event.number)
        elif event.action == "rebalance":
            self.rebalance(event.number or None, event.ms)
        else:
            self.deactivate()
            self._agenda.add(self._agenda.now_ms + max(event.ms, 1), ActivateDue())

    def crash_worker(self, number: int, restart_ms: int | None = None) -> None:
        """Have a worker die now, with all its tasks, and start again.

        Args:
            number: which, from 0.
            restart_ms: how long it takes to come up again, in virtual milliseconds; None: as long as any other.

        Raises:
            FaultError: there is no such worker.
        """
        self.check_worker(number)
        self._lose([number], f"worker {number} crashed as ordered", restart_ms)

    def _lose(self, workers: Collection[int], because: str, restart_ms: int | None) -> None:
        lost = [task for task in self._tasks if task.worker in workers and not task.is_local]
        for task in lost:
            self._trace.add(events.Died(self._agenda.now_ms, task.component, task.id, because))
        self._lifecycle.lose(
            Loss(frozenset(workers), [task.id for task in lost]), because, restart_ms
        )

    def check_worker(self, number: int) -> None:
        """Refuse the number of a worker that there is not.

        Raises:
            FaultError: it says how many there are.
        """
        count = self._wiring.worker_count
        if not 0 <= number < count:
            raise FaultError(_no_such("worker", number, count))

    def crash_acker(self, number: int) -> None:
        """Have an acker lose all that it knows, as one that is alone in its worker: its trees can only time out.

        Raises:
            FaultError: there is no such acker.
        """
        self.check_acker(number)
        task = self._wiring.ackers[number]
        self._trace.add(
            events.Died(self._agenda.now_ms, "__acker", task, f"acker {number} crashed as ordered")
        )
        self._tracker.lose_acker(number, self._agenda.now_ms)
        self._trace.add(events.Restart(self._agenda.now_ms, "__acker", task))

    def check_acker(self, number: int) -> None:
        """Refuse the number of an acker that there is not.

        Raises:
            FaultError: it says how many there are.
        """
        count = len(self._wiring.ackers)
        if not 0 <= number < count:
            raise FaultError(_no_such("acker", number, count))

    def rebalance(self, workers: int | None = None, wait_ms: int | None = None) -> None:
        """Do what ``storm rebalance`` does: spouts are asked for nothing more, and all workers are placed anew.

        Args:
            workers: how many there are then; None: as many as before.
            wait_ms: how long the workers go on before, in virtual milliseconds; None: the message timeout.
        """
        wait_ms = self._wiring.message_timeout_ms if wait_ms is None else wait_ms
        due = RebalanceDue(workers, self._tasks.is_active)
        self.deactivate()
        self._agenda.add(self._agenda.now_ms + max(wait_ms, 1), due)

    def _place_anew(self, due: RebalanceDue) -> None:
        before = range(self._wiring.worker_count)
        self._tasks.is_active = due.is_active
        if due.workers is not None:
            self._wiring.place_anew(due.workers)
        for spout in self._tasks.spouts:
            spout.silent_turns = 0
            if spout.is_local and due.is_active:
                self._trace.add(events.Activated(self._agenda.now_ms, spout.component, spout.id))
        now = self._wiring.worker_count
        self._lose({*before, *range(now)}, "the topology was rebalanced", None)

    def handle(self, due: RebalanceDue | ActivateDue) -> None:
        """Handle an entry that is due now."""
        if isinstance(due, RebalanceDue):
            self._place_anew(due)
        else:
            self.activate()

    def deactivate(self) -> None:
        """Ask spouts for nothing more until ``activate``; acks, fails, timeouts and ticks go on (SpoutExecutor)."""
        self._switch("deactivate", events.Deactivated)

    def activate(self) -> None:
        """Ask spouts again after ``deactivate``."""
        self._switch("activate", events.Activated)

    def _switch(
        self,
        command: Literal["activate", "deactivate"],
        event: type[events.Activated | events.Deactivated],
    ) -> None:
        if self._tasks.is_active == (command == "activate"):
            return
        self._tasks.is_active = not self._tasks.is_active
        for executor in self._tracker.executors:
            self._tracker.drain(executor)  # what came before is handed over before
        for spout in self._tasks.spouts:
            self._trace.add(event(self._agenda.now_ms, spout.component, spout.id))
            spout.silent_turns = 0
            if self._wiring.profile.activates and not spout.is_local:
                spout.inbox.append(Switch(command))


def _no_such(what: str, number: int, count: int) -> str:
    if not count:
        return f"there is no {what} {number}: it runs without {what}s"
    return f"there is no {what} {number}; expected a number from 0 to {count - 1}"

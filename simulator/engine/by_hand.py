"""A run that is driven by hand: what a harness does to one task, in place of the tasks and clocks around it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Literal

from simulator.engine.effects import Delivery, Origin
from simulator.engine.network import Network
from simulator.engine.task import Task
from simulator.engine.tasks import Tasks
from simulator.engine.timers import Timers
from simulator.engine.tracker import Pending, Tracker
from simulator.engine.wiring import Wiring
from simulator.wire import storm_json


class ByHand:
    """Asks spouts, gives tuples and ticks to bolts, and settles roots.

    Args:
        ids: gives each tuple its id.
        run_wave: runs a wave of these tasks.
    """

    def __init__(
        self,
        wiring: Wiring,
        tasks: Tasks,
        tracker: Tracker,
        network: Network,
        timers: Timers,
        ids: Iterator[int],
        run_wave: Callable[[Sequence[Task]], object],
    ) -> None:
        self._wiring = wiring
        self._tasks = tasks
        self._tracker = tracker
        self._network = network
        self._timers = timers
        self._ids = ids
        self._run_wave = run_wave

    def ask(self, task: int) -> None:
        """Ask one spout task for its next tuple, at this instant."""
        spout = self._tasks.spout(task)
        self._tracker.drain(self._tracker.executor_of[task])
        spout.work(turns=1, room=None)
        self._run_wave([spout])

    def give(self, target: int, source: Origin, stream: str, values: list[object]) -> Delivery:
        """Put a tuple that no component has emitted into the inbox of a bolt's task; it is in no tree."""
        tuple_id, text = str(next(self._ids)), storm_json(values)
        delivery = Delivery(tuple_id, target, source, stream, values, text, None)
        self._network.arrive(delivery)
        return delivery

    def tick(self, task: int) -> None:
        """Tick one task of a bolt now, whether or not its configuration says so."""
        seconds = self._wiring.tick_seconds(self._wiring.component_of[task])
        self._timers.tick(task, 1 if seconds is None else seconds)

    def decide(self, entry: Pending, verb: Literal["ack", "fail"]) -> None:
        """Notify a spout that a tuple was acked or has failed, in place of the bolts that would settle it."""
        self._tracker.decide(entry, verb)

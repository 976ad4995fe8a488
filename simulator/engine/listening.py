"""Listening: what components say outside their turns, and in turns that never end.

On Storm a bolt may ack and emit at any time: it has threads, an event loop, or is of another language. And a
``next_tuple`` may emit for ever. In virtual time nothing would pass until such a component speaks, so the engine gives
it real time. What depends on that depends on the component's own timing.

Source: ``ShellBolt``, ``ShellSpout`` (0.9.5 to 2.8.3).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from simulator.engine.clock import FOR_EVER_MS, Agenda
from simulator.engine.ports import Listener, Transport
from simulator.engine.routing import Router
from simulator.engine.task import Task
from simulator.engine.tasks import Tasks
from simulator.engine.timers import Due

MOST_WAIT_MS = 100  # for what is said in a turn that goes on, before others are asked again
GRACE_SECONDS = 5.0  # of real time, for a component with threads to say something outside its turns
FOREIGN_GRACE_SECONDS = (
    1.0  # for one of another language, of which nobody knows whether it ever does
)


class Listening:
    """Gives components real time to speak.

    Args:
        spread: has what was said in a turn that goes on take effect.
        bury: takes tasks that have died.
        patience: tells how long a component that has spoken outside its turns is waited for, in real seconds; 0: as
            long as one that has not.
        is_real_time: whether virtual time is held to the real clock, so that nobody is waited for.

    Attributes:
        asynchronous: the bolts that have spoken outside their turns.
    """

    def __init__(
        self,
        tasks: Tasks,
        agenda: Agenda[Due],
        router: Router,
        transport: Transport,
        listener: Listener,
        spread: Callable[[Task], object],
        bury: Callable[[Sequence[Task]], object],
        patience: Callable[[], float],
        *,
        is_real_time: bool,
    ) -> None:
        self._tasks = tasks
        self._agenda = agenda
        self._router = router
        self._transport = transport
        self._listener = listener
        self._spread = spread
        self._bury = bury
        self._patience = patience
        self._is_real_time = is_real_time
        self.asynchronous: set[str] = set()

    @property
    def in_turn(self) -> list[Task]:
        """The tasks that are in one turn for long, and emit in it."""
        return [task for task in self._tasks if task.in_turn]

    def listen(self) -> bool:
        """Give components real time to speak, in turns that go on or outside their turns; return whether one did."""
        if talking := self.in_turn:
            has_passed = self._hear_turns(talking)  # in which the bolts have had their time, too
            return self.hear_bolts(waits=False) or has_passed
        return self.hear_bolts()

    def hear_bolts(self, *, waits: bool = True) -> bool:
        """Give bolts that hold tuples real time to speak outside their turns; return whether one did.

        On Storm a bolt may ack and emit at any time. In virtual time nothing would pass until it does, so the engine
        waits here before it lets time pass. A component that has never spoken like that is given a moment once, and one
        that has is given its time behind each tuple that it is handed. What it was waited for in vain is given up.

        Args:
            waits: whether to wait for them; else what is there is taken.
        """
        waits = waits and not self._is_real_time
        bolts = [
            bolt
            for bolt in self._tasks.bolts
            if bolt.may_speak
            and bolt.owes_data
            and not (bolt.said_nothing or bolt.is_local or bolt.in_turn)
        ]
        if not bolts:
            return False
        patience = self._patience() or GRACE_SECONDS
        if any(bolt.has_spoken for bolt in bolts):
            seconds = patience
        elif any(bolt.has_threads for bolt in bolts):
            seconds = min(patience, GRACE_SECONDS)
        else:
            seconds = min(patience, FOREIGN_GRACE_SECONDS)
        self._transport.listen(bolts, seconds if waits else 0.0)
        heard = [bolt for bolt in bolts if bolt.effects or bolt.outcome is not None]
        if not heard:
            for bolt in bolts:
                bolt.said_nothing = waits
                if waits:
                    bolt.give_up()
            return False
        for bolt in heard:
            bolt.has_spoken = True
            self.asynchronous.add(bolt.component)
        self._agenda.arrival_ms = self._agenda.now_ms + 1
        for bolt in heard:
            self._router.route(bolt)
        failed = [bolt for bolt in heard if bolt.outcome is not None]
        self._bury(failed)
        self._agenda.now_ms += 1
        self._listener.progress(self._agenda.now_ms)
        return True

    def _hear_turns(self, talking: Sequence[Task]) -> bool:
        """Take what is said in turns that go on; virtual time keeps to the real one while nothing else is due.

        As on Storm its tuples flow, and its executor takes notice of nothing. Each emit takes a millisecond, as a turn.
        """
        talking = [task for task in talking if task.said_until_ms <= self._agenda.now_ms]
        if not talking:
            return False
        next_ms = self._agenda.next_ms
        wait_ms = (
            MOST_WAIT_MS if next_ms is None else min(next_ms - self._agenda.now_ms, MOST_WAIT_MS)
        )
        passed_ms = round(1000 * self._transport.listen(talking, max(wait_ms, 0) / 1000))
        most_ms = FOR_EVER_MS if next_ms is None else max(1, next_ms - self._agenda.now_ms)
        least_ms = 0 if any(task.effects or task.outcome for task in talking) else 1
        self._agenda.now_ms += max(least_ms, min(passed_ms, most_ms))
        for task in talking:
            self._spread(task)
        self._listener.progress(self._agenda.now_ms)
        return True

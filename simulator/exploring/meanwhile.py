"""Meanwhile: a component crashes while it is not known yet what becomes of a root that a fault has struck.

A fault takes a tuple away, or makes it late, and its root stays open until it times out or comes again. Other roots are
settled meanwhile, and go as they go without faults. So a second fault at one of them strikes nothing that the first has
brought about; but who keeps a mark of how far it has come, such as an offset or a time, has moved it beyond the root
that is open. When it crashes now, it goes on behind that root, and nobody knows of the failure any more.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace

from simulator.exploring.cases import ON_TOPOLOGY, Case, Fault, Kind
from simulator.exploring.classes import FaultClass, class_of
from simulator.exploring.explored_run import RunOutcome

#: The crashes behind a fault, from the most telling on: one takes a late tuple with it; the others come behind the last
#: or the first ack. It is the tuples of spouts that come again.
TURNS = ("late", "spout, last", "bolt, last", "spout, first", "bolt, first")


class Meanwhile:
    """Cases of a fault, and a crash before its root is settled.

    Args:
        fault_free: the outcome of the fault-free run.
        kinds: of faults.
        most_faults: of a run.
    """

    def __init__(self, fault_free: RunOutcome, kinds: Sequence[Kind], most_faults: int) -> None:
        self._fault_free = fault_free
        self._is_wanted = "crash" in kinds and most_faults > 1
        self._firsts: set[tuple[FaultClass, int]] = set()
        self._left: dict[str, deque[Case]] = {turn: deque() for turn in TURNS}

    def learn(self, outcome: RunOutcome) -> None:
        """Note the crashes behind the fault of this run, which has one, and no schedule."""
        (fault,) = outcome.case.faults
        first = class_of(fault, self._fault_free.lives), self._task_of(fault)
        is_of_roots = fault.kind not in ON_TOPOLOGY and fault.topology < len(outcome.lives)
        if not self._is_wanted or not is_of_roots or first in self._firsts:
            return
        self._firsts.add(first)
        for turn, crash in _crashes(outcome, fault):
            case = replace(outcome.case, faults=(fault, crash), schedule=())
            self._left[turn].append(case)

    def _task_of(self, fault: Fault) -> int:
        """The task of the tuple that a fault strikes; 0 where it strikes none."""
        is_at_tuple = (fault.after or fault.before) == "tuple"
        lives = self._fault_free.lives
        tasks = lives[fault.topology].tasks if fault.topology < len(lives) else {}
        of_component = tasks.get(fault.component, ()) if is_at_tuple else ()
        return of_component[fault.nth - 1] if fault.nth <= len(of_component) else 0

    def draw(self) -> Case | None:
        """Return a case that has not been run yet; None when there is none."""
        return next((cases.popleft() for cases in self._left.values() if cases), None)


def _crashes(outcome: RunOutcome, fault: Fault) -> Iterator[tuple[str, Fault]]:
    """Yield the crashes behind a fault, each with its turn."""
    places = outcome.lives[fault.topology].places
    if fault.kind == "delay":
        acks = places.get((fault.component, "ack"), ())
        struck = [nth for nth, place in enumerate(acks, 1) if place.is_struck]
        for nth in struck[
            :1
        ]:  # a bolt acks its tuples in the order in which it takes them, most do
            yield "late", Fault("crash", fault.component, nth, topology=fault.topology)
    for component, counts in outcome.points[fault.topology].counts.items():
        acks = places.get((component, "ack"), ())
        meanwhile = [nth for nth, place in enumerate(acks, 1) if place.is_meanwhile]
        what = "bolt" if "tuple" in counts else "spout"
        for nth in dict.fromkeys((*meanwhile[-1:], *meanwhile[:1])):
            which = "last" if nth == meanwhile[-1] else "first"
            crash = Fault("crash", component, nth, after="ack", topology=fault.topology)
            yield f"{what}, {which}", crash

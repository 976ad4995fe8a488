"""Routing in order: the tasks of a wave are routed in a given order, each as soon as those before it are done."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from simulator.engine.task import Task


class InOrder:
    """Calls ``route`` with each task of a wave, in order.

    The first tasks are routed while the last are still at work. That makes no difference to those: an answer to a task
    depends on this task alone, and what is routed is for the next wave.

    Args:
        order: the tasks, in the order in which they are to be routed.
        route: takes the effects of one task.
    """

    def __init__(self, order: Sequence[Task], route: Callable[[Task], object]) -> None:
        self._order = order
        self._route = route
        self._next = 0
        self._done: set[int] = set()

    def on_done(self, task: Task) -> None:
        """Note that a task has done its work of this wave; route those whose turn it is."""
        self._done.add(task.id)
        while self._next < len(self._order) and self._order[self._next].id in self._done:
            self._route(self._order[self._next])
            self._next += 1

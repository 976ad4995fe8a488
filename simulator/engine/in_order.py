"""Routes what the tasks of a wave did, in a given order, each as soon as those before it are done."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from simulator.engine.task import Task


class InOrder:
    """Calls ``route`` with each task of a wave, in order.

    The routing of the first goes on while the last are still at work. It makes no difference to them: an answer depends
    on the task that asks alone, and what is routed is for the next wave.
    """

    def __init__(self, order: Sequence[Task], route: Callable[[Task], object]) -> None:
        self._order = order
        self._route = route
        self._next = 0
        self._done: set[int] = set()

    def on_done(self, task: Task) -> None:
        """Take a task that has done all its work of this wave."""
        self._done.add(task.id)
        while self._next < len(self._order) and self._order[self._next].id in self._done:
            self._route(self._order[self._next])
            self._next += 1

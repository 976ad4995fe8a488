"""The tasks of a run by number, and its spouts and bolts among them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from simulator.engine.bolt_task import BoltTask
from simulator.engine.spout_task import SpoutTask
from simulator.engine.task import Task


class Tasks:
    """The tasks of a run. A task whose process is started again gets a new object.

    Attributes:
        is_active: whether the topology is active, so that its spouts may be asked for tuples.
        spouts: the tasks of spouts, by number.
        bolts: the tasks of bolts, by number.
    """

    def __init__(self) -> None:
        self.is_active = True
        self._by_id: dict[int, Task] = {}
        self._sort()

    def fill(self, tasks: Iterable[Task]) -> None:
        """Take the tasks of a run that begins."""
        self._by_id = {task.id: task for task in sorted(tasks, key=lambda task: task.id)}
        self._sort()

    def _sort(self) -> None:
        self.spouts = [task for task in self if isinstance(task, SpoutTask)]
        self.bolts = [task for task in self if isinstance(task, BoltTask)]

    def __iter__(self) -> Iterator[Task]:
        return iter(self._by_id.values())

    def __getitem__(self, task: int) -> Task:
        return self._by_id[task]

    def spout(self, task: int) -> SpoutTask:
        """A spout's task, by number."""
        found = self._by_id[task]
        assert isinstance(found, SpoutTask)
        return found

    def bolt(self, task: int) -> BoltTask:
        """A bolt's task, by number."""
        found = self._by_id[task]
        assert isinstance(found, BoltTask)
        return found

    def replace(self, tasks: Iterable[Task]) -> None:
        """Put these in place of the tasks with the same numbers."""
        self._by_id.update((task.id, task) for task in tasks)
        self._sort()

"""The interfaces of the engine to the world: a transport that runs components, and a listener."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from simulator.engine.task import Task
from simulator.model import Component


@dataclass(frozen=True)
class Start:
    """The start of one task.

    Attributes:
        task: its number.
        component: its component, as the topology declares it.
        index: its place within the component, from 0.
        seed: the seed of the component's own ``random``.
        module_seed: that of ``random`` while its module is imported; the same for every task, for in process they
            share the module.
    """

    task: int
    component: Component
    index: int
    seed: str
    module_seed: str = ""


class Transport(Protocol):
    """Runs components. The caller who made it closes it."""

    @property
    def pid_dir(self) -> str:
        """An existing directory, in which each component creates a file that is named by its process id."""

    def start(self, starts: Sequence[Start]) -> None:
        """Start the processes. A failure to start becomes the outcome of the task when it is first run."""

    def run(
        self,
        tasks: Sequence[Task],
        on_done: Callable[[Task], object],
        meanwhile: Callable[[], object],
    ) -> None:
        """Carry each task's conversation until it is done or has an outcome, or it is long and goes on (``in_turn``).

        Args:
            tasks: the tasks, each with what is to be written first.
            on_done: called with each task when it is done or has an outcome.
            meanwhile: called at least once, when there is time for other work.
        """

    def listen(self, tasks: Sequence[Task], seconds: float) -> float:
        """Wait until one of these components says something outside its turns, or in one that goes on (``in_turn``).

        All that is there then is taken.

        Args:
            tasks: the tasks; what they have said, and how they ended, is in them.
            seconds: how long to wait at most, in real seconds, not counting those in which they wait for a processor.

        Returns:
            How long it took, in real seconds.
        """

    def stack(self, task: int) -> str:
        """The stacks of a component that is in a turn; "" where they cannot be had."""

    def kill(self, tasks: Sequence[int]) -> None:
        """End these processes now."""

    def close(self) -> None:
        """End everything; a second call does nothing."""


#: Called with the virtual milliseconds before each wave. It may wait for the real clock, and returns the milliseconds
#: that have passed: what virtual time has to catch up with.
Pace = Callable[[int], int]


class Listener(Protocol):
    """Receives what components log during a run, and the progress of virtual time."""

    def log(self, component: str, task: int, level: int, message: str) -> None:
        """Take a log message of a component; ``level`` is Storm's, from 0 (trace) to 4 (error)."""

    def progress(self, now_ms: int) -> None:
        """Take the virtual time at which a wave has ended, in milliseconds."""


class Silent:
    """A listener that ignores everything."""

    def log(self, component: str, task: int, level: int, message: str) -> None:
        return None

    def progress(self, now_ms: int) -> None:
        return None

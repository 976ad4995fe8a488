"""The engine's interfaces to the world: a transport that runs components, and a listener."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from simulator.engine.task import Task
from simulator.model import Component


@dataclass(frozen=True)
class Start:
    """The start of one task, for a transport.

    Attributes:
        task: its number.
        component: its component, as the topology declares it.
        index: its place within the component, from 0.
        seed: of the component's own ``random``.
    """

    task: int
    component: Component
    index: int
    seed: str


class Transport(Protocol):
    """Runs components. Its owner closes it."""

    @property
    def pid_dir(self) -> str:
        """An existing directory in which components leave files named by their process ids."""

    def start(self, starts: Sequence[Start]) -> None:
        """Begin the processes; one that fails to start shows when it is first written to."""

    def run(
        self,
        tasks: Sequence[Task],
        on_done: Callable[[Task], object],
        meanwhile: Callable[[], object],
    ) -> None:
        """Carry each task's conversation until it is done or has an outcome.

        ``on_done`` is called with each when it is; ``meanwhile`` is called once, when all have something to do.
        """

    def kill(self, tasks: Sequence[int]) -> None:
        """End these processes now."""

    def close(self) -> None:
        """End everything; a second call does nothing."""


class Listener(Protocol):
    """Hears what components log while the run is on, and how virtual time passes."""

    def log(self, component: str, task: int, level: int, message: str) -> None:
        """A component has sent a log message; ``level`` is Storm's, 0 (trace) to 4 (error)."""

    def progress(self, now_ms: int) -> None:
        """A wave has ended at this virtual time."""


class Silent:
    """A listener that ignores everything."""

    def log(self, component: str, task: int, level: int, message: str) -> None:
        return None

    def progress(self, now_ms: int) -> None:
        return None

"""The run that ``--step`` drives: made anew each time it goes back, and then silent until it is where it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulator import RunOptions
    from simulator.engine import Delivery, Listener, Trace
    from simulator.model import Topology
    from simulator.stepping import Drivable, MakeRun
    from simulator.transports import StderrListener


class Muted:
    """A listener that passes on what components say, but for waves that are run once more.

    Attributes:
        is_muted: asked whether nothing is passed on.
    """

    def __init__(self, listener: Listener, on_stderr: StderrListener) -> None:
        self.is_muted: Callable[[], bool] = lambda: False
        self._listener = listener
        self._on_stderr = on_stderr

    def log(self, component: str, task: int, level: int, message: str) -> None:
        if not self.is_muted():
            self._listener.log(component, task, level, message)

    def progress(self, now_ms: int) -> None:
        return None

    def stderr(self, component: str, task: int, line: str) -> None:
        if not self.is_muted():
            self._on_stderr(component, task, line)


def maker(
    topology: Topology,
    options: RunOptions,
    listener: Muted,
    clock: Callable[[], Any],
) -> MakeRun:
    """Return what makes the run that ``sparse simulate`` makes, each time anew.

    Args:
        clock: gives the context of the clock that components see; a new one for each run.
    """
    from simulator import ready

    @contextmanager
    def make(trace: Trace, on_delivery: Callable[[Delivery, int], object]) -> Iterator[Drivable]:
        with (
            clock() as shown,
            ready(
                topology,
                options,
                trace=trace,
                listener=listener,
                on_stderr=listener.stderr,
                clock=shown,
                on_delivery=on_delivery,
                is_watched=True,
            ) as run,
        ):
            yield run

    return make

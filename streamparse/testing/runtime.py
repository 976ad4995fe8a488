"""The runtime of components under test: in this process or as processes, on the real clock or on the virtual one."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from simulator import Mode
from simulator.engine import Pace, check_mode
from simulator.model import Topology
from simulator.testing import (
    HarnessError,
    is_test_error,
)
from simulator.transports import (
    MOST_HANG_SECONDS,
    InProcess,
    Processes,
    allowed_silence,
    temporary_directory,
)
from streamparse.testing.checks import ComponentWarning
from streamparse.testing.lookup import find_project, import_path
from streamparse.testing.output import Output
from streamparse.virtual_time import SharedClock

__tracebackhide__ = is_test_error  # pytest then shows the test's line


def source_directory(directory: Path) -> str:
    """Return the ``src`` of the project of this directory, or the directory itself."""
    project = find_project(directory)
    has_sources = project is not None and project.source_dir.is_dir()
    return str(project.source_dir if project is not None and has_sources else directory)


def checked_mode(mode: Mode | None) -> Mode | None:
    """Return a mode of components, or None.

    Raises:
        HarnessError: there is no such mode.
    """
    try:
        if mode is not None:
            check_mode(mode)
        return mode
    except ValueError as error:
        raise HarnessError(str(error)) from None


def process_options(
    directory: Path,
    hang_seconds: float,
    clock: SharedClock | None = None,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return the arguments of ``Processes`` for components of the test in this directory.

    Args:
        directory: of the test, in a project or not.
        hang_seconds: how long a component may be silent: real seconds, without those in which it waits for a
            processor; 0: without a limit.
        clock: the clock that components see instead of the real one.
        cwd: where components run; None: in the ``src`` of the project, or in the directory of the test.
        environment: variables of their environment, from the topology's settings.

    Raises:
        HarnessError: ``hang_seconds`` is no time to wait.
    """
    if not 0 <= hang_seconds <= MOST_HANG_SECONDS:
        raise HarnessError(
            f"hang_seconds={hang_seconds}: expected seconds, at most {MOST_HANG_SECONDS}; 0 is without a limit"
        )
    sources = source_directory(directory)
    shared = {} if clock is None else clock.environment
    return {
        "cwd": sources if cwd is None else str(cwd),
        "sources": sources,
        "env": {"PYTHONPATH": import_path(sources), **(environment or {}), **shared},
        "hang_seconds": hang_seconds,
    }


def patience(hang_seconds: float, conf: Mapping[str, object]) -> float:
    """Return how long a component may be silent: as long as Storm allows, where the topology asks for more.

    Args:
        hang_seconds: of the test; 0: without a limit.
        conf: the topology's; ``topology.subprocess.timeout.secs`` is Storm's limit.
    """
    return hang_seconds and max(hang_seconds, allowed_silence(conf) or 0.0)


def make_clock(stack: ExitStack) -> SharedClock:
    """Return a virtual clock for components; the stack closes it.

    Raises:
        HarnessError: time-machine is not installed.
    """
    if find_spec("time_machine") is None:
        raise HarnessError(
            "virtual_time needs time-machine, which is not installed: pip install time-machine"
        )
    return open_clock(stack)


def open_clock(stack: ExitStack) -> SharedClock:
    """Return the clock of a simulation, for whoever reads it; the stack closes it."""
    clock = SharedClock(temporary_directory())
    stack.callback(clock.close)
    return clock


@dataclass(frozen=True)
class Runtime:
    """The runtime of one topology's components.

    Attributes:
        directory, hang_seconds, cwd: as for ``process_options``.
        clock: the clock that components see; None: the real one.
        stack: closes what is made here.
        output: shows what components print and log; None: one of its own.
        environment: variables of the components' environment.
    """

    directory: Path
    hang_seconds: float
    clock: SharedClock | None
    stack: ExitStack
    cwd: Path | None = None
    output: Output | None = None
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def pace(self) -> Pace | None:
        """The function that the simulation calls with the virtual ms before each wave."""
        return None if self.clock is None else self.clock.publish

    def transport(
        self,
        topology: Topology,
        mode: Mode,
        classes: Mapping[str, Callable[[], object]],
        *,
        hears_logs: bool = True,
    ) -> InProcess | Processes:
        """Return the transport for a topology's components.

        Args:
            topology: what is to run.
            mode: Python components are objects in this process ("inprocess"), or processes.
            classes: classes by component id that run in this process in either mode.
            hears_logs: whether what components of this process print and log becomes their log messages.
        """
        needs_processes = mode == "process" or any(
            each.python_class is None for each in topology.components.values() if each.command
        )
        processes = None
        if needs_processes:
            lent = {} if self.output is None else self.output.environment
            options = process_options(
                self.directory,
                self.hang_seconds,
                self.clock,
                self.cwd,
                {**self.environment, **lent},
            )
            processes = Processes(**options, on_stderr=Output.stderr)
            self.stack.callback(processes.close)
        if mode == "process" and not classes:
            assert processes is not None
            return processes
        inside = InProcess(
            processes,
            cwd=str(self.cwd or source_directory(self.directory)),
            classes=classes,
            only_classes=mode == "process",
            on_kept=_warn_of_kept_state,
            environment=self.environment,
            around=None if self.clock is None else self.clock.of_task,
            output=(self.output or Output(self.stack)).here if hears_logs else nullcontext,
        )
        self.stack.callback(inside.close)
        return inside


def _warn_of_kept_state(line: str) -> None:
    warnings.warn(line, ComponentWarning, stacklevel=2)

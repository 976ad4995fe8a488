"""The simulation of one component alone, which a harness drives."""

from __future__ import annotations

from functools import partial
from typing import Any

from simulator import Mode
from simulator.engine import Simulation, Trace
from simulator.testing import HarnessError, LogKeeper, is_for_the_test, lone_topology
from simulator.transports import Processes
from streamparse.testing.lookup import check_importable, without_frames
from streamparse.testing.runtime import Runtime
from streamparse.testing.targets import Target

__tracebackhide__ = is_for_the_test  # pytest then shows the test's line


def single_simulation(
    target: Target,
    *,
    task: int,
    tasks: int,
    mode: Mode | None,
    runtime: Runtime,
    transport: Processes | None = None,
    **options: Any,
) -> tuple[Any, ...]:
    """Return the first arguments of ``BoltHarness`` and ``SpoutHarness``: the simulation and what belongs to it.

    Args:
        target: the component.
        task, tasks: which of how many tasks is driven, from 0.
        mode: None: in this process for a Python component, else as a process.
        runtime: what the component runs with.
        transport: the processes to run it in, instead of those of the runtime.
        options: further arguments of ``Simulation``.

    Raises:
        HarnessError: there is no such task, or another process could not import the class.
        TopologyError: the configuration has mistakes.
    """
    if not 0 <= task < tasks:
        raise HarnessError(f"task={task}: expected 0 to {tasks - 1}, since tasks={tasks}")
    component, cls = target.component, target.python_class
    topology, feeds, sinks = lone_topology(component, target.sources)
    mode = mode or ("process" if component.python_class is None else "inprocess")
    if mode == "process" and cls is not None:
        check_importable(cls)
    trace, logs = Trace(keep=True), LogKeeper()
    classes = {component.id: cls} if cls is not None and mode == "inprocess" else {}
    chosen = transport or runtime.transport(topology, mode, classes)
    make = partial(
        Simulation,
        topology,
        transport=chosen,
        pace=runtime.pace,
        on_crash="always",
        trace=trace,
        listener=logs,
        feeds=feeds,
        sinks=sinks,
        **options,
    )
    simulation = without_frames(make)
    return simulation, component, simulation.task_ids[component.id][task], trace, logs, chosen

"""The simulation of one component alone, which a harness drives."""

from __future__ import annotations

from functools import partial
from typing import Any

from simulator import Mode, RunOptions
from simulator.engine import Simulation, Trace
from simulator.testing import HarnessError, LogKeeper, is_for_the_test, lone_topology
from simulator.transports import Processes
from streamparse.testing.lookup import check_importable, without_frames
from streamparse.testing.runtime import Runtime
from streamparse.testing.targets import Target

__tracebackhide__ = is_for_the_test  # pytest then shows the test's line


def single_simulation(
    target: Target,
    options: RunOptions,
    *,
    task: int,
    tasks: int,
    mode: Mode | None,
    runtime: Runtime,
    transport: Processes | None = None,
) -> tuple[Any, ...]:
    """Return the first arguments of ``BoltHarness`` and ``SpoutHarness``: the simulation and what belongs to it.

    Args:
        target: the component.
        options: of the run: configuration, Storm version, seed.
        task, tasks: which of how many tasks is driven, from 0.
        mode: None: in this process for a Python component, else as a process.
        runtime: what the component runs with.
        transport: the processes to run it in, instead of those of the runtime.

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
        options,
        transport=chosen,
        pace=runtime.pace,
        trace=trace,
        listener=logs,
        feeds=feeds,
        sinks=sinks,
        on_crash="restart",
        turns=1,
        asks_spouts=component.kind == "bolt",
    )
    simulation = without_frames(make)
    task_id = simulation.wiring.task_ids[component.id][task]
    return simulation, component, task_id, trace, logs, chosen

"""The run of one component alone, for a harness."""

from __future__ import annotations

from functools import partial

from simulator import Mode, RunOptions
from simulator.engine import Simulation, Trace
from simulator.testing import (
    HarnessError,
    LogKeeper,
    SingleRun,
    is_test_error,
    single_topology,
)
from simulator.transports import Processes
from streamparse.testing.lookup import check_importable, without_frames
from streamparse.testing.output import Output
from streamparse.testing.runtime import Runtime
from streamparse.testing.targets import Target

__tracebackhide__ = is_test_error  # pytest then shows the test's line


def make_single_run(
    target: Target,
    options: RunOptions,
    *,
    task: int,
    tasks: int,
    mode: Mode | None,
    runtime: Runtime,
    transport: Processes | None = None,
) -> SingleRun:
    """Return the run of a component that ``BoltHarness`` or ``SpoutHarness`` drives.

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
    single = single_topology(component, target.sources)
    mode = mode or ("process" if component.python_class is None else "inprocess")
    if mode == "process" and cls is not None:
        check_importable(cls)
    trace, logs = Trace(keep=True), LogKeeper()
    classes = {component.id: cls} if cls is not None and mode == "inprocess" else {}
    chosen = transport or runtime.transport(single.topology, mode, classes)
    make = partial(
        Simulation,
        single.topology,
        options,
        transport=chosen,
        pace=runtime.pace,
        trace=trace,
        listener=logs,
        feeds=single.feeds,
        sinks=single.sinks,
        on_crash="restart",
        turns=1,
        asks_spouts=component.kind == "bolt",
        on_error=Output.error,
        on_log=partial(
            (runtime.output or Output(runtime.stack)).log,
            expects_errors=lambda: logs.expects_errors,
        ),
    )
    simulation = without_frames(make)
    task_id = simulation.wiring.task_ids[component.id][task]
    return SingleRun(simulation, component, task_id, trace, logs, chosen)

"""The run of one component alone, for a harness."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from simulator import Mode
from simulator.engine import Simulation, Trace
from simulator.testing import (
    BoltHarness,
    HarnessError,
    LogKeeper,
    SingleRun,
    SpoutHarness,
    is_test_error,
    single_topology,
    violations,
)
from simulator.transports import Observer, Processes
from streamparse.testing.checks import check_named
from streamparse.testing.lookup import check_importable, without_frames
from streamparse.testing.output import Output
from streamparse.testing.reading import checked_conf
from streamparse.testing.runtime import checked_mode, process_options
from streamparse.testing.setup import Setup
from streamparse.testing.targets import Target

__tracebackhide__ = is_test_error  # pytest then shows the test's line
Conf = Mapping[str, object]


def bolt_harness(
    target: Target,
    conf: Conf | None,
    task: int,
    tasks: int,
    mode: Mode | None,
    setup: Setup,
    *,
    has_inputs: bool,
) -> BoltHarness:
    """Return a harness with one bolt.

    Args:
        target, conf, task, tasks, mode, setup: as for ``make_single_run``.
        has_inputs: whether the test has declared what it takes.

    Raises:
        HarnessError, TopologyError: as for ``make_single_run``.
    """
    fields = target.input_fields(given=has_inputs)

    def fresh(observer: Observer) -> tuple[BoltHarness, Processes]:
        options = process_options(setup.directory, setup.hang_seconds, cwd=setup.cwd)
        processes = Processes(**options, observer=observer)
        run = make_single_run(target, conf, task, tasks, "process", setup, processes)
        return BoltHarness(run, inputs=fields), processes

    run = make_single_run(target, conf, task, tasks, mode, setup)
    return BoltHarness(run, inputs=fields, probe=partial(violations, fresh))


def spout_harness(
    target: Target, conf: Conf | None, task: int, tasks: int, mode: Mode | None, setup: Setup
) -> SpoutHarness:
    """Return a harness with one spout; arguments and errors are those of ``make_single_run``."""
    return SpoutHarness(make_single_run(target, conf, task, tasks, mode, setup))


def make_single_run(
    target: Target,
    conf: Conf | None,
    task: int,
    tasks: int,
    mode: Mode | None,
    setup: Setup,
    transport: Processes | None = None,
) -> SingleRun:
    """Return the run of a component that ``BoltHarness`` or ``SpoutHarness`` drives.

    Args:
        target: the component.
        conf: what the test sets.
        task, tasks: which of how many tasks is driven, from 0.
        mode: None: that of the test; without one in this process for a Python component, else as a process.
        setup: what the component is made with.
        transport: the processes to run it in, instead of those of the test.

    Raises:
        HarnessError: there is no such task, or another process could not import the class.
        TopologyError: the configuration has mistakes.
    """
    options = setup.options({**setup.reading.usual_conf(target.topology), **checked_conf(conf)})
    if target.python_class is None:
        without_frames(partial(check_named, [target.component], setup.reading.source_dir))
    mode = checked_mode(mode) or setup.mode
    runtime = setup.runtime(options.conf)
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
            setup.output.log,
            expects_errors=lambda: logs.expects_errors,
        ),
    )
    simulation = without_frames(make)
    task_id = simulation.wiring.task_ids[component.id][task]
    return SingleRun(simulation, component, task_id, trace, logs, chosen)

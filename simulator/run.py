"""``simulate``: makes the transport and the simulation of a topology, runs it, and ends all processes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Final

from simulator.engine import (
    Listener,
    Report,
    RunOptions,
    Simulation,
    Stopped,
    Trace,
    report_on,
)
from simulator.model import Component, Problem, Topology, TopologyError
from simulator.transports import InProcess, Processes, StderrListener, real_time_pace

IDLE_LEAP_MS: Final = 10  # in real time silent spouts are asked again after so long


def simulate(
    topology: Topology,
    options: RunOptions | None = None,
    *,
    trace: Trace | None = None,
    listener: Listener | None = None,
    on_stderr: StderrListener | None = None,
    **changes: Any,
) -> Report:
    """Run a topology until nothing is left to do, or until so many virtual seconds have passed.

    When the time is up, spouts are not asked any more. Tuples that have been delivered are still processed, with all
    that comes of them.

    Args:
        topology: the topology to run.
        options: the options of the run; ``RunOptions()`` when None.
        trace: takes the events.
        listener: receives what components log, and the progress of virtual time.
        on_stderr: called with each line that a component writes on stderr: (component, task, line).
        changes: options that differ from ``options``, by name: ``simulate(topology, conf=conf, cwd="src", seed=3)``.

    Returns:
        The report. After a KeyboardInterrupt it has ``stopped == "interrupted"``. No process is left when this returns
        or raises.

    Raises:
        TopologyError: a component or a grouping exists in a JVM only, or an executor of Storm would die of a setting.
        ValueError: a setting that has to be a number is none, or the Storm version is unknown.
        TypeError: there is no such option.
        simulator.transports.ResourceError: the machine does not give what the run needs, such as so many open files.
    """
    options = (options or RunOptions()).but(**changes)
    refuse_what_cannot_run(topology, options)
    until_ms = None if options.seconds is None else round(options.seconds * 1000)
    report = None
    kept: list[str] = []  # see KeptState
    try:
        with _transport(topology, options, on_stderr, kept.append) as transport:
            simulation = Simulation(
                topology,
                options,
                transport=transport,
                trace=trace,
                listener=listener,
                pace=real_time_pace() if options.real_time else None,
                idle_leap_ms=IDLE_LEAP_MS if options.real_time else None,
            )
            stopped = _run(simulation, until_ms, stop_when_idle=not options.real_time)
            report = report_on(simulation, stopped, until_ms=until_ms)
    except KeyboardInterrupt:
        if report is None:
            raise  # before there was anything to report
        if report.stopped != "error":  # it came while components were given their time to end
            report = replace(report, stopped="interrupted")
    return replace(report, warnings=[*report.warnings, *kept])


def _run(simulation: Simulation, until_ms: int | None, *, stop_when_idle: bool) -> Stopped:
    try:
        if not simulation.open():
            return "error"
        stopped = simulation.run(until_ms, stop_when_idle=stop_when_idle)
        if stopped == "time":
            simulation.settle()
        return "error" if simulation.is_final else stopped
    except KeyboardInterrupt:
        return "interrupted"


def _transport(
    topology: Topology,
    options: RunOptions,
    on_stderr: StderrListener | None,
    on_kept: Callable[[str], object],
) -> Processes | InProcess:
    others = any(component.python_class is None for component in topology.components.values())
    processes = None
    if options.mode == "process" or others:
        processes = Processes(
            cwd=options.cwd,
            sources=options.sources,
            hang_seconds=options.hang_seconds,
            on_stderr=on_stderr,
        )
    if options.mode == "inprocess":
        return InProcess(processes, cwd=options.cwd, on_kept=on_kept)
    assert processes is not None
    return processes


def refuse_what_cannot_run(topology: Topology, options: RunOptions) -> None:
    """Refuse components and groupings that exist in a JVM only.

    Raises:
        TopologyError: with all of them.
    """
    problems = [
        *(
            _needs_jvm(each)
            for each in topology.components.values()
            if each.command is None and each.id not in options.feeds
        ),
        *_unknown_groupings(topology, options),
    ]
    if problems:
        raise TopologyError(problems)


def _needs_jvm(component: Component) -> Problem:
    rows = f"--stub {component.id}=rows.jsonl, or " if component.kind == "spout" else ""
    return Problem(
        component.place,
        component.id,
        f"{component.jvm_class or 'a JVM class'} needs a JVM, and there is none in a simulation",
        f"stub it: {rows}--stub '{component.id}=package.module.Class[field,...]' with the fields it emits",
    )


def _unknown_groupings(topology: Topology, options: RunOptions) -> Iterable[Problem]:
    for bolt in topology.components.values():
        for (source, stream), grouping in bolt.inputs.items():
            if grouping.kind == "custom" and str(grouping.java_class) not in options.custom:
                yield Problem(
                    bolt.place_of("inputs", source, stream),
                    bolt.id,
                    f"the custom grouping {grouping.java_class} is a Java class, which cannot run in a simulation",
                    "from Python, simulate(custom={name: function of (values, tasks)}) stands in for it",
                )

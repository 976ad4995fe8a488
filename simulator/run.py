"""``simulate``: makes the transport and the simulation of a topology, runs it, and ends all processes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Protocol

from simulator.engine import (
    Delivery,
    Listener,
    Pace,
    Report,
    RunOptions,
    Simulation,
    SpoutTask,
    Stopped,
    Task,
    Trace,
    Transport,
    report_on,
)
from simulator.model import Component, Problem, Topology, TopologyError, settings
from simulator.transports import InProcess, Processes, StderrListener, real_time_pace

_FRAME: Final = re.compile(r'File "([^"]+)", line (\d+)')
LONGEST_TURN_SECONDS: Final = 0.02  # in real time, before others go on meanwhile
ASKED_EACH_MS: Final = 100  # whether it is enough
IDLE_LEAP_MS: Final = 10  # in real time silent spouts are asked again after so long


def simulate(
    topology: Topology,
    options: RunOptions | None = None,
    *,
    trace: Trace | None = None,
    listener: Listener | None = None,
    on_stderr: StderrListener | None = None,
    clock: VirtualClock | None = None,
    is_enough: Callable[[Simulation], bool] | None = None,
    on_unending: Callable[[int, Sequence[str]], object] | None = None,
    on_delivery: Callable[[Delivery, int], object] | None = None,
    on_time: Callable[[int], object] | None = None,
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
        clock: the time that components see in place of the real one.
        is_enough: asked every ``ASKED_EACH_MS`` virtual milliseconds whether the run may end.
        on_unending: called once in a run without a limit that is not idle for long: with the virtual milliseconds, and
            what keeps it going, a clause each.
        on_delivery: called with each tuple that a bolt is handed, ticks too, and the virtual milliseconds.
        on_time: called with the virtual milliseconds before each wave.
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
    report = None
    kept: list[str] = []  # see KeptState
    endless: list[str] = []
    try:
        with ready(
            topology,
            options,
            trace=trace,
            listener=listener,
            on_stderr=on_stderr,
            clock=clock,
            on_unending=on_unending,
            on_delivery=on_delivery,
            on_kept=kept.append,
            on_time=on_time,
        ) as run:
            stopped = _run(
                run.simulation, run.until_ms, is_enough, stop_when_idle=run.stop_when_idle
            )
            report = report_on(run.simulation, stopped, until_ms=run.until_ms)
            if not options.real_time:  # there a turn may just not be over
                endless += [
                    _endless(task, run.transport, options) for task in run.simulation.in_turn
                ]
    except KeyboardInterrupt:
        if report is None:
            raise  # before there was anything to report
        if report.stopped != "error":  # it came while components were given their time to end
            report = replace(report, stopped="interrupted")
    return replace(report, warnings=[*report.warnings, *kept, *endless])


@dataclass(frozen=True)
class ReadyRun:
    """A run that can begin: ``simulation.open()`` starts its components.

    Attributes:
        simulation: runs it.
        transport: runs its components.
        until_ms: its end, in virtual milliseconds; None: no end.
        stop_when_idle: whether it stops when nothing is left to do.
    """

    simulation: Simulation
    transport: Transport
    until_ms: int | None
    stop_when_idle: bool


@contextmanager
def ready(
    topology: Topology,
    options: RunOptions,
    *,
    trace: Trace | None = None,
    listener: Listener | None = None,
    on_stderr: StderrListener | None = None,
    clock: VirtualClock | None = None,
    on_unending: Callable[[int, Sequence[str]], object] | None = None,
    on_delivery: Callable[[Delivery, int], object] | None = None,
    on_kept: Callable[[str], object] = lambda line: None,
    on_time: Callable[[int], object] | None = None,
    is_watched: bool = False,
) -> Iterator[ReadyRun]:
    """Make the run that ``simulate`` makes, for a caller that drives it; no process is left at the end.

    Args:
        topology, options, trace, listener, on_stderr, clock, on_unending: as for ``simulate``.
        on_delivery: called with each tuple that a bolt is handed, ticks too, and the virtual milliseconds.
        on_kept: called with a line for each state of a class or module that has outlived a crash in process.
        on_time: called with the virtual milliseconds before each wave.
        is_watched: whether somebody looks at the run between two waves: then no bolt with work is given an input before
            its service begins. The trace is the same.

    Raises:
        TopologyError, ValueError, simulator.transports.ResourceError: as ``simulate``.
    """
    refuse_what_cannot_run(topology, options)
    until_ms = None if options.seconds is None else round(options.seconds * 1000)
    # A spout that sees the clock may be silent until it is time.
    is_paced = options.real_time or (
        clock is not None
        and until_ms is not None
        and not options.feeds.keys() >= topology.spouts.keys()
    )
    options = options.but(sees_clock=clock is not None)
    with _transport(topology, options, on_stderr, on_kept, clock) as transport:
        simulation = Simulation(
            topology,
            options,
            transport=transport,
            trace=trace,
            listener=listener,
            on_unending=on_unending,
            on_delivery=on_delivery,
            pace=_pace(options, clock, on_time),
            looks_ahead=clock is None and not options.real_time and not is_watched,
            idle_leap_ms=IDLE_LEAP_MS if is_paced else None,
        )
        yield ReadyRun(simulation, transport, until_ms, stop_when_idle=not is_paced)


class VirtualClock(Protocol):
    """The time that components see in place of the real one."""

    @property
    def environment(self) -> Mapping[str, str]:
        """What tells component processes of it: variables of their environment."""

    def publish(self, now_ms: int) -> object:
        """Show this virtual time, in milliseconds."""

    def of_task(self, task: int) -> AbstractContextManager[object]:
        """A new clock of a task in this process, which is entered for each turn of one life."""


def _pace(
    options: RunOptions, clock: VirtualClock | None, on_time: Callable[[int], object] | None
) -> Pace | None:
    held = real_time_pace() if options.real_time else None
    shown = [each for each in (None if clock is None else clock.publish, on_time) if each]
    if not shown:
        return held

    def pace(now_ms: int) -> int:
        for show in shown:
            show(now_ms)
        return held(now_ms) if held else now_ms

    return pace


def environment_of(conf: Mapping[str, object]) -> dict[str, str]:
    """The variables that a topology gives the environment of its components: ``topology.environment``."""
    found = conf.get(settings.ENVIRONMENT)
    if not isinstance(found, Mapping):
        return {}
    return {str(name): str(value) for name, value in found.items() if value is not None}


def _endless(task: Task, transport: Transport, options: RunOptions) -> str:
    """The words for a turn that has not ended, with the user's line in which it is."""
    frames = _FRAME.findall(transport.stack(task.id))
    sources = str(Path(options.sources or options.cwd).absolute())
    own = [f"{file}:{line}" for file, line in frames if file.startswith(sources)]
    at = f"; it is at {own[0]}" if own else ""
    call = "next_tuple" if isinstance(task, SpoutTask) else "process"
    return (
        f"{task.component}[{task.id}] is in one {call} that emits and does not return{at}. Its tuples flow, as "
        "on Storm; it is given nothing more, no ack and no fail, and this part of the run depends on its own timing"
    )


def _run(
    simulation: Simulation,
    until_ms: int | None,
    is_enough: Callable[[Simulation], bool] | None,
    *,
    stop_when_idle: bool,
) -> Stopped:
    try:
        if not simulation.open():
            return "error"
        stopped: Stopped = "time"
        while is_enough and stopped == "time" and not is_enough(simulation):
            step_ms = simulation.now_ms + ASKED_EACH_MS
            if until_ms is not None:
                if simulation.now_ms >= until_ms:
                    break
                step_ms = min(step_ms, until_ms)
            stopped = simulation.run(step_ms, stop_when_idle=stop_when_idle)
        if not is_enough:
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
    clock: VirtualClock | None,
) -> Processes | InProcess:
    others = any(component.python_class is None for component in topology.components.values())
    environment = environment_of(options.conf)
    processes = None
    if options.mode == "process" or others:
        processes = Processes(
            cwd=options.cwd,
            sources=options.sources,
            env={**environment, **(clock.environment if clock else {})},
            hang_seconds=options.hang_seconds,
            on_stderr=on_stderr,
            longest_turn_seconds=LONGEST_TURN_SECONDS if options.real_time else None,
        )
    if options.mode == "inprocess":
        return InProcess(
            processes,
            cwd=options.cwd,
            around=clock.of_task if clock else None,
            on_kept=on_kept,
            environment=environment,
        )
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

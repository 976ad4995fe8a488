"""One call from a topology to a report: builds the transport and the engine, runs, and leaves nothing behind."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, Literal

from simulator.engine import (
    Choices,
    Custom,
    Feed,
    Listener,
    OnCrash,
    Report,
    Simulation,
    Stopped,
    Trace,
    faults,
    report_on,
)
from simulator.model import NEWEST, Component, Problem, Topology, TopologyError
from simulator.transports import InProcess, Processes, StderrListener, real_time_pace

Mode = Literal["process", "inprocess"]

#: What ``sparse run`` and ``sparse submit`` submit a topology with, and so what a simulation starts from
#: (streamparse 2.1.3, commands/run.clj).
RUN_CONF: Final[Mapping[str, object]] = {
    "topology.debug": False,
    "topology.workers": 2,
    "topology.acker.executors": 2,
    "topology.max.spout.pending": 5000,
    "topology.message.timeout.secs": 60,
}

TURNS: Final = (
    100  # a spout's in one wave: enough to hide the round trip, few enough for max.pending
)
IDLE_LEAP_MS: Final = 10  # in real time: how long spouts that were silent are left alone


def simulate(
    topology: Topology,
    *,
    conf: Mapping[str, object],
    cwd: str,
    seconds: float | None = 10.0,
    mode: Mode = "process",
    storm: str = NEWEST,
    seed: object = 0,
    strict: bool = True,
    on_crash: OnCrash = "stop",
    real_time: bool = False,
    turns: int = TURNS,
    feeds: Mapping[str, Feed] | None = None,
    rules: Sequence[faults.Rule] = (),
    orders: Sequence[faults.Order] = (),
    choices: Choices | None = None,
    custom: Custom | None = None,
    trace: Trace | None = None,
    listener: Listener | None = None,
    on_stderr: StderrListener | None = None,
    hang_seconds: float = 30.0,
    expecting: Collection[str] = (),
) -> Report:
    """Run a topology until nothing is left to do, or so many virtual seconds have passed.

    When time is up spouts are asked no more, and what is on its way is carried to its end.

    Args:
        topology: what to run.
        conf: its whole configuration (``RUN_CONF`` and what comes on top).
        cwd: where components run: the directory of the Python sources.
        seconds: virtual; None for no end.
        mode: every task a real process, or Python components as objects in this one.
        real_time: hold virtual time to the clock on the wall; idleness then ends nothing.
        expecting: spouts whose class cares for acks and fails (for a warning).

    The other arguments are those of ``Simulation`` and ``Processes``. A KeyboardInterrupt ends the run and is in the
    report as ``stopped == "interrupted"``. No process is left when this returns or raises.

    Raises:
        TopologyError: a component cannot run here.
    """
    feeds = feeds or {}
    refuse_what_cannot_run(topology, feeds, custom or {})
    with _transport(topology, mode, cwd, hang_seconds, on_stderr) as transport:
        simulation = Simulation(
            topology,
            transport=transport,
            conf=conf,
            storm=storm,
            seed=seed,
            strict=strict,
            on_crash=on_crash,
            turns=turns,
            trace=trace,
            listener=listener,
            feeds=feeds,
            rules=rules,
            orders=orders,
            choices=choices,
            custom=custom,
            pace=real_time_pace() if real_time else None,
            idle_leap_ms=IDLE_LEAP_MS if real_time else None,
        )
        until_ms = None if seconds is None else round(seconds * 1000)
        stopped = _run(simulation, until_ms, stop_when_idle=not real_time)
        return report_on(simulation, stopped, until_ms=until_ms, expecting=expecting)


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
    mode: Mode,
    cwd: str,
    hang_seconds: float,
    on_stderr: StderrListener | None,
) -> Processes | InProcess:
    others = any(component.python_class is None for component in topology.components.values())
    processes = None
    if mode == "process" or others:
        processes = Processes(cwd=cwd, hang_seconds=hang_seconds, on_stderr=on_stderr)
    if mode == "inprocess":
        return InProcess(processes)
    assert processes is not None
    return processes


def refuse_what_cannot_run(
    topology: Topology, feeds: Mapping[str, Feed], custom: Mapping[str, object]
) -> None:
    """Raise TopologyError for components and groupings that exist in a JVM only, and for rows that do not fit."""
    problems = [
        *(_needs_jvm(each) for each in topology.components.values() if _is_jvm(each, feeds)),
        *_unknown_groupings(topology, custom),
    ]
    if problems:
        raise TopologyError(problems)


def _is_jvm(component: Component, feeds: Mapping[str, Feed]) -> bool:
    return component.command is None and component.id not in feeds


def _needs_jvm(component: Component) -> Problem:
    rows = f"--stub {component.id}=rows.jsonl, or " if component.kind == "spout" else ""
    return Problem(
        component.place,
        component.id,
        f"{component.jvm_class or 'a JVM class'} needs a JVM, and there is none in a simulation",
        f"stub it: {rows}--stub '{component.id}=package.module.Class[field,...]' with the fields it emits",
    )


def _unknown_groupings(topology: Topology, custom: Mapping[str, object]) -> Iterable[Problem]:
    for bolt in topology.components.values():
        for (source, stream), grouping in bolt.inputs.items():
            if grouping.kind == "custom" and str(grouping.java_class) not in custom:
                yield Problem(
                    bolt.place_of("inputs", source, stream),
                    bolt.id,
                    f"the custom grouping {grouping.java_class} is a Java class, which cannot run in a simulation",
                    "from Python, simulate(custom={name: function of (values, tasks)}) stands in for it",
                )

"""Measured work: a calibration run takes the real time of components on this machine, for a simulation to use."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace

from simulator.engine import Listener, Report, RunOptions, Simulation
from simulator.model import Topology
from simulator.run import VirtualClock, simulate
from simulator.transports import StderrListener, real_seconds

ENOUGH_TUPLES = 200  # of each component: their mean is near enough
ENOUGH_SECONDS = 10.0  # of real time: a slow component is measured by fewer tuples


def measured_work(
    topology: Topology,
    options: RunOptions,
    *,
    listener: Listener | None = None,
    on_stderr: StderrListener | None = None,
    clock: Callable[[], float] = real_seconds,
    virtual: VirtualClock | None = None,
) -> tuple[dict[str, object], Report]:
    """Run a topology without work, and take the mean time of each component for a tuple.

    It is no function of its input: another run measures other times. A simulation with what it returns is one.

    Args:
        topology: the topology.
        options: how it is to run; its work is left out.
        listener, on_stderr: as for ``simulate``.
        clock: gives the real seconds.
        virtual: the time that components see, as for ``simulate``: a sleep is then no part of what is measured, since
            it is work in the run itself.

    Returns:
        The work, as ``RunOptions.work`` takes it, and the report of the calibration run.
    """
    began: float | None = None

    def is_enough(simulation: Simulation) -> bool:
        nonlocal began
        if began is None:
            began = clock()  # every component has started, which may take long
        elif clock() - began >= ENOUGH_SECONDS:
            return True
        return all(
            max(counts.executed, counts.emits) >= ENOUGH_TUPLES
            for counts in simulation.counts.values()
        )

    report = simulate(
        topology,
        replace(options, work={}, real_time=False),
        listener=listener,
        on_stderr=on_stderr,
        is_enough=is_enough,
        clock=virtual,
    )
    work: dict[str, object] = {}
    for each in report.components.values():
        if each.id in options.feeds:
            continue
        count = each.executed if each.type == "bolt" else sum(each.emitted.values())
        if count and each.seconds:
            work[each.id] = _duration(each.seconds / count)
    return work, report


def _duration(seconds: float) -> str:
    """A duration as ``--work`` takes it, to three digits, and without an exponent."""
    ms = seconds * 1000
    return f"{ms:.0f}ms" if ms >= 100 else f"{max(ms, 0.001):.3g}ms"


def as_file(topology: str, work: Mapping[str, object]) -> str:
    """A work file: the work of a topology, by its name."""
    return json.dumps({"topology": topology, "work": work}, indent=2) + "\n"

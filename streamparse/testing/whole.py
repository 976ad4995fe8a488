"""The run of a whole topology, as the arguments of ``storm.topology`` ask for it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from simulator import Mode, RunOptions, refuse_what_cannot_run
from simulator.engine import (
    Choices,
    CustomGroupings,
    OnCrash,
    Trace,
    WorkError,
    faults,
    parse_work,
)
from simulator.model import Topology, find_overridden
from simulator.testing import (
    HarnessError,
    LogKeeper,
    RunningTopology,
    check_seconds,
    is_test_error,
)
from streamparse.dsl import TopologyType
from streamparse.testing.adjustments import Adjustment, adjusted_class
from streamparse.testing.checks import checked_seed
from streamparse.testing.lookup import is_local, without_frames
from streamparse.testing.mutations import Mutation
from streamparse.testing.recording import Record, Recorded, UsualRecording, recorded
from streamparse.testing.runtime import checked_mode
from streamparse.testing.setup import Setup
from streamparse.testing.stubs import Stub, StubbedTopology, stub
from streamparse.testing.targets import Outputs

__tracebackhide__ = is_test_error  # pytest then shows the test's line
OWN_CONF = "component_conf={id: {key: value}} sets it for the component alone"
MOST_MUTATED_WAVES = 20_000  # of one call; a mutation may have a topology go on for ever


class TopologyOptions(NamedTuple):
    """The arguments of ``storm.topology``; see there."""

    spouts: Mapping[str, Any] | None
    bolts: Mapping[str, Stub] | None
    outputs: Mapping[str, Outputs] | None
    parallelism: Mapping[str, int] | None
    conf: Mapping[str, object] | None
    component_conf: Mapping[str, Mapping[str, object]] | None
    mode: Mode | None
    seed: int | str | None
    strict: bool | None
    on_crash: OnCrash
    custom: CustomGroupings | None
    choices: Choices | None
    rules: Sequence[faults.Rule]
    orders: Sequence[faults.Order]
    allow_unstruck: bool
    restart: float
    work: Mapping[str, object] | None
    environment: str | None
    record: Record
    record_into: str | Path | None


class Interventions(NamedTuple):
    """What is done to each topology of a test from outside of it, by options of pytest.

    Attributes:
        mutation: is made in each topology of its name.
        recording: of each topology that does not say itself what is recorded.
        on_built: called with each topology, before a mutation, and the ids of the components that the test replaces.
    """

    mutation: Mutation | None
    recording: UsualRecording | None
    on_built: Callable[[Topology, Collection[str]], object] | None


def make_run(
    name: str | Path | TopologyType,
    asked: TopologyOptions,
    setup: Setup,
    interventions: Interventions,
    invariants: Sequence[Callable[[RunningTopology], object]],
) -> RunningTopology:
    """Return the run of a topology; the scope of the setup closes what belongs to it, but not the run itself.

    Args:
        name: as for ``storm.topology``.
        asked: the other arguments of it.
        setup: what its components are made with.
        interventions: what is done to it.
        invariants: what has to hold after every wave.

    Raises:
        HarnessError, TopologyError: as for ``storm.topology``.
    """
    check_seconds("restart", asked.restart)
    read, conf = setup.reading.topology(name, asked.conf, asked.environment)
    made = stub(
        read,
        spouts=asked.spouts,
        bolts=asked.bolts,
        outputs=asked.outputs,
        parallelism=asked.parallelism,
        component_conf=asked.component_conf,
    )
    setup.warn((*read.warnings, *find_overridden(made.topology, asked.conf or {}, OWN_CONF)))
    if interventions.on_built is not None:
        interventions.on_built(made.topology, {*made.classes, *made.feeds})
    mutation = interventions.mutation
    if mutation is not None and mutation.topology != made.topology.name:
        mutation = None
    if mutation is not None:
        made = replace(made, topology=mutation.change(made.topology))
        rules = [mutation.rule()] if mutation.rule else []
        asked = asked._replace(mode="inprocess", rules=[*asked.rules, *rules])
        conf = {**conf, **mutation.conf}
    recording = _recording(made, asked, conf, setup, interventions.recording)
    conf = {**conf, **recording.conf}
    mode = checked_mode(asked.mode) or setup.mode or "process"
    classes = _classes(made, mode, _adjustments(setup.scope.adjustments, mutation))
    options = _options(made, asked, conf, setup)
    setup.reading.check_components(made.topology, {*made.classes, *made.feeds})
    runtime = setup.runtime(conf)
    on_log = partial(setup.output.log, expects_errors=lambda: asked.on_crash == "restart")
    run = without_frames(
        partial(
            RunningTopology,
            made.topology,
            options,
            transport=runtime.transport(made.topology, mode, classes),
            pace=recording.pace(runtime.pace),
            trace=Trace(keep=True),
            logs=LogKeeper(),
            allow_unstruck=asked.allow_unstruck,
            on_error=setup.output.error,
            on_log=on_log,
            invariants=tuple(invariants),
        )
    )
    if mutation is not None:
        run.driver.most_waves = MOST_MUTATED_WAVES
    return run


def _recording(
    made: StubbedTopology,
    asked: TopologyOptions,
    conf: Mapping[str, object],
    setup: Setup,
    usual: UsualRecording | None,
) -> Recorded:
    record, into, scope = asked.record, asked.record_into, setup.scope
    if usual and not scope.is_explored and not record and into is None:
        record, into = usual.of(made.topology, made.feeds)
    return recorded(
        made.topology,
        record,
        into,
        scope.stack,
        conf=conf,
        fed=made.feeds,
        is_explored=scope.is_explored,
    )


def _classes(
    made: StubbedTopology, mode: Mode, adjustments: Mapping[str, Adjustment]
) -> Mapping[str, Callable[[], object]]:
    """What makes the components that run in this process and are not found by the names of their classes."""
    classes: dict[str, Callable[[], object]] = {
        component: cls
        for component, cls in made.classes.items()
        if mode == "inprocess" or is_local(cls)
    }
    for component, adjust in adjustments.items():
        name = made.topology.components[component].python_class
        classes[component] = adjusted_class(name, classes.get(component), adjust)
    return classes


def _adjustments(
    given: Mapping[str, Adjustment], mutation: Mutation | None
) -> Mapping[str, Adjustment]:
    """These adjustments, and in front of them that of the mutation."""
    if mutation is None or mutation.adjust is None:
        return given
    before, adjust = given.get(mutation.component), mutation.adjust

    def both(made: Any) -> None:  # Any: a component of the user's
        adjust(made)
        if before is not None:
            before(made)

    return {**given, mutation.component: both}


def _options(
    made: StubbedTopology, asked: TopologyOptions, conf: Mapping[str, object], setup: Setup
) -> RunOptions:
    """The options of the run, if it can run with them."""
    options = RunOptions(
        conf=conf,
        storm_version=setup.reading.version,
        seed=setup.seed if asked.seed is None else checked_seed(asked.seed),
        strict=setup.strict if asked.strict is None else asked.strict,
        on_crash=asked.on_crash,
        restart_ms=round(asked.restart * 1000),
        turns=1,
        feeds=made.feeds,
        work=asked.work or {},
        custom=asked.custom or {},
        choices=asked.choices,
        rules=asked.rules,
        orders=asked.orders,
        sees_clock=setup.virtual_time,
    )
    refuse_what_cannot_run(made.topology, options)
    try:
        parse_work(options.work, made.topology, options.feeds)
    except WorkError as error:
        raise HarnessError(str(error)) from None
    return options

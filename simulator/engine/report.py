"""The report of a run, as a value: counts for each component, why the run stopped, failures and warnings.

The same topology, input and seed give an equal report, except for ``seconds``, which is real time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from simulator.engine.effects import Notified, ReportedError
from simulator.engine.series import LoadReport, Sample, as_columns, load_of
from simulator.engine.servers import SECOND_US, US
from simulator.engine.simulation import Simulation
from simulator.engine.workers import Failure, Restarted
from simulator.model import hinted, settings
from streamparse.multilang import cut

Stopped = Literal["time", "idle", "error", "interrupted"]


@hinted
@dataclass(frozen=True)
class ComponentReport:
    """The counts of one component.

    Attributes:
        id: the component.
        type: "spout" or "bolt".
        tasks: its task ids.
        emitted: calls of ``emit``, by stream.
        executed: the tuples that a bolt was handed, without ticks.
        acked: the acks of a bolt; of a spout, the acks that it was notified of.
        failed: the fails of a bolt; of a spout, the fails that it was notified of.
        pending: the tuples of a spout that have a message id, and of which it was notified neither ack nor fail.
        restarts: how often it was started again: after its own deaths, and those of others in its worker.
        errors: the errors that it has reported to Storm, those of its deaths included.
        mean_ms: the mean complete latency of a spout, in virtual milliseconds; None when nothing was acked.
        slowest_ms: the longest complete latency of a spout, in virtual milliseconds.
        seconds: the real time that its processes took.
        load: how busy it was; None where its work takes no time.
        timeouts: of a spout, those of the failed that timed out.
    """

    id: str
    type: Literal["spout", "bolt"]
    tasks: Sequence[int]
    emitted: Mapping[str, int]
    executed: int
    acked: int
    failed: int
    pending: int
    restarts: int
    mean_ms: float | None
    slowest_ms: int
    seconds: float
    errors: int = 0
    load: LoadReport | None = None
    timeouts: int = 0

    def as_dict(self) -> dict[str, object]:
        """The counts as ``sparse simulate --json`` prints them."""
        shown: dict[str, object] = {
            "type": self.type,
            "tasks": list(self.tasks),
            "emitted": dict(self.emitted),
            "acked": self.acked,
            "failed": self.failed,
        }
        if self.type == "bolt":
            shown["executed"] = self.executed
        else:
            shown["pending"] = self.pending
            shown["complete_ms"] = {"mean": self.mean_ms, "max": self.slowest_ms}
        if self.restarts:
            shown["restarts"] = self.restarts
        if self.errors:
            shown["errors"] = self.errors
        if self.load:
            shown["load"] = self.load.as_dict()
        return shown


@dataclass(frozen=True)
class ReportedErrors:
    """The errors of one origin: a component and a traceback.

    Attributes:
        component, task, message: of the first of them.
        count: how many there were, of those that were kept.
        text: of the first of them; its traceback is another in another mode.
    """

    component: str
    task: int
    message: str
    count: int
    text: str = field(compare=False)

    def __str__(self) -> str:
        times = "" if self.count == 1 else f" ({self.count} times)"
        return f"{self.component}[{self.task}]: reported {cut(self.message)}{times}"

    def as_dict(self) -> dict[str, object]:
        """The errors as ``sparse simulate --json`` prints them."""
        return {
            "component": self.component,
            "task": self.task,
            "finding": f"reported {self.message}",
            "error": self.text,
            "count": self.count,
        }


def by_origin(errors: Sequence[ReportedError]) -> list[ReportedErrors]:
    """The errors of each origin together, in the order of their first."""
    found: dict[tuple[str, str], list[ReportedError]] = {}
    for error in errors:
        found.setdefault(error.origin, []).append(error)
    return [
        ReportedErrors(first.component, first.task, first.message, len(same), first.text)
        for same in found.values()
        for first in same[:1]
    ]


@hinted
@dataclass(frozen=True)
class Report:
    """The report of one run.

    Attributes:
        topology: the name of the topology.
        storm: the Storm version.
        seed: the seed.
        virtual_ms: the virtual time that has passed, in milliseconds.
        stopped: "time": the time was up; "idle": nothing was left to do; "error": a failure ended the run;
            "interrupted": Ctrl-C.
        components: the counts of each component, by id.
        outputs: the last values on each stream without subscribers, by component and stream.
        trace_sha256: the digest of the trace.
        warnings: what is probably a mistake, a sentence each.
        failures: the deaths and broken protocols, at most 100.
        reported: the errors that components reported and went on from: those of one origin together.
        restarts: who was started again, and why, at most 100.
        unstruck: a line for each fault that never struck: such a run has tested nothing.
        series: where work takes time, the counts of each component at every second, from 1 on.
    """

    topology: str
    storm: str
    seed: object
    virtual_ms: int
    stopped: Stopped
    components: Mapping[str, ComponentReport]
    outputs: Mapping[str, Mapping[str, Sequence[Any]]]
    trace_sha256: str
    warnings: Sequence[str]
    failures: Sequence[Failure]
    reported: Sequence[ReportedErrors] = ()
    restarts: Sequence[Restarted] = ()
    unstruck: Sequence[str] = ()
    series: Mapping[str, Sequence[Sample]] = field(default_factory=dict)

    def as_dict(self) -> dict[str, object]:
        """The report as ``sparse simulate --json`` prints it."""
        return {
            "topology": self.topology,
            "storm": self.storm,
            "seed": self.seed,
            "virtual_ms": self.virtual_ms,
            "stopped": self.stopped,
            "components": {name: each.as_dict() for name, each in self.components.items()},
            "outputs": {name: dict(streams) for name, streams in self.outputs.items()},
            "trace_sha256": self.trace_sha256,
            "warnings": list(self.warnings),
            "errors": [*map(_failure, self.failures), *(each.as_dict() for each in self.reported)],
            **({"restarts": [each.as_dict() for each in self.restarts]} if self.restarts else {}),
            **({"unstruck": list(self.unstruck)} if self.unstruck else {}),
            **({"series": as_columns(self.series)} if self.series else {}),
        }


def _failure(failure: Failure) -> dict[str, object]:
    names = ("component", "task", "finding", "place", "storm", "held", "error", "stderr", "stack")
    return {name: value for name in names if (value := getattr(failure, name))}


def report_on(
    simulation: Simulation,
    stopped: Stopped,
    *,
    until_ms: int | None = None,
) -> Report:
    """The report of a run so far.

    Args:
        simulation: the run.
        stopped: why it has stopped.
        until_ms: the virtual time at which it was to end, which settling may have passed; None: no limit.
    """
    components = {name: _component(simulation, name) for name in simulation.topology.components}
    virtual_ms = simulation.now_ms if until_ms is None else min(simulation.now_ms, until_ms)
    return Report(
        topology=simulation.topology.name,
        storm=simulation.options.storm_version,
        seed=simulation.options.seed,
        virtual_ms=virtual_ms,
        stopped=stopped,
        components=components,
        outputs=_outputs(simulation),
        trace_sha256=simulation.trace.sha256,
        warnings=list(_warnings(simulation, components)),
        failures=list(simulation.failures),
        reported=survived_errors(simulation),
        restarts=list(simulation.restarts),
        unstruck=simulation.injection.unstruck,
        series=_series(simulation, virtual_ms),
    )


def _series(simulation: Simulation, virtual_ms: int) -> Mapping[str, Sequence[Sample]]:
    if not simulation.servers:
        return {}
    simulation.series.catch_up(virtual_ms)
    return simulation.series.samples


def survived_errors(simulation: Simulation) -> list[ReportedErrors]:
    """The errors that components have reported and gone on from, those of one origin together."""
    fatal = {(failure.component, failure.error) for failure in simulation.failures}
    return by_origin(
        [each for each in simulation.reported if (each.component, each.text) not in fatal]
    )


def _outputs(simulation: Simulation) -> dict[str, dict[str, list[Any]]]:
    outputs: dict[str, dict[str, list[Any]]] = {}
    for (component, stream), texts in simulation.outputs.items():
        if texts:
            outputs.setdefault(component, {})[stream] = [json.loads(text) for text in texts]
    return outputs


def _component(simulation: Simulation, name: str) -> ComponentReport:
    counts = simulation.counts[name]
    return ComponentReport(
        id=name,
        type=simulation.topology.components[name].kind,
        tasks=simulation.wiring.task_ids[name],
        emitted=dict(sorted(counts.emitted.items())),
        executed=counts.executed,
        acked=counts.acked,
        failed=counts.failed,
        pending=sum(entry.task in simulation.wiring.task_ids[name] for entry in simulation.pending)
        + _unnotified(simulation, name),
        restarts=counts.restarts,
        errors=counts.errors,
        mean_ms=round(counts.latency_ms / counts.timed, 3) if counts.timed else None,
        slowest_ms=counts.slowest_ms,
        seconds=_seconds_of(simulation, name),
        timeouts=counts.timeouts,
        load=load_of(simulation.wiring.task_ids[name], simulation.servers, simulation.now_ms),
    )


def _unnotified(simulation: Simulation, spout: str) -> int:
    """The number of acks and fails that are on their way to a spout: no longer pending, and not counted yet."""
    tasks = simulation.tasks.spouts
    at_work = sum(
        isinstance(effect, Notified) and effect.settlement.emitted_ms >= 0
        for task, effects in simulation.in_service
        for effect in effects
        if simulation.wiring.component_of[task] == spout
    )
    return at_work + sum(task.unnotified for task in tasks if task.component == spout)


def _seconds_of(simulation: Simulation, component: str) -> float:
    """Real seconds that the processes of a component have taken."""
    running = (task.seconds for task in simulation.tasks if task.component == component)
    return simulation.counts[component].seconds + sum(running)


def _held(simulation: Simulation) -> dict[str, int]:
    """The number of tuples that each bolt holds and has neither acked nor failed."""
    held = {bolt.component: 0 for bolt in simulation.tasks.bolts}
    for bolt in simulation.tasks.bolts:
        held[bolt.component] += bolt.holds_data
    return held


def _places(simulation: Simulation) -> str:
    """The bolts that hold tuples, those that are at work on some, and those in front of which some wait."""
    at_work = {bolt.component: 0 for bolt in simulation.tasks.bolts}
    waiting = dict(at_work)
    for bolt in simulation.tasks.bolts:
        waiting[bolt.component] += len(bolt.inbox)
    for task, _ in simulation.in_service:
        if (component := simulation.wiring.component_of[task]) in at_work:
            at_work[component] += 1
    places = {
        "held by": _held(simulation),
        "in service at": at_work,
        "waiting in front of": waiting,
    }
    clauses = [
        f"{where} {', '.join(f'{bolt} ({count})' for bolt, count in counts.items() if count)}"
        for where, counts in places.items()
        if any(counts.values())
    ]
    return "; ".join(clauses) or "held by nobody any more"


def _warnings(
    simulation: Simulation,
    components: Mapping[str, ComponentReport],
) -> Iterator[str]:
    for cycle in simulation.topology.cycles():
        yield f"loop: {' -> '.join([*cycle, cycle[0]])}; Storm allows it, and so the run may never be idle"
    yield from _stopped(simulation)
    for name, at_ms in simulation.full_ms.items():
        yield (
            f"the queue in front of {name} is full at {at_ms / 1000:g} s: who emits to it waits, as on Storm from 2.0 "
            "on, and takes nothing meanwhile; topology.max.spout.pending keeps queues short"
        )
    for name in sorted(simulation.asynchronous):
        yield (
            f"{name} speaks outside its turns, from a thread or an event loop; what it says is taken in the order in "
            "which it comes, so this run depends on its own timing, and another may have another trace"
        )
    for each in components.values():
        if each.type == "bolt":
            yield from _bolt_warnings(simulation, each)
            yield from _leaks(simulation, each)
        else:
            yield from _spout_warnings(simulation, each)


def _stopped(simulation: Simulation) -> Iterator[str]:
    for name, at_ms in simulation.stopped_at_ms.items():
        yield (
            f"{name} is silent for too long at {at_ms / 1000:g} s: Storm 0.9.3 to 0.9.6 then reads its stderr to the "
            "end, so the worker lives on, and the bolt gets nothing more"
        )


def _leaks(simulation: Simulation, bolt: ComponentReport) -> Iterator[str]:
    """The warning about tuples that a bolt held when nothing could happen any more."""
    held = _held(simulation).get(bolt.id, 0)  # it may have no task
    timed_out = any(
        counts.timeouts for counts in simulation.counts.values()
    )  # another warning tells
    if not (held and bolt.acked) or simulation.failures or timed_out:
        return
    if simulation.options.real_time:  # there it may just not have come to them
        return
    tuples = "a tuple" if held == 1 else f"{held} tuples"
    found = f"{bolt.id} holds {tuples} that it has neither acked nor failed"
    if simulation.left.is_stuck:
        yield f"{found}, and nothing can happen any more; Storm would remember them until the worker ends"
    elif not simulation.left.can_wake(bolt.tasks):
        seconds = simulation.wiring.conf.get(settings.MESSAGE_TIMEOUT_SECS, 30)
        yield f"{found}, and has no tick or timer to do it at; their roots time out after {seconds} s"


def _bolt_warnings(simulation: Simulation, bolt: ComponentReport) -> Iterator[str]:
    ticks = simulation.wiring.tick_seconds(bolt.id) is not None
    yield from _slow_start(simulation, bolt)
    is_at_work = any(task in bolt.tasks for task, _ in simulation.in_service)
    if is_at_work and bolt.load and not (bolt.acked or bolt.failed or bolt.emitted):
        service_s, passed_s = bolt.load.service_ms / 1000, simulation.now_ms / 1000
        times_out = any(each.timeouts for each in simulation.counts.values())
        if service_s >= passed_s and not times_out:  # else that warning tells who held them
            yield (
                f"{bolt.id} has not ended its first tuple: that takes {service_s:g} s of work, and {passed_s:g} s have "
                "passed; give it less, or the run more time"
            )
    may_still_ack = simulation.failures or is_at_work or ticks  # at its next tick
    if (
        bolt.executed
        and not (bolt.acked or bolt.failed or may_still_ack)
        and simulation.wiring.ackers
    ):
        yield (
            f"{bolt.id} acked none of its {bolt.executed} tuples: Storm would time them out, "
            "and remember each until it is acked"
        )


def _slow_start(simulation: Simulation, component: ComponentReport) -> Iterator[str]:
    """The warning about a component that has done nothing, since its first work was not over."""
    if component.executed or component.emitted:
        return
    servers = [simulation.servers[task] for task in component.tasks if task in simulation.servers]
    at_work = {task for task, _ in simulation.in_service}
    until = {"initialize": max((server.ready_us for server in servers), default=0)}
    if component.type == "spout" and not at_work.isdisjoint(component.tasks):
        until["first next_tuple"] = max(max(server.free_us) for server in servers)
    for part, us in until.items():
        if us >= simulation.now_ms * US > 0:
            yield (
                f"{component.id} has not ended its {part}: that takes until {us / SECOND_US:g} s, and "
                f"{simulation.now_ms / 1000:g} s have passed; give it less work, or the run more time"
            )
            return


def _spout_warnings(simulation: Simulation, spout: ComponentReport) -> Iterator[str]:
    counts = simulation.counts[spout.id]
    yield from _slow_start(simulation, spout)
    if counts.timeouts:
        seconds = simulation.wiring.conf.get(settings.MESSAGE_TIMEOUT_SECS, 30)
        yield f"{counts.timeouts} tuples of {spout.id} failed by timeout ({seconds} s); {_places(simulation)}"
    if (
        spout.id in simulation.options.expecting
        and any(spout.emitted.values())
        and not counts.reliable
    ):
        yield (
            f"{spout.id} emits without message ids, so Storm tracks none of its tuples and never calls its "
            "ack and fail; give emit a tup_id"
        )

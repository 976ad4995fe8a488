"""The report of a run, as a value: counts for each component, why the run stopped, failures and warnings.

The same topology, input and seed give an equal report, except for ``seconds``, which is real time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from simulator.engine.effects import ReportedError
from simulator.engine.simulation import Simulation
from simulator.engine.workers import Failure, Restarted
from simulator.model import settings
from streamparse.multilang import cut

Stopped = Literal["time", "idle", "error", "interrupted"]


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
    return Report(
        topology=simulation.topology.name,
        storm=simulation.options.storm_version,
        seed=simulation.options.seed,
        virtual_ms=simulation.now_ms if until_ms is None else min(simulation.now_ms, until_ms),
        stopped=stopped,
        components=components,
        outputs=_outputs(simulation),
        trace_sha256=simulation.trace.sha256,
        warnings=list(_warnings(simulation, components)),
        failures=list(simulation.failures),
        reported=survived_errors(simulation),
        restarts=list(simulation.restarts),
        unstruck=simulation.unstruck,
    )


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
    )


def _unnotified(simulation: Simulation, spout: str) -> int:
    """The number of acks and fails that are on their way to a spout: no longer pending, and not counted yet."""
    return sum(task.unnotified for task in simulation.tasks.spouts if task.component == spout)


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


def _warnings(
    simulation: Simulation,
    components: Mapping[str, ComponentReport],
) -> Iterator[str]:
    for cycle in simulation.topology.cycles():
        yield f"loop: {' -> '.join([*cycle, cycle[0]])}; Storm allows it, and so the run may never be idle"
    for each in components.values():
        if each.type == "bolt":
            yield from _bolt_warnings(simulation, each)
            yield from _leaks(simulation, each)
        else:
            yield from _spout_warnings(simulation, each)


def _leaks(simulation: Simulation, bolt: ComponentReport) -> Iterator[str]:
    """The warning about tuples that a bolt held when nothing could happen any more."""
    held = _held(simulation).get(bolt.id, 0)  # it may have no task
    timed_out = any(
        counts.timeouts for counts in simulation.counts.values()
    )  # another warning tells
    if not (held and bolt.acked) or simulation.failures or timed_out:
        return
    tuples = "a tuple" if held == 1 else f"{held} tuples"
    found = f"{bolt.id} holds {tuples} that it has neither acked nor failed"
    if simulation.is_stuck:
        yield f"{found}, and nothing can happen any more; Storm would remember them until the worker ends"
    elif not simulation.can_wake(bolt.tasks):
        seconds = simulation.wiring.conf.get(settings.MESSAGE_TIMEOUT_SECS, 30)
        yield f"{found}, and has no tick or timer to do it at; their roots time out after {seconds} s"


def _bolt_warnings(simulation: Simulation, bolt: ComponentReport) -> Iterator[str]:
    ticks = simulation.wiring.tick_seconds(bolt.id) is not None
    may_still_ack = simulation.failures or ticks  # at its next tick
    if (
        bolt.executed
        and not (bolt.acked or bolt.failed or may_still_ack)
        and simulation.wiring.ackers
    ):
        yield (
            f"{bolt.id} acked none of its {bolt.executed} tuples: Storm would time them out, "
            "and remember each until it is acked"
        )


def _spout_warnings(simulation: Simulation, spout: ComponentReport) -> Iterator[str]:
    counts = simulation.counts[spout.id]
    if counts.timeouts:
        holders = [f"{bolt} ({count})" for bolt, count in _held(simulation).items() if count]
        held_by = ", ".join(holders) or "nobody any more"
        yield (
            f"{counts.timeouts} tuples of {spout.id} failed by timeout "
            f"({simulation.wiring.conf.get(settings.MESSAGE_TIMEOUT_SECS, 30)} s); held by {held_by}"
        )
    if (
        spout.id in simulation.options.expecting
        and any(spout.emitted.values())
        and not counts.reliable
    ):
        yield (
            f"{spout.id} emits without message ids, so Storm tracks none of its tuples and never calls its "
            "ack and fail; give emit a tup_id"
        )

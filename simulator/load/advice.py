"""Advice for a topology under load: each change that could help is simulated, and judged by its own verdict."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from simulator.engine import Report, RunOptions
from simulator.load.verdict import (
    Run,
    Verdict,
    judge,
    pending_limit,
    timeout_of,
    with_pending_limit,
)
from simulator.model import Topology, settings
from simulator.run import simulate

MARGIN = 0.9  # of the timeout, for how long a tuple may wait
MOST_TASKS = 64  # that are advised for one component
ROUNDS = 3  # message timeouts that a run takes to show what comes of it


@dataclass(frozen=True)
class Variant:
    """A change, and what a simulation of it has shown.

    Attributes:
        change: as the command line or the topology file says it; "as it is" for none.
        verdict: on the simulation.
        acked, failed: of all spouts.
        per_second: the acks in a second, over the whole run.
    """

    change: str
    verdict: Verdict
    acked: int
    failed: int
    per_second: float

    def as_dict(self) -> dict[str, object]:
        """The variant as ``sparse simulate --json`` prints it."""
        return {
            "change": self.change,
            **self.verdict.as_dict(),
            "acked": self.acked,
            "failed": self.failed,
            "per_second": self.per_second,
        }


def advise(topology: Topology, options: RunOptions, run: Run = simulate) -> list[Variant]:
    """Simulate a topology as it is, and with each change that could help; the first is as it is.

    Every run lasts as long as ``options`` say, and at least three message timeouts, so that a meltdown shows.

    Args:
        topology: the topology.
        options: how it runs, with work.
        run: runs it.
    """
    seconds = max(options.seconds or 0.0, ROUNDS * timeout_of(options))
    options = replace(options, seconds=seconds, real_time=False)
    report = run(topology, options)
    first = _variant("as it is", report, topology, options)
    variants = [first]
    if first.verdict.bottleneck is None:
        return variants
    for change, changed, other in _changes(topology, options, report, first.verdict):
        lasts = max(seconds, ROUNDS * timeout_of(other))
        changed_options = replace(other, seconds=lasts)
        report = run(changed, changed_options)
        if report.stopped == "interrupted":
            break
        variants.append(_variant(change, report, changed, changed_options))
    return variants


def _variant(change: str, report: Report, topology: Topology, options: RunOptions) -> Variant:
    spouts = [each for each in report.components.values() if each.type == "spout"]
    acked = sum(each.acked for each in spouts)
    seconds = report.virtual_ms / 1000
    return Variant(
        change,
        judge(report, topology, options),
        acked,
        sum(each.failed for each in spouts),
        round(acked / seconds, 1) if seconds else 0.0,
    )


def _changes(
    topology: Topology, options: RunOptions, report: Report, verdict: Verdict
) -> Iterator[tuple[str, Topology, RunOptions]]:
    neck = verdict.bottleneck
    assert neck is not None
    notation = topology.components[neck.component].notation
    timeout = timeout_of(options)
    limit = pending_limit(report, topology, options)
    if (pending := _fitting_pending(topology, report, neck.wait_ms, limit, timeout)) is not None:
        yield (
            f"-o topology.max.spout.pending={pending}",
            with_pending_limit(topology, pending),
            _with(options, settings.MAX_SPOUT_PENDING, pending),
        )
    if verdict.wait_s is not None and verdict.wait_s > timeout * MARGIN:
        longer = math.ceil(verdict.wait_s / MARGIN)
        yield (
            f"-o topology.message.timeout.secs={longer}",
            topology,
            _with(options, settings.MESSAGE_TIMEOUT_SECS, longer),
        )
    for tasks in _more_tasks(neck.tasks, verdict.wait_s, timeout):
        yield (
            f"{notation.parallelism_value.format(tasks)} of {neck.component}",
            topology.replace(neck.component, parallelism=tasks),
            options,
        )
    if options.conf.get(settings.WORKERS) != 1:
        yield "-w 1", topology, _with(options, settings.WORKERS, 1)
        yield (
            "-o topology.disable.loadaware.messaging=true",
            topology,
            _with(options, settings.DISABLE_LOADAWARE_MESSAGING, True),
        )
        doubled = 2 * neck.tasks
        yield (
            f"{notation.parallelism_value.format(doubled)} of {neck.component}, and -w 1",
            topology.replace(neck.component, parallelism=doubled),
            _with(options, settings.WORKERS, 1),
        )


def _fitting_pending(
    topology: Topology, report: Report, wait_ms: float, limit: int | None, timeout: int
) -> int | None:
    """The setting with which no tuple waits as long as the timeout; None where there is none or it is no lower."""
    tasks = sum(len(report.components[name].tasks) for name in topology.spouts)
    if not (wait_ms and tasks):
        return None
    fitting = int(MARGIN * timeout * 1000 / wait_ms / tasks)
    is_lower = limit is None or fitting * tasks < limit
    return fitting if fitting >= 1 and is_lower else None


def _more_tasks(tasks: int, wait_s: float | None, timeout: int) -> list[int]:
    """Twice the tasks, and as many as it takes for a tuple to wait no longer than the timeout."""
    found = [2 * tasks]
    if wait_s is not None:
        found.append(math.ceil(tasks * wait_s / (timeout * MARGIN)))
    return sorted({each for each in found if tasks < each <= MOST_TASKS})


def _with(options: RunOptions, key: str, value: object) -> RunOptions:
    return replace(options, conf={**options.conf, key: value})

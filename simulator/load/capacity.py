"""The capacity of a topology: the highest rate at which it acks tuples, by the tasks of its bottleneck."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from simulator.engine import Report, RunOptions
from simulator.load.verdict import Bottleneck, Run, find_bottleneck, with_pending_limit
from simulator.model import Topology, settings
from simulator.run import simulate

WAIT_S = 2.0  # for which tuples wait: enough for every task to be busy all the time
TIMEOUT_S = 3600  # so that none times out
SECONDS = 20.0  # of a run; the rate is that of its second half


@dataclass(frozen=True)
class Capacity:
    """The rate of one number of tasks.

    Attributes:
        tasks: of the component that was the bottleneck at first.
        rate: the tuples of the spouts that are acked in a second.
        bottleneck: the component whose busiest task was the busiest of all; a spout, where no bolt limits the rate.
        busy: the share of the time in which that task was in service, from 0 to 1.
    """

    tasks: int
    rate: float
    bottleneck: str
    busy: float

    def as_dict(self) -> dict[str, object]:
        """The rate as ``sparse capacity --json`` prints it."""
        return {
            "tasks": self.tasks,
            "rate": self.rate,
            "bottleneck": self.bottleneck,
            "busy": self.busy,
        }


def capacity(
    topology: Topology, options: RunOptions, tasks: Sequence[int] = (), run: Run = simulate
) -> tuple[str | None, list[Capacity]]:
    """Find the bottleneck, and simulate the topology with several numbers of its tasks.

    Args:
        topology: the topology.
        options: how it runs, with work. Its pending limit, its timeout and its time are replaced.
        tasks: the numbers to try; none: 1, 2, 4 and 8, and the present one.
        run: runs it.

    Returns:
        The bottleneck, None where no work was done, and the rate of each number of tasks.
    """
    conf = {**options.conf, settings.MESSAGE_TIMEOUT_SECS: TIMEOUT_S}
    options = replace(options, conf=conf, seconds=SECONDS)
    first = run(topology, options)
    neck = find_bottleneck(first)
    if neck is None:
        return None, []
    present = len(first.components[neck.component].tasks)
    found = []
    for number in tasks or sorted({1, 2, 4, 8, present}):
        changed = topology.replace(neck.component, parallelism=number)
        limit = _saturating(changed, first, neck, number)
        conf = {**options.conf, settings.MAX_SPOUT_PENDING: limit}
        report = run(with_pending_limit(changed, limit), replace(options, conf=conf))
        found.append(_measured(report, number))
    return neck.component, found


def _saturating(topology: Topology, report: Report, neck: Bottleneck, tasks: int) -> int:
    """The pending limit with which every task has something to do at any time."""
    spouts = sum(len(report.components[name].tasks) for name in topology.spouts)
    each_ms = neck.copies * neck.service_ms / neck.parallel / tasks
    return max(10 * tasks, math.ceil(WAIT_S * 1000 / max(each_ms, 0.1) / max(spouts, 1)))


def _measured(report: Report, tasks: int) -> Capacity:
    spouts = [each for each in report.components.values() if each.type == "spout"]
    series = [report.series[each.id] for each in spouts]
    acked = [0, *(sum(sample.acked for sample in second) for second in zip(*series, strict=True))]
    half = len(acked) // 2  # where the spouts had no more to say, a run is shorter
    rate = (acked[-1] - acked[half]) / max(len(acked) - 1 - half, 1)
    busy = {each.id: each.load.busiest for each in report.components.values() if each.load}
    bottleneck = max(busy, key=lambda name: busy[name])
    return Capacity(tasks, rate, bottleneck, busy[bottleneck])

"""The verdict on a run whose work takes time: steady, late, or a meltdown; and why, in one line of arithmetic.

What decides is how long a tuple waits at most: the tuples that may be pending, times the work that each costs the
busiest task. A pending tuple lives for one to two message timeouts (``RotatingMap``). Up to one nothing fails. Above
two every tuple has failed before its ack comes, while its copies still wait and still cost their work: then nothing is
ever acked again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from simulator.engine import ComponentReport, Report, RunOptions
from simulator.model import Topology, settings

#: Runs a topology, as ``simulate`` does.
Run = Callable[[Topology, RunOptions], Report]
Kind = Literal["steady", "late", "meltdown"]

ENOUGH_TUPLES = 50  # of a bolt, to tell how long it takes for one
#: Of the time in service: the queue in front of such a task grows as far as it may. And of the inputs of the busiest
#: task: one that gets as many is as busy.
SATURATED = 0.9
LONG_MS = 1000  # of work in front of a task: an input that comes then waits long


@dataclass(frozen=True)
class Bottleneck:
    """The component whose busiest task has the most work for each tuple of the spouts.

    Attributes:
        component: its id.
        busy: the share of the time in which its busiest task was in service, from 0 to 1.
        tasks: the number of its tasks.
        copies: the inputs that it gets for each reliable tuple of the spouts.
        share: the share of them that its busiest task gets.
        service_ms: the mean time of one, in virtual milliseconds.
        parallel: the number of inputs that a task works on at the same time.
        full_share: the share of the inputs that all tasks get that are about as busy as the busiest one.
    """

    component: str
    busy: float
    tasks: int
    copies: float
    share: float
    service_ms: float
    parallel: int
    full_share: float = 1.0

    @property
    def waiting_copies(self) -> float:
        """The inputs of each pending tuple in front of its busiest tasks, where as much is pending as may be.

        A tuple that comes to none of them is done soon, and another takes its place: so at last every pending tuple
        waits there.
        """
        return max(self.copies * self.full_share, 1.0)

    @property
    def waiting_share(self) -> float:
        """The share of them that is in front of one task."""
        return self.share / self.full_share

    @property
    def wait_ms(self) -> float:
        """The time that each pending tuple adds to the wait in front of its busiest task, in virtual milliseconds."""
        return self.waiting_copies * self.waiting_share * self.service_ms / self.parallel

    @property
    def ms_per_tuple(self) -> float:
        """The time that each tuple of the spouts costs its busiest task, in virtual milliseconds."""
        return self.copies * self.share * self.service_ms / self.parallel

    @property
    def rate(self) -> float:
        """The tuples of the spouts that it can take in a second."""
        return 1000 / self.ms_per_tuple if self.ms_per_tuple else float("inf")


@dataclass(frozen=True)
class Verdict:
    """The verdict on a run.

    Attributes:
        kind: "steady": no tuple times out; "late": some do; "meltdown": at some time acks have stopped for good.
        at_s: of a meltdown, the second of the last ack.
        why: the reason, with its arithmetic.
        bottleneck: what decides; None where no work was done.
        wait_s: how long a tuple waits at most, in virtual seconds; None: there is no limit.
        is_forecast: whether the run was too short to show it.
    """

    kind: Kind
    at_s: int | None
    why: str
    bottleneck: Bottleneck | None
    wait_s: float | None
    is_forecast: bool = False

    def __str__(self) -> str:
        if self.kind == "meltdown":
            return "MELTDOWN" if self.at_s is None else f"MELTDOWN at {self.at_s} s"
        return self.kind

    def as_dict(self) -> dict[str, object]:
        """The verdict as ``sparse simulate --json`` prints it."""
        return {
            "verdict": self.kind,
            **({} if self.at_s is None else {"at_s": self.at_s}),
            "why": self.why,
            **({"forecast": True} if self.is_forecast else {}),
            **({"bottleneck": self.bottleneck.component} if self.bottleneck else {}),
        }


def has_timeouts(options: RunOptions) -> bool:
    """Whether pending tuples time out: there are ackers, and the topology does not turn timeouts off."""
    off = options.conf.get(settings.ENABLE_MESSAGE_TIMEOUTS) is False
    return not off and options.conf.get(settings.ACKER_EXECUTORS) != 0


def timeout_of(options: RunOptions) -> int:
    """The message timeout of a run, in seconds."""
    seconds = options.conf.get(settings.MESSAGE_TIMEOUT_SECS, 30)
    assert isinstance(seconds, (int, float))  # wire() has checked it
    return int(seconds)


def judge(report: Report, topology: Topology, options: RunOptions) -> Verdict:
    """The verdict on a run whose work took time.

    Args:
        report: of the run.
        topology: what was run.
        options: how it was run.
    """
    timeout = timeout_of(options)
    neck = find_bottleneck(report)
    spouts = [each for each in report.components.values() if each.type == "spout"]
    timed_out = sum(each.timeouts for each in spouts)
    if neck is None:
        return _without_work(report, timed_out, timeout)
    saturated = neck.busy >= SATURATED
    is_tracked = any(each.acked or each.failed or each.pending for each in spouts)
    if not (is_tracked or report.restarts):  # what was pending dies with its worker
        why = f"{_at_work(neck)}; no tuple has a message id, so none times out, and nothing limits what waits"
        return Verdict("steady", None, why, neck, None)
    limit = pending_limit(report, topology, options)
    wait = limit * neck.wait_ms / 1000 if limit is not None else None
    sum_ = _arithmetic(neck, limit, wait)
    if not has_timeouts(options):
        return Verdict("steady", None, f"{sum_}; nothing times out", neck, wait)
    last_ack = _last_ack(report, spouts)
    seconds = report.virtual_ms / 1000
    has_queue = all(sample.queue for sample in report.series[neck.component][last_ack:])
    if timed_out and seconds - last_ack > timeout and has_queue:
        why = f"{sum_}, more than twice the timeout of {timeout} s: every ack comes too late"
        if wait is None or wait <= 2 * timeout:
            why = f"{sum_}; expired tuples wait and cost their work too, and the timeout is {timeout} s"
        return Verdict("meltdown", last_ack, why, neck, wait)
    if timed_out:
        tuples = _tuples(timed_out)
        why = f"{sum_}, and the timeout is {timeout} s: {tuples} timed out"
        if not saturated:
            why = f"{_at_work(neck)}, so its queue is not why {tuples} timed out after {timeout} s"
        return Verdict("late", None, why, neck, wait)
    is_long = wait is None or wait > timeout
    if saturated and is_long and seconds < 3 * timeout and _is_filling(report, spouts, limit):
        kind: Kind = "meltdown" if wait is None or wait > 2 * timeout else "late"
        shows = f"the run of {seconds:g} s is too short to show it, -t {3 * timeout} does"
        why = f"{sum_}, and the timeout is {timeout} s; {shows}"
        return Verdict(kind, None, why, neck, wait, is_forecast=True)
    if saturated and not is_long:
        why = f"{sum_}, within the timeout of {timeout} s"
    elif saturated:
        queue = _queue_of(report, neck)
        why = f"{_at_work(neck)}, and never more than {queue} inputs waited in front of a task"
    elif report.restarts:
        why = f"{_at_work(neck)}; what was lost with {_restarts(report)} does not count"
    else:
        why = f"{_at_work(neck)}, {_at_most(report, neck)}"
    return Verdict("steady", None, why, neck, wait)


def _without_work(report: Report, timed_out: int, timeout: int) -> Verdict:
    """The verdict where no bolt did any work."""
    if timed_out:
        why = f"no bolt was at work, and {_tuples(timed_out)} timed out after {timeout} s"
        return Verdict("late", None, why, None, None)
    if not roots_of(report):
        seconds = report.virtual_ms / 1000
        why = f"no spout has emitted anything in {seconds:g} s, so there is nothing to judge"
        return Verdict("steady", None, why, None, None)
    return Verdict("steady", None, "no bolt was at work", None, None)


def _tuples(count: int) -> str:
    return "1 tuple" if count == 1 else f"{count} tuples"


def _queue_of(report: Report, neck: Bottleneck) -> int:
    load = report.components[neck.component].load
    assert load is not None
    return load.queue


def _at_most(report: Report, neck: Bottleneck) -> str:
    """How long inputs have waited for a task that was idle at times: for a spell, it may not have been."""
    queue = _queue_of(report, neck)
    if queue * neck.service_ms / neck.parallel < LONG_MS:
        return "so nothing waits long"
    return f"and {queue} inputs waited in front of a task for a spell"


def _restarts(report: Report) -> str:
    many = len(report.restarts)
    return (
        "a worker that was restarted" if many == 1 else f"workers that were restarted {many} times"
    )


def _is_filling(report: Report, spouts: list[ComponentReport], limit: int | None) -> bool:
    """Return whether as much is pending as may be, or more and more is."""
    pending = sum(each.pending for each in spouts)
    if limit is not None and pending >= SATURATED * limit:
        return True
    before = sum(
        sample.emitted - sample.acked - sample.failed
        for each in spouts
        for sample in report.series[each.id][-2:-1]
    )
    return pending > max(before, 1)


def _arithmetic(neck: Bottleneck, limit: int | None, wait: float | None) -> str:
    """How long a tuple waits at most, and why."""
    if limit is None or wait is None:
        return f"{_at_work(neck)}, and topology.max.spout.pending does not limit what waits for it"
    copies = "" if neck.waiting_copies < 1.005 else f" x {neck.waiting_copies:.3g} copies"
    at_once = f" / {neck.parallel} at a time" if neck.parallel > 1 else ""
    share = f" x {neck.waiting_share:.0%} of them at one task" if neck.tasks > 1 else ""
    service = f"{_duration(neck.service_ms / 1000)}{at_once}{share}"
    return f"{limit} pending{copies} x {service} = {_duration(wait)} at {neck.component}"


def _duration(seconds: float) -> str:
    """So many seconds: in milliseconds below one, and without an exponent where it is long."""
    if seconds < 1:
        return f"{seconds * 1000:g} ms" if seconds < 0.1 else f"{seconds:.3g} s"
    return f"{seconds:.3g} s" if seconds < 1000 else f"{seconds:,.0f} s"


def _at_work(neck: Bottleneck) -> str:
    whose = f"the busiest task of {neck.component}" if neck.tasks > 1 else neck.component
    return f"{whose} is busy {neck.busy:.0%} of the time"


def _last_ack(report: Report, spouts: list[ComponentReport]) -> int:
    """The second in which a tuple was acked last; 0 when none was."""
    acked = [0]
    for at in range(max((len(report.series[each.id]) for each in spouts), default=0)):
        acked.append(sum(report.series[each.id][at].acked for each in spouts))
    acked.append(sum(each.acked for each in spouts))
    return max((at for at in range(1, len(acked)) if acked[at] > acked[at - 1]), default=0)


def roots_of(report: Report) -> int:
    """The tuples that the spouts have emitted."""
    return sum(
        sum(each.emitted.values()) for each in report.components.values() if each.type == "spout"
    )


def find_bottleneck(report: Report) -> Bottleneck | None:
    """The bolt whose busiest task has the most work for each tuple of the spouts; None where no work was done."""
    roots = roots_of(report)
    found = []
    for each in report.components.values():
        load = each.load
        if load is None or each.type == "spout" or not roots or not each.executed:
            continue
        most = max(load.shares)
        found.append(
            Bottleneck(
                each.id,
                load.busiest,
                len(each.tasks),
                (each.executed + load.waiting) / roots,
                most,
                load.service_ms,
                load.parallel,
                sum(share for share in load.shares if share >= SATURATED * most),
            )
        )
    return max(found, key=lambda neck: neck.ms_per_tuple, default=None)


def pending_limit(report: Report, topology: Topology, options: RunOptions) -> int | None:
    """The tuples of all spouts that may be pending; None: any number."""
    total = 0
    for name in topology.spouts:
        limit = topology.components[name].conf.get(
            settings.MAX_SPOUT_PENDING, options.conf.get(settings.MAX_SPOUT_PENDING)
        )
        if not isinstance(limit, (int, float)) or limit <= 0:
            return None
        total += int(limit) * len(report.components[name].tasks)
    return total


def with_pending_limit(topology: Topology, limit: int) -> Topology:
    """The topology with this limit for components that set one, which would win over the topology's."""
    for component in topology.components.values():
        if settings.MAX_SPOUT_PENDING in component.conf:
            topology = topology.replace(component.id, conf={settings.MAX_SPOUT_PENDING: limit})
    return topology

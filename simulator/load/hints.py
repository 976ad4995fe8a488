"""Hints on a run: those from the real time that its components took are others in each run."""

from __future__ import annotations

from simulator.engine import Report, RunOptions
from simulator.load.verdict import ENOUGH_TUPLES, pending_limit, roots_of, timeout_of
from simulator.model import Topology

LONG_SECONDS = 5.0  # of real time: who waits for longer wants to know for whom
SLOW = 10  # seconds of real time for one of virtual time


def long_wait(report: Report, topology: Topology, options: RunOptions) -> str | None:
    """The arithmetic of a run without work, where tuples would wait for longer than the message timeout.

    It takes the real time of components for their work, so it is another in each run.

    Args:
        report: of the run.
        topology: what was run.
        options: how it was run.

    Returns:
        A line; None where nothing would wait that long, or too little was done to tell.
    """
    limit = pending_limit(report, topology, options)
    roots = roots_of(report)
    timeout = timeout_of(options)
    if limit is None or not roots:
        return None
    found: list[tuple[float, str]] = []
    for each in report.components.values():
        if each.type == "spout" or each.executed < ENOUGH_TUPLES:
            continue
        ms, copies = 1000 * each.seconds / each.executed, each.executed / roots
        wait = limit * copies * ms / len(each.tasks) / 1000
        if wait > timeout:
            among = "" if len(each.tasks) == 1 else f" / {len(each.tasks)} tasks"
            found.append(
                (
                    wait,
                    f"{each.id} took {ms:.3g} ms a tuple here: {limit} pending x {copies:.3g} x {ms:.3g} ms{among} = "
                    f"{wait:.3g} s, and the message timeout is {timeout} s; --work measured shows what comes of it",
                )
            )
    return max(found)[1] if found else None


def slow_spout(report: Report, seconds: float) -> str | None:
    """Tell that the run was slow because of a spout whose ``next_tuple`` takes long, such as one that sleeps.

    A turn of a spout is a virtual millisecond, however long it takes.

    Args:
        report: of the run.
        seconds: how long it took, in real time.

    Returns:
        A line; None where virtual time kept up, bolts took more time than the spout, or a component failed: it may
        have taken its time before the first ``next_tuple``.
    """
    virtual_s = report.virtual_ms / 1000
    slowest = max(report.components.values(), key=lambda each: each.seconds, default=None)
    if (
        slowest is None
        or slowest.type != "spout"
        or report.stopped == "error"
        or seconds < LONG_SECONDS
        or seconds < SLOW * virtual_s
    ):
        return None
    turn_s = slowest.seconds / max(report.virtual_ms, 1) / len(slowest.tasks)
    return (
        f"{slowest.id} took {turn_s:.3g} s of real time for a next_tuple, which is one virtual millisecond: where it "
        f"sleeps, --virtual-time lets the sleep take virtual time and no real time; where it waits for something, "
        f"--stub {slowest.id}=rows.jsonl gives it rows, and --real-time runs by the clock"
    )


def silent_spouts(report: Report, options: RunOptions) -> str | None:
    """Tell that spouts emitted nothing in virtual time, in which nothing that comes from outside has time to come.

    Args:
        report: of the run.
        options: how it was run.

    Returns:
        A line; None where each spout emitted, was given its rows, or ran by the clock, or a failure ended the run.
    """
    if options.real_time or report.stopped not in ("idle", "time"):
        return None
    silent = [
        each.id
        for each in report.components.values()
        if each.type == "spout" and not any(each.emitted.values()) and each.id not in options.feeds
    ]
    if not silent:
        return None
    return (
        f"{', '.join(silent)} emitted nothing: where a thread or another program brings the tuples, virtual time does "
        f"not wait for them; --real-time -t 10 does, and --stub {silent[0]}=rows.jsonl gives it rows"
    )

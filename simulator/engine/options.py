"""The options of a run, as one value that ``simulate``, ``Simulation``, ``Storm.topology`` and the command share."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, get_args

from simulator.engine import faults
from simulator.engine.chance import Choices
from simulator.engine.feeds import Feed
from simulator.model import NEWEST, settings

Mode = Literal["process", "inprocess"]
OnCrash = Literal["stop", "restart", "ordered"]
#: By the name of the Java class: what stands in for a custom grouping, ``(values, tasks) -> tasks``.
CustomGroupings = Mapping[str, Callable[[Sequence[object], Sequence[int]], Sequence[int]]]


def check_mode(mode: str) -> None:
    """Refuse what is no mode.

    Raises:
        ValueError: with the modes there are.
    """
    if mode not in get_args(Mode):
        raise ValueError(f"mode={mode!r}: expected {' or '.join(map(repr, get_args(Mode)))}")


#: What ``sparse run`` and ``sparse submit`` submit a topology with, and so what a simulation starts from
#: (streamparse 2.1.3, commands/run.clj).
RUN_CONF: Final[Mapping[str, object]] = {
    settings.DEBUG: False,
    settings.WORKERS: 2,
    settings.ACKER_EXECUTORS: 2,
    settings.MAX_SPOUT_PENDING: 5000,
    settings.MESSAGE_TIMEOUT_SECS: 60,
}

#: Turns of a spout in one wave: enough to hide the round trip, few enough for topology.max.spout.pending.
TURNS: Final = 100


@dataclass(frozen=True)
class RunOptions:
    """The options of a run.

    Attributes:
        conf: the topology's whole configuration, as it would be submitted; ``RUN_CONF`` is that of ``sparse run``.
        cwd: the directory in which components run, in either mode; on Storm it is that of the Python sources.
        sources: the directory of the Python sources, where component processes find modules; None: ``cwd``.
        mode: "process": every task a real process; "inprocess": Python components as objects of this process.
        seconds: virtual seconds to run; None: until nothing is left to do.
        real_time: whether virtual time waits for the real clock; then a run does not end because it is idle.
        storm_version: the Storm version to behave like, such as "2.8.3".
        seed: decides shuffles and every other free choice; any value whose ``str`` tells it from others.
        strict: whether to refuse what some Storm would let pass silently.
        on_crash: what a death means. "stop" ends the run, as ``sparse run`` does; "restart" restarts the worker, as a
            cluster does; "ordered" restarts what was ordered to crash, and ends the run at any other death. What breaks
            the protocol ends a strict run in any case.
        restart_ms: how long a worker that has died takes to come up again, in virtual milliseconds; what is sent to it
            meanwhile is lost. On real clusters 3,000 to 10,000 from 0.10 on, and 35,000 before (``Slot``).
        turns: how many turns a spout may take in one wave; more is faster, 1 is finest.
        asks_spouts: whether spouts are asked for tuples; else they are only notified of acks and fails.
        feeds: rows in place of a spout, by component id.
        sinks: bolts that take everything and settle nothing.
        rules: verdicts on deliveries (see ``faults``).
        orders: crashes and hangs (see ``faults``).
        topology_events: what happens to workers, ackers and the whole topology (see ``faults``).
        choices: the schedule; first in, first out when None.
        custom: functions in place of custom groupings.
        hang_seconds: how long a component may take over one message, in real seconds; 0: without a limit.
        work: how long components are busy, in virtual time (see ``parse_work``).
        sees_clock: whether components see virtual time, so that a spout may wait for the time of its next emit.
        expecting: spouts whose class handles acks and fails (for a warning when they emit without ids).
    """

    conf: Mapping[str, object] = field(default_factory=lambda: RUN_CONF)
    cwd: str = "."
    sources: str | None = None
    mode: Mode = "process"
    seconds: float | None = 10.0
    real_time: bool = False
    storm_version: str = NEWEST
    seed: object = 0
    strict: bool = True
    on_crash: OnCrash = "stop"
    restart_ms: int = 0
    turns: int = TURNS
    asks_spouts: bool = True
    feeds: Mapping[str, Feed] = field(default_factory=dict)
    sinks: Collection[str] = ()
    rules: Sequence[faults.Rule] = ()
    orders: Sequence[faults.Order] = ()
    topology_events: Sequence[faults.TopologyEvent] = ()
    choices: Choices | None = None
    custom: CustomGroupings = field(default_factory=dict)
    hang_seconds: float = 30.0
    work: Mapping[str, object] = field(default_factory=dict)
    sees_clock: bool = False
    expecting: Collection[str] = ()

    def __post_init__(self) -> None:
        check_mode(self.mode)

    def but(self, **changes: Any) -> RunOptions:
        """The same options with some of them changed; ``storm`` is an older name of ``storm_version``.

        Raises:
            TypeError: there is no such option.
        """
        if "storm" in changes:
            changes["storm_version"] = changes.pop("storm")
        return replace(self, **changes)

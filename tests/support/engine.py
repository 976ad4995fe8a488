"""The parts of the engine, wired for a small topology and without a transport, for tests that drive them directly."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from simulator.clj import parse_topology
from simulator.engine.chance import Choices, stream_of
from simulator.engine.clock import Agenda
from simulator.engine.effects import Delivery, Origin, Settlement, Switch
from simulator.engine.network import Network
from simulator.engine.options import RUN_CONF, RunOptions
from simulator.engine.routing import Router
from simulator.engine.tasks import Tasks
from simulator.engine.timers import Due, Timers
from simulator.engine.trace import Trace
from simulator.engine.tracker import Tracker
from simulator.engine.waves import Waves
from simulator.engine.wiring import Wiring, wire
from simulator.wire import protocol, storm_json
from tests.support.table_top import HERE

SPOUT = Origin("s", 9)


def wiring_of(text: str, conf: Mapping[str, object] | None = None, **options: Any) -> Wiring:
    """The wiring of a topology's text; ``options`` are those of ``RunOptions``."""
    base = {**RUN_CONF, "topology.python.path": sys.executable}
    topology = parse_topology(text, options=base)
    return wire(topology, RunOptions(conf={**base, **(conf or {})}, cwd=HERE).but(**options))


@dataclass(frozen=True)
class Engine:
    """The parts of a run before anything has happened in it.

    Attributes:
        logs: what components have logged, by task.
        killed: the tasks whose processes were to be killed.
        handed: the tuples that bolts were handed, and the virtual ms.
    """

    wiring: Wiring
    tasks: Tasks
    agenda: Agenda[Due]
    trace: Trace
    ids: Iterator[int]
    edges: Random
    tracker: Tracker
    network: Network
    timers: Timers
    router: Router
    waves: Waves
    logs: list[tuple[int, protocol.Log | protocol.Debugger]]
    killed: list[int]
    handed: list[tuple[str, int]]

    def inbox(self, task: int) -> list[str]:
        """The ids of the tuples that wait for a bolt's task."""
        return [delivery.id for delivery in self.tasks.bolt(task).inbox]

    def notices(self, spout: int) -> list[Settlement | Switch]:
        """What a spout's task is to be notified of, once its executor has taken notice of everything."""
        self.tracker.drain(self.tracker.executor_of[spout])
        return list(self.tasks.spout(spout).inbox)


def engine_of(text: str, conf: Mapping[str, object] | None = None, **options: Any) -> Engine:
    """Assemble the parts of the engine as ``Simulation`` does, but for what needs a transport."""
    wiring = wiring_of(text, conf, **options)
    tasks, agenda, trace = Tasks(), Agenda[Due](), Trace(keep=True)
    ids, edges = itertools.count(1), stream_of(wiring.options.seed, "edges")
    tracker = Tracker(wiring, tasks, agenda)
    choices = wiring.options.choices or Choices()
    network = Network(wiring, tasks, tracker, agenda, trace, choices, ids, edges)
    timers = Timers(wiring, tasks, tracker, agenda, trace, ids)
    router = Router(wiring, tracker, network, timers, agenda, trace, ids, edges)
    logs: list[tuple[int, protocol.Log | protocol.Debugger]] = []
    killed: list[int] = []
    handed: list[tuple[str, int]] = []
    waves = Waves(
        tasks,
        tracker,
        agenda,
        router.counts,
        choices,
        timers.ticked,
        killed.extend,
        lambda delivery, now_ms: handed.append((delivery.id, now_ms)),
        wiring.options,
    )
    tasks.fill(
        wiring.make_task(
            task,
            lambda task, message: logs.append((task, message)),
            wiring.options.orders,
            is_active=True,
        )
        for component in wiring.topology.components
        for task in wiring.task_ids[component]
    )
    return Engine(
        wiring,
        tasks,
        agenda,
        trace,
        ids,
        edges,
        tracker,
        network,
        timers,
        router,
        waves,
        logs,
        killed,
        handed,
    )


def copy(
    tuple_id: str,
    target: int,
    values: list[object] | None = None,
    *,
    roots: dict[int, int] | None = None,
    source: Origin = SPOUT,
    stream: str = "default",
) -> Delivery:
    """A copy of a tuple."""
    values = ["x"] if values is None else values
    return Delivery(tuple_id, target, source, stream, values, storm_json(values), roots)

"""The wiring of a run: all that follows from a topology, its options and a Storm version, computed once.

Source: ``EvenScheduler``, ``Executor.mkExecutor``, ``Task``, ``ShellSpout``, ``ShellBolt`` (0.9.5 to 2.8.3).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from simulator.engine.bolt_task import BoltTask
from simulator.engine.chance import stream_of
from simulator.engine.faults import Order
from simulator.engine.feeds import FeedTask, SinkTask
from simulator.engine.options import RunOptions
from simulator.engine.spout_task import SpoutTask
from simulator.engine.subscribers import Subscriber, Subscribers
from simulator.engine.task import LogListener, Task
from simulator.model import (
    Chooser,
    Component,
    Grouping,
    Problem,
    Profile,
    Topology,
    TopologyError,
    assign_workers,
    executor_problems,
    executors,
    handshake,
    make_chooser,
    number_tasks,
    outbound_order,
    profile,
    settings,
    shown,
    shuffle_scope,
)
from simulator.wire import Dialect, handshakes

TaskIds = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class Wiring:
    """The part of a run that does not change.

    Attributes:
        topology: the topology.
        options: the options of the run.
        conf: the topology's configuration.
        profile: the Storm version.
        task_ids: the tasks of each component, those of Storm's own components included.
        component_of: the component of each task.
        workers: the worker of each task, from 0.
        executors: the tasks of each executor of the topology's own components.
        walk: all component ids in the order in which Storm walks them.
        confs: the effective configuration of each component, as its handshake shows it.
        message_timeout_ms: ``topology.message.timeout.secs``, in milliseconds.
        subscribers: where each task's tuples go.
    """

    topology: Topology
    options: RunOptions
    conf: Mapping[str, object]
    profile: Profile
    task_ids: TaskIds
    component_of: Mapping[int, str]
    workers: Mapping[int, int]
    executors: Sequence[tuple[int, ...]]
    walk: Sequence[str]
    confs: Mapping[str, Mapping[str, object]]
    message_timeout_ms: int
    subscribers: Mapping[int, Subscribers]

    @property
    def ackers(self) -> tuple[int, ...]:
        """The acker tasks."""
        return self.task_ids.get("__acker", ())

    @property
    def without_java_serialization(self) -> bool:
        """True when tuples go between workers, and Kryo refuses classes that it does not know."""
        falls_back = self.conf.get(
            "topology.fall.back.on.java.serialization", self.profile.java_serialization
        )
        return falls_back is False and len(set(self.workers.values())) > 1

    @property
    def has_timeouts(self) -> bool:
        """True when pending tuples time out: there are ackers, and the topology does not turn timeouts off."""
        return bool(self.ackers) and self.conf.get(settings.ENABLE_MESSAGE_TIMEOUTS) is not False

    def tick_seconds(self, bolt: str) -> float | None:
        """The seconds between the ticks of a bolt; None where it has none."""
        return handshake.tick_seconds(self.confs[bolt][settings.TICK_TUPLE_FREQ_SECS], self.profile)

    def pending_limit(self, executor: Sequence[int]) -> int | None:
        """The number of tuples that a spout's executor may have pending; None: any number."""
        limit = self.confs[self.component_of[executor[0]]].get(settings.MAX_SPOUT_PENDING)
        if not isinstance(limit, (int, float)) or limit <= 0:
            return None
        return int(limit) * len(executor)

    def handshakes(self, component: str, pid_dir: str) -> Callable[[int], bytes]:
        """A function that gives the handshake of each task of a component.

        Args:
            component: the component.
            pid_dir: the directory for files that are named by process ids.
        """
        first = self.task_ids[component][0]
        return handshakes(
            pid_dir=pid_dir,
            conf=self.confs[component],
            context=handshake.context(self.topology, first, self.task_ids, self.walk, self.profile),
        )

    def make_task(
        self, task: int, on_log: LogListener, orders: Sequence[Order], *, is_active: bool
    ) -> Task:
        """A new task, without anything of an earlier one with the same number.

        Args:
            task: its number.
            on_log: called with the task id and each log message.
            orders: the orders of all components; it gets those of its own.
            is_active: whether the topology is active, so that a spout is sent ``activate``.
        """
        name = self.component_of[task]
        component = self.topology.components[name]
        index = task - self.task_ids[name][0]
        shared: dict[str, Any] = {  # the fields of Task
            "id": task,
            "component": name,
            "index": index,
            "worker": self.workers[task],
            "single_threaded": component.python_class is not None,
            "subscribers": self.subscribers[task],
            "dialect": Dialect(smart=self.profile.json == "smart", strict=self.options.strict),
            "on_log": on_log,
            "orders": [order for order in orders if order.component == name],
        }
        if component.kind == "bolt":
            return (SinkTask if name in self.options.sinks else BoltTask)(**shared)
        spout: dict[str, Any] = {
            **shared,
            "activates": self.profile.activates and is_active,
            "nested_ack": not self.ackers,
            "false_is_an_id": self.profile.false_is_an_id,
            "error_kills": self.profile.spout_error_kills,
        }
        feed = self.options.feeds.get(name)
        if feed is None:
            return SpoutTask(**spout)
        fed = FeedTask(**spout)
        fed.take_rows(feed, index, len(self.task_ids[name]))
        return fed


def wire(topology: Topology, options: RunOptions) -> Wiring:
    """Number the tasks of a topology, assign them to workers, and connect them.

    Raises:
        TopologyError: an executor of Storm would die of a setting or a grouping before it has begun.
        ValueError: a setting that has to be a number is none, or the Storm version is unknown.
    """
    found = profile(options.storm_version)
    conf = dict(options.conf)
    task_ids = number_tasks(topology, conf)
    if problems := [*executor_problems(topology, conf, found)]:
        raise TopologyError(problems)
    dealt = executors(topology, task_ids)
    component_of = {task: name for name, tasks in task_ids.items() for task in tasks}
    walk = handshake.all_components(topology, task_ids, found)
    workers = assign_workers(dealt, conf)
    heads = frozenset(tasks[0] for tasks in dealt)
    connect = _Connector(topology, options, found, task_ids, workers, heads, walk)
    return Wiring(
        topology=topology,
        options=options,
        conf=conf,
        profile=found,
        task_ids=task_ids,
        component_of=component_of,
        workers=workers,
        executors=[tasks for tasks in dealt if component_of[tasks[0]] in topology.components],
        walk=walk,
        confs={
            name: handshake.component_conf(topology, name, conf, found)
            for name in topology.components
        },
        message_timeout_ms=_message_timeout_ms(topology, conf),
        subscribers={
            task: connect.subscribers(name, index, task)
            for name in topology.components
            for index, task in enumerate(task_ids[name])
        },
    )


def _message_timeout_ms(topology: Topology, conf: Mapping[str, object]) -> int:
    seconds = conf.get(settings.MESSAGE_TIMEOUT_SECS, 30)
    if isinstance(seconds, (int, float)) and seconds == seconds // 1 and 0 < seconds < 2**31:
        return 1000 * int(seconds)
    finding = f"option {shown(settings.MESSAGE_TIMEOUT_SECS)} is {shown(seconds)}"
    raise TopologyError(
        [Problem(topology.place, None, finding, "expected a whole number of seconds")]
    )


@dataclass(frozen=True)
class _Connector:
    """Finds the subscribers of each task."""

    topology: Topology
    options: RunOptions
    profile: Profile
    task_ids: TaskIds
    workers: Mapping[int, int]
    heads: frozenset[int]
    walk: Sequence[str]

    def subscribers(self, name: str, index: int, task: int) -> Subscribers:
        component = self.topology.components[name]
        rng = stream_of(self.options.seed, f"{name}/{index}")
        streams = {}
        for stream, declared in component.outputs.items():
            groupings = dict(self.topology.subscribers(name, stream))
            order = outbound_order(groupings, self.walk, self.profile)
            choose = partial(self._chooser, name, task, stream, declared.fields, rng)
            streams[stream] = [
                Subscriber(bolt, self.task_ids[bolt], choose(bolt, groupings[bolt]))
                for bolt in order
            ]
        fields = {stream: declared.fields for stream, declared in component.outputs.items()}
        return Subscribers(name, fields, streams, self.profile, self.options.strict)

    def _chooser(
        self,
        source: str,
        task: int,
        stream: str,
        stream_fields: tuple[str, ...],
        rng: random.Random,
        bolt: str,
        grouping: Grouping,
    ) -> Chooser | None:
        if grouping.kind == "direct":
            return None
        tasks = self.task_ids[bolt]
        local = [each for each in tasks if self.workers[each] == self.workers[task]]
        heads = [each for each in tasks if each in self.heads]
        load_aware = self.options.conf.get(settings.DISABLE_LOADAWARE_MESSAGING) is not True
        if load_aware and grouping.kind == "shuffle" and self.profile.shuffle == "ring":
            idle = len(shuffle_scope(tasks, local, heads)) < len(tasks)
            load_aware = not (idle and self._is_loaded(source, task))
        try:
            return make_chooser(
                grouping,
                stream_fields=stream_fields,
                targets=tasks,
                local=local,
                heads=heads,
                load_aware=load_aware,
                rng=rng,
                profile=self.profile,
                custom=self.options.custom,
            )
        except ValueError as error:
            subscriber: Component = self.topology.components[bolt]
            place = subscriber.place_of("inputs", source, stream)
            finding = f"it cannot be sent the tuples of {source!r}: {error}"
            raise TopologyError([Problem(place, bolt, finding)]) from None

    def _is_loaded(self, source: str, task: int) -> bool:
        """Whether a shuffle sends to all tasks, as under load: a schedule can choose it, for a whole run."""
        choices = self.options.choices
        if choices is None or not choices.active:
            return False
        return choices.choose(f"{source}/{task - self.task_ids[source][0]}/loaded", 2) == 1

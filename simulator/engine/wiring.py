"""The wiring of a run: all that follows from a topology, its options and a Storm version, computed once.

Source: ``EvenScheduler``, ``Executor.mkExecutor``, ``Task``, ``ShellSpout``, ``ShellBolt`` (0.9.5 to 2.8.3).
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property, partial
from typing import Any

from simulator.engine.bolt_task import BoltTask
from simulator.engine.chance import stream_of
from simulator.engine.faults import Order
from simulator.engine.feeds import FeedTask, SinkTask, feeds_work
from simulator.engine.options import RunOptions
from simulator.engine.spout_task import SpoutTask
from simulator.engine.subscribers import Subscriber, Subscribers
from simulator.engine.task import LogListener, Task
from simulator.engine.work import Work, parse_work
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

MOST_SECONDS = 2**31
MOST_PLANS = 8
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
        works: the work of each component that has some.
        plan: what it shares with other runs of the topology.
    """

    topology: Topology
    options: RunOptions
    conf: Mapping[str, object]
    profile: Profile
    task_ids: TaskIds
    component_of: Mapping[int, str]
    workers: dict[int, int]
    executors: Sequence[tuple[int, ...]]
    walk: Sequence[str]
    confs: Mapping[str, Mapping[str, object]]
    message_timeout_ms: int
    subscribers: dict[int, Subscribers]
    works: Mapping[str, Work]
    plan: _Plan

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

    @property
    def silence_key(self) -> str:
        """The setting that says how long a component may be silent."""
        subprocess = settings.SUBPROCESS_TIMEOUT_SECS
        if self.profile.subprocess_timeout and subprocess in self.conf:
            return subprocess
        return settings.SUPERVISOR_WORKER_TIMEOUT_SECS

    @property
    def silence_ms(self) -> int:
        """How long Storm lets a component be silent, in milliseconds; the ``:conf`` of a component does not count."""
        seconds = self.conf.get(self.silence_key)
        is_number = isinstance(seconds, (int, float)) and not isinstance(seconds, bool)
        return round(1000 * seconds) if is_number and 0 < seconds < MOST_SECONDS else 30_000  # type: ignore[operator]

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
        return self.plan.handshakes(component, pid_dir)

    @property
    def worker_count(self) -> int:
        """The number of workers that have tasks."""
        return len(set(self.workers.values()))

    def place_anew(self, workers: int) -> None:
        """Assign the executors to another number of workers, as a rebalance does; groupings begin anew.

        Args:
            workers: how many there may be.
        """
        conf = {**self.conf, settings.WORKERS: workers}
        self.workers.update(assign_workers(self.plan.dealt, conf))
        connect = _Connector(self.topology, self.options, self.plan, self.workers)
        self.subscribers.update(connect.of_all_tasks())

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
            "sees_clock": self.options.sees_clock,
        }
        feed = self.options.feeds.get(name)
        if feed is None:
            return SpoutTask(**spout)
        fed = FeedTask(**spout)
        fed.take_rows(feed, index, len(self.task_ids[name]))
        return fed


@dataclass(frozen=True)
class _Plan:
    """What follows from a topology, its configuration and a Storm version alone: hundreds of runs share it.

    Its attributes are those of ``Wiring``.
    """

    topology: Topology
    conf: Mapping[str, object]
    profile: Profile
    task_ids: TaskIds
    component_of: Mapping[int, str]
    dealt: Sequence[tuple[int, ...]]
    workers: Mapping[int, int]
    executors: Sequence[tuple[int, ...]]
    walk: Sequence[str]
    confs: Mapping[str, Mapping[str, object]]
    message_timeout_ms: int
    _routes: dict[tuple[str, str], Sequence[tuple[str, Grouping]]] = field(default_factory=dict)
    _handshakes: dict[tuple[str, str], Callable[[int], bytes]] = field(default_factory=dict)

    def is_of(self, topology: Topology, options: RunOptions) -> bool:
        """Return whether it is the plan of a topology with these options."""
        mine = self.topology
        return (
            self.profile == profile(options.storm_version)
            and mine.name == topology.name
            and mine.path == topology.path
            and self.conf == options.conf
            and list(mine.components) == list(topology.components)
            and all(map(_is_same, mine.components.values(), topology.components.values()))
            and repr(self.conf) == repr(dict(options.conf))  # for 1 == True, and Storm prints both
        )

    def routes(self, component: str, stream: str) -> Sequence[tuple[str, Grouping]]:
        """Return the subscribers of a stream with their groupings, in the order in which Storm sends to them."""
        found = self._routes.get((component, stream))
        if found is None:
            groupings = dict(self.topology.subscribers(component, stream))
            order = outbound_order(groupings, self.walk, self.profile)
            found = self._routes[component, stream] = [(bolt, groupings[bolt]) for bolt in order]
        return found

    def handshakes(self, component: str, pid_dir: str) -> Callable[[int], bytes]:
        """See ``Wiring.handshakes``."""
        found = self._handshakes.get((component, pid_dir))
        if found is None:
            first = self.task_ids[component][0]
            found = self._handshakes[component, pid_dir] = handshakes(
                pid_dir=pid_dir,
                conf=self.confs[component],
                context=handshake.context(
                    self.topology, first, self.task_ids, self.walk, self.profile
                ),
            )
        return found


def _is_same(one: Component, other: Component) -> bool:
    """True when two components are the same, and print the same."""
    return one is other or (one == other and repr(one) == repr(other))


_plans: deque[_Plan] = deque(
    maxlen=MOST_PLANS
)  # the latest first: the runs of a test are of one topology, or varied


def _plan_of(topology: Topology, options: RunOptions) -> _Plan:
    """Return the plan of a topology: that of an earlier run where it is the same."""
    found = next((plan for plan in _plans if plan.is_of(topology, options)), None)
    if found is None:
        found = _new_plan(topology, options)
        _plans.appendleft(found)
    return found


def _new_plan(topology: Topology, options: RunOptions) -> _Plan:
    found = profile(options.storm_version)
    conf = dict(options.conf)
    task_ids = number_tasks(topology, conf)
    if problems := [*executor_problems(topology, conf, found)]:
        raise TopologyError(problems)
    dealt = executors(topology, task_ids)
    component_of = {task: name for name, tasks in task_ids.items() for task in tasks}
    return _Plan(
        topology=topology,
        conf=conf,
        profile=found,
        task_ids=task_ids,
        component_of=component_of,
        dealt=dealt,
        workers=assign_workers(dealt, conf),
        executors=[tasks for tasks in dealt if component_of[tasks[0]] in topology.components],
        walk=handshake.all_components(topology, task_ids, found),
        confs={
            name: handshake.component_conf(topology, name, conf, found)
            for name in topology.components
        },
        message_timeout_ms=_message_timeout_ms(topology, conf),
    )


def wire(topology: Topology, options: RunOptions) -> Wiring:
    """Number the tasks of a topology, assign them to workers, and connect them.

    Raises:
        TopologyError: an executor of Storm would die of a setting or a grouping before it has begun.
        WorkError: the work of the options is none, or of something that the topology does not have.
        ValueError: a setting that has to be a number is none, or the Storm version is unknown.
    """
    plan = _plan_of(topology, options)
    workers = dict(plan.workers)
    return Wiring(
        topology=topology,
        options=options,
        conf=plan.conf,
        profile=plan.profile,
        task_ids=plan.task_ids,
        component_of=plan.component_of,
        workers=workers,
        executors=plan.executors,
        walk=plan.walk,
        confs=plan.confs,
        message_timeout_ms=plan.message_timeout_ms,
        subscribers=_Connector(topology, options, plan, workers).of_all_tasks(),
        works={**parse_work(options.work, topology, options.feeds), **feeds_work(options.feeds)},
        plan=plan,
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
    plan: _Plan
    workers: Mapping[int, int]

    @cached_property
    def heads(self) -> frozenset[int]:
        """The first task of each executor."""
        return frozenset(tasks[0] for tasks in self.plan.dealt)

    def of_all_tasks(self) -> dict[int, Subscribers]:
        """The subscribers of each task. The tasks of an executor share them, and so the state of their groupings."""
        head_of = {task: tasks[0] for tasks in self.plan.dealt for task in tasks}
        found: dict[int, Subscribers] = {}
        for name in self.topology.components:
            for index, task in enumerate(self.plan.task_ids[name]):
                shared = found.get(head_of[task])
                found[task] = shared or self.subscribers(name, index, task)
        return found

    def subscribers(self, name: str, index: int, task: int) -> Subscribers:
        component = self.topology.components[name]
        rng = cache(partial(stream_of, self.options.seed, f"{name}/{index}"))
        streams = {}
        for stream, declared in component.outputs.items():
            choose = partial(self._chooser, name, task, stream, declared.fields, rng)
            streams[stream] = [
                Subscriber(bolt, self.plan.task_ids[bolt], choose(bolt, grouping))
                for bolt, grouping in self.plan.routes(name, stream)
            ]
        fields = {stream: declared.fields for stream, declared in component.outputs.items()}
        return Subscribers(name, fields, streams, self.plan.profile, self.options.strict)

    def _chooser(
        self,
        source: str,
        task: int,
        stream: str,
        stream_fields: tuple[str, ...],
        rng: Callable[[], random.Random],
        bolt: str,
        grouping: Grouping,
    ) -> Chooser | None:
        if grouping.kind == "direct":
            return None
        tasks = self.plan.task_ids[bolt]
        local = [each for each in tasks if self.workers[each] == self.workers[task]]
        heads = [each for each in tasks if each in self.heads]
        load_aware = self.options.conf.get(settings.DISABLE_LOADAWARE_MESSAGING) is not True
        if load_aware and grouping.kind == "shuffle" and self.plan.profile.shuffle == "ring":
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
                rng=rng() if _draws(grouping, tasks) else _UNUSED,
                profile=self.plan.profile,
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
        return choices.choose_whether(f"{source}/{task - self.plan.task_ids[source][0]}/loaded")


_UNUSED = random.Random(0)


def _draws(grouping: Grouping, targets: Sequence[int]) -> bool:
    """Return whether a grouping may draw random numbers: a generator takes longer to make than most choosers."""
    return grouping.kind not in _NEVER_DRAW and (grouping.kind != "shuffle" or len(targets) > 1)


_NEVER_DRAW = frozenset(("all", "fields", "global"))

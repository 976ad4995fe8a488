"""The table-top Storm: pops the agenda, lets every task with work take its turn, and routes what they did.

One instant at a time. All tasks with work at this instant form a wave: they run at the same time, each with a
batch of its own, and their effects are merged in task order when all are through. So the result depends on
nobody's speed, and it makes no difference whether components are processes or objects. A wave takes one virtual
millisecond, or as many as its spouts took turns; its effects arrive at its end.

The engine starts no process, reads no file and never waits: the transport does, and is handed in.

Source of the rules: ``SpoutExecutor``, ``BoltExecutor``, ``Acker``, ``EvenScheduler`` (Storm 0.9.5 to 2.8.3).
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Literal, NamedTuple, Protocol

import msgspec

from simulator.engine import events, faults
from simulator.engine.acker import Ledger, RotatingMap
from simulator.engine.chance import Choices, stream_of
from simulator.engine.clock import Agenda
from simulator.engine.feeds import Feed, FeedTask, SinkTask
from simulator.engine.tasks import (
    BoltTask,
    Death,
    Delivery,
    Emitted,
    Origin,
    Outlet,
    Outlets,
    Reported,
    Settled,
    Settlement,
    SpoutTask,
    Switch,
    Task,
    TimerSet,
    Told,
    system_tuple,
)
from simulator.engine.trace import Trace
from simulator.model import (
    NEWEST,
    Chooser,
    Component,
    Grouping,
    Problem,
    Profile,
    Topology,
    TopologyError,
    assign_workers,
    executors,
    handshake,
    make_chooser,
    number_tasks,
    outbound_order,
    profile,
    tick_problems,
)
from simulator.wire import Emit, protocol, storm_json
from streamparse import multilang
from streamparse.multilang import ProtocolError

FOR_EVER_MS = 1 << 62
SETTLE_WAVES = 1000  # deeper than any topology; a loop would go on for ever
SILENT_TURNS = 3  # one for the ack, one for the retry, one to be sure
START_ATTEMPTS = 3  # a component that cannot even start would be restarted for ever
# Kept for the report: a component that dies at every tuple would fill the memory.
MOST_FAILURES = 100
MOST_LATE_MS = 3  # of a schedule: enough for any other tuple to come first, and no timeout is near
LAST_OUTPUTS = 5  # kept of each stream that nobody listens to: what came out of the topology

# SerializationFactory: what workers exchange without Java serialization, as JSON gives it to us.
_KRYO_KNOWS = frozenset({str, int, float, bool, type(None)})
_JSON_PACKAGES = {
    "simple": "org.apache.storm.shade.org.json.simple",
    "smart": "org.apache.storm.shade.net.minidev.json",
}

Custom = Mapping[str, Callable[[Sequence[object], Sequence[int]], Sequence[int]]]


OnCrash = Literal["stop", "restart", "ordered", "always"]


@dataclass(frozen=True)
class Start:
    """What a transport needs to know to start one task."""

    task: int
    component: Component
    index: int  # within its component
    seed: str  # for the component's own chance


class Transport(Protocol):
    """The few calls the engine needs of the world, and its owner to end it."""

    @property
    def pid_dir(self) -> str:
        """An existing directory in which components leave files named by their process ids."""

    def start(self, starts: Sequence[Start]) -> None:
        """Begin the processes; what fails to start shows when it is first talked to."""

    def run(
        self,
        tasks: Sequence[Task],
        through: Callable[[Task], object],
        meanwhile: Callable[[], object],
    ) -> None:
        """Carry each task's conversation until it is through or has an outcome.

        ``through`` is told of each when it is; ``meanwhile`` is called once, when all have something to do.
        """

    def kill(self, tasks: Sequence[int]) -> None:
        """End these processes now, without a word."""

    def close(self) -> None:
        """End everything; a second call does nothing."""


class Merge:
    """Routes what the tasks of a wave did, in the wave's order, each as soon as those before it are through.

    So the routing of the first goes on while the last are still at work. It makes no difference to them: an answer
    depends on the task that asks alone, and what is routed is for the next wave.
    """

    def __init__(self, order: Sequence[Task], route: Callable[[Task], object]) -> None:
        self._order = order
        self._route = route
        self._next = 0
        self._through: set[int] = set()

    def through(self, task: Task) -> None:
        """Told that a task has done all its work of this wave."""
        self._through.add(task.id)
        while self._next < len(self._order) and self._order[self._next].id in self._through:
            self._route(self._order[self._next])
            self._next += 1


class Listener(Protocol):
    """Who hears what components say while the run is on."""

    def log(self, component: str, task: int, level: int, message: str) -> None: ...
    def progress(self, now_ms: int) -> None: ...


class Silent:
    """A listener that does not listen."""

    def log(self, component: str, task: int, level: int, message: str) -> None:
        return None

    def progress(self, now_ms: int) -> None:
        return None


@dataclass
class Counts:
    """What one component did so far."""

    emitted: dict[str, int] = field(default_factory=dict)  # emit calls, per stream
    executed: int = 0  # tuples taken, without ticks
    acked: int = 0  # a bolt: its acks; a spout: what it was told
    failed: int = 0
    restarts: int = 0
    reliable: int = 0  # a spout's emits with a message id
    timeouts: int = 0  # of the failed, those that nobody failed
    timed: int = 0  # of the acked, those whose time is known
    latency_ms: int = 0  # the sum of their times
    slowest_ms: int = 0
    seconds: float = 0.0  # real time of processes that are gone


@dataclass(frozen=True)
class Failure:
    """A component that died or broke the protocol, with what it was at."""

    component: str
    task: int
    finding: str  # what happened, in one line
    storm: str = ""  # what a Storm makes of it
    held: str = ""  # the tuples it had in hand
    error: str = ""  # its last `error` message, with the traceback
    stderr: str = ""
    stack: str = ""
    cause: BaseException | None = None

    def __str__(self) -> str:
        parts = [f"{self.component}[{self.task}]: {self.finding}"]
        if self.held:
            parts.append(f"it held {self.held}")
        if self.storm:
            parts.append(f"Storm: {self.storm}")
        return "; ".join(parts)


@dataclass
class Executor:
    """A thread of Storm's: its tasks, and for a spout what it waits for."""

    tasks: tuple[int, ...]
    limit: int | None = None  # topology.max.spout.pending x tasks
    pending: RotatingMap[int, Pending] = field(default_factory=RotatingMap)


class Pending(msgspec.Struct, gc=False):
    task: int
    root: int
    message_id: object
    emitted_ms: int


@dataclass
class Mishaps:
    """What has been decided of tuples that are on their way."""

    due_on_link: dict[tuple[int, int], int] = field(default_factory=dict)  # of the last late one
    acks_to_lose: set[str] = field(default_factory=set)  # of these tuples, by id


# What the agenda holds.
class TickDue(NamedTuple):
    component: str
    seconds: float
    tasks: tuple[int, ...]


class RotationDue(NamedTuple):
    executor: Executor
    period_ms: int


class TimerDue(NamedTuple):
    task: int
    life: int  # how often its process had been started when it asked


class Arrival(NamedTuple):
    delivery: Delivery


Due = TickDue | RotationDue | TimerDue | Arrival


class Simulation:
    """One run of a topology.

    Args:
        topology: what to run.
        transport: how components run (see ``simulator.transports``).
        conf: the topology's configuration, as submitted (``topology.workers`` and so on).
        storm: the Storm version to behave like.
        seed: decides shuffles and every other free choice.
        strict: refuse what some Storm would let pass silently (design: strict, like the cluster).
        on_crash: "stop" ends the run as ``sparse run`` does; "restart" does what a cluster does; "ordered" restarts
            what was ordered to crash, and ends the run at any other death; "always" restarts even what broke the
            protocol.
        turns: how many turns a spout may take in one wave; more is faster, 1 is finest.
        feeds: rows in place of a spout, by component id.
        sinks: bolts that take everything and settle nothing.
        rules: verdicts on deliveries; orders: crashes and hangs.
        choices: the schedule; benign unless given.
        custom: custom groupings by Java class name: ``(values, tasks) -> tasks``.
        pace: called with the virtual ms before each wave (real time is somebody else's).
        idle_leap_ms: how far the clock may leap when nothing is due sooner.
        on_delivery: told of each tuple that is handed to a bolt, and when (ticks too).
    """

    asks_spouts = True  # else they only hear acks and fails
    is_active = True  # see deactivate()

    def __init__(
        self,
        topology: Topology,
        *,
        transport: Transport,
        conf: Mapping[str, object],
        storm: str = NEWEST,
        seed: object = 0,
        strict: bool = True,
        on_crash: OnCrash = "stop",
        turns: int = 1,
        trace: Trace | None = None,
        listener: Listener | None = None,
        feeds: Mapping[str, Feed] | None = None,
        sinks: Collection[str] = (),
        rules: Sequence[faults.Rule] = (),
        orders: Sequence[faults.Order] = (),
        choices: Choices | None = None,
        custom: Custom | None = None,
        pace: Callable[[int], object] | None = None,
        idle_leap_ms: int | None = None,
        on_delivery: Callable[[Delivery, int], object] | None = None,
    ) -> None:
        self.topology = topology
        self.profile: Profile = profile(storm)
        self.conf = dict(conf)
        self.seed = seed
        self.strict = strict
        self.on_crash = on_crash
        self.turns = turns
        self.trace = trace or Trace()
        self.rules = list(rules)
        self.orders = list(orders)
        self.choices = choices or Choices()
        self.now_ms = 0
        self.failures: list[Failure] = []
        self.warnings: list[str] = []
        self._listener = listener or Silent()
        self._transport = transport
        self._feeds = dict(feeds or {})
        self._sinks = frozenset(sinks)
        self._custom = dict(custom or {})
        self._pace = pace
        self._idle_leap_ms = idle_leap_ms
        self._on_delivery = on_delivery

        self.task_ids = number_tasks(topology, conf)
        self._everybody = handshake.all_components(topology, self.task_ids, self.profile)
        all_executors = executors(topology, self.task_ids)
        self._workers = assign_workers(all_executors, conf)
        self._component_of = self.trace.components = {
            task: component for component, tasks in self.task_ids.items() for task in tasks
        }
        self.ackers = len(self.task_ids.get("__acker", ()))
        self._ledger = Ledger(self.ackers)
        self._owners: dict[int, Executor] = {}  # root -> who waits for it
        self._edges = stream_of(seed, "edges")
        self._last_tuple = 0
        self._agenda: Agenda[Due] = Agenda()
        self._mishaps = Mishaps()
        self._ticking: set[str] = set()
        self._kryo_alone = self._is_kryo_alone()
        self._lives: dict[int, int] = {}
        self.counts = {component: Counts() for component in topology.components}
        #: The last values, as JSON, on each stream that nobody listens to.
        self.outputs: dict[tuple[str, str], deque[str]] = {
            (component.id, stream): deque(maxlen=LAST_OUTPUTS)
            for component in topology.components.values()
            for stream in component.outputs
            if not topology.subscribers(component.id, stream)
        }
        self._confs = self._make_confs()
        self._greetings: dict[str, Callable[[int], bytes]] = {}
        self._executors = [
            Executor(tasks)
            for tasks in all_executors
            if self._component_of[tasks[0]] in topology.components
        ]
        self._executor_of = {task: e for e in self._executors for task in e.tasks}
        self.is_final = False  # a failure has ended the run
        self._outlets = {
            task: self._make_outlets(component, index, task)
            for component in topology.components
            for index, task in enumerate(self.task_ids[component])
        }
        self.tasks: dict[int, Task] = {
            task: self._make_task(self.topology.components[component], index, task)
            for component in topology.components
            for index, task in enumerate(self.task_ids[component])
        }
        self.tasks = dict(sorted(self.tasks.items()))
        self.spouts: list[SpoutTask] = []
        self.bolts: list[BoltTask] = []
        self._sort_tasks()

    # -- building ------------------------------------------------------------------------------------------------

    def _is_kryo_alone(self) -> bool:
        """Whether tuples go between workers, and nothing helps Kryo with what it does not know."""
        falls_back = self.conf.get(
            "topology.fall.back.on.java.serialization", self.profile.java_serialization
        )
        return falls_back is False and len(set(self._workers.values())) > 1

    def _make_confs(self) -> dict[str, dict[str, object]]:
        if problems := [*tick_problems(self.topology, self.conf, self.profile)]:
            raise TopologyError(problems)  # as an executor of Storm's dies before it has begun
        return {
            component: handshake.component_conf(self.topology, component, self.conf, self.profile)
            for component in self.topology.components
        }

    def _make_task(self, component: Component, index: int, task: int) -> Task:
        outlets = self._outlets[task]
        smart = self.profile.json == "smart"
        dialect = protocol.Dialect(smart=smart, strict=self.strict)
        ours = component.python_class is not None
        worker = self._workers[task]
        orders = [order for order in self.orders if order.component == component.id]
        if component.kind == "bolt":
            make_bolt = SinkTask if component.id in self._sinks else BoltTask
            return make_bolt(
                task, component.id, index, worker, ours, outlets, dialect, self._log, orders
            )
        executor = self._executor_of[task]
        executor.limit = self._pending_limit(component, len(executor.tasks))
        feed = self._feeds.get(component.id)
        make = SpoutTask if feed is None else FeedTask
        spout = make(
            task,
            component.id,
            index,
            worker,
            ours,
            outlets,
            dialect,
            self._log,
            orders,
            activates=self.profile.activates and self.is_active,
            nested_ack=self.ackers == 0,
            false_is_an_id=self.profile.false_is_an_id,
            error_kills=self.profile.spout_error_kills,
        )
        if isinstance(spout, FeedTask):
            assert feed is not None
            spout.take_rows(feed, index, len(self.task_ids[component.id]))
        return spout

    def _pending_limit(self, component: Component, tasks: int) -> int | None:
        limit = self._confs[component.id].get("topology.max.spout.pending")
        return limit * tasks if isinstance(limit, int) and limit > 0 else None

    def _make_outlets(self, component: str, index: int, task: int) -> Outlets:
        spec = self.topology.components[component]
        rng = stream_of(self.seed, f"{component}/{index}")
        subscribers = {}
        for stream, declared in spec.outputs.items():
            groupings = dict(self.topology.subscribers(component, stream))
            order = outbound_order(groupings, self._everybody, self.profile)
            choose = partial(self._make_chooser, task, stream, declared.fields, rng)
            subscribers[stream] = [
                Outlet(bolt, self.task_ids[bolt], choose(bolt, groupings[bolt])) for bolt in order
            ]
        fields = {stream: declared.fields for stream, declared in spec.outputs.items()}
        return Outlets(component, fields, subscribers, self.profile, self.strict)

    def _make_chooser(
        self,
        task: int,
        stream: str,
        stream_fields: tuple[str, ...],
        rng: random.Random,
        bolt: str,
        grouping: Grouping,
    ) -> Chooser | None:
        """How a task finds those of a subscriber; None when it has to name them itself."""
        if grouping.kind == "direct":
            return None
        tasks = self.task_ids[bolt]
        try:
            return make_chooser(
                grouping,
                stream_fields=stream_fields,
                targets=tasks,
                local=[each for each in tasks if self._workers[each] == self._workers[task]],
                rng=rng,
                profile=self.profile,
                custom=self._custom,
            )
        except ValueError as error:  # as an executor of Storm's dies before it has begun
            source, subscriber = self._component_of[task], self.topology.components[bolt]
            place = subscriber.place_of("inputs", source, stream)
            finding = f"it cannot be sent the tuples of {source!r}: {error}"
            raise TopologyError([Problem(place, bolt, finding)]) from None

    # -- life ----------------------------------------------------------------------------------------------------

    def open(self) -> bool:
        """Start every component and wait until each has answered; false when one could not (see failures)."""
        self._start(list(self.tasks.values()))
        # What cannot start at all is never restarted.
        on_crash, self.on_crash = self.on_crash, "stop"
        self._see_to_the_dead(list(self.tasks.values()))
        self.on_crash = on_crash
        if self.is_final:
            return False
        for component in self.topology.components.values():
            self._arm(component)
        return True

    def _start(self, tasks: Sequence[Task]) -> None:
        remote = [task for task in tasks if not task.is_local]
        self._transport.start(
            [
                Start(
                    task.id,
                    self.topology.components[task.component],
                    task.index,
                    f"{self.seed}/{task.component}/{task.index}",
                )
                for task in remote
            ]
        )
        for task in remote:
            self._lives[task.id] = self._lives.get(task.id, 0) + 1
            task.greet(self._greeting(task))
        merge = Merge(remote, self._route)
        self._transport.run(remote, merge.through, self.trace.catch_up)

    def _greeting(self, task: Task) -> bytes:
        """The handshake of a task; what is the same for all of its component is printed once."""
        greet = self._greetings.get(task.component)
        if greet is None:
            greet = self._greetings[task.component] = protocol.handshakes(
                pid_dir=self._transport.pid_dir,
                conf=self._confs[task.component],
                context=handshake.context(
                    self.topology, task.id, self.task_ids, self._everybody, self.profile
                ),
            )
        return greet(task.id)

    def _arm(self, component: Component) -> None:
        """Put the ticks of a bolt, or the timeouts of a spout, on the agenda."""
        tasks = self.task_ids[component.id]
        if component.kind == "bolt":
            seconds = self.tick_seconds(component.id)
            if seconds is not None and tasks:
                self._ticking.add(component.id)
                self._agenda.add(
                    self.now_ms + _tick_ms(seconds), TickDue(component.id, seconds, tasks)
                )
        elif self.ackers and self.conf.get("topology.enable.message.timeouts") is not False:
            period_ms = 1000 * self._message_timeout
            for executor in self._executors:
                if executor.tasks[0] in tasks:
                    self._agenda.add(self.now_ms + period_ms, RotationDue(executor, period_ms))

    @property
    def _message_timeout(self) -> int:
        seconds = self.conf.get("topology.message.timeout.secs", 30)
        assert isinstance(seconds, int), "checked when the options were read"
        return seconds

    # -- running -------------------------------------------------------------------------------------------------

    def run(
        self, until_ms: int | None, *, stop_when_idle: bool = True
    ) -> Literal["time", "idle", "error"]:
        """Handle every instant up to ``until_ms`` (None: without end) and say why the run stopped.

        Spouts take turns before ``until_ms``; what is due or arrives at ``until_ms`` is still handled.
        """
        until = FOR_EVER_MS if until_ms is None else until_ms
        while self.now_ms <= until:
            if self.step(until):
                if self.is_final:
                    return "error"
                continue
            if stop_when_idle and self.idle:
                return "idle"
            if self.now_ms >= until:
                break
            self.leap(until)
        return "time"

    def step(self, until_ms: int) -> bool:
        """Handle this instant; false when nothing happens at it."""
        self._take_due()
        wave = self._form_wave(until_ms)
        if wave:
            self._run_wave(wave)
        return bool(wave)

    def work(self, tasks: Sequence[Task]) -> None:
        """Let these tasks alone do what has been given to them, at this instant."""
        self._run_wave(tasks)

    def conf_of(self, component: str) -> Mapping[str, object]:
        """The effective configuration of a component, as its handshake shows it."""
        return self._confs[component]

    def tick_seconds(self, bolt: str) -> float | None:
        """How many seconds lie between the ticks of a bolt; None where it has none."""
        return handshake.tick_seconds(self._confs[bolt][handshake.TICK], self.profile)

    @property
    def next_ms(self) -> int | None:
        """When something is due next; None when nothing is."""
        return self._agenda.next_ms

    @property
    def in_flight(self) -> bool:
        """Whether any tuple, ack or fail is on its way."""
        return (
            any(bolt.inbox for bolt in self.bolts)
            or any(spout.inbox for spout in self.spouts)
            or any(isinstance(entry, Arrival) for entry in self._agenda.entries())
        )

    def order(self, order: faults.Order) -> None:
        """Put one more order on a component."""
        self.orders.append(order)
        for bolt in self.bolts:
            if bolt.component == order.component:
                bolt.orders.append(order)

    def give(self, target: int, source: Origin, stream: str, values: list[object]) -> Delivery:
        """Put a tuple into a bolt's inbox that no spout of this run has emitted; it has no root."""
        delivery = Delivery(
            self._next_tuple_id(), target, source, stream, values, storm_json(values), None
        )
        self._arrive(delivery)
        return delivery

    def tick(self, target: int) -> None:
        """Tick one task of a bolt now, whether or not its configuration says so."""
        seconds = self.tick_seconds(self._component_of[target])
        self._system_tuple(
            target, multilang.TICK_STREAM, 1 if seconds is None else seconds, events.Tick
        )

    def deactivate(self) -> None:
        """Ask spouts for nothing more until ``activate``; acks, fails, timeouts and ticks go on (SpoutExecutor)."""
        self._switch("deactivate")

    def activate(self) -> None:
        """Ask spouts again after ``deactivate``."""
        self._switch("activate")

    def _switch(self, command: Literal["activate", "deactivate"]) -> None:
        if self.is_active == (command == "activate"):
            return
        self.is_active = not self.is_active
        for spout in self.spouts:
            kind = events.Activated if command == "activate" else events.Deactivated
            self.trace.add(kind(self.now_ms, spout.component, spout.id))
            spout.silent_turns = 0
            if self.profile.activates and not spout.is_local:
                spout.inbox.append(Switch(command))

    def decide(self, entry: Pending, verb: Literal["ack", "fail"]) -> None:
        """Tell a spout what became of a tuple, in place of the bolts that would."""
        self._ledger.forget(entry.root)
        self._complete(entry.root, verb)

    def settle(self) -> None:
        """Carry what is on its way to its end, without asking spouts for more; time is up for everything else."""
        for _ in range(SETTLE_WAVES):
            wave = self._form_wave(self.now_ms)
            if not wave or self.is_final:
                return
            self._run_wave(wave)

    @property
    def idle(self) -> bool:
        """Nothing in flight, pending or held, no bolt that may act at a tick, every spout silent for SILENT_TURNS or
        not asked."""
        return (
            all(
                not spout.inbox and (spout.silent_turns >= SILENT_TURNS or not self.is_active)
                for spout in self.spouts
            )
            and not any(bolt.inbox or bolt.awaits_tick or self._holds(bolt) for bolt in self.bolts)
            and not any(len(executor.pending) for executor in self._executors)
            and not any(isinstance(entry, Arrival) for entry in self._agenda.entries())
        )

    def _holds(self, bolt: BoltTask) -> bool:
        return any(held.source.task >= 0 for held in bolt.held.values())

    @property
    def pending(self) -> list[Pending]:
        """What the spouts wait for, oldest first."""
        return sorted(
            (entry for executor in self._executors for entry in executor.pending.values()),
            key=lambda entry: (entry.emitted_ms, entry.task),
        )

    def untold(self, spout: str) -> int:
        """How many acks and fails are on their way to a spout: no longer pending, and not yet told."""
        return sum(task.untold for task in self.spouts if task.component == spout)

    def holders(self) -> list[str]:
        """Which bolts have tuples in hand that they have not settled, and how many: "count-bolt (3)"."""
        held = {bolt.component: 0 for bolt in self.bolts}
        for bolt in self.bolts:
            held[bolt.component] += sum(each.source.task >= 0 for each in bolt.held.values())
        return [f"{component} ({count})" for component, count in held.items() if count]

    def seconds_of(self, component: str) -> float:
        """Real seconds that the processes of a component have taken."""
        running = (task.seconds for task in self.tasks.values() if task.component == component)
        return self.counts[component].seconds + sum(running)

    def leap(self, until_ms: int) -> None:
        """Nothing to do now: on to the next entry of the agenda, where spouts are asked again."""
        next_ms = self._agenda.next_ms
        target = until_ms if next_ms is None else min(next_ms, until_ms)
        if self._idle_leap_ms is not None:
            target = min(target, self.now_ms + self._idle_leap_ms)
        self.now_ms = max(target, self.now_ms + 1)
        for spout in self.spouts:
            spout.silent_turns = 0

    def _take_due(self) -> None:
        for entry in self._agenda.pop_due(self.now_ms):
            if isinstance(entry, Arrival):
                self._arrive(entry.delivery)
            elif isinstance(entry, TickDue):
                self._tick(entry)
            elif isinstance(entry, TimerDue):
                self._wake(entry)
            else:
                self._rotate(entry)

    def _tick(self, due: TickDue) -> None:
        for task in due.tasks:
            bolt = self._system_tuple(task, multilang.TICK_STREAM, due.seconds, events.Tick)
            bolt.awaits_tick = False
        self._agenda.add(self.now_ms + _tick_ms(due.seconds), due)

    def _wake(self, due: TimerDue) -> None:
        if self._lives.get(due.task) == due.life:
            self._system_tuple(due.task, multilang.TIMER_STREAM, self.now_ms, events.Timer)

    def _system_tuple(
        self, task: int, stream: str, number: float, event: type[events.Tick | events.Timer]
    ) -> BoltTask:
        bolt = self.tasks[task]
        assert isinstance(bolt, BoltTask)  # spouts get neither ticks nor timers
        delivery = system_tuple(self._next_tuple_id(), task, stream, number)
        self.trace.add(event(self.now_ms, bolt.component, task, delivery.id))
        bolt.inbox.append(delivery)
        return bolt

    def _rotate(self, due: RotationDue) -> None:
        executor = due.executor
        times = len(executor.tasks) if self.profile.rotations_per_task else 1
        for _ in range(times):
            for entry in executor.pending.rotate():
                self._ledger.forget(entry.root)
                del self._owners[entry.root]
                self._tell(entry, "fail", "timeout")
        self._agenda.add(self.now_ms + due.period_ms, due)

    # -- waves ---------------------------------------------------------------------------------------------------

    def _form_wave(self, until_ms: int) -> list[Task]:
        """Every task with work at this instant, its work handed to it, in task order."""
        turns = self._turns_now(until_ms)
        asking = turns > 0 and self._spouts_are_asked()
        ordered = self._one_at_a_time()
        room_of = {id(executor): self._room(executor) for executor in self._executors}
        wave: list[Task] = []
        for task in self.tasks.values():
            if isinstance(task, SpoutTask):
                room = room_of[id(self._executor_of[task.id])]
                if task.inbox or (asking and (room is None or room > 0)):
                    task.work(turns=turns if asking else 0, room=room)
                    wave.append(task)
            elif isinstance(task, BoltTask) and task.inbox:
                if task.component in ordered and ordered[task.component] is not task:
                    continue
                limit = 1 if task.component in ordered else self._batch_limit(task)
                self._hand_over(task, limit)
                wave.append(task)
        return wave

    def _turns_now(self, until_ms: int) -> int:
        """How many turns a spout may take before anything else is due."""
        turns = min(self.turns, until_ms - self.now_ms)
        if self._agenda.next_ms is not None:
            turns = min(turns, self._agenda.next_ms - self.now_ms)
        return max(turns, 0)

    def _spouts_are_asked(self) -> bool:
        """While anything is on its way spouts are asked all the time; else until they have been silent."""
        if not (self.asks_spouts and self.is_active):
            return False
        return any(bolt.inbox for bolt in self.bolts) or any(
            spout.inbox or spout.silent_turns < SILENT_TURNS for spout in self.spouts
        )

    @staticmethod
    def _room(executor: Executor) -> int | None:
        """What each task of a spout's executor may emit in this wave; at least one, as Storm asks all in turn."""
        if executor.limit is None:
            return None
        room = executor.limit - len(executor.pending)
        return max(1, room // len(executor.tasks)) if room > 0 else 0

    def _one_at_a_time(self) -> dict[str, BoltTask]:
        """A component with orders takes one tuple a wave, in delivery order over its tasks, so they can count."""
        first: dict[str, BoltTask] = {}
        for bolt in self.bolts:
            if bolt.inbox and any(not order.is_spent for order in bolt.orders):
                rival = first.get(bolt.component)
                if rival is None or int(bolt.inbox[0].id) < int(rival.inbox[0].id):
                    first[bolt.component] = bolt
        return first

    def _batch_limit(self, bolt: BoltTask) -> int | None:
        if not self.choices.active:
            return None
        waiting = len(bolt.inbox)
        return waiting - self.choices.choose(f"{bolt.component}/{bolt.index}/batch", waiting)

    def _hand_over(self, bolt: BoltTask, limit: int | None) -> None:
        bolt.work(limit)
        data = sum(delivery.source.task >= 0 for delivery in bolt.batch)
        self.counts[bolt.component].executed += data
        if self._on_delivery:
            for delivery in bolt.batch:
                self._on_delivery(delivery, self.now_ms)
        if data and bolt.component in self._ticking:
            bolt.awaits_tick = True
        if data and bolt.orders:
            for order in bolt.orders:
                if isinstance(order, faults.CrashOrder) and order.strikes(bolt.id, "tuple"):
                    self._transport.kill([bolt.id])
                    bolt.outcome = Death(str(order), ordered=True, scope=order.scope)

    def _run_wave(self, wave: Sequence[Task]) -> None:
        if self._pace:
            self._pace(self.now_ms)
        merge = Merge(self._merge_order(wave), self._route)
        remote = []
        for task in wave:
            if task.is_local or task.outcome is not None:
                merge.through(task)
            else:
                remote.append(task)
        self._transport.run(remote, merge.through, self.trace.catch_up)
        self._see_to_the_dead(wave)
        self.now_ms += max([1, *(task.turns_taken for task in wave if isinstance(task, SpoutTask))])
        self._listener.progress(self.now_ms)

    def _route(self, task: Task) -> None:
        effects, task.effects = task.effects, []
        left = iter(effects)
        try:
            for effect in left:
                if isinstance(effect, Emitted):
                    if isinstance(task, SpoutTask):
                        self._spout_emitted(task, effect)
                    else:
                        self._bolt_emitted(task, effect)
                elif isinstance(effect, Settled):
                    self._settled(task, effect)
                elif isinstance(effect, Told):
                    self._told(task, effect)
                elif isinstance(effect, Reported):
                    self._reported(task, effect)
                else:
                    self._timer_set(task, effect)
        except ProtocolError as error:
            task.outcome = error  # on the way to another worker: what came behind it was not said
        except KeyboardInterrupt:
            task.effects = [*left]  # still under way, for the report
            raise

    def _see_to_the_dead(self, wave: Sequence[Task]) -> None:
        failed = [task for task in wave if task.outcome is not None]
        if failed:
            self._fail(failed)

    def _merge_order(self, wave: Sequence[Task]) -> Sequence[Task]:
        if not self.choices.active:
            return wave
        left = list(wave)
        order = []
        while left:
            order.append(left.pop(self.choices.choose("order", len(left))))
        return order

    # -- effects -------------------------------------------------------------------------------------------------

    def _spout_emitted(self, task: SpoutTask, effect: Emitted) -> None:
        emit, targets = effect.emit, effect.targets
        at_ms = self.now_ms + effect.offset_ms
        is_reliable = task.reliable(emit)
        self._count(task, effect).reliable += is_reliable
        is_acked_inside = not targets and self.profile.unreceived == "nested"
        if not (is_reliable and self.ackers) or is_acked_inside:
            copies = [self._copy(task.origin, effect, target, None) for target in targets]
        else:
            copies = self._tracked(task, effect, at_ms)
        id_json = None if emit.id is None else storm_json(emit.id)
        self._trace_emit(at_ms, task, effect, id_json, None, copies)
        self._send(task, effect, copies)

    def _tracked(self, task: SpoutTask, effect: Emitted, at_ms: int) -> list[Delivery]:
        """The copies of a tuple whose tree is kept an eye on."""
        getrandbits = self._edges.getrandbits
        root = getrandbits(64)
        all_edges = 0
        copies = []
        for target in effect.targets:
            edge = getrandbits(64)
            all_edges ^= edge
            copies.append(self._copy(task.origin, effect, target, {root: edge}))
        executor = self._executor_of[task.id]
        executor.pending.put(root, Pending(task.id, root, effect.emit.id, at_ms))
        self._owners[root] = executor
        if self._ledger.open(root, all_edges):
            self._complete(root, "ack")
        return copies

    def _bolt_emitted(self, task: Task, effect: Emitted) -> None:
        self._count(task, effect)
        anchors, getrandbits = effect.anchors, self._edges.getrandbits
        copies = []
        for target in effect.targets:
            roots: dict[int, int] | None = None
            for anchor in anchors:
                if not anchor.roots:
                    continue
                edge = getrandbits(64)
                anchor.ackval ^= edge
                if roots is None:
                    roots = dict.fromkeys(anchor.roots, edge)
                else:
                    for root in anchor.roots:
                        roots[root] = roots.get(root, 0) ^ edge
            copies.append(self._copy(task.origin, effect, target, roots))
        ids = tuple([anchor.id for anchor in anchors])
        self._trace_emit(self.now_ms, task, effect, None, ids, copies)
        self._send(task, effect, copies)

    def _trace_emit(
        self,
        at_ms: int,
        task: Task,
        effect: Emitted,
        id_json: str | None,
        anchors: tuple[str, ...] | None,
        copies: Sequence[Delivery],
    ) -> None:
        to = tuple([(copy.target, copy.id) for copy in copies])
        stream = effect.emit.stream
        self.trace.add(
            events.Emit(at_ms, task.component, task.id, stream, effect.text, id_json, anchors, to)
        )

    def _count(self, task: Task, effect: Emitted) -> Counts:
        stream = effect.emit.stream
        counts = self.counts[task.component]
        counts.emitted[stream] = counts.emitted.get(stream, 0) + 1
        return counts

    def _copy(
        self, origin: Origin, effect: Emitted, target: int, roots: dict[int, int] | None
    ) -> Delivery:
        emit = effect.emit
        self._last_tuple = number = self._last_tuple + 1
        return Delivery(
            str(number),
            target,
            origin,
            emit.stream,
            emit.values,
            effect.text,
            roots,
            effect.is_plain,
        )

    def _send(self, task: Task, effect: Emitted, copies: Sequence[Delivery]) -> None:
        if self._kryo_alone and not effect.is_plain:
            self._refuse_crossing(task, effect.emit, copies)
        if self.rules or self.choices.active:
            for copy in copies:
                self._send_through_faults(copy)
        else:
            for copy in copies:
                self.tasks[copy.target].inbox.append(copy)  # type: ignore[attr-defined]  # only bolts subscribe
        if not copies:
            output = self.outputs.get((task.component, effect.emit.stream))
            if output is not None:
                output.append(effect.text)

    def _refuse_crossing(self, task: Task, emit: Emit, copies: Sequence[Delivery]) -> None:
        """Values that Kryo does not know pass within a worker, and kill it on the way to another.

        Raises:
            ProtocolError: where Storm does.
        """
        strange = next((value for value in emit.values if type(value) not in _KRYO_KNOWS), None)
        if strange is None or all(self._workers[copy.target] == task.worker for copy in copies):
            return
        package = _JSON_PACKAGES[self.profile.json]
        if isinstance(strange, protocol.LongFloat):
            kind, java_class = "a float of more than 18 characters", "java.math.BigDecimal"
        elif isinstance(strange, list):
            kind, java_class = "a list", f"{package}.JSONArray"
        else:
            kind, java_class = "a map", f"{package}.JSONObject"
        raise ProtocolError(
            f'an emit of {kind} on stream "{emit.stream}" to a task in another worker; '
            "topology.fall.back.on.java.serialization=true or topology.workers=1 would do",
            storm=f"the worker dies: Class is not registered: {java_class}",
            excerpt=multilang.excerpt(storm_json(emit.values)),
        )

    def _next_tuple_id(self) -> str:
        self._last_tuple += 1
        return str(self._last_tuple)

    def _arrive(self, delivery: Delivery) -> None:
        bolt = self.tasks[delivery.target]
        assert isinstance(bolt, BoltTask)  # only bolts subscribe
        bolt.inbox.append(delivery)

    def _send_through_faults(self, delivery: Delivery) -> None:
        component = self._component_of[delivery.target]
        verdict = faults.judge(self.rules, component, delivery)
        if verdict is None:
            self._arrive_as_scheduled(component, delivery)
        elif isinstance(verdict, faults.Delay):
            due_ms = self.now_ms + 1 + verdict.ms
            self._trace_fault(verdict, delivery, due_ms=due_ms)
            self._agenda.add(due_ms, Arrival(delivery))
        elif isinstance(verdict, faults.Duplicate):
            copy = self._duplicate(delivery)
            self._trace_fault(verdict, delivery, copy_id=copy.id)
            self._arrive_as_scheduled(component, delivery)
            self._arrive_as_scheduled(component, copy)
        elif isinstance(verdict, faults.LostAck):
            self._mishaps.acks_to_lose.add(delivery.id)  # told when it happens
            self._arrive_as_scheduled(component, delivery)
        else:
            self._trace_fault(verdict, delivery)
            if isinstance(verdict, faults.Fail):
                self._fail_roots(delivery)

    def _trace_fault(
        self,
        verdict: faults.Verdict,
        delivery: Delivery,
        *,
        due_ms: int | None = None,
        copy_id: str | None = None,
    ) -> None:
        component, target = self._component_of[delivery.target], delivery.target
        name = faults.NAMES[type(verdict)]
        self.trace.add(
            events.Fault(self.now_ms, component, target, name, delivery.id, due_ms, copy_id)
        )

    def _arrive_as_scheduled(self, component: str, delivery: Delivery) -> None:
        """A schedule may have it late, but on the way from one task to another no tuple overtakes the one before."""
        late_ms = 0
        if self.choices.active:
            index = self.tasks[delivery.target].index
            late_ms = self.choices.choose(f"{component}/{index}/late", MOST_LATE_MS + 1)
        links, link = self._mishaps.due_on_link, (delivery.source.task, delivery.target)
        before_ms = links.get(link, 0)
        if not late_ms and before_ms <= self.now_ms:
            self._arrive(delivery)
            return
        due_ms = links[link] = max(self.now_ms + 1 + late_ms, before_ms)
        self.trace.add(events.Late(self.now_ms, component, delivery.target, delivery.id, due_ms))
        self._agenda.add(due_ms, Arrival(delivery))

    def _duplicate(self, delivery: Delivery) -> Delivery:
        roots = None
        if delivery.roots:
            edge = self._edges.getrandbits(64)
            roots = dict.fromkeys(delivery.roots, edge)
            for root in roots:
                self._ledger.xor(root, edge)
        return Delivery(
            self._next_tuple_id(),
            delivery.target,
            delivery.source,
            delivery.stream,
            delivery.values,
            delivery.text,
            roots,
            delivery.is_plain,
        )

    def _settled(self, task: Task, effect: Settled) -> None:
        verb, delivery = effect.verb, effect.delivery
        counts = self.counts[task.component]
        kind = events.Ack if verb == "ack" else events.Fail
        self.trace.add(kind(self.now_ms, task.component, task.id, delivery.id))
        if verb == "fail":
            counts.failed += 1
            self._fail_roots(delivery)
            return
        counts.acked += 1
        if self.rules and delivery.id in self._mishaps.acks_to_lose:
            self._mishaps.acks_to_lose.remove(delivery.id)
            self._trace_fault(faults.LostAck(), delivery)
            return
        if delivery.roots:
            for root, edge in delivery.roots.items():
                if self._ledger.xor(root, edge ^ delivery.ackval):
                    self._complete(root, "ack")

    def _fail_roots(self, delivery: Delivery) -> None:
        for root in delivery.roots or ():
            if self._ledger.fail(root):
                self._complete(root, "fail")

    def _complete(self, root: int, verb: Literal["ack", "fail"]) -> None:
        executor = self._owners.pop(root, None)
        entry = executor.pending.pop(root) if executor else None
        if entry is not None:
            self._tell(entry, verb)

    def _tell(
        self, entry: Pending, verb: Literal["ack", "fail"], reason: Literal["", "timeout"] = ""
    ) -> None:
        spout = self.tasks[entry.task]
        assert isinstance(spout, SpoutTask)  # only spouts wait for anything
        spout.inbox.append(Settlement(verb, entry.message_id, entry.emitted_ms, reason))

    def _told(self, task: Task, effect: Told) -> None:
        settlement = effect.settlement
        counts = self.counts[task.component]
        if settlement.verb == "ack":
            counts.acked += 1
            if settlement.emitted_ms >= 0:
                latency = self.now_ms - settlement.emitted_ms
                counts.timed += 1
                counts.latency_ms += latency
                counts.slowest_ms = max(counts.slowest_ms, latency)
        else:
            counts.failed += 1
            counts.timeouts += settlement.reason == "timeout"
        id_json = storm_json(settlement.message_id)
        where = self.now_ms, task.component, task.id
        self.trace.add(
            events.Acked(*where, id_json)
            if settlement.verb == "ack"
            else events.Failed(*where, id_json, settlement.reason)
        )

    def _reported(self, task: Task, effect: Reported) -> None:
        lines = effect.message.strip().splitlines() or [""]
        message = lines[-1] if len(lines) > 1 else lines[0]
        self.trace.add(events.Error(self.now_ms, task.component, task.id, message))

    def _timer_set(self, task: Task, effect: TimerSet) -> None:
        due_ms = max(self.now_ms + effect.after_ms, self.now_ms + 1)
        self._agenda.add(due_ms, TimerDue(task.id, self._lives[task.id]))

    def _log(self, task: int, message: protocol.Log) -> None:
        self._listener.log(self._component_of[task], task, message.level, message.message)

    # -- death ---------------------------------------------------------------------------------------------------

    def _fail(self, failed: Sequence[Task]) -> None:
        for task in failed:
            reason = _untimed(task)
            self.trace.add(events.Died(self.now_ms, task.component, task.id, reason))
        fatal = [task for task in failed if self._is_fatal(task)]
        if self.on_crash != "ordered":
            self._remember(failed)
        elif fatal:
            self._remember(fatal)
        if fatal:
            self.is_final = True
        else:
            self._restart(failed)

    def _is_fatal(self, task: Task) -> bool:
        """Whether the run ends here; else the worker starts anew, as on a cluster."""
        if isinstance(task.outcome, ProtocolError) and self.strict:
            return (
                True  # a mistake in the component, to be shown; a crash is something that happens
            )
        if self.on_crash == "ordered":
            return not (isinstance(task.outcome, Death) and task.outcome.ordered)
        return self.on_crash == "stop"

    def _remember(self, failed: Sequence[Task]) -> None:
        room = MOST_FAILURES - len(self.failures)
        self.failures += [self._describe(task) for task in failed[: max(room, 0)]]

    def _describe(self, task: Task) -> Failure:
        outcome = task.outcome
        held = _shown(task.in_hand()) if isinstance(task, BoltTask) else ""
        if isinstance(outcome, ProtocolError):
            finding = outcome.finding + (f": {outcome.excerpt}" if outcome.excerpt else "")
            return Failure(task.component, task.id, finding, outcome.storm, held, task.last_error)
        assert isinstance(outcome, Death)
        return Failure(
            task.component,
            task.id,
            outcome.reason,
            "",
            held,
            task.last_error,
            outcome.stderr,
            outcome.stack,
            outcome.cause,
        )

    def _restart(self, failed: Sequence[Task]) -> None:
        """What a cluster does: the whole worker goes, with what its tasks held, waited for and remembered."""
        alone = {task.id for task in failed if _dies_alone(task)}
        workers = {task.worker for task in failed if task.id not in alone}
        lost = [
            task.id
            for task in self.tasks.values()
            if (task.worker in workers or task.id in alone) and not task.is_local
        ]
        for component in {task.component: None for task in failed}:
            self.counts[component].restarts += 1
        ackers = self.task_ids.get("__acker", ())
        if ackers:
            self._ledger.lose(lambda index: self._workers[ackers[index]] in workers)
        for task in lost:
            self._forget_pending(task)
        for _ in range(START_ATTEMPTS):
            self._transport.kill(lost)
            fresh = self._replace(lost)
            self._start(fresh)
            for again in fresh:
                self.trace.add(events.Restart(self.now_ms, again.component, again.id))
            if not any(again.outcome for again in fresh):
                self._see_to_the_dead(fresh)
                return
        self.is_final = True
        self._fail([again for again in fresh if again.outcome])

    def _replace(self, lost: Sequence[int]) -> list[Task]:
        for task in lost:
            old = self.tasks[task]
            self.counts[old.component].seconds += old.seconds
            component = self.topology.components[old.component]
            self.tasks[task] = self._make_task(component, old.index, task)
        self._sort_tasks()
        return [self.tasks[task] for task in lost]

    def _sort_tasks(self) -> None:
        self.spouts = [task for task in self.tasks.values() if isinstance(task, SpoutTask)]
        self.bolts = [task for task in self.tasks.values() if isinstance(task, BoltTask)]

    def _forget_pending(self, task: int) -> None:
        """What a dead spout waited for: neither ack nor fail ever comes."""
        executor = self._executor_of[task]
        for entry in executor.pending.values():
            if entry.task == task:
                executor.pending.pop(entry.root)
                self._owners.pop(entry.root, None)
                self._ledger.forget(entry.root)


def _tick_ms(seconds: float) -> int:
    # 0 means "as fast as possible" (Storm checks for an integer only): every millisecond here.
    return max(1, int(seconds * 1000))


# -- deaths ------------------------------------------------------------------------------------------------------


def _dies_alone(task: Task) -> bool:
    return isinstance(task.outcome, Death) and task.outcome.scope == "task"


def _untimed(task: Task) -> str:
    """Why a task died, in words that are the same on every run, machine and transport."""
    if isinstance(task.outcome, ProtocolError):
        return task.outcome.finding
    last = task.last_error.strip().splitlines()
    return last[-1] if last else ""


def _shown(tuples: Sequence[Delivery], most: int = 3) -> str:
    """The tuples a bolt had in hand, in one line."""
    shown = [
        f"tuple {delivery.id} {multilang.excerpt(delivery.text)} from {delivery.source.component}"
        f"[{delivery.source.task}]"
        for delivery in tuples[:most]
    ]
    more = f" and {len(tuples) - most} more" if len(tuples) > most else ""
    return ", ".join(shown) + more

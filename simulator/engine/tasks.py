"""Storm's half of the conversation with one component process, without any I/O.

A task is handed work (commands for a spout, tuples for a bolt), gives the bytes to write, is fed the messages
that come back, answers those that want an answer at once (task ids), and says when the component is through.
What the component did is kept as a list of effects; the engine routes them when every task of the wave is
through, so an answer depends on this task alone and never on who was faster.

A spout ends every command with ``sync``. A bolt says nothing when it is done, so behind its tuples goes a
heartbeat, which every bolt since Storm 0.9.3 answers with ``sync``, in order, on the same pipe: the barrier.

Source: ``ShellSpout``, ``ShellBolt``, ``SpoutOutputCollectorImpl``, ``BoltOutputCollectorImpl`` (0.9.5 to 2.8.3).
"""

from __future__ import annotations

import difflib
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import msgspec

from simulator.engine.faults import Crash, CrashOrder, HangOrder, Order
from simulator.model import Chooser, Profile, map_order
from simulator.wire import (
    Ack,
    Emit,
    Fail,
    Message,
    Sync,
    parse,
    parse_all,
    plain_json,
    protocol,
    quoted,
    unprinted,
)
from streamparse import multilang
from streamparse.multilang import ProtocolError, Reader


class Origin(NamedTuple):
    """Who emitted: the component and the task."""

    component: str
    task: int


class Delivery(msgspec.Struct, eq=False, gc=False):
    """One copy of a tuple: on its way to a task, then held by it until it is acked or failed.

    ``roots`` are its edges by root; ``ackval`` gathers the edges of what was anchored to it, as Storm's Tuple does.
    """

    id: str
    target: int
    source: Origin
    stream: str
    values: list[object]
    text: str
    roots: dict[int, int] | None
    is_plain: bool = False  # its values, see plain_json
    ackval: int = 0

    def message(self) -> str:
        """What the task is told."""
        component, task = self.source
        return (
            f'{{"comp":{quoted(component)},"tuple":{self.text},"task":{task},'
            f'"stream":{quoted(self.stream)},"id":"{self.id}"}}'
        )

    def unprinted(self) -> dict[str, object] | str:
        """The same as a component reads it, where that takes no JSON."""
        if not self.is_plain:
            return self.message().encode("utf-8", "replace").decode()
        component, task = self.source
        return {
            "id": self.id,
            "comp": component,
            "stream": self.stream,
            "task": task,
            "tuple": [*self.values],  # a list of its own
        }


SYSTEM = Origin(multilang.SYSTEM_COMPONENT, multilang.SYSTEM_TASK)


def system_tuple(tuple_id: str, target: int, stream: str, number: float) -> Delivery:
    """A tick (its value is the period in seconds) or a timer (its value is now, in ms)."""
    return Delivery(tuple_id, target, SYSTEM, stream, [number], f"[{number}]", None)


# -- effects ----------------------------------------------------------------------------------------------------


class Emitted(msgspec.Struct, gc=False):
    emit: Emit
    text: str  # its values, as Storm prints them
    is_plain: bool  # they are, see plain_json
    targets: Sequence[int]
    anchors: Sequence[Delivery] = ()
    offset_ms: int = 0  # the turn of a spout within its wave


class Settled(msgspec.Struct, gc=False):
    """A bolt has acked or failed a tuple it held."""

    verb: Literal["ack", "fail"]
    delivery: Delivery


class Told(msgspec.Struct, gc=False):
    """A spout has been told about a message id of its own."""

    verb: Literal["ack", "fail"]
    settlement: Settlement


class Reported(NamedTuple):
    """An ``error`` message: Storm shows it in its UI and goes on."""

    message: str


class TimerSet(NamedTuple):
    after_ms: int


Effect = Emitted | Settled | Told | Reported | TimerSet


class Settlement(msgspec.Struct, gc=False):
    """What a spout is told: its message id was acked or has failed."""

    verb: Literal["ack", "fail"]
    message_id: object
    emitted_ms: int
    reason: Literal["", "timeout"] = ""  # why it failed: "timeout", or "" when a bolt failed it


class Switch(NamedTuple):
    """What a spout is told when its topology is deactivated, and when it goes on (Storm 1.1 and later)."""

    command: Literal["activate", "deactivate"]


@dataclass(frozen=True)
class Death:
    """The process is gone, or had to go: what happened, in words, and what it left."""

    reason: str
    stderr: str = ""
    stack: str = ""
    cause: BaseException | None = None  # in process: the exception itself
    ordered: bool = False  # a fault that was asked for
    scope: Literal["worker", "task"] = "worker"  # what goes with it


Outcome = Death | ProtocolError | None


# -- where a task's tuples go -----------------------------------------------------------------------------------


@dataclass
class Outlet:
    """One subscriber of a stream: how it is chosen, or (chooser None) only addressed directly."""

    component: str
    tasks: Sequence[int]
    choose: Chooser | None


@dataclass
class Outlets:
    """The streams a task may emit on, and who listens. A grouping's state belongs to the emitting task."""

    component: str
    fields: Mapping[str, tuple[str, ...]]
    subscribers: Mapping[str, Sequence[Outlet]]
    profile: Profile
    strict: bool = True

    def __post_init__(self) -> None:
        # One subscriber, as most streams have: how wide its tuples are, and who gets them.
        self._usual = {
            stream: (len(self.fields[stream]), only[0].choose)
            for stream, only in self.subscribers.items()
            if len(only) == 1 and only[0].choose is not None
        }

    def choose(self, emit: Emit) -> Sequence[int]:
        """The tasks that get this tuple, in the order in which Storm names and serves them.

        Raises:
            ProtocolError: as Storm would die, or (strictly) where it would drop or let pass what must be a mistake.
        """
        usual = self._usual.get(emit.stream)
        if usual is not None and emit.task is None and len(emit.values) == usual[0]:
            try:
                return usual[1](emit.values)
            except ValueError:
                pass  # told below
        outlets = self.subscribers.get(emit.stream)
        if outlets is None:
            return self._undeclared(emit)
        if emit.task is not None:
            return self._direct(emit, emit.task, outlets)
        fields = self.fields[emit.stream]
        if len(emit.values) != len(fields) and (outlets or self.strict):
            raise self._wrong_width(emit, fields, bool(outlets))
        try:
            return self._chosen(emit, outlets)
        except ValueError as error:  # where Storm's grouping would throw
            raise ProtocolError(
                f'an emit on stream "{emit.stream}" that its grouping cannot place: {error}',
                storm=f"the worker dies: {error}",
                excerpt=multilang.excerpt(protocol.storm_json(emit.values)),
            ) from None

    @staticmethod
    def _chosen(emit: Emit, outlets: Sequence[Outlet]) -> Sequence[int]:
        chosen: list[int] = []
        for outlet in outlets:
            if outlet.choose is None:
                raise ProtocolError(
                    f'a regular emit on stream "{emit.stream}", to which "{outlet.component}" listens :direct; '
                    "name its task with direct_task=",
                    storm="the worker dies: Cannot do regular emit to direct stream",
                )
            chosen += outlet.choose(emit.values)
        return chosen

    def _undeclared(self, emit: Emit) -> Sequence[int]:
        dies = self.profile.undeclared_stream_is_error
        if not (dies or self.strict):
            return ()
        near = difflib.get_close_matches(emit.stream, self.fields, 1)
        hint = f'did you mean "{near[0]}"?' if near else f"it declares {_listed(self.fields)}"
        storm = (
            f"the worker dies: Unknown stream ID: {emit.stream}"
            if dies
            else "the tuple is dropped silently"
        )
        raise ProtocolError(
            f'an emit on stream "{emit.stream}", which "{self.component}" does not declare; {hint}',
            storm=storm,
        )

    def _wrong_width(self, emit: Emit, fields: Sequence[str], received: bool) -> ProtocolError:
        counts = f"Expected {len(fields)} fields but got {len(emit.values)} fields"
        storm = f"the worker dies: Tuple created with wrong number of fields. {counts}"
        return ProtocolError(
            f'an emit of {len(emit.values)} values on stream "{emit.stream}", which declares '
            f"{len(fields)}: {_listed(fields)}",
            storm=storm if received else "nobody listens to the stream, so it passes unnoticed",
            excerpt=multilang.excerpt(protocol.storm_json(emit.values)),
        )

    def _direct(self, emit: Emit, task: int, outlets: Sequence[Outlet]) -> Sequence[int]:
        if not self.profile.direct_emit_works:
            raise ProtocolError(
                f"a direct emit to task {task}",
                storm="every direct emit of a component kills its worker from Storm 2.6 on (Integer cannot be "
                "cast to Long); it works up to 2.5",
            )
        for outlet in outlets:
            if task in outlet.tasks:
                if outlet.choose is None:
                    return (task,)
                raise ProtocolError(
                    f'a direct emit to task {task} of "{outlet.component}", which does not listen :direct '
                    f'to stream "{emit.stream}"',
                    storm="the worker dies: Cannot emitDirect to a task expecting a regular grouping",
                )
        if not self.strict:
            return ()
        raise ProtocolError(
            f'a direct emit to task {task}, which does not listen to stream "{emit.stream}"',
            storm="the tuple is dropped silently",
        )


def _listed(names: Sequence[str] | Mapping[str, object]) -> str:
    return "[" + " ".join(f'"{name}"' for name in names) + "]"


def as_java_keeps_it(emit: Emit) -> Emit:
    """The emit with every JSON object in the order of a HashMap, in which Storm keeps and sends it on."""
    if type(emit.id) in _NESTED:
        emit.id = _ordered(emit.id)
    if not _NESTED.isdisjoint(map(type, emit.values)):
        emit.values = [_ordered(value) for value in emit.values]
    return emit


def printed(emit: Emit) -> tuple[str, bool]:
    """Its values as Storm prints them, brought into Java's order, and whether they were plain."""
    text = plain_json(emit.values)
    if text is not None and type(emit.id) not in _NESTED:
        return text, True
    as_java_keeps_it(emit)
    return protocol.storm_json(emit.values), False


_NESTED = frozenset({dict, list})


def _ordered(value: object) -> object:
    if isinstance(value, dict):
        return {key: _ordered(value[key]) for key in map_order(value)}
    if isinstance(value, list):
        return [_ordered(item) for item in value]
    return value


MOST_TURNS = 128  # of a spout in one wave: hides the round trip; more would only hold its acks up

# -- tasks ------------------------------------------------------------------------------------------------------

Listener = Callable[[int, protocol.Log], None]


@dataclass
class Task:
    """What spouts and bolts share: who it is, what it did in this wave, and how the wave went for it."""

    id: int
    component: str
    index: int  # within its component, from 0
    worker: int
    ours: bool  # run by streamparse.run: single-threaded, and an error brings a sync with it
    outlets: Outlets
    dialect: protocol.Dialect
    on_log: Listener
    orders: list[Order] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    outcome: Outcome = None
    through: bool = True  # nothing more is expected before there is more work
    last_error: str = ""
    handed: Sequence[Delivery] = ()  # tuples to begin with
    opening: bytes = b""  # what is written behind them
    is_local: bool = field(
        default=False, init=False
    )  # answered by the simulator; there is no process
    seconds: float = (
        0.0  # real time its process took, measured by the transport; never in the trace
    )
    _introduced: bool = False  # the handshake has been answered

    def __post_init__(self) -> None:
        self.origin = Origin(self.component, self.id)

    def greet(self, handshake: bytes) -> None:
        """Begin the conversation; the component answers with its pid."""
        self.handed, self.opening = (), handshake
        self.through = False

    def whole_opening(self) -> bytes:
        """What is to be written first."""
        if not self.handed:
            return self.opening
        texts = [delivery.message() for delivery in self.handed]
        return "\nend\n".join([*texts, ""]).encode("utf-8", "replace") + self.opening

    def receive(self, frame: bytes) -> bytes:
        """Take one message; return what is to be written in answer, often nothing.

        Raises:
            ProtocolError: the component said what Storm does not accept.
            Crash: an order strikes here.
        """
        if not self._introduced:
            protocol.parse_pid(frame, self.dialect)
            self._introduced = True
            return self._begun()
        return self._take(parse(frame, self.dialect))

    def receive_unprinted(self, message: Mapping[str, object]) -> bytes | None:
        """Take one message as the component made it; None when nobody can tell what it is before it is JSON.

        Raises:
            ProtocolError, Crash: as ``receive``.
        """
        if not self._introduced or self.dialect != protocol.NEWEST:
            return None
        said = unprinted(message)
        return None if said is None else self._take(said)

    def receive_all(self, block: bytes) -> tuple[bytes, Sequence[bytes]]:
        """Take whole messages, each with its line ``end``, until it is through or one wants a closer look.

        Returns:
            What is to be written in answer, and the messages that have not been taken.

        Raises:
            ProtocolError, Crash: as ``receive``; what it said before is done.
        """
        messages = parse_all(block, self.dialect) if self._introduced else None
        if messages is None:
            return b"", Reader().feed(block)
        take, replies, untaken = self._take, [], iter(messages)
        for message in untaken:
            if reply := take(message):
                replies.append(reply)
            if self.through:
                break
        left = len([*untaken])
        return b"".join(replies), Reader().feed(block)[-left:] if left else ()

    def _begun(self) -> bytes:
        raise NotImplementedError

    def _take(self, message: Message) -> bytes:
        raise NotImplementedError

    def _common(self, message: Message) -> bytes:
        if isinstance(message, protocol.Log):
            self.on_log(self.id, message)
        elif isinstance(message, protocol.Error):
            self.last_error = message.message
            self.effects.append(Reported(message.message))
        elif isinstance(message, protocol.Metrics):
            raise ProtocolError(
                f"a value for the metric {message.name!r}, which no topology file can register",
                storm=f"the worker dies: Could not find metric by name[{message.name}]",
            )
        return b""

    def _strike(self, point: str) -> None:
        for order in self.orders:
            if isinstance(order, CrashOrder) and order.strikes(self.id, point):
                raise Crash(order)


@dataclass
class SpoutTask(Task):
    """One command at a time, each answered with ``sync``; emits are routed and answered in between."""

    activates: bool = True
    nested_ack: bool = False  # no ackers: a reliable emit is acked inside the emit
    false_is_an_id: bool = True
    error_kills: bool = False
    inbox: deque[Settlement | Switch] = field(default_factory=deque)
    silent_turns: int = 0  # turns in a row without an emit
    turns_taken: int = 0  # in this wave
    _burst: int = (
        1  # turns in one wave; doubled while it emits, so that a quiet spout is not held up
    )
    _to_tell: deque[Settlement | Switch] = field(default_factory=deque)  # of this wave
    _turns: int = 0  # of this wave
    _tells: int = 0  # acks and fails written and not yet synced
    _outstanding: int = 0  # commands written and not yet synced
    _nested: int = 0  # acks written inside an emit
    _emitted: bool = False  # in this turn

    def __post_init__(self) -> None:
        super().__post_init__()
        # Ours reads one command after the other, however many are in the pipe; nobody else is trusted with that.
        # An ack inside an emit has to come before the next command.
        nests = self.nested_ack or self.outlets.profile.unreceived == "nested"
        self._takes_all = self.ours and not nests

    def work(self, *, turns: int, room: int | None) -> None:
        """Everything in the inbox, then up to ``turns`` times ``next``.

        ``room`` is how many reliable tuples it may still emit before ``topology.max.spout.pending``; None: any.
        """
        turns = min(turns, self._burst)
        self._turns = turns if room is None else min(turns, max(room, 0))
        # What is routed while this wave is on is for the next one, however this task is scheduled in it.
        self._to_tell, self.inbox = self.inbox, deque()
        self.turns_taken = 0
        self._emitted = False
        self.through = False
        self.opening = self._all() if self._takes_all else self._continue()

    @property
    def untold(self) -> int:
        """How many acks and fails are on their way to it, and so neither pending nor told."""
        told = [each for each in self.effects if isinstance(each, Told)]
        # One of an emit that was acked inside of it was never waited for.
        awaited = [each for each in told if each.settlement.emitted_ms >= 0]
        waiting = [each for each in (*self.inbox, *self._to_tell) if isinstance(each, Settlement)]
        return len(waiting) + len(awaited)

    def _begun(self) -> bytes:
        if self.activates:
            self._tells = self._outstanding = 1
            return protocol.command("activate")
        self.through = True
        return b""

    def _all(self) -> bytes:
        """Every command of this wave."""
        tells = [self._tell(settlement) for settlement in self._to_tell]
        self._to_tell.clear()
        self._tells = len(tells)
        self._outstanding = self._tells + self._turns
        self.through = not self._outstanding
        return b"".join(tells) + protocol.NEXT * self._turns

    def _continue(self) -> bytes:
        """The next command, once the last one is through."""
        if self._to_tell:
            self._tells = self._outstanding = 1
            return self._tell(self._to_tell.popleft())
        if self._turns > self.turns_taken:
            self._outstanding = 1
            return protocol.NEXT
        self.through = True
        return b""

    def _synced(self) -> bytes:
        self._outstanding -= 1
        if self._nested:
            self._nested -= (
                1  # the first syncs end them, as in Storm, and the last ends the command
            )
        elif self._tells:
            self._tells -= 1
        else:
            self._end_turn()
        if self._outstanding > 0:
            return b""
        if self._takes_all:
            self.through = True
            return b""
        return self._continue()

    def _end_turn(self) -> None:
        self.turns_taken += 1
        if self._emitted:
            self.silent_turns = 0
            self._burst = min(self._burst * 2, MOST_TURNS)
        else:
            self.silent_turns += 1
            self._burst = 1
            if not self._takes_all:
                self._turns = 0  # Storm waits after a silent turn, so the wave ends for this spout
        self._emitted = False

    def _tell(self, settlement: Settlement | Switch) -> bytes:
        if isinstance(settlement, Switch):
            return protocol.command(settlement.command)
        self.effects.append(Told(settlement.verb, settlement))
        return protocol.command(settlement.verb, settlement.message_id)

    def _take(self, message: Message) -> bytes:
        if type(message) is Emit:
            return self._take_emit(message)
        if type(message) is Sync:
            return self._synced()
        if isinstance(message, protocol.Error) and self.error_kills:
            raise ProtocolError(
                f"an error message, which Storm 0.9 knows only of bolts: {_last_line(message.message)}",
                storm="the worker dies: Unknown command received: error",
            )
        if isinstance(message, (protocol.Log, protocol.Error, protocol.Metrics)):
            return self._common(message)
        name = (
            message.command
            if isinstance(message, protocol.Unknown)
            else type(message).__name__.lower()
        )
        raise ProtocolError(
            f'the command "{name}" from a spout',
            storm=f"the worker dies: Unknown command received: {name}",
        )

    def _take_emit(self, emit: Emit) -> bytes:
        text, is_plain = printed(emit)
        targets = self.outlets.choose(emit)
        self._emitted = not self._tells  # what it emits at an ack or a fail makes no turn
        self.effects.append(Emitted(emit, text, is_plain, targets, (), self.turns_taken))
        if self.reliable(emit) and (
            self.nested_ack or (not targets and self.outlets.profile.unreceived == "nested")
        ):
            return self._ack_inside(emit)
        if emit.need_task_ids and emit.task is None:
            return protocol.task_ids(targets)
        return b""

    def reliable(self, emit: Emit) -> bool:
        """Whether Storm tracks this tuple: it has a message id (``false`` is one since 2.0)."""
        return emit.id is not None and (emit.id is not False or self.false_is_an_id)

    def _ack_inside(self, emit: Emit) -> bytes:
        """SpoutOutputCollectorImpl without ackers: ack() is called before the emit returns."""
        if emit.need_task_ids and emit.task is None:
            raise ProtocolError(
                f"a reliable emit (id {protocol.storm_json(emit.id)}) that waits for task ids where nothing "
                "tracks it; use need_task_ids=False, or have ackers and a subscriber",
                storm="both sides wait for each other until the heartbeat timeout, then the worker dies",
            )
        self._outstanding += 1
        self._nested += 1
        return self._tell(Settlement("ack", emit.id, -1))


@dataclass
class BoltTask(Task):
    """Tuples in, effects out, and the barrier behind them."""

    inbox: deque[Delivery] = field(default_factory=deque)
    awaits_tick: bool = False  # it is ticked, and has not been since its last tuple
    held: dict[str, Delivery] = field(default_factory=dict)
    batch: list[Delivery] = field(default_factory=list)  # what this wave handed over, for messages
    last_failed: Delivery | None = None  # in this wave, for messages
    style: Literal["extra", "plain", "unknown"] = "unknown"  # does an error bring a sync with it?
    _written: int = 0  # heartbeats written, or syncs otherwise certain to come
    _synced: int = 0
    _goal: int = 0  # the sync that proves the barrier of this round
    _unsure: int = 0  # errors that may or may not have brought a sync
    _after_error: bool = False
    _answered: bool = False  # task ids were written in this round

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.ours:
            self.style = "extra"

    def work(self, limit: int | None = None) -> None:
        """Hand over what is in the inbox, at most ``limit`` tuples, and the barrier behind it."""
        inbox = self.inbox
        count = len(inbox) if limit is None else min(limit, len(inbox))
        self.batch = [inbox.popleft() for _ in range(count)]
        self.last_failed = None
        self.through = False
        self.handed = [delivery for delivery in self.batch if self._take_in(delivery)]
        self.opening = self._barrier()

    def _take_in(self, delivery: Delivery) -> bool:
        """Hold a tuple; whether the component is told of it."""
        if delivery.stream == multilang.TIMER_STREAM:
            return True
        self.held[delivery.id] = delivery
        return not (self.orders and delivery.source is not SYSTEM and self._hangs())

    def _hangs(self) -> bool:
        """Whether an order says that this tuple is taken and never settled."""
        return any(isinstance(order, HangOrder) and order.takes(self.id) for order in self.orders)

    def _begun(self) -> bytes:
        return self._barrier()

    def _barrier(self) -> bytes:
        """One heartbeat, and one more for each error whose sync may stand in the pipe before it."""
        beats = 1 + self._unsure
        self._goal = self._written + beats
        self._answered = False
        return self._beat(beats)

    def _beat(self, count: int) -> bytes:
        first = self._written + 1
        self._written += count
        return b"".join(protocol.heartbeat(str(-n)) for n in range(first, first + count))

    def _take(self, message: Message) -> bytes:
        kind = type(message)
        if kind is Sync:
            return self._sync()
        if self._after_error:
            self._no_sync_came()
        if kind is Emit:
            return self._take_emit(message)  # type: ignore[arg-type]  # kind says so
        if kind is Ack or kind is Fail:
            return self._settle(message)  # type: ignore[arg-type]  # kind says so
        if kind is protocol.Error:
            return self._common(message) + self._error()
        if kind is protocol.Timer:
            self.effects.append(TimerSet(message.after_ms))  # type: ignore[union-attr]  # kind says so
            return b""
        if kind is protocol.Unknown and self.outlets.strict:
            raise ProtocolError(
                f'the unknown command "{message.command}"',  # type: ignore[union-attr]  # kind says so
                storm="a message to a ShellBolt with an unknown command is ignored silently",
            )
        return self._common(message)

    def _take_emit(self, emit: Emit) -> bytes:
        if self.orders:
            self._strike("emit")
        text, is_plain = printed(emit)
        held = self.held
        try:
            anchors = [held[anchor] for anchor in emit.anchors]
        except KeyError as missing:
            raise self._not_held(str(missing.args[0])) from None
        targets = self.outlets.choose(emit)
        self.effects.append(Emitted(emit, text, is_plain, targets, anchors))
        if not emit.need_task_ids or emit.task is not None:
            return b""
        self._answered = True
        return protocol.task_ids(targets)

    @staticmethod
    def _not_held(tuple_id: str) -> ProtocolError:
        return ProtocolError(
            f"an emit anchored to tuple {tuple_id}, which it has settled already or never had",
            storm=f"the worker dies: Anchored onto {tuple_id} after ack/fail",
        )

    def _settle(self, message: Ack | Fail) -> bytes:
        verb: Literal["ack", "fail"] = "ack" if type(message) is Ack else "fail"
        tuple_id = message.id
        if type(tuple_id) is not str:
            tuple_id = self._id_as_text(verb, tuple_id)
        delivery = self.held.get(tuple_id)
        if self.orders and delivery is not None and delivery.source is not SYSTEM:
            self._strike(verb)
        self.held.pop(tuple_id, None)
        if delivery is None:
            raise ProtocolError(
                f"{verb} of tuple {tuple_id}, which it has settled already or never had",
                storm=_not_there(verb, tuple_id),
            )
        if delivery.source is not SYSTEM:
            self.effects.append(Settled(verb, delivery))
            if verb == "fail":
                self.last_failed = delivery
        return b""

    def _id_as_text(self, verb: str, said: object) -> str:
        """ShellMsg.setId takes ``id.toString()``: what is no text is a mistake, for real ids have up to 19 digits."""
        text = protocol.storm_json(said)
        if self.outlets.strict or text not in self.held:
            raise ProtocolError(
                f"{verb} of {multilang.excerpt(text)}, which is no tuple id: ids are texts",
                storm=_not_there(verb, text),
            )
        return text

    def in_hand(self) -> list[Delivery]:
        """The tuples that it is likeliest at work on: the one it failed last, else those it holds of this batch."""
        if self.last_failed is not None:
            return [self.last_failed]
        held = [each for each in self.batch if each.id in self.held] or self.held.values()
        return [each for each in held if each.source.task >= 0]

    # The barrier has to count syncs that carry no id. After an error some libraries send a sync of their own
    # (ours does, but for an error that user code sends by hand), others do not; until it is known which, each error
    # costs one more heartbeat, so that the sync waited for can only be one that was written behind the batch.

    def _error(self) -> bytes:
        if self.style == "extra":
            self._written += 1
            self._goal += 1
            self._after_error = self.ours
        elif self.style == "unknown":
            self._after_error = True
            self._unsure += 1
            self._goal += 1
            return self._beat(1)
        return b""

    def _no_sync_came(self) -> None:
        if self.ours:
            self._written -= 1
            self._goal -= 1
            self._after_error = False
        else:
            self._learn("plain")

    def _learn(self, style: Literal["extra", "plain"]) -> None:
        if style == "plain":
            self._goal -= self._unsure
        else:
            self._written += self._unsure
        self.style = style
        self._unsure = 0
        self._after_error = False

    def _sync(self) -> bytes:
        self._after_error = False
        self._synced += 1
        if self._synced > self._written:
            if self.style != "unknown" or not self._unsure:
                raise ProtocolError(
                    "a sync that nothing asked for",
                    storm="a ShellBolt ignores it; here it would end a barrier too early",
                )
            self._learn("extra")
        if self._synced < self._goal:
            return b""
        if self._answered and not self.ours:
            # An asynchronous library may act on task ids after it has answered the heartbeat: ask once more.
            return self._barrier()
        self.through = True
        return b""


def _not_there(verb: str, tuple_id: str) -> str:
    return f"the worker dies: {verb.capitalize()}ed a non-existent or already acked/failed id: {tuple_id}"


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else ""

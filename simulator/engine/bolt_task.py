"""Storm's half of the conversation with a bolt: tuples in, effects out, and a barrier behind them.

Source: ``ShellBolt``, ``BoltOutputCollectorImpl`` (0.9.5 to 2.8.3).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Literal

from simulator.engine.barrier import Barrier
from simulator.engine.clock import Agenda
from simulator.engine.effects import (
    SYSTEM,
    Delivery,
    Effect,
    Emitted,
    Handed,
    Outcome,
    Settled,
    TimerSet,
    print_values,
)
from simulator.engine.faults import HangOrder
from simulator.engine.servers import Queue, Server
from simulator.engine.task import Task
from simulator.wire import Ack, Emit, Fail, Message, Sync, protocol, storm_json
from streamparse import multilang
from streamparse.multilang import MESSAGE_END, ProtocolError


class Heartbeat:
    """A heartbeat between two tuples.

    Args:
        frame: its bytes.
    """

    is_long = False

    def __init__(self, frame: bytes) -> None:
        self._frame = frame

    def message(self) -> str:
        """Its JSON text."""
        return self._frame.removesuffix(MESSAGE_END.encode()).decode()

    def parts(self) -> list[bytes]:
        """Its bytes."""
        return [self._frame]

    def unprinted(self) -> str:
        """Its JSON text, as a component of this process reads it."""
        return self.message()


@dataclass
class BoltTask(Task):
    """A bolt's task.

    Attributes:
        inbox: the tuples that it is to be handed.
        awaits_tick: whether it has been handed a tuple since its last tick, and has ticks.
        held: the tuples that it was handed and has not settled, by id.
        batch: the tuples of this wave; a failure names them.
        last_failed: the tuple that it failed last in this wave; a failure names it.
        failing: the tuples that it was working on at its last error in this wave, as it has said; a failure names them.
        prepared: what the component has said to the first inputs in line, which are not yet in service.
        is_preparing: whether it is about to say that.
    """

    _messages = ("emit", "ack", "fail")

    inbox: deque[Delivery] = field(default_factory=deque)
    awaits_tick: bool = False
    held: dict[str, Delivery] = field(default_factory=dict)
    batch: list[Delivery] = field(default_factory=list)
    last_failed: Delivery | None = None
    failing: list[Delivery] = field(default_factory=list)
    prepared: deque[tuple[list[Effect], Outcome]] = field(default_factory=deque)
    is_preparing: bool = False
    _unstruck: list[Delivery] = field(default_factory=list)  # of this turn, see _strike_idle
    _hung: set[str] = field(default_factory=set)  # that an order has it hold for ever
    _given_up: set[str] = field(default_factory=set)  # that it was waited for in vain
    #: Of what was said to each prepared input but the last.
    _ends: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._barrier = Barrier(self.single_threaded)

    def serve_by(self, server: Server, agenda: Agenda[Any]) -> None:
        super().serve_by(server, agenda)
        queue = Queue(agenda, server.load, server.limits)
        for delivery in self.inbox:
            queue.append(delivery)
        self.inbox = queue

    def work(self, limit: int | None = None) -> None:
        """Hand over what is in the inbox, at most ``limit`` tuples, and the barrier behind it."""
        inbox = self.inbox
        count = len(inbox) if limit is None else min(limit, len(inbox))
        self.batch = [inbox.popleft() for _ in range(count)]
        self._unstruck = self.batch if self.orders else []
        self.turn_from = 0
        self.last_failed = None
        self.failing = []
        self.done = False
        self.handed = [delivery for delivery in self.batch if self._hold(delivery)]
        self.opening = self._barrier.begin()

    def prepare(self, most: int) -> None:
        """Have the component work on the inputs that wait, at most so many, before their services begin.

        What it says to each is kept apart by a heartbeat behind it, and taken by ``begin_prepared``. It is the same as
        if each had been handed over in its turn: a component that speaks in its turns only, and sees no clock, cannot
        tell. The conversations are fewer, which is all.
        """
        self.turn_from = 0
        self.last_failed = None
        self.failing = []
        self.done = False
        self._ends = []
        handed: list[Handed] = []
        for delivery in islice(self.inbox, most):
            if handed:
                handed.append(Heartbeat(self._barrier.begin()))
            self._hold(delivery)
            handed.append(delivery)
        self.handed = handed
        self.opening = self._barrier.begin()
        self.is_preparing = True

    def keep_prepared(self) -> None:
        """Keep what the component has said to each input apart; its end belongs to the last that it began."""
        begin = 0
        for end in self._ends:
            self.prepared.append((self.effects[begin:end], None))
            begin = end
        self.prepared.append((self.effects[begin:], self.outcome))
        self.effects, self.outcome = [], None
        self.is_preparing = False

    def begin_prepared(self) -> None:
        """Begin the service of the first input, whose answer is prepared, or about to be."""
        self.batch = [self.inbox.popleft()]

    @property
    def has_answer(self) -> bool:
        return bool(self.prepared)

    def answer_prepared(self) -> None:
        """Say what the component has said to the input in service."""
        self.effects, self.outcome = self.prepared.popleft()

    def _hold(self, delivery: Delivery) -> bool:
        """Hold a tuple; return whether the component is handed it: not where it is to hang."""
        if delivery.stream == multilang.TIMER_STREAM:
            return True
        self.held[delivery.id] = delivery
        if self.orders and delivery.source is not SYSTEM and self._hangs():
            self._hung.add(delivery.id)
            return False
        return True

    def _hangs(self) -> bool:
        """Count a tuple; return whether an order has it taken and never settled."""
        return any(isinstance(order, HangOrder) and order.takes(self.id) for order in self.orders)

    @property
    def holds_data(self) -> int:
        """The number of tuples that it holds, without ticks."""
        return sum(held.source.task >= 0 for held in self.held.values())

    @property
    def owes_data(self) -> bool:
        """True when it holds tuples that it was handed and may settle outside its turns: those not given up."""
        return any(
            held.source.task >= 0 and held.id not in self._hung and held.id not in self._given_up
            for held in self.held.values()
        )

    def give_up(self) -> None:
        """Wait no more for what it holds now: it was given the time to settle it."""
        self._given_up = set(self.held)

    @property
    def in_hand(self) -> list[Delivery]:
        """The tuples that it is probably at work on.

        They are those that it has named, or the one that it failed last, or those of this batch that it holds.

        When it holds none of this batch, it is all that it holds.
        """
        if self.failing:
            return [each for each in self.failing if each.source.task >= 0]
        if self.last_failed is not None:
            return [self.last_failed]
        held = [each for each in self.batch if each.id in self.held] or self.held.values()
        return [each for each in held if each.source.task >= 0]

    def _begun(self) -> bytes:
        return self._barrier.begin()

    def _take(self, message: Message) -> bytes:
        kind = type(message)
        if kind is Sync:
            return self._take_sync()
        if self._barrier.awaits_error_sync:
            self._barrier.no_sync_came()
        if kind is Emit:
            return self._take_emit(message)  # type: ignore[arg-type]  # kind says so
        if kind is Ack or kind is Fail:
            return self._settle(message)  # type: ignore[arg-type]  # kind says so
        if kind is protocol.Error:
            assert isinstance(message, protocol.Error)
            failing = [self.held[each] for each in message.held if each in self.held]
            self.failing = failing or self.failing
            return self._common(message) + self._barrier.error(
                by_hand=self.single_threaded and not message.sync_follows
            )
        if kind is protocol.Timer:
            self.effects.append(TimerSet(message.after_ms))  # type: ignore[union-attr]  # kind says so
            return b""
        if kind is protocol.Unknown and self.subscribers.strict:
            raise ProtocolError(
                f'the unknown command "{message.command}"',  # type: ignore[union-attr]  # kind says so
                storm="a message to a ShellBolt with an unknown command is ignored silently",
            )
        return self._common(message)

    def _take_sync(self) -> bytes:
        self._strike_started()
        if self.is_heard:
            self.stray_syncs += 1  # no heartbeat is out
            return b""
        is_of_error = self._barrier.awaits_error_sync
        if not self._barrier.sync():
            if not is_of_error:
                self._ends.append(len(self.effects))
            return b""
        if self._barrier.has_answered and not self.single_threaded:
            # An asynchronous library may act on task ids after it has answered the heartbeat: ask again.
            return self._barrier.begin()
        if self.orders:
            self._strike_idle()
        self.done = True
        return b""

    def _strike_idle(self) -> None:
        """Strike behind what it was handed in this turn: it is idle now."""
        batch, self._unstruck = self._unstruck, []
        for delivery in batch:
            if delivery.source is not SYSTEM:
                self._strike("tuple", after=True)
            elif delivery.stream == multilang.TICK_STREAM:
                self._strike("tick", after=True)

    @property
    def _uncounted(self) -> Sequence[str]:
        return [each.id for each in self.held.values() if each.source is SYSTEM]

    def _take_emit(self, emit: Emit) -> bytes:
        if self.orders:
            self._strike("emit")
        text, is_plain = print_values(emit)
        held = self.held
        try:
            anchors = [held[anchor] for anchor in emit.anchors]
        except KeyError as missing:
            raise self._not_held(str(missing.args[0])) from None
        targets = self.subscribers.choose(emit)
        self.effects.append(Emitted(emit, text, is_plain, targets, anchors))
        if self.orders:
            self._strike("emit", after=True)
        if not emit.need_task_ids or emit.task is not None:
            return b""
        self._barrier.has_answered = True
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
            self.turn_from = len(self.effects)
            if verb == "fail":
                self.last_failed = delivery
            if self.orders:
                self._strike(verb, after=True)
        return b""

    def _id_as_text(self, verb: str, tuple_id: object) -> str:
        """The text of an id that is no text, as ShellMsg.setId makes it: ``id.toString()``.

        It is a mistake all the same: the ids of a real Storm have up to 19 digits, which not every language can hold.

        Raises:
            ProtocolError: strictly, or when it holds no such tuple.
        """
        text = storm_json(tuple_id)
        if self.subscribers.strict or text not in self.held:
            raise ProtocolError(
                f"{verb} of {multilang.excerpt(text)}, which is no tuple id: ids are texts",
                storm=_not_there(verb, text),
            )
        return text


def _not_there(verb: str, tuple_id: str) -> str:
    return f"the worker dies: {verb.capitalize()}ed a non-existent or already acked/failed id: {tuple_id}"

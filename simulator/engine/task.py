"""Storm's half of the conversation with one component process, without any I/O: what spouts and bolts share.

A task is given work (commands for a spout, tuples for a bolt) and gives the bytes to write. It is fed the messages
that come back, answers those that need an answer at once (with task ids), and is done when the component is. What the
component did is kept as a list of effects, which the router takes in the order of the wave. So an answer depends on
this task alone, and never on which task was faster.

Source: ``ShellSpout``, ``ShellBolt`` (0.9.5 to 2.8.3).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from simulator.engine.clock import Agenda
from simulator.engine.effects import (
    Effect,
    Handed,
    Logged,
    Origin,
    Outcome,
    Reported,
    Slept,
    bounded,
)
from simulator.engine.faults import Crash, CrashOrder, Order
from simulator.engine.servers import Server
from simulator.engine.subscribers import Subscribers
from simulator.wire import Message, parse, parse_all, protocol, unprinted
from streamparse.multilang import ProtocolError, Reader

LogListener = Callable[[int, protocol.Log | protocol.Debugger], None]


@dataclass
class Task:
    """One task, and what it did in this wave.

    Attributes:
        id: its number.
        component: its component's id.
        index: its place within the component, from 0.
        worker: its worker, from 0.
        single_threaded: whether streamparse runs it: it reads one message after the other, and sends a sync behind an
            error.
        subscribers: where its tuples go.
        dialect: how its Storm reads JSON.
        on_log: called with the task id and each log message.
        orders: the crashes and hangs that are to be injected into it.
        effects: what the component has done, and the router has not taken yet.
        outcome: how it ended: a death or a broken protocol; None while it can go on.
        done: whether it has finished its work.
        last_error: its last ``error`` message.
        handed: the tuples that are to be written first.
        opening: the bytes that are to be written behind them.
        is_local: whether the simulator stands in for it, so that there is no process.
        seconds: the real time that its process took. The transport measures it, and it is never in the trace.
        is_debugged: whether a debugger waits in its component, or has waited: its silence means nothing.
        has_threads: whether the component has other threads, as it has said.
        has_spoken: whether it has said something outside its turns.
        is_down: whether its worker has died and is not up again: what is sent to it is lost.
        in_turn: whether it has been in one turn for long, and goes on to emit in it: others go on meanwhile.
        is_heard: whether what it says now belongs to no turn.
        stray_syncs: the syncs that came while what it said belonged to no turn.
        slept_until_ms: up to when it has slept on a virtual clock, in milliseconds.
        said_until_ms: when the last of what it has said in a turn that goes on takes effect.
        turn_from: the number of effects at the end of its last turn, or at its last ack or fail, in this wave.
        said_nothing: whether it was given real time to speak outside its turns, and has said nothing; once it has
            spoken, it is asked again behind the next tuple that it is handed.
        kept: what it has said and cannot be sent, since a queue is full: it takes nothing more until it is gone.
        server: what takes its time; None where its work takes none.
        done_ms: when its service ends, in virtual milliseconds; None while it is in none.
        silent_ms: when Storm gives it up, since it is silent for too long in its service; None where it is not.
        has_ended: whether it has ended in a service: it can begin no other, though nobody knows before the end of this.
        origin: the component and the task, as its tuples name them.
        start_crash: the crash that strikes in this start; None where none does.
        steps: the steps of its ``initialize``, by file and line; None where it was not asked for them.
    """

    #: The points that are messages of the component.
    _messages: ClassVar[Collection[str]] = ("emit",)

    id: int
    component: str
    index: int
    worker: int
    single_threaded: bool
    subscribers: Subscribers
    dialect: protocol.Dialect
    on_log: LogListener
    orders: list[Order] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    outcome: Outcome = None
    done: bool = True
    last_error: str = ""
    handed: Sequence[Handed] = ()
    opening: bytes = b""
    is_local: bool = field(default=False, init=False)
    seconds: float = 0.0
    is_debugged: bool = field(default=False, init=False)
    has_threads: bool = field(default=False, init=False)
    has_spoken: bool = field(default=False, init=False)
    is_down: bool = field(default=False, init=False)
    in_turn: bool = field(default=False, init=False)
    turn_from: int = field(default=0, init=False)
    is_heard: bool = field(default=False, init=False)
    slept_until_ms: int = field(default=0, init=False)
    stray_syncs: int = field(default=0, init=False)
    said_until_ms: int = field(default=0, init=False)
    said_nothing: bool = field(default=False, init=False)
    server: Server | None = field(default=None, init=False)
    kept: deque[Effect] = field(default_factory=deque, init=False)
    done_ms: int | None = field(default=None, init=False)
    silent_ms: int | None = field(default=None, init=False)
    has_ended: bool = field(default=False, init=False)
    start_crash: CrashOrder | None = field(default=None, init=False)
    steps: Sequence[str] | None = field(default=None, init=False)
    _is_armed: bool = False  # its process has been told of a crash to come
    _introduced: bool = False  # the handshake has been answered

    def __post_init__(self) -> None:
        self.origin = Origin(self.component, self.id)

    @property
    def is_introduced(self) -> bool:
        """True once its component has answered the handshake."""
        return self._introduced

    def serve_by(self, server: Server, agenda: Agenda[Any]) -> None:
        """Have its work take time, from now on."""
        server.restart(agenda.now_ms)
        self.server = server

    def sleep_until(self, ms: int) -> None:
        """Have what it says from here on happen at this virtual millisecond, up to which it has slept."""
        if ms > self.slept_until_ms:
            self.slept_until_ms = ms
            self.effects.append(Slept(ms))

    def begin(self, handshake: bytes) -> None:
        """Begin the conversation with the handshake, which the component answers with its pid."""
        self.handed, self.opening = (), handshake
        self.done = False

    @property
    def has_answer(self) -> bool:
        """True when what it says in this wave is known already."""
        return False

    @property
    def may_speak(self) -> bool:
        """True when it may say something outside its turns: it has threads, or is of another language."""
        return self.has_threads or self.has_spoken or not self.single_threaded

    def hear(self) -> None:
        """Begin to listen: what it says belongs to no turn, unless it is in one."""
        self.handed, self.opening = (), b""
        self.done = False
        self.is_heard = not self.in_turn

    def heard(self) -> Sequence[bytes]:
        """End to listen; return what is for its next turn."""
        left, self.stray_syncs = self.stray_syncs, 0
        self.in_turn = self.in_turn and not self.done
        self.done = not self.in_turn
        self.is_heard = False
        return [protocol.SYNC_TEXT] * left

    def whole_opening(self) -> bytes:
        """The bytes that are to be written first."""
        if not self.handed:
            return self.opening
        texts = [delivery.message() for delivery in self.handed]
        return "\nend\n".join([*texts, ""]).encode("utf-8", "replace") + self.opening

    def opening_parts(self) -> Sequence[bytes]:
        """``whole_opening`` in parts: long values are one part, the same for every task that gets them."""
        if not any(delivery.is_long for delivery in self.handed):
            return (self.whole_opening(),)
        return [*(part for delivery in self.handed for part in delivery.parts()), self.opening]

    def receive(self, frame: bytes) -> bytes:
        """Take one message; return the bytes to write in answer, which are often none.

        Raises:
            ProtocolError: Storm does not accept the message.
            Crash: an order strikes at the message.
        """
        if not self._introduced:
            if frame.startswith(b'{"command": "debugger"'):
                return self._common(parse(frame, self.dialect))
            protocol.parse_pid(frame, self.dialect)
            return self._introduce()
        try:
            return self._take(parse(frame, self.dialect))
        except ProtocolError as error:
            error.place = protocol.place_of(frame)
            raise

    def receive_unprinted(self, message: Mapping[str, object]) -> bytes | None:
        """Take one message as the component made it, without its JSON; see ``receive``.

        Returns:
            The bytes to write in answer; None when the message was not taken and has to be printed.

        Raises:
            ProtocolError, Crash: as ``receive``.
        """
        if self.dialect is not protocol.NEWEST and self.dialect != protocol.NEWEST:
            return None
        if not self._introduced:
            is_plain = len(message) == 1 and type(message.get("pid")) is int
            return self._introduce() if is_plain else None
        parsed = unprinted(message)
        return None if parsed is None else self._take(parsed)

    def _introduce(self) -> bytes:
        """Take the answer to the handshake; return the bytes to write then.

        Raises:
            Crash: an order strikes before ``initialize``.
        """
        self._introduced = True
        if self.start_crash is None or self.start_crash.step:
            return self._begun()
        if self.start_crash.after is None:
            raise Crash(self.start_crash)
        return b"" if self.single_threaded else self._begun()

    def receive_all(self, block: bytes) -> tuple[bytes, Sequence[bytes]]:
        """Take whole messages, each with its line ``end``, until the task is done.

        Returns:
            The bytes to write in answer, and the messages that have not been taken: those behind the last one, or all
            when one of them has to be read by itself.

        Raises:
            ProtocolError, Crash: as ``receive``; the messages before it have been taken.
        """
        messages = parse_all(block, self.dialect) if self._introduced else None
        if messages is None:
            return b"", Reader().feed(block)
        take, replies, untaken, taken = self._take, [], iter(messages), 0
        try:
            for message in untaken:
                taken += 1
                if reply := take(message):
                    replies.append(reply)
                if self.done:
                    break
        except ProtocolError as error:
            error.place = protocol.place_of(Reader().feed(block)[taken - 1])
            raise
        left = len([*untaken])
        return b"".join(replies), Reader().feed(block)[-left:] if left else ()

    def _begun(self) -> bytes:
        """The bytes to write once the handshake has been answered."""
        raise NotImplementedError

    def _take(self, message: Message) -> bytes:
        raise NotImplementedError

    def _common(self, message: Message) -> bytes:
        if isinstance(message, protocol.Clock):
            self.sleep_until(message.ms)
        elif isinstance(message, protocol.Steps):
            self._take_steps(message)
        elif isinstance(message, protocol.Threads):
            self.has_threads = True
        elif isinstance(message, (protocol.Log, protocol.Debugger)):
            waits = isinstance(message, protocol.Debugger) and bool(message.address)
            self.is_debugged = self.is_debugged or waits
            if self.server is None or isinstance(message, protocol.Debugger):
                self.on_log(self.id, message)
            else:
                self.effects.append(Logged(message))
        elif isinstance(message, protocol.Error):
            self.last_error = bounded(message.message)
            self.effects.append(Reported(self.last_error))
        elif isinstance(message, protocol.Metrics):
            raise ProtocolError(
                f"a value for the metric {message.name!r}, which no topology file can register",
                storm=f"the worker dies: Could not find metric by name[{message.name}]",
            )
        return b""

    def _take_steps(self, message: protocol.Steps) -> None:
        self.steps = message.places
        order = self.start_crash
        if order is not None and order.strikes_at_step(message.places, crashes=message.crashes):
            raise Crash(order)

    def _strike(self, point: str, *, after: bool = False) -> None:
        for order in self.orders:
            if isinstance(order, CrashOrder) and order.strikes(self.id, point, after=after):
                raise Crash(order)

    def _strike_started(self) -> None:
        """Strike where ``initialize`` has ended, at the first sync of a life."""
        if self.start_crash is not None and not self.start_crash.step:
            raise Crash(self.start_crash)

    @property
    def name(self) -> str:
        """Its component and its index, such as ``count-bolt/0``. Ids change with other components, this does not."""
        return f"{self.component}/{self.index}"

    @property
    def has_orders(self) -> bool:
        """True while an order has not struck as often as it is to."""
        return any(not order.is_spent for order in self.orders)

    def arming(self) -> bytes:
        """The message that tells a component process of ours at which of its messages it has to end itself.

        So nothing of it runs behind the crash. Other components are killed when their message is read.
        """
        if not self.orders or not self._introduced or not self.single_threaded or self.may_speak:
            return b""
        left: dict[str, int] = {}
        for order in self.orders:
            if isinstance(order, CrashOrder) and order.point in self._messages:
                nth = order.strikes_in(self.id)
                if nth is not None:
                    left[order.point] = min(nth, left.get(order.point, nth))
        if not left and not self._is_armed:
            return b""
        self._is_armed = bool(left)
        return protocol.crash_at(left, self._uncounted)

    @property
    def _uncounted(self) -> Sequence[str]:
        """The ids of what it was handed and is none of a component's tuples."""
        return ()

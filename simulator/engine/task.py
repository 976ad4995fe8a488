"""Storm's half of the conversation with one component process, without any I/O: what spouts and bolts share.

A task is given work (commands for a spout, tuples for a bolt) and gives the bytes to write. It is fed the messages
that come back, answers those that need an answer at once (with task ids), and is done when the component is. What the
component did is kept as a list of effects, which the router takes in the order of the wave. So an answer depends on
this task alone, and never on which task was faster.

Source: ``ShellSpout``, ``ShellBolt`` (0.9.5 to 2.8.3).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from simulator.engine.effects import Delivery, Effect, Origin, Outcome, Reported, bounded
from simulator.engine.faults import Crash, CrashOrder, Order
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
        origin: the component and the task, as its tuples name them.
    """

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
    handed: Sequence[Delivery] = ()
    opening: bytes = b""
    is_local: bool = field(default=False, init=False)
    seconds: float = 0.0
    is_debugged: bool = field(default=False, init=False)
    _introduced: bool = False  # the handshake has been answered

    def __post_init__(self) -> None:
        self.origin = Origin(self.component, self.id)

    @property
    def is_introduced(self) -> bool:
        """True once its component has answered the handshake."""
        return self._introduced

    def begin(self, handshake: bytes) -> None:
        """Begin the conversation with the handshake, which the component answers with its pid."""
        self.handed, self.opening = (), handshake
        self.done = False

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
            self._introduced = True
            return self._begun()
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
        if not self._introduced or self.dialect != protocol.NEWEST:
            return None
        parsed = unprinted(message)
        return None if parsed is None else self._take(parsed)

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
        if isinstance(message, (protocol.Log, protocol.Debugger)):
            self.is_debugged = self.is_debugged or isinstance(message, protocol.Debugger)
            self.on_log(self.id, message)
        elif isinstance(message, protocol.Error):
            self.last_error = bounded(message.message)
            self.effects.append(Reported(self.last_error))
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

"""Storm's half of the conversation with one component process, without any I/O: what spouts and bolts share.

A task is handed work (commands for a spout, tuples for a bolt), gives the bytes to write, is fed the messages that come
back, answers those that want an answer at once (task ids), and says when the component is done. What the component did
is kept as a list of effects; the router takes them when every task of the wave is done, so an answer depends on this
task alone and never on who was faster.

Source: ``ShellSpout``, ``ShellBolt`` (0.9.5 to 2.8.3).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from simulator.engine.effects import Delivery, Effect, Origin, Outcome, Reported
from simulator.engine.faults import Crash, CrashOrder, Order
from simulator.engine.subscribers import Subscribers
from simulator.wire import Message, parse, parse_all, protocol, unprinted
from streamparse.multilang import ProtocolError, Reader

LogListener = Callable[[int, protocol.Log], None]


@dataclass
class Task:
    """One task: who it is, what it did in this wave, and how the wave went for it.

    Attributes:
        id: its number.
        component: its component's id.
        index: its place within the component, from 0.
        worker: its worker, from 0.
        single_threaded: whether streamparse runs it: it reads one message after the other, and an error brings a sync.
        subscribers: where its tuples go.
        dialect: how its Storm reads JSON.
        on_log: called with the task id and each log message.
        orders: faults that it is to suffer.
        effects: what the component has done, and the router has not taken yet.
        outcome: why it can do no more; None while it can.
        done: whether nothing more is expected of it before there is more work.
        last_error: its last ``error`` message.
        handed: the tuples that are written first; opening: what is written behind them.
        is_local: whether the simulator answers for it, and there is no process.
        seconds: real time that its process took; measured by the transport, and never in the trace.
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
    _introduced: bool = False  # the handshake has been answered

    def __post_init__(self) -> None:
        self.origin = Origin(self.component, self.id)

    def begin(self, handshake: bytes) -> None:
        """Begin the conversation: write the handshake, which the component answers with its pid."""
        self.handed, self.opening = (), handshake
        self.done = False

    def whole_opening(self) -> bytes:
        """The bytes that are to be written first."""
        if not self.handed:
            return self.opening
        texts = [delivery.message() for delivery in self.handed]
        return "\nend\n".join([*texts, ""]).encode("utf-8", "replace") + self.opening

    def receive(self, frame: bytes) -> bytes:
        """Take one message; return the bytes to write in answer, often none.

        Raises:
            ProtocolError: the component has sent what Storm does not accept.
            Crash: an order strikes here.
        """
        if not self._introduced:
            protocol.parse_pid(frame, self.dialect)
            self._introduced = True
            return self._begun()
        return self._take(parse(frame, self.dialect))

    def receive_unprinted(self, message: Mapping[str, object]) -> bytes | None:
        """Take one message as the component made it; None when only its JSON tells what it is.

        Raises:
            ProtocolError, Crash: as ``receive``.
        """
        if not self._introduced or self.dialect != protocol.NEWEST:
            return None
        parsed = unprinted(message)
        return None if parsed is None else self._take(parsed)

    def receive_all(self, block: bytes) -> tuple[bytes, Sequence[bytes]]:
        """Take whole messages, each with its line ``end``, until it is done or one has to be read by itself.

        Returns:
            The bytes to write in answer, and the messages that have not been taken.

        Raises:
            ProtocolError, Crash: as ``receive``; the messages before it have been taken.
        """
        messages = parse_all(block, self.dialect) if self._introduced else None
        if messages is None:
            return b"", Reader().feed(block)
        take, replies, untaken = self._take, [], iter(messages)
        for message in untaken:
            if reply := take(message):
                replies.append(reply)
            if self.done:
                break
        left = len([*untaken])
        return b"".join(replies), Reader().feed(block)[-left:] if left else ()

    def _begun(self) -> bytes:
        """The handshake was answered: the bytes to write next."""
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

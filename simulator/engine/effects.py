"""The values that go between tasks and the router: copies of tuples, effects of components, and deaths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple, Protocol

import msgspec

from simulator.model import hinted, map_order
from simulator.wire import QUOTED, Emit, plain_json, protocol, storm_json
from streamparse import multilang
from streamparse.multilang import MESSAGE_END, ProtocolError


class Origin(NamedTuple):
    """The component and the task that emitted a tuple."""

    component: str
    task: int


SYSTEM = Origin(multilang.SYSTEM_COMPONENT, multilang.SYSTEM_TASK)


LONG_TEXT = 1 << 20
MOST_ERROR_CHARS = 20_000


@lru_cache(maxsize=1)  # the copies of one tuple come one after the other
def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "replace")


class Delivery(msgspec.Struct, eq=False, gc=False):
    """One copy of a tuple: on its way to a task, then held by it until it is acked or failed.

    Attributes:
        id: Storm's id of this copy.
        target: the task that gets it.
        source: the component and the task that emitted it.
        stream: the stream it was emitted on.
        values: its values.
        text: its values, as Storm prints them.
        roots: its edge in the tree of each root; None when it is in no tree.
        is_plain: whether the values need no JSON on their way to a component of this process (see ``plain_json``).
        ackval: the edges of what was anchored to it, XORed, as Storm's ``Tuple`` keeps them.
        executed_ms: when Storm's executor handed it to ShellBolt, where work takes time; before that -1.
    """

    id: str
    target: int
    source: Origin
    stream: str
    values: list[object]
    text: str
    roots: dict[int, int] | None
    is_plain: bool = False
    ackval: int = 0
    executed_ms: int = -1

    def message(self) -> str:
        """The JSON text that the task is sent."""
        component, task = self.source
        return (
            f'{{"comp":{QUOTED[component]},"tuple":{self.text},"task":{task},'
            f'"stream":{QUOTED[self.stream]},"id":"{self.id}"}}'
        )

    @property
    def is_long(self) -> bool:
        """True when its values are so long that they should not be copied for every task."""
        return len(self.text) >= LONG_TEXT

    def parts(self) -> list[bytes]:
        """The message as bytes, with its end; long values are a part of their own, one for all tasks that get them."""
        if not self.is_long:
            return [f"{self.message()}{MESSAGE_END}".encode("utf-8", "replace")]
        around = msgspec.structs.replace(self, text="\0").message()
        head, tail = around.encode("utf-8", "replace").split(b"\0")
        return [head, _encoded(self.text), tail + MESSAGE_END.encode()]

    def unprinted(self) -> dict[str, object] | str:
        """The message as a component of this process reads it: a dict where that takes no JSON, else the text."""
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


class Handed(Protocol):
    """Something that is written to a bolt: a copy of a tuple, or a heartbeat between two."""

    @property
    def is_long(self) -> bool:
        """Whether it should not be copied for every task."""

    def message(self) -> str:
        """The JSON text that the task is sent."""

    def parts(self) -> list[bytes]:
        """The message as bytes, with its end."""

    def unprinted(self) -> dict[str, object] | str:
        """The message as a component of this process reads it."""


def system_tuple(tuple_id: str, target: int, stream: str, number: float) -> Delivery:
    """A tick (its value is the period in seconds) or a timer (its value is the virtual time in ms)."""
    return Delivery(tuple_id, target, SYSTEM, stream, [number], f"[{number}]", None)


# -- effects ----------------------------------------------------------------------------------------------------


class Emitted(msgspec.Struct, gc=False):
    """A component has emitted a tuple.

    Attributes:
        emit: its message.
        text: the values, as Storm prints them.
        is_plain: whether they are plain (see ``plain_json``).
        targets: the tasks that get it, in Storm's order.
        anchors: of a bolt, the tuples it is anchored to.
        offset_ms: the turn of a spout within its wave, counted from 0.
    """

    emit: Emit
    text: str
    is_plain: bool
    targets: Sequence[int]
    anchors: Sequence[Delivery] = ()
    offset_ms: int = 0


class Settled(msgspec.Struct, gc=False):
    """A bolt has acked or failed a tuple that it held."""

    verb: Literal["ack", "fail"]
    delivery: Delivery


class Settlement(msgspec.Struct, gc=False):
    """The ack or the fail of a message id, of which the spout is notified.

    Attributes:
        verb: "ack" or "fail".
        message_id: the spout's own id.
        emitted_ms: when it was emitted; -1 when it was acked inside the emit.
        reason: why it failed: "timeout", or "" when a bolt has failed it.
    """

    verb: Literal["ack", "fail"]
    message_id: object
    emitted_ms: int
    reason: Literal["", "timeout"] = ""


class Notified(msgspec.Struct, gc=False):
    """A spout has been notified of a settlement."""

    settlement: Settlement


def last_line(text: str) -> str:
    """The last line of a text without the blank lines behind it; of a traceback, the exception's type and message."""
    lines = text.strip().splitlines()
    return lines[-1] if lines else ""


def bounded(text: str) -> str:
    """Leave out the middle of an error message that is very long: a value in it may have millions of characters."""
    if len(text) <= MOST_ERROR_CHARS:
        return text
    half = MOST_ERROR_CHARS // 2
    left_out = len(text) - 2 * half
    return f"{text[:half]}... ({left_out} characters left out) ...{text[-half:]}"


class Reported(NamedTuple):
    """A component has sent an ``error`` message: Storm shows it in its UI and goes on."""

    message: str


@hinted
class ReportedError(NamedTuple):
    """An error that a component has reported to Storm.

    Attributes:
        component, task: who reported it.
        time_ms: when, in virtual milliseconds.
        text: the whole message, with the traceback that streamparse puts there.
    """

    component: str
    task: int
    time_ms: int
    text: str

    @property
    def message(self) -> str:
        """The last line, which is an exception's type and message."""
        return last_line(self.text)

    @property
    def origin(self) -> tuple[str, str]:
        """The component and the traceback; equal where the same line of code has raised the same."""
        return self.component, self.text.partition("\n")[2] or self.text


class TimerSet(NamedTuple):
    """A ``TicklessBatchingBolt`` has asked to be woken after so many milliseconds."""

    after_ms: int


class Slept(NamedTuple):
    """A component has slept on its virtual clock, up to this millisecond: what follows happens then."""

    until_ms: int


class Logged(NamedTuple):
    """A component whose work takes time has logged a message: it is shown at the end of the service."""

    message: protocol.Log | protocol.Debugger


Effect = Emitted | Settled | Notified | Reported | TimerSet | Slept | Logged


class Switch(NamedTuple):
    """The command that a spout is sent when its topology is deactivated or activated (Storm 1.1 and later)."""

    command: Literal["activate", "deactivate"]


# -- the end of a process -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Death:
    """The process of a task has ended, or had to be ended.

    Attributes:
        reason: what happened, in words.
        stderr: the end of what it wrote on stderr.
        stack: the stacks of its threads, when it was ended because it hung.
        cause: in process, the exception itself.
        ordered: whether an injected fault has ended it.
        scope: what dies with it: its whole worker, or its task alone.
        restart_ms: how long its worker takes to come up again, in virtual milliseconds; None: as long as any other.
    """

    reason: str
    stderr: str = ""
    stack: str = ""
    cause: BaseException | None = None
    ordered: bool = False
    scope: Literal["worker", "task"] = "worker"
    restart_ms: int | None = None


Outcome = Death | ProtocolError | None


# -- values as Storm keeps them -----------------------------------------------------------------------------------

_NESTED = frozenset({dict, list})


def print_values(emit: Emit) -> tuple[str, bool]:
    """Print the values of an emit as Storm does, and bring its JSON objects into Java's order.

    Returns:
        The text, and whether the values are plain.
    """
    text = plain_json(emit.values)
    if text is not None and type(emit.id) not in _NESTED:
        return text, True
    order_as_java(emit)
    return storm_json(emit.values), False


def order_as_java(emit: Emit) -> Emit:
    """Bring every JSON object of an emit into the order of a HashMap, in which Storm keeps and sends it on."""
    if type(emit.id) in _NESTED:
        emit.id = _ordered(emit.id)
    if not _NESTED.isdisjoint(map(type, emit.values)):
        emit.values = [_ordered(value) for value in emit.values]
    return emit


def _ordered(value: object) -> object:
    if isinstance(value, dict):
        return {key: _ordered(value[key]) for key in map_order(value)}
    if isinstance(value, list):
        return [_ordered(item) for item in value]
    return value

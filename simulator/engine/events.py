"""The events of a trace: one frozen class for each, and the only place that knows their keys and the keys' order.

The engine makes events; a trace prints them, one JSON object a line. Code that inspects a run reads events, either from
the trace of a run or from lines that were written elsewhere (``from_line``). ``to_line`` and ``from_line`` are inverse
to each other, and the table of events in the documents is made from these classes.

In a line every event has ``at`` (virtual milliseconds), ``event``, ``component`` and ``task`` first, then its own keys
in the order in which its class has them. A line holds no process id, no wall time, no path and no traceback.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, ClassVar, Final, Literal, NamedTuple, get_args

import msgspec
from msgspec import field

from simulator.wire import QUOTED, storm_json

__all__ = [
    "EVENTS",
    "Ack",
    "Acked",
    "Activated",
    "Deactivated",
    "Died",
    "Emit",
    "Error",
    "Event",
    "Fail",
    "Failed",
    "Fault",
    "Late",
    "Restart",
    "Tick",
    "Timer",
    "TraceError",
    "UnknownEventError",
    "from_line",
    "from_lines",
    "read_known",
]

VerdictName = Literal[
    "drop", "delay", "reorder", "replay", "duplicate", "fail", "lost-ack", "lost-fail"
]


class TraceError(ValueError):
    """A line that is no event of a trace; the text says what was found."""


class UnknownEventError(TraceError):
    """An event of a name that this version does not know.

    Attributes:
        name: the name.
    """

    def __init__(self, name: str, line: str) -> None:
        super().__init__(f"not an event of a trace ({name!r}): {line[:80]}")
        self.name = name


class Event(msgspec.Struct, frozen=True, gc=False):
    """The part that all events have.

    Attributes:
        at_ms: virtual time, in milliseconds since the start.
        component: the component that it concerns.
        task: the task that it concerns.
        event: its name in a line.
    """

    event: ClassVar[str]

    at_ms: int = field(name="at")
    component: str
    task: int

    def to_line(self) -> str:
        """Print the event as one JSON object, without a line break."""
        more = "".join(
            [
                f',"{key.name}":{key.print(value)}'
                for key in _own_keys(type(self))
                if (value := getattr(self, key.attribute)) is not None
            ]
        )
        return (
            f'{{"at":{self.at_ms},"event":"{self.event}","component":{QUOTED[self.component]},'
            f'"task":{self.task}{more}}}'
        )


class Emit(Event, frozen=True, gc=False):
    """A component has emitted a tuple.

    Attributes:
        stream: the stream.
        values_json: the values, as Storm prints them.
        id_json: the message id of a spout's reliable emit, as Storm prints it; else absent.
        anchors: of a bolt's emit, the ids of the tuples that it is anchored to; absent in a spout's.
        to: the copies that are sent: the task that gets it, and the id of its tuple.
    """

    event = "emit"

    stream: str
    values_json: str = field(name="values")
    id_json: str | None = field(name="id")
    anchors: tuple[str, ...] | None
    to: tuple[tuple[int, str], ...]

    def to_line(self) -> str:
        anchors, to = self.anchors, self.to
        if anchors is None:
            more = "" if self.id_json is None else f',"id":{self.id_json}'
        elif len(anchors) == 1:
            more = f',"anchors":["{anchors[0]}"]'
        else:
            more = ',"anchors":[' + ",".join([f'"{each}"' for each in anchors]) + "]"
        if len(to) == 1:  # as most emits have
            ((task, tuple_id),) = to
            copies = f'[{task},"{tuple_id}"]'
        else:
            copies = ",".join([f'[{task},"{tuple_id}"]' for task, tuple_id in to])
        return (
            f'{{"at":{self.at_ms},"event":"emit","component":{QUOTED[self.component]},"task":{self.task},'
            f'"stream":{QUOTED[self.stream]},"values":{self.values_json}{more},"to":[{copies}]}}'
        )

    @property
    def values(self) -> list[Any]:
        """The values, read anew. Any: they are any JSON."""
        return read_json(self.values_json)  # type: ignore[no-any-return]  # a tuple is a list

    @property
    def id(self) -> Any:
        """The message id, or None. Any: it is any JSON."""
        return None if self.id_json is None else read_json(self.id_json)


class _Settled(Event, frozen=True, gc=False):
    """A bolt has settled a tuple that it held.

    Attributes:
        tuple_id: the id of the tuple.
    """

    tuple_id: str = field(name="tuple")

    def to_line(self) -> str:
        return (
            f'{{"at":{self.at_ms},"event":"{self.event}","component":{QUOTED[self.component]},'
            f'"task":{self.task},"tuple":"{self.tuple_id}"}}'
        )


class Ack(_Settled, frozen=True, gc=False):
    """A bolt has acked a tuple.

    Attributes:
        tuple_id: the id of the tuple.
    """

    event = "ack"


class Fail(_Settled, frozen=True, gc=False):
    """A bolt has failed a tuple.

    Attributes:
        tuple_id: the id of the tuple.
    """

    event = "fail"


class Acked(Event, frozen=True, gc=False):
    """A spout was notified that the tree of a message id is complete.

    Attributes:
        id_json: the message id, as Storm prints it.
    """

    event = "acked"

    id_json: str = field(name="id")

    @property
    def id(self) -> Any:
        """The message id. Any: it is any JSON."""
        return read_json(self.id_json)


class Failed(Event, frozen=True, gc=False):
    """A spout was notified that a message id has failed.

    Attributes:
        id_json: the message id, as Storm prints it.
        reason: "timeout", or "" when a bolt has failed it.
    """

    event = "failed"

    id_json: str = field(name="id")
    reason: Literal["", "timeout"]

    @property
    def id(self) -> Any:
        """The message id. Any: it is any JSON."""
        return read_json(self.id_json)


class Tick(Event, frozen=True, gc=False):
    """A bolt is handed a tick tuple.

    Attributes:
        tuple_id: the id of the tick tuple.
    """

    event = "tick"

    tuple_id: str = field(name="tuple")


class Timer(Event, frozen=True, gc=False):
    """A ``TicklessBatchingBolt`` is woken, as it has asked for.

    Attributes:
        tuple_id: the id of the tuple that wakes it.
    """

    event = "timer"

    tuple_id: str = field(name="tuple")


class Error(Event, frozen=True, gc=False):
    """A component has sent an ``error`` message.

    Attributes:
        message: its last line, which is an exception's type and message.
    """

    event = "error"

    message: str


class Fault(Event, frozen=True, gc=False):
    """A fault has struck a tuple on its way.

    Attributes:
        verdict: drop, delay, reorder, replay, duplicate, fail, or lost-ack and lost-fail (at the moment of the ack or
            the fail).
        tuple_id: the id of the tuple.
        due_ms: of a delay, when it arrives.
        copy_id: of a duplicate, the id of the second copy.
    """

    event = "fault"

    verdict: VerdictName
    tuple_id: str = field(name="tuple")
    due_ms: int | None = field(name="due", default=None)
    copy_id: str | None = field(name="copy", default=None)


class Late(Event, frozen=True, gc=False):
    """The schedule has a tuple arrive later; only where a schedule was chosen.

    Attributes:
        tuple_id: the id of the tuple.
        due_ms: when it arrives.
    """

    event = "late"

    tuple_id: str = field(name="tuple")
    due_ms: int = field(name="due")


class Died(Event, frozen=True, gc=False):
    """The process of a task is gone.

    Attributes:
        reason: the last line of its last error, or what it broke of the protocol.
    """

    event = "died"

    reason: str


class Restart(Event, frozen=True, gc=False):
    """The process of a task has been started again."""

    event = "restart"


class Deactivated(Event, frozen=True, gc=False):
    """The topology was deactivated: this spout task is asked for nothing more."""

    event = "deactivated"


class Activated(Event, frozen=True, gc=False):
    """The topology was activated again: this spout task is asked for tuples again."""

    event = "activated"


#: Every event by its name in a line, in the order in which the documents list them.
EVENTS: Final[Mapping[str, type[Event]]] = {
    each.event: each
    for each in (
        Emit, Ack, Fail, Acked, Failed, Tick, Timer, Error, Fault, Late, Died, Restart, Deactivated, Activated,
    )
}  # fmt: skip


# -- keys -------------------------------------------------------------------------------------------------------


class Key(NamedTuple):
    """One key of an event's line, and how its value is printed and read."""

    attribute: str
    name: str
    print: Callable[[Any], str]
    read: Callable[[msgspec.Raw], Any]


@cache
def _own_keys(event: type[Event]) -> Sequence[Key]:
    """The keys that a class adds to those that all events have, in their order."""
    found = []
    for each in msgspec.structs.fields(event)[len(msgspec.structs.fields(Event)) :]:
        if each.name.endswith("_json"):
            key = Key(each.name, each.encode_name, str, _text_of)
        else:
            key = Key(each.name, each.encode_name, storm_json, _reader_of(each.type))
        found.append(key)
    return found


def _text_of(raw: msgspec.Raw) -> str:
    return bytes(raw).decode()


def _reader_of(kind: Any) -> Callable[[msgspec.Raw], Any]:
    return msgspec.json.Decoder(kind).decode


def read_json(text: str) -> Any:
    """Read a JSON text of an event. Any: it is any JSON."""
    return json.loads(text)


# -- reading ----------------------------------------------------------------------------------------------------

#: How the head of a trace file begins, which is no event (see ``head``).
HEAD_BEGINNING: Final = '{"trace":'

_PARTS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def from_line(line: str) -> Event:
    """Read the event of a line of a trace.

    Raises:
        TraceError: it is no JSON object, an event of an unknown name, or has a key that is missing, unknown or of
            another type.
    """
    event, unknown = read_known(line)
    if unknown:
        raise TraceError(f"{event.event} has no key {', '.join(unknown)}: {line[:80]}")
    return event


def read_known(line: str) -> tuple[Event, Sequence[str]]:
    """Read what this version knows of a line, which another version may have written.

    Returns:
        The event, and the keys that it does not have here, sorted.

    Raises:
        UnknownEventError: an event of an unknown name.
        TraceError: it is no JSON object, or a key is missing or of another type.
    """
    try:
        parts = _PARTS(line.encode("utf-8", "replace"))
        name = msgspec.json.decode(parts.pop("event"), type=str)
        if name not in EVENTS:
            raise UnknownEventError(name, line)
        event = EVENTS[name]
        values = {
            "at_ms": msgspec.json.decode(parts.pop("at"), type=int),
            "component": msgspec.json.decode(parts.pop("component"), type=str),
            "task": msgspec.json.decode(parts.pop("task"), type=int),
        }
        for key in _own_keys(event):
            raw = parts.pop(key.name, None)
            values[key.attribute] = None if raw is None else key.read(raw)
    except (KeyError, TypeError, msgspec.MsgspecError) as error:
        raise TraceError(f"not an event of a trace ({error}): {line[:80]}") from None
    return _checked(event, values, line), sorted(parts)


def _checked(event: type[Event], values: Mapping[str, Any], line: str) -> Event:
    missing = [name for attribute, name in _needed(event) if values[attribute] is None]
    if missing:
        raise TraceError(f"{event.event} without {', '.join(missing)}: {line[:80]}")
    return event(**values)


@cache
def _needed(event: type[Event]) -> Sequence[tuple[str, str]]:
    """The attributes of a class that may not be absent, and their keys."""
    return [
        (each.name, each.encode_name)
        for each in msgspec.structs.fields(event)
        if type(None) not in get_args(each.type)
    ]


def from_lines(lines: Iterable[str]) -> list[Event]:
    """Read the events of a trace's lines; the head of a file is none.

    Raises:
        TraceError: see ``from_line``; with the number of the line.
    """
    found = []
    for number, line in enumerate(lines, 1):
        if number == 1 and line.startswith(HEAD_BEGINNING):
            continue
        try:
            found.append(from_line(line))
        except TraceError as error:
            raise TraceError(f"line {number}: {error}") from None
    return found

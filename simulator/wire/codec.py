"""A fast codec for the protocol's messages, with the same results as ``simulator.wire.protocol``.

Every message between components goes through the engine, so its JSON decides the speed of a run. msgspec reads the most
frequent messages into typed structs, many at a time. A message that does not fit (a mistake, an older dialect, an
unusual value) is read again by ``protocol``, whose result counts. Component processes never load this module.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

import msgspec

from simulator.wire import protocol
from simulator.wire.depth import MOST_NESTED
from simulator.wire.json_printer import PLAIN
from simulator.wire.json_reader import NEWEST, Dialect, read_float
from streamparse import multilang

__all__ = [
    "Ack",
    "Emit",
    "Fail",
    "Message",
    "Sync",
    "parse",
    "parse_all",
    "plain_json",
    "unprinted",
]


# A key that is none of theirs has it read by ``protocol``: Storm casts the values of some keys in every message.
class Emit(msgspec.Struct, tag_field="command", tag="emit", gc=False, forbid_unknown_fields=True):
    values: list[Any] = msgspec.field(name="tuple")
    stream: str = multilang.DEFAULT_STREAM
    anchors: tuple[str, ...] = ()
    id: Any = None
    task: Annotated[int, msgspec.Meta(ge=0, le=(1 << 63) - 1)] | None = None
    need_task_ids: bool = True
    at: str = ""


class Ack(msgspec.Struct, tag_field="command", tag="ack", gc=False, forbid_unknown_fields=True):
    id: str  # of another type when it is a mistake
    at: str = ""


class Fail(msgspec.Struct, tag_field="command", tag="fail", gc=False, forbid_unknown_fields=True):
    id: str
    at: str = ""


class Sync(msgspec.Struct, tag_field="command", tag="sync", gc=False, forbid_unknown_fields=True):
    pass


Message = (
    Emit
    | Ack
    | Fail
    | Sync
    | protocol.Log
    | protocol.Error
    | protocol.Metrics
    | protocol.Timer
    | protocol.Debugger
    | protocol.Threads
    | protocol.Clock
    | protocol.Steps
    | protocol.Unknown
)


_FREQUENT = Emit | Ack | Fail | Sync
_DECODE: Final = msgspec.json.Decoder(_FREQUENT, float_hook=read_float).decode
_DECODE_ALL: Final = msgspec.json.Decoder(list[_FREQUENT], float_hook=read_float).decode
_MISFITS: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError)
_ENCODE: Final = msgspec.json.encode
_TEXTS: Final = frozenset({str})
_EMITS: Final = frozenset({"command", "tuple", "stream", "anchors", "id", "need_task_ids"})
_LONG: Final = 1 << 10  # so many strings of so many characters are below the limit of a message
_MOST: Final = (1 << 63) - 1
_STRUCTS: Final = {protocol.Emit: Emit, protocol.Ack: Ack, protocol.Fail: Fail, protocol.Sync: Sync}


def parse(text: bytes, dialect: Dialect = NEWEST) -> Message:
    """Read one message of a component; see ``protocol.parse``.

    Raises:
        ProtocolError: Storm does not accept it.
    """
    if (dialect is NEWEST or dialect == NEWEST) and not _may_be_deep(text):
        try:
            message: Message = _DECODE(text)
            return message
        except _MISFITS:
            pass
    parsed = protocol.parse(text, dialect)
    struct = _STRUCTS.get(type(parsed))
    return parsed if struct is None else struct(*parsed)  # type: ignore[return-value]  # field by field


def _may_be_deep(text: bytes) -> bool:
    """Return whether ``protocol`` has to count the levels of a message, because it has so many brackets."""
    return len(text) > MOST_NESTED and text.count(b"[") + text.count(b"{") > MOST_NESTED


def _has_deep(block: bytes) -> bool:
    return _may_be_deep(block) and any(map(_may_be_deep, block.split(b"\nend\n")))


def parse_all(block: bytes, dialect: Dialect = NEWEST) -> Sequence[Message] | None:
    """Read whole messages, each with its line ``end``; None when one of them has to be read by ``parse``."""
    if (dialect is not NEWEST and dialect != NEWEST) or _has_deep(block):
        return None
    try:
        messages = _DECODE_ALL(b"[%b]" % block[:-5].replace(b"\nend\n", b","))
    except _MISFITS:
        return None
    # Two messages in one frame are a mistake, which a comma between them would hide.
    return messages if len(messages) == block.count(b"\nend\n") else None


def plain_json(values: list[object]) -> str | None:
    """Print values as Storm does if they are plain; else None.

    Plain values are strings, integers, booleans and null, without the characters that Storm escapes in its own way.
    """
    if PLAIN.issuperset(map(type, values)):
        try:
            text = _ENCODE(values).decode()
        except (UnicodeEncodeError, msgspec.MsgspecError, OverflowError, ValueError):
            return None  # a lone surrogate, or an integer that this msgspec cannot print
        if "/" not in text and text.isascii() and "\x7f" not in text and "\\u" not in text:
            return text
    return None


def unprinted(message: Mapping[str, Any]) -> Message | None:
    """The result of ``parse`` for a message of a streamparse component that has not been printed as JSON.

    Returns:
        The message; None where its JSON has to be read: it is no emit of plain values, ack, fail or sync.
    """
    command = message.get("command")
    if command == "emit":
        return _unprinted_emit(message)
    if command == "sync":
        return Sync() if len(message) == 1 else None
    if command in ("ack", "fail"):
        tuple_id = message.get("id")
        if len(message) == 2 and type(tuple_id) is str and _all_plain((tuple_id,)):
            return Ack(tuple_id) if command == "ack" else Fail(tuple_id)
    return None


def _unprinted_emit(message: Mapping[str, Any]) -> Emit | None:
    values, anchors = message.get("tuple"), message.get("anchors", ())
    stream, message_id = message.get("stream", multilang.DEFAULT_STREAM), message.get("id")
    need_task_ids = message.get("need_task_ids", True)
    if not (
        (type(values) is list or type(values) is tuple)
        and (type(anchors) is list or type(anchors) is tuple)
        and type(stream) is str
        and type(need_task_ids) is bool
        and _EMITS.issuperset(message)
        and _all_plain((*values, stream, message_id, *anchors))
        and _TEXTS.issuperset(map(type, anchors))
    ):
        return None
    # A list of its own: the component may change the one that it has emitted.
    return Emit([*values], stream, (*anchors,), message_id, None, need_task_ids)


def _all_plain(values: Sequence[object]) -> bool:
    """True when all of them come back from JSON as they are, and none is so long that a limit may be reached."""
    for value in values:
        kind = type(value)
        if kind is str:
            if not value.isascii() or len(value) > _LONG:  # type: ignore[attr-defined, arg-type]  # kind says so
                return False
        elif kind is int:
            if not -_MOST <= value <= _MOST:  # type: ignore[operator]  # kind says so
                return False
        elif value is not None and kind is not bool:
            return False
    return len(values) <= _LONG

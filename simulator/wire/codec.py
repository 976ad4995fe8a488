"""The protocol's messages at the engine's speed: the same results as ``simulator.wire.protocol``, most of them sooner.

The engine sits between all components, so its JSON decides the speed of a run. What is said most is read by msgspec
into one typed struct a message, many messages at a time; whatever does not fit (a mistake, an older dialect, an odd
value) is read once more by ``protocol``, whose answer is the answer. Component processes never load this.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

import msgspec

from simulator.wire import protocol
from simulator.wire.protocol import NEWEST, Dialect, LongFloat
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


class Emit(msgspec.Struct, tag_field="command", tag="emit", gc=False):
    values: list[Any] = msgspec.field(name="tuple")
    stream: str = multilang.DEFAULT_STREAM
    anchors: tuple[str, ...] = ()
    id: Any = None
    task: Annotated[int, msgspec.Meta(ge=0)] | None = None
    need_task_ids: bool = True


class Ack(msgspec.Struct, tag_field="command", tag="ack", gc=False):
    id: str  # any value, when it is a mistake


class Fail(msgspec.Struct, tag_field="command", tag="fail", gc=False):
    id: str


class Sync(msgspec.Struct, tag_field="command", tag="sync", gc=False):
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
    | protocol.Unknown
)


def _float(literal: str) -> float:
    return float(literal) if len(literal) <= 18 else LongFloat(literal)


_FREQUENT = Emit | Ack | Fail | Sync
_DECODE: Final = msgspec.json.Decoder(_FREQUENT, float_hook=_float).decode
_DECODE_ALL: Final = msgspec.json.Decoder(list[_FREQUENT], float_hook=_float).decode
_MISFITS: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError)
_ENCODE: Final = msgspec.json.encode
_PLAIN: Final = frozenset({str, int, bool, type(None)})
_TEXTS: Final = frozenset({str})
_EMITS: Final = frozenset({"command", "tuple", "stream", "anchors", "id", "need_task_ids"})
_LONG: Final = 1 << 10  # as many texts of as many characters are no message beyond the limit
_MOST: Final = (1 << 63) - 1
_SAME: Final = {protocol.Emit: Emit, protocol.Ack: Ack, protocol.Fail: Fail, protocol.Sync: Sync}


def parse(text: bytes, dialect: Dialect = NEWEST) -> Message:
    """Read one message of a component; see ``protocol.parse``.

    Raises:
        ProtocolError: as there.
    """
    if dialect is NEWEST or dialect == NEWEST:
        try:
            said: Message = _DECODE(text)
            return said
        except _MISFITS:
            pass
    message = protocol.parse(text, dialect)
    same = _SAME.get(type(message))
    return message if same is None else same(*message)  # type: ignore[return-value]  # field by field


def parse_all(block: bytes, dialect: Dialect = NEWEST) -> Sequence[Message] | None:
    """Read whole messages, each with its line ``end``; None when one of them wants a closer look."""
    if dialect is not NEWEST and dialect != NEWEST:
        return None
    try:
        messages = _DECODE_ALL(b"[%b]" % block[:-5].replace(b"\nend\n", b","))
    except _MISFITS:
        return None
    # Two in one would be a mistake that a comma hides.
    return messages if len(messages) == block.count(b"\nend\n") else None


def plain_json(values: list[object]) -> str | None:
    """Print a tuple's values as Storm does, if they are plain: texts, 64-bit integers, booleans, null, and no more."""
    if _PLAIN.issuperset(map(type, values)):
        try:
            text = _ENCODE(values).decode()
        except (UnicodeEncodeError, msgspec.MsgspecError, OverflowError, ValueError):
            return None  # a lone surrogate, a number beyond 64 bits
        if "/" not in text and text.isascii() and "\x7f" not in text and "\\u" not in text:
            return text
    return None


def unprinted(message: Mapping[str, Any]) -> Message | None:
    """Return what ``parse`` would return for a message once printed, without printing it.

    None where that takes its JSON: it is no emit of plain values, ack, fail or sync, as our components say them.
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
    # A list of its own: whoever has emitted the other may change it.
    return Emit([*values], stream, (*anchors,), message_id, None, need_task_ids)


def _all_plain(values: Sequence[object]) -> bool:
    """True when JSON would bring all of them back as they are, and is not so long that its length counts."""
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

"""The protocol's messages at the engine's speed: the same results as ``streamparse.multilang``, most of them sooner.

The engine sits between all components, so its JSON decides the speed of a run. Messages are read by msgspec into one
typed struct; whatever does not fit it (a mistake, an older dialect, an odd value) is read once more by ``multilang``,
whose answer is the answer. Component processes never load this.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from simulator import protocol
from simulator.protocol import NEWEST, SYNC, Ack, Dialect, Emit, Fail, LongFloat, Message
from streamparse import multilang

__all__ = ["parse", "storm_json"]


class _Said(msgspec.Struct):
    """A message of a component: every key that a frequent one has."""

    command: str
    tuple: list[Any] = []  # msgspec makes a new one each time
    id: Any = None
    anchors: list[str] = []
    stream: str = multilang.DEFAULT_STREAM
    task: Any = None
    need_task_ids: Any = True


def _float(literal: str) -> float:
    return float(literal) if len(literal) <= 18 else LongFloat(literal)


_DECODE: Final = msgspec.json.Decoder(_Said, float_hook=_float).decode
_ENCODE: Final = msgspec.json.encode
_PLAIN: Final = frozenset({str, int, bool, type(None)})


def parse(text: bytes, dialect: Dialect = NEWEST) -> Message:
    """Read one message of a component; see ``protocol.parse``.

    Raises:
        ProtocolError: as there.
    """
    if dialect is not NEWEST and dialect != NEWEST:
        return protocol.parse(text, dialect)
    try:
        said = _DECODE(text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError):
        return protocol.parse(text, dialect)
    command = said.command
    if command == "emit":
        # An absent tuple reads as an empty one here, and is a mistake there; so are tasks below 0.
        task = said.task
        if not said.tuple or (task is not None and (type(task) is not int or task < 0)):
            return protocol.parse(text, dialect)
        return Emit(
            said.tuple,
            said.stream,
            tuple(said.anchors),
            said.id,
            task,
            said.need_task_ids is not False,
        )
    if command == "ack" and type(said.id) is str:
        return Ack(said.id)
    if command == "sync":
        return SYNC
    if command == "fail" and type(said.id) is str:
        return Fail(said.id)
    return protocol.parse(text, dialect)


def storm_json(values: Sequence[object]) -> str:
    """Print a tuple's values as Storm does; see ``protocol.storm_json``."""
    if _PLAIN.issuperset(map(type, values)):
        try:
            text = _ENCODE(values).decode()
        except (UnicodeEncodeError, msgspec.MsgspecError, OverflowError, ValueError):
            return protocol.storm_json(values)  # a lone surrogate, a number beyond 64 bits
        if "/" not in text and text.isascii() and "\x7f" not in text and "\\u" not in text:
            return text
    return protocol.storm_json(values)

"""Reads the JSON of a message as a Storm line does: strictly, or with all that the line's own parser forgives."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import Any, Final, NamedTuple

from simulator.wire import json_simple, json_smart
from simulator.wire.depth import is_too_deep, too_deep
from simulator.wire.json_printer import LongFloat
from streamparse.multilang import ProtocolError, cut, excerpt

_PLACE = re.compile(rb', "at": ("(?:[^"\\]|\\.)+")\}\s*$')
_MOST_PLACE = 5000  # bytes; paths are shorter


class Dialect(NamedTuple):
    """The JSON that a Storm line reads (json-simple up to 2.5, json-smart from 2.6 on).

    Attributes:
        smart: whether it is json-smart.
        strict: whether to refuse what json-smart forgives.
    """

    smart: bool = True
    strict: bool = True


NEWEST: Final = Dialect()


def decode(text: bytes, dialect: Dialect = NEWEST) -> object:
    """Read one JSON text as Storm would, with the text of long floats kept.

    Raises:
        ProtocolError: it is no UTF-8, no JSON, nested too deeply, or (strictly) holds NaN or Infinity.
    """
    decoder: Any = _DECODERS[dialect]  # typeshed does not know scan_once
    storm = "the worker dies: unable to parse"
    try:
        decoded = text.decode() if dialect.strict else _replaced(text)
        if is_too_deep(decoded):
            finding, storm = too_deep(smart=dialect.smart)
            raise ProtocolError(finding, storm=storm, excerpt=excerpt(text))
        try:
            value, end = decoder.scan_once(decoded, 0)
        except StopIteration:
            end = -1
        # The scanner alone is three times as fast; only the decoder accepts white space around the text.
        if end == len(decoded):
            return value
        if dialect.smart:
            storm = _smart_end(decoded)
        return decoder.decode(decoded)
    except UnicodeDecodeError as error:
        finding = f"bytes that are no UTF-8 (at byte {error.start})"
        storm = "Java reads a replacement character in place of each of them, and goes on"
    except RecursionError:
        finding = "JSON nested too deeply"
    except ValueError as error:
        if not isinstance(error, _NotJSONError):
            if not dialect.strict:
                with suppress(ValueError, RecursionError):
                    return _read_leniently(decoded, dialect)
            storm = _forgiven(decoded, dialect) or storm
        finding = f"bytes on stdout that are no message ({error})"
    raise ProtocolError(finding, storm=storm, excerpt=message_excerpt(text)) from None


_HALVES: Final = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")


def _replaced(text: bytes) -> str:
    """Decode UTF-8 as Java does: with a replacement character for what is none; one for half of a character."""
    try:
        return text.decode()
    except UnicodeDecodeError:
        return _HALVES.sub("\ufffd".encode(), text).decode("utf-8", "replace")


def _read_leniently(text: str, dialect: Dialect) -> object:
    """Read a text that is no JSON as Storm's own parser does."""
    if dialect.smart:
        return json_smart.read(text, read_float)
    return json_simple.read(text, _long)


def _forgiven(text: str, dialect: Dialect) -> str:
    """The words for what Storm reads of a text that is no JSON; "" where it cannot read it either."""
    try:
        value = _read_leniently(text, dialect)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(value, dict):
        return ""
    try:
        json.JSONDecoder().raw_decode(text.lstrip())
    except ValueError:
        parser = "json-smart" if dialect.smart else "json-simple"
        return (
            f"{parser} forgives this, and reads {cut(json.dumps(value, ensure_ascii=False), 200)}"
        )
    return "what stands behind the JSON is ignored"


def _smart_end(text: str) -> str:
    """The words for what Storm does with a text that is not just one JSON value, of which json-smart forgives much."""
    begun = text.lstrip()[:1]
    if begun == "{":
        try:
            json.JSONDecoder().raw_decode(text.lstrip())
        except ValueError:
            return "the worker dies: unable to parse"
        return "what stands behind the JSON is ignored"
    if begun == "[":
        return "the worker dies: unable to parse"
    return "the worker dies: ClassCastException"  # a bare word, which it reads as a text


def read_float(token: str) -> float:
    """Read a float as json-smart does: the text of a long one is kept."""
    return float(token) if len(token) <= 18 else LongFloat(token)


def _long(token: str) -> int:
    number = int(token)
    if not -(2**63) <= number < 2**63:
        raise _NotJSONError(f"NumberFormatException: {token[:40]} is no 64-bit integer")
    return number


def _refuse(token: str) -> object:
    raise _NotJSONError(f"{token} is not JSON")


class _NotJSONError(ValueError):
    """A number that Storm refuses, or that is refused strictly, in what is JSON otherwise."""


def _constant(token: str) -> object:
    return float("nan") if token == "NaN" else token  # json-smart reads Infinity as a bare word


def _decoder(dialect: Dialect) -> json.JSONDecoder:
    if not dialect.smart:
        return json.JSONDecoder(parse_int=_long, parse_constant=_refuse)
    constant = _refuse if dialect.strict else _constant
    return json.JSONDecoder(parse_float=read_float, parse_constant=constant)


_DECODERS = {
    dialect: _decoder(dialect)
    for dialect in (Dialect(smart, strict) for smart in (True, False) for strict in (True, False))
}


def message_excerpt(text: bytes) -> str:
    """The begin of a message, without the line of user code in it."""
    return excerpt(_PLACE.sub(b"}", text) if len(text) < _MOST_PLACE else text)


def place_of(text: bytes) -> str:
    """The line of user code that a streamparse component has put at the end of a message, ``file:line``; else ""."""
    found = _PLACE.search(text[-_MOST_PLACE:])
    return str(json.loads(found[1])) if found else ""

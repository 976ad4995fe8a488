"""Messages as JSON texts, to the byte as simplejson prints and reads them, and streams as text in UTF-8.

Most messages hold plain values only. An encoder that is kept prints those in a third of simplejson's time, to the
same bytes (a property test compares them); it does not know Decimals and namedtuples, which are left to simplejson.
The encoder and the scanner are the C parts of the standard library's ``json``: simplejson offers none that can be
kept, and takes as long to load as Python takes to start.
"""

from __future__ import annotations

import io
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Final

__all__ = ["decode", "encode", "plain_text", "text_stream"]


_PLAIN = frozenset({str, int, float, bool, type(None)})
_SYNC: Final = {"command": "sync"}  # the most frequent message


def encode(message: Mapping[str, Any]) -> str:
    """Return the message as simplejson prints it.

    Raises:
        TypeError, ValueError: the message holds what JSON cannot.
    """
    text = plain_text(message)
    if text is None:
        text = _simplejson().dumps(message)
    return text


def plain_text(message: Mapping[str, Any]) -> str | None:
    """Return the message as simplejson prints it, if it holds nothing but plain values and lists of them; else None."""
    if message == _SYNC:
        return '{"command": "sync"}'
    for value in message.values():
        kind = type(value)
        if kind not in _PLAIN and not (
            (kind is list or kind is tuple) and _PLAIN.issuperset(map(type, value))
        ):
            return None
    return "".join(_ENCODE(message, 0))


def decode(text: str) -> Any:
    """Return the value of a JSON text, as simplejson reads it.

    Raises:
        ValueError: the text is no JSON.
    """
    try:
        value, end = _SCAN(text, 0)
        if end == len(text):
            return value
    except (StopIteration, ValueError, SystemError):
        # simplejson says what is wrong; up to Python 3.11 the scanner cannot while json is not loaded.
        pass
    return _simplejson().loads(text, allow_nan=True)


class _Reading:
    """The settings of the kept scanner: the defaults of the json module."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = float  # Storm 2.6 and newer may hand on a NaN


def _kept() -> tuple[Any, Any]:
    """Return the encoder and the scanner."""
    try:
        import _json
    except ImportError:  # another Python than CPython: everything is left to simplejson
        return (lambda value, _: [_simplejson().dumps(value)]), (
            lambda text, _: (_simplejson().loads(text, allow_nan=True), len(text))
        )
    quote = _json.encode_basestring_ascii
    return (
        _json.make_encoder(None, repr, quote, None, ": ", ", ", False, False, False),
        _json.make_scanner(_Reading),  # type: ignore[arg-type]  # any object with these attributes
    )


def _simplejson() -> Any:
    import simplejson

    return simplejson


_ENCODE, _SCAN = _kept()


def text_stream(stream: Any) -> Any:
    """Return a text stream in UTF-8 over a stream of text or bytes, whatever the platform's encoding is."""
    if stream in (sys.stdin, sys.stdout) or not hasattr(stream, "readable"):
        return stream  # the process's own are taken over by run(); others have a form of their own
    if isinstance(stream, io.TextIOBase):
        buffer = getattr(stream, "buffer", None)
        return stream if buffer is None else io.TextIOWrapper(buffer, encoding="utf-8")
    return io.TextIOWrapper(stream, encoding="utf-8", newline="\n")

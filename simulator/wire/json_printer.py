"""Prints JSON as Storm does: one line without spaces, Java's floats, and its escapes."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, Final


class LongFloat(float):
    """A float whose token has more than 18 characters: Storm >= 2.6 keeps its literal as a BigDecimal."""

    __slots__ = ("literal",)
    literal: str

    def __new__(cls, literal: str) -> LongFloat:
        digits, _, exponent = literal.lower().partition("e")
        scale = len(digits.partition(".")[2]) - (int(exponent[:20]) if exponent else 0)
        if not -(2**31) < scale < 2**31:
            raise ValueError(
                f"java.lang.NumberFormatException: exponent of {literal[:40]} out of range"
            )
        self = super().__new__(cls, literal)
        self.literal = literal
        return self


# json-simple and json-smart escape these and write other non-ASCII characters as they are.
_ESCAPED = re.compile("[\x7f-\x9f\u2000-\u20ff]")
# Control characters are escaped with capital digits there; what follows an escaped backslash is none.
_CONTROL = re.compile(r"(\\\\)|\\u(00[01][0-9a-f])")


def _kept_encoder() -> Callable[[object], str]:
    """A C encoder that is made once; ``JSONEncoder.encode`` makes one at every call."""
    encoder: Any = json.encoder  # typeshed does not know its parts
    if encoder.c_make_encoder is None:
        return json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    quote = encoder.encode_basestring
    encode = encoder.c_make_encoder(None, None, quote, None, ":", ",", False, False, False)
    return lambda value: "".join(encode(value, 0))


_DUMP = _kept_encoder()
#: The types of values that JSON brings back as they are, and that Storm prints as Python does.
PLAIN: Final = frozenset({str, int, bool, type(None)})


def storm_json(value: object) -> str:
    """Print a value as Storm does: no spaces, ``/`` as ``\\/``, Java's floats, one line."""
    kind = type(value)
    if kind is int:
        return str(value)
    if kind is str or kind is bool or value is None or (kind is list and _is_plain(value)):
        text = _DUMP(value)
    else:
        text = _print(value)
    if "/" in text:
        text = text.replace("/", "\\/")
    if not text.isascii() or "\x7f" in text:
        text = _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04X}", text)
    if "\\u00" in text:
        text = _CONTROL.sub(lambda match: match[1] or f"\\u{match[2].upper()}", text)
    return text


class _Quoted(dict[str, str]):
    def __missing__(self, name: str) -> str:
        text = self[name] = storm_json(name)
        return text


#: Component and stream ids as JSON, by name; each is printed once, since a topology has only so many.
QUOTED: Final = _Quoted()


def _is_plain(values: object) -> bool:
    return PLAIN.issuperset(map(type, values))  # type: ignore[call-overload]  # a list


def _print(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(_printed_entries(value)) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(_print, value)) + "]"
    if isinstance(value, LongFloat):
        number = Decimal(value.literal)
        # BigDecimal.toString and Decimal's str are the same algorithm, but BigDecimal has no negative zero.
        return str(number or number.copy_abs())
    if isinstance(value, float):
        return java_double(value)
    return _DUMP(value)


def _printed_entries(value: dict[object, object]) -> Iterator[str]:
    plain: dict[str, object] = {}  # printed together: a configuration has a hundred of them
    for key, item in value.items():
        if type(item) in PLAIN and type(key) is str:
            plain[key] = item
            continue
        if plain:
            yield _DUMP(plain)[1:-1]
            plain = {}
        yield f"{_DUMP(str(key))}:{_print(item)}"
    if plain:
        yield _DUMP(plain)[1:-1]


def java_double(value: float) -> str:
    """Print a float as ``Double.toString`` does: 1.0, 1.0E10, 1.0E-7; an infinity as ``null``, as json-simple does."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "null"
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        plain = format(Decimal(repr(value)), "f")
        return plain if "." in plain else plain + ".0"
    shortest = repr(value)
    if shortest.lstrip("-")[1] == "e":  # of two digits, Java takes those that are nearest: 4.9E-324
        shortest = f"{value:.1e}"
    sign, digits, exponent = Decimal(shortest).as_tuple()
    assert isinstance(exponent, int)  # finite
    text = "".join(map(str, digits)).rstrip("0") or "0"
    power = exponent + len(digits) - 1
    return f"{'-' if sign else ''}{text[0]}.{text[1:] or '0'}E{power}"

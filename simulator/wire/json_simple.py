"""Reads JSON as json-simple does in Storm up to 2.5: with all that it forgives.

It reads commas and colons too many or too few, leading zeros, unknown escapes and control characters in strings, and a
quote that begins a string at the end. ``json_reader`` asks here only where the text is no JSON.

Source: json-simple 1.1, ``Yylex`` and ``JSONParser.parse``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

_TOKEN: Final = re.compile(
    r'[ \t\r\n]+|(?P<sign>[{}\[\]:,])|(?P<string>"(?:[^"\\]|\\["\\/bfnrt]|\\u[0-9A-Fa-f]{4}|\\)*)(?P<closed>"?)'
    r"|(?P<float>-?[0-9]+(?:\.[0-9]+(?:[eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+))|(?P<int>-?[0-9]+)|(?P<word>true|false|null)"
)
_ESCAPE: Final = re.compile(r'\\(?:u([0-9A-Fa-f]{4})|(["\\/bfnrt]))')
_ESCAPED: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_WORDS: Final = {"true": True, "false": False, "null": None}
Token = tuple[str, object]  # a sign, or "" and a value


def read(text: str, read_int: Callable[[str], int]) -> object:
    """Return the value of a text.

    Args:
        text: what may be JSON.
        read_int: makes an integer of its digits, or raises ValueError.

    Raises:
        ValueError: json-simple cannot read it either.
    """
    tokens = _tokens(text, read_int)
    found = _value(next(tokens, ("end", None)), tokens)
    for sign, _ in tokens:
        raise ValueError(f"unexpected {sign or 'value'} behind the JSON")
    return found


def _tokens(text: str, read_int: Callable[[str], int]) -> Iterator[Token]:
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ValueError(f"unexpected {text[at]!r} at character {at + 1}")
        at = match.end()
        kind = match.lastgroup
        if kind == "closed":
            if not match["closed"]:
                return  # the text ends in a string
            yield "", _unescaped(match["string"][1:])
        elif kind == "sign":
            yield match["sign"], None
        elif kind == "float":
            yield "", float(match["float"])
        elif kind == "int":
            yield "", read_int(match["int"])
        elif kind == "word":
            yield "", _WORDS[match["word"]]


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    plain = _ESCAPE.sub(
        lambda each: chr(int(each[1], 16)) if each[1] else _ESCAPED.get(each[2], each[2]), text
    )
    # Java's characters are halves of UTF-16: two escapes may be one of ours.
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def _value(token: Token, tokens: Iterator[Token]) -> object:
    sign, value = token
    if sign == "{":
        return _map(tokens)
    if sign == "[":
        return _list(tokens)
    if sign:
        raise ValueError(f"unexpected {sign}")
    return value


def _list(tokens: Iterator[Token]) -> list[object]:
    found: list[object] = []
    for token in tokens:
        if token[0] == "]":
            return found
        if token[0] != ",":
            found.append(_value(token, tokens))
    raise ValueError("unexpected end")


def _map(tokens: Iterator[Token]) -> dict[str, object]:
    found: dict[str, object] = {}
    for sign, key in tokens:
        if sign == "}":
            return found
        if sign == ",":
            continue
        if sign or not isinstance(key, str):
            raise ValueError(f"unexpected {sign or 'value'} where a key should be")
        token = next((each for each in tokens if each[0] != ":"), ("end", None))
        found[key] = _value(token, tokens)
    raise ValueError("unexpected end")

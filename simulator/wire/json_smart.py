"""Reads JSON as json-smart does in Storm 2.6 and newer: with all that it forgives.

It reads single quotes, words without quotes, commas too many, leading zeros, control characters in strings, and ignores
what stands behind the first value. ``json_reader`` asks here only where the text is no JSON.

Source: json-smart 2.5, ``JSONParserBase`` and ``JSONParserMemory``, in the mode of ``JSONValue.parseWithException``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

_END: Final = "\x1a"  # stands for the end of the text, there as here
_SPACES: Final = " \r\n\t"
_WHITE: Final = (  # Java's Character.isWhitespace
    "\t\n\x0b\f\r\x1c\x1d\x1e\x1f \u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2008\u2009\u200a"
    "\u2028\u2029\u205f\u3000"
)
_DIGITS: Final = frozenset("0123456789")
_KEY, _IN_MAP, _IN_LIST, _NOWHERE = (frozenset(stops + _END) for stops in (":", ",}", ",]", ""))
_ESCAPES: Final = {
    "t": "\t", "n": "\n", "r": "\r", "f": "\f", "b": "\b", "\\": "\\", "/": "/", "'": "'", '"': '"',
}  # fmt: skip
_HEX: Final = {"u": 4, "x": 2}
_WORDS: Final = {"null": None, "true": True, "false": False, "NaN": float("nan")}


def read(text: str, read_float: Callable[[str], float]) -> object:
    """Return the first value of a text.

    Args:
        text: what may be JSON.
        read_float: makes a float of its digits.

    Raises:
        ValueError: json-smart cannot read it either.
    """
    return _Parser(text, read_float).value(_NOWHERE)


class _Parser:
    def __init__(self, text: str, read_float: Callable[[str], float]) -> None:
        self._text = text + _END
        self._at = 0
        self._read_float = read_float

    @property
    def _char(self) -> str:
        return self._text[min(self._at, len(self._text) - 1)]

    def _skip(self, chars: str | frozenset[str]) -> None:
        while self._char in chars:
            self._at += 1

    def _skip_space(self) -> None:
        while self._char <= " " and self._char != _END:
            self._at += 1

    def _unexpected(self) -> ValueError:
        found = "end" if self._char == _END else repr(self._char)
        return ValueError(f"unexpected {found} at character {self._at + 1}")

    def value(self, stops: frozenset[str]) -> object:
        """Read the value that begins here.

        Args:
            stops: the characters that end a word without quotes.
        """
        self._skip(_SPACES)
        char = self._char
        if char in ":}]":
            raise self._unexpected()
        if char == "{":
            return self._map()
        if char == "[":
            return self._list()
        if char in "\"'":
            return self._string()
        if char in _DIGITS or char == "-":
            return self._number(stops)
        word = self._word(stops)
        return _WORDS.get(word, word)

    def _word(self, stops: frozenset[str], begin: int | None = None) -> str:
        begin = self._at if begin is None else begin
        while self._char not in stops:
            self._at += 1
        word = self._text[begin : self._at]
        return word.strip(_WHITE) or word[-1:]  # at least a character is left

    def _list(self) -> list[object]:
        found: list[object] = []
        self._at += 1
        while True:
            self._skip(_SPACES + ",")
            if self._char == "]":
                self._at += 1
                return found
            if self._char == _END:
                raise self._unexpected()
            found.append(self.value(_IN_LIST))

    def _map(self) -> dict[str, object]:
        found: dict[str, object] = {}
        self._at += 1
        while True:
            self._skip(_SPACES + ",")
            char = self._char
            if char == "}":
                self._at += 1
                return found
            if char in ":][{":
                raise self._unexpected()
            key = self._string() if char in "\"'" else self._word(_KEY)
            self._skip_space()
            if self._char != ":":
                raise self._unexpected()
            self._at += 1
            found[key] = self.value(_IN_MAP)
            self._skip_space()
            if self._char not in "},":
                raise self._unexpected()

    def _string(self) -> str:
        quote = self._char
        end = self._text.find(quote, self._at + 1, len(self._text) - 1)
        if end < 0:
            self._at = len(self._text)
            raise self._unexpected()
        plain = self._text[self._at + 1 : end]
        if "\\" in plain:
            return self._escaped(quote)
        self._at = end + 1
        return plain

    def _escaped(self, quote: str) -> str:
        parts: list[str] = []
        while True:
            self._at += 1
            char = self._char
            if char == quote:
                self._at += 1
                # Java's characters are halves of UTF-16: two escapes may be one of ours.
                halves = "".join(parts).encode("utf-16", "surrogatepass")
                return halves.decode("utf-16", "surrogatepass")
            if char == _END:
                raise self._unexpected()
            if char == "\\":
                self._at += 1
                parts.append(self._escape())
            elif (
                char > "\x1f" and char != "\x7f"
            ):  # control characters are left out here, and only here
                parts.append(char)

    def _escape(self) -> str:
        size = _HEX.get(self._char)
        if size is None:
            return _ESCAPES.get(self._char, "")
        digits = self._text[self._at + 1 : self._at + 1 + size]
        if len(digits) < size or not all(each in "0123456789abcdefABCDEF" for each in digits):
            raise self._unexpected()
        self._at += size
        return chr(int(digits, 16))

    def _number(self, stops: frozenset[str]) -> object:
        begin = self._at
        self._at += 1
        self._skip(_DIGITS)
        is_float = self._char in ".eE"
        if self._char == ".":
            self._at += 1
            self._skip(_DIGITS)
        if self._char in "eE":
            self._at += 1
            if self._char not in "+-0123456789":
                return self._word(stops, begin)
            self._at += 1
            self._skip(_DIGITS)
        self._skip_space()
        if self._char < "~" and self._char not in stops:
            return self._word(stops, begin)
        token = self._text[begin : self._at].strip()
        if is_float:
            return self._read_float(token)
        return int(token) if token != "-" else 0

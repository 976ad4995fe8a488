"""Clojure's syntax beyond EDN's: its words, characters and prefixes.

Clojure reads all of a file, also what no component of ours needs. So everything that Clojure reads is parsed here too.
What the evaluator has no value for is ``Unsupported``, and is refused only when its value is needed.

Sources: ``LispReader.java`` of Clojure 1.5 to 1.10.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

__all__ = [
    "CHARACTER",
    "PREFIXES",
    "READERS",
    "REFUSED",
    "REGULAR_EXPRESSION",
    "WORD",
    "Keyword",
    "Name",
    "Unsupported",
    "is_character",
    "is_number",
    "read_word",
]


class Keyword(NamedTuple):
    """A keyword; ``name`` has no colon in front."""

    name: str

    def __str__(self) -> str:
        return f":{self.name}"


class Name(NamedTuple):
    """A symbol."""

    name: str


class Unsupported(NamedTuple):
    """A form that Clojure reads and that has no value here.

    Attributes:
        what: what it is, for messages.
        remedy: what to write instead.
        is_unique: it equals no other form, even one that is written alike.
    """

    what: str
    remedy: str = "write the value out"
    is_unique: bool = False

    def __str__(self) -> str:
        return self.what


# A macro character of Clojure ends a word, except # ' and %.
WORD: Final = re.compile(r"""[^\s,()\[\]{}";@^`~\\]+""")
CHARACTER: Final = re.compile(r"""\\.[^\s,()\[\]{}";@^`~\\]*""", re.S)
REGULAR_EXPRESSION: Final = re.compile(r'#"[^"\\]*(?:\\.[^"\\]*)*"', re.S)

_CHARACTER_NAMES: Final = frozenset(
    {"newline", "space", "tab", "backspace", "formfeed", "return"},
)
_NAME: Final = re.compile(r":?(?:[^\d/].*/)?(?:/|[^\d/][^/]*)", re.S | re.ASCII)
_NUMBER: Final = re.compile(r"[+-]?\d", re.ASCII)
_RATIO: Final = re.compile(r"[+-]?\d+/0*[1-9]\d*", re.ASCII)
_RADIX: Final = re.compile(
    r"([+-]?)(?:0()([0-7]+)|0[xX]()([0-9A-Fa-f]+)|(\d{1,2})[rR](\w+))N?", re.ASCII
)
_POINT: Final = re.compile(r"([+-]?\d+\.(?:[eE][+-]?\d{1,9})?)M?", re.ASCII)

#: What stands in front of one form, and of two after ``^``. A quote, metadata and a discarded form are supported.
PREFIXES: Final[Mapping[str, Unsupported | None]] = {
    "'": None,
    "#_": None,
    "^": None,
    "#^": None,
    "`": Unsupported("a syntax quote `"),
    "~": Unsupported("an unquote ~"),
    "~@": Unsupported("an unquote ~@"),
    "@": Unsupported("a dereference @"),
    "#'": Unsupported("a var #'"),
    "#=": Unsupported("a read-time evaluation #="),
}
#: The tags for which Clojure itself has a reader.
READERS: Final = ("inst", "uuid")
#: What Clojure does not read, or takes for a part of a name that nobody defines.
REFUSED: Final[Mapping[str, tuple[str, str]]] = {
    "#?": ("a reader conditional", "keep the branch for :clj"),  # .cljc only
    "\u201c": ("a typographic quote \u201c", 'expected straight quotes: "word"'),
    "\u201d": ("a typographic quote \u201d", 'expected straight quotes: "word"'),
    "\u2018": ("a typographic quote \u2018", 'expected straight quotes: "word"'),
    "\u2019": ("a typographic quote \u2019", 'expected straight quotes: "word"'),
    "\ufeff": ("a byte order mark", "save the file as UTF-8 without it: Clojure cannot read it"),
    "\xa0": ("a no-break space", "expected a plain space"),
}


def is_character(text: str) -> bool:
    r"""Return whether Clojure reads ``\a``, ``\newline``, ``\u00e9`` or ``\o101`` as a character."""
    name = text[1:]
    if len(name) == 1 or name in _CHARACTER_NAMES:
        return True
    if re.fullmatch(r"u[0-9A-Fa-f]{4}", name):
        return not 0xD800 <= int(name[1:], 16) < 0xE000
    return re.fullmatch(r"o[0-3]?[0-7]{1,2}", name) is not None


def is_number(word: str) -> bool:
    """Return whether Clojure takes a word for a number, right or wrong."""
    return _NUMBER.match(word) is not None


def read_word(word: str) -> int | float | Name | Keyword | Unsupported | None:
    """Return what Clojure reads a word as that is not EDN's; None when Clojure refuses it."""
    if is_number(word):
        return _read_number(word)
    namespace = word.rpartition("/")[0]
    is_name = _NAME.fullmatch(word) and not word.endswith(":") and "::" not in word[1:]
    if not is_name or namespace.endswith(":") or not word.isprintable():
        return None
    if word.startswith("::"):
        return Unsupported(f"a keyword of the namespace {word}", "expected a string")
    return Keyword(word[1:]) if word.startswith(":") else Name(word)


def _read_number(word: str) -> int | float | Unsupported | None:
    if _RATIO.fullmatch(word):
        return Unsupported(f"a ratio {word[:60]}", "expected a decimal")
    if point := _POINT.fullmatch(word):
        return float(point[1])
    radix = _RADIX.fullmatch(word)
    if radix is None:
        return None
    octal, hexadecimal, base, digits = radix[3], radix[5], radix[6], radix[7]
    try:
        number = int(
            octal or hexadecimal or digits, 8 if octal else 16 if hexadecimal else int(base)
        )
    except ValueError:  # a digit that the base does not have
        return None
    return -number if radix[1] == "-" else number

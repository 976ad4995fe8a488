"""Parses the text of a topology file into a tree whose nodes know their offsets.

The tokens are those of ``edn_format``. Its parser does not keep their offsets, so the tree is built here. Of the syntax
that Clojure has and EDN lacks, quotes, metadata and discarded forms are supported; the rest is refused by name.
"""

from __future__ import annotations

import re
import sys
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, Literal, NamedTuple, NoReturn

from edn_format import edn_lex
from edn_format.exceptions import EDNDecodeError

from simulator.model import NOWHERE, Place, Problem, TopologyError, shown

__all__ = ["MOST_NESTED", "Keyword", "Node", "Refused", "Source", "read_forms"]

# Each level takes up to six of Python's thousand stack frames, and the caller needs some.
MOST_NESTED = 80


class Refused(Exception):
    """Raised for a mistake that leaves a form without a value."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


class Source:
    """A text and the places of its offsets.

    Args:
        text: the text.
        path: the file that it is from.
    """

    def __init__(self, text: str, path: str) -> None:
        self.text = text
        self.path = path
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def place(self, at: int) -> Place:
        """Return the line and column of an offset."""
        line = bisect_right(self._starts, at)
        return Place(self.path, line, at - self._starts[line - 1] + 1)

    def problem(
        self, at: int, finding: str, remedy: str = "", storm: str = "", component: str | None = None
    ) -> Problem:
        """Return a problem at the offset ``at``."""
        return Problem(self.place(at), component, finding, remedy, storm)

    def refusal(self, at: int, finding: str, remedy: str = "", storm: str = "") -> Refused:
        """Return an exception with a problem at the offset ``at``."""
        return Refused(self.problem(at, finding, remedy, storm))


# -- the tree ---------------------------------------------------------------------------------------


class Keyword(NamedTuple):
    """A keyword; ``name`` has no colon in front."""

    name: str

    def __str__(self) -> str:
        return f":{self.name}"


_Form = Literal["literal", "symbol", "list", "vector", "map", "set"]


class Node:
    """A form.

    Attributes:
        form: its kind.
        at: the offset at which it begins.
        value: the value of a literal, the name of a symbol.
        items: the forms inside of a list, vector, map or set.
    """

    __slots__ = ("at", "form", "items", "value")

    def __init__(
        self, form: _Form, at: int, value: object = None, items: Sequence[Node] = ()
    ) -> None:
        self.form = form
        self.at = at
        self.value = value
        self.items = items

    def __str__(self) -> str:
        if self.form in ("literal", "symbol"):
            return shown(self.value) if self.form == "literal" else str(self.value)
        opener = next(mark for mark, form in _FORMS.items() if form == self.form)
        return f"{opener}{' '.join(map(str, self.items))}{_CLOSERS[opener]}"[:80]

    def is_call_of(self, *names: str) -> bool:
        """Return whether it is a list that begins with one of these symbols."""
        head = self.items[0] if self.form == "list" and self.items else None
        return head is not None and head.form == "symbol" and head.value in names

    def same(self) -> object:
        """Return a value that is equal for forms that are written alike."""
        if self.items or self.form not in ("literal", "symbol"):
            form = "list" if self.form == "vector" else self.form
            return (form, *(item.same() for item in self.items))
        return (self.form, type(self.value), self.value)


@dataclass
class _Open:
    """A bracket or a prefix such as ' whose forms are not complete yet."""

    opener: str
    at: int
    items: list[Node] = field(default_factory=list)


_CLOSERS: Final = {"(": ")", "[": "]", "{": "}", "#{": "}"}
_FORMS: Final[Mapping[str, _Form]] = {"(": "list", "[": "vector", "{": "map", "#{": "set"}
_PREFIXES: Final = {"'": 1, "#_": 1, "^": 2, "#^": 2}  # how many forms each takes
# Java's Character.isWhitespace, and so Clojure, does not take a no-break space for white space.
_BLANK: Final = re.compile(r"(?:[^\S\xa0\u2007\u202f]|,|;[^\n\r]*|#![^\n\r]*)+")
_STRING: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.S)
_ESCAPE: Final = re.compile(r'\\(?:[tnrbf"\\]|u[0-9A-Fa-f]{4}|[0-3]?[0-7]{1,2}(?![0-7])|(.))', re.S)
_WORD: Final = re.compile(r"""[^\s,()\[\]{}";]*""")
_DELIMITERS: Final = frozenset(' \t\n\r\f,()[]{}";')
_REFUSED_SYNTAX: Final = {
    "`": ("a syntax quote `", "write the value out"),
    "~": ("an unquote ~", "write the value out"),
    "@": ("a dereference @", "write the value out"),
    '#"': ("a regular expression", "expected a string"),
    "#(": ("a function literal #(...)", "write the values out"),
    "#'": ("a var #'", "write the value out"),
    "#?": ("a reader conditional", "keep the branch for :clj"),
    "#=": ("a read-time evaluation #=", "write the value out"),
    "#:": ("a map with a namespace", "write the keys in full"),
    "\u201c": ("a typographic quote \u201c", 'expected straight quotes: "word"'),
    "\u201d": ("a typographic quote \u201d", 'expected straight quotes: "word"'),
    "\u2018": ("a typographic quote \u2018", 'expected straight quotes: "word"'),
    "\u2019": ("a typographic quote \u2019", 'expected straight quotes: "word"'),
    "\ufeff": ("a byte order mark", "save the file as UTF-8 without it: Clojure cannot read it"),
    "\xa0": ("a no-break space", "expected a plain space"),
}


def read_forms(source: Source) -> tuple[list[Node], list[Problem]]:
    """Return the forms of a text, and the problems that do not keep it from being parsed: equal keys of a map.

    Raises:
        Refused: the text cannot be parsed: a bracket or a quote is not closed, or it uses syntax that is not supported.
    """
    return _Reader(source).read()


@lru_cache(maxsize=1)
def _made_lexer() -> Any:  # ply has no types
    if sys.flags.optimize > 1:
        raise TopologyError(
            [
                Problem(
                    NOWHERE,
                    None,
                    "topology files cannot be read under python -OO, which removes docstrings that their reader needs",
                    "use python -O, and PYTHONOPTIMIZE=1",
                )
            ]
        )
    return edn_lex.lex()


class _Reader:
    """Reads one token after the other, with the open brackets and prefixes on a stack."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._text = source.text
        self._lexer = _made_lexer().clone()  # shares the tables and keeps its own position
        self._lexer.input(source.text)
        self._stack: list[_Open] = []
        self._top: list[Node] = []
        self._problems: list[Problem] = []

    def read(self) -> tuple[list[Node], list[Problem]]:
        at = self._skip(0)
        while at < len(self._text):
            at = self._skip(self._step(at))
        if self._stack:
            self._unclosed(self._stack[-1])
        return self._top, self._problems

    def _skip(self, at: int) -> int:
        blank = _BLANK.match(self._text, at)
        return blank.end() if blank else at

    def _step(self, at: int) -> int:
        """Read one token; return the offset behind it."""
        one, two = self._text[at], self._text[at : at + 2]
        mark = two if two in _PREFIXES or two in _CLOSERS or two in _REFUSED_SYNTAX else one
        if mark in _REFUSED_SYNTAX:
            self._refuse_syntax(mark, at)
        if mark in _CLOSERS or mark in _PREFIXES:
            if len(self._stack) >= MOST_NESTED:
                raise self._source.refusal(
                    at, f"more than {MOST_NESTED} levels of nesting", "flatten it"
                )
            self._stack.append(_Open(mark, at))
            return at + len(mark)
        if mark in _CLOSERS.values():
            self._close(mark, at)
            return at + 1
        if mark == '"':
            self._check_string(at)
        return self._atom(at)

    def _refuse_syntax(self, mark: str, at: int) -> None:
        what, remedy = _REFUSED_SYNTAX[mark]
        raise self._source.refusal(at, f"{what} is not supported", remedy)

    def _atom(self, at: int) -> int:
        self._lexer.lexpos = at
        try:
            token = self._lexer.token()
        except (EDNDecodeError, ArithmeticError, ValueError):
            token = (
                None  # no token, or a number that Python refuses: 1/0, too many digits for int()
            )
        end: int = self._lexer.lexpos
        if token is None or token.lexpos != at:
            raise self._source.refusal(
                at, f"{shown(self._word(at))} cannot be read", "is it a string without quotes?"
            )
        after = self._text[end : end + 1]
        if after in _REFUSED_SYNTAX and after not in _DELIMITERS:
            self._refuse_syntax(after, end)
        if token.type != "STRING" and after and after not in _DELIMITERS:
            raise self._source.refusal(at, f"{self._word(at)} is neither a number nor a name")
        self._add(self._node(token.type, token.value, at))
        return end

    def _node(self, kind: str, value: Any, at: int) -> Node:
        if kind == "SYMBOL":
            is_literal = value is None or isinstance(value, bool)
            return Node("literal", at, value) if is_literal else Node("symbol", at, value.name)
        if kind == "KEYWORD":
            return Node("literal", at, Keyword(value.name))
        if kind == "STRING":
            return Node("literal", at, self._joined(value, at))
        if kind in ("INTEGER", "HEX_INTEGER", "SYMBOLIC_VALUE"):
            return Node("literal", at, value)
        if kind == "FLOAT":
            return Node("literal", at, float(value))  # 1.5M too: JSON does not distinguish them
        word = self._word(at)
        what = {"RATIO": "a ratio", "CHAR": "a character", "WHITESPACE": "a character"}.get(
            kind, "a tag"
        )
        raise self._source.refusal(
            at,
            f"{what} {word} is not supported",
            {"a ratio": "expected a decimal"}.get(what, "expected a string"),
        )

    def _joined(self, value: str, at: int) -> str:
        r"""Join surrogate pairs: to Java, whose strings are UTF-16, "\ud83d\ude00" is one character."""
        if value.isascii():
            return value
        try:
            return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
        except UnicodeDecodeError:
            raise self._source.refusal(
                at, "a string with half a surrogate pair", "write the character itself"
            ) from None

    def _check_string(self, at: int) -> None:
        string = _STRING.match(self._text, at)
        if string is None:
            raise self._source.refusal(at, "a string that is never closed", 'close it with "')
        for escape in _ESCAPE.finditer(self._text, at, string.end()):
            if escape[1] is not None:
                raise self._source.refusal(
                    escape.start(),
                    f"{shown(escape[0])} is not an escape sequence of Clojure",
                    r"write a backslash as \\",
                    f"Unsupported escape character: {escape[0]}",
                )

    def _word(self, at: int) -> str:
        word = _WORD.match(self._text, at)
        return (word[0] if word and word[0] else self._text[at])[:60]

    def _close(self, closer: str, at: int) -> None:
        if not self._stack:
            raise self._source.refusal(
                at, f"{closer} closes nothing", "remove it, or open it before"
            )
        opened = self._stack[-1]
        if _CLOSERS.get(opened.opener) != closer:
            where = self._source.place(opened.at)
            wanted = _CLOSERS.get(opened.opener, "a form")
            raise self._source.refusal(
                at,
                f"found {closer}, but the {opened.opener} of line {where.line}, column {where.column} is open",
                f"expected {wanted} first",
            )
        self._stack.pop()
        node = Node(_FORMS[opened.opener], opened.at, items=opened.items)
        if node.form == "map":
            self._check_map(node)
        elif node.form == "set":
            self._check_twins(node.items, "element of a set", "Duplicate key")
        self._add(node)

    def _check_map(self, node: Node) -> None:
        if len(node.items) % 2:
            last = node.items[-1]
            raise self._source.refusal(
                last.at,
                f"the map of line {self._source.place(node.at).line} has a key without a value",
                "expected {key value ...}",
                "Map literal must contain an even number of forms",
            )
        self._check_twins(node.items[::2], "key of a map", "Duplicate key")

    def _check_twins(self, nodes: Sequence[Node], what: str, storm: str) -> None:
        seen: set[object] = set()
        for node in nodes:
            if node.same() in seen:
                self._problems.append(_twin(self._source, node.at, str(node), what, storm))
            seen.add(node.same())

    def _add(self, node: Node) -> None:
        while self._stack:
            opened = self._stack[-1]
            opened.items.append(node)
            if len(opened.items) != _PREFIXES.get(opened.opener):
                return
            self._stack.pop()
            if opened.opener == "#_":
                return
            if opened.opener == "'":
                quote = Node("symbol", opened.at, "quote")
                node = Node("list", opened.at, items=[quote, *opened.items])
            else:
                node = opened.items[1]  # ^meta form: metadata is ignored
        self._top.append(node)

    def _unclosed(self, opened: _Open) -> NoReturn:
        closer = _CLOSERS.get(opened.opener)
        if closer is None:
            raise self._source.refusal(
                opened.at, f"nothing follows this {opened.opener}", "remove it"
            )
        raise self._source.refusal(
            opened.at,
            f"this {opened.opener} is never closed",
            f"expected {closer}",
            "EOF while reading",
        )


def _twin(source: Source, at: int, name: str, what: str, storm: str) -> Problem:
    return source.problem(
        at, f"{name} is the {what} twice", "keep one of the two", f"{storm}: {name}"
    )

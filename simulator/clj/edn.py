"""Parses the text of a topology file into a tree whose nodes know their offsets.

The tokens are those of ``edn_format``. Its parser does not keep their offsets, so the tree is built here. What Clojure
has and EDN lacks comes from ``syntax``: a file that Clojure reads is read here too, whether or not its forms have a
value.
"""

from __future__ import annotations

import re
import sys
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, Literal, NoReturn

from edn_format import edn_lex
from edn_format.exceptions import EDNDecodeError

from simulator.clj.syntax import (
    CHARACTER,
    PREFIXES,
    READERS,
    REFUSED,
    REGULAR_EXPRESSION,
    WORD,
    Keyword,
    Name,
    Unsupported,
    is_character,
    is_number,
    read_word,
)
from simulator.model import NOWHERE, Place, Problem, TopologyError, shown

__all__ = ["MOST_NESTED", "Keyword", "Node", "Refused", "Source", "Unsupported", "read_forms"]

# Each level takes up to six of Python's thousand stack frames, and the caller needs some.
MOST_NESTED = 80


class Refused(Exception):
    """Raised for mistakes that leave a form without a value.

    Attributes:
        problems: the mistakes, at least one.
    """

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*problems)
        self.problems = problems


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


_Form = Literal["literal", "symbol", "list", "vector", "map", "set", "unsupported"]
_ATOMS: Final = ("literal", "symbol", "unsupported")


class Node:
    """A form.

    Attributes:
        form: its kind.
        at: the offset at which it begins.
        value: the value of a literal, the name of a symbol, the ``Unsupported`` of an unsupported form.
        items: the forms inside of it.
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
        if self.form in _ATOMS:
            return shown(self.value) if self.form == "literal" else str(self.value)
        opener = next(mark for mark, form in _FORMS.items() if form == self.form)
        return f"{opener}{' '.join(map(str, self.items))}{_CLOSERS[opener]}"[:80]

    def is_call_of(self, *names: str) -> bool:
        """Return whether it is a list that begins with one of these symbols."""
        head = self.items[0] if self.form == "list" and self.items else None
        return head is not None and head.form == "symbol" and head.value in names

    def same(self) -> object:
        """Return a value that is equal for forms that are written alike."""
        if isinstance(self.value, Unsupported):
            mark = self.at if self.value.is_unique else self.value.what
            return ("unsupported", mark, *(item.same() for item in self.items))
        if self.items or self.form not in _ATOMS:
            form = "list" if self.form == "vector" else self.form
            return (form, *(item.same() for item in self.items))
        return (self.form, type(self.value), self.value)


@dataclass
class _Open:
    """A bracket or a prefix whose forms are not complete yet; ``takes`` is how many a prefix takes."""

    opener: str
    at: int
    takes: int | None = None
    unsupported: Unsupported | None = None
    items: list[Node] = field(default_factory=list)


_CLOSERS: Final = {"(": ")", "[": "]", "{": "}", "#{": "}", "#(": ")"}
_FORMS: Final[Mapping[str, _Form]] = {"(": "list", "[": "vector", "{": "map", "#{": "set"}
_FUNCTION: Final = Unsupported("a function literal #(...)", "write the values out", is_unique=True)
_PATTERN: Final = Unsupported("a regular expression", "expected a string", is_unique=True)
_LITERALS: Final = ("INTEGER", "HEX_INTEGER", "FLOAT", "SYMBOLIC_VALUE")
_NAMED: Final = {"nil": None, "true": True, "false": False}
_TWO_FORMS: Final = ("^", "#^")
_COMMENT: Final = "a comment begins with ;"
# Java's Character.isWhitespace, and so Clojure, does not take a no-break space for white space.
_BLANK: Final = re.compile(r"(?:[^\S\xa0\u2007\u202f]|,|;[^\n\r]*|#![^\n\r]*)+")
_STRING: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.S)
_ESCAPE: Final = re.compile(r'\\(?:[tnrbf"\\]|u[0-9A-Fa-f]{4}|[0-3]?[0-7]{1,2}(?![0-7])|(.))', re.S)


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
        mark = two if two in PREFIXES or two in _CLOSERS or two in REFUSED else one
        if mark in REFUSED:
            self._refuse_syntax(mark, at)
        if mark in _CLOSERS:
            if mark == "#(" and any(opened.opener == "#(" for opened in self._stack):
                raise self._source.refusal(
                    at, "a #(...) in another", "use (fn [x] ...)", "Nested #()s are not allowed"
                )
            return self._open(_Open(mark, at), at + len(mark))
        if mark in PREFIXES:
            takes = 2 if mark in _TWO_FORMS else 1
            return self._open(_Open(mark, at, takes, PREFIXES[mark]), at + len(mark))
        if mark in _CLOSERS.values():
            self._close(mark, at)
            return at + 1
        if one == "#" and two != "##":
            return self._dispatch(two, at)
        if one == "\\":
            return self._character(at)
        return self._string(at) if one == '"' else self._atom(at)

    def _open(self, opened: _Open, following: int) -> int:
        if len(self._stack) >= MOST_NESTED:
            raise self._source.refusal(
                opened.at, f"more than {MOST_NESTED} levels of nesting", "flatten it"
            )
        self._stack.append(opened)
        return following

    def _refuse_syntax(self, mark: str, at: int) -> NoReturn:
        what, remedy = REFUSED[mark]
        raise self._source.refusal(at, f"{what} is not supported", remedy)

    def _dispatch(self, two: str, at: int) -> int:
        """Read a regular expression, a map with a namespace or a tag."""
        if two == '#"':
            pattern = REGULAR_EXPRESSION.match(self._text, at)
            if pattern is None:
                raise self._source.refusal(
                    at, "a regular expression that is never closed", 'close it with "'
                )
            self._add(Node("unsupported", at, _PATTERN))
            return pattern.end()
        word = self._word(at)
        tag = word[1:]
        if two == "#:":
            return self._open(
                _Open(word, at, 1, Unsupported("a map with a namespace", "write the keys in full")),
                at + len(word),
            )
        if not tag[:1].isalpha():
            raise self._source.refusal(
                at,
                f"{shown(two)} begins nothing",
                _COMMENT,
                f"No dispatch macro for: {_plain(two[1:])}",
            )
        # A file of the project can define readers with a namespace; a name with a dot is that of a record.
        if tag not in READERS and "/" not in tag and "." not in tag:
            raise self._source.refusal(
                at,
                f"{_plain(word)} is not a tag",
                _COMMENT,
                f"No reader function for tag {_plain(tag)}",
            )
        unsupported = Unsupported(f"a tag {_plain(word)}", "expected a string")
        return self._open(_Open(word, at, 1, unsupported), at + len(word))

    def _character(self, at: int) -> int:
        found = CHARACTER.match(self._text, at)
        if found is None or not is_character(found[0]):
            word = found[0] if found else "\\"
            raise self._source.refusal(
                at,
                f"{shown(word)} is not a character",
                "expected a string",
                f"Unsupported character: {_plain(word)}",
            )
        self._add(
            Node(
                "unsupported",
                at,
                Unsupported(f"a character {_plain(found[0])}", "expected a string"),
            )
        )
        return found.end()

    def _string(self, at: int) -> int:
        self._check_string(at)
        token = self._token(at)
        assert token is not None  # the check has seen where it ends
        self._add(Node("literal", at, self._joined(token.value, at)))
        end: int = self._lexer.lexpos
        return end

    def _token(self, at: int) -> Any:
        """Return the token of EDN that begins here, or None."""
        self._lexer.lexpos = at
        try:
            token = self._lexer.token()
        except (EDNDecodeError, ArithmeticError, ValueError):
            return None  # no token, or a number that Python refuses: 1/0, too many digits for int()
        return token if token is not None and token.lexpos == at else None

    def _atom(self, at: int) -> int:
        word = self._word(at)
        end = at + len(word)
        token = self._token(at)
        if token is not None and self._lexer.lexpos == end and token.type in _LITERALS:
            value = float(token.value) if token.type == "FLOAT" else token.value
            self._add(Node("literal", at, value))  # 1.5M is a float too: JSON has one kind
        elif word in _NAMED:
            self._add(Node("literal", at, _NAMED[word]))
        else:
            self._add(self._clojure_node(word, at))
        return end

    def _clojure_node(self, word: str, at: int) -> Node:
        value = read_word(word)
        if isinstance(value, Name):
            return Node("symbol", at, value.name)
        if isinstance(value, Unsupported):
            return Node("unsupported", at, value)
        if value is not None:
            return Node("literal", at, value)
        if is_number(word):
            raise self._source.refusal(
                at,
                f"{_plain(word)} is neither a number nor a name",
                "",
                f"Invalid number: {_plain(word)}",
            )
        raise self._source.refusal(
            at, f"{shown(word)} cannot be read", "is it a string without quotes?"
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
        word = WORD.match(self._text, at)
        return word[0] if word else self._text[at]

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
        if opened.opener == "#(":
            self._add(Node("unsupported", opened.at, _FUNCTION, opened.items))
            return
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
            if len(opened.items) != opened.takes:
                return
            self._stack.pop()
            if opened.opener == "#_":
                return
            node = _prefixed(opened)
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


def _prefixed(opened: _Open) -> Node:
    """Return the node of a prefix and the forms behind it."""
    if opened.unsupported is not None:
        return Node("unsupported", opened.at, opened.unsupported, opened.items)
    if opened.opener == "'":
        quote = Node("symbol", opened.at, "quote")
        return Node("list", opened.at, items=[quote, *opened.items])
    return opened.items[1]  # ^meta form: metadata is ignored


def _plain(word: str) -> str:
    """Return the first 60 characters of a word without quotes around it, those that cannot be printed escaped."""
    return "".join(each if each.isprintable() else f"\\u{ord(each):04x}" for each in word[:60])

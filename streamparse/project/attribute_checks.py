"""What is wrong with the attributes of a component that the library reads: a misspelt name, or a value that is no such.

A name that the classes themselves read is the user's own, however near it is to one of ours.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from streamparse.project.finding import Finding
from streamparse.project.words import as_json

_OF_BOLTS = ("auto_anchor", "auto_ack", "auto_fail")
_SWITCHES = (*_OF_BOLTS, "exit_on_exception")
#: By attribute, the classes of the library that read it.
_READERS = {
    **dict.fromkeys(_OF_BOLTS, ("Bolt", "BatchingBolt", "TicklessBatchingBolt")),
    "exit_on_exception": (
        "Bolt",
        "BatchingBolt",
        "TicklessBatchingBolt",
        "Spout",
        "ReliableSpout",
    ),
    "max_fails": ("ReliableSpout",),
    "ticks_between_batches": ("BatchingBolt",),
    "secs_between_batches": ("TicklessBatchingBolt",),
}
_PLAIN = {name.replace("_", ""): name for name in _READERS}
_TICKS = re.compile("ticks?(tuple)?(freq(uency)?|interval)(secs?|seconds)?")
_TICKS_REMEDY = (
    'ticks are asked for in the topology file: :conf {"topology.tick.tuple.freq.secs" 1}'
)
_LONG = 10  # letters; a name of so many may differ in more than one
_ALIKE = 0.85  # of 1, for two long names


class ClassText(NamedTuple):
    """A class of the sources.

    Attributes:
        path: of its file, as it is shown.
        first_line: of its text in the file.
        node: its text, the lines counted from 1.
    """

    path: str
    first_line: int
    node: ast.ClassDef


def check_attributes(
    classes: Sequence[ClassText], library: Collection[str], *, is_known: bool
) -> Iterator[Finding]:
    """Yield a warning for an attribute that the library does not read, or reads as another value than was meant.

    Args:
        classes: a class of a component, and its base classes.
        library: the classes of the library that it derives from.
        is_known: these are all its base classes; otherwise one that is not known may read an attribute.
    """
    read = {name for each in classes for name in _read(each.node)}
    for each in classes:
        for name, line, value in _assigned(each.node):
            found = _wrong_value(name, value)
            if not found and is_known and name not in read:
                found = _unread(name, library)
            if found:
                what, expected, remedy = found
                yield Finding(
                    "warning",
                    each.path,
                    line + each.first_line - 1,
                    f"{each.node.name}.{name} {what}",
                    expected,
                    remedy,
                )


def _wrong_value(name: str, value: ast.expr | None) -> tuple[str, str, str] | None:
    if name not in _READERS or value is None:
        return None
    try:
        literal = ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None  # what only running the code can tell
    is_number = isinstance(literal, (int, float)) and not isinstance(literal, bool)
    if name in _SWITCHES and not isinstance(literal, bool):
        return f"is {_shown(literal)}, which counts as {bool(literal)}", "True or False", ""
    if name not in _SWITCHES and not (is_number and literal >= 0):
        return f"is {_shown(literal)}", "a number, at least 0", ""
    return None


def _shown(literal: object) -> str:
    return as_json(literal) if isinstance(literal, str) else repr(literal)[:60]


def _unread(name: str, library: Collection[str]) -> tuple[str, str, str] | None:
    """What is wrong with an attribute that no class of the user's reads."""
    if name in _READERS:
        readers = _READERS[name]
        if not library or set(readers) & set(library):
            return None
        owner = f"a {readers[0]}" if len(readers) == 1 else "a bolt"
        return "does nothing here", f"it in {owner}", ""
    near = _near(name)
    if near:
        return "is read by nobody", "", f'did you mean "{near}"?'
    if _TICKS.fullmatch(_letters(name)):
        return "is read by nobody", "", _TICKS_REMEDY
    return None


def _letters(name: str) -> str:
    return name.replace("_", "").lower()


def _near(name: str) -> str | None:
    """The attribute of ours that a name was probably meant to be."""
    letters = _letters(name)
    for plain, known in _PLAIN.items():
        is_long = min(len(plain), len(letters)) >= _LONG
        if letters == plain or _is_slip(letters, plain) or (is_long and _alike(letters, plain)):
            return known
    return None


def _alike(letters: str, plain: str) -> bool:
    return SequenceMatcher(None, plain, letters).ratio() >= _ALIKE


def _is_slip(letters: str, plain: str) -> bool:
    """True when two letters are exchanged, one is missing or doubled, or the word has an ending."""
    exchanged = (
        f"{plain[:n]}{plain[n + 1]}{plain[n]}{plain[n + 2 :]}" for n in range(len(plain) - 1)
    )
    missing = (plain[:n] + plain[n + 1 :] for n in range(len(plain)))
    doubled = (plain[: n + 1] + plain[n:] for n in range(len(plain)))
    endings = (plain + ending for ending in ("s", "ed", "ing"))
    return letters in {*exchanged, *missing, *doubled, *endings}


def _assigned(cls: ast.ClassDef) -> Iterator[tuple[str, int, ast.expr | None]]:
    """Yield the attributes that a class has from its body, or that its methods give ``self``."""
    for statement in cls.body:
        for target, value in _targets(statement):
            if isinstance(target, ast.Name):
                yield target.id, target.lineno, value
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
            arguments = [*statement.args.posonlyargs, *statement.args.args]
            this = arguments[0].arg if arguments else ""
            for node in ast.walk(statement):
                for target, value in _targets(node):
                    if (
                        isinstance(target, ast.Attribute)
                        and isinstance(target.value, ast.Name)
                        and target.value.id == this
                    ):
                        yield target.attr, target.lineno, value


def _targets(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr | None]]:
    if isinstance(node, ast.Assign):
        for target in node.targets:
            yield target, node.value
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        yield node.target, node.value


def _read(cls: ast.ClassDef) -> Iterator[str]:
    """Yield the names that a class reads, or that it has as text: for ``getattr``."""
    for node in ast.walk(cls):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            yield node.attr
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value

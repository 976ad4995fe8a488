"""The places of the parts of a topology's class, from the text of its file: nothing is run."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from simulator.model import Place

__all__ = ["ClassText", "outputs_place"]


class ClassText:
    """The text of the class of a topology.

    Args:
        path: of the file.
        shown: the path as messages show it.
        name: of the class.
        line: that is in it; it tells classes of one name apart.
    """

    def __init__(self, path: str, shown: str, name: str, line: int = 0) -> None:
        self._shown = shown
        self._node = _class(path, name, line)
        self._assigned = dict(_assigned(self._node.body)) if self._node else {}

    @property
    def place(self) -> Place:
        """The place of the ``class`` statement."""
        return Place(self._shown) if self._node is None else self._at(self._node)

    def attribute(self, name: str | None) -> Place | None:
        """Return the place of an attribute, or None where the text does not show it."""
        found = self._assigned.get(name or "")
        return None if found is None else self._at(found[0])

    def marks(
        self, attribute: str | None, parameters: Sequence[str]
    ) -> dict[tuple[str | int, ...], Place]:
        """Return the places of the arguments of the call of ``spec`` that an attribute is.

        Args:
            attribute: the name of the attribute.
            parameters: the names of the arguments, in the order of the call.

        Returns:
            Places by ``("par",)``, ``("inputs", 0)``, ``("groupings", 0)``, ``("config", "key")`` and the like.
        """
        found: dict[tuple[str | int, ...], Place] = {}
        assigned = self._assigned.get(attribute or "")
        if assigned is None or not isinstance(assigned[1], ast.Call):
            return found
        call = assigned[1]
        arguments = dict(zip(parameters, call.args, strict=False))
        arguments |= {each.arg: each.value for each in call.keywords if each.arg}
        for name, node in arguments.items():
            found[(name,)] = self._at(node)
            found |= {part: self._at(each) for part, each in _parts(name, node)}
        return found

    def line_of(self, line: int) -> Place:
        """Return the place of a line of the file."""
        return Place(self._shown, line)

    def _at(self, node: ast.stmt | ast.expr) -> Place:
        return Place(self._shown, node.lineno, node.col_offset + 1)


def _parts(name: str, node: ast.expr) -> Iterator[tuple[tuple[str | int, ...], ast.expr]]:
    """The parts of an argument: the inputs with their groupings, the settings, the outputs."""
    if name == "config" and isinstance(node, ast.Dict):
        for key in node.keys:
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield ("config", key.value), key
    elif name == "inputs" and isinstance(node, ast.Dict):
        if None in node.keys:  # **others: which is which does not show
            return
        for number, (key, value) in enumerate(zip(node.keys, node.values, strict=True)):
            assert key is not None
            yield ("inputs", number), key
            yield ("groupings", number), value
    elif name in ("inputs", "outputs") and isinstance(node, (ast.List, ast.Tuple)):
        for number, each in enumerate(node.elts):
            yield (name, number), each


def outputs_place(path: str, shown: str, qualified_name: str) -> Place:
    """Return the place where a class assigns ``outputs``; that of its file, where the text does not show it.

    Args:
        path: of the file of the class.
        shown: the path as messages show it.
        qualified_name: of the class.
    """
    node = _class(path, qualified_name.rpartition(".")[2], 0)
    found = dict(_assigned(node.body)).get("outputs") if node else None
    return Place(shown) if found is None else Place(shown, found[0].lineno, found[0].col_offset + 1)


def _class(path: str, name: str, line: int) -> ast.ClassDef | None:
    tree = _parsed(path)
    if tree is None:
        return None
    every = [
        each for each in ast.walk(tree) if isinstance(each, ast.ClassDef) and each.name == name
    ]
    around = [each for each in every if each.lineno <= line <= (each.end_lineno or each.lineno)]
    return next(iter([*around, *every]), None)


@lru_cache(maxsize=64)
def _parsed(path: str) -> ast.Module | None:
    try:
        return ast.parse(Path(path).read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError):
        return None


def _assigned(body: Sequence[ast.stmt]) -> Iterator[tuple[str, tuple[ast.stmt, ast.expr | None]]]:
    """The names that statements assign, with the statement and the value."""
    for node in body:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    yield target.id, (node, node.value)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id, (node, node.value)
        elif isinstance(node, (ast.If, ast.For, ast.With, ast.Try)):
            yield from _assigned(node.body)

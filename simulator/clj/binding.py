"""Binds values to names, taking vectors and maps apart, and calls the functions that a file defines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from simulator.clj.edn import Keyword, Node
from simulator.clj.evaluator import Evaluator, Function
from simulator.clj.values import ABSENT, Broken, Map, Vector, named, nth

__all__ = ["DefinedFunction", "Names", "bind", "bind_pairs"]

#: Local names that are being bound.
Names = dict[str, object]


@dataclass(frozen=True)
class Arity:
    """One body of a function.

    Attributes:
        parameters: the vector of its parameters.
        body: its forms.
    """

    parameters: Node
    body: tuple[Node, ...]

    def takes(self, count: int) -> bool:
        """Return whether this body is for so many arguments."""
        names = [each.value if each.form == "symbol" else None for each in self.parameters.items]
        return names.index("&") <= count if "&" in names else len(names) == count

    def __str__(self) -> str:
        names = (
            str(each.value) if each.form == "symbol" else "_" for each in self.parameters.items
        )
        return f"[{' '.join(names)}]"


@dataclass(frozen=True)
class DefinedFunction(Function):
    """A function that the file defines, with a body for each number of arguments that it takes."""

    name: str
    arities: tuple[Arity, ...]

    def takes(self, count: int) -> bool:
        """Return whether it can be called with so many arguments."""
        return any(each.takes(count) for each in self.arities)

    def call(self, evaluator: Evaluator, arguments: Sequence[Any], node: Node) -> object:
        count = len(arguments)
        arity = next((each for each in self.arities if each.takes(count)), None)
        if arity is None:
            raise evaluator.diagnostics.refusal(
                node.at,
                f"{self.name} is given {count} argument{'' if count == 1 else 's'}",
                "expected " + " or ".join(map(str, self.arities)),
                f"Wrong number of args ({count}) passed to: {self.name}",
            )
        places = [item.at for item in node.items[1:]]
        given = evaluator.vector(arguments, node.at, [*places, *([node.at] * count)])
        scope: Names = {}
        _bind_vector(evaluator, arity.parameters, given, scope)
        return evaluator.evaluate_body(arity.body, scope)


def bind_pairs(evaluator: Evaluator, items: Sequence[Node], scope: Names) -> None:
    """Bind the names and values of ``[name value ...]``; a value that has a mistake is ``Broken``."""
    for name, value in zip(items[::2], items[1::2], strict=True):
        bind(evaluator, name, evaluator.value_of(value, scope), scope)


def bind(evaluator: Evaluator, target: Node, value: object, scope: Names) -> None:
    """Add the names of ``target`` to the scope: a symbol, or a vector or map that takes the value apart.

    Raises:
        Refused: the target is none of these, or the value is not of its shape.
    """
    if target.form == "symbol":
        scope[str(target.value)] = value
    elif target.form == "vector":
        _bind_vector(evaluator, target, value, scope)
    elif target.form == "map":
        _bind_map(evaluator, target, value, scope)
    else:
        raise evaluator.diagnostics.refusal(
            target.at, f"{target} is not a name", "expected a symbol, [a b] or {:strs [a b]}"
        )


def _bind_vector(evaluator: Evaluator, target: Node, value: object, scope: Names) -> None:
    """Bind ``[a b & rest :as all]``."""
    if value is not None and not isinstance(value, (Broken, Vector)):
        raise evaluator.diagnostics.refusal(
            target.at,
            f"{named(value)} cannot be destructured as a vector",
            "expected a vector",
        )
    items = iter(target.items)
    index = 0
    for each in items:
        if each.form == "symbol" and each.value == "&":
            left = _rest(evaluator, value, index, each.at)
            bind(evaluator, _following(evaluator, items, each), left, scope)
        elif each.form == "literal" and each.value == Keyword("as"):
            bind(evaluator, _following(evaluator, items, each), value, scope)
        else:
            bind(evaluator, each, nth(value, index), scope)
            index += 1


def _rest(evaluator: Evaluator, value: object, index: int, at: int) -> object:
    if not isinstance(value, Vector):
        return value
    left = value[index:]
    return evaluator.vector(left, at, value.places[index:]) if left else None


def _following(evaluator: Evaluator, items: Iterator[Node], before: Node) -> Node:
    following = next(items, None)
    if following is None:
        raise evaluator.diagnostics.refusal(
            before.at, f"nothing follows {named(before.value)}", "expected a name"
        )
    return following


def _bind_map(evaluator: Evaluator, target: Node, value: object, scope: Names) -> None:
    """Bind ``{:strs [a b] :keys [c] d "key" :or {a 1} :as all}``."""
    if value is not None and not isinstance(value, (Broken, Map)):
        raise evaluator.diagnostics.refusal(
            target.at, f"{named(value)} cannot be destructured as a map", "expected a map"
        )
    wanted: list[tuple[Node, object]] = []
    defaults: dict[object, Node] = {}
    for key, held in _pairs(target):
        if key.value == Keyword("as"):
            bind(evaluator, held, value, scope)
        elif key.value == Keyword("or") and held.form == "map":
            defaults = {name.value: each for name, each in _pairs(held)}
        elif key.value in (Keyword("strs"), Keyword("keys")) and held.form == "vector":
            names = [each for each in held.items if each.form == "symbol"]
            kind = str if key.value == Keyword("strs") else Keyword
            wanted += [(each, kind(str(each.value))) for each in names]
        elif key.form == "literal" and isinstance(key.value, Keyword):
            raise evaluator.diagnostics.refusal(
                key.at,
                f"{key.value} is not supported",
                "expected {:strs [a b] :or {a 1} :as options}",
            )
        else:
            wanted.append((key, evaluator.evaluate(held, scope)))
    for name, looked_up in wanted:
        found = value.look_up(looked_up, ABSENT) if isinstance(value, Map) else ABSENT
        if found is ABSENT:
            default = defaults.get(name.value)
            found = evaluator.evaluate(default, scope) if default is not None else None
        bind(evaluator, name, value if isinstance(value, Broken) else found, scope)


def _pairs(node: Node) -> Iterator[tuple[Node, Node]]:
    return zip(node.items[::2], node.items[1::2], strict=True)

"""The forms that do not evaluate all their parts: conditions, local names, loops, quotes and ``new``.

Each is a function of the evaluator, the form and the local names, which returns the form's value or raises
``Refused``. A condition that is ``Broken`` makes the whole form ``Broken``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from simulator.clj.binding import Names, bind, bind_pairs
from simulator.clj.edn import Keyword, Node
from simulator.clj.evaluator import Evaluator, Scope, SpecialForm
from simulator.clj.values import Broken, is_true, named

__all__ = ["SPECIAL_FORMS"]


def _quote(evaluator: Evaluator, node: Node, scope: Scope) -> object:
    if len(node.items) == 2:
        quoted = node.items[1]
        if quoted.form == "literal":
            return quoted.value
        is_flat = all(each.form == "literal" for each in quoted.items)
        if quoted.form in ("list", "vector") and is_flat:
            places = [each.at for each in quoted.items]
            return evaluator.vector([each.value for each in quoted.items], quoted.at, places)
        if quoted.form == "symbol" and str(quoted.value).endswith("'"):
            raise evaluator.diagnostics.refusal(
                node.at, f"a string in single quotes: '{quoted.value}", "expected double quotes"
            )
    raise evaluator.diagnostics.refusal(
        node.at, "a quoted form is not supported", "expected a vector [...]"
    )


def _let(evaluator: Evaluator, node: Node, scope: Scope) -> object:
    bindings = node.items[1] if len(node.items) > 1 else node
    if bindings.form != "vector" or len(bindings.items) % 2:
        raise evaluator.diagnostics.refusal(
            bindings.at,
            "let without pairs of a name and a value",
            "expected (let [name value] ...)",
        )
    inner = dict(scope)
    bind_pairs(evaluator, bindings.items, inner)
    return evaluator.evaluate_body(node.items[2:], inner)


def _if(evaluator: Evaluator, node: Node, scope: Scope) -> object:
    if not 3 <= len(node.items) <= 4:
        raise evaluator.diagnostics.refusal(
            node.at,
            "if takes a condition and one or two forms",
            "expected (if condition this that)",
        )
    condition = evaluator.evaluate(node.items[1], scope)
    if isinstance(condition, Broken):
        return condition
    if is_true(condition) is not node.is_call_of("if-not"):
        return evaluator.evaluate(node.items[2], scope)
    return evaluator.evaluate(node.items[3], scope) if len(node.items) > 3 else None


def _when(evaluator: Evaluator, node: Node, scope: Scope) -> object:
    if len(node.items) < 2:
        raise evaluator.diagnostics.refusal(
            node.at, "when without a condition", "expected (when condition this)"
        )
    condition = evaluator.evaluate(node.items[1], scope)
    if isinstance(condition, Broken):
        return condition
    if is_true(condition) is node.is_call_of("when-not"):
        return None
    return evaluator.evaluate_body(node.items[2:], scope)


def _cond(evaluator: Evaluator, node: Node, scope: Scope) -> object:
    if len(node.items) % 2 == 0:
        raise evaluator.diagnostics.refusal(
            node.at,
            "cond without pairs of a condition and a form",
            "expected (cond this that :else other)",
        )
    for condition, chosen in zip(node.items[1::2], node.items[2::2], strict=True):
        value = evaluator.evaluate(condition, scope)
        if isinstance(value, Broken):
            return value
        if is_true(value):
            return evaluator.evaluate(chosen, scope)
    return None


def _do(evaluator: Evaluator, node: Node, scope: Scope) -> object:
    return evaluator.evaluate_body(node.items[1:], scope)


def _or(evaluator: Evaluator, node: Node, scope: Scope) -> object:
    value: object = None
    for each in node.items[1:]:
        value = evaluator.evaluate(each, scope)
        if isinstance(value, Broken) or is_true(value):
            break
    return value


def _and(evaluator: Evaluator, node: Node, scope: Scope) -> object:
    value: object = True
    for each in node.items[1:]:
        value = evaluator.evaluate(each, scope)
        if isinstance(value, Broken) or not is_true(value):
            break
    return value


def _comment(evaluator: Evaluator, node: Node, scope: Scope) -> object:
    return None


def _new(evaluator: Evaluator, node: Node, scope: Scope) -> object:
    if len(node.items) < 2 or node.items[1].form != "symbol":
        raise evaluator.diagnostics.refusal(
            node.at, "new without a class", "expected (new my.Class)"
        )
    return evaluator.evaluate(
        Node("list", node.at, items=[_constructor(node), *node.items[2:]]), scope
    )


def _constructor(node: Node) -> Node:
    """Return ``my.Class.``, the other way to write ``new my.Class``."""
    return Node("symbol", node.items[1].at, f"{node.items[1].value}.")


def _for(evaluator: Evaluator, node: Node, scope: Scope) -> object:
    bindings = node.items[1] if len(node.items) > 1 else node
    if bindings.form != "vector" or len(bindings.items) % 2 or len(node.items) != 3:
        raise evaluator.diagnostics.refusal(
            node.at,
            "for takes pairs of a name and a sequence, and one form",
            "expected (for [i (range 3)] ...)",
        )
    pairs = list(zip(bindings.items[::2], bindings.items[1::2], strict=True))
    body = node.items[2]
    found: list[object] = []
    _loop(evaluator, pairs, body, dict(scope), found)
    return evaluator.vector(found, node.at, [body.at] * len(found))


def _loop(
    evaluator: Evaluator,
    pairs: Sequence[tuple[Node, Node]],
    body: Node,
    scope: Names,
    found: list[object],
) -> None:
    """Add the values of the body, one for each round of the loops over these pairs."""
    if not pairs:
        found.append(evaluator.value_of(body, scope))
        return
    (target, form), inner = pairs[0], pairs[1:]
    if target.value == Keyword("let") and form.form == "vector" and len(form.items) % 2 == 0:
        bind_pairs(evaluator, form.items, scope)
        _loop(evaluator, inner, body, scope, found)
    elif target.value == Keyword("when"):
        condition = evaluator.value_of(form, scope)
        if isinstance(condition, Broken):
            found.append(condition)
        elif is_true(condition):
            _loop(evaluator, inner, body, scope, found)
    elif target.form == "literal":
        raise evaluator.diagnostics.refusal(
            target.at,
            f"for: {named(target.value)} is not supported",
            "expected a name, :when or :let [...]",
        )
    else:
        values = evaluator.value_of(form, scope)
        if isinstance(values, Broken):
            found.append(values)  # so whatever is made of the result is Broken too
            return
        for value in evaluator.elements(values, form.at):
            each = dict(scope)
            bind(evaluator, target, value, each)
            _loop(evaluator, inner, body, each, found)


SPECIAL_FORMS: Final[Mapping[str, SpecialForm]] = {
    "quote": _quote,
    "let": _let,
    "if": _if,
    "if-not": _if,
    "when": _when,
    "when-not": _when,
    "cond": _cond,
    "do": _do,
    "or": _or,
    "and": _and,
    "comment": _comment,
    "new": _new,
    "for": _for,
}

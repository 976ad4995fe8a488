"""The forms of a file's top level: ``ns``, ``use``, ``require``, ``def`` and ``defn``.

A value that is defined is ``Broken`` when it cannot be evaluated here, which matters only to what uses it. All other
forms of the top level have effects only, or define what a JVM needs: nothing of ours uses them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NoReturn

from simulator.clj.binding import Arity, DefinedFunction
from simulator.clj.edn import Node, Refused
from simulator.clj.evaluator import Evaluator
from simulator.clj.values import Broken
from simulator.model import Problem, did_you_mean

__all__ = ["DEFINING", "define"]

#: The forms that define the name that follows them.
DEFINING: Final = ("def", "defn", "defn-", "defonce")

_REFERENCES: Final = (
    ":use",
    ":require",
    ":import",
    ":gen-class",
    ":refer-clojure",
    ":refer",
    ":load",
)


def define(evaluator: Evaluator, form: Node) -> None:
    """Take what a form of the top level defines or brings in into the namespace.

    Raises:
        Refused: the form has a mistake.
    """
    head = form.items[0] if form.form == "list" and form.items else None
    if form.form == "symbol":
        evaluator.evaluate(form, {})  # text that stands between the forms by mistake
    elif head is not None and head.form == "symbol" and str(head.value) in _TOP_LEVEL:
        _TOP_LEVEL[str(head.value)](evaluator, form)


def _do(evaluator: Evaluator, form: Node) -> None:
    """``(do forms)``, whose forms Clojure takes for forms of the top level."""
    for each in form.items[1:]:
        define(evaluator, each)


def _ns(evaluator: Evaluator, form: Node) -> None:
    """``(ns name (:use [library]) ...)``, of which only ``:use`` and ``:require`` matter."""
    if len(form.items) < 2 or form.items[1].form != "symbol":
        raise evaluator.diagnostics.refusal(
            form.at, "ns without a name", "expected (ns wordcount (:use [streamparse.specs]))"
        )
    for reference in form.items[2:]:
        if reference.form in ("literal", "map"):
            continue  # a docstring, attributes
        head = reference.items[0] if reference.items else reference
        name = f":{str(head.value).lstrip(':')}"  # Clojure below 1.9 takes (use ...) here too
        if reference.form not in ("list", "vector") or name not in _REFERENCES:
            near = did_you_mean(name, _REFERENCES, quoted=False)
            evaluator.diagnostics.note(
                reference.at,
                f"ns: {name} is not supported{near}",
                "expected (:use [streamparse.specs])",
            )
        elif name in (":use", ":require"):
            for library in reference.items[1:]:
                evaluator.namespace.use(library, refers=name == ":use")


def _use(evaluator: Evaluator, form: Node) -> None:
    """``(use 'library)`` or ``(require '[library :as l])``."""
    for library in form.items[1:]:
        quoted = library.items[1] if library.is_call_of("quote") else library
        evaluator.namespace.use(quoted, refers=form.is_call_of("use"))


def _def(evaluator: Evaluator, form: Node) -> None:
    """``(def name "docstring" value)``, or ``(def name)`` for one that gets its value later."""
    name, rest = _name_and_rest(evaluator, form)
    if len(rest) == 2 and isinstance(rest[0].value, str) and rest[0].form == "literal":
        rest = rest[1:]  # the first is its docstring
    if len(rest) > 1:
        problem = evaluator.diagnostics.problem(
            form.at,
            f"def {name} with {len(rest)} values",
            f"expected (def {name} value)",
            "Too many arguments to def",
        )
        _refuse(evaluator, name, problem)
    if form.is_call_of("defonce") and name in evaluator.namespace.vars:
        return
    if rest:
        evaluator.namespace.vars[name] = evaluator.value_of(rest[0], {})
    else:
        unbound = evaluator.diagnostics.problem(
            form.at, f"def {name} has no value", f"expected (def {name} value)"
        )
        evaluator.namespace.vars.setdefault(name, Broken([unbound]))


def _defn(evaluator: Evaluator, form: Node) -> None:
    """``(defn name "docstring" {attributes} [arguments] forms)``, or ``([arguments] forms)`` several times."""
    name, rest = _name_and_rest(evaluator, form)
    if rest and isinstance(rest[0].value, str) and rest[0].form == "literal":
        rest = rest[1:]
    if rest and rest[0].form == "map":
        rest = rest[1:]
    clauses = (
        [rest]
        if rest and rest[0].form == "vector"
        else [each.items for each in rest if each.form == "list"]
    )
    if not clauses or any(not clause or clause[0].form != "vector" for clause in clauses):
        problem = evaluator.diagnostics.problem(
            form.at,
            f"defn {name} has no [arguments]",
            f"expected (defn {name} [options] ...)",
            "Parameter declaration should be a vector",
        )
        _refuse(evaluator, name, problem)
    arities = tuple(Arity(clause[0], tuple(clause[1:])) for clause in clauses)
    evaluator.namespace.vars[name] = DefinedFunction(name, arities)


def _refuse(evaluator: Evaluator, name: str, problem: Problem) -> NoReturn:
    """Refuse a definition; the name exists, so that its uses are no mistakes too."""
    evaluator.namespace.vars[name] = Broken([problem])
    raise Refused(problem)


def _name_and_rest(evaluator: Evaluator, form: Node) -> tuple[str, Sequence[Node]]:
    if len(form.items) < 2 or form.items[1].form != "symbol":
        what = form.items[0].value
        raise evaluator.diagnostics.refusal(
            form.at, f"{what} without a name", f"expected ({what} name ...)"
        )
    return str(form.items[1].value), form.items[2:]


_TOP_LEVEL: Final[Mapping[str, Callable[[Evaluator, Node], None]]] = {
    "ns": _ns,
    "use": _use,
    "require": _use,
    "def": _def,
    "defonce": _def,
    "defn": _defn,
    "defn-": _defn,
    "do": _do,
}

"""Evaluates the forms of a topology file: literals, names, collections and calls. No code of the file is run.

Special forms, functions and libraries come from outside (``special_forms``, ``core``, ``specs``). Problems are
collected: a form that cannot be evaluated has a ``Broken`` value that holds the problem, and whatever is computed from
it is ``Broken`` too. So one evaluation finds all mistakes of a file, and a mistake in what nothing needs is none.

Every evaluation ends: nesting, steps and the size of values are limited.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

from simulator.clj.diagnostics import Diagnostics
from simulator.clj.edn import MOST_NESTED, Keyword, Node, Refused, Unsupported
from simulator.clj.namespace import Namespace
from simulator.clj.values import (
    ABSENT,
    Broken,
    JavaObject,
    Map,
    Vector,
    faults_of,
    get,
    has_broken,
    is_key,
    named,
)
from simulator.model import Problem, did_you_mean

__all__ = [
    "MOST_STEPS",
    "MOST_WEIGHT",
    "Builtin",
    "Call",
    "Evaluator",
    "Function",
    "Scope",
    "SpecialForm",
]

MOST_STEPS = 1_000_000  # of one file: one with a thousand components takes a twentieth
MOST_WEIGHT = 200_000  # values inside of a value, each counted as often as it is reached

#: Local names and their values.
Scope: TypeAlias = Mapping[str, object]
#: Returns the value of a form that does not evaluate all its parts.
SpecialForm: TypeAlias = "Callable[[Evaluator, Node, Scope], object]"

_Collection = TypeVar("_Collection", Vector, Map)


class Function(ABC):
    """Something that can be called by name.

    Attributes:
        name: what the file calls it.
        java_argument: the index of the argument that is an object of a JVM.
    """

    name: str
    java_argument: int | None = None

    @abstractmethod
    def call(self, evaluator: Evaluator, arguments: Sequence[Any], node: Node) -> object:
        """Return the value of a call.

        Args:
            evaluator: evaluates the file.
            arguments: the values of the arguments, of which some may be ``Broken``.
            node: the call's form.

        Raises:
            Refused: the function does not take these arguments.
        """

    def __str__(self) -> str:
        return f"the function {self.name}"


@dataclass(frozen=True)
class Call:
    """A call of a builtin, with its arguments evaluated.

    Attributes:
        usage: an example of a correct call, for messages.
        problems: the mistakes that do not keep it from having a value.
    """

    evaluator: Evaluator
    node: Node
    name: str
    arguments: Sequence[Any]
    usage: str = ""
    problems: list[Problem] = field(default_factory=list)

    @property
    def diagnostics(self) -> Diagnostics:
        """Takes the problems and warnings."""
        return self.evaluator.diagnostics

    def at(self, index: int) -> int:
        """Return the offset of an argument."""
        nodes = self.node.items[1:]
        return nodes[index].at if index < len(nodes) else self.node.at

    def note(self, at: int, finding: str, remedy: str = "", storm: str = "") -> None:
        """Note a problem at the offset ``at``, which names the function."""
        self.problems.append(self.diagnostics.problem(at, f"{self.name}: {finding}", remedy, storm))

    def refusal(self, at: int, finding: str, remedy: str = "", storm: str = "") -> Refused:
        """Return an exception about the offset ``at``, which names the function."""
        return self.diagnostics.refusal(at, f"{self.name}: {finding}", remedy, storm)

    def number(self, index: int) -> Any:
        """Return an argument that has to be an int or a float.

        Raises:
            Refused: it is not a number.
        """
        value = self.arguments[index]
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.refusal(self.at(index), f"{named(value)} is not a number")
        return value


@dataclass(frozen=True)
class Builtin(Function):
    """A function that is written in Python.

    Attributes:
        run: returns the value of a call.
        least: the smallest number of arguments.
        most: the largest; None when there is no limit.
        usage: an example of a correct call, for messages.
        takes_broken: it is called although arguments are ``Broken``, and checks the others.
    """

    name: str
    run: Callable[[Call], object]
    least: int
    most: int | None
    usage: str = ""
    takes_broken: bool = False
    java_argument: int | None = None

    def call(self, evaluator: Evaluator, arguments: Sequence[Any], node: Node) -> object:
        count = len(arguments)
        if count < self.least or (self.most is not None and count > self.most):
            raise evaluator.diagnostics.refusal(
                node.at,
                f"{self.name} is given {count} argument{'' if count == 1 else 's'}",
                f"expected {self.usage or _counted(self.least, self.most)}",
                f"Wrong number of args ({count}) passed to: {self.name}",
            )
        if not self.takes_broken and (broken := _broken_among(arguments)):
            return broken
        call = Call(evaluator, node, self.name, arguments, self.usage)
        try:
            return self.run(call)
        except Refused as refused:
            raise Refused(
                *faults_of(Vector(arguments)), *call.problems, *refused.problems
            ) from None


class Evaluator:
    """Evaluates the forms of one file.

    Args:
        diagnostics: takes the problems.
        namespace: resolves the names that are not local.
        special_forms: what evaluates the lists that begin with one of these names.
    """

    def __init__(
        self,
        diagnostics: Diagnostics,
        namespace: Namespace,
        special_forms: Mapping[str, SpecialForm],
    ) -> None:
        self.diagnostics = diagnostics
        self.namespace = namespace
        self._special_forms = special_forms
        self._steps = 0
        self._depth = 0

    # -- any form

    def evaluate(self, node: Node, scope: Scope) -> object:
        """Return the value of a form.

        Raises:
            Refused: it has none.
            TopologyError: the file takes too many steps.
        """
        self._steps += 1
        if self._steps > MOST_STEPS:
            self.diagnostics.give_up(node.at, f"not evaluated after {MOST_STEPS} steps")
        if node.form == "literal":
            return node.value
        if node.form == "symbol":
            return self._look_up(node, scope)
        if isinstance(node.value, Unsupported):
            raise self.diagnostics.refusal(
                node.at, f"{node.value.what} is not supported", node.value.remedy
            )
        if self._depth >= MOST_NESTED:
            raise self.diagnostics.refusal(
                node.at,
                f"more than {MOST_NESTED} calls within each other",
                "a topology file needs far less",
            )
        self._depth += 1
        try:
            return self._compound(node, scope)
        finally:
            self._depth -= 1

    def value_of(self, node: Node, scope: Scope) -> object:
        """Return the value of a form; a ``Broken`` one when it cannot be evaluated."""
        try:
            return self.evaluate(node, scope)
        except Refused as refused:
            return Broken(refused.problems)

    def evaluate_body(self, body: Sequence[Node], scope: Scope) -> object:
        """Return the value of the last form; the others have effects only, which nothing here needs."""
        return self.evaluate(body[-1], scope) if body else None

    def _compound(self, node: Node, scope: Scope) -> object:
        if node.form == "vector":
            values = [self.value_of(item, scope) for item in node.items]
            return self.vector(values, node.at, [item.at for item in node.items])
        if node.form == "map":
            return self._map(node, scope)
        if node.form == "set":
            raise self.diagnostics.refusal(
                node.at, "a set #{...} is not supported", "expected a vector [...]"
            )
        if not node.items:
            return self.vector([], node.at, [])
        return self._list(node, scope)

    def _map(self, node: Node, scope: Scope) -> Map:
        found = self.map(node.at)
        written: set[object] = set()  # the reader has noted the keys that are written alike
        for name, held in zip(node.items[::2], node.items[1::2], strict=True):
            key = self.value_of(name, scope)
            if isinstance(key, str) and _is_spec(held):
                with self.diagnostics.about(key):
                    value = self.value_of(held, scope)
            else:
                value = self.value_of(held, scope)
            if has_broken(key):
                found.lost += faults_of(key)
                continue
            if self.key(key, name.at) in found and name.same() not in written:
                twin = self.diagnostics.problem(
                    name.at,
                    f"{named(key)} is the key of a map twice",
                    "keep one of the two",
                    f"Duplicate key: {named(key)}",
                )
                found.lost += (twin,)
            written.add(name.same())
            found[key] = value
            found.keys_at[key], found.values_at[key] = name.at, held.at
        return self.weighed(found, found.values())

    def _look_up(self, node: Node, scope: Scope) -> object:
        name = str(node.value)
        if name in scope:
            return scope[name]
        value = self.namespace.look_up(name, node.at)
        if value is not ABSENT:
            return value
        names = [*scope, *self.namespace.names, *self._special_forms]
        near = did_you_mean(name, names, quoted=False)
        raise self.diagnostics.refusal(
            node.at,
            f"{name} is not defined{near}",
            "a topology file is read, not run: write the value out, or take it from the options with get",
        )

    # -- calls

    def _list(self, node: Node, scope: Scope) -> object:
        head = node.items[0]
        if head.form == "symbol" and head.value not in scope:
            name = str(head.value)
            special = self._special_forms.get(name.removeprefix("clojure.core/"))
            if special is not None:
                return special(self, node, scope)
            if name.startswith(".") and len(name) > 1:
                raise self.diagnostics.refusal(
                    head.at,
                    f"the Java method {name} cannot be called without a JVM",
                    "write the value out",
                )
        function = self.evaluate(head, scope)
        if isinstance(function, JavaObject):
            return JavaObject(function.class_name, tuple(node.items[1:]))
        java_argument = function.java_argument if isinstance(function, Function) else None
        arguments = [
            self._java_object(item, scope) if index == java_argument else self.value_of(item, scope)
            for index, item in enumerate(node.items[1:])
        ]
        return self.apply(function, arguments, node)

    def _java_object(self, node: Node, scope: Scope) -> JavaObject:
        """Return the object that a JVM would make of a form, of which only the class matters."""
        value = self.value_of(node, scope)
        if isinstance(value, JavaObject):
            return value
        return JavaObject(str(node.items[0].value if node.items else node.value))

    def apply(self, function: object, arguments: Sequence[Any], node: Node) -> object:
        """Call a function, a map or a keyword.

        Raises:
            Refused: the value cannot be called, or not with these arguments.
        """
        if isinstance(function, Function):
            return function.call(self, arguments, node)
        if broken := _broken_among([function, *arguments]):
            return broken
        if isinstance(function, Map) and arguments:
            return get(function, *arguments[:2])
        if isinstance(function, Keyword) and arguments:
            return get(arguments[0], function, *arguments[1:2])
        raise self.diagnostics.refusal(
            node.at,
            f"{named(function)} is called and is not a function",
            "write a list of values as a vector: [...]",
        )

    # -- values

    def vector(self, values: Sequence[object], at: int, places: Sequence[int]) -> Vector:
        """Return a new vector that stands at ``at``, its elements at ``places``."""
        made = Vector(values)
        made.at, made.places = at, places
        return self.weighed(made, made)

    def map(self, at: int, *others: Map) -> Map:
        """Return a new map that stands at ``at``, with the entries of other maps; the later ones win."""
        made = Map()
        made.at, made.keys_at, made.values_at = at, {}, {}
        made.lost = tuple(dict.fromkeys(problem for other in others for problem in other.lost))
        for other in others:
            made.update(other)
            made.keys_at.update(other.keys_at)
            made.values_at.update(other.values_at)
        return self.weighed(made, made.values())

    def weighed(self, made: _Collection, values: Iterable[object]) -> _Collection:
        """Set the weight of a new collection and return it.

        Raises:
            TopologyError: it weighs more than ``MOST_WEIGHT``.
        """
        inner = sum(each.weight for each in values if isinstance(each, (Vector, Map)))
        made.weight = 1 + len(made) + inner
        if made.weight > MOST_WEIGHT:
            self.diagnostics.give_up(made.at, f"a value of more than {MOST_WEIGHT} parts")
        return made

    def key(self, value: object, at: int) -> object:
        """Return a value that has to be a key of a map; ``at`` is its offset.

        Raises:
            Refused: it cannot be a key.
        """
        if has_broken(value):
            raise Refused(*faults_of(value))
        if not is_key(value):
            raise self.diagnostics.refusal(
                at, f"{named(value)} as the key of a map is not supported", "expected a string"
            )
        return value

    def elements(self, value: object, at: int) -> Sequence[object]:
        """Return the elements of a vector or a list, or the entries of a map as vectors; ``nil`` has none.

        Raises:
            Refused: the value, which stands at ``at``, has no elements.
        """
        if value is None:
            return ()
        if isinstance(value, Broken):
            raise Refused(*value.faults)
        if isinstance(value, Vector):
            return value
        if isinstance(value, Map):
            return [
                self.vector(entry, value.at, [value.keys_at[entry[0]], value.values_at[entry[0]]])
                for entry in value.items()
            ]
        raise self.diagnostics.refusal(
            at, f"{named(value)} has no elements", "expected a vector or a map"
        )


def _broken_among(values: Iterable[object]) -> Broken | None:
    """Return one ``Broken`` value for all those among others; None when there is none."""
    broken = [each for each in values if isinstance(each, Broken)]
    if len(broken) < 2:
        return broken[0] if broken else None
    return Broken(problem for each in broken for problem in each.faults)


def _is_spec(node: Node) -> bool:
    """Return whether a form makes a component, so that mistakes in it are that component's."""
    head = node.items[0] if node.form == "list" and node.items else None
    return head is not None and head.form == "symbol" and str(head.value).endswith("-spec")


def _counted(least: int, most: int | None) -> str:
    if most is None:
        return f"{least} or more"
    return str(least) if least == most else f"{least} to {most}"

"""As much of Clojure as topology files need: trees become values, and nothing is run.

An evaluator knows names, calls and the special forms; what the functions do it is told (``simulator.clojure_core``,
``simulator.clj.specs``). Mistakes are collected: a form that could not be understood has the value ``BROKEN``, poison
that silences whatever it touches, so one reading finds every mistake of a file and reports each once.

Nothing here can run away: nesting, steps and the size of values are bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, NoReturn, TypeVar

from simulator.clj.edn import MOST_NESTED, Keyword, Node, Refused, Source
from simulator.model import Problem, TopologyError, did_you_mean, shown

__all__ = [
    "ABSENT",
    "BROKEN",
    "MOST_STEPS",
    "MOST_WEIGHT",
    "Call",
    "Evaluator",
    "Java",
    "Known",
    "Lambda",
    "Map",
    "Vector",
    "as_value",
    "has_poison",
    "is_key",
    "is_true",
    "named",
    "takes",
]

MOST_STEPS = 1_000_000  # a file of a thousand components takes a twentieth
MOST_WEIGHT = 200_000  # values inside a value, each counted as often as it is met

ABSENT: Final = object()  # no value at all, which nil is one of
BROKEN: Final = object()  # a value that could not be understood; what was wrong with it is noted


class Vector(tuple[object, ...]):
    """A vector or a list, and where its elements stand."""

    at: int
    places: Sequence[int]
    weight: int


class Map(dict[object, object]):
    """A map, and where its keys and its values stand."""

    at: int
    keys_at: dict[object, int]
    values_at: dict[object, int]
    weight: int
    is_whole: bool  # false: an entry is missing, because its key could not be understood

    def look_up(self, key: object, default: object) -> object:
        """The value of a key, which may be anything: what cannot be a key here is not one."""
        return self.get(key, default) if is_key(key) else default


_Made = TypeVar("_Made", Vector, Map)


@dataclass(frozen=True)
class Java:
    """An object of some Java class; its arguments are for the JVM, but for those of a few groupings."""

    class_name: str
    arguments: tuple[Node, ...] = ()

    def __str__(self) -> str:
        return f"a {self.class_name}"


@dataclass(frozen=True)
class Lambda:
    """A function of the file: for each number of arguments, what it names them and does with them."""

    name: str
    arities: tuple[tuple[Node, tuple[Node, ...]], ...]

    def __str__(self) -> str:
        return f"the function {self.name}"


class Call(NamedTuple):
    """A call of a known function, with its arguments evaluated."""

    file: Evaluator
    node: Node
    name: str
    arguments: Sequence[Any]

    def at(self, place: int) -> int:
        nodes = self.node.items[1:]
        return nodes[place].at if place < len(nodes) else self.node.at

    def refusal(self, place: int, finding: str, remedy: str = "", storm: str = "") -> Refused:
        return self.file.refusal(self.at(place), f"{self.name}: {finding}", remedy, storm)

    def number(self, place: int) -> Any:
        value = self.arguments[place]
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.refusal(place, f"{named(value)} is not a number")
        return value


class Known(NamedTuple):
    """A function that is known here, and how many arguments it takes."""

    name: str
    run: Callable[[Call], object]
    least: int
    most: int | None
    usage: str = ""  # an example of a call, for messages
    takes_broken: bool = False  # it looks at each argument, whatever is wrong with the others
    for_java: int | None = None  # the argument that only a JVM evaluates

    def __str__(self) -> str:
        return f"the function {self.name}"


def named(value: object) -> str:
    """What a value is, in few words."""
    if isinstance(value, Map):
        return "a map"
    if isinstance(value, Vector):
        return f"[{' '.join(map(named, value[:3]))}{' ...' if len(value) > 3 else ''}]"
    return shown(value) if value is not BROKEN else "?"


# -- evaluating --------------------------------------------------------------------------------------------------

Scope = Mapping[str, object]


class Evaluator:
    """One file being evaluated.

    ``functions`` are those it may call, ``libraries`` the names that each library of them brings in, ``constant``
    tells the values of names that a library defines.
    """

    def __init__(
        self,
        source: Source,
        *,
        functions: Mapping[str, Known],
        libraries: Mapping[str, frozenset[str]],
        constant: Callable[[str], object | None] = lambda name: None,
        problems: Sequence[Problem] = (),
    ) -> None:
        self.source = source
        self.problems = list(problems)
        self.warnings: list[Problem] = []
        self.vars: dict[str, object] = {}
        self._functions = functions
        self._libraries = libraries
        self._constant = constant
        self._aliases: dict[str, str] = {}
        self._in_scope: set[str] = set()
        self._component: str | None = None
        self._steps = 0
        self._depth = 0

    def define_or_evaluate(self, form: Node) -> None:
        """Take a form of the top level, whether it defines something or not."""
        head = form.items[0] if form.form == "list" and form.items else None
        known = (
            _TOP_LEVEL.get(str(head.value)) if head is not None and head.form == "symbol" else None
        )
        if known is None:
            self.evaluate(form, {})
        else:
            known(self, form)

    # -- notes

    def refusal(self, at: int, finding: str, remedy: str = "", storm: str = "") -> Refused:
        return Refused(self.source.problem(at, finding, remedy, storm, self._component))

    def note(self, at: int, finding: str, remedy: str = "", storm: str = "") -> None:
        self.problems.append(self.source.problem(at, finding, remedy, storm, self._component))

    def warn(self, at: int, finding: str, remedy: str = "", storm: str = "") -> None:
        self.warnings.append(self.source.problem(at, finding, remedy, storm, self._component))

    def _give_up(self, at: int, finding: str) -> NoReturn:
        """A bound is reached: nothing of the file is evaluated any more."""
        problem = self.source.problem(
            at, finding, "a topology file needs far less", "", self._component
        )
        raise TopologyError([*self.problems, problem])

    @contextmanager
    def noting(self) -> Iterator[None]:
        """Note what is refused inside, and go on behind it."""
        try:
            yield
        except Refused as refused:
            self.problems.append(refused.problem)

    @contextmanager
    def about(self, component: str) -> Iterator[None]:
        """What is said inside is about this component."""
        before, self._component = self._component, component
        try:
            yield
        finally:
            self._component = before

    # -- any form

    def evaluate(self, node: Node, scope: Scope) -> object:
        """The value of a form.

        Raises:
            Refused: it has none here.
        """
        self._steps += 1
        if self._steps > MOST_STEPS:
            self._give_up(node.at, f"not evaluated after {MOST_STEPS} steps")
        if node.form == "literal":
            return node.value
        if node.form == "symbol":
            return self._lookup(node, scope)
        if self._depth >= MOST_NESTED:
            self._give_up(node.at, f"more than {MOST_NESTED} calls within each other")
        self._depth += 1
        try:
            return self._compound(node, scope)
        finally:
            self._depth -= 1

    def _compound(self, node: Node, scope: Scope) -> object:
        if node.form == "vector":
            values = [self._try(item, scope) for item in node.items]
            return self.sequence(values, node.at, [item.at for item in node.items])
        if node.form == "map":
            return self._map(node, scope)
        if node.form == "set":
            raise self.refusal(node.at, "a set #{...} is not read here", "a vector [...] would do")
        if not node.items:
            return self.sequence([], node.at, [])
        return self._call(node, scope)

    def _try(self, node: Node, scope: Scope) -> object:
        """The value of a form, or poison; what was refused is noted."""
        try:
            return self.evaluate(node, scope)
        except Refused as refused:
            self.problems.append(refused.problem)
            return BROKEN

    def _map(self, node: Node, scope: Scope) -> Map:
        found = self.map([], node.at)
        written: set[object] = (
            set()
        )  # equal keys that are written alike were noted when they were read
        for name, held in zip(node.items[::2], node.items[1::2], strict=True):
            key = self._try(name, scope)
            if isinstance(key, str) and _is_spec(held):
                with self.about(key):
                    value = self._try(held, scope)
            else:
                value = self._try(held, scope)
            if has_poison(key):
                found.is_whole = False
                continue
            if self.key(key, name.at) in found and name.same() not in written:
                finding, storm = (
                    f"{named(key)} is the key of a map twice",
                    f"Duplicate key: {named(key)}",
                )
                self.note(name.at, finding, "keep one of the two", storm)
            written.add(name.same())
            found[key] = value
            found.keys_at[key], found.values_at[key] = name.at, held.at
        return self.weighed(found, found.values(), node.at)

    def _lookup(self, node: Node, scope: Scope) -> object:
        name = str(node.value)
        if name in scope:
            return scope[name]
        if name in self.vars:
            return self.vars[name]
        known = self._known(name, node.at)
        if known is not None:
            return known
        if name.endswith(".") and len(name) > 1:
            return Java(name[:-1])
        constant = self._constant(name)
        if constant is not None:
            return constant
        names = [*scope, *self.vars, *self._functions, *_SPECIAL]
        near = did_you_mean(name, names).replace('"', "")
        raise self.refusal(
            node.at,
            f"{name} is not known here{near}",
            "a file is read and not run: write its value out, or take it from the options with get",
        )

    def _known(self, name: str, at: int) -> object | None:
        """The function of this name, under whatever name its library goes here."""
        library, slash, short = name.rpartition("/")
        if not slash or not library:
            known = self._functions.get(name)
        else:
            library = self._aliases.get(library, library)
            if library not in self._libraries and library != "clojure.core":
                return self._functions.get(name)  # Integer/parseInt
            known = self._functions.get(short)
            owners = [each for each, names in self._libraries.items() if short in names]
            return (
                known if (library in owners) or (library == "clojure.core" and not owners) else None
            )
        libraries = [each for each, names in self._libraries.items() if name in names]
        if libraries and name not in self._in_scope:
            self.warn(
                at,
                f"{name} is used, and no ns form brings it in",
                f"(:use [{libraries[0]}]) would",
                f"Unable to resolve symbol: {name} in this context",
            )
            self._in_scope.add(name)  # said once is enough
        return known

    # -- calls

    def _call(self, node: Node, scope: Scope) -> object:
        head = node.items[0]
        if head.form == "symbol" and head.value not in scope:
            name = str(head.value)
            special = _SPECIAL.get(name.removeprefix("clojure.core/"))
            if special is not None:
                return special(self, node, scope)
            if name.startswith(".") and len(name) > 1:
                raise self.refusal(
                    head.at,
                    f"the Java method {name} cannot be called without a JVM",
                    "write its value out",
                )
        function = self.evaluate(head, scope)
        if isinstance(function, Java):
            return Java(function.class_name, tuple(node.items[1:]))
        for_java = function.for_java if isinstance(function, Known) else None
        arguments = [
            self._java(item) if place == for_java else self._try(item, scope)
            for place, item in enumerate(node.items[1:])
        ]
        return self.apply(function, arguments, node)

    def _java(self, node: Node) -> Java:
        """An argument that only a JVM can evaluate: its class is all that is of interest."""
        if node.form == "list" and node.items:
            is_new = node.is_call_of("new") and len(node.items) > 1
            return Java(str(node.items[1 if is_new else 0].value).removesuffix("."))
        return Java(str(node.value))

    def apply(self, function: object, arguments: Sequence[Any], node: Node) -> object:
        """Call a function, or what Clojure calls like one."""
        if isinstance(function, Known):
            self._check_count(function, len(arguments), node)
            if not function.takes_broken and any(each is BROKEN for each in arguments):
                return BROKEN
            return function.run(Call(self, node, function.name, arguments))
        if isinstance(function, Lambda):
            return self._run(function, arguments, node)
        if function is BROKEN or any(each is BROKEN for each in arguments):
            return BROKEN
        if isinstance(function, Map) and arguments:
            return self._functions["get"].run(Call(self, node, "get", [function, *arguments]))
        if isinstance(function, Keyword) and arguments:
            return self._functions["get"].run(
                Call(self, node, "get", [arguments[0], function, *arguments[1:]])
            )
        raise self.refusal(
            node.at,
            f"{named(function)} is called, and it is no function",
            "a list of values is a vector: [...]",
        )

    def _check_count(self, function: Known, count: int, node: Node) -> None:
        if count < function.least or (function.most is not None and count > function.most):
            wanted = function.usage or _counted(function.least, function.most)
            raise self.refusal(
                node.at,
                f"{function.name} is given {count} argument{'' if count == 1 else 's'}",
                f"{wanted} would do",
                f"Wrong number of args ({count}) passed to: {function.name}",
            )

    def _run(self, function: Lambda, arguments: Sequence[object], node: Node) -> object:
        for parameters, body in function.arities:
            if takes(parameters, len(arguments)):
                scope: dict[str, object] = {}
                places = [item.at for item in node.items[1:]]
                given = self.sequence(arguments, node.at, [*places, *([node.at] * len(arguments))])
                self._bind_sequence(parameters, given, scope)
                return self._all(body, scope)
        raise self.refusal(
            node.at,
            f"{function.name} is given {len(arguments)} argument{'' if len(arguments) == 1 else 's'}",
            "it takes " + " or ".join(_shape(parameters) for parameters, _ in function.arities),
            f"Wrong number of args ({len(arguments)}) passed to: {function.name}",
        )

    def _all(self, body: Sequence[Node], scope: Scope) -> object:
        """The value of the last form; the others are evaluated too, as they may be wrong."""
        value: object = None
        for form in body:
            value = self.evaluate(form, scope) if form is body[-1] else self._try(form, scope)
        return value

    # -- names

    def _bind(self, target: Node, value: object, scope: dict[str, object]) -> None:
        if target.form == "symbol":
            scope[str(target.value)] = value
        elif target.form == "vector":
            self._bind_sequence(target, value, scope)
        elif target.form == "map":
            self._bind_map(target, value, scope)
        else:
            raise self.refusal(
                target.at, "a name was expected here", "a symbol, [a b] or {:strs [a b]} would do"
            )

    def _bind_sequence(self, target: Node, value: object, scope: dict[str, object]) -> None:
        if value is not None and value is not BROKEN and not isinstance(value, Vector):
            raise self.refusal(
                target.at,
                f"{named(value)} cannot be taken apart into a vector",
                "a vector would do",
            )
        rest = iter(target.items)
        place = 0
        for each in rest:
            if each.form == "symbol" and each.value == "&":
                left = self._left(value, place, each.at)
                self._bind(self._next(rest, each), left, scope)
            elif each.form == "literal" and each.value == Keyword("as"):
                self._bind(self._next(rest, each), value, scope)
            else:
                element = nth_of(value, place)
                self._bind(each, element, scope)
                place += 1

    def _left(self, value: object, place: int, at: int) -> object:
        if not isinstance(value, Vector):
            return value
        return (
            self.sequence(value[place:], at, value.places[place:]) if len(value) > place else None
        )

    def _next(self, rest: Iterator[Node], after: Node) -> Node:
        following = next(rest, None)
        if following is None:
            raise self.refusal(after.at, f"nothing follows {named(after.value)}", "a name would do")
        return following

    def _bind_map(self, target: Node, value: object, scope: dict[str, object]) -> None:
        if value is not None and value is not BROKEN and not isinstance(value, Map):
            raise self.refusal(
                target.at, f"{named(value)} cannot be taken apart into a map", "a map would do"
            )
        wanted: list[tuple[Node, object]] = []
        defaults: dict[object, Node] = {}
        for key, held in zip(target.items[::2], target.items[1::2], strict=True):
            if key.value == Keyword("as"):
                self._bind(held, value, scope)
            elif key.value == Keyword("or") and held.form == "map":
                defaults = {
                    name.value: each
                    for name, each in zip(held.items[::2], held.items[1::2], strict=True)
                }
            elif key.value in (Keyword("strs"), Keyword("keys")) and held.form == "vector":
                names = [each for each in held.items if each.form == "symbol"]
                as_text = key.value == Keyword("strs")
                wanted += [
                    (each, str(each.value) if as_text else Keyword(str(each.value)))
                    for each in names
                ]
            elif key.form == "literal" and isinstance(key.value, Keyword):
                raise self.refusal(
                    key.at,
                    f"{key.value} is not read here",
                    "{:strs [a b] :or {a 1} :as options} would do",
                )
            else:
                wanted.append((key, self.evaluate(held, scope)))
        for name, looked_up in wanted:
            found = value.look_up(looked_up, ABSENT) if isinstance(value, Map) else ABSENT
            if found is ABSENT:
                default = defaults.get(name.value)
                found = self.evaluate(default, scope) if default is not None else None
            self._bind(name, BROKEN if value is BROKEN else found, scope)

    # -- values

    def key(self, value: object, at: int) -> object:
        """The value, which may be the key of a map."""
        if not is_key(value):
            raise self.refusal(
                at, f"{named(value)} as the key of a map is not read here", "a string would do"
            )
        return value

    def sequence(self, values: Sequence[object], at: int, places: Sequence[int]) -> Vector:
        made = Vector(values)
        made.at, made.places = at, places
        return self.weighed(made, made, at)

    def map(
        self, entries: Sequence[tuple[object, object]], at: int, *, like: Sequence[Map] = ()
    ) -> Map:
        """A new map: the entries of other maps, then these."""
        made = Map()
        made.at, made.keys_at, made.values_at = at, {}, {}
        made.is_whole = all(other.is_whole for other in like)
        for other in like:
            made.update(other)
            made.keys_at.update(other.keys_at)
            made.values_at.update(other.values_at)
        for key, value in entries:
            made[self.key(key, at)] = value
            made.keys_at[key] = made.values_at[key] = at
        return self.weighed(made, made.values(), at)

    def weighed(self, made: _Made, values: Iterable[object], at: int) -> _Made:
        """The value, with its weight noted, unless it has grown beyond all measure."""
        made.weight = (
            1 + len(made) + sum(each.weight for each in values if isinstance(each, (Vector, Map)))
        )
        if made.weight > MOST_WEIGHT:
            self._give_up(at, f"a value of more than {MOST_WEIGHT} parts")
        return made

    # -- definitions

    def namespace(self, form: Node) -> None:
        """``(ns name (:use [library]) ...)``: only which library brings in what is of interest."""
        if len(form.items) < 2 or form.items[1].form != "symbol":
            raise self.refusal(
                form.at, "ns without a name", "(ns wordcount (:use [streamparse.specs])) would do"
            )
        for reference in form.items[2:]:
            if reference.form in ("literal", "map"):
                continue  # a docstring, attributes
            head = reference.items[0] if reference.items else reference
            name = f":{str(head.value).lstrip(':')}"  # Clojure below 1.9 takes (use ...) here too
            if reference.form not in ("list", "vector") or name not in _REFERENCES:
                near = did_you_mean(name, _REFERENCES).replace('"', "")
                self.note(
                    reference.at,
                    f"ns: {name} is not read here{near}",
                    "(:use [streamparse.specs]) would do",
                )
            elif name in (":use", ":require"):
                for library in reference.items[1:]:
                    self._use(library, refers=name == ":use")

    def bring_in(self, form: Node) -> None:
        """``(use 'library)`` and ``(require '[library :as l])`` outside of ns."""
        for library in form.items[1:]:
            quoted = library.items[1] if library.is_call_of("quote") else library
            self._use(quoted, refers=form.is_call_of("use"))

    def leave(self, form: Node) -> None:
        """A form such as (import ...) that is the JVM's alone."""

    def _use(self, library: Node, *, refers: bool, prefix: str = "") -> None:
        """Note what a library brings in: ``lib``, ``[lib :as s]``, ``[lib :only [a]]``, ``[prefix lib lib]``."""
        if library.form == "symbol":
            self._bring(prefix + str(library.value), refers=refers)
            return
        if library.form not in ("vector", "list") or not library.items:
            return
        name, rest = prefix + str(library.items[0].value), library.items[1:]
        if rest and not (rest[0].form == "literal" and isinstance(rest[0].value, Keyword)):
            for each in rest:
                self._use(each, refers=refers, prefix=f"{name}.")
            return
        choices = {str(key.value): value for key, value in zip(rest[::2], rest[1::2], strict=False)}
        if ":as" in choices:
            self._aliases[str(choices[":as"].value)] = name
        only = choices.get(":only") or choices.get(":refer")
        if only is None or only.form == "literal":
            self._bring(name, refers=refers or only is not None)
        else:
            self._in_scope |= {str(each.value) for each in only.items} & self._libraries.get(
                name, frozenset()
            )

    def _bring(self, library: str, *, refers: bool) -> None:
        if refers:
            self._in_scope |= self._libraries.get(library, frozenset())

    def define(self, form: Node) -> None:
        """``(def name "docstring" value)``."""
        name, rest = self._definition(form)
        if len(rest) == 2 and isinstance(rest[0].value, str):
            rest = rest[1:]  # the first is its docstring
        if len(rest) != 1:
            self.vars[name] = BROKEN
            raise self.refusal(
                form.at, f"def {name} with {len(rest)} values", f"(def {name} value) would do"
            )
        self.vars[name] = self._try(rest[0], {})

    def define_function(self, form: Node) -> None:
        """``(defn name "docstring" {attributes} [arguments] forms)``, or ``([arguments] forms)`` several times."""
        name, rest = self._definition(form)
        self.vars[name] = BROKEN
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
            raise self.refusal(
                form.at,
                f"defn {name} has no [arguments]",
                f"(defn {name} [options] ...) would do",
                "Parameter declaration should be a vector",
            )
        self.vars[name] = Lambda(name, tuple((clause[0], tuple(clause[1:])) for clause in clauses))

    def _definition(self, form: Node) -> tuple[str, Sequence[Node]]:
        if len(form.items) < 2 or form.items[1].form != "symbol":
            what = form.items[0].value
            raise self.refusal(form.at, f"{what} without a name", f"({what} name ...) would do")
        return str(form.items[1].value), form.items[2:]

    # -- forms that do not evaluate all they hold

    def quote(self, node: Node, scope: Scope) -> object:
        if len(node.items) == 2:
            quoted = node.items[1]
            if quoted.form == "literal":
                return quoted.value
            if quoted.form in ("list", "vector") and all(
                each.form == "literal" for each in quoted.items
            ):
                places = [each.at for each in quoted.items]
                return self.sequence([each.value for each in quoted.items], quoted.at, places)
        raise self.refusal(node.at, "a quoted form is not read here", "a vector [...] would do")

    def let(self, node: Node, scope: Scope) -> object:
        bindings = node.items[1] if len(node.items) > 1 else node
        if bindings.form != "vector" or len(bindings.items) % 2:
            raise self.refusal(
                bindings.at,
                "let without pairs of a name and a value",
                "(let [name value] ...) would do",
            )
        inner = dict(scope)
        self._bind_pairs(bindings.items, inner)
        return self._all(node.items[2:], inner)

    def _bind_pairs(self, items: Sequence[Node], scope: dict[str, object]) -> None:
        for name, value in zip(items[::2], items[1::2], strict=True):
            self._bind(name, self._try(value, scope), scope)

    def choose(self, node: Node, scope: Scope) -> object:
        if not 3 <= len(node.items) <= 4:
            raise self.refusal(
                node.at,
                "if takes a condition and one or two forms",
                "(if condition this that) would do",
            )
        condition = self.evaluate(node.items[1], scope)
        if condition is BROKEN:
            return BROKEN
        if is_true(condition) is not node.is_call_of("if-not"):
            return self.evaluate(node.items[2], scope)
        return self.evaluate(node.items[3], scope) if len(node.items) > 3 else None

    def when(self, node: Node, scope: Scope) -> object:
        if len(node.items) < 2:
            raise self.refusal(
                node.at, "when without a condition", "(when condition this) would do"
            )
        condition = self.evaluate(node.items[1], scope)
        if condition is BROKEN:
            return BROKEN
        if is_true(condition) is node.is_call_of("when-not"):
            return None
        return self._all(node.items[2:], scope)

    def cond(self, node: Node, scope: Scope) -> object:
        if len(node.items) % 2 == 0:
            raise self.refusal(
                node.at,
                "cond without pairs of a condition and a form",
                "(cond this that :else other) would do",
            )
        for condition, chosen in zip(node.items[1::2], node.items[2::2], strict=True):
            value = self.evaluate(condition, scope)
            if value is BROKEN or is_true(value):
                return BROKEN if value is BROKEN else self.evaluate(chosen, scope)
        return None

    def do(self, node: Node, scope: Scope) -> object:
        return self._all(node.items[1:], scope)

    def either(self, node: Node, scope: Scope) -> object:
        value: object = None
        for each in node.items[1:]:
            value = self.evaluate(each, scope)
            if value is BROKEN or is_true(value):
                break
        return value

    def both(self, node: Node, scope: Scope) -> object:
        value: object = True
        for each in node.items[1:]:
            value = self.evaluate(each, scope)
            if value is BROKEN or not is_true(value):
                break
        return value

    def ignore(self, node: Node, scope: Scope) -> object:
        return None

    def construct(self, node: Node, scope: Scope) -> object:
        if len(node.items) < 2 or node.items[1].form != "symbol":
            raise self.refusal(node.at, "new without a class", "(new my.Class) would do")
        return Java(str(node.items[1].value), tuple(node.items[2:]))

    def each(self, node: Node, scope: Scope) -> object:
        bindings = node.items[1] if len(node.items) > 1 else node
        if bindings.form != "vector" or len(bindings.items) % 2 or len(node.items) != 3:
            raise self.refusal(
                node.at,
                "for takes pairs of a name and a sequence, and one form",
                "(for [i (range 3)] ...) would do",
            )
        pairs = list(zip(bindings.items[::2], bindings.items[1::2], strict=True))
        found: list[object] = []
        self._loop(pairs, node.items[2], dict(scope), found)
        return self.sequence(found, node.at, [node.items[2].at] * len(found))

    def _loop(
        self,
        pairs: Sequence[tuple[Node, Node]],
        body: Node,
        scope: dict[str, object],
        found: list[object],
    ) -> None:
        if not pairs:
            found.append(self._try(body, scope))
            return
        (target, form), inner = pairs[0], pairs[1:]
        if target.value == Keyword("let") and form.form == "vector" and len(form.items) % 2 == 0:
            self._bind_pairs(form.items, scope)
            self._loop(inner, body, scope, found)
        elif target.value == Keyword("when"):
            if is_true(self.evaluate(form, scope)):
                self._loop(inner, body, scope, found)
        elif target.form == "literal":
            raise self.refusal(
                target.at,
                f"for: {named(target.value)} is not read here",
                "a name, :when or :let [...] would do",
            )
        else:
            values = self.evaluate(form, scope)
            if values is BROKEN:
                found.append(BROKEN)  # whatever is made of them is not whole
            for value in self.elements(values, form.at):
                each = dict(scope)
                self._bind(target, value, each)
                self._loop(inner, body, each, found)

    def elements(self, value: object, at: int) -> Sequence[object]:
        """The elements of a vector, of a list, or of a map as pairs."""
        if value is None or value is BROKEN:
            return ()
        if isinstance(value, Vector):
            return value
        if isinstance(value, Map):
            pairs = value.items()
            return [self.sequence(pair, value.at, self._pair_at(value, pair[0])) for pair in pairs]
        raise self.refusal(at, f"{named(value)} has no elements", "a vector or a map would do")

    def _pair_at(self, value: Map, key: object) -> list[int]:
        return [value.keys_at[key], value.values_at[key]]


# -- small questions ---------------------------------------------------------------------------------------------


def nth_of(value: object, place: int) -> object:
    """An element of a vector, nil behind its end, poison of poison."""
    if not isinstance(value, Vector):
        return value
    return value[place] if place < len(value) else None


def as_value(value: object, at: int) -> object:
    """An option as Clojure would see it."""
    # Its parts stand where the options are handed over, and weigh nothing: their number is the caller's affair.
    if isinstance(value, Mapping):
        made = Map({key: as_value(each, at) for key, each in value.items() if isinstance(key, str)})
        made.at, made.weight, made.is_whole = at, 1, True
        made.keys_at, made.values_at = dict.fromkeys(made, at), dict.fromkeys(made, at)
        return made
    if isinstance(value, (list, tuple)):
        several = Vector(as_value(each, at) for each in value)
        several.at, several.places, several.weight = at, [at] * len(value), 1
        return several
    return value


def is_true(value: object) -> bool:
    return value is not None and value is not False


def is_key(value: object) -> bool:
    """Whether it may be the key of a map. 1, true and 1.0 are one key to Python, so only one of them is."""
    if isinstance(value, Vector):
        return all(map(is_key, value))
    is_int = isinstance(value, int) and not isinstance(value, bool)
    return value is None or is_int or isinstance(value, (str, Keyword))


def has_poison(value: object) -> bool:
    return value is BROKEN or (isinstance(value, Vector) and any(map(has_poison, value)))


def _is_spec(node: Node) -> bool:
    """Whether the form makes a component, so that what is wrong in it is that component's."""
    head = node.items[0] if node.form == "list" and node.items else None
    return head is not None and head.form == "symbol" and str(head.value).endswith("-spec")


def takes(parameters: Node, count: int) -> bool:
    names = [each.value if each.form == "symbol" else None for each in parameters.items]
    return names.index("&") <= count if "&" in names else len(names) == count


def _shape(parameters: Node) -> str:
    names = (str(each.value) if each.form == "symbol" else "_" for each in parameters.items)
    return f"[{' '.join(names)}]"


def _counted(least: int, most: int | None) -> str:
    if most is None:
        return f"{least} or more"
    return str(least) if least == most else f"{least} to {most}"


_REFERENCES: Final = (
    ":use",
    ":require",
    ":import",
    ":gen-class",
    ":refer-clojure",
    ":refer",
    ":load",
)
_TOP_LEVEL: Final[Mapping[str, Callable[[Evaluator, Node], None]]] = {
    "ns": Evaluator.namespace,
    "use": Evaluator.bring_in,
    "require": Evaluator.bring_in,
    "def": Evaluator.define,
    "defonce": Evaluator.define,
    "defn": Evaluator.define_function,
    "defn-": Evaluator.define_function,
    # For the JVM alone: imports, and components written in Clojure.
    "import": Evaluator.leave,
    "defspout": Evaluator.leave,
    "defbolt": Evaluator.leave,
    "comment": Evaluator.leave,
}
_SPECIAL: Final[Mapping[str, Callable[[Evaluator, Node, Scope], object]]] = {
    "quote": Evaluator.quote,
    "let": Evaluator.let,
    "if": Evaluator.choose,
    "if-not": Evaluator.choose,
    "when": Evaluator.when,
    "when-not": Evaluator.when,
    "cond": Evaluator.cond,
    "do": Evaluator.do,
    "or": Evaluator.either,
    "and": Evaluator.both,
    "comment": Evaluator.ignore,
    "new": Evaluator.construct,
    "for": Evaluator.each,
}

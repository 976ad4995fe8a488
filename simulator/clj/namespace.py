"""The names that a file can use: its own definitions, known functions by library, and Storm's constants."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from simulator.clj.diagnostics import Diagnostics
from simulator.clj.edn import Keyword, Node
from simulator.clj.values import ABSENT, JavaObject

__all__ = ["Namespace"]


class Namespace:
    """Resolves names, and notes which libraries the file brings in.

    Args:
        diagnostics: takes the warning for a name whose library is not brought in.
        functions: the known functions by their short names.
        libraries: the names that each library but ``clojure.core`` defines; messages propose the first that fits.
        constant: returns the value of a constant that a library defines, or None.
    """

    def __init__(
        self,
        diagnostics: Diagnostics,
        *,
        functions: Mapping[str, object],
        libraries: Mapping[str, frozenset[str]],
        constant: Callable[[str], object | None] = lambda name: None,
    ) -> None:
        self.vars: dict[str, object] = {}
        self._diagnostics = diagnostics
        self._functions = functions
        self._libraries = libraries
        self._constant = constant
        self._aliases: dict[str, str] = {}
        self._referred: set[str] = set()

    @property
    def names(self) -> list[str]:
        """The names that ``did you mean`` can propose: those of definitions and of functions."""
        return [*self.vars, *self._functions]

    def look_up(self, name: str, at: int) -> object:
        """Return the value of a name that stands at the offset ``at``, or ``ABSENT``."""
        if name in self.vars:
            return self.vars[name]
        function = self._function(name, at)
        if function is not None:
            return function
        if name.endswith(".") and len(name) > 1:
            return JavaObject(name[:-1])
        constant = self._constant(name)
        return ABSENT if constant is None else constant

    def _function(self, name: str, at: int) -> object | None:
        name = name.removeprefix("java.lang.")
        prefix, slash, short = name.rpartition("/")
        if slash and prefix:
            return self._qualified(name, self._aliases.get(prefix, prefix), short)
        libraries = self._owners(name)
        if libraries and name not in self._referred:
            self._diagnostics.warn(
                at,
                f"{name} is used, but no ns form brings it in",
                f"add (:use [{libraries[0]}]) to the ns form",
                f"Unable to resolve symbol: {name} in this context",
            )
            self._referred.add(name)  # one warning is enough
        return self._functions.get(name)

    def _qualified(self, name: str, library: str, short: str) -> object | None:
        if library not in self._libraries and library != "clojure.core":
            return self._functions.get(name)  # a static method: Integer/parseInt
        owners = self._owners(short)
        is_there = library in owners or (library == "clojure.core" and not owners)
        return self._functions.get(short) if is_there else None

    def _owners(self, name: str) -> list[str]:
        return [library for library, names in self._libraries.items() if name in names]

    def use(self, library: Node, *, refers: bool, prefix: str = "") -> None:
        """Bring in a library: ``lib``, ``[lib :as s]``, ``[lib :only [a]]`` or ``[prefix lib lib]``.

        Args:
            library: the form that names it, without its quote.
            refers: its names can be used without a prefix, as by ``:use``.
            prefix: what the form's name is added to.
        """
        if library.form == "symbol":
            self._refer(prefix + str(library.value), refers=refers)
        elif library.form in ("vector", "list") and library.items:
            name, rest = prefix + str(library.items[0].value), library.items[1:]
            if rest and not (rest[0].form == "literal" and isinstance(rest[0].value, Keyword)):
                for each in rest:
                    self.use(each, refers=refers, prefix=f"{name}.")
            else:
                self._use_with_options(name, rest, refers=refers)

    def _use_with_options(self, name: str, options: Sequence[Node], *, refers: bool) -> None:
        values = {
            str(key.value): value for key, value in zip(options[::2], options[1::2], strict=False)
        }
        if ":as" in values:
            self._aliases[str(values[":as"].value)] = name
        only = values.get(":only") or values.get(":refer")
        if only is None or only.form == "literal":  # :refer :all
            self._refer(name, refers=refers or only is not None)
        else:
            chosen = {str(each.value) for each in only.items}
            self._referred |= chosen & self._libraries.get(name, frozenset())

    def _refer(self, library: str, *, refers: bool) -> None:
        if refers:
            self._referred |= self._libraries.get(library, frozenset())

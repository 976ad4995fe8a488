"""Topology files: Clojure text in, a ``Topology`` out, without a JVM.

A file is read, not run: ``edn`` makes a tree of it, ``evaluator`` evaluates the few forms that topologies use,
``specs`` knows those that make components. Here is what makes a file a topology: its last form defines two maps, of
spouts and of bolts. All mistakes of a file are reported at once.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from simulator.clj.core import CORE
from simulator.clj.edn import Node, Refused, Source, read_forms
from simulator.clj.evaluator import BROKEN, Evaluator, Lambda, Map, Vector, as_value, named, takes
from simulator.clj.specs import LIBRARIES, SPECS, Spec, config_constant
from simulator.model import (
    NEWEST,
    Component,
    Place,
    Problem,
    Profile,
    Topology,
    TopologyError,
    find_problems,
    find_warnings,
    profile,
    shown,
)

__all__ = ["parse_topology", "read_topology"]

MOST_CHARS = 1_000_000  # a thousand components take a tenth of it
# Each level takes up to six of the thousand frames Python has, and the caller needs some.
MOST_NESTED = 80
MOST_STEPS = 1_000_000  # a file of a thousand components takes a twentieth
MOST_WEIGHT = 200_000  # values inside a value, each counted as often as it is met


def read_topology(
    path: str | Path, options: Mapping[str, object], *, storm: str | None = None
) -> Topology:
    """Read a topology file; it is named after the file.

    ``options`` is the topology's configuration, which Storm hands to the function of the file; ``storm`` is the
    version that will run it, where that is known.

    Raises:
        TopologyError: with all that is wrong with the file.
    """
    return parse_topology(_text_of(Path(path)), path=str(path), options=options, storm=storm)


def parse_topology(
    text: str,
    *,
    path: str = "<string>",
    options: Mapping[str, object] | None = None,
    storm: str | None = None,
) -> Topology:
    """Read the text of a topology file; without a path it is named after its last definition.

    Raises:
        TopologyError: with all that is wrong with it.
    """
    options = options or {}
    return replace(_parsed(text, path, _Options(repr(options), options), storm))


@dataclass(frozen=True)
class _Options:
    """Options that are the same when they look the same."""

    shown: str
    values: Mapping[str, object] = field(compare=False)


@lru_cache(maxsize=16)  # a test reads its topology hundreds of times
def _parsed(text: str, path: str, options: _Options, storm: str | None) -> Topology:
    source = Source(text, path)
    known = None if storm is None else profile(storm)
    dsl = f"{(known or profile(NEWEST)).package}.clojure"
    try:
        _refuse_other_languages(source)
        forms, problems = read_forms(source)
        evaluator = Evaluator(
            source,
            functions={**CORE, **SPECS},
            libraries={dsl: LIBRARIES[dsl], **LIBRARIES},  # the first is what advice names
            constant=config_constant,
            problems=problems,
        )
        return _TopologyFile(evaluator, options.values, known).topology(forms)
    except Refused as refused:
        raise TopologyError([refused.problem]) from None
    except RecursionError:  # the caller was deep down already
        raise TopologyError([source.problem(0, "nested too deeply to be read from here")]) from None


def _text_of(path: Path) -> str:
    def refuse(finding: str, remedy: str) -> TopologyError:
        return TopologyError([Problem(Place(str(path)), None, finding, remedy)])

    try:
        with path.open("rb") as file:
            read = file.read(4 * MOST_CHARS + 1)
        return read.decode("utf-8")
    except UnicodeDecodeError as error:
        line = read.count(b"\n", 0, error.start) + 1
        raise refuse(
            f"not UTF-8: byte {read[error.start]:#04x} in line {line}", "save it as UTF-8"
        ) from None
    except (OSError, ValueError) as error:  # ValueError: a path with a NUL in it
        reason = getattr(error, "strerror", None) or str(error)
        raise refuse(f"cannot be read: {reason}", _files_near(path)) from None


def _files_near(path: Path) -> str:
    try:
        names = sorted(each.name for each in path.parent.glob("*.clj"))
    except (OSError, ValueError):
        names = []
    if not names:
        return "a file such as topologies/wordcount.clj would do"
    near = difflib.get_close_matches(path.name, names, 1)
    return f"did you mean {near[0]}?" if near else f"there are {', '.join(names[:8])}"


_PYTHON = re.compile(
    r"^(?:from [\w.]+ import |import [\w., ]+$|(?:async )?def \w+\(|class \w+[(:])", re.M
)


def _refuse_other_languages(source: Source) -> None:
    if len(source.text) > MOST_CHARS:
        raise source.refusal(
            0, f"{len(source.text)} characters", f"a topology has at most {MOST_CHARS}; split it"
        )
    python = _PYTHON.search(source.text)
    if python and not re.search(r"^\s*\((?:ns|def|defn)\s", source.text, re.M):
        raise source.refusal(
            python.start(),
            "this is Python",
            "a topology file is Clojure: (defn name [options] [{spouts} {bolts}])",
        )


class _TopologyFile:
    """A file being read as a topology: what its definitions come to."""

    def __init__(
        self, evaluator: Evaluator, conf: Mapping[str, object], storm: Profile | None
    ) -> None:
        self._file = evaluator
        self._storm = storm
        self._path = evaluator.source.path
        self._conf = conf

    def topology(self, forms: Sequence[Node]) -> Topology:
        """What the last form defines, once nothing is wrong with it."""
        if not forms:
            raise self._file.refusal(
                0, "nothing in it", "(defn name [options] [{spouts} {bolts}]) would do"
            )
        for form in forms:
            with self._file.noting():
                self._file.define_or_evaluate(form)
        last = forms[-1]
        with self._file.noting():
            name = self._defined(last)
            return self._built(self._named_by(last, name), self._result(last, name))
        raise TopologyError(self._file.problems)

    def _defined(self, last: Node) -> str:
        if not last.is_call_of("def", "defn", "defn-", "defonce"):
            raise self._file.refusal(
                last.at,
                "the last form defines nothing",
                "end the file with (defn name [options] [{spouts} {bolts}])",
                "streamparse takes what the last form defines for the topology",
            )
        if len(last.items) < 2 or last.items[1].form != "symbol":
            raise TopologyError(self._file.problems)  # evaluating the definition has said so
        return str(last.items[1].value)

    def _named_by(self, last: Node, defined: str) -> str:
        if self._path.startswith("<"):
            return defined  # a text without a file
        name = Path(self._path).stem
        if defined != name:
            self._file.warn(
                last.items[1].at,
                f"{shown(defined)} is defined in a file named {shown(name)}",
                f"call both {shown(name)}",
                "streamparse 2.1.3 submits it by the name of the definition",
            )
        return name

    def _result(self, last: Node, name: str) -> Vector:
        value = self._file.vars.get(name, BROKEN)
        at = last.items[1].at
        if isinstance(value, Lambda):
            if not any(takes(parameters, 1) for parameters, _ in value.arities):
                raise self._file.refusal(
                    value.arities[0][0].at,
                    f"{name} does not take one argument",
                    f"(defn {name} [options] ...) would do",
                    f"calls it with the options alone: Wrong number of args (1) passed to: {name}",
                )
            value = self._file.apply(value, [as_value(self._conf, at)], last)
        if value is BROKEN:
            return self._file.sequence([BROKEN, BROKEN], at, [at, at])
        if not isinstance(value, Vector) or len(value) < 2:
            raise self._file.refusal(
                at, f"{name} gives {named(value)}, not two maps", "[{spouts} {bolts}] would do"
            )
        if len(value) > 2:
            self._file.note(
                value.places[2],
                f"{name} gives {len(value)} maps, not two",
                "[{spouts} {bolts}] would do: put all bolts into one map",
                "ignores the third, and its components are lost",
            )
        return value

    def _built(self, name: str, maps: Vector) -> Topology:
        components: dict[str, Component] = {}
        unread: set[str] = set()
        unfed: set[str] = set()
        for kind, specs, at in zip(("spout", "bolt"), maps, maps.places, strict=False):
            if isinstance(specs, Map):
                self._collect(kind, specs, components, unread, unfed)
            elif specs is not BROKEN:
                self._file.note(
                    at,
                    f"the {kind}s are {named(specs)}",
                    f'{{"id" (python-{kind}-spec ...)}} would do',
                )
        if not all(isinstance(specs, Map) and specs.is_whole for specs in maps[:2]):
            # Half of the components are unknown, so nothing can be said about who subscribes to whom.
            unread |= {source for each in components.values() for source, _ in each.inputs}
        place = Place(self._path)
        topology = Topology(name, components, self._path, place)
        self._file.problems += find_problems(
            topology, self._conf, unread=unread, unfed=unfed, profile=self._storm
        )
        if self._file.problems:
            raise TopologyError(self._file.problems)
        hardly_meant = find_warnings(topology, self._conf, profile=self._storm)
        warnings = dict.fromkeys([*self._file.warnings, *hardly_meant])
        return replace(topology, warnings=tuple(sorted(warnings, key=lambda each: each.place)))

    def _collect(
        self,
        kind: str,
        specs: Map,
        components: dict[str, Component],
        unread: set[str],
        unfed: set[str],
    ) -> None:
        for key, spec in specs.items():
            if not isinstance(key, str):
                self._file.note(
                    specs.keys_at[key],
                    f"the id of a component is {named(key)}",
                    f"a string would do, such as {shown(named(key).lstrip(':'))}",
                    f"No matching method: set{kind.capitalize()}",
                )
                unread.add(named(key).lstrip(":"))  # what its subscribers call it
                continue
            place = self._file.source.place(specs.keys_at[key])
            with self._file.about(key):
                if not isinstance(spec, Spec) or spec.component.kind != kind:
                    unread.add(key)
                    self._unfit(kind, specs.values_at[key], spec)
                elif key in components:
                    first = components[key]
                    self._file.note(
                        specs.keys_at[key],
                        f"the id is taken by the {first.kind} of line {first.place.line}",
                        "give it another",
                        f"{first.kind.capitalize()} has already been declared for id {key}",
                    )
                else:
                    components[key] = replace(spec.component, id=key, place=place)
                    unread |= set() if spec.is_read else {key}
                    unfed |= set() if spec.is_fed else {key}

    def _unfit(self, kind: str, at: int, spec: object) -> None:
        if isinstance(spec, Spec):
            remedy = "[{spouts} {bolts}]: spouts stand in the first map, bolts in the second"
            self._file.note(at, f"a {spec.component.kind} among the {kind}s", remedy)
        elif spec is not BROKEN:
            self._file.note(at, f"{named(spec)} is no {kind}", f"(python-{kind}-spec ...) would do")
